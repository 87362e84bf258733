/**
 * File objects, handles and references: the parts that neither wait nor call back. The requests on files are
 * in `file.c`, the lives of objects in `object-references.c`.
 */
import { virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import type { Site } from '../../vm/reports.ts';
import type { KernelContext } from '../context.ts';
import { readCounted } from '../rtl/format-arguments.ts';
import { status } from '../status.ts';
import { mayOpen } from './device-security.ts';
import type { Devices } from './devices.ts';
import type { Irps } from './irps.ts';
import type { ObjectNames } from './object-names.ts';

/** An object that handles and pointers refer to. Plain data. */
interface ObjectRecord {
  readonly type: number;
  readonly references: number;
  readonly handles: number;
}

/** A handle of a process (0: of the kernel). Plain data. */
export interface HandleRecord {
  readonly process: number;
  readonly handle: number;
  readonly object: number;
  readonly access: number;
  readonly site: Site;
}

const TYPE = 'FILE_OBJECT';
const IO_TYPE_FILE = 5;
const DO_EXCLUSIVE = 0x8;
const FILE_DEVICE_SECURE_OPEN = 0x100;
const OBJ_KERNEL_HANDLE = 0x200;
const DELETE = 0x1_0000;
/** FILE_ options of an open, and the FO_ flags that they become. */
const optionFlags: readonly (readonly [option: number, flags: number])[] = [
  [0x2, 0x10], // write through
  [0x4, 0x20], // sequential
  [0x8, 0x8], // no intermediate buffering
  [0x10, 0x6], // synchronous, alertable
  [0x20, 0x2], // synchronous
  [0x800, 0x10_0000], // random access
];
const FILE_READ_DATA = 1;
const FILE_WRITE_DATA = 2;
const GENERIC_READ = 0x8000_0000;
const GENERIC_WRITE = 0x4000_0000;
const GENERIC_ALL = 0x1000_0000;
/** Handles of the kernel have the sign bit set, so that no process can guess one. */
const KERNEL_HANDLE = -0x8000_0000;
const POOL_TAG = 0x656c6946; // 'File'
const FIRST_HANDLE = 0x10;

export class Files {
  private readonly objects: Table<number, ObjectRecord>;
  private readonly handles: Table<string, HandleRecord>;
  private readonly next: Table<number, number>;
  /** Events that wait for the last file of a device stack, by physical device object. */
  private readonly unusedEvents: Table<number, number>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly names: ObjectNames,
    private readonly devices: Devices,
    private readonly irps: Irps,
    /** Sets an event. */
    private readonly signal: (event: number) => void,
  ) {
    this.objects = kernel.store.table(`${kernel.host.name}.objects`);
    this.handles = kernel.store.table(`${kernel.host.name}.handles`);
    this.next = kernel.store.table(`${kernel.host.name}.nextHandle`);
    this.unusedEvents = kernel.store.table(`${kernel.host.name}.unusedEvents`);
  }

  /** All open handles. */
  get openHandles(): OrderedMap<string, HandleRecord> {
    return this.kernel.store.all(this.handles);
  }

  /** File objects of a device that are still referenced. */
  filesOf(device: number): readonly number[] {
    const { layouts, system } = this.kernel;
    return [...this.kernel.store.all(this.objects).entries()]
      .filter(
        ([address, object]) =>
          object.type === IO_TYPE_FILE &&
          layouts.read(system, address, TYPE, 'DeviceObject') === device,
      )
      .map(([address]) => address);
  }

  handlesOf(object: number): readonly HandleRecord[] {
    return [...this.openHandles.values()].filter((handle) => handle.object === object);
  }

  natives(): NativeTable {
    return {
      IopLookupDevice: (call) => this.lookup(call),
      IopAllocateFileObject: (call) => this.allocate(call),
      IopFreeFileObject: (call) => this.free(call),
      ObpCreateHandle: (call) => this.createHandle(call),
      ObpRemoveHandle: (call) => this.removeHandle(call),
      ObpFirstHandle: (call) => this.firstHandle(call.process),
      ObpChangeReference: (call) => this.changeReference(call),
      ObpTypeOf: (call) =>
        this.kernel.store.get(this.objects, call.number(0))?.type ??
        (this.devices.find(call.number(0)) === undefined ? 0 : 3),
      ObpEnterObject: (call) => {
        this.enter(call.number(0), call.number(1));
        return undefined;
      },
      ObpForgetObject: (call) => {
        this.kernel.store.delete(this.objects, call.number(0));
        return undefined;
      },
      ObReferenceObjectByHandle: (call) => this.referenceByHandle(call),
      KiPreviousMode: (call) => (call.process === 0 ? 0 : 1),
      ExGetPreviousMode: (call) => (call.process === 0 ? 0 : 1),
      IopNoteReturnTo: (call) => {
        const device = call.number(1);
        this.irps.leave(call.number(0), device === 0 ? undefined : device);
        return undefined;
      },
      IopMarkCompleted: (call) => {
        this.irps.markCompleted(call.number(0), call.site);
        return undefined;
      },
      IopIsInRequestorContext: (call) => {
        const irp = call.number(0);
        const mode = this.kernel.layouts.read(call.memory, irp, 'IRP', 'RequestorMode');
        const process = this.irps.all.get(irp)?.process;
        return mode === 0 || process === undefined || process === call.process ? 1 : 0;
      },
      IopNotifyWhenUnused: (call) => {
        this.kernel.store.set(this.unusedEvents, call.number(0), call.number(1));
        if (this.isUnused(call.number(0))) this.notifyUnused(call.number(0), call.number(1));
        return undefined;
      },
      PoStartNextPowerIrp: () => undefined,
    };
  }

  /** Makes an object known, with one reference. */
  enter(address: number, type: number): void {
    this.kernel.store.set(this.objects, address, { type, references: 1, handles: 0 });
  }

  /** A handle of a process to an object that was entered. */
  openHandle(object: number, process: number, access: number, site: Site): number {
    const { store } = this.kernel;
    const number = store.get(this.next, process) ?? FIRST_HANDLE;
    store.set(this.next, process, number + 4);
    const handle = process === 0 ? KERNEL_HANDLE + number : number;
    store.set(this.handles, keyOf(process, handle), { process, handle, object, access, site });
    store.update(this.objects, object, (record) => ({ ...record, handles: record.handles + 1 }));
    return handle;
  }

  /** The object behind a handle of a process. */
  objectBehind(process: number, handle: number): number | undefined {
    return this.kernel.store.get(this.handles, keyOf(handle < 0 ? 0 : process, handle))?.object;
  }

  private lookup(call: NativeCall): number {
    const name = readCounted(call, call.number(0), true);
    const found = this.names.resolve(name);
    if (found === undefined) return status.STATUS_OBJECT_NAME_NOT_FOUND | 0;
    call.memory.write64(call.number(1), found.address);
    call.memory.write(call.number(2), 4, (name.length - found.rest.length) * 2);
    return 0;
  }

  /** IopAllocateFileObject(Device, Name, NameOffset, Access, Share, Options, Mode, *FileObject). */
  private allocate(call: NativeCall): number {
    const { kernel } = this;
    const { layouts } = kernel;
    const device = call.number(0);
    const flags = layouts.read(call.memory, device, 'DEVICE_OBJECT', 'Flags');
    if ((flags & DO_EXCLUSIVE) !== 0 && this.filesOf(device).length > 0) {
      return status.STATUS_ACCESS_DENIED | 0;
    }
    const name = readCounted(call, call.number(1), true).slice(call.number(2) / 2);
    if (this.isRefused(call, name)) return status.STATUS_ACCESS_DENIED | 0;
    const bytes = layouts.size(TYPE) + 2 * name.length + 2;
    const address = kernel.memory.allocateSystemPool({
      bytes,
      paged: false,
      executable: false,
      tag: POOL_TAG,
      zeroed: true,
    });
    if (address === undefined) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    const write = (path: string, value: number): void =>
      layouts.write(call.memory, address, TYPE, path, value);
    const access = call.number(3);
    const share = call.number(4);
    write('Type', IO_TYPE_FILE);
    write('Size', layouts.size(TYPE));
    write('DeviceObject', device);
    write('ReadAccess', (access & (FILE_READ_DATA | GENERIC_READ | GENERIC_ALL)) === 0 ? 0 : 1);
    write('WriteAccess', (access & (FILE_WRITE_DATA | GENERIC_WRITE | GENERIC_ALL)) === 0 ? 0 : 1);
    write('SharedRead', share & 1);
    write('SharedWrite', (share >> 1) & 1);
    write('SharedDelete', (share >> 2) & 1);
    write('DeleteAccess', (access & (DELETE | GENERIC_ALL)) === 0 ? 0 : 1);
    write('Flags', flagsOf(call.number(5)));
    const text = address + layouts.size(TYPE);
    for (let index = 0; index < name.length; index++) {
      call.memory.write(text + 2 * index, 2, name.charCodeAt(index));
    }
    write('FileName.Length', 2 * name.length);
    write('FileName.MaximumLength', 2 * name.length + 2);
    write('FileName.Buffer', name.length === 0 ? 0 : text);
    kernel.store.set(this.objects, address, { type: IO_TYPE_FILE, references: 1, handles: 0 });
    this.devices.reference(call.memory, device, 1);
    call.memory.write64(call.number(7), address);
    return 0;
  }

  /** A name behind the device's own is the driver's to judge, unless it leaves that to the system. */
  private isRefused(call: NativeCall, name: string): boolean {
    const { kernel } = this;
    const device = call.number(0);
    const security = this.devices.find(device)?.security;
    if (security === undefined || call.number(6) === 0) return false;
    const characteristics = kernel.layouts.read(
      call.memory,
      device,
      'DEVICE_OBJECT',
      'Characteristics',
    );
    if (name !== '' && (characteristics & FILE_DEVICE_SECURE_OPEN) === 0) return false;
    return !mayOpen(security, call.number(3));
  }

  private free(call: NativeCall): undefined {
    const address = call.number(0);
    const device = this.kernel.layouts.read(call.memory, address, TYPE, 'DeviceObject');
    this.kernel.store.delete(this.objects, address);
    this.kernel.memory.freeSystemPool(virtual(address));
    if (this.devices.find(device) !== undefined) this.devices.reference(call.memory, device, -1);
    for (const [waiting, event] of this.kernel.store.all(this.unusedEvents).entries()) {
      if (this.isUnused(waiting)) this.notifyUnused(waiting, event);
    }
    return undefined;
  }

  /** Whether no file of a device stack is open, by its physical device object. */
  private isUnused(bottom: number): boolean {
    let device = bottom;
    const { layouts, system } = this.kernel;
    for (let depth = 0; depth < 64 && device !== 0; depth++) {
      if (this.filesOf(device).length > 0) return false;
      device = layouts.read(system, device, 'DEVICE_OBJECT', 'AttachedDevice');
    }
    return true;
  }

  private notifyUnused(device: number, event: number): void {
    this.kernel.store.delete(this.unusedEvents, device);
    this.signal(event);
  }

  /** The handle takes over the reference of whoever makes it. */
  private createHandle(call: NativeCall): number {
    const process = (call.number(2) & OBJ_KERNEL_HANDLE) === 0 ? call.process : 0;
    const access = mapAccess(call.number(1));
    const site = this.kernel.vm.siteOf(call.thread, true) ?? call.site;
    const handle = this.openHandle(call.number(0), process, access, site);
    call.memory.write64(call.number(3), handle);
    return 0;
  }

  private find(call: NativeCall, handle: number): HandleRecord | undefined {
    const process = handle < 0 ? 0 : call.process;
    return this.kernel.store.get(this.handles, keyOf(process, handle));
  }

  private removeHandle(call: NativeCall): number {
    const { store } = this.kernel;
    const record = this.find(call, call.number(0));
    if (record === undefined) return status.STATUS_INVALID_HANDLE | 0;
    store.delete(this.handles, keyOf(record.process, record.handle));
    const object = store.get(this.objects, record.object);
    if (object !== undefined) {
      store.set(this.objects, record.object, { ...object, handles: object.handles - 1 });
    }
    call.memory.write64(call.number(1), record.object);
    call.memory.write(call.number(2), 1, (object?.handles ?? 1) <= 1 ? 1 : 0);
    return 0;
  }

  private firstHandle(process: number): number {
    for (const handle of this.openHandles.values()) {
      if (handle.process === process) return handle.handle;
    }
    return 0;
  }

  private changeReference(call: NativeCall): number {
    const { store } = this.kernel;
    const address = call.number(0);
    const change = Number(call.integer(1));
    if (this.devices.find(address) !== undefined) {
      this.devices.reference(call.memory, address, change > 0 ? 1 : -1);
      return this.devices.find(address) === undefined ? 0 : 1;
    }
    const object = store.get(this.objects, address);
    // Processes, threads and events live as long as the kernel needs them.
    if (object === undefined) return 1;
    const references = object.references + change;
    if (references < 0 || (change > 0 && object.references === 0)) {
      call.violation(
        'object_reference',
        `The references of the object at ${hex(address, 16)} go from ${object.references} to ${references}: it was dereferenced more often than referenced.`,
        'bug-check-0x18--reference-by-pointer',
      );
    }
    store.set(this.objects, address, { ...object, references });
    return references;
  }

  /** ObReferenceObjectByHandle(Handle, DesiredAccess, ObjectType, AccessMode, *Object, HandleInformation). */
  private referenceByHandle(call: NativeCall): number {
    const record = this.find(call, call.number(0));
    if (record === undefined) return status.STATUS_INVALID_HANDLE | 0;
    const object = this.kernel.store.get(this.objects, record.object);
    const wanted = call.number(2);
    if (object === undefined) return status.STATUS_INVALID_HANDLE | 0;
    if (wanted !== 0 && wanted !== object.type) return status.STATUS_OBJECT_TYPE_MISMATCH | 0;
    const access = mapAccess(call.number(1));
    const isUser = call.number(3) !== 0;
    if (isUser && (access & ~record.access) !== 0) return status.STATUS_ACCESS_DENIED | 0;
    this.kernel.store.set(this.objects, record.object, {
      ...object,
      references: object.references + 1,
    });
    call.memory.write64(call.number(4), record.object);
    const information = call.number(5);
    if (information !== 0) {
      call.memory.write(information, 4, 0);
      call.memory.write(information + 4, 4, record.access);
    }
    return 0;
  }
}

function flagsOf(options: number): number {
  return optionFlags.reduce(
    (flags, [option, flag]) => ((options & option) === 0 ? flags : flags | flag),
    0,
  );
}

function keyOf(process: number, handle: number): string {
  return `${process}:${handle}`;
}

/** Generic rights as the rights of a file. */
function mapAccess(access: number): number {
  let specific = access & 0x01ff_ffff;
  if ((access & GENERIC_READ) !== 0) specific |= FILE_READ_DATA | 0x88;
  if ((access & GENERIC_WRITE) !== 0) specific |= FILE_WRITE_DATA | 0x114;
  if ((access & GENERIC_ALL) !== 0) specific |= 0x1ff;
  return specific >>> 0;
}
