/**
 * IRQL and spin locks. A raise to DISPATCH_LEVEL keeps the processor for the running thread: nothing else is
 * scheduled there until it is lowered again, when interrupts and DPCs that wait come first. Who finds a spin lock
 * taken spins: it keeps its processor until the owner, on another one, lets go.
 */
import { hex } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import type { Mapping } from '../../machine/address-space.ts';
import {
  BugCheck,
  type NativeCall,
  type NativeResult,
  type NativeTable,
} from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { DISPATCH_LEVEL, HIGH_LEVEL, irqlName, type KernelContext } from '../context.ts';
import {
  checkHighestIrql,
  forcesIrql,
  reportIrql,
  verifierViolation,
} from '../verifier/irql-rules.ts';

/** Who holds a spin lock. Plain data. */
export interface LockOwner {
  readonly thread: number;
  readonly site: NativeCall['site'];
}

/** A thread that spins. Plain data. */
export interface Spinner {
  readonly lock: number;
  readonly site: NativeCall['site'];
}

export class IrqlManager {
  /** Pageable mappings that force IRQL checking has taken away, with their frames. */
  private readonly trimmed: Table<number, Mapping>;
  private readonly owners: Table<number, LockOwner>;
  /** By thread. */
  private readonly spinners: Table<number, Spinner>;

  /** `spins` hears of a thread that has begun to spin. */
  constructor(
    private readonly kernel: KernelContext,
    private readonly spins: (thread: number) => void,
  ) {
    this.trimmed = kernel.store.table(`${kernel.host.name}.trimmed`);
    this.owners = kernel.store.table(`${kernel.host.name}.spinLocks`);
    this.spinners = kernel.store.table(`${kernel.host.name}.spinners`);
  }

  /** Who holds a spin lock, as far as it was acquired by a routine. */
  ownerOf(lock: number): LockOwner | undefined {
    return this.kernel.store.get(this.owners, lock);
  }

  /** The spin lock that a thread spins for. */
  spinOf(thread: number): Spinner | undefined {
    return this.kernel.store.get(this.spinners, thread);
  }

  /** A lock that was freed by other means than its routine lets the next one in. */
  recheckSpinners(): boolean {
    let woken = false;
    for (const [thread, { lock }] of this.kernel.store.all(this.spinners).entries()) {
      if (this.kernel.system.readNumber(lock) !== 0) continue;
      this.kernel.vm.wake(thread);
      woken = true;
    }
    return woken;
  }

  natives(): NativeTable {
    return {
      KeGetCurrentIrql: () => this.kernel.host.irql,
      KfRaiseIrql: (call) => this.raise(call, call.number(0)),
      KeRaiseIrqlToDpcLevel: (call) => this.raise(call, DISPATCH_LEVEL),
      KeLowerIrql: (call) => this.lower(call, call.number(0)),
      KeInitializeSpinLock: (call) => {
        call.memory.write64(call.number(0), 0);
        this.kernel.store.delete(this.owners, call.number(0));
        this.wakeSpinners(call.number(0));
        return undefined;
      },
      KeAcquireSpinLockRaiseToDpc: (call) => this.acquireRaising(call),
      KeReleaseSpinLock: (call) => this.releaseLowering(call),
      KeAcquireSpinLockAtDpcLevel: (call) => {
        if (call.progress === 0) this.checkAtDpcLevel(call, 0x40);
        return this.take(call, 1, undefined);
      },
      KeReleaseSpinLockFromDpcLevel: (call) => {
        this.checkAtDpcLevel(call, 0x41);
        this.give(call);
        return undefined;
      },
      KeTryToAcquireSpinLockAtDpcLevel: (call) => {
        this.checkAtDpcLevel(call, 0x40);
        if (call.memory.readNumber(call.number(0), 'SpinLock') !== 0) return 0;
        return this.take(call, 1, 1);
      },
      KiAcquireSpinLock: (call) => this.take(call, 1, undefined),
      KiReleaseSpinLock: (call) => {
        this.give(call);
        return undefined;
      },
      KeTestSpinLock: (call) => (call.memory.readNumber(call.number(0), 'SpinLock') === 0 ? 1 : 0),
    };
  }

