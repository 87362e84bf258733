import { describe, expect, it } from 'vitest';
import { mdlRows } from '../../../../engine/kernel/mm/mdl-view.ts';
import { physicalMemoryRows } from '../../../../engine/kernel/mm/physical-memory-view.ts';
import type { MemoryViewHost } from '../../../../engine/kernel/mm/view-host.ts';
import type { RowRequest, ViewRow } from '../../../../engine/vm/view-row.ts';
import { Rig } from './support.ts';

const K = 1024;
const M = 1024 * K;
const G = 1024 * M;
const T = 1024 * G;
const TAG = 0x776f_4c4e;

const hostOf = (rig: Rig, name = 'alpha'): MemoryViewHost => ({
  name,
  memory: rig.memory,
  strays: rig.strays,
  peek: rig.tooling,
  processName: (process) => (process === 1 ? 'client' : 'System'),
});

const physical = (rig: Rig, request: RowRequest = {}): readonly ViewRow[] =>
  physicalMemoryRows([hostOf(rig)], request);

const mdls = (rig: Rig, request: RowRequest = {}): readonly ViewRow[] =>
  mdlRows([hostOf(rig)], request);

const find = (rows: readonly ViewRow[], label: RegExp): ViewRow => {
  const found = rows.find((row) => label.test(row.label));
  if (found === undefined) {
    throw new Error(`no row ${label} in ${rows.map((row) => row.label).join(', ')}`);
  }
  return found;
};

const server = {
  memory: [
    { start: 0, end: 640 * K },
    { start: M, end: 3 * G },
    { start: 4 * G, end: 20 * G },
  ],
  nolowmem: true,
  freeMemory: { kind: 'fragmented', percent: 40, runs: 4096, seed: 7 },
} as const;

