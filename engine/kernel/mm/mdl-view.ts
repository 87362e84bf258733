/**
 * The view of MDLs: what each describes by its bytes now, its pages, its mappings, and the state that the
 * routines left it in.
 */
import { PAGE_SIZE, type VirtualAddress, virtual } from '../../base/addresses.ts';
import { hex, type Int64 } from '../../base/int64.ts';
import type { RowRequest, ViewRow } from '../../vm/view-row.ts';
import type { Holding } from '../ledger.ts';
import { callText, describeHolding, pagesText, sizeText } from './describe.ts';
import { flagNames, type MdlFields, mdlFlags, mdlLayout, PFN_SIZE, peekMdl } from './mdl.ts';
import { code, hostRows, lines, type MemoryViewHost, madeAt, type Page, row } from './view-host.ts';

/** Rows of the view for the hosts of a session. */
export function mdlRows(hosts: readonly MemoryViewHost[], request: RowRequest): readonly ViewRow[] {
  return hostRows(
    hosts,
    (host) => {
      const { size } = host.memory.mdls.all;
      return size === 1 ? '1 MDL' : `${size} MDLs`;
    },
    rowsOf,
    request,
  );
}

/** Children by the path below the host. */
function rowsOf(host: MemoryViewHost, path: readonly string[], page: Page): readonly ViewRow[] {
  if (path.length === 0) return listRows(host, page);
  const id = Number(path[1]);
  const address = host.memory.mdls.all.get(id);
  const fields = address === undefined ? undefined : peekMdl(host.peek, virtual(address));
  if (fields === undefined) return [];
  const parent = `${host.name}/mdl/${id}`;
  switch (path[2]) {
    case undefined:
      return fieldRows(host, parent, fields).slice(page.start, page.start + page.count);
    case 'pages':
      return pageRows(host, parent, fields, page);
    case 'mappings':
      return mappingRows(host, parent, fields).slice(page.start, page.start + page.count);
    default:
      return [];
  }
}

/** What an MDL is good for, by its flags and by who made it. */
export function mdlState(fields: MdlFields, kind: Holding['kind'] | undefined): string {
  const { flags } = fields;
  const mapped = (flags & mdlFlags.MDL_MAPPED_TO_SYSTEM_VA) !== 0 ? ', mapped' : '';
  if ((flags & mdlFlags.MDL_PARTIAL) !== 0) return `partial${mapped}`;
  if ((flags & mdlFlags.MDL_SOURCE_IS_NONPAGED_POOL) !== 0) return 'nonpaged pool';
  if ((flags & mdlFlags.MDL_IO_SPACE) !== 0) return `I/O space${mapped}`;
  if ((flags & mdlFlags.MDL_PAGES_LOCKED) !== 0) {
    return `${kind === 'pages for MDL' ? 'pages allocated' : 'locked'}${mapped}`;
  }
  return 'not built';
}

/** MDLs in the order of their making. */
function listRows(host: MemoryViewHost, page: Page): readonly ViewRow[] {
  const { mdls, ledger } = host.memory;
  const rows: ViewRow[] = [];
  for (let index = page.start; index < page.start + page.count; index++) {
    const entry = mdls.all.at(index);
    if (entry === undefined) break;
    const [id, address] = entry;
    rows.push(mdlRow(host, id, virtual(address), ledger.get(id)));
  }
  return rows;
}

/** One MDL in a line: state, range, the call that made it. */
function mdlRow(
  host: MemoryViewHost,
  id: number,
  address: VirtualAddress,
  holding: Holding | undefined,
): ViewRow {
  const fields = peekMdl(host.peek, address);
  const state = fields === undefined ? 'not mapped any more' : mdlState(fields, holding?.kind);
  const range =
    fields === undefined
      ? ''
      : `, ${sizeText(fields.byteCount)} at ${hex(fields.virtualAddress)}, ${pagesText(fields.pages)}`;
  return row({
    id: `${host.name}/mdl/${id}`,
    label: hex(address, 16),
    description: `${state}${range}${holding === undefined ? '' : `, ${callText(holding)}`}`,
    tooltip: lines(
      `**MDL** ${code(hex(address, 16))}: ${state}`,
      fields && flagNames(fields.flags).map(code).join(' '),
      holding && describeHolding(holding),
      madeAt(holding?.site),
    ),
    icon: state.startsWith('locked') ? 'lock' : 'list-ordered',
    kind: 'mdl',
    hasChildren: fields !== undefined,
    site: holding?.site,
    memoryReference: `va:${host.name}:0:${hex(address, 16)}`,
    bytes: fields?.byteCount,
  });
}

// ---- One MDL -----------------------------------------------------------------------------------------

