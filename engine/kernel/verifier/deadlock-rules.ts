/**
 * Deadlock detection of Driver Verifier for spin locks, fast and guarded mutexes and mutexes: who holds which, and in
 * which order they were ever taken. Two orders that contradict are a deadlock to come, whether or not it comes in this
 * run. DDI compliance looks at the same calls: its rules speak where deadlock detection is off.
 */
import { hex } from '../../base/int64.ts';
import type { Store, Table } from '../../base/store.ts';
import type { BugCheck, Native, NativeCall, NativeTable } from '../../vm/natives.ts';
import type { Site } from '../../vm/reports.ts';
import { DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import { verifierFlags } from '../services.ts';
import { verifierViolation } from './irql-rules.ts';
import { breakCompliance } from './routine-rules.ts';

/** How a lock is taken; what is taken by one family of routines is released by the same. */
type Api =
  | 'spin lock'
  | 'queued spin lock'
  | 'fast mutex'
  | 'unsafe mutex'
  | 'guarded mutex'
  | 'mutex';
/** What a lock is; a fast mutex may be taken in two ways. */
type Kind = Exclude<Api, 'unsafe mutex'>;

/** `inner` was taken while the lock of the key was held. Plain data. */
interface Order {
  readonly inner: number;
  readonly site: Site;
}

/** A lock that a thread holds. Plain data. */
interface Hold {
  readonly lock: number;
  readonly api: Api;
}

/** A lock that was prepared, or taken once. Plain data. */
interface Lock {
  readonly kind: Kind;
  /** The allocation that it lies in, as far as it is one. */
  readonly allocation: number | undefined;
  /** It was taken at least once. */
  readonly used?: true;
}

const SELF_DEADLOCK = 0x1000;
const HIERARCHY = 0x1001;
const UNINITIALIZED = 0x1002;
const RELEASE_ORDER = 0x1003;
const WRONG_THREAD = 0x1004;
const INITIALIZED_AGAIN = 0x1005;
const NOT_HELD = 0x1007;
const WRONG_ACQUIRE = 0x1008;
const WRONG_RELEASE = 0x1009;
const THREAD_ENDED = 0x100a;
const FREED_HELD = 0x100b;

const ACQUIRES_SPIN = ['KeAcquireSpinLockRaiseToDpc', 'KeAcquireSpinLockAtDpcLevel'];
const RELEASES_SPIN = ['KeReleaseSpinLock', 'KeReleaseSpinLockFromDpcLevel'];
/** Routines that give memory back, by the number of the argument that says which. */
const FREES: ReadonlyMap<string, number> = new Map([
  ['ExFreePool', 0],
  ['ExFreePoolWithTag', 0],
  ['ExFreePool2', 0],
  ['ExpKeepLookasideEntry', 1],
]);
/** Codes of KiVerifyMutex, which comes before each use of a fast mutex. */
const MUTEX_CODES: ReadonlyMap<number, readonly [Api, 'acquire' | 'release']> = new Map([
  [0x33, ['fast mutex', 'acquire']],
  [0x34, ['fast mutex', 'release']],
  [0x39, ['unsafe mutex', 'acquire']],
  [0x3a, ['unsafe mutex', 'release']],
]);

const kindOf = (api: Api): Kind => (api === 'unsafe mutex' ? 'fast mutex' : api);
const isSpin = (api: Api): boolean => api === 'spin lock' || api === 'queued spin lock';

export class DeadlockDetection {
  private readonly store: Store;
  /** Locks that a thread holds, in the order of taking. */
  private readonly held: Table<number, readonly Hold[]>;
  /** What was taken while a lock was held. */
  private readonly orders: Table<number, readonly Order[]>;
  private readonly locks: Table<number, Lock>;
  /** The thread that holds a lock. */
  private readonly owners: Table<number, number>;
  /** What a thread is about to hold, once its wait ends. */
  private readonly wanted: Table<number, Hold>;

  constructor(
    private readonly kernel: KernelContext,
    /** The object of a thread, as bug checks name it. */
    private readonly threadObject: (thread: number) => number,
  ) {
    this.store = kernel.store;
    const { name } = kernel.host;
    this.held = kernel.store.table(`${name}.heldLocks`);
    this.orders = kernel.store.table(`${name}.lockOrders`);
    this.locks = kernel.store.table(`${name}.knownLocks`);
    this.owners = kernel.store.table(`${name}.lockOwners`);
    this.wanted = kernel.store.table(`${name}.wantedLocks`);
  }

  /** The routines of a table with the rules before them, for drivers that are checked. */
  guard(table: NativeTable): NativeTable {
    const guarded: Record<string, Native> = { ...table, ViGuardedMutex: () => undefined };
    if (!this.concernsAnybody()) return guarded;
    const wrap = (routine: string, around: (native: Native) => Native): void => {
      const native = guarded[routine];
      if (native !== undefined) guarded[routine] = around(native);
    };
    const before = (routine: string, look: (call: NativeCall) => void): void =>
      wrap(routine, (native) => (call) => {
        look(call);
        return native(call);
      });
    before('KeInitializeSpinLock', (call) => this.initialize(call, 'spin lock'));
    before('KeInitializeMutex', (call) => this.initialize(call, 'mutex'));
    for (const routine of ACQUIRES_SPIN) wrap(routine, (native) => this.aroundAcquire(native));
    for (const routine of RELEASES_SPIN) {
      before(routine, (call) => {
        const api = this.spinApi(call);
        if (api !== undefined && call.progress === 0) this.release(call, call.number(0), api);
      });
    }
    wrap('KiVerifyMutex', (native) => (call) => {
      const result = native(call);
      const use = MUTEX_CODES.get(call.number(1));
      if (use !== undefined) this.useMutex(call, call.number(0), ...use);
      return result;
    });
    guarded['ViGuardedMutex'] = (call) => {
      this.useMutex(call, call.number(0), 'guarded mutex', call.boolean(1) ? 'acquire' : 'release');
      return undefined;
    };
    before('KiNoteHolder', (call) => {
      const wanted = this.store.get(this.wanted, call.thread);
      if (wanted?.lock === call.number(0) && call.number(1) === 1) this.take(call.thread, wanted);
    });
    before('KiBeginWait', (call) => this.beginWait(call));
    wrap('KiEndWait', (native) => (call) => {
      const result = native(call);
      const wanted = this.store.get(this.wanted, call.thread);
      if (wanted?.api !== 'mutex') return result;
      this.store.delete(this.wanted, call.thread);
      if (result === 0) this.take(call.thread, wanted);
      return result;
    });
    before('KeReleaseMutex', (call) => {
      if (this.isChecked(call)) this.release(call, call.number(0), 'mutex');
    });
    for (const [routine, argument] of FREES) {
      before(routine, (call) => this.forgetBlock(call, call.number(argument)));
    }
    before('PsTerminateSystemThread', (call) => {
      const end = this.threadEnding(call.thread);
      if (end !== undefined) throw end;
    });
    return guarded;
  }

  /** Spin locks that a thread holds, as far as drivers are checked. */
  holdsSpinLock(thread: number): 'spin lock' | 'queued spin lock' | undefined {
    for (const { api } of this.store.get(this.held, thread) ?? []) {
      if (api === 'spin lock' || api === 'queued spin lock') return api;
    }
    return undefined;
  }

  /** What a thread of a driver leaves behind when it ends. */
  threadEnding(thread: number): BugCheck | undefined {
    const [left] = this.store.get(this.held, thread) ?? [];
    if (left === undefined) return undefined;
    this.store.delete(this.held, thread);
    return verifierViolation(
      [THREAD_ENDED, this.threadObject(thread), 0, 0],
      `Thread ${thread} ends while it holds the ${left.api} at ${hex(left.lock, 16)}: nobody can release it any more.`,
    );
  }

  // ---- What is known of locks ----------------------------------------------------------------------

  private concernsAnybody(): boolean {
    const { declaration } = this.kernel;
    return declaration.drivers.some(({ name }) =>
      [
        verifierFlags.deadlockDetection,
        verifierFlags.ddiCompliance,
        verifierFlags.ddiComplianceAdditional,
      ].some((flag) => this.kernel.verifiedModule(name, flag)),
    );
  }

  private isChecked(call: NativeCall): boolean {
    return this.detects(call) || this.complies(call);
  }

  private detects(call: NativeCall): boolean {
    return this.kernel.verified(call, verifierFlags.deadlockDetection);
  }

  private complies(call: NativeCall): boolean {
    return (
      this.kernel.verified(call, verifierFlags.ddiCompliance) ||
      this.kernel.verified(call, verifierFlags.ddiComplianceAdditional)
    );
  }

  /** How a driver uses a spin lock; undefined: the kernel's own C does, or nobody is checked. */
  private spinApi(call: NativeCall): Api | undefined {
    const isQueued = /^Ke(Acquire|Release)InStackQueued/.test(call.site.function);
    if (!call.caller.own && !isQueued) return undefined;
    if (!this.isChecked(call)) return undefined;
    return isQueued ? 'queued spin lock' : 'spin lock';
  }

  private initialize(call: NativeCall, kind: Kind): void {
    if (!call.caller.own) return;
    const lock = call.number(0);
    const mapping = this.kernel.host.system.find(lock);
    const known = this.store.get(this.locks, lock);
    const isAgain = known !== undefined && known.allocation === mapping?.allocation;
    // A place on the stack is another lock each time.
    if (isAgain && mapping?.use !== 'kernelStack' && this.detects(call)) {
      throw verifierViolation(
        [INITIALIZED_AGAIN, lock, 0, 0],
        `${call.caller.module} calls ${call.routine} for the ${known.kind} at ${hex(lock, 16)}, which is in use already.`,
      );
    }
    this.forget(lock);
    this.store.set(this.locks, lock, { kind, allocation: mapping?.allocation });
  }

  private forget(lock: number): void {
    this.store.delete(this.locks, lock);
    this.store.delete(this.orders, lock);
    for (const [first, orders] of [...this.store.all(this.orders).entries()]) {
      const left = orders.filter(({ inner }) => inner !== lock);
      if (left.length < orders.length) this.store.set(this.orders, first, left);
    }
  }

  /** Memory is given back: the locks in it are no more. */
  private forgetBlock(call: NativeCall, address: number): void {
    const judgement = this.kernel.memory.pool.judge(address);
    if (judgement.kind !== 'block') return;
    const end = address + judgement.block.bytes;
    for (const [lock] of [...this.store.all(this.locks).entries(address)]) {
      if (lock >= end) break;
      const owner = this.store.get(this.owners, lock);
      if (owner !== undefined && this.detects(call)) {
        throw verifierViolation(
          [FREED_HELD, lock, this.threadObject(owner), 0],
          `The lock at ${hex(lock, 16)} is freed with its memory while thread ${owner} holds it.`,
        );
      }
      this.forget(lock);
    }
  }

  // ---- Taking --------------------------------------------------------------------------------------

  private aroundAcquire(native: Native): Native {
    return (call) => {
      const api = this.spinApi(call);
      if (api === undefined) return native(call);
      const lock = call.number(0);
      if (call.progress === 0) this.check(call, lock, api);
      const result = native(call);
      if (typeof result !== 'object') this.take(call.thread, { lock, api });
      return result;
    };
  }

  private useMutex(call: NativeCall, lock: number, api: Api, use: 'acquire' | 'release'): void {
    if (!this.detects(call)) return;
    if (use === 'release') {
      this.release(call, lock, api);
      return;
    }
    this.check(call, lock, api);
    this.store.set(this.wanted, call.thread, { lock, api });
  }

  /** KiBeginWait(Count, Objects, WaitAll, Timeout): a wait without a limit for one mutex is an acquisition. */
  private beginWait(call: NativeCall): void {
    if (call.number(0) !== 1 || call.number(3) !== 0 || !this.detects(call)) return;
    const object = call.memory.readNumber(call.number(1), 'Object');
    if (this.store.get(this.locks, object)?.kind !== 'mutex') return;
    this.check(call, object, 'mutex');
    const hold: Hold = { lock: object, api: 'mutex' };
    this.store.set(this.wanted, call.thread, hold);
  }

  private check(call: NativeCall, lock: number, api: Api): void {
    const held = this.store.get(this.held, call.thread) ?? [];
    const text = `${this.who(call)} acquires the ${api} at ${hex(lock, 16)}`;
    const isHeld = held.some((hold) => hold.lock === lock);
    if (!this.detects(call)) {
      if (!isHeld) return;
      this.break(call, api, `${text}, which this thread holds already.`, false);
      return;
    }
    this.checkKind(call, lock, api, text);
    if (isHeld && api === 'mutex') return;
    if (isHeld) {
      throw verifierViolation(
        [SELF_DEADLOCK, lock, 0, 0],
        `${text}, which this thread holds already: it would wait for itself.`,
      );
    }
    for (const outer of held) this.order(call, outer.lock, lock);
  }

  private checkKind(call: NativeCall, lock: number, api: Api, text: string): void {
    const known = this.store.get(this.locks, lock);
    const isReady =
      known !== undefined ||
      (!isSpin(api) && call.memory.readUnsigned(lock + this.eventOffset(), 1) !== 0) ||
      this.kernel.host.system.find(lock)?.use === 'kernelStack';
    if (!isReady) {
      throw verifierViolation([UNINITIALIZED, lock, 0, 0], `${text}, which was never initialized.`);
    }
    const kind = kindOf(api);
    // What takes a spin lock first decides how it is taken; the plain routines prepare it.
    const isFirstUse =
      known?.kind === 'spin lock' && kind === 'queued spin lock' && known.used !== true;
    if (known === undefined || isFirstUse) {
      this.store.set(this.locks, lock, {
        kind,
        allocation: this.kernel.host.system.find(lock)?.allocation,
        used: true,
      });
    } else if (known.kind !== kind) {
      throw verifierViolation(
        [WRONG_ACQUIRE, lock, 0, 0],
        `${text}, which is a ${known.kind}: the routines of one kind do not take another.`,
      );
    } else if (known.used !== true) this.store.set(this.locks, lock, { ...known, used: true });
  }

  /** Offset of a byte of a fast mutex's event that is not zero once the mutex is initialized: the event's size. */
  private eventOffset(): number {
    return this.kernel.layouts.offset('FAST_MUTEX', 'Event') + 2;
  }

  private take(thread: number, hold: Hold): void {
    this.store.delete(this.wanted, thread);
    this.store.set(this.held, thread, [...(this.store.get(this.held, thread) ?? []), hold]);
    this.store.set(this.owners, hold.lock, thread);
  }

  /** Notes that `inner` is taken under `outer`; the opposite order before is a hierarchy violation. */
  private order(call: NativeCall, outer: number, inner: number): void {
    const opposite = this.path(inner, outer, new Set());
    if (opposite !== undefined) {
      throw verifierViolation(
        [HIERARCHY, inner, 0, 0],
        `${this.who(call)} acquires the lock at ${hex(inner, 16)} while it holds the one at ${hex(outer, 16)}; ` +
          `in ${opposite.function} (line ${opposite.line}) the second was taken while the first was held. Two processors that do so at once wait for each other for ever.`,
      );
    }
    const known = this.store.get(this.orders, outer) ?? [];
    if (known.some((order) => order.inner === inner)) return;
    const site = this.kernel.vm.siteOf(call.thread, true) ?? call.site;
    this.store.set(this.orders, outer, [...known, { inner, site }]);
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

  // ---- Releasing -----------------------------------------------------------------------------------

  private release(call: NativeCall, lock: number, api: Api): void {
    const held = this.store.get(this.held, call.thread) ?? [];
    const index = held.findLastIndex((hold) => hold.lock === lock);
    const hold = held[index];
    if (hold === undefined) {
      this.releaseOfOther(call, lock, api);
      return;
    }
    if (this.detects(call)) this.checkRelease(call, held, hold, api);
    const left = held.filter((_, position) => position !== index);
    this.store.set(this.held, call.thread, left);
    if (!left.some((one) => one.lock === lock)) this.store.delete(this.owners, lock);
  }

  private checkRelease(call: NativeCall, held: readonly Hold[], hold: Hold, api: Api): void {
    const text = `${this.who(call)} releases the ${hold.api} at ${hex(hold.lock, 16)}`;
    if (hold.api !== api) {
      throw verifierViolation(
        [WRONG_RELEASE, hold.lock, 0, 0],
        `${text} with the routine for a ${api}.`,
      );
    }
    const last = held.findLast((one) => isSpin(one.api));
    if (isSpin(api) && last !== undefined && last.lock !== hold.lock) {
      throw verifierViolation(
        [RELEASE_ORDER, hold.lock, 0, 0],
        `${text} before the one at ${hex(last.lock, 16)}, which it took later: the order of release is the reverse of taking.`,
      );
    }
  }

  /** Another thread may hold it, and a lock that was taken before anybody looked is known to its bytes alone. */
  private releaseOfOther(call: NativeCall, lock: number, api: Api): void {
    if (!isSpin(api) && api !== 'fast mutex' && api !== 'unsafe mutex' && api !== 'guarded mutex')
      return;
    const owner = this.store.get(this.owners, lock);
    const text = `${this.who(call)} releases the ${api} at ${hex(lock, 16)}`;
    if (owner !== undefined && owner !== call.thread && this.detects(call)) {
      throw verifierViolation(
        [WRONG_THREAD, lock, this.threadObject(owner), this.threadObject(call.thread)],
        `${text}, which thread ${owner} acquired.`,
      );
    }
    if (owner !== undefined || !isSpin(api)) return;
    if (this.kernel.host.irql !== DISPATCH_LEVEL) return;
    if (call.memory.readNumber(lock, 'SpinLock') !== 0) return;
    if (!this.detects(call)) {
      this.break(call, api, `${text}, which nobody holds.`, true);
      return;
    }
    throw verifierViolation([NOT_HELD, lock, 0, 0], `${text}, which nobody holds.`);
  }

  // ---- DDI compliance ------------------------------------------------------------------------------

  /** Rules SpinLock and QueuedSpinLock; with the additional rules those of strict pairs, which look at releases too. */
  private break(call: NativeCall, api: Api, text: string, isRelease: boolean): void {
    const isQueued = api === 'queued spin lock';
    if (!isSpin(api)) return;
    if (this.kernel.verified(call, verifierFlags.ddiComplianceAdditional)) {
      breakCompliance(
        this.kernel,
        isQueued
          ? { code: 0x40007, name: 'QueuedSpinLockRelease' }
          : { code: 0x4000a, name: 'SpinlockRelease' },
        text,
      );
    }
    if (isRelease) return;
    breakCompliance(
      this.kernel,
      isQueued ? { code: 0x40006, name: 'QueuedSpinLock' } : { code: 0x40009, name: 'SpinLock' },
      text,
    );
  }

  private who(call: NativeCall): string {
    return this.kernel.vm.siteOf(call.thread, true)?.module ?? call.caller.module;
  }
}