describe('the view of physical memory', () => {
  it('lists ranges and holes with their sizes, and what is free on both sides of 4 GB', () => {
    const rig = new Rig(server);
    const rows = physical(rig);
    expect(rows.map((row) => [row.kind, row.label])).toEqual([
      ['range', '0x0 .. 0xA0000'],
      ['hole', '0xA0000 .. 0x100000'],
      ['range', '0x100000 .. 0xC0000000'],
      ['hole', '0xC0000000 .. 0x100000000'],
      ['range', '0x100000000 .. 0x500000000'],
      ['freeGroup', 'Free below 4 GB'],
      ['freeGroup', 'Free above 4 GB'],
      ['poolGroup', 'Pool of drivers'],
    ]);
    const above = find(rows, /above/);
    const { frames } = rig.memory;
    const { free, runs, longest } = frames.summary(0x10_0000, frames.highest);
    expect(above.description).toBe(`${free} pages in ${runs} runs, longest ${longest} pages`);
    expect(find(rows, /below/).tooltip).toContain('nolowmem');
  });

  it('shows an allocation in its range with the call that made it', () => {
    const rig = new Rig();
    rig.line = 12;
    const address = rig.number('MmAllocateContiguousMemory', 64 * K, -1);
    const at = rig.number('MmGetPhysicalAddress', address).toString(16).toUpperCase();
    const range = find(physical(rig), /^0x100000 /);
    const row = find(physical(rig, { parent: range.id }), new RegExp(`^0x${at}`));
    expect(row).toMatchObject({
      kind: 'allocation',
      description: 'contiguous memory, 64 KB, Proxy, proxy.c:12',
      memoryReference: `phys:alpha:0x${at}`,
      bytes: 64 * K,
      site: { line: 12 },
    });
    expect(row.tooltip).toContain('MmCached, 1 mapping');
    rig.call('MmFreeContiguousMemory', address);
    expect(physical(rig, { parent: range.id }).map((each) => each.kind)).not.toContain(
      'allocation',
    );
  });

  it('keeps the ids of what stays', () => {
    const rig = new Rig();
    rig.call('MmAllocateContiguousMemory', 4096, -1);
    const parent = find(physical(rig), /^0x100000 /).id;
    const before = physical(rig, { parent }).map((row) => row.id);
    rig.call('MmAllocateContiguousMemory', 8192, -1);
    const after = physical(rig, { parent }).map((row) => row.id);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(new Set(after).size).toBe(after.length);
  });

  it('pages through free runs in order, and a page is the same as that part of the whole', () => {
    const rig = new Rig(server);
    const parent = 'alpha/free/above';
    const all = physical(rig, { parent, count: 10_000 });
    expect(all.length).toBeGreaterThan(3000);
    expect(all.map((row) => row.bytes ?? 0).reduce((sum, bytes) => sum + bytes, 0)).toBe(
      physical(rig).find((row) => row.id === parent)?.bytes,
    );
    expect(physical(rig, { parent, start: 2000, count: 20 })).toEqual(all.slice(2000, 2020));
    expect(physical(rig, { parent, start: all.length, count: 20 })).toEqual([]);
  });

  it('pages through a range across its fixed rows', () => {
    const rig = new Rig({ ...server, nolowmem: false });
    for (let index = 0; index < 10; index++) rig.call('MmAllocateContiguousMemory', 4096, -1);
    const parent = find(physical(rig), /^0x100000 /).id;
    const all = physical(rig, { parent });
    expect(all.slice(0, 2).map((row) => row.label)).toEqual(['Windows', 'In use']);
    const paged = [0, 1, 2, 3, 4, 5, 6].flatMap((page) =>
      physical(rig, { parent, start: page * 2, count: 2 }),
    );
    expect(paged).toEqual(all.slice(0, 14));
  });

  it('lists the pool blocks of drivers, not those of the system', () => {
    const rig = new Rig();
    rig.line = 7;
    const address = rig.number('ExAllocatePoolWithTag', 0, 48, TAG);
    rig.call('IoAllocateMdl', 0x1000, 100, 0, 0, 0);
    rig.memory.allocateSystemPool({
      bytes: 48,
      paged: false,
      executable: false,
      tag: TAG,
      zeroed: true,
    });
    const rows = physical(rig, { parent: 'alpha/pool' });
    expect(find(rows, /NLow/)).toMatchObject({
      label: "'NLow' 48 bytes",
      kind: 'poolBlock',
      site: { line: 7 },
    });
    rig.call('ExFreePool', address);
    expect(physical(rig, { parent: 'alpha/pool' }).some((row) => /NLow/.test(row.label))).toBe(
      false,
    );
  });

  it('gives sizes that do not round to what is not there', () => {
    const rig = new Rig({
      memory: [{ start: M, end: 3 * G }],
      freeMemory: { kind: 'exact', ranges: [{ start: M, end: M + 1536 * K }] },
    });
    expect(find(physical(rig), /^0x100000 /).description).toBe('3071 MB, 1.5 MB free in 1 run');
    rig.call('MmAllocateContiguousMemory', 1536 * K, -1);
    expect(find(physical(rig), /^0x100000 /).description).toBe('3071 MB, nothing free');
  });

  it('has a row for each of several hosts', () => {
    const [alpha, beta] = [new Rig(), new Rig()];
    const hosts = [hostOf(alpha), hostOf(beta, 'beta')];
    expect(physicalMemoryRows(hosts, {}).map((row) => row.id)).toEqual(['alpha', 'beta']);
    expect(physicalMemoryRows(hosts, { parent: 'beta' })[0]?.id).toBe('beta/range/0x0');
  });

  it('costs the same for 16 TiB, and changes nothing', () => {
    const rig = new Rig({ memory: [{ start: 0, end: 16 * T }] });
    const before = rig.store.hash();
    expect(find(physical(rig), /^0x0 /).description).toContain('16 TB');
    physical(rig, { parent: 'alpha/range/0x0' });
    expect(rig.store.hash()).toBe(before);
  });
});

