/**
 * Invariant MDL checking, for the stack and for each driver: what an MDL with MDL_PAGE_CONTENTS_INVARIANT describes must
 * not change, of a write for as long as the IRP lives, of a read on its way down. The first call to IoCallDriver
 * takes a signature of the bytes. For the stack it is compared where the IRP leaves the stack (of a read: at the last
 * IoCallDriver), for each driver at every IoCallDriver and IoCompleteRequest. Both are for all drivers.
 */
import { PAGE_SIZE, physical, virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall } from '../../vm/natives.ts';
import type { KernelContext } from '../context.ts';
import { chainOf, type MdlView } from '../hal/mdl-pieces.ts';
import { verifierFlags } from '../services.ts';
import { verifierViolation } from './irql-rules.ts';

const WRITE_CHANGED = 0x1010;
const READ_CHANGED = 0x1011;
const IRP_MJ_WRITE = 4;
const IRP_MJ_READ = 3;
const PAGE_CONTENTS_INVARIANT = 0x4000;
const MAPPED = 0x1 | 0x4;

/** The buffer of an IRP as it was. Plain data. */
interface Signature {
  readonly mdl: number;
  readonly sum: number;
  readonly isRead: boolean;
}

export class InvariantBuffers {
  private readonly table: Table<number, Signature>;

  constructor(private readonly kernel: KernelContext) {
    this.table = kernel.store.table(`${kernel.host.name}.invariantBuffers`);
  }

  /** An IRP is passed on; `isLast`: to a device below which there is none. */
  beforeCall(
    call: NativeCall,
    request: {
      readonly irp: number;
      readonly device: number;
      readonly next: number;
      readonly isLast: boolean;
    },
  ): void {
    if (!this.isOn()) return;
    const { irp, device } = request;
    const mdl = this.invariantMdl(call, irp);
    const known = this.kernel.store.get(this.table, irp);
    if (mdl === undefined) return;
    if (known === undefined || known.mdl !== mdl.address) {
      const major = call.peek.readUnsigned(virtual(request.next), 1);
      if (major !== IRP_MJ_READ && major !== IRP_MJ_WRITE) return;
      this.kernel.store.set(this.table, irp, {
        mdl: mdl.address,
        sum: this.sum(mdl),
        isRead: major === IRP_MJ_READ,
      });
      return;
    }
    const looks = this.has(verifierFlags.invariantMdlDriver) || (known.isRead && request.isLast);
    if (looks) this.compare(call, { irp, device, mdl, known });
  }

  /** An IRP is completed at a device. */
  beforeComplete(call: NativeCall, irp: number, device: number): void {
    if (!this.isOn()) return;
    const known = this.kernel.store.get(this.table, irp);
    const mdl = this.invariantMdl(call, irp);
    this.kernel.store.delete(this.table, irp);
    if (known === undefined || known.isRead || mdl?.address !== known.mdl) return;
    this.compare(call, { irp, device, mdl, known });
  }

  private isOn(): boolean {
    return this.has(verifierFlags.invariantMdlStack) || this.has(verifierFlags.invariantMdlDriver);
  }

  /** Options for the whole system: one driver that is verified with them turns them on for all. */
  private has(flag: number): boolean {
    const { declaration } = this.kernel;
    return declaration.drivers.some(({ name }) => this.kernel.verifiedModule(name, flag));
  }

  private invariantMdl(call: NativeCall, irp: number): MdlView | undefined {
    const { layouts } = this.kernel;
    const address = layouts.read(call.memory, irp, 'IRP', 'MdlAddress');
    const [mdl] = address === 0 ? [] : chainOf(call, layouts, address, 1);
    return mdl !== undefined && (mdl.flags & PAGE_CONTENTS_INVARIANT) !== 0 ? mdl : undefined;
  }

  private compare(
    call: NativeCall,
    what: {
      readonly irp: number;
      readonly device: number;
      readonly mdl: MdlView;
      readonly known: Signature;
    },
  ): void {
    const { irp, device, mdl, known } = what;
    if (this.sum(mdl) === known.sum) return;
    const { layouts } = this.kernel;
    const mapped = layouts.read(call.memory, mdl.address, 'MDL', 'MappedSystemVa');
    throw verifierViolation(
      [
        known.isRead ? READ_CHANGED : WRITE_CHANGED,
        device,
        irp,
        (mdl.flags & MAPPED) === 0 ? mdl.start : mapped,
      ],
      `The buffer of the ${known.isRead ? 'read' : 'write'} request at ${hex(irp, 16)} was changed ${known.isRead ? 'on its way down' : 'while it was on its way'}; its MDL says that the contents stay as they are (MDL_PAGE_CONTENTS_INVARIANT).`,
    );
  }

  /** FNV-1a over the bytes that an MDL describes. */
  private sum(mdl: MdlView): number {
    const { memory } = this.kernel.host;
    const { system } = this.kernel;
    const offset = mdl.start & (PAGE_SIZE - 1);
    let sum = 0x811c9dc5;
    for (let at = 0; at < mdl.length; ) {
      const inPage = (offset + at) % PAGE_SIZE;
      const part = Math.min(PAGE_SIZE - inPage, mdl.length - at);
      const pfn = system.readNumber(mdl.frames + 8 * Math.floor((offset + at) / PAGE_SIZE));
      for (const byte of memory.peek(physical(pfn * PAGE_SIZE + inPage), part)) {
        sum = Math.imul(sum ^ byte, 0x01000193);
      }
      at += part;
    }
    return sum;
  }
}