  /** Sets the IRQL; pageable memory follows when force IRQL checking is on for the caller. */
  private set(call: NativeCall, irql: number): void {
    const { host } = this.kernel;
    const before = host.irql;
    host.irql = irql;
    if (before < DISPATCH_LEVEL && irql >= DISPATCH_LEVEL && forcesIrql(this.kernel, call)) {
      this.trim();
    } else if (before >= DISPATCH_LEVEL && irql < DISPATCH_LEVEL) {
      this.restore();
    }
    if (irql < before) this.kernel.vm.reschedule();
  }

  private raise(call: NativeCall, irql: number): number {
    const current = this.kernel.host.irql;
    if (irql < current || irql > HIGH_LEVEL) {
      const text = `${call.routine} asks for ${irqlName(irql)} at ${irqlName(current)}: it can only raise the IRQL, up to HIGH_LEVEL.`;
      reportIrql(this.kernel, call, text, 'nf-wdm-keraiseirql', [0x30, current, irql, 0]);
    }
    this.set(call, irql);
    return current;
  }

  private lower(call: NativeCall, irql: number): undefined {
    const current = this.kernel.host.irql;
    if (irql > current) {
      const text = `${call.routine} asks for ${irqlName(irql)} at ${irqlName(current)}: it can only lower the IRQL, to the value that the matching raise saved.`;
      reportIrql(this.kernel, call, text, 'nf-wdm-kelowerirql', [0x31, current, irql, 0]);
    }
    this.set(call, irql);
    return undefined;
  }

  private acquireRaising(call: NativeCall): NativeResult {
    const { host } = this.kernel;
    const lock = call.number(0);
    // Entered again after spinning: the IRQL is raised already.
    if (call.progress > 0) return this.take(call, call.progress, call.progress - 1);
    if (host.irql > DISPATCH_LEVEL) {
      checkHighestIrql(this.kernel, call, DISPATCH_LEVEL, 'nf-wdm-keacquirespinlock', [
        0x42,
        host.irql,
        lock,
        0,
      ]);
    }
    const old = host.irql;
    if (old < DISPATCH_LEVEL) this.set(call, DISPATCH_LEVEL);
    return this.take(call, old + 1, old);
  }

  private releaseLowering(call: NativeCall): undefined {
    const { host } = this.kernel;
    const lock = call.number(0);
    const saved = call.number(1);
    if (host.irql !== DISPATCH_LEVEL) {
      const text = `${call.routine} releases the spin lock at ${hex(lock, 16)} at ${irqlName(host.irql)}: a spin lock is held at DISPATCH_LEVEL (was it released twice?).`;
      reportIrql(this.kernel, call, text, 'nf-wdm-kereleasespinlock', [0x32, host.irql, lock, 0]);
    }
    this.give(call);
    if (saved > host.irql) {
      const text = `${call.routine} is given ${irqlName(saved)} as the IRQL to return to, above the current ${irqlName(host.irql)}.`;
      reportIrql(this.kernel, call, text, 'nf-wdm-kereleasespinlock', [
        0x35,
        host.irql,
        lock,
        saved,
      ]);
    }
    this.set(call, saved);
    return undefined;
  }