describe('the view of MDLs', () => {
  const locked = (): { rig: Rig; mdl: number; buffer: number } => {
    const rig = new Rig();
    const buffer = rig.memory.allocateUser(rig.user, 3, 'userMemory', 'readWrite') ?? 0;
    rig.line = 20;
    const mdl = rig.number('IoAllocateMdl', buffer, 3 * 4096, 0, 0, 0);
    rig.call('MmProbeAndLockPages', mdl, 1, 1);
    return { rig, mdl, buffer };
  };

  it('follows an MDL through its states', () => {
    const rig = new Rig();
    const buffer = rig.memory.allocateUser(rig.user, 1, 'userMemory', 'readWrite') ?? 0;
    const states: string[] = [];
    const note = () => {
      for (const each of mdls(rig)) states.push(each.description.split(',')[0] ?? '');
    };
    const mdl = rig.number('IoAllocateMdl', buffer, 100, 0, 0, 0);
    note();
    rig.call('MmProbeAndLockPages', mdl, 1, 0);
    note();
    rig.call('MmMapLockedPagesSpecifyCache', mdl, 0, 1, 0, 0, 16);
    expect(mdls(rig)[0]?.description).toMatch(/^locked, mapped, 100 bytes at 0x/);
    rig.call('MmUnlockPages', mdl);
    note();
    expect(states).toEqual(['not built', 'locked', 'not built']);
    rig.call('IoFreeMdl', mdl);
    expect(mdls(rig)).toEqual([]);
  });

  it('names the flags from the bytes, also those that the driver pokes', () => {
    const { rig, mdl } = locked();
    const id = mdls(rig)[0]?.id ?? '';
    const flags = () =>
      mdls(rig, { parent: id }).find((row) => row.label === 'MdlFlags')?.description;
    expect(flags()).toBe('0x8A MDL_PAGES_LOCKED | MDL_ALLOCATED_FIXED_SIZE | MDL_WRITE_OPERATION');
    rig.driver.write(mdl + 0xa, 2, 0x2000);
    expect(flags()).toBe('0x2000 MDL_MAPPING_CAN_FAIL');
    expect(mdls(rig)[0]?.description).toMatch(/^not built/);
  });

  it('lists pages with owner and lock, a page at a time', () => {
    const { rig, buffer } = locked();
    const parent = `${mdls(rig)[0]?.id}/pages`;
    const rows = mdls(rig, { parent });
    const first = ((rig.user.frameAt(buffer) ?? 0) * 4096).toString(16).toUpperCase();
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({
      label: `Page 0: 0x${first}`,
      memoryReference: `phys:alpha:0x${first}`,
    });
    expect(rows[0]?.description).toMatch(/user memory, locked once$/);
    expect(mdls(rig, { parent, start: 1, count: 1 })).toEqual([rows[1]]);
  });

  it('says that pages have no numbers before the MDL is built', () => {
    const rig = new Rig();
    rig.call('IoAllocateMdl', 0x1000, 4096, 0, 0, 0);
    const parent = `${mdls(rig)[0]?.id}/pages`;
    expect(mdls(rig, { parent })[0]?.description).toBe('no page number yet');
    expect(rig.violations).toEqual([]);
  });

  it('lists mappings in system and in user space', () => {
    const { rig, mdl } = locked();
    rig.call('MmMapLockedPagesSpecifyCache', mdl, 0, 1, 0, 0, 16);
    rig.call('MmMapLockedPagesSpecifyCache', mdl, 1, 1, 0, 0, 16);
    const parent = `${mdls(rig)[0]?.id}/mappings`;
    const rows = mdls(rig, { parent });
    expect(rows.map((row) => row.description.split(',')[0])).toEqual([
      'system space',
      'process client',
    ]);
    expect(rows[1]?.memoryReference).toMatch(/^va:alpha:1:0x/);
  });

  it('lists an MDL that a driver laid out itself while it is locked', () => {
    const rig = new Rig();
    const pool = rig.number('ExAllocatePool2', 0x40, 0x38, TAG);
    rig.driver.write64(pool + 0x20, Math.floor(pool / 4096) * 4096);
    rig.driver.write(pool + 0x28, 4, 16);
    expect(mdls(rig)).toEqual([]);
    rig.call('MmProbeAndLockPages', pool, 0, 0);
    expect(mdls(rig)[0]?.description).toMatch(/^locked/);
    rig.call('MmUnlockPages', pool);
    expect(mdls(rig)).toEqual([]);
  });
});
