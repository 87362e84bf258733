/** The frames behind a range of virtual addresses, run by run. */
import { frame, PAGE_SIZE, type PageFrame, pageAlign } from '../../base/addresses.ts';
import { endOf, type Mapping } from '../../machine/address-space.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import type { MemoryRoutines } from './calls.ts';

export interface FramesPart {
  /** Address of the part's first page. */
  readonly address: number;
  readonly mapping: Mapping | undefined;
  /** Undefined: the page at `address` is not present; the walk ends there. */
  readonly run: FrameRunGrant | undefined;
}

/** Walks `pages` pages from the one of `start` on, in the address space of a process or the system. */
export function* framesBehind(
  context: MemoryRoutines,
  process: number,
  start: number,
  pages: number,
): Generator<FramesPart> {
  let address = pageAlign(start);
  const end = address + pages * PAGE_SIZE;
  while (address < end) {
    const mapping = context.memory.spaceOf(process, address)?.find(address);
    if (mapping === undefined || mapping.absent !== undefined) {
      yield { address, mapping, run: undefined };
      return;
    }
    const first = Math.floor((address - mapping.start) / PAGE_SIZE);
    const last = Math.floor((Math.min(end, endOf(mapping)) - mapping.start) / PAGE_SIZE);
    let page = first;
    for (const run of mapping.runs) {
      const runEnd = run.page + run.count;
      if (runEnd <= page) continue;
      if (run.page > page || page >= last) break;
      const count = Math.min(runEnd, last) - page;
      const at: PageFrame = frame(run.frame + (page - run.page));
      yield { address: mapping.start + page * PAGE_SIZE, mapping, run: { frame: at, count } };
      page += count;
    }
    if (page < last) {
      yield { address: mapping.start + page * PAGE_SIZE, mapping, run: undefined };
      return;
    }
    address = mapping.start + last * PAGE_SIZE;
  }
}
