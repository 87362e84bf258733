/**
 * Loads and stores that reach registers of devices instead of memory. Such an instruction is executed again by
 * itself: each load waits until the device's code has answered it, stores are handed to the device in their order
 * once the instruction is done. The thread is blocked meanwhile, and its processor with it.
 */
import { byteOffset, PAGE_SIZE, type PageFrame } from '../base/addresses.ts';
import { fromWords, high32, type Int64, low32 } from '../base/int64.ts';
import { loosePage, type Page, type Store, type Table } from '../base/store.ts';
import type { RegisterMap } from '../machine/registers.ts';
import type { RegisterDoor } from './door.ts';

/** One access of a processor to a register. Bytes; `offset` from the start of the range. */
export interface RegisterAccess {
  readonly access: 'read' | 'write';
  readonly device: string;
  readonly bar: number;
  readonly offset: number;
  readonly size: number;
  /** Of a write. */
  readonly value: Int64;
}

/** Thrown by the first touch: nothing has happened yet, the instruction is to be executed by itself. */
export class RegisterTouched {}

/** Thrown by a load that the device has not answered yet. */
export class RegisterLoad {
  constructor(readonly access: RegisterAccess) {}
}

/** An instruction that is executed by itself. Plain data. */
interface Attempt {
  /** What the device answered to its loads so far, in their order. */
  readonly values: readonly Int64[];
  /** Stores that the device has not taken yet; the instruction is done. */
  readonly writes: readonly RegisterAccess[];
}

const first: Attempt = { values: [], writes: [] };

export class RegisterAccesses {
  /** Threads with such an instruction. */
  private readonly attempts: Table<number, Attempt>;
  /** Threads that run a device's code for another thread. */
  private readonly callers: Table<number, number>;
  private readonly countCell: number;
  /** The running thread executes such an instruction now; nothing of this outlives it. */
  private running: { readonly values: readonly Int64[]; used: number } | undefined;
  private stores: { readonly access: RegisterAccess; readonly page: Page; at: number }[] = [];

  constructor(private readonly store: Store) {
    this.attempts = store.table('vm.registerAttempts');
    this.callers = store.table('vm.registerCallers');
    this.countCell = store.cell();
  }

  /** What a host's doors ask of every page that they have to look up. */
  doorOf(map: RegisterMap, stored: () => void): RegisterDoor {
    return {
      covers: (frame) => map.find(frame) !== undefined,
      page: (access, frame, address, size) => {
        const range = map.find(frame);
        if (range === undefined) return undefined;
        if (this.running === undefined) throw new RegisterTouched();
        const place = byteOffset(address);
        const offset = frame * PAGE_SIZE - range.start + place;
        const { device, bar } = range;
        return access === 'read'
          ? this.load({ access, device, bar, offset, size, value: 0 }, frame, place)
          : this.keep({ access, device, bar, offset, size, value: 0 }, frame, place, stored);
      },
    };
  }

  /** Whether the next instruction of a thread is to be executed by itself. */
  isArmed(thread: number): boolean {
    return (
      (this.store.cells[this.countCell] ?? 0) > 0 &&
      this.store.get(this.attempts, thread) !== undefined
    );
  }

  arm(thread: number): void {
    this.set(thread, first);
  }

  /** The instruction of an armed thread begins. */
  begin(thread: number): void {
    this.stores = [];
    this.running = { values: this.store.get(this.attempts, thread)?.values ?? [], used: 0 };
  }

  /** It was executed, or left by a throw: of anything but a load that waits the attempt is over. */
  end(thread: number, waits: boolean): void {
    this.running = undefined;
    if (waits) return;
    const writes = this.stores.flatMap(({ access, page, at }) => pieces(access, page, at));
    this.stores = [];
    if (writes.length === 0) this.remove(thread);
    else this.set(thread, { values: [], writes });
  }

  /** The next store that a thread's device has to take. */
  nextWrite(thread: number): RegisterAccess | undefined {
    return this.store.get(this.attempts, thread)?.writes[0];
  }

  /** A device's thread runs for a thread of a processor. */
  called(deviceThread: number, thread: number): void {
    this.store.set(this.callers, deviceThread, thread);
  }

  /** A device's thread has ended: whom it ran for, if for anybody. */
  returned(deviceThread: number): number | undefined {
    const thread = this.store.get(this.callers, deviceThread);
    if (thread !== undefined) this.store.delete(this.callers, deviceThread);
    return thread;
  }

  /** A load was answered, or a store taken. Answers whether the thread goes on. */
  answer(thread: number, value: Int64): boolean {
    const attempt = this.store.get(this.attempts, thread);
    if (attempt === undefined) return true;
    const [, ...writes] = attempt.writes;
    if (attempt.writes.length === 0) {
      this.set(thread, { values: [...attempt.values, value], writes: [] });
      return true;
    }
    if (writes.length > 0) {
      this.set(thread, { values: [], writes });
      return false;
    }
    this.remove(thread);
    return true;
  }

  private load(access: RegisterAccess, frame: PageFrame, place: number): Page {
    const page = loosePage(frame);
    page.written.fill(0xff);
    const { running } = this;
    if (running === undefined) return page;
    for (const piece of pieces(access, page, place)) {
      const value = running.values[running.used];
      if (value === undefined) throw new RegisterLoad(piece);
      running.used++;
      put(page, place + piece.offset - access.offset, piece.size, value);
    }
    return page;
  }

  private keep(access: RegisterAccess, frame: PageFrame, place: number, stored: () => void): Page {
    const page = loosePage(frame);
    this.stores.push({ access, page, at: place });
    stored();
    return page;
  }

  private set(thread: number, attempt: Attempt): void {
    if (this.store.get(this.attempts, thread) === undefined) {
      this.store.cells[this.countCell] = (this.store.cells[this.countCell] ?? 0) + 1;
    }
    this.store.set(this.attempts, thread, attempt);
  }

  private remove(thread: number): void {
    if (this.store.get(this.attempts, thread) === undefined) return;
    this.store.cells[this.countCell] = (this.store.cells[this.countCell] ?? 0) - 1;
    this.store.delete(this.attempts, thread);
  }
}

/** An access cut into those that a bus has: 1, 2, 4 or 8 bytes at a multiple of their size, with what a page holds. */
function pieces(access: RegisterAccess, page: Page, place: number): RegisterAccess[] {
  const list: RegisterAccess[] = [];
  for (let done = 0; done < access.size; ) {
    const offset = access.offset + done;
    let size = 8;
    while (offset % size !== 0 || size > access.size - done) size /= 2;
    list.push({ ...access, offset, size, value: take(page, place + done, size) });
    done += size;
  }
  return list;
}

function take({ view }: Page, at: number, size: number): Int64 {
  if (size === 8) return fromWords(view.getInt32(at + 4, true), view.getUint32(at, true));
  if (size === 4) return view.getUint32(at, true);
  return size === 2 ? view.getUint16(at, true) : view.getUint8(at);
}

function put({ view }: Page, at: number, size: number, value: Int64): void {
  const low = low32(value);
  if (size === 1) view.setUint8(at, low);
  else if (size === 2) view.setUint16(at, low, true);
  else view.setUint32(at, low, true);
  if (size === 8) view.setInt32(at + 4, high32(value), true);
}