/** The members that tell something, then pages and mappings as groups. */
function fieldRows(host: MemoryViewHost, parent: string, fields: MdlFields): readonly ViewRow[] {
  const { peek } = host;
  const field = (name: string, offset: number, description: string): ViewRow =>
    row({
      id: `${parent}/${name}`,
      label: name,
      description,
      icon: 'symbol-field',
      kind: 'field',
      memoryReference: `va:${host.name}:0:${hex(fields.address + offset, 16)}`,
    });
  const pointer = (name: string, offset: number): ViewRow => {
    const at = virtual(fields.address + offset);
    const written = peek.isWritten(at, 8) === true;
    return field(name, offset, written ? pointerText(peek.read64(at)) : 'never written');
  };
  const names = flagNames(fields.flags);
  const mappings = host.memory.mdls.mappingsOf(fields.address);
  return [
    row({
      ...field(
        'MdlFlags',
        mdlLayout.mdlFlags,
        `${hex(fields.flags)}${names.length === 0 ? '' : ` ${names.join(' | ')}`}`,
      ),
      tooltip: names.map(code).join('\n\n'),
    }),
    field('StartVa', mdlLayout.startVa, hex(fields.startVa)),
    field('ByteOffset', mdlLayout.byteOffset, hex(fields.byteOffset)),
    field('ByteCount', mdlLayout.byteCount, `${hex(fields.byteCount)} (${fields.byteCount})`),
    pointer('MappedSystemVa', mdlLayout.mappedSystemVa),
    pointer('Process', mdlLayout.process),
    pointer('Next', mdlLayout.next),
    row({
      id: `${parent}/pages`,
      label: 'Pages',
      description: pagesText(fields.pages),
      icon: 'files',
      kind: 'group',
      hasChildren: fields.pages > 0,
    }),
    row({
      id: `${parent}/mappings`,
      label: 'Mappings',
      description: mappings.length === 0 ? 'none' : `${mappings.length}`,
      icon: 'references',
      kind: 'group',
      hasChildren: mappings.length > 0,
    }),
  ];
}

/** A pointer as debuggers show it. */
function pointerText(value: Int64 | undefined): string {
  if (value === undefined) return 'not mapped';
  return value === 0 ? 'NULL' : hex(value, 16);
}

/** Page numbers with the owner and the locks of each frame. */
function pageRows(
  host: MemoryViewHost,
  parent: string,
  fields: MdlFields,
  page: Page,
): readonly ViewRow[] {
  const { peek, memory } = host;
  const rows: ViewRow[] = [];
  const end = Math.min(fields.pages, page.start + page.count);
  for (let index = page.start; index < end; index++) {
    const slot = virtual(fields.address + mdlLayout.pfnArray + index * PFN_SIZE);
    const id = `${parent}/pages/${index}`;
    const number = peek.isWritten(slot, PFN_SIZE) === true ? peek.read64(slot) : undefined;
    if (number === undefined) {
      rows.push(
        row({
          id,
          label: `Page ${index}`,
          description: 'no page number yet',
          icon: 'dash',
          kind: 'page',
        }),
      );
      continue;
    }
    const frame = Number(number);
    const use = memory.frames.useOf(frame);
    const locks = memory.frames.lockCount(frame);
    const holding = use?.allocation === undefined ? undefined : memory.ledger.get(use.allocation);
    const owner = use === undefined ? 'not memory' : (use.owner ?? 'free');
    rows.push(
      row({
        id,
        label: `Page ${index}: ${hex(frame * PAGE_SIZE)}`,
        description: `page number ${hex(frame)}, ${owner}, ${locks === 0 ? 'not locked' : `locked ${locks === 1 ? 'once' : `${locks} times`}`}`,
        tooltip: lines(holding && describeHolding(holding)),
        icon: locks > 0 ? 'lock' : 'file',
        kind: 'page',
        site: holding?.site,
        memoryReference: `phys:${host.name}:${hex(frame * PAGE_SIZE)}`,
        bytes: PAGE_SIZE,
      }),
    );
  }
  return rows;
}

/** Mappings in system space and in processes. */
function mappingRows(host: MemoryViewHost, parent: string, fields: MdlFields): readonly ViewRow[] {
  const { memory } = host;
  return memory.mdls.mappingsOf(fields.address).flatMap((id) => {
    const holding = memory.ledger.get(id);
    if (holding === undefined) return [];
    const process = Number(holding.details['process'] ?? 0);
    const mapping = memory.spaceOf(process, holding.address)?.find(holding.address);
    const where = process === 0 ? 'system space' : `process ${host.processName(process)}`;
    return [
      row({
        id: `${parent}/mappings/${id}`,
        label: hex(holding.address, 16),
        description: `${where}, ${mapping?.protection ?? 'gone'}, ${mapping?.cache ?? ''}, ${callText(holding)}`,
        tooltip: lines(describeHolding(holding), madeAt(holding.site)),
        icon: 'references',
        kind: 'mapping',
        site: holding.site,
        memoryReference: `va:${host.name}:${process}:${hex(holding.address, 16)}`,
        bytes: holding.bytes,
      }),
    ];
  });
}
