import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frame } from '../../../engine/base/addresses.ts';
import { Store } from '../../../engine/base/store.ts';

function makeStore() {
  const store = new Store((number, bytes) => bytes.fill(number & 0xff));
  return {
    store,
    table: store.table<number, { readonly name: string; readonly size: number | undefined }>('one'),
    other: store.table<string, number>('two'),
    cell: store.cell(),
  };
}

type Made = ReturnType<typeof makeStore>;

const edit = fc.record({
  kind: fc.constantFrom('page', 'mark', 'record', 'drop', 'cell', 'discard'),
  at: fc.nat(5),
  value: fc.nat(250),
});

function apply(made: Made, { kind, at, value }: { kind: string; at: number; value: number }): void {
  const { store, table, cell } = made;
  switch (kind) {
    case 'page': {
      const page = store.writePage(frame(at));
      page.bytes[value] = value;
      page.written[value >> 3] = (page.written[value >> 3] ?? 0) | (1 << (value & 7));
      return;
    }
    case 'mark':
      store.writePage(frame(at)).written.fill(value & 1 ? 0xff : 0);
      return;
    case 'record':
      store.set(table, at, { name: `${value}`, size: value });
      return;
    case 'drop':
      store.delete(table, at);
      return;
    case 'cell':
      store.cells[cell] = value;
      return;
    default:
      store.discardPages(frame(at), 2);
  }
}

describe('the store', () => {
  test('comes back to any snapshot, and hashes tell states apart', () => {
    fc.assert(
      fc.property(fc.array(fc.array(edit, { maxLength: 6 }), { maxLength: 8 }), (stretches) => {
        const made = makeStore();
        const seen = stretches.map((stretch) => {
          for (const one of stretch) apply(made, one);
          return { hash: made.store.hash(), snapshot: made.store.snapshot() };
        });
        for (const { hash, snapshot } of [...seen].reverse()) {
          made.store.restore(snapshot);
          expect(made.store.hash()).toBe(hash);
          apply(made, { kind: 'cell', at: 0, value: 251 });
          apply(made, { kind: 'page', at: 1, value: 3 });
          made.store.restore(snapshot);
          expect(made.store.hash()).toBe(hash);
        }
      }),
    );
  });

  test('a change of any byte, mark, record or cell changes the hash', () => {
    const changes: ((made: Made) => unknown)[] = [
      (made) => made.store.writePage(frame(3)).bytes.fill(1, 5, 6),
      (made) => made.store.writePage(frame(3)).written.fill(1, 7, 8),
      (made) => made.store.set(made.table, 9, { name: 'a', size: 2 }),
      (made) => made.store.set(made.table, 9, { name: 'b', size: undefined }),
      (made) => made.store.delete(made.table, 9),
      (made) => made.store.set(made.other, 'key', 4),
      (made) => made.store.cells.fill(0.5, made.cell, made.cell + 1),
    ];
    const state = (): Made => {
      const made = makeStore();
      made.store.writePage(frame(3)).written[0] = 3;
      made.store.set(made.table, 9, { name: 'a', size: undefined });
      return made;
    };
    const hashes = changes.map((change) => {
      const made = state();
      change(made);
      return made.store.hash();
    });
    expect(new Set([state().store.hash(), ...hashes]).size).toBe(changes.length + 1);
    expect(state().store.hash()).toBe(state().store.hash());
  });

  test('looking at untouched pages is no change', () => {
    const { store } = makeStore();
    const before = store.hash();
    expect(store.peekPage(frame(7))).toBeUndefined();
    expect(store.readPage(frame(7)).bytes[100]).toBe(7);
    expect(store.hash()).toBe(before);
  });

  test('the present stays where it is, and what a snapshot holds moves out', () => {
    const { store } = makeStore();
    const page = store.readPage(frame(1));
    const { view, start } = page.place;
    const before = store.snapshot();
    const moved: number[] = [];
    store.addReader((number) => moved.push(number));
    const present = store.writePage(frame(1));
    present.bytes[5] = 99;
    expect(present).not.toBe(page);
    expect([present.place.view, present.place.start]).toEqual([view, start]);
    expect([page.bytes[5], before.pages.get(frame(1))?.bytes[5]]).toEqual([1, 1]);
    expect(moved).toEqual([]);
  });

  test('tells caches when a page goes to another place', () => {
    const { store } = makeStore();
    store.writePage(frame(1));
    const before = store.snapshot();
    store.writePage(frame(1)).bytes[5] = 99;
    store.restore(before);
    const moved: number[] = [];
    store.addReader((number) => moved.push(number));
    expect(store.writePage(frame(1)).bytes[5]).toBe(1);
    expect(moved).toEqual([1]);
  });

  test('pages that were given up and come again, many and few, keep what snapshots hold of them', () => {
    const { store } = makeStore();
    const count = 3_000;
    const fill = (round: number): void => {
      for (let at = 0; at < count; at++) {
        const page = store.writePage(frame(at * (round + 1)), round * 7_000 + at);
        page.bytes[3] = at + round;
        page.written[0] = round;
      }
    };
    const sound = (round: number): boolean => {
      for (let at = 0; at < count; at++) {
        const page = store.peekPage(frame(at * (round + 1)));
        if (page?.bytes[3] !== ((at + round) & 0xff) || page.written[0] !== round) return false;
      }
      return true;
    };
    fill(0);
    const first = store.snapshot();
    store.discardPages(frame(0), count);
    fill(1);
    fill(2);
    expect(sound(2)).toBe(true);
    const second = store.snapshot();
    store.discardPages(frame(0), 3 * count);
    fill(3);
    store.restore(first);
    expect(sound(0)).toBe(true);
    fill(4);
    store.restore(second);
    expect(sound(2)).toBe(true);
    store.restore(first);
    expect(sound(0)).toBe(true);
  });
});
