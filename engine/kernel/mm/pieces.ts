/**
 * Calls whose work grows with a size that the driver gives are worked off in pieces: between two of them others
 * have their turn and a user may pause. How far a call is, is its progress; what it has to remember beside that lies
 * in the store, so that one may go back into the middle of it.
 */
import type { VirtualAddress } from '../../base/addresses.ts';
import type { Store, Table } from '../../base/store.ts';
import type { CacheType } from '../../machine/address-space.ts';
import type { FrameRefusal, FrameRunGrant } from '../../machine/frames.ts';

/** Pages of one piece. */
export const PIECE_PAGES = 4096;
/** Runs of one piece: each costs some searches, whatever its length. */
export const PIECE_RUNS = 128;

/** What a call remembers between two pieces, by what it is at. Plain data. */
export type UnfinishedCall =
  | {
      /** A lock that fails, and takes its first pages' locks off again. */
      readonly kind: 'unlocking';
      readonly address: number;
      readonly write: boolean;
    }
  | {
      readonly kind: 'mapping';
      readonly start: VirtualAddress;
      readonly cache: CacheType;
    }
  | {
      readonly kind: 'allocating';
      readonly runs: readonly FrameRunGrant[];
      /** Where the next range of the search begins, in bytes above the first one. */
      readonly skipped: number;
      readonly refusal: FrameRefusal | undefined;
      /** Nothing more is to be had. */
      readonly collected: boolean;
      readonly mdl: VirtualAddress | undefined;
      readonly holding: number | undefined;
      /** Page numbers that are in the MDL. */
      readonly filled: number;
    };

/** Unfinished calls of one host by thread: a thread is in one native at a time. */
export class UnfinishedCalls {
  private readonly table: Table<number, UnfinishedCall>;

  constructor(
    private readonly store: Store,
    host: string,
  ) {
    this.table = store.table(`${host}.unfinishedCalls`);
  }

  get<K extends UnfinishedCall['kind']>(
    thread: number,
    kind: K,
  ): Extract<UnfinishedCall, { kind: K }> | undefined {
    const found = this.store.get(this.table, thread);
    return isKind(found, kind) ? found : undefined;
  }

  set(thread: number, call: UnfinishedCall): void {
    this.store.set(this.table, thread, call);
  }

  delete(thread: number): void {
    this.store.delete(this.table, thread);
  }
}

function isKind<K extends UnfinishedCall['kind']>(
  call: UnfinishedCall | undefined,
  kind: K,
): call is Extract<UnfinishedCall, { kind: K }> {
  return call?.kind === kind;
}

/** The next piece of runs: `pages` of them, and no more of either than a piece has. */
export function pieceOf(
  runs: Iterable<FrameRunGrant>,
  pages = PIECE_PAGES,
): { readonly runs: readonly FrameRunGrant[]; readonly pages: number } {
  const taken: FrameRunGrant[] = [];
  let left = Math.min(pages, PIECE_PAGES);
  const all = left;
  for (const run of runs) {
    if (left === 0 || taken.length === PIECE_RUNS) break;
    const count = Math.min(run.count, left);
    taken.push({ frame: run.frame, count });
    left -= count;
  }
  return { runs: taken, pages: all - left };
}

/** Runs without their first `pages` pages. */
export function* skipPages(runs: Iterable<FrameRunGrant>, pages: number): Generator<FrameRunGrant> {
  let left = pages;
  for (const run of runs) {
    if (left >= run.count) {
      left -= run.count;
    } else {
      yield { frame: (run.frame + left) as typeof run.frame, count: run.count - left };
      left = 0;
    }
  }
}
