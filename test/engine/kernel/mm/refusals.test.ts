// A refusal says in figures what was asked for, the best that there was, which rule decided, and where it is documented.
import { expect, test } from 'vitest';
import type { MachineConfiguration } from '../../../../engine/machine/host.ts';
import { Rig } from './support.ts';

const K = 1024;
const M = 1024 * K;
const G = 1024 * M;
const PAGE = 4 * K;
const TAG = 0x31323334;
const ANY_ADDRESS = -1;
const MmCached = 1;
const FULLY_REQUIRED = 4;
const CHUNKS = 0x20;

const PLACEMENT = 'nf-wdm-mmallocatecontiguousmemoryspecifycache';

/** Seven free pages at 2 MiB and five at 3 MiB, twelve in all. */
const twelve: Partial<MachineConfiguration> = {
  freeMemory: {
    kind: 'exact',
    ranges: [
      { start: 2 * M, end: 2 * M + 7 * PAGE },
      { start: 3 * M, end: 3 * M + 5 * PAGE },
    ],
  },
};

/** Memory on both sides of 4 GiB, of which the part below is kept for those who ask for it. */
const nolowmem: Partial<MachineConfiguration> = {
  memory: [
    { start: M, end: 3 * M },
    { start: 4 * G, end: 4 * G + 2 * M },
  ],
  nolowmem: true,
  freeMemory: {
    kind: 'exact',
    ranges: [
      { start: 2 * M, end: 3 * M },
      { start: 4 * G + M, end: 4 * G + M + 9 * PAGE },
    ],
  },
};

/** Two nodes of 4 MiB, with 16 and 1023 pages free. */
const twoNodes: Partial<MachineConfiguration> = {
  memory: [{ start: M, end: 9 * M }],
  nodes: 2,
  freeMemory: {
    kind: 'exact',
    ranges: [
      { start: 2 * M, end: 2 * M + 16 * PAGE },
      { start: 5 * M, end: 9 * M - PAGE },
    ],
  },
};

interface Refusal {
  readonly on: Partial<MachineConfiguration>;
  readonly call: readonly [string, ...number[]];
  readonly text: string;
  readonly page: string;
}

const contiguous = 'MmAllocateContiguousMemory';
const specify = 'MmAllocateContiguousMemorySpecifyCache';
const onNode = 'MmAllocateContiguousMemorySpecifyCacheNode';
const pages = 'MmAllocatePagesForMdlEx';