  /** Takes a lock and answers `result`, or spins: the call is entered again with `progress`. */
  private take(call: NativeCall, progress: number, result: number | undefined): NativeResult {
    const { store, vm } = this.kernel;
    const lock = call.number(0);
    const value = call.memory.readNumber(lock, 'SpinLock');
    if (value !== 0) {
      const owner = store.get(this.owners, lock);
      const never = this.neverReleases(call, owner);
      if (never !== undefined) {
        throw new BugCheck(
          bugCheckCodes.SPIN_LOCK_ALREADY_OWNED,
          [lock, 0, 0, 0],
          `${call.caller.module} acquires the spin lock at ${hex(lock, 16)}, which is held already${never}`,
          'bug-check-0xf--spin-lock-already-owned',
        );
      }
      store.set(this.spinners, call.thread, { lock, site: call.site });
      vm.block(`the spin lock at ${hex(lock, 16)}`);
      this.spins(call.thread);
      return call.again(progress);
    }
    store.delete(this.spinners, call.thread);
    call.memory.write64(lock, 1);
    store.set(this.owners, lock, { thread: call.thread, site: call.site });
    return result;
  }

  /** Why a lock can never become free while its taker spins, as the end of a sentence. */
  private neverReleases(call: NativeCall, owner: LockOwner | undefined): string | undefined {
    const { host, vm } = this.kernel;
    if (owner === undefined) {
      return ' according to its contents (never initialised, or overwritten).';
    }
    const since = ` since ${owner.site.function} (line ${owner.site.line}) acquired it`;
    if (owner.thread === call.thread) return `${since}. It waits for itself.`;
    const holder = vm.thread(owner.thread);
    if (holder === undefined || holder.state === 'ended') {
      return `${since}, on a thread that has ended without releasing it.`;
    }
    if (host.machine.processors === 1) {
      return `${since}. On one processor nobody can ever release it.`;
    }
    if (holder.processor === host.processor && vm.irqlOf(owner.thread) >= DISPATCH_LEVEL) {
      return `${since} on this processor, which is interrupted and cannot go on until the spinning ends.`;
    }
    return undefined;
  }

  private wakeSpinners(lock: number): void {
    for (const [thread, spinner] of this.kernel.store.all(this.spinners).entries()) {
      if (spinner.lock === lock) this.kernel.vm.wake(thread);
    }
  }

  private give(call: NativeCall): void {
    const lock = call.number(0);
    if (call.memory.readNumber(lock, 'SpinLock') === 0) {
      throw new BugCheck(
        bugCheckCodes.SPIN_LOCK_NOT_OWNED,
        [lock, 0, 0, 0],
        `${call.caller.module} releases the spin lock at ${hex(lock, 16)}, which nobody holds.`,
        'nf-wdm-kereleasespinlock',
      );
    }
    call.memory.write64(lock, 0);
    this.kernel.store.delete(this.owners, lock);
    this.wakeSpinners(lock);
  }

  private checkAtDpcLevel(call: NativeCall, code: 0x40 | 0x41): void {
    const { irql } = this.kernel.host;
    if (irql >= DISPATCH_LEVEL) return;
    const text = `${call.routine} is for callers at DISPATCH_LEVEL; ${call.caller.module} called it at ${irqlName(irql)}.`;
    if (this.kernel.verifier(call).flags !== 0) {
      throw verifierViolation([code, irql, call.number(0), 0], text);
    }
    call.violation('wrong_irql', text, 'nf-wdm-keacquirespinlockatdpclevel');
  }

  /** Takes the frames of all pageable system mappings away. */
  private trim(): void {
    const { host, store } = this.kernel;
    for (const mapping of [...host.system.mappings.values()]) {
      if (!mapping.pageable || mapping.absent !== undefined || mapping.runs.length === 0) continue;
      store.set(this.trimmed, mapping.start, mapping);
      host.system.put({ ...mapping, runs: [], absent: 'pagedOut' });
    }
  }

  private restore(): void {
    const { host, store } = this.kernel;
    for (const mapping of [...store.all(this.trimmed).values()]) {
      // Freed meanwhile: what is there now is not ours.
      if (host.system.find(mapping.start)?.absent === 'pagedOut') host.system.put(mapping);
      store.delete(this.trimmed, mapping.start);
    }
  }
}
