/**
 * Deadlock detection of Driver Verifier for spin locks: who holds which, and in which order they were ever
 * taken. Two orders that contradict are a deadlock to come, whether or not it comes in this run.
 */
import { hex } from '../../base/int64.ts';
import type { Store, Table } from '../../base/store.ts';
import type { Native, NativeCall, NativeTable } from '../../vm/natives.ts';
import type { Site } from '../../vm/reports.ts';
import { DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import { verifierFlags } from '../services.ts';
import { verifierViolation } from './irql-rules.ts';

/** `inner` was taken while the lock of the key was held. Plain data. */
interface Order {
  readonly inner: number;
  readonly site: Site;
}

const SELF_DEADLOCK = 0x1000;
const HIERARCHY = 0x1001;
const NOT_HELD = 0x1007;

export class DeadlockDetection {
  private readonly store: Store;
  /** Locks that a thread holds, in the order of taking. */
  private readonly held: Table<number, readonly number[]>;
  /** What was taken while a lock was held. */
  private readonly orders: Table<number, readonly Order[]>;

  constructor(private readonly kernel: KernelContext) {
    this.store = kernel.store;
    this.held = kernel.store.table(`${kernel.host.name}.heldSpinLocks`);
    this.orders = kernel.store.table(`${kernel.host.name}.spinLockOrders`);
  }

  /** The routines of a table with the rules before them, for drivers that are checked. */
  guard(table: NativeTable): NativeTable {
    const guarded: Record<string, Native> = { ...table };
    const before = (routine: string, look: (call: NativeCall) => void): void => {
      const native = guarded[routine];
      if (native === undefined) return;
      guarded[routine] = (call) => {
        const isChecked =
          call.caller.own &&
          call.progress === 0 &&
          this.kernel.verified(call, verifierFlags.deadlockDetection);
        if (isChecked) look(call);
        return native(call);
      };
    };
    before('KeInitializeSpinLock', (call) => this.forget(call.number(0)));
    for (const routine of ['KeAcquireSpinLockRaiseToDpc', 'KeAcquireSpinLockAtDpcLevel']) {
      before(routine, (call) => this.acquire(call));
    }
    for (const routine of ['KeReleaseSpinLock', 'KeReleaseSpinLockFromDpcLevel']) {
      before(routine, (call) => this.release(call));
    }
    return guarded;
  }

  private forget(lock: number): void {
    this.store.delete(this.orders, lock);
    for (const [first, orders] of [...this.store.all(this.orders).entries()]) {
      const left = orders.filter(({ inner }) => inner !== lock);
      if (left.length < orders.length) this.store.set(this.orders, first, left);
    }
  }

  private acquire(call: NativeCall): void {
    const lock = call.number(0);
    const held = this.store.get(this.held, call.thread) ?? [];
    if (held.includes(lock)) {
      throw verifierViolation(
        [SELF_DEADLOCK, lock, 0, 0],
        `${call.caller.module} acquires the spin lock at ${hex(lock, 16)}, which this thread holds already: it would wait for itself.`,
      );
    }
    for (const outer of held) this.order(call, outer, lock);
    this.store.set(this.held, call.thread, [...held, lock]);
  }

  /** Notes that `inner` is taken under `outer`; the opposite order before is a hierarchy violation. */
  private order(call: NativeCall, outer: number, inner: number): void {
    const opposite = this.path(inner, outer, new Set());
    if (opposite !== undefined) {
      throw verifierViolation(
        [HIERARCHY, inner, 0, 0],
        `${call.caller.module} acquires the spin lock at ${hex(inner, 16)} while it holds the one at ${hex(outer, 16)}; ` +
          `in ${opposite.function} (line ${opposite.line}) the second was taken while the first was held. Two processors that do so at once wait for each other for ever.`,
      );
    }
    const known = this.store.get(this.orders, outer) ?? [];
    if (known.some((order) => order.inner === inner)) return;
    this.store.set(this.orders, outer, [...known, { inner, site: call.site }]);
  }

  /** Where the last step of a way from one lock to another was made; undefined when there is no way. */
  private path(from: number, to: number, seen: Set<number>): Site | undefined {
    if (seen.has(from)) return undefined;
    seen.add(from);
    for (const { inner: next, site } of this.store.get(this.orders, from) ?? []) {
      if (next === to) return site;
      const further = this.path(next, to, seen);
      if (further !== undefined) return further;
    }
    return undefined;
  }

  private release(call: NativeCall): void {
    const lock = call.number(0);
    const held = this.store.get(this.held, call.thread) ?? [];
    // Another thread may hold it, and a lock that was taken before anybody looked is known to its bytes alone.
    if (!held.includes(lock)) {
      if (
        call.memory.readNumber(lock, 'SpinLock') !== 0 ||
        this.kernel.host.irql !== DISPATCH_LEVEL
      )
        return;
      throw verifierViolation(
        [NOT_HELD, lock, 0, 0],
        `${call.caller.module} releases the spin lock at ${hex(lock, 16)}, which nobody holds.`,
      );
    }
    this.store.set(
      this.held,
      call.thread,
      held.filter((one) => one !== lock),
    );
  }
}