const refusals: Readonly<Record<string, Refusal>> = {
  'no run is long enough': {
    on: twelve,
    call: [contiguous, 8 * PAGE, 0xffff_ffff],
    text: '8 contiguous pages at or below 0xFFFFFFFF were asked for; the longest free run there is 7 pages, at 0x200000',
    page: PLACEMENT,
  },
  'the run is cut by the highest address': {
    on: twelve,
    call: [specify, 7 * PAGE, 0, 2 * M + 6 * PAGE - 1, 0, MmCached],
    text: '7 contiguous pages at or below 0x205FFF were asked for; the longest free run there is 6 pages, at 0x200000',
    page: PLACEMENT,
  },
  'the run is cut by the lowest address': {
    on: twelve,
    call: [specify, 7 * PAGE, 2 * M + 1, ANY_ADDRESS, 0, MmCached],
    text: '7 contiguous pages at or above 0x201000 were asked for; the longest free run there is 6 pages, at 0x201000',
    page: PLACEMENT,
  },
  'nothing is free within the bounds': {
    on: twelve,
    call: [contiguous, 6 * PAGE, 2 * M - 1],
    text: '6 contiguous pages at or below 0x1FFFFF were asked for; no page is free there',
    page: 'nf-wdm-mmallocatecontiguousmemory',
  },
  'no memory lies within the bounds': {
    on: twelve,
    call: [specify, PAGE, G, 2 * G - 1, 0, MmCached],
    text: "1 page between 0x40000000 and 0x7FFFFFFF was asked for; no page of this machine's memory lies there",
    page: PLACEMENT,
  },
  'a block longer than its boundary': {
    on: twelve,
    call: [specify, 5 * PAGE, 0, ANY_ADDRESS, 4 * PAGE, MmCached],
    text: '5 contiguous pages were asked for; the longest free run there between the boundaries is 4 pages, at 0x200000. A block of 20480 bytes cannot avoid the multiples of its boundary, 0x4000',
    page: PLACEMENT,
  },
  'runs that a boundary cuts': {
    on: twelve,
    call: [specify, 4 * PAGE, 2 * M + PAGE, 2 * M + 7 * PAGE - 1, 4 * PAGE, MmCached],
    text: '4 contiguous pages between 0x201000 and 0x206FFF were asked for; the longest free run there between the boundaries is 3 pages, at 0x201000, and longer ones are cut by a multiple of the boundary, 0x4000',
    page: PLACEMENT,
  },
  'a boundary that is no power of two': {
    on: twelve,
    call: [specify, PAGE, 0, ANY_ADDRESS, 3 * PAGE, MmCached],
    text: 'the boundary 0x3000 of a block of 4096 bytes is not a power of two',
    page: PLACEMENT,
  },
  'a boundary below the page size': {
    on: twelve,
    call: [specify, PAGE, 0, ANY_ADDRESS, 0x800, MmCached],
    text: 'the boundary 0x800 is not a multiple of the page size',
    page: PLACEMENT,
  },
  'a caching type that is not for drivers': {
    on: twelve,
    call: [specify, PAGE, 0, ANY_ADDRESS, 0, 5],
    text: 'cache type 5 is not one that drivers may ask for (MmNonCached, MmCached, MmWriteCombined)',
    page: 'ne-wdm-_memory_caching_type',
  },
  'a protection that is none of the two': {
    on: twelve,
    call: ['MmAllocateContiguousNodeMemory', PAGE, 0, ANY_ADDRESS, 0, 0x02, 0],
    text: 'protection 0x2 is not PAGE_READWRITE or PAGE_EXECUTE_READWRITE with at most one of PAGE_NOCACHE and PAGE_WRITECOMBINE',
    page: 'nf-wdm-mmallocatecontiguousnodememory',
  },
  'no byte': {
    on: twelve,
    call: [contiguous, 0, ANY_ADDRESS],
    text: '0 bytes were asked for',
    page: 'nf-wdm-mmallocatecontiguousmemory',
  },
  'low memory is kept': {
    on: nolowmem,
    call: [contiguous, 10 * PAGE, ANY_ADDRESS],
    text: '10 contiguous pages were asked for; the longest free run there is 9 pages, at 0x100100000. The machine has nolowmem: only a request whose highest address is below 0x100000000 gets memory from below it, where 256 pages are free',
    page: 'bcdedit--set',
  },
  'the node has too little, others have more': {
    on: twoNodes,
    call: [onNode, 17 * PAGE, 0, ANY_ADDRESS, 0, MmCached, 0],
    text: '17 contiguous pages on node 0 were asked for; the longest free run there is 16 pages, at 0x200000. Other nodes could have served it',
    page: 'nf-wdm-mmallocatecontiguousmemoryspecifycachenode',
  },
  'a node that there is not': {
    on: twoNodes,
    call: [onNode, PAGE, 0, ANY_ADDRESS, 0, MmCached, 5],
    text: '1 page on node 5 was asked for; no page is free there. The machine has 2 nodes, 0 to 1',
    page: 'nf-wdm-mmallocatecontiguousmemoryspecifycachenode',
  },
  'all pages are required': {
    on: twelve,
    call: [pages, 0, ANY_ADDRESS, 0, 20 * PAGE, MmCached, FULLY_REQUIRED],
    text: 'all 20 pages are required: 20 pages were asked for; 12 pages are free there',
    page: 'nf-wdm-mmallocatepagesformdlex',
  },
  'one contiguous block of pages': {
    on: twelve,
    call: [pages, 0, ANY_ADDRESS, 0, 8 * PAGE, MmCached, CHUNKS],
    text: '8 contiguous pages were asked for; the longest free run there is 7 pages, at 0x200000',
    page: PLACEMENT,
  },
  'a chunk that is no power of two': {
    on: twelve,
    call: [pages, 0, ANY_ADDRESS, 3 * PAGE, 6 * PAGE, MmCached, CHUNKS],
    text: 'SkipBytes, 0x3000, is the size of a chunk here and must be a power of two',
    page: 'nf-wdm-mmallocatepagesformdlex',
  },
  'a total that is no multiple of the chunk': {
    on: twelve,
    call: [pages, 0, ANY_ADDRESS, 2 * PAGE, 3 * PAGE, MmCached, CHUNKS],
    text: 'TotalBytes, 0x3000, is not a multiple of the chunk size 0x2000',
    page: 'nf-wdm-mmallocatepagesformdlex',
  },
  'large pages without chunks of large pages': {
    on: twelve,
    call: [pages, 0, ANY_ADDRESS, 2 * PAGE, 2 * PAGE, MmCached, 0x60],
    text: 'MM_ALLOCATE_FAST_LARGE_PAGES needs chunks (MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS) of a multiple of 0x200000, and SkipBytes is 0x2000',
    page: 'nf-wdm-mmallocatepagesformdlex',
  },
  'hot removal of all or nothing': {
    on: twelve,
    call: [pages, 0, ANY_ADDRESS, 0, PAGE, MmCached, 0x104],
    text: 'MM_ALLOCATE_AND_HOT_REMOVE does not go with MM_ALLOCATE_FULLY_REQUIRED',
    page: 'nf-wdm-mmallocatepagesformdlex',
  },
  'noncached memory that there is not': {
    on: twelve,
    call: ['MmAllocateNonCachedMemory', 20 * PAGE],
    text: '20 pages were asked for; 12 pages are free there',
    page: 'nf-ntddk-mmallocatenoncachedmemory',
  },
  'an MDL that this Windows cannot describe': {
    on: { windows: 'Server 2003' },
    call: ['IoAllocateMdl', 0x10000, 64 * M, 0, 0, 0],
    text: '67108864 bytes were asked for, and an MDL describes 33525760 bytes at most on this Windows',
    page: 'nf-wdm-ioallocatemdl',
  },
  'I/O space of no byte': {
    on: {},
    call: ['MmMapIoSpace', 0xf000_0000, 0, 0],
    text: '0 bytes were asked for',
    page: 'nf-wdm-mmmapiospace',
  },
  'I/O space behind the physical address space': {
    on: {},
    call: ['MmMapIoSpace', 2 ** 51, 2 ** 52, 0],
    text: 'the range leaves the physical address space',
    page: 'nf-wdm-mmmapiospace',
  },
  'I/O space with a protection that is none': {
    on: {},
    call: ['MmMapIoSpaceEx', 0xf000_0000, PAGE, 1],
    text: 'protection 0x1 is none that the routine takes',
    page: 'nf-wdm-mmmapiospaceex',
  },
  'more address space than there is': {
    on: {},
    call: ['MmAllocateMappingAddress', 2 ** 46, TAG],
    text: 'no 17179869184 pages of system address space are left',
    page: 'nf-wdm-mmallocatemappingaddress',
  },
};

