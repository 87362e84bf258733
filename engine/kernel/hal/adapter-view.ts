/**
 * The view of DMA adapters: what each description said, how far the device reaches, its map registers, common
 * buffers and scatter/gather lists.
 */
import { hex } from '../../base/int64.ts';
import type { RowRequest, ViewRow } from '../../vm/view-row.ts';
import type { Ledger } from '../ledger.ts';
import { callText, describeHolding, pagesText, sizeText } from '../mm/describe.ts';
import { code, hostRows, lines, madeAt, type Page, row } from '../mm/view-host.ts';
import { type Adapter, type Adapters, reachText } from './adapters.ts';
import type { CommonBuffer, CommonBuffers } from './common-buffers.ts';
import { interfaceName } from './device-description.ts';
import type { MapRegisters, RegisterBlock } from './map-registers.ts';
import type { ListRecord } from './scatter-gather.ts';
import type { Transfers } from './transfers.ts';

/** What the view needs of a host. */
export interface AdapterViewHost {
  readonly name: string;
  readonly ledger: Ledger;
  readonly adapters: Adapters;
  readonly commonBuffers: CommonBuffers;
  readonly mapRegisters: MapRegisters;
  readonly transfers: Transfers;
}

/** Rows of the view for the hosts of a session. */
export function adapterRows(
  hosts: readonly AdapterViewHost[],
  request: RowRequest,
): readonly ViewRow[] {
  return hostRows(
    hosts,
    (host) => countText(liveAdapters(host).length, 'adapter'),
    rowsOf,
    request,
  );
}

function rowsOf(host: AdapterViewHost, path: readonly string[], page: Page): readonly ViewRow[] {
  const adapters = liveAdapters(host);
  const rows = ((): readonly ViewRow[] => {
    if (path.length === 0) return adapters.map((adapter) => adapterRow(host, adapter));
    const adapter = adapters.find(({ number }) => number === Number(path[1]));
    if (adapter === undefined) return [];
    switch (path[2]) {
      case undefined:
        return partRows(host, adapter);
      case 'description':
        return fieldRows(host, adapter);
      case 'registers':
        return blocksOf(host, adapter).map((block) => blockRow(host, adapter, block));
      default:
        return [];
    }
  })();
  return rows.slice(page.start, page.start + page.count);
}

const liveAdapters = ({ adapters }: AdapterViewHost): readonly Adapter[] =>
  [...adapters.all.values()]
    .filter(({ live }) => live)
    .sort((left, right) => left.number - right.number);

const buffersOf = (host: AdapterViewHost, adapter: Adapter): readonly CommonBuffer[] =>
  [...host.commonBuffers.all.values()].filter(
    (buffer) => buffer.live && buffer.adapter === adapter.address,
  );

const listsOf = (host: AdapterViewHost, adapter: Adapter): readonly ListRecord[] =>
  [...host.transfers.allLists.values()].filter((list) => list.adapter === adapter.address);

const blocksOf = (host: AdapterViewHost, adapter: Adapter): readonly RegisterBlock[] =>
  [...host.mapRegisters.all.values()].filter((block) => block.adapter === adapter.address);

function adapterRow(host: AdapterViewHost, adapter: Adapter): ViewRow {
  const holding = host.ledger.get(adapter.holding);
  const buffers = buffersOf(host, adapter).length;
  return row({
    id: idOf(host, adapter),
    label: `${adapter.nic ?? 'Device'}, adapter ${adapter.number}`,
    description: `${adapter.bits} bits, ${countText(adapter.granted, 'map register')}, ${countText(buffers, 'common buffer')}${holding === undefined ? '' : `, ${callText(holding)}`}`,
    tooltip: lines(
      `**DMA adapter** ${code(hex(adapter.address, 16))}`,
      `Reaches ${code(reachText(adapter.bits))}: ${adapter.because}`,
      adapter.nicBits === undefined
        ? undefined
        : `${adapter.nic} has ${adapter.nicBits} address bits`,
      host.mapRegisters.translated ? `IOMMU domain ${adapter.domain}` : undefined,
      madeAt(holding?.site),
    ),
    icon: 'circuit-board',
    hasChildren: true,
    site: holding?.site,
    memoryReference: `va:${host.name}:0:${hex(adapter.address, 16)}`,
    bytes: 0x10,
    kind: 'adapter',
  });
}

function partRows(host: AdapterViewHost, adapter: Adapter): readonly ViewRow[] {
  const id = idOf(host, adapter);
  const blocks = blocksOf(host, adapter);
  return [
    row({
      id: `${id}/description`,
      label: 'Description',
      description: `version ${adapter.description.Version}, ${sizeText(adapter.description.MaximumLength ?? 0)} at most`,
      tooltip: 'The fields of DEVICE_DESCRIPTION that this version uses, as they were at the call.',
      icon: 'list-flat',
      kind: 'description',
      hasChildren: true,
    }),
    reachRow(id, adapter),
    row({
      id: `${id}/registers`,
      label: 'Map registers',
      description: `${adapter.granted} granted of ${adapter.wanted} wanted, ${adapter.registersHeld} in use`,
      tooltip: 'Pages within reach that stand in for pages beyond it.',
      icon: 'symbol-array',
      kind: 'mapRegisters',
      hasChildren: blocks.length > 0,
    }),
    ...channelRows(host, id, adapter),
    ...buffersOf(host, adapter).map((buffer) => bufferRow(host, id, buffer)),
    ...listsOf(host, adapter).map((list) => listRow(host, id, list)),
  ];
}

