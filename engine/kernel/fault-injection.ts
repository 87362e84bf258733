/**
 * Injected failures: every call of a fault point by one of the scenario's own drivers is counted, for all
 * hosts together, so that an ordinal names the same call in every variant.
 */
import type { Store, Table } from '../base/store.ts';

/** One counted call: `allocation` by `ExAllocatePoolWithTag`. */
export interface FaultPointCall {
  readonly point: string;
  readonly routine: string;
}

/** The `ordinal`-th call (from 1) of a point or routine fails; 0: every call. */
export interface InjectedFault {
  readonly point: string;
  readonly ordinal: number;
}

export class FaultInjection {
  private readonly calls: Table<number, FaultPointCall>;
  private readonly counters: Table<string, number>;

  constructor(
    private readonly store: Store,
    private readonly faults: readonly InjectedFault[],
  ) {
    this.calls = store.table('faults.calls');
    this.counters = store.table('faults.counters');
  }

  /** Counts a call; answers the fault that it is to meet. */
  count(point: string, routine: string): InjectedFault | undefined {
    this.store.set(this.calls, this.store.all(this.calls).size, { point, routine });
    const ordinals: readonly (readonly [string, number])[] = [
      [point, this.increment(point)],
      ...(routine === point ? [] : [[routine, this.increment(routine)] as const]),
    ];
    return this.faults.find((fault) =>
      ordinals.some(
        ([name, ordinal]) =>
          fault.point === name && (fault.ordinal === 0 || fault.ordinal === ordinal),
      ),
    );
  }

  /** All counted calls in their order. */
  get all(): readonly FaultPointCall[] {
    return [...this.store.all(this.calls).values()];
  }

  private increment(name: string): number {
    const count = (this.store.get(this.counters, name) ?? 0) + 1;
    this.store.set(this.counters, name, count);
    return count;
  }
}
