/** Images in memory: the loader gives every section its frames and first contents. */

import { PAGE_SIZE } from '../../base/addresses.ts';
import type { FunctionSymbol } from '../../language/program.ts';
import type { AddressSpace, Protection } from '../../machine/address-space.ts';
import { anyFrames } from '../../machine/frames.ts';
import type { ModuleImage } from '../../vm/system.ts';
import type { KernelContext } from '../context.ts';

type Section = ModuleImage['sections'][number];

/** Maps an image; false when there is no memory for it. */
export function mapImage(kernel: KernelContext, image: ModuleImage, space: AddressSpace): boolean {
  const { mode, name } = image.declaration;
  const user = mode === 'user';
  for (const section of image.sections) {
    const pages = section.size / PAGE_SIZE;
    const answer = kernel.memory.allocateFrames({
      pages,
      ...anyFrames,
      owner: `image ${name}`,
      reserve: true,
    });
    if (!answer.granted) {
      unmapImage(kernel, image, space);
      return false;
    }
    // Objects without an initialiser are zero in C: all of a section has a value.
    for (const run of answer.runs) kernel.host.memory.zero(run.frame, run.count);
    kernel.memory.mapAt(space, section.start, user, {
      use: 'image',
      runs: answer.runs,
      protection: protectionOf(section),
      cache: 'cached',
      pageable: user || section.pageable,
      allocation: undefined,
    });
    if (section.bytes !== undefined) {
      kernel.system.of(space).writeBytes(section.start, section.bytes);
    }
  }
  kernel.store.invalidate();
  return true;
}

/** Takes an image away; its range stays known as freed, so that a stale pointer into it can be named. */
export function unmapImage(kernel: KernelContext, image: ModuleImage, space: AddressSpace): void {
  for (const section of image.sections) {
    const mapping = space.mappings.get(section.start);
    if (mapping === undefined || mapping.absent !== undefined) continue;
    const runs = mapping.runs.map((run) => ({ frame: run.frame, count: run.count }));
    if (space === kernel.host.system) kernel.memory.unmapSystem(section.start);
    else kernel.memory.unmapUser(space, section.start);
    kernel.memory.freeFrames(runs);
  }
}

function protectionOf(section: Section): Protection {
  if (section.name === '.text' || section.name === 'PAGE' || section.name === 'INIT') {
    return 'executeRead';
  }
  return section.writable ? 'readWrite' : 'readOnly';
}

/** A routine that an image uses and that its Windows does not have yet. */
export interface TooNew {
  readonly name: string;
  readonly since: string;
}

/** Routines newer than the machine's Windows, by the `@since` of their declarations. */
export function routinesTooNew(kernel: KernelContext, image: ModuleImage): readonly TooNew[] {
  const found = new Map<string, TooNew>();
  for (const unit of image.declaration.units) {
    for (const { symbol, use } of unit.references) {
      if (symbol.kind !== 'function' || symbol.body !== undefined) continue;
      if (use !== 'call' && use !== 'address' && use !== 'read') continue;
      const since = sinceOf(symbol);
      if (since !== undefined && !kernel.atLeast(since)) {
        found.set(symbol.name, { name: symbol.name, since });
      }
    }
  }
  return [...found.values()];
}

/** Whether this Windows has a routine of the kernel's headers; one that nothing declares it has not. */
export function hasRoutine(kernel: KernelContext, image: ModuleImage, name: string): boolean {
  for (const unit of image.declaration.units) {
    const symbol = unit.functions.find((one) => one.name === name);
    if (symbol === undefined) continue;
    const since = sinceOf(symbol);
    return since === undefined || kernel.atLeast(since);
  }
  return false;
}

function sinceOf(symbol: FunctionSymbol): string | undefined {
  return /@since\s+([^\n]+)/.exec(symbol.documentation ?? '')?.[1]?.trim();
}
