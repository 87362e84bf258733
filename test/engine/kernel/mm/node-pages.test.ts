// Pages for MDLs on a machine with nodes: the ideal node first, the others after, unless the driver wants that one alone.
import { expect, test } from 'vitest';
import { PAGE_SIZE } from '../../../../engine/base/addresses.ts';
import type { MachineConfiguration } from '../../../../engine/machine/host.ts';
import { Rig } from './support.ts';

const M = 1024 * 1024;
const LOCAL_ONLY = 2;
const FULLY_REQUIRED = 4;

/** Two nodes of 4 MiB with 20 and 40 free pages. */
const machine: Partial<MachineConfiguration> = {
  memory: [{ start: M, end: 9 * M }],
  nodes: 2,
  freeMemory: {
    kind: 'exact',
    ranges: [
      { start: 2 * M, end: 2 * M + 20 * PAGE_SIZE },
      { start: 6 * M, end: 6 * M + 40 * PAGE_SIZE },
    ],
  },
};

/** How many of an MDL's pages lie on each node. */
function byNode(rig: Rig, mdl: number): number[] {
  const counts = [0, 0];
  const pages = rig.driver.readUnsigned(mdl + 0x28, 4) / PAGE_SIZE;
  for (let index = 0; index < pages; index++) {
    const node = rig.memory.frames.nodeOf(rig.driver.readNumber(mdl + 0x30 + 8 * index)) ?? 0;
    counts[node] = (counts[node] ?? 0) + 1;
  }
  return counts;
}

test.each([
  [0, 10, 0, [10, 0]],
  [0, 30, 0, [20, 10]],
  [1, 30, 0, [0, 30]],
  [1, 50, 0, [10, 40]],
  [0, 30, LOCAL_ONLY, [20, 0]],
  [1, 70, 0, [20, 40]],
])('ideal node %i, %i pages, flags %i: %j', (node, pages, flags, expected) => {
  const rig = new Rig(machine);
  const mdl = rig.number(
    'MmAllocateNodePagesForMdlEx',
    0,
    -1,
    0,
    pages * PAGE_SIZE,
    1,
    node,
    flags,
  );
  expect(byNode(rig, mdl)).toEqual(expected);
  rig.call('MmFreePagesFromMdl', mdl);
  expect(rig.free).toBe(new Rig(machine).free);
});

test('one node alone, all or nothing', () => {
  const rig = new Rig(machine);
  const flags = LOCAL_ONLY | FULLY_REQUIRED;
  const asked = 21 * PAGE_SIZE;
  expect(rig.number('MmAllocateNodePagesForMdlEx', 0, -1, 0, asked, 1, 0, flags)).toBe(0);
  expect(rig.explanations[0]).toContain('21 pages on node 0 were asked for; 20 pages are free');
  expect(rig.number('MmAllocateNodePagesForMdlEx', 0, -1, 0, asked, 1, 1, flags)).not.toBe(0);
});

test('without a node of its own, the routine takes the one of the processor that calls', () => {
  const rig = new Rig({ ...machine, processors: 4 });
  rig.host.processor = 3;
  expect(byNode(rig, rig.number('MmAllocatePagesForMdl', 0, -1, 0, 5 * PAGE_SIZE))).toEqual([0, 5]);
  rig.host.processor = 1;
  expect(byNode(rig, rig.number('MmAllocatePagesForMdl', 0, -1, 0, 5 * PAGE_SIZE))).toEqual([5, 0]);
});
