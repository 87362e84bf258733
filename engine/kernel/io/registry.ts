/**
 * The registry: keys by path, in memory only. It begins with the keys of the scenario's drivers and devices; what
 * drivers write is there until the run ends. Names are compared without case.
 */
import { virtual } from '../../base/addresses.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import { readCounted } from '../rtl/format-arguments.ts';
import { status } from '../status.ts';
import { checkExactIrql } from '../verifier/irql-rules.ts';
import type { Files } from './files.ts';

interface RegistryValue {
  readonly name: string;
  /** REG_SZ and so on. */
  readonly type: number;
  readonly data: Uint8Array;
}

/** A key; its table key is the path in lower case. Plain data. */
interface RegistryKey {
  readonly path: string;
  readonly values: readonly RegistryValue[];
}

/** Type of a key's object and of its handles. */
const KEY_TYPE = 0x105;
const KEY_TAG = 0x2079654b; // 'Key '
const KEY_BYTES = 16;
const REG_SZ = 1;
const REG_DWORD = 4;
const CREATED_NEW = 1;
const OPENED_EXISTING = 2;
const MACHINE = '\\Registry\\Machine';
const CONTROL_SET = `${MACHINE}\\System\\CurrentControlSet`;
export const servicesPath = `${CONTROL_SET}\\Services`;
/** Roots that RtlQueryRegistryValues and its kin count paths from. */
const roots: Readonly<Record<number, string>> = {
  0: '',
  1: servicesPath,
  2: `${CONTROL_SET}\\Control`,
  3: `${MACHINE}\\Software\\Microsoft\\Windows NT\\CurrentVersion`,
  4: `${MACHINE}\\Hardware\\DeviceMap`,
  5: '\\Registry\\User\\.Default',
};
const RELATIVE_MASK = 0xff;
const RELATIVE_HANDLE = 0x4000_0000;

