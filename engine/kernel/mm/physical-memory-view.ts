/**
 * The view of physical memory: ranges and holes, whom the memory in them belongs to, what is free below and
 * above 4 GB, and the drivers' pool blocks. Long lists are paged; only what is shown is looked at.
 */
import { PAGE_SIZE, virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import { FRAME_4G, type FrameRunGrant, type FrameUse } from '../../machine/frames.ts';
import type { RowRequest, ViewRow } from '../../vm/view-row.ts';
import type { StrayAccess } from '../hal/stray-accesses.ts';
import { cacheName } from './calls.ts';
import { callText, describeHolding, pagesText, sizeText, tagText, whatIs } from './describe.ts';
import {
  behind,
  code,
  hostRows,
  lines,
  type MemoryViewHost,
  madeAt,
  type Page,
  row,
} from './view-host.ts';

const FOUR_GIGABYTES = FRAME_4G * PAGE_SIZE;

/** Rows of the view for the hosts of a session. */
export function physicalMemoryRows(
  hosts: readonly MemoryViewHost[],
  request: RowRequest,
): readonly ViewRow[] {
  return hostRows(hosts, describeHost, rowsOf, request);
}

/** Memory and what is free of it. */
function describeHost(host: MemoryViewHost): string {
  const { frames } = host.memory;
  const { free } = frames.summary(0, frames.highest);
  return `${sizeText(frames.totalPages * PAGE_SIZE)}, ${sizeText(free * PAGE_SIZE)} free`;
}

/** Children by the path below the host. */
function rowsOf(host: MemoryViewHost, path: readonly string[], page: Page): readonly ViewRow[] {
  const [kind, argument] = path;
  switch (kind) {
    case undefined:
      return rootRows(host).slice(page.start, page.start + page.count);
    case 'range':
      return path.length === 2 ? rangeRows(host, Number(argument), page) : [];
    case 'free':
      return argument === 'below'
        ? freeRows(host, argument, 0, FRAME_4G - 1, page)
        : freeRows(host, argument ?? 'above', FRAME_4G, host.memory.frames.highest, page);
    case 'pool':
      return poolRows(host, page);
    case 'strays':
      return strayRows(host, page);
    default:
      return [];
  }
}

const span = (first: number, count: number): string =>
  `${hex(first * PAGE_SIZE)} .. ${hex((first + count) * PAGE_SIZE)}`;

const reference = (host: MemoryViewHost, frame: number): string =>
  `phys:${host.name}:${hex(frame * PAGE_SIZE)}`;

// ---- Roots -------------------------------------------------------------------------------------------

/** Ranges and holes in order of addresses, then the groups. */
function rootRows(host: MemoryViewHost): readonly ViewRow[] {
  const { frames, pool } = host.memory;
  const rows: ViewRow[] = [];
  let end = 0;
  for (const range of frames.ranges) {
    if (range.frame > end) rows.push(holeRow(host, end, range.frame - end));
    rows.push(rangeRow(host, range));
    end = range.frame + range.count;
  }
  rows.push(freeGroup(host, 'below', 'Free below 4 GB', 0, FRAME_4G - 1));
  if (frames.highest >= FRAME_4G) {
    rows.push(freeGroup(host, 'above', 'Free above 4 GB', FRAME_4G, frames.highest));
  }
  const blocks = pool.driverBlocks;
  rows.push(
    row({
      id: `${host.name}/pool`,
      label: 'Pool of drivers',
      description: blocks === 0 ? 'no block' : `${blocks} ${blocks === 1 ? 'block' : 'blocks'}`,
      icon: 'symbol-array',
      kind: 'poolGroup',
      hasChildren: blocks > 0,
    }),
  );
  if (host.strays.all.size > 0) rows.push(strayGroup(host));
  return rows;
}

/** What lies between two ranges. */
function holeRow(host: MemoryViewHost, first: number, count: number): ViewRow {
  return row({
    id: `${host.name}/hole/${hex(first * PAGE_SIZE)}`,
    label: span(first, count),
    description: `${sizeText(count * PAGE_SIZE)}, no memory`,
    tooltip: 'No memory answers here: firmware, registers of devices, or nothing.',
    icon: 'circle-slash',
    kind: 'hole',
    bytes: count * PAGE_SIZE,
  });
}

/** A range of installed memory. */
function rangeRow(host: MemoryViewHost, range: FrameRunGrant): ViewRow {
  const { frames } = host.memory;
  const { free, runs, longest } = frames.summary(range.frame, range.frame + range.count - 1);
  const size = sizeText(range.count * PAGE_SIZE);
  return row({
    id: `${host.name}/range/${hex(range.frame * PAGE_SIZE)}`,
    label: span(range.frame, range.count),
    description:
      free === 0
        ? `${size}, nothing free`
        : `${size}, ${sizeText(free * PAGE_SIZE)} free in ${runs} ${runs === 1 ? 'run' : 'runs'}`,
    tooltip: lines(
      `**Memory** ${code(span(range.frame, range.count))}`,
      `${pagesText(range.count)}, ${pagesText(free)} free, longest run ${pagesText(longest)}`,
    ),
    icon: 'server',
    kind: 'range',
    hasChildren: true,
    memoryReference: reference(host, range.frame),
    bytes: range.count * PAGE_SIZE,
  });
}

/** What is free on one side of 4 GB. */
function freeGroup(
  host: MemoryViewHost,
  key: 'below' | 'above',
  label: string,
  low: number,
  high: number,
): ViewRow {
  const { frames } = host.memory;
  const { free, runs, longest, longestAt } = frames.summary(low, high);
  const nolowmem = key === 'below' && host.memory.host.machine.nolowmem;
  return row({
    id: `${host.name}/free/${key}`,
    label,
    description:
      free === 0
        ? 'nothing'
        : `${pagesText(free)} in ${runs} ${runs === 1 ? 'run' : 'runs'}, longest ${pagesText(longest)}`,
    tooltip: lines(
      free === 0
        ? ''
        : `The longest run is ${pagesText(longest)}, at ${code(hex(longestAt * PAGE_SIZE))}`,
      nolowmem
        ? `The machine has ${code('nolowmem')}: only requests whose highest address is below ${code(hex(FOUR_GIGABYTES))} are served from here.`
        : '',
    ),
    icon: 'circle-large-outline',
    kind: 'freeGroup',
    hasChildren: free > 0,
    bytes: free * PAGE_SIZE,
  });
}

// ---- Inside a range ----------------------------------------------------------------------------------

/** What was taken at boot as a sum, then every other owner run by run. */
function rangeRows(host: MemoryViewHost, start: number, page: Page): readonly ViewRow[] {
  const { frames } = host.memory;
  const range = frames.ranges.find((candidate) => candidate.frame * PAGE_SIZE === start);
  if (range === undefined) return [];
  const last = range.frame + range.count - 1;
  const { kept, taken, takenRuns } = frames.summary(range.frame, last);
  const id = `${host.name}/range/${hex(start)}`;
  const fixed: ViewRow[] = [];
  if (kept > 0) {
    fixed.push(
      row({
        id: `${id}/windows`,
        label: 'Windows',
        description: sizeText(kept * PAGE_SIZE),
        tooltip: 'Taken at boot; images, stacks and the pool of the system itself come from here.',
        icon: 'lock',
        kind: 'reserved',
        bytes: kept * PAGE_SIZE,
      }),
    );
  }
  if (taken > 0) {
    fixed.push(
      row({
        id: `${id}/inUse`,
        label: 'In use',
        description: `${sizeText(taken * PAGE_SIZE)} in ${takenRuns} runs`,
        tooltip: `What ${code('free_memory fragmented')} took away.`,
        icon: 'circle-large-filled',
        kind: 'reserved',
        bytes: taken * PAGE_SIZE,
      }),
    );
  }
  const rest = behind(page, fixed.length);
  const owned = frames.ownedRuns(range.frame, last, rest.start, rest.count);
  return [
    ...fixed.slice(page.start, page.start + page.count),
    ...owned.map((run) => ownedRow(host, id, run)),
  ];
}

/** A run of frames with its owner and the call behind it. */
function ownedRow(
  host: MemoryViewHost,
  parent: string,
  run: FrameRunGrant & { readonly use: FrameUse },
): ViewRow {
  const { memory } = host;
  const { allocation, owner } = run.use;
  const holding = allocation === undefined ? undefined : memory.ledger.get(allocation);
  const bytes = run.count * PAGE_SIZE;
  const at = hex(run.frame * PAGE_SIZE);
  const attribute = memory.frames.attributeOf(run.frame);
  const locks = memory.frames.lockCount(run.frame);
  const details = [
    attribute === undefined
      ? 'not mapped'
      : `${cacheName(attribute.cache)}, ${attribute.mappings} ${attribute.mappings === 1 ? 'mapping' : 'mappings'}`,
    locks === 0 ? '' : `locked ${locks} ${locks === 1 ? 'time' : 'times'}`,
    memory.frames.nodes.length > 1 ? `node ${memory.frames.nodeOf(run.frame)}` : '',
  ].filter((part) => part !== '');
  const stray = host.strays.in(run.frame, run.count);
  return row({
    id: allocation === undefined ? `${parent}/run/${at}` : `${parent}/alloc/${allocation}@${at}`,
    label: span(run.frame, run.count),
    description:
      `${owner ?? ''}, ${sizeText(bytes)}` +
      (holding === undefined ? '' : `, ${callText(holding)}`) +
      (stray === undefined ? '' : `, ${strayText(stray)}`),
    tooltip: lines(
      `**${owner ?? ''}** ${code(span(run.frame, run.count))}`,
      holding && describeHolding(holding),
      holding && `By ${code(holding.routine)}`,
      madeAt(holding?.site),
      details.join(', '),
      stray && `${strayText(stray)} at ${code(hex(stray.address))}`,
    ),
    icon:
      stray !== undefined ? 'warning' : holding === undefined ? 'circle-filled' : 'symbol-variable',
    kind: holding === undefined ? 'systemMemory' : 'allocation',
    site: holding?.site,
    memoryReference: reference(host, run.frame),
    bytes,
  });
}

// ---- Whom devices hit --------------------------------------------------------------------------------

const strayText = ({ device, access }: StrayAccess): string =>
  `${access === 'write' ? 'overwritten' : 'read'} by ${device}`;

function strayGroup(host: MemoryViewHost): ViewRow {
  const { size } = host.strays.all;
  return row({
    id: `${host.name}/strays`,
    label: 'Hit by devices',
    description: `${size} ${size === 1 ? 'page' : 'pages'}`,
    tooltip:
      'What devices read or wrote although no common buffer or transfer of theirs covers it.',
    icon: 'warning',
    kind: 'strayGroup',
    hasChildren: true,
  });
}

/** One row for each page that was hit, by address. */
function strayRows(host: MemoryViewHost, page: Page): readonly ViewRow[] {
  return [...host.strays.all.values()].slice(page.start, page.start + page.count).map((stray) =>
    row({
      id: `${host.name}/strays/${hex(stray.address)}`,
      label: hex(stray.address),
      description: `${strayText(stray)}, ${sizeText(stray.length)}: ${stray.owner}`,
      tooltip: lines(
        `**${strayText(stray)}** ${code(hex(stray.address))}`,
        stray.owner,
        madeAt(stray.site),
      ),
      icon: 'warning',
      kind: 'stray',
      site: stray.site,
      memoryReference: `phys:${host.name}:${hex(stray.address)}`,
      bytes: stray.length,
    }),
  );
}

// ---- Free runs and pool blocks -------------------------------------------------------------------------

/** Free runs by address. */
function freeRows(
  host: MemoryViewHost,
  key: string,
  low: number,
  high: number,
  page: Page,
): readonly ViewRow[] {
  return host.memory.frames.freeRuns(low, high, page.start, page.count).map((run) =>
    row({
      id: `${host.name}/free/${key}/${hex(run.frame * PAGE_SIZE)}`,
      label: span(run.frame, run.count),
      description: `${pagesText(run.count)}, ${sizeText(run.count * PAGE_SIZE)}`,
      icon: 'circle-outline',
      kind: 'freeRun',
      memoryReference: reference(host, run.frame),
      bytes: run.count * PAGE_SIZE,
    }),
  );
}

/** Blocks of pool that drivers hold, by address. */
function poolRows(host: MemoryViewHost, page: Page): readonly ViewRow[] {
  const { memory } = host;
  return memory.pool.listDriverBlocks(page.start, page.count).map(({ address, block }) => {
    const holding = block.holding === undefined ? undefined : memory.ledger.get(block.holding);
    const kind = block.paged ? 'paged' : 'nonpaged';
    return row({
      id: `${host.name}/pool/${block.holding ?? hex(address, 16)}`,
      label: `'${tagText(block.tag)}' ${sizeText(block.bytes)}`,
      description: `${kind}, ${hex(address, 16)}${holding === undefined ? '' : `, ${callText(holding)}`}`,
      tooltip: lines(
        holding && `**${whatIs(holding)}**`,
        holding && `By ${code(holding.routine)}, at ${code(hex(address, 16))}`,
        physicalText(host, address),
        madeAt(holding?.site),
      ),
      icon: 'symbol-array',
      kind: 'poolBlock',
      site: holding?.site,
      memoryReference: `va:${host.name}:0:${hex(address, 16)}`,
      bytes: block.bytes,
    });
  });
}

function physicalText(host: MemoryViewHost, address: number): string | undefined {
  const physical = host.memory.physicalOf(virtual(address));
  return physical === undefined ? undefined : `Physical address ${code(hex(physical))}`;
}
