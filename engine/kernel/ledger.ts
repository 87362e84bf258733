/**
 * What drivers and processes hold: every allocation with the call that made it. The ledger diagnoses and
 * feeds views and leak reports; routines act on emulated bytes.
 */
import type { VirtualAddress } from '../base/addresses.ts';
import type { Measure, OrderedMap } from '../base/ordered-map.ts';
import type { Store, Table } from '../base/store.ts';
import type { Site } from '../vm/reports.ts';

export type HoldingKind =
  | 'pool'
  | 'contiguous memory'
  | 'noncached memory'
  | 'MDL'
  | 'pages for MDL'
  | 'locked pages'
  | 'mapping'
  | 'reserved mapping'
  | 'I/O space mapping'
  | 'section view'
  | 'DMA adapter'
  | 'common buffer'
  | 'map registers'
  | 'scatter/gather list'
  | 'device object'
  | 'symbolic link'
  | 'registration'
  | 'user memory';

/** One live or freed thing. Plain data. */
export interface Holding {
  readonly id: number;
  readonly kind: HoldingKind;
  /** What identifies it: the address that the routine returned (system VA, or an object's address). */
  readonly address: VirtualAddress;
  /** As asked for. */
  readonly bytes: number;
  /** Module that made the call (`Proxy`); the built-in kernel's own holdings are `ntoskrnl`. */
  readonly module: string;
  /** Whether that is one of the scenario's drivers or processes: only these leak. */
  readonly own: boolean;
  /** Routine that allocated. */
  readonly routine: string;
  readonly site: Site | undefined;
  /** Set when it was released. Freed holdings are kept for diagnosis. */
  readonly freed: Site | undefined;
  readonly live: boolean;
  /** Kind-specific plain data: tag, pool type, cache type, logical address, page counts, ... */
  readonly details: Readonly<Record<string, number | string | boolean>>;
}

interface Summary {
  readonly anyLive: boolean;
}

const liveness: Measure<number, Holding, Summary> = {
  of: (_id, holding) => ({ anyLive: holding.live }),
  join: (left, right) => ({ anyLive: left.anyLive || right.anyLive }),
};

export class Ledger {
  private readonly holdings: Table<number, Holding, Summary>;
  /** Live holdings by kind and address. */
  private readonly byAddress: Table<string, number>;
  /** The last freed holding at an address, by kind and address. */
  private readonly lastFreed: Table<string, number>;

  constructor(
    private readonly store: Store,
    host: string,
  ) {
    this.holdings = store.table(`${host}.ledger`, liveness);
    this.byAddress = store.table(`${host}.ledger.live`);
    this.lastFreed = store.table(`${host}.ledger.freed`);
  }

  get all(): OrderedMap<number, Holding, Summary> {
    return this.store.all(this.holdings);
  }

  get(id: number): Holding | undefined {
    return this.store.get(this.holdings, id);
  }

  /** Records a new holding and answers its number. */
  add(holding: Omit<Holding, 'id' | 'freed' | 'live'>): number {
    const id = (this.all.last()?.[0] ?? 0) + 1;
    this.store.set(this.holdings, id, { ...holding, id, freed: undefined, live: true });
    this.store.set(this.byAddress, keyOf(holding.kind, holding.address), id);
    return id;
  }

  /** The live holding of a kind at exactly this address. */
  find(kind: HoldingKind, address: number): Holding | undefined {
    const id = this.store.get(this.byAddress, keyOf(kind, address));
    return id === undefined ? undefined : this.get(id);
  }

  /** The holding of a kind that was freed last at exactly this address. */
  findFreed(kind: HoldingKind, address: number): Holding | undefined {
    const id = this.store.get(this.lastFreed, keyOf(kind, address));
    return id === undefined ? undefined : this.get(id);
  }

  release(id: number, site: Site | undefined): void {
    const holding = this.get(id);
    if (holding === undefined) return;
    this.store.set(this.holdings, id, { ...holding, live: false, freed: site });
    const key = keyOf(holding.kind, holding.address);
    if (this.store.get(this.byAddress, key) === id) this.store.delete(this.byAddress, key);
    this.store.set(this.lastFreed, key, id);
  }

  change(id: number, details: Holding['details']): void {
    this.store.update(this.holdings, id, (holding) => ({
      ...holding,
      details: { ...holding.details, ...details },
    }));
  }

  /** Live holdings in the order of their making. */
  *live(): Generator<Holding> {
    const all = this.all;
    let next = all.findFirst(
      (m) => m.anyLive,
      (_id, holding) => holding.live,
    );
    while (next !== undefined) {
      yield next[1];
      next = all.findFirst(
        (m) => m.anyLive,
        (_id, holding) => holding.live,
        next[0] + 1,
      );
    }
  }
}

function keyOf(kind: HoldingKind, address: number): string {
  return `${kind}@${address}`;
}
