/**
 * IRP logging, an option of Driver Verifier: the last twenty requests of each device of a driver. Windows keeps them for
 * a tool that reads them by WMI; here they are printed when the driver is unloaded or its host stops.
 */
import { virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall } from '../../vm/natives.ts';
import type { KernelContext } from '../context.ts';
import { verifierFlags } from '../services.ts';

/** Requests that are kept for a device. */
const KEPT = 20;
const STACK = 'IO_STACK_LOCATION';
const majors: readonly string[] = [
  ...['CREATE', 'CREATE_NAMED_PIPE', 'CLOSE', 'READ', 'WRITE', 'QUERY_INFORMATION'],
  ...['SET_INFORMATION', 'QUERY_EA', 'SET_EA', 'FLUSH_BUFFERS', 'QUERY_VOLUME_INFORMATION'],
  ...['SET_VOLUME_INFORMATION', 'DIRECTORY_CONTROL', 'FILE_SYSTEM_CONTROL', 'DEVICE_CONTROL'],
  ...['INTERNAL_DEVICE_CONTROL', 'SHUTDOWN', 'LOCK_CONTROL', 'CLEANUP', 'CREATE_MAILSLOT'],
  ...['QUERY_SECURITY', 'SET_SECURITY', 'POWER', 'SYSTEM_CONTROL', 'DEVICE_CHANGE'],
  ...['QUERY_QUOTA', 'SET_QUOTA', 'PNP'],
];
const READ = 3;
const WRITE = 4;
const DEVICE_CONTROL = 14;
const INTERNAL_DEVICE_CONTROL = 15;
const PNP = 27;
const POWER = 22;

/** Requests of one device, the oldest first. Plain data. */
interface DeviceLog {
  readonly driver: string;
  readonly name: string;
  readonly requests: readonly string[];
}

export class IrpLog {
  private readonly table: Table<number, DeviceLog>;

  constructor(private readonly kernel: KernelContext) {
    this.table = kernel.store.table(`${kernel.host.name}.irpLog`);
  }

  /** An IRP is passed to a device of a driver; `next` is its stack location for it. */
  note(
    call: NativeCall,
    target: { readonly device: number; readonly driver: string | undefined; readonly name: string },
    next: number,
  ): void {
    const { kernel } = this;
    const { device, driver, name } = target;
    if (driver === undefined || !kernel.verifiedModule(driver, verifierFlags.irpLogging)) return;
    const before = kernel.store.get(this.table, device)?.requests ?? [];
    const requests = [...before, this.describe(call, next)].slice(-KEPT);
    kernel.store.set(this.table, device, { driver, name, requests });
  }

  /** Prints what is kept of a driver, or of all. */
  print(driver?: string): void {
    const { kernel } = this;
    for (const [device, log] of [...kernel.store.all(this.table).entries()]) {
      if (driver !== undefined && log.driver !== driver) continue;
      kernel.store.delete(this.table, device);
      const lines = [`IRP log of ${log.name}: ${log.requests.length} requests`, ...log.requests];
      for (const text of lines) {
        kernel.reports.add('output', {
          host: kernel.host.name,
          source: log.driver,
          text,
          site: undefined,
        });
      }
    }
  }

  private describe(call: NativeCall, next: number): string {
    const { layouts } = this.kernel;
    const read = (member: string): number => layouts.read(call.memory, next, STACK, member);
    const byte = (offset: number): number => call.peek.readUnsigned(virtual(next + offset), 1) ?? 0;
    const major = byte(0);
    const name = `  IRP_MJ_${majors[major] ?? major}`;
    if (major === READ || major === WRITE)
      return `${name}, ${read('Parameters.Read.Length')} bytes`;
    if (major === PNP || major === POWER) return `${name}, minor function ${byte(1)}`;
    if (major !== DEVICE_CONTROL && major !== INTERNAL_DEVICE_CONTROL) return name;
    const code = read('Parameters.DeviceIoControl.IoControlCode');
    const input = read('Parameters.DeviceIoControl.InputBufferLength');
    const output = read('Parameters.DeviceIoControl.OutputBufferLength');
    // CTL_CODE: device type, access, function, method.
    const fields = [code >>> 16, (code >>> 2) & 0xfff, code & 3, (code >>> 14) & 3].map((field) =>
      hex(field),
    );
    return `${name}, type ${fields[0]}, function ${fields[1]}, method ${fields[2]}, access ${fields[3]}, input ${input} bytes, output ${output} bytes`;
  }
}
