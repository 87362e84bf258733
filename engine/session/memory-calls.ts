/** Which calls a piece of memory goes back to: who allocated it, freed it, locked it. From the kernel's ledger. */
import { byteOffset, PAGE_SIZE, pageAlign } from '../base/addresses.ts';
import type { Holding } from '../kernel/ledger.ts';
import { bytesText, placeOf, whatIs } from '../kernel/mm/describe.ts';
import type { MemoryCall, Moment } from '../session-types.ts';
import { parseReference } from '../vm/debug/memory-reference.ts';
import type { Site } from '../vm/reports.ts';
import type { BuiltMachine } from './build.ts';

/** Pages of a locked range that are looked at for a physical address. */
const MOST_PAGES = 0x1_0000;

/**
 * Calls up to the present moment that concern the byte at a reference, in the order of the run. An MDL and
 * other objects with an address of their own are found by it, too.
 */
export function memoryCalls(
  { vm, kernels }: BuiltMachine,
  reference: string,
  kind: MemoryCall,
): readonly Moment[] {
  const place = parseReference(reference);
  const kernel = kernels.find(({ host }) => host.name === place?.host);
  if (place === undefined || kernel === undefined) return [];
  const { index } = kernel.host;
  const virtual = place.space === 'virtual' ? place.address : undefined;
  const physical =
    virtual === undefined ? place.address : vm.translate(index, place.process, virtual);
  const page = physical === undefined ? undefined : Math.floor(physical / PAGE_SIZE);
  const allocation = page === undefined ? undefined : kernel.memory.frames.useOf(page)?.allocation;
  const concerned = [...kernel.ledger.all.values()].filter((holding) => {
    const isLock = holding.kind === 'locked pages';
    if (isLock !== (kind === 'locked')) return false;
    if (kind === 'freed' && holding.live) return false;
    if (virtual !== undefined && covers(holding, virtual, place.process)) return true;
    if (!holding.live || page === undefined) return false;
    // Memory that is asked about by its physical address, or under another mapping.
    return isLock ? locks(vm, index, holding, page) : holding.id === allocation;
  });
  return concerned
    .map((holding) => momentOf(holding, kind === 'freed' ? holding.freed : holding.site, kind))
    .filter((moment) => moment !== undefined)
    .sort((one, other) => one.tick - other.tick);
}

function momentOf(holding: Holding, site: Site | undefined, kind: MemoryCall): Moment | undefined {
  if (site === undefined) return undefined;
  const what =
    kind === 'locked' ? `${bytesText(holding.bytes)} locked` : `${whatIs(holding)} ${kind}`;
  const by = kind === 'freed' ? '' : ` by ${holding.routine}`;
  return {
    tick: site.tick,
    text: `${what}${by}, ${site.module}!${site.function} at ${placeOf(site)}`,
    site,
  };
}

/** Whether an address lies in what was handed out, or is the address of the object itself. */
function covers(holding: Holding, address: number, process: number): boolean {
  if (holding.address === address) return true;
  const { details, bytes } = holding;
  if (holding.kind === 'locked pages') {
    const start = details['virtualAddress'];
    const owner = details['process'];
    return (
      typeof start === 'number' &&
      (start < 0 || owner === process) &&
      address >= start &&
      address < start + bytes
    );
  }
  const isRange = holding.kind !== 'MDL' && holding.kind !== 'pages for MDL';
  return isRange && address >= holding.address && address < holding.address + bytes;
}

/** Whether a live lock holds a page, as its range maps now. */
function locks(vm: BuiltMachine['vm'], host: number, holding: Holding, page: number): boolean {
  const { virtualAddress, process } = holding.details;
  if (typeof virtualAddress !== 'number' || typeof process !== 'number') return false;
  const pages = Math.min(
    Math.ceil((byteOffset(virtualAddress) + holding.bytes) / PAGE_SIZE),
    MOST_PAGES,
  );
  for (let index = 0; index < pages; index++) {
    const address = pageAlign(virtualAddress) + index * PAGE_SIZE;
    const at = vm.translate(host, process, address);
    if (at !== undefined && Math.floor(at / PAGE_SIZE) === page) return true;
  }
  return false;
}
