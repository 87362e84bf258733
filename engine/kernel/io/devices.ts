/**
 * Device objects: IoCreateDevice and its kin. A device object is its bytes; beside them the kernel keeps what
 * is opaque in Windows too (names, references, who lies below).
 */
import { virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { BugCheck } from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { APC_LEVEL, DISPATCH_LEVEL, type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import type { StructureDoor } from '../layouts.ts';
import { readCounted } from '../rtl/format-arguments.ts';
import { verifierFlags } from '../services.ts';
import { status } from '../status.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import { type AccessEntry, parseDescriptor } from './device-security.ts';
import type { ObjectNames } from './object-names.ts';

/** A device object. Plain data. */
export interface DeviceRecord {
  readonly address: number;
  readonly driver: number;
  readonly name: string | undefined;
  readonly holding: number | undefined;
  /** The device that it is attached to. */
  readonly below: number | undefined;
  /** IoDeleteDevice was called; the object goes with its last reference. */
  readonly deleted: boolean;
  readonly pool: number;
  /** Who may open it; undefined: everybody. */
  readonly security?: readonly AccessEntry[];
}

const TYPE = 'DEVICE_OBJECT';
const IO_TYPE_DEVICE = 3;
const DEVICE_QUEUE_OBJECT = 20;
const SYNCHRONIZATION_EVENT = 1;
const IO_TYPE_DEVICE_OBJECT_EXTENSION = 13;
const DO_EXCLUSIVE = 0x8;
const DO_DEVICE_INITIALIZING = 0x80;
const DO_DEVICE_HAS_NAME = 0x40;
const POOL_TAG = 0x69766544; // 'Devi'
/** A 64-byte cache line, less one. */
const CACHE_LINE_ALIGNMENT = 63;

export class Devices {
  private readonly table: Table<number, DeviceRecord>;
  /** By device and type of state. */
  private readonly powerStates: Table<string, number>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly names: ObjectNames,
  ) {
    this.table = kernel.store.table(`${kernel.host.name}.devices`);
    this.powerStates = kernel.store.table(`${kernel.host.name}.powerStates`);
  }

  get all(): OrderedMap<number, DeviceRecord> {
    return this.kernel.store.all(this.table);
  }

  find(address: number): DeviceRecord | undefined {
    return this.kernel.store.get(this.table, address);
  }

  /** Devices of a driver that still exist. */
  of(driver: number): readonly DeviceRecord[] {
    return [...this.all.values()].filter((device) => device.driver === driver);
  }

  natives(): NativeTable {
    return {
      IoCreateDevice: (call) => this.createFor(call, call.number(6), undefined),
      WdmlibIoCreateDeviceSecure: (call) => this.createSecure(call),
      IoDeleteDevice: (call) => this.delete(call),
      IoAttachDeviceToDeviceStack: (call) => this.attach(call, call.number(0), call.number(1)),
      IoDetachDevice: (call) => {
        checkHighestIrql(this.kernel, call, PASSIVE_LEVEL, 'nf-wdm-iodetachdevice');
        this.detach(call, call.number(0));
        return undefined;
      },
      IoGetAttachedDeviceReference: (call) => {
        const top = this.top(call.memory, call.number(0));
        this.reference(call.memory, top, 1);
        return top;
      },
      IopBottomOf: (call) => {
        let device = call.number(0);
        for (let below = this.find(device)?.below; below !== undefined; ) {
          device = below;
          below = this.find(device)?.below;
        }
        return device;
      },
      IoCreateSymbolicLink: (call) => this.createLink(call),
      IoCreateUnprotectedSymbolicLink: (call) => this.createLink(call),
      IoDeleteSymbolicLink: (call) => this.deleteLink(call),
      PoSetPowerState: (call) => {
        // DeviceObject, Type (0: system), State; answers the state before, PowerSystemUnspecified at first.
        checkHighestIrql(this.kernel, call, DISPATCH_LEVEL, 'nf-ntifs-posetpowerstate');
        const key = `${call.number(0)}:${call.number(1)}`;
        const before = this.kernel.store.get(this.powerStates, key) ?? 0;
        this.kernel.store.set(this.powerStates, key, call.number(2));
        return before;
      },
    };
  }

  /** The top of the stack that a device belongs to. */
  top(door: StructureDoor, device: number): number {
    let top = device;
    for (let depth = 0; depth < 64; depth++) {
      const next = this.kernel.layouts.read(
        door,
        top,
        TYPE,
        'AttachedDevice',
        'DeviceObject->AttachedDevice',
      );
      if (next === 0) return top;
      top = next;
    }
    return top;
  }

  /** Changes DEVICE_OBJECT.ReferenceCount; a deleted device goes with its last reference. */
  reference(door: StructureDoor, device: number, change: 1 | -1): void {
    const { layouts } = this.kernel;
    const count = (layouts.read(door, device, TYPE, 'ReferenceCount') | 0) + change;
    layouts.write(door, device, TYPE, 'ReferenceCount', count >>> 0);
    const record = this.find(device);
    if (count <= 0 && record?.deleted === true) this.destroy(record);
  }

  referenceCount(device: number): number {
    return this.kernel.layouts.read(this.kernel.system, device, TYPE, 'ReferenceCount') | 0;
  }

  /** Makes a device object; undefined when there is no pool. Links it into its driver's list. */
  create(
    door: StructureDoor & { fill(address: number, length: number, byte: number): void },
    request: {
      readonly driver: number;
      readonly extensionBytes: number;
      readonly name: string | undefined;
      readonly type: number;
      readonly characteristics: number;
      readonly exclusive: boolean;
    },
  ): DeviceRecord | undefined {
    const { kernel } = this;
    const { layouts } = kernel;
    const objectBytes = layouts.size(TYPE);
    const extensionStart = Math.ceil(objectBytes / 16) * 16;
    const privateStart = extensionStart + Math.ceil(request.extensionBytes / 16) * 16;
    const bytes = privateStart + layouts.size('DEVOBJ_EXTENSION');
    const pool = kernel.memory.allocateSystemPool({
      bytes,
      paged: false,
      executable: false,
      tag: POOL_TAG,
      zeroed: true,
    });
    if (pool === undefined) return undefined;
    const write = (path: string, value: number): void =>
      layouts.write(door, pool, TYPE, path, value);
    write('Type', IO_TYPE_DEVICE);
    write('Size', objectBytes + request.extensionBytes);
    write('DriverObject', request.driver);
    write(
      'Flags',
      DO_DEVICE_INITIALIZING |
        (request.exclusive ? DO_EXCLUSIVE : 0) |
        (request.name === undefined ? 0 : DO_DEVICE_HAS_NAME),
    );
    write('Characteristics', request.characteristics);
    write('DeviceType', request.type);
    write('StackSize', 1);
    write('AlignmentRequirement', CACHE_LINE_ALIGNMENT);
    write('DeviceExtension', request.extensionBytes === 0 ? 0 : pool + extensionStart);
    write('DeviceObjectExtension', pool + privateStart);
    write('DeviceQueue.Type', DEVICE_QUEUE_OBJECT);
    write('DeviceQueue.Size', layouts.size('KDEVICE_QUEUE'));
    const queue = pool + layouts.offset(TYPE, 'DeviceQueue.DeviceListHead');
    door.write64(queue, queue);
    door.write64(queue + 8, queue);
    // The lock is an event that is set while nobody has it.
    write('DeviceLock.Header.Type', SYNCHRONIZATION_EVENT);
    door.write(pool + layouts.offset(TYPE, 'DeviceLock') + 2, 1, layouts.size('KEVENT') / 4);
    write('DeviceLock.Header.SignalState', 1);
    const waiters = pool + layouts.offset(TYPE, 'DeviceLock.Header.WaitListHead');
    door.write64(waiters, waiters);
    door.write64(waiters + 8, waiters);
    const inner = pool + privateStart;
    layouts.write(door, inner, 'DEVOBJ_EXTENSION', 'Type', IO_TYPE_DEVICE_OBJECT_EXTENSION);
    layouts.write(door, inner, 'DEVOBJ_EXTENSION', 'DeviceObject', pool);
    write('NextDevice', layouts.read(door, request.driver, 'DRIVER_OBJECT', 'DeviceObject'));
    layouts.write(door, request.driver, 'DRIVER_OBJECT', 'DeviceObject', pool);
    const record: DeviceRecord = {
      address: pool,
      driver: request.driver,
      name: request.name,
      holding: undefined,
      below: undefined,
      deleted: false,
      pool,
    };
    kernel.store.set(this.table, pool, record);
    if (request.name !== undefined) {
      this.names.add(request.name, { kind: 'device', address: pool, name: request.name });
    }
    return record;
  }

  /** Takes a device of a built-in driver away (a physical device object whose device is gone). */
  removeBuiltin(device: DeviceRecord): void {
    this.unlink(this.kernel.system, device);
    this.destroy(device);
  }

  /** WdmlibIoCreateDeviceSecure(.., DefaultSDDLString, DeviceClassGuid, *DeviceObject). */
  private createSecure(call: NativeCall): number {
    const text = readCounted(call, call.number(6), true);
    const security = parseDescriptor(text);
    const isNamed = call.number(2) !== 0 && readCounted(call, call.number(2), true) !== '';
    if (security !== undefined && isNamed) return this.createFor(call, call.number(8), security);
    this.kernel.explain(
      call,
      isNamed
        ? `${call.routine} fails: "${text}" is no security descriptor of the form D:P(A;;GA;;;SY).`
        : `${call.routine} fails: only a device with a name can be opened, and needs a security descriptor.`,
      'nf-wdmsec-wdmlibiocreatedevicesecure',
    );
    return status.STATUS_INVALID_PARAMETER | 0;
  }

  private createFor(
    call: NativeCall,
    result: number,
    security: readonly AccessEntry[] | undefined,
  ): number {
    const { kernel } = this;
    checkHighestIrql(kernel, call, APC_LEVEL, 'nf-wdm-iocreatedevice', [0x2000a, 0, 0, 0]);
    const nameAddress = call.number(2);
    const name = nameAddress === 0 ? undefined : readCounted(call, nameAddress, true);
    if (name !== undefined && this.names.get(name) !== undefined) {
      kernel.explain(
        call,
        `IoCreateDevice fails: there is an object named ${name} already.`,
        'nf-wdm-iocreatedevice',
      );
      return status.STATUS_OBJECT_NAME_COLLISION | 0;
    }
    if (kernel.injectFault(call, 'allocation')) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    const record = this.create(call.memory, {
      driver: call.number(0),
      extensionBytes: call.number(1),
      name,
      type: call.number(3),
      characteristics: call.number(4),
      exclusive: call.boolean(5),
    });
    if (record === undefined) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    const holding = kernel.ledger.add({
      kind: 'device object',
      address: virtual(record.address),
      bytes: kernel.layouts.size(TYPE) + call.number(1),
      module: call.caller.module,
      own: call.caller.own,
      routine: call.routine,
      site: call.site,
      details: { name: name ?? '' },
    });
    kernel.store.set(this.table, record.address, {
      ...record,
      holding,
      ...(security === undefined ? {} : { security }),
    });
    call.memory.write64(result, record.address);
    return 0;
  }

  private delete(call: NativeCall): undefined {
    const { kernel } = this;
    checkHighestIrql(kernel, call, APC_LEVEL, 'nf-wdm-iodeletedevice');
    const address = call.number(0);
    const record = this.find(address);
    if (record === undefined || record.deleted) {
      const text = `IoDeleteDevice is given ${hex(address, 16)}, which is no device object${record === undefined ? '' : ' any more: it was deleted before'}.`;
      if (kernel.verified(call, verifierFlags.io)) {
        throw new BugCheck(
          bugCheckCodes.DRIVER_VERIFIER_IOMANAGER_VIOLATION,
          [0x240, address, 0, 0],
          text,
          'bug-check-0xc9--driver-verifier-iomanager-violation',
        );
      }
      call.violation('device_object', text, 'nf-wdm-iodeletedevice');
      return undefined;
    }
    if (record.below !== undefined) {
      call.violation(
        'device_attached',
        `${call.caller.module} deletes the device object at ${hex(address, 16)} while it is attached to ${hex(record.below, 16)}: IoDetachDevice comes first.`,
        'nf-wdm-iodeletedevice',
      );
    }
    if (record.holding !== undefined) kernel.ledger.release(record.holding, call.site);
    this.unlink(call.memory, record);
    const references = kernel.layouts.read(call.memory, address, TYPE, 'ReferenceCount') | 0;
    if (references > 0) kernel.store.set(this.table, address, { ...record, deleted: true });
    else this.destroy(record);
    return undefined;
  }

  /** Takes a device out of its driver's list and its name out of the directory. */
  private unlink(door: StructureDoor, device: DeviceRecord): void {
    const { layouts } = this.kernel;
    if (device.name !== undefined) this.names.remove(device.name);
    const next = layouts.read(door, device.address, TYPE, 'NextDevice');
    let at = layouts.read(door, device.driver, 'DRIVER_OBJECT', 'DeviceObject');
    if (at === device.address) {
      layouts.write(door, device.driver, 'DRIVER_OBJECT', 'DeviceObject', next);
      return;
    }
    for (let count = this.all.size; at !== 0 && count > 0; count--) {
      const following = layouts.read(door, at, TYPE, 'NextDevice');
      if (following === device.address) {
        layouts.write(door, at, TYPE, 'NextDevice', next);
        return;
      }
      at = following;
    }
  }

  private destroy(device: DeviceRecord): void {
    this.kernel.store.delete(this.table, device.address);
    this.kernel.memory.freeSystemPool(virtual(device.pool));
  }

  private attach(call: NativeCall, source: number, target: number): number {
    const { kernel } = this;
    const { layouts, store } = kernel;
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, 'nf-wdm-ioattachdevicetodevicestack');
    const top = this.top(call.memory, target);
    const record = this.find(source);
    if (record === undefined || this.find(top) === undefined) return 0;
    layouts.write(call.memory, top, TYPE, 'AttachedDevice', source);
    const stack = layouts.read(call.memory, top, TYPE, 'StackSize', 'TargetDevice->StackSize');
    layouts.write(call.memory, source, TYPE, 'StackSize', stack + 1);
    for (const member of ['AlignmentRequirement', 'SectorSize']) {
      layouts.write(
        call.memory,
        source,
        TYPE,
        member,
        layouts.read(call.memory, top, TYPE, member, `TargetDevice->${member}`),
      );
    }
    store.set(this.table, source, { ...record, below: top });
    return top;
  }

  private detach(call: NativeCall, target: number): void {
    const { layouts, store } = this.kernel;
    const attached = layouts.read(
      call.memory,
      target,
      TYPE,
      'AttachedDevice',
      'TargetDevice->AttachedDevice',
    );
    const record = this.find(attached);
    if (attached === 0 || record === undefined) {
      call.violation(
        'device_attached',
        `IoDetachDevice is given ${hex(target, 16)}, to which no device is attached. Its argument is the lower device, which IoAttachDeviceToDeviceStack returned.`,
        'nf-wdm-iodetachdevice',
      );
      return;
    }
    layouts.write(call.memory, target, TYPE, 'AttachedDevice', 0);
    store.set(this.table, attached, { ...record, below: undefined });
  }

  private createLink(call: NativeCall): number {
    const { kernel } = this;
    checkHighestIrql(kernel, call, PASSIVE_LEVEL, 'nf-wdm-iocreatesymboliclink');
    const name = readCounted(call, call.number(0), true);
    const target = readCounted(call, call.number(1), true);
    if (this.names.get(name) !== undefined) return status.STATUS_OBJECT_NAME_COLLISION | 0;
    const holding = kernel.ledger.add({
      kind: 'symbolic link',
      address: virtual(call.number(0)),
      bytes: 0,
      module: call.caller.module,
      own: call.caller.own,
      routine: call.routine,
      site: call.site,
      details: { name, target },
    });
    this.names.add(name, { kind: 'link', target, name, holding });
    return 0;
  }

  private deleteLink(call: NativeCall): number {
    checkHighestIrql(this.kernel, call, PASSIVE_LEVEL, 'nf-wdm-iodeletesymboliclink');
    const object = this.names.get(readCounted(call, call.number(0), true));
    if (object?.kind !== 'link') return status.STATUS_OBJECT_NAME_NOT_FOUND | 0;
    if (object.holding !== undefined) this.kernel.ledger.release(object.holding, call.site);
    this.names.remove(object.name);
    return 0;
  }
}
