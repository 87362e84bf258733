/** Which WDK routines give something out, and which take it back. */
import type { Expression } from '../../language/program.ts';

export type ResourceFamily =
  | 'contiguous'
  | 'nonCached'
  | 'pool'
  | 'mdl'
  | 'mdlPages'
  | 'adapter'
  | 'commonBuffer'
  | 'irp'
  | 'ioSpace';

export interface Allocator {
  readonly family: ResourceFamily;
  /** Position of the size argument. */
  readonly size?: number;
  /** Position of the pool tag. */
  readonly tag?: number;
  /** Position of the cache type. */
  readonly cache?: number;
  /** What a reader calls the thing. */
  readonly noun: string;
}

export interface Releaser {
  readonly family: ResourceFamily;
  /** Position of the argument that is released. */
  readonly subject: number;
  readonly size?: number;
  readonly tag?: number;
  readonly cache?: number;
}

const contiguous = 'contiguous memory';

/** By routine, or by member of DMA_OPERATIONS. */
export const allocators: ReadonlyMap<string, Allocator> = new Map<string, Allocator>([
  ['MmAllocateContiguousMemory', { family: 'contiguous', size: 0, noun: contiguous }],
  [
    'MmAllocateContiguousMemorySpecifyCache',
    { family: 'contiguous', size: 0, cache: 4, noun: contiguous },
  ],
  [
    'MmAllocateContiguousMemorySpecifyCacheNode',
    { family: 'contiguous', size: 0, cache: 4, noun: contiguous },
  ],
  ['MmAllocateContiguousNodeMemory', { family: 'contiguous', size: 0, noun: contiguous }],
  ['MmAllocateNonCachedMemory', { family: 'nonCached', size: 0, noun: 'noncached memory' }],
  ['ExAllocatePool', { family: 'pool', size: 1, noun: 'pool memory' }],
  ['ExAllocatePoolWithTag', { family: 'pool', size: 1, tag: 2, noun: 'pool memory' }],
  ['ExAllocatePoolWithQuotaTag', { family: 'pool', size: 1, tag: 2, noun: 'pool memory' }],
  ['ExAllocatePoolZero', { family: 'pool', size: 1, tag: 2, noun: 'pool memory' }],
  ['ExAllocatePoolUninitialized', { family: 'pool', size: 1, tag: 2, noun: 'pool memory' }],
  ['ExAllocatePool2', { family: 'pool', size: 1, tag: 2, noun: 'pool memory' }],
  ['ExAllocatePool3', { family: 'pool', size: 1, tag: 2, noun: 'pool memory' }],
  ['IoAllocateMdl', { family: 'mdl', size: 1, noun: 'an MDL' }],
  ['MmAllocatePagesForMdl', { family: 'mdlPages', noun: 'an MDL with pages' }],
  ['MmAllocatePagesForMdlEx', { family: 'mdlPages', noun: 'an MDL with pages' }],
  ['IoGetDmaAdapter', { family: 'adapter', noun: 'a DMA adapter' }],
  ['AllocateCommonBuffer', { family: 'commonBuffer', size: 1, noun: 'a common buffer' }],
  ['AllocateCommonBufferEx', { family: 'commonBuffer', size: 2, noun: 'a common buffer' }],
  ['IoAllocateIrp', { family: 'irp', noun: 'an IRP' }],
  ['MmMapIoSpace', { family: 'ioSpace', size: 1, noun: 'an I/O space mapping' }],
  ['MmMapIoSpaceEx', { family: 'ioSpace', size: 1, noun: 'an I/O space mapping' }],
]);

export const releasers: ReadonlyMap<string, Releaser> = new Map<string, Releaser>([
  ['MmFreeContiguousMemory', { family: 'contiguous', subject: 0 }],
  ['MmFreeContiguousMemorySpecifyCache', { family: 'contiguous', subject: 0, size: 1, cache: 2 }],
  ['MmFreeNonCachedMemory', { family: 'nonCached', subject: 0, size: 1 }],
  ['ExFreePool', { family: 'pool', subject: 0 }],
  ['ExFreePoolWithTag', { family: 'pool', subject: 0, tag: 1 }],
  ['IoFreeMdl', { family: 'mdl', subject: 0 }],
  ['MmFreePagesFromMdl', { family: 'mdlPages', subject: 0 }],
  ['PutDmaAdapter', { family: 'adapter', subject: 0 }],
  ['FreeCommonBuffer', { family: 'commonBuffer', subject: 3, size: 1 }],
  ['IoFreeIrp', { family: 'irp', subject: 0 }],
  ['MmUnmapIoSpace', { family: 'ioSpace', subject: 0, size: 1 }],
]);

/** The routines that release a family, for messages. */
export function releasersOf(family: ResourceFamily): readonly string[] {
  return [...releasers].filter(([, r]) => r.family === family).map(([name]) => name);
}

type Call = Extract<Expression, { kind: 'call' }>;

/**
 * The routine that a call names: a function, or the member of a table of function pointers
 * (`Adapter->DmaOperations->PutDmaAdapter(..)`, also through `(*..)`); undefined for anything else.
 */
export function routineOf(call: Call): string | undefined {
  let callee: Expression = call.callee;
  for (;;) {
    switch (callee.kind) {
      case 'function':
        return callee.function.name;
      case 'member':
        return callee.member.name;
      case 'convert':
      case 'dereference':
      case 'addressOf':
        callee = callee.operand;
        break;
      default:
        return undefined;
    }
  }
}

/** An expression without conversions around it. */
export function unconverted(expression: Expression): Expression {
  let inner = expression;
  while (inner.kind === 'convert') inner = inner.operand;
  return inner;
}

/** The value of a constant expression. */
export function constantOf(expression: Expression | undefined): number | bigint | undefined {
  if (expression === undefined) return undefined;
  const inner = unconverted(expression);
  return inner.kind === 'integer' ? inner.value : undefined;
}
