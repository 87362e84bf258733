/**
 * What the Plug and Play manager knows of a device: properties, registry keys, interfaces. Besides, the error log and
 * registrations that only have to be taken.
 */
import { virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { DISPATCH_LEVEL, type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import type { Processes } from '../ps/processes.ts';
import { readCounted } from '../rtl/format-arguments.ts';
import { guidBytes, guidText } from '../rtl/guids.ts';
import { status } from '../status.ts';
import { checkExactIrql, checkHighestIrql } from '../verifier/irql-rules.ts';
import type { Bus } from './bus.ts';
import type { Devices } from './devices.ts';
import type { ObjectNames } from './object-names.ts';
import type { Registry } from './registry.ts';

/** An interface that a device has registered, by its symbolic link. Plain data. */
interface DeviceInterface {
  readonly link: string;
  readonly guid: string;
  readonly device: number;
  readonly enabled: boolean;
}

const PCI_BUS = 5;
const ERROR_LOG_MAXIMUM = 0xf0;
const POOL_TAG = 0x20706e50; // 'Pnp '
const CONTROL_SET = '\\Registry\\Machine\\System\\CurrentControlSet';
const CLASS_GUID = '{4d36e972-e325-11ce-bfc1-08002be10318}';
const REGKEY_DRIVER = 2;
const INCLUDE_NONACTIVE = 1;

export class DeviceProperties {
  private readonly interfaces: Table<string, DeviceInterface>;
  /** How many registrations hear of interfaces. */
  private readonly listenersCell: number;

  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: {
      readonly bus: Bus;
      readonly devices: Devices;
      readonly names: ObjectNames;
      readonly registry: Registry;
      readonly processes: Processes;
    },
  ) {
    this.interfaces = kernel.store.table(`${kernel.host.name}.deviceInterfaces`);
    this.listenersCell = kernel.store.cell();
  }

  natives(): NativeTable {
    return {
      IoGetDeviceProperty: (call) => this.property(call),
      IoOpenDeviceRegistryKey: (call) => this.openKey(call),
      IoRegisterDeviceInterface: (call) => this.register(call),
      IoSetDeviceInterfaceState: (call) => this.enable(call),
      IoGetDeviceInterfaces: (call) => this.list(call),
      // The bus does not ask again by itself.
      IoInvalidateDeviceRelations: () => undefined,
      IoInvalidateDeviceState: () => undefined,
      IopNoteListeners: (call) => {
        const { cells } = this.kernel.store;
        cells[this.listenersCell] = (cells[this.listenersCell] ?? 0) + Number(call.integer(0));
        return undefined;
      },
      IopReportInterfaces: (call) => this.reportExisting(call),
      IoAllocateErrorLogEntry: (call) => this.allocateEntry(call),
      IoWriteErrorLogEntry: (call) => this.writeEntry(call),
      IoFreeErrorLogEntry: (call) => {
        this.kernel.memory.freeSystemPool(virtual(call.number(0)));
        return undefined;
      },
      // Taken, and never called: a run ends without a shutdown, and a bug check stops the host at once.
      IoRegisterShutdownNotification: () => 0,
      IoUnregisterShutdownNotification: () => undefined,
      IoWMIRegistrationControl: () => 0,
      KeRegisterBugCheckCallback: (call) => this.registerBugCheck(call),
      KeDeregisterBugCheckCallback: (call) => this.deregisterBugCheck(call),
    };
  }

  // ---- Properties ----------------------------------------------------------------------------------

  /** IoGetDeviceProperty(Pdo, Property, BufferLength, Buffer, *ResultLength). */
  private property(call: NativeCall): number {
    checkExactIrql(this.kernel, call, PASSIVE_LEVEL, 'nf-wdm-iogetdeviceproperty');
    const nic = this.parts.bus.nicOf(call.number(0));
    if (nic === undefined) return status.STATUS_INVALID_DEVICE_REQUEST | 0;
    const bytes = this.valueOf(nic.name, call.number(1));
    if (bytes === undefined) return status.STATUS_OBJECT_NAME_NOT_FOUND | 0;
    call.memory.write(call.number(4), 4, bytes.length);
    if (call.number(2) < bytes.length) return status.STATUS_BUFFER_TOO_SMALL | 0;
    call.memory.writeBytes(call.number(3), bytes);
    return 0;
  }

  private valueOf(nic: string, property: number): Uint8Array | undefined {
    const index = this.kernel.host.nics.findIndex((one) => one.name === nic);
    switch (property) {
      case 0: // description
      case 9: // friendly name
        return wide(`${nic}\0`);
      case 1: // hardware identifiers, a list
      case 2:
        return wide(`PCI\\${nic}\0\0`);
      case 5:
        return wide('Net\0');
      case 6:
        return wide(`${CLASS_GUID}\0`);
      case 7:
        return wide(`${CLASS_GUID}\\${String(index).padStart(4, '0')}\0`);
      case 8:
        return wide('(Standard)\0');
      case 10:
        return wide(`PCI bus 0, device ${index + 1}, function 0\0`);
      case 11: {
        const record = this.parts.devices.find(this.parts.bus.find(nic)?.pdo ?? 0);
        return wide(`${record?.name ?? ''}\0`);
      }
      case 13:
        return ulong(PCI_BUS);
      case 14:
        return ulong(0);
      case 15:
        return wide('PCI\0');
      case 16: // device number and function
        return ulong((index + 1) * 0x1_0000);
      case 17:
        return ulong(index + 1);
      case 18:
        return ulong(0);
      default:
        return undefined;
    }
  }

  /** IoOpenDeviceRegistryKey(Pdo, Type, Access, *Handle). */
  private openKey(call: NativeCall): number {
    checkExactIrql(this.kernel, call, PASSIVE_LEVEL, 'nf-wdm-ioopendeviceregistrykey');
    const nic = this.parts.bus.nicOf(call.number(0));
    if (nic === undefined) return status.STATUS_INVALID_DEVICE_REQUEST | 0;
    const index = this.kernel.host.nics.indexOf(nic);
    const path =
      call.number(1) === REGKEY_DRIVER
        ? `${CONTROL_SET}\\Control\\Class\\${CLASS_GUID}\\${String(index).padStart(4, '0')}`
        : `${CONTROL_SET}\\Enum\\PCI\\${nic.name}\\${index}\\Device Parameters`;
    const handle = this.parts.registry.openPath(call, path);
    if (handle === undefined) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    call.memory.write64(call.number(3), handle);
    return 0;
  }

  // ---- Interfaces ----------------------------------------------------------------------------------

  /** IoRegisterDeviceInterface(Pdo, Guid, ReferenceString, *SymbolicLinkName). */
  private register(call: NativeCall): number {
    checkExactIrql(this.kernel, call, PASSIVE_LEVEL, 'nf-wdm-ioregisterdeviceinterface');
    const nic = this.parts.bus.nicOf(call.number(0));
    if (nic === undefined) return status.STATUS_INVALID_DEVICE_REQUEST | 0;
    const guid = guidText(call.memory.readBytes(call.number(1), 16, 'InterfaceClassGuid'));
    const reference = call.number(2) === 0 ? '' : readCounted(call, call.number(2), true);
    const link = `\\??\\PCI#${nic.name}#${guid}${reference === '' ? '' : `\\${reference}`}`;
    const name = wide(`${link}\0`);
    const buffer = this.kernel.memory.allocateSystemPool({
      bytes: name.length,
      paged: true,
      executable: false,
      tag: POOL_TAG,
      zeroed: false,
    });
    if (buffer === undefined) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    call.memory.writeBytes(buffer, name);
    const string = call.number(3);
    call.memory.write(string, 2, name.length - 2);
    call.memory.write(string + 2, 2, name.length);
    call.memory.write64(string + 8, buffer);
    const key = link.toLowerCase();
    const known = this.kernel.store.get(this.interfaces, key);
    const enabled = known?.enabled ?? false;
    this.kernel.store.set(this.interfaces, key, { link, guid, device: call.number(0), enabled });
    return 0;
  }

  /** IoSetDeviceInterfaceState(SymbolicLinkName, Enable). */
  private enable(call: NativeCall): number {
    checkExactIrql(this.kernel, call, PASSIVE_LEVEL, 'nf-wdm-iosetdeviceinterfacestate');
    const link = readCounted(call, call.number(0), true);
    const known = this.kernel.store.get(this.interfaces, link.toLowerCase());
    const enable = call.boolean(1);
    if (known === undefined) return status.STATUS_OBJECT_NAME_NOT_FOUND | 0;
    if (known.enabled === enable) {
      return enable ? status.STATUS_OBJECT_NAME_EXISTS : status.STATUS_OBJECT_NAME_NOT_FOUND | 0;
    }
    this.kernel.store.set(this.interfaces, link.toLowerCase(), { ...known, enabled: enable });
    this.report(0, known, enable);
    if (!enable) {
      this.parts.names.remove(known.link);
      return 0;
    }
    const target = this.parts.devices.find(known.device)?.name ?? '';
    this.parts.names.add(known.link, {
      kind: 'link',
      target,
      name: known.link,
      holding: undefined,
    });
    return 0;
  }

  /** Drivers hear of it on a thread of the system. */
  private report(only: number, one: DeviceInterface, arrival: boolean): void {
    const { kernel } = this;
    if ((kernel.store.cells[this.listenersCell] ?? 0) === 0) return;
    const type = 'IOP_INTERFACE_EVENT';
    const name = wide(one.link);
    const start = kernel.layouts.offset(type, 'Name');
    const entry = kernel.vm.addressOf(kernel.host.index, 'ntoskrnl', 'PipReportInterface');
    const event = kernel.memory.allocateSystemPool({
      bytes: start + name.length,
      paged: false,
      executable: false,
      tag: POOL_TAG,
      zeroed: true,
    });
    if (event === undefined || entry === undefined) return;
    kernel.layouts.write(kernel.system, event, type, 'Only', only);
    kernel.layouts.write(kernel.system, event, type, 'Arrival', arrival ? 1 : 0);
    kernel.layouts.write(kernel.system, event, type, 'NameBytes', name.length);
    const guid = guidBytes(one.guid) ?? new Uint8Array(16);
    kernel.system.writeBytes(event + kernel.layouts.offset(type, 'InterfaceClass'), guid);
    kernel.system.writeBytes(event + start, name);
    this.parts.processes.startSystemThread({
      name: 'System',
      process: 0,
      entry,
      arguments: [event],
      purpose: 'notification',
    });
  }

  /** IopReportInterfaces(Registration, *Guid). */
  private reportExisting(call: NativeCall): undefined {
    const guid = guidText(call.memory.readBytes(call.number(1), 16, 'EventCategoryData'));
    for (const one of this.kernel.store.all(this.interfaces).values()) {
      if (one.guid === guid && one.enabled) this.report(call.number(0), one, true);
    }
    return undefined;
  }

  /** IoGetDeviceInterfaces(Guid, Pdo, Flags, *List): names one behind the other, an empty one at the end. */
  private list(call: NativeCall): number {
    const guid = guidText(call.memory.readBytes(call.number(0), 16, 'InterfaceClassGuid'));
    const device = call.number(1);
    const all = (call.number(2) & INCLUDE_NONACTIVE) !== 0;
    const links = [...this.kernel.store.all(this.interfaces).values()].filter(
      (one) => one.guid === guid && (device === 0 || one.device === device) && (all || one.enabled),
    );
    const bytes = wide(`${links.map(({ link }) => `${link}\0`).join('')}\0`);
    const buffer = this.kernel.memory.allocateSystemPool({
      bytes: bytes.length,
      paged: true,
      executable: false,
      tag: POOL_TAG,
      zeroed: false,
    });
    if (buffer === undefined) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    call.memory.writeBytes(buffer, bytes);
    call.memory.write64(call.number(3), buffer);
    return 0;
  }

  // ---- Error log -----------------------------------------------------------------------------------

  private allocateEntry(call: NativeCall): number {
    checkHighestIrql(this.kernel, call, DISPATCH_LEVEL, 'nf-wdm-ioallocateerrorlogentry');
    const bytes = call.number(1);
    const least = this.kernel.layouts.size('IO_ERROR_LOG_PACKET');
    if (bytes < least || bytes > ERROR_LOG_MAXIMUM) return 0;
    const entry = this.kernel.memory.allocateSystemPool({
      bytes,
      paged: false,
      executable: false,
      tag: POOL_TAG,
      zeroed: true,
    });
    return entry ?? 0;
  }

  /** The entry becomes a line of output. */
  private writeEntry(call: NativeCall): undefined {
    const entry = call.number(0);
    const code = this.kernel.layouts.read(
      call.memory,
      entry,
      'IO_ERROR_LOG_PACKET',
      'ErrorCode',
      'ErrorLogEntry->ErrorCode',
    );
    this.kernel.reports.add('output', {
      host: this.kernel.host.name,
      source: call.caller.module,
      text: `System event log: error ${hex(code >>> 0, 8)}`,
      site: call.site,
    });
    this.kernel.memory.freeSystemPool(virtual(entry));
    return undefined;
  }

  // ---- Bug check routines --------------------------------------------------------------------------

  /** KeRegisterBugCheckCallback(Record, Routine, Buffer, Length, Component): State 1 is registered. */
  private registerBugCheck(call: NativeCall): number {
    const { layouts } = this.kernel;
    const record = call.number(0);
    const type = 'KBUGCHECK_CALLBACK_RECORD';
    if (layouts.read(call.memory, record, type, 'State', 'CallbackRecord->State') === 1) return 0;
    layouts.write(call.memory, record, type, 'CallbackRoutine', call.number(1));
    layouts.write(call.memory, record, type, 'Buffer', call.number(2));
    layouts.write(call.memory, record, type, 'Length', call.number(3));
    layouts.write(call.memory, record, type, 'Component', call.number(4));
    layouts.write(call.memory, record, type, 'State', 1);
    return 1;
  }

  private deregisterBugCheck(call: NativeCall): number {
    const { layouts } = this.kernel;
    const type = 'KBUGCHECK_CALLBACK_RECORD';
    const state = layouts.read(call.memory, call.number(0), type, 'State', 'CallbackRecord->State');
    if (state !== 1) return 0;
    layouts.write(call.memory, call.number(0), type, 'State', 0);
    return 1;
  }
}

function wide(value: string): Uint8Array {
  const bytes = new Uint8Array(2 * value.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < value.length; index++) {
    view.setUint16(2 * index, value.charCodeAt(index), true);
  }
  return bytes;
}

function ulong(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