test.each(Object.entries(refusals))('%s', (_name, { on, call, text, page }) => {
  const rig = new Rig(on);
  const [routine, ...values] = call;
  expect(rig.number(routine, ...values)).toBe(0);
  expect(rig.explanations).toEqual([`${routine} returns NULL: ${text}.`]);
  expect(rig.explanationPages).toEqual([page]);
  // Nothing was taken.
  expect(rig.free).toBe(new Rig(on).free);
});

test('fewer pages than asked for are granted, and it says how many and why', () => {
  const rig = new Rig(twelve);
  expect(rig.number(pages, 0, ANY_ADDRESS, 0, 20 * PAGE, MmCached, 0)).not.toBe(0);
  expect(rig.explanations).toEqual([
    'MmAllocatePagesForMdlEx answers an MDL for 12 of 20 pages: 20 pages were asked for; 12 pages are free there. MmGetMdlByteCount tells how much it describes.',
  ]);
  expect(rig.explanationPages).toEqual(['nf-wdm-mmallocatepagesformdlex']);
});

test('whatever the figures say is what the next request gets', () => {
  const rig = new Rig(twelve);
  rig.call(contiguous, 8 * PAGE, ANY_ADDRESS);
  const longest = Number(/run there is (\d+) pages/.exec(rig.explanations[0] ?? '')?.[1]);
  expect(rig.number(contiguous, longest * PAGE, ANY_ADDRESS)).not.toBe(0);
});

test('a mapping that needs a locked MDL, and one that is too long', () => {
  const rig = new Rig();
  const place = rig.number('MmAllocateMappingAddress', PAGE, TAG);
  const mdl = rig.number('IoAllocateMdl', 0x10000, PAGE, 0, 0, 0);
  const three = rig.number('MmAllocatePagesForMdl', 0, ANY_ADDRESS, 0, 3 * PAGE);
  expect(rig.number('MmMapLockedPagesWithReservedMapping', place, TAG, mdl, MmCached)).toBe(0);
  expect(rig.number('MmMapLockedPagesWithReservedMapping', place, TAG, three, MmCached)).toBe(0);
  expect(rig.explanations).toEqual([
    'MmMapLockedPagesWithReservedMapping returns NULL: the MDL is not locked (MDL_ALLOCATED_FIXED_SIZE (0x8)).',
    'MmMapLockedPagesWithReservedMapping returns NULL: the MDL has 3 pages, and 1 page is reserved.',
  ]);
});

test('an exception says which byte, and what is wrong there', () => {
  const rig = new Rig();
  const mdl = rig.number('IoAllocateMdl', 0x1_0010, 2 * PAGE, 0, 0, 0);
  const raised = rig.exception('MmProbeAndLockPages', mdl, 1, 1);
  expect(raised.parameters).toEqual([1, 0x1_0010]);
  expect(rig.explanations).toEqual([
    'MmProbeAndLockPages raises STATUS_ACCESS_VIOLATION for 8192 bytes at 0x0000000000010010: at 0x0000000000010010, no page is present there.',
  ]);
  expect(rig.explanationPages).toEqual(['nf-wdm-mmprobeandlockpages']);
});