/** The channel while somebody has it, what the DMA controller does on it, and who waits. */
function channelRows(host: AdapterViewHost, id: string, adapter: Adapter): readonly ViewRow[] {
  const { controller, requests } = host.transfers;
  const transfer = controller.describe(adapter);
  const waiting = [...requests.waiting.values()].filter((one) => one.adapter === adapter.address);
  const rows: ViewRow[] = [];
  if (adapter.channel || transfer !== undefined) {
    rows.push(
      row({
        id: `${id}/channel`,
        label: 'Channel',
        description: transfer ?? 'held by the driver',
        tooltip: 'Who holds the channel lets no other request of the adapter through.',
        icon: 'plug',
        kind: 'channel',
      }),
    );
  }
  waiting.forEach((request, index) => {
    rows.push(
      row({
        id: `${id}/waiting/${index}`,
        label: request.routineName,
        description: `waits for ${adapter.channel ? 'the channel' : countText(request.count, 'map register')}`,
        tooltip: 'Runs when what it waits for is given back, first come first served.',
        icon: 'clock',
        kind: 'waitingRequest',
      }),
    );
  });
  return rows;
}

function reachRow(id: string, adapter: Adapter): ViewRow {
  const tooFar = adapter.nicBits !== undefined && adapter.nicBits < adapter.bits;
  return row({
    id: `${id}/reach`,
    label: 'Reach',
    description: `${reachText(adapter.bits)}, ${adapter.because}`,
    tooltip: lines(
      `Addresses up to ${code(reachText(adapter.bits))}, because ${adapter.because}.`,
      tooFar
        ? `The device itself has only ${adapter.nicBits} address bits: it cannot use all that this allows.`
        : undefined,
    ),
    icon: tooFar ? 'warning' : 'arrow-both',
    kind: 'reach',
  });
}

function fieldRows(host: AdapterViewHost, adapter: Adapter): readonly ViewRow[] {
  const id = idOf(host, adapter);
  return Object.entries(adapter.written).map(([name, value]) =>
    row({
      id: `${id}/description/${name}`,
      label: name,
      description: fieldText(name, value),
      icon: 'symbol-field',
      kind: 'field',
    }),
  );
}

/** BOOLEAN fields as TRUE and FALSE, enumerations by name, lengths in hexadecimal too. */
function fieldText(name: string, value: number): string {
  switch (name) {
    case 'InterfaceType':
      return `${interfaceName(value)} (${value})`;
    case 'MaximumLength':
      return `${value} (${hex(value)})`;
    case 'Version':
    case 'DmaChannel':
    case 'DmaWidth':
    case 'DmaSpeed':
    case 'DmaAddressWidth':
    case 'DmaRequestLine':
      return `${value}`;
    case 'DeviceAddress':
      return hex(value);
    default:
      return value === 0 ? 'FALSE' : value === 1 ? 'TRUE' : `TRUE (${hex(value)})`;
  }
}

function bufferRow(host: AdapterViewHost, id: string, buffer: CommonBuffer): ViewRow {
  const holding = host.ledger.get(buffer.holding);
  return row({
    id: `${id}/buffer/${buffer.holding}`,
    label: hex(buffer.address, 16),
    description: `common buffer, ${sizeText(buffer.length)}, logical ${hex(buffer.logical)}${holding === undefined ? '' : `, ${callText(holding)}`}`,
    tooltip: lines(
      `**Common buffer** ${code(hex(buffer.address, 16))}`,
      `The device uses ${code(hex(buffer.logical))}.`,
      buffer.guarded ? 'Driver Verifier put guards around it.' : undefined,
      holding && describeHolding(holding),
      madeAt(holding?.site),
    ),
    icon: 'symbol-constant',
    site: holding?.site,
    memoryReference: `va:${host.name}:0:${hex(buffer.address, 16)}`,
    bytes: buffer.length,
    kind: 'commonBuffer',
  });
}

function listRow(host: AdapterViewHost, id: string, list: ListRecord): ViewRow {
  const holding = host.ledger.get(list.holding);
  return row({
    id: `${id}/list/${list.holding}`,
    label: hex(list.address, 16),
    description: `scatter/gather list, ${countText(list.elements, 'element')}, ${list.writeToDevice ? 'to the device' : 'from the device'}`,
    tooltip: lines('**Scatter/gather list**', madeAt(holding?.site)),
    icon: 'list-ordered',
    site: holding?.site,
    memoryReference: `va:${host.name}:0:${hex(list.address, 16)}`,
    bytes: holding?.bytes,
    kind: 'scatterGatherList',
  });
}

function blockRow(host: AdapterViewHost, adapter: Adapter, block: RegisterBlock): ViewRow {
  const holding = host.ledger.get(block.holding);
  const bounced = [...host.mapRegisters.piecesOf(block.base)].filter(
    ({ bounce }) => bounce !== undefined,
  ).length;
  const [run] = block.runs;
  return row({
    id: `${idOf(host, adapter)}/registers/${block.holding}`,
    label: countText(block.count, 'map register'),
    description: `${countText(block.mapped, 'piece')} mapped, ${bounced} through registers`,
    tooltip: lines(
      run === undefined
        ? 'No pages: everything is within reach.'
        : `${pagesText(block.count)} at ${code(hex(run.frame * 0x1000))}`,
      madeAt(holding?.site),
    ),
    icon: 'symbol-array',
    site: holding?.site,
    memoryReference: run === undefined ? undefined : `phys:${host.name}:${hex(run.frame * 0x1000)}`,
    bytes: run === undefined ? undefined : block.count * 0x1000,
    kind: 'mapRegisterBlock',
  });
}

const idOf = (host: AdapterViewHost, adapter: Adapter): string =>
  `${host.name}/adapter/${adapter.number}`;

const countText = (count: number, noun: string): string =>
  `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`;
