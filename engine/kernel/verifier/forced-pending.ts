/**
 * Force pending I/O requests, an option of Driver Verifier: calls of a driver to IoCallDriver answer STATUS_PENDING at
 * random, and the IRP comes back to the driver later, in a system thread. The seed decides which calls.
 */
import { hash32 } from '../../base/random.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import { verifierFlags } from '../services.ts';

/** Of a hundred calls so many are forced. */
const CHANCE_PERCENT = 50;
/** Apart from whatever else the seed decides. */
const STREAM = 0x70656e64;

export class ForcedPending {
  /** Number of calls that could have been forced. */
  private readonly calls: number;
  /** Stack locations from which the way up is to go on later. */
  private readonly forced: Table<number, true>;

  constructor(private readonly kernel: KernelContext) {
    this.calls = kernel.store.cell();
    this.forced = kernel.store.table(`${kernel.host.name}.forcedPending`);
  }

  natives(): NativeTable {
    return {
      ViForcesPending: (call) => (this.forces(call) ? 1 : 0),
      ViTakeForcedPending: (call) => (this.take(call.number(0)) ? 1 : 0),
    };
  }

  /** ViForcesPending(Irp, Stack). */
  private forces(call: NativeCall): boolean {
    const { kernel } = this;
    if (kernel.host.irql > DISPATCH_LEVEL) return false;
    if (!kernel.verified(call, verifierFlags.forcePendingIo)) return false;
    const count = (kernel.store.cells[this.calls] ?? 0) + 1;
    kernel.store.cells[this.calls] = count;
    if (hash32(kernel.seed, STREAM, count) % 100 >= CHANCE_PERCENT) return false;
    kernel.store.set(this.forced, call.number(1), true);
    return true;
  }

  private take(location: number): boolean {
    const { store } = this.kernel;
    if (store.get(this.forced, location) === undefined) return false;
    store.delete(this.forced, location);
    return true;
  }
}