export class Registry {
  private readonly keys: Table<string, RegistryKey>;
  /** Paths of opened keys by object. */
  private readonly opened: Table<number, string>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly files: Files,
  ) {
    this.keys = kernel.store.table(`${kernel.host.name}.registry`);
    this.opened = kernel.store.table(`${kernel.host.name}.registryHandles`);
  }

  natives(): NativeTable {
    const passive =
      (native: (call: NativeCall) => number) =>
      (call: NativeCall): number => {
        checkExactIrql(this.kernel, call, PASSIVE_LEVEL, 'nf-wdm-zwopenkey');
        return native(call);
      };
    return {
      ZwOpenKey: passive((call) => this.open(call, false)),
      ZwCreateKey: passive((call) => this.open(call, true)),
      ZwFlushKey: passive(() => 0),
      ZwDeleteKey: passive((call) => this.deleteKey(call)),
      ZwQueryValueKey: passive((call) => this.queryValue(call)),
      ZwEnumerateValueKey: passive((call) => this.enumerateValue(call)),
      ZwSetValueKey: passive((call) => this.setValue(call)),
      ZwDeleteValueKey: passive((call) => this.deleteValue(call)),
      ZwQueryKey: passive((call) => this.queryKey(call)),
      ZwEnumerateKey: passive((call) => this.enumerateKey(call)),
      CmpOpenRelative: (call) => this.openRelative(call),
      CmpFreeKey: (call) => {
        this.kernel.store.delete(this.opened, call.number(0));
        this.kernel.memory.freeSystemPool(virtual(call.number(0)));
        return undefined;
      },
    };
  }

  /** A handle of the kernel to a key that is made when it is missing; undefined when there is no pool. */
  openPath(call: NativeCall, path: string): number | undefined {
    this.create(path);
    return this.handleTo(call, path);
  }

  // ---- Keys ----------------------------------------------------------------------------------------

  /** The keys that Windows' setup would have written. */
  private prepare(): void {
    if (this.kernel.store.all(this.keys).size > 0) return;
    for (const root of Object.values(roots)) if (root !== '') this.create(root);
    for (const { name } of this.kernel.declaration.drivers) {
      const path = `${servicesPath}\\${name}`;
      this.create(`${path}\\Parameters`);
      this.put(path, 'Type', REG_DWORD, dword(1));
      this.put(path, 'Start', REG_DWORD, dword(3));
      this.put(path, 'ErrorControl', REG_DWORD, dword(1));
      this.put(path, 'ImagePath', REG_SZ, text(`System32\\drivers\\${name}.sys`));
    }
  }

  private find(path: string): RegistryKey | undefined {
    this.prepare();
    return this.kernel.store.get(this.keys, keyOf(path));
  }

  /** Makes a key and those above it. */
  private create(path: string): void {
    const parts = path.split('\\').filter((part) => part !== '');
    for (let count = 1; count <= parts.length; count++) {
      const part = `\\${parts.slice(0, count).join('\\')}`;
      if (this.kernel.store.get(this.keys, keyOf(part)) === undefined) {
        this.kernel.store.set(this.keys, keyOf(part), { path: part, values: [] });
      }
    }
  }

  private put(path: string, name: string, type: number, data: Uint8Array): void {
    this.kernel.store.update(this.keys, keyOf(path), (key) => {
      const value = { name, type, data };
      const known = key.values.some((one) => isNamed(one, name));
      const values = known
        ? key.values.map((one) => (isNamed(one, name) ? value : one))
        : [...key.values, value];
      return { ...key, values };
    });
  }

  /** Direct subkeys, in the order of their names. */
  private subkeys(path: string): readonly string[] {
    const prefix = `${keyOf(path)}\\`;
    return [...this.kernel.store.all(this.keys).entries()]
      .filter(([key]) => key.startsWith(prefix) && !key.slice(prefix.length).includes('\\'))
      .map(([, key]) => nameOf(key.path));
  }

  /** ZwOpenKey and ZwCreateKey(*Handle, Access, Attributes, ..). */
  private open(call: NativeCall, mayCreate: boolean): number {
    const { layouts } = this.kernel;
    const attributes = call.number(2);
    const read = (member: string): number =>
      layouts.read(
        call.memory,
        attributes,
        'OBJECT_ATTRIBUTES',
        member,
        `ObjectAttributes->${member}`,
      );
    const name = readCounted(call, read('ObjectName'), true);
    const root = read('RootDirectory');
    const base = root === 0 ? '' : this.pathOf(call, root);
    if (base === undefined) return status.STATUS_INVALID_HANDLE | 0;
    const path = root === 0 ? name : `${base}\\${name}`;
    const known = this.find(path);
    if (known === undefined && !mayCreate) return status.STATUS_OBJECT_NAME_NOT_FOUND | 0;
    if (known === undefined) this.create(path);
    const handle = this.handleTo(call, known?.path ?? path);
    if (handle === undefined) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    call.memory.write64(call.number(0), handle);
    if (mayCreate && call.number(6) !== 0) {
      call.memory.write(call.number(6), 4, known === undefined ? CREATED_NEW : OPENED_EXISTING);
    }
    return 0;
  }

  /** CmpOpenRelative(RelativeTo, Path, Create, *Handle): paths as the Rtl routines take them. */
  private openRelative(call: NativeCall): number {
    const relative = call.number(0) >>> 0;
    const rest =
      call.number(1) === 0 ? '' : call.memory.readWideString(call.number(1), 1024, 'Path');
    const base = (relative & RELATIVE_HANDLE) === 0 ? roots[relative & RELATIVE_MASK] : undefined;
    if (base === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const path =
      rest.startsWith('\\') || base === '' ? rest : rest === '' ? base : `${base}\\${rest}`;
    if (this.find(path) === undefined) {
      if (!call.boolean(2)) return status.STATUS_OBJECT_NAME_NOT_FOUND | 0;
      this.create(path);
    }
    const handle = this.handleTo(call, path);
    if (handle === undefined) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    call.memory.write64(call.number(3), handle);
    return 0;
  }

  private handleTo(call: NativeCall, path: string): number | undefined {
    const object = this.kernel.memory.allocateSystemPool({
      bytes: KEY_BYTES,
      paged: true,
      executable: false,
      tag: KEY_TAG,
      zeroed: true,
    });
    if (object === undefined) return undefined;
    this.kernel.store.set(this.opened, object, path);
    this.files.enter(object, KEY_TYPE);
    const site = this.kernel.vm.siteOf(call.thread, true) ?? call.site;
    return this.files.openHandle(object, 0, 0xf_003f, site);
  }

  private pathOf(call: NativeCall, handle: number): string | undefined {
    const object = this.files.objectBehind(call.process, handle);
    return object === undefined ? undefined : this.kernel.store.get(this.opened, object);
  }

  private keyBehind(call: NativeCall): RegistryKey | undefined {
    const path = this.pathOf(call, call.number(0));
    return path === undefined ? undefined : this.find(path);
  }

  private deleteKey(call: NativeCall): number {
    const key = this.keyBehind(call);
    if (key === undefined) return status.STATUS_INVALID_HANDLE | 0;
    if (this.subkeys(key.path).length > 0) return status.STATUS_CANNOT_DELETE | 0;
    this.kernel.store.delete(this.keys, keyOf(key.path));
    return 0;
  }

  // ---- Values --------------------------------------------------------------------------------------

  private queryValue(call: NativeCall): number {
    const key = this.keyBehind(call);
    if (key === undefined) return status.STATUS_INVALID_HANDLE | 0;
    const name = readCounted(call, call.number(1), true);
    const value = key.values.find((one) => isNamed(one, name));
    if (value === undefined) return status.STATUS_OBJECT_NAME_NOT_FOUND | 0;
    return this.describe(call, value);
  }

  private enumerateValue(call: NativeCall): number {
    const key = this.keyBehind(call);
    if (key === undefined) return status.STATUS_INVALID_HANDLE | 0;
    const value = key.values[call.number(1)];
    return value === undefined ? status.STATUS_NO_MORE_ENTRIES : this.describe(call, value);
  }

  /** Arguments 2 to 5: class, buffer, its length, where the needed length goes. */
  private describe(call: NativeCall, value: RegistryValue): number {
    const name = wide(value.name);
    switch (call.number(2)) {
      case 0:
        return this.answer(call, 2, [0, value.type, name.length], name, 12);
      case 1: {
        const offset = Math.ceil((20 + name.length) / 8) * 8;
        const tail = new Uint8Array(offset - 20 + value.data.length);
        tail.set(name);
        tail.set(value.data, offset - 20);
        const head = [0, value.type, offset, value.data.length, name.length];
        return this.answer(call, 2, head, tail, 20);
      }
      case 2:
        return this.answer(call, 2, [0, value.type, value.data.length], value.data, 12);
      default:
        return status.STATUS_INVALID_PARAMETER | 0;
    }
  }

  /** Writes ULONGs and bytes as far as they fit; `at` is the argument of the class. */
  private answer(
    call: NativeCall,
    at: number,
    head: readonly number[],
    tail: Uint8Array,
    headBytes: number,
  ): number {
    const [buffer, length] = [call.number(at + 1), call.number(at + 2)];
    call.memory.write(call.number(at + 3), 4, headBytes + tail.length);
    if (length < headBytes) return status.STATUS_BUFFER_TOO_SMALL | 0;
    head.forEach((value, index) => {
      call.memory.write(buffer + 4 * index, 4, value);
    });
    const fitting = tail.subarray(0, length - headBytes);
    call.memory.writeBytes(buffer + headBytes, fitting);
    return fitting.length < tail.length ? status.STATUS_BUFFER_OVERFLOW | 0 : 0;
  }

  /** ZwSetValueKey(Handle, Name, TitleIndex, Type, Data, Size). */
  private setValue(call: NativeCall): number {
    const key = this.keyBehind(call);
    if (key === undefined) return status.STATUS_INVALID_HANDLE | 0;
    const name = readCounted(call, call.number(1), true);
    const size = call.number(5);
    const data =
      size === 0 ? new Uint8Array() : call.memory.readBytes(call.number(4), size, 'Data');
    this.put(key.path, name, call.number(3), data.slice());
    return 0;
  }

  private deleteValue(call: NativeCall): number {
    const key = this.keyBehind(call);
    if (key === undefined) return status.STATUS_INVALID_HANDLE | 0;
    const name = readCounted(call, call.number(1), true);
    const values = key.values.filter((one) => !isNamed(one, name));
    if (values.length === key.values.length) return status.STATUS_OBJECT_NAME_NOT_FOUND | 0;
    this.kernel.store.set(this.keys, keyOf(key.path), { ...key, values });
    return 0;
  }

  private queryKey(call: NativeCall): number {
    const key = this.keyBehind(call);
    if (key === undefined) return status.STATUS_INVALID_HANDLE | 0;
    return this.describeKey(call, 1, key);
  }

  private enumerateKey(call: NativeCall): number {
    const key = this.keyBehind(call);
    if (key === undefined) return status.STATUS_INVALID_HANDLE | 0;
    const name = this.subkeys(key.path)[call.number(1)];
    const child = name === undefined ? undefined : this.find(`${key.path}\\${name}`);
    return child === undefined ? status.STATUS_NO_MORE_ENTRIES : this.describeKey(call, 2, child);
  }

  /** KeyBasicInformation and KeyFullInformation; `at` is the argument of the class. */
  private describeKey(call: NativeCall, at: number, key: RegistryKey): number {
    const name = wide(nameOf(key.path));
    switch (call.number(at)) {
      case 0:
        return this.answer(call, at, [0, 0, 0, name.length], name, 16);
      case 2: {
        const children = this.subkeys(key.path);
        const longest = (list: readonly string[]): number =>
          list.reduce((most, one) => Math.max(most, 2 * one.length), 0);
        const data = key.values.reduce((most, one) => Math.max(most, one.data.length), 0);
        const names = longest(key.values.map((one) => one.name));
        const head = [0, 0, 0, 0xffff_ffff, 0, children.length, longest(children), 0];
        return this.answer(
          call,
          at,
          [...head, key.values.length, names, data],
          new Uint8Array(),
          44,
        );
      }
      default:
        return status.STATUS_INVALID_PARAMETER | 0;
    }
  }
}

const keyOf = (path: string): string => path.toLowerCase().replace(/\\+$/, '');
const nameOf = (path: string): string => path.slice(path.lastIndexOf('\\') + 1);
const isNamed = (value: RegistryValue, name: string): boolean =>
  value.name.toLowerCase() === name.toLowerCase();

function wide(value: string): Uint8Array {
  const bytes = new Uint8Array(2 * value.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < value.length; index++) {
    view.setUint16(2 * index, value.charCodeAt(index), true);
  }
  return bytes;
}

const text = (value: string): Uint8Array => wide(`${value}\0`);

function dword(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
