/** ExAllocatePool and its relatives, with the bug checks of their misuse. */
import { PAGE_SIZE, type VirtualAddress, virtual } from '../../base/addresses.ts';
import { and64, hex, high32, type Int64, low32 } from '../../base/int64.ts';
import {
  BugCheck,
  type Native,
  type NativeCall,
  type NativeTable,
  RaiseException,
} from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { APC_LEVEL, DISPATCH_LEVEL, irqlName } from '../context.ts';
import {
  addressText,
  failsByInjection,
  isVerified,
  type MemoryRoutines,
  recordHolding,
  refuse,
  sizeArgument,
  verifierBugCheck,
} from '../mm/calls.ts';
import { CODE_INTEGRITY, checkNotLocked, checkNotMapped } from '../mm/contiguous-memory.ts';
import { bytesText, tagText } from '../mm/describe.ts';
import { verifierFlags } from '../services.ts';
import { status } from '../status.ts';
import { POOL_UNIT, type PoolBlock, type SpecialPlace } from './pool.ts';
import { PoolQuota } from './pool-quota.ts';

/** Bits of POOL_TYPE and of the flags that older routines take with it. */
const PAGED = 1;
const MUST_SUCCEED = 2;
const CACHE_ALIGNED = 4;
const QUOTA_FAIL_INSTEAD_OF_RAISE = 8;
const RAISE_IF_ALLOCATION_FAILURE = 16;
const NX_ALLOCATION = 512;
const ZERO_ALLOCATION = 1024;

/** POOL_FLAGS of ExAllocatePool2. */
const FLAG_USE_QUOTA = 0x1;
const FLAG_UNINITIALIZED = 0x2;
const FLAG_CACHE_ALIGNED = 0x8;
const FLAG_RAISE_ON_FAILURE = 0x20;
const FLAG_NON_PAGED = 0x40;
const FLAG_NON_PAGED_EXECUTE = 0x80;
const FLAG_PAGED = 0x100;
const FLAG_SPECIAL_POOL_HIGH = 0x1;
const KNOWN_REQUIRED = 0x1 | 0x2 | 0x4 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100;

/** POOL_EXTENDED_PARAMETER: 16 bytes, type in the low byte, then whether it is optional. */
const EXTENDED_PARAMETER_SIZE = 16;
const EXTENDED_PRIORITY = 1;
const EXTENDED_SECURE_POOL = 2;
const EXTENDED_NUMA_NODE = 3;
/** EX_POOL_PRIORITY: the base, and the variants that ask for special pool. */
const PRIORITIES: ReadonlySet<number> = new Set([0, 8, 9, 16, 24, 25, 32, 40, 41]);

const TAG_NONE = 0x656e_6f4e;
const TAG_BIG = 0x0047_4942;
const TAG_IRP = 0x2070_7249;

const POOL_PAGE = 'nf-wdm-exallocatepoolwithtag';
const POOL2_PAGE = 'nf-wdm-exallocatepool2';
const POOL3_PAGE = 'nf-wdm-exallocatepool3';
const QUOTA_PAGE = 'nf-wdm-exallocatepoolwithquotatag';
const FREE_PAGE = 'nf-wdm-exfreepool';
const SPECIAL_PAGE = 'bug-check-0xc1--special-pool-detected-memory-corruption';
const CALLER_PAGE = 'bug-check-0xc2--bad-pool-caller';
/** MmSystemRangeStart. */
const SYSTEM_RANGE_START = virtual(-0x8000_0000_0000);

/** What the routines of both generations come down to. */
interface Request {
  readonly bytes: number;
  readonly tag: number;
  readonly paged: boolean;
  readonly executable: boolean;
  readonly zeroed: boolean;
  readonly cacheAligned: boolean;
  /** Special pool that the caller asks for by itself. */
  readonly special: SpecialPlace | undefined;
  readonly raise: boolean;
  /** The calling process is charged. */
  readonly quota: boolean;
  readonly node: number | undefined;
  /** Where the block comes from if that node has memory left. */
  readonly preferredNode?: number | undefined;
  /** The pool type or flags as they go into bug check parameters. */
  readonly type: Int64;
}

/** The routines' table. */
export function poolRoutines(context: MemoryRoutines): NativeTable {
  const pool = new PoolRoutines(context);
  const typed =
    (
      tag: (call: NativeCall) => number,
      raise: (type: number) => boolean,
      priority: (call: NativeCall) => number = () => 0,
    ): Native =>
    (call) =>
      pool.allocateTyped(call, tag(call), raise(call.number(0)), specialPlace(priority(call)));
  const charged =
    (tag: (call: NativeCall) => number): Native =>
    (call) =>
      pool.allocateTyped(call, tag(call), quotaRaises(call.number(0)), undefined, true);
  const raises = (type: number): boolean => (type & RAISE_IF_ALLOCATION_FAILURE) !== 0;
  const quotaRaises = (type: number): boolean => (type & QUOTA_FAIL_INSTEAD_OF_RAISE) === 0;
  const tagArgument = (call: NativeCall): number => call.number(2) >>> 0;
  const none = (): number => TAG_NONE;
  return {
    ExAllocatePool: typed(none, raises),
    ExAllocatePoolWithTag: typed(tagArgument, raises),
    ExAllocatePoolWithTagPriority: typed(tagArgument, raises, (call) => call.number(3)),
    ExAllocatePoolWithQuota: charged(none),
    ExAllocatePoolWithQuotaTag: charged(tagArgument),
    ExAllocatePool2: (call) => pool.allocateByFlags(call, {}),
    ExAllocatePool3: (call) => pool.allocateExtended(call),
    ExFreePool: (call) => pool.free(call, undefined),
    ExFreePoolWithTag: (call) => pool.free(call, call.number(1) >>> 0),
    ExFreePool2: (call) => pool.free(call, call.number(1) >>> 0),
  };
}

/** The routines of one host. */
class PoolRoutines {
  private readonly quota: PoolQuota;

  constructor(private readonly context: MemoryRoutines) {
    this.quota = new PoolQuota(context);
  }

  /** Routines that take a POOL_TYPE: tag and type are judged by bug checks, as Windows does. */
  allocateTyped(
    call: NativeCall,
    tag: number,
    raise: boolean,
    special: SpecialPlace | undefined,
    quota = false,
  ): VirtualAddress | 0 {
    const type = call.number(0) >>> 0;
    const bytes = sizeArgument(call, 1);
    const paged = (type & PAGED) !== 0;
    if ((type & MUST_SUCCEED) !== 0 && !paged) {
      throw new BugCheck(
        bugCheckCodes.BAD_POOL_CALLER,
        [0x9a, type, bytes, tag],
        `${call.caller.module} asks for must-succeed pool, which is for the start of the system only.`,
        CALLER_PAGE,
      );
    }
    this.checkTag(call, tag, type, bytes);
    return this.allocate(call, {
      bytes,
      tag,
      paged,
      executable: !paged && (type & NX_ALLOCATION) === 0,
      zeroed: (type & ZERO_ALLOCATION) !== 0,
      cacheAligned: (type & CACHE_ALIGNED) !== 0,
      special,
      raise,
      quota,
      node: undefined,
      type,
    });
  }

  /**
   * ExAllocatePool2 and 3: wrong parameters make them answer NULL, which hides the mistake; the violation
   * shows it.
   */
  allocateByFlags(call: NativeCall, extended: ExtendedParameters): VirtualAddress | 0 {
    const flags = call.integer(0);
    const required = low32(flags);
    const bytes = sizeArgument(call, 1);
    const tag = call.number(2) >>> 0;
    const wrong = wrongFlags(required, tag) ?? wrongNode(required, extended);
    if (wrong !== undefined) {
      call.violation('pool_parameters', `${call.routine} returns NULL: ${wrong}.`, POOL2_PAGE);
      return refuse(this.context, call, { explanation: wrong, page: POOL2_PAGE });
    }
    return this.allocate(call, {
      bytes,
      tag,
      paged: (required & FLAG_PAGED) !== 0,
      executable: (required & FLAG_NON_PAGED_EXECUTE) !== 0,
      zeroed: (required & FLAG_UNINITIALIZED) === 0,
      cacheAligned: (required & FLAG_CACHE_ALIGNED) !== 0,
      special: (high32(flags) & FLAG_SPECIAL_POOL_HIGH) !== 0 ? 'end' : extended.special,
      raise: (required & FLAG_RAISE_ON_FAILURE) !== 0,
      quota: (required & FLAG_USE_QUOTA) !== 0,
      node: extended.node,
      preferredNode: extended.preferredNode,
      type: flags,
    });
  }

  /** ExAllocatePool3: as ExAllocatePool2, with a priority, a memory node or a secure pool. */
  allocateExtended(call: NativeCall): VirtualAddress | 0 {
    const parameters = call.number(3);
    const count = call.number(4);
    let extended: ExtendedParameters = {};
    for (let index = 0; index < count; index++) {
      const at = parameters + index * EXTENDED_PARAMETER_SIZE;
      const head = call.memory.readUnsigned(at, 2, 'ExtendedParameters->Type');
      const type = head & 0xff;
      const isOptional = (head & 0x100) !== 0;
      if (type === EXTENDED_NUMA_NODE) {
        const value = call.memory.readUnsigned(at + 8, 4, 'ExtendedParameters->PreferredNode');
        // With MM_ANY_NODE_OK the node is only a preference.
        extended =
          value >= 0x8000_0000
            ? { ...extended, preferredNode: value - 0x8000_0000 }
            : { ...extended, node: value };
        continue;
      }
      if (type === EXTENDED_PRIORITY) {
        const value = call.memory.readUnsigned(at + 8, 4, 'ExtendedParameters->Priority');
        if (PRIORITIES.has(value)) {
          extended = { ...extended, special: specialPlace(value) };
          continue;
        }
      }
      if (isOptional) continue;
      const explanation =
        type === EXTENDED_SECURE_POOL
          ? `extended parameter ${index} asks for a secure pool, which this system does not have`
          : `extended parameter ${index} is ${type === EXTENDED_PRIORITY ? 'no priority' : `of type ${type}, which this system does not know`}`;
      call.violation(
        'pool_parameters',
        `${call.routine} returns NULL: ${explanation}.`,
        POOL3_PAGE,
      );
      return refuse(this.context, call, { explanation, page: POOL3_PAGE });
    }
    return this.allocateByFlags(call, extended);
  }

  /**
   * Frees a block by what its header says now. Everything but the start of a sound, live block ends in the bug
   * check that Windows (or Driver Verifier) makes of it.
   */
  free(call: NativeCall, tag: number | undefined): undefined {
    const address = call.number(0);
    const { pool } = this.context.memory;
    if (address >= 0) this.failUserAddress(call, address);
    const judgement = pool.judge(address);
    switch (judgement.kind) {
      case 'notPool':
        throw this.notPool(call, address);
      case 'freed':
        throw this.doubleFree(call, address, judgement.block);
      case 'interior':
        throw this.interior(call, address, judgement.block, judgement.start);
      case 'damaged':
        // A header that was paged out cannot be judged, and the IRQL is looked at first.
        this.checkFreeIrql(call, address, judgement.block);
        if (this.context.kernel.verified(call, verifierFlags.poolTracking)) {
          throw verifierBugCheck(
            [0x53, address, address - POOL_UNIT, 0],
            `The pool header of ${addressText(this.context, call, address)} is damaged: ${judgement.why}.`,
          );
        }
        throw new BugCheck(
          bugCheckCodes.BAD_POOL_HEADER,
          [0x20, address - POOL_UNIT, judgement.next, 0],
          `The pool header of ${addressText(this.context, call, address)} is damaged: ${judgement.why}. ` +
            'Somebody wrote past the end of a block, or before its start.',
          'bug-check-0x19--bad-pool-header',
        );
      case 'block':
        this.release(call, address, judgement.block, tag);
    }
  }

  // ---- Allocating ----------------------------------------------------------------------------------

  private allocate(call: NativeCall, request: Request): VirtualAddress | 0 {
    const { kernel, memory } = this.context;
    const { bytes, tag, paged } = request;
    this.checkAllocation(call, request);
    if (failsByInjection(this.context, call)) return this.failed(request);
    const why = request.quota ? this.quota.charge(call, paged, bytes) : undefined;
    if (why !== undefined) {
      refuse(this.context, call, { explanation: why, page: QUOTA_PAGE });
      return this.failed(request, status.STATUS_QUOTA_EXCEEDED);
    }
    const answer = memory.pool.allocate({
      bytes,
      tag,
      paged,
      executable: request.executable,
      zeroed: request.zeroed,
      cacheAligned: request.cacheAligned,
      system: false,
      special:
        request.special ?? (kernel.verified(call, verifierFlags.specialPool) ? 'end' : undefined),
      ...(request.node === undefined ? {} : { node: request.node }),
      ...(request.preferredNode === undefined ? {} : { preferredNode: request.preferredNode }),
    });
    const poolType = paged ? 'paged' : 'nonpaged';
    if (!answer.granted) {
      if (request.quota) this.quota.release(call.process, paged, bytes);
      refuse(this.context, call, {
        explanation: `no room for ${bytesText(bytes)} of ${poolType} pool '${tagText(tag)}': ${answer.explanation}`,
        page: answer.page,
      });
      return this.failed(request);
    }
    if (answer.stale !== undefined) {
      const { at, what } = answer.stale;
      call.violation(
        'pool_used_after_free',
        `${hex(at, 16)} was written while nobody owned it: ${what}. The place is given to ${call.routine} now.`,
        FREE_PAGE,
      );
    }
    const id = recordHolding(this.context, call, 'pool', answer.address, bytes, {
      tag,
      poolType,
      executable: request.executable,
      ...(request.quota ? { chargedTo: call.process } : {}),
    });
    memory.pool.attribute(answer.address, id);
    kernel.vm?.unguard(kernel.host.index, 0, answer.address, bytes);
    return answer.address;
  }

  /** NULL, or the exception that the caller asked for instead. */
  private failed(request: Request, code: number = status.STATUS_INSUFFICIENT_RESOURCES): 0 {
    if (request.raise) throw new RaiseException(code);
    return 0;
  }

  /** Size, IRQL and, with the code integrity option, the kind of pool. */
  private checkAllocation(call: NativeCall, request: Request): void {
    const { irql } = this.context.kernel.host;
    const { bytes, paged, type } = request;
    const verified = isVerified(this.context, call);
    if (bytes === 0) {
      const text = `${call.caller.module} asks ${call.routine} for 0 bytes.`;
      if (verified) throw verifierBugCheck([0, irql, type, 0], text);
      throw new BugCheck(
        bugCheckCodes.BAD_POOL_CALLER,
        [0, 0, type, request.tag],
        text,
        CALLER_PAGE,
      );
    }
    const { kernel } = this.context;
    if (request.quota && verified && kernel.vm?.thread(call.thread)?.level === 'dpc') {
      throw verifierBugCheck(
        [0x10b, 0, 0, 0],
        `${call.caller.module} charges pool quota from a DPC routine, whose process is whichever happens to run.`,
      );
    }
    const highest = paged ? APC_LEVEL : DISPATCH_LEVEL;
    if (irql > highest) {
      const text = `${call.caller.module} allocates ${paged ? 'paged' : 'nonpaged'} pool at ${irqlName(irql)}; the highest IRQL for it is ${irqlName(highest)}.`;
      if (verified) throw verifierBugCheck([paged ? 0x01 : 0x02, irql, type, bytes], text);
      if (request.special !== undefined) throw corruption([irql, type, bytes, 0x30], text);
      throw new BugCheck(bugCheckCodes.BAD_POOL_CALLER, [0x08, irql, type, bytes], text, POOL_PAGE);
    }
    if (request.executable && this.context.kernel.verified(call, CODE_INTEGRITY)) {
      throw verifierBugCheck(
        [0x2000, call.caller.driver ?? 0, type, request.tag],
        `${call.routine} is asked for executable pool; NonPagedPoolNx is expected.`,
      );
    }
  }

  /** Tags that pool tools could not show: 0, the reserved one, and those without a letter or digit. */
  private checkTag(call: NativeCall, tag: number, type: number, bytes: number): void {
    const caller = call.caller.driver ?? 0;
    const fail = (parameters: readonly [Int64, Int64, Int64, Int64], what: string): BugCheck =>
      new BugCheck(
        bugCheckCodes.BAD_POOL_CALLER,
        parameters,
        `${call.caller.module} gives ${call.routine} ${what}.`,
        CALLER_PAGE,
      );
    if (tag === 0) throw fail([0x9b, type, bytes, caller], 'a pool tag of 0');
    if (tag === TAG_BIG)
      throw fail([0x9c, type, bytes, caller], "the pool tag 'BIG', which is reserved");
    if (!/[0-9A-Za-z]/.test(tagText(tag))) {
      throw fail(
        [0x9d, tag, type, caller],
        `the pool tag ${hex(tag)}, which has no letter or digit`,
      );
    }
  }

  // ---- Freeing -------------------------------------------------------------------------------------

  /** The rest of a free: IRQL, tag, damage around the block, frames that are still in use. */
  private release(
    call: NativeCall,
    address: number,
    block: PoolBlock,
    tag: number | undefined,
  ): void {
    const { kernel, memory } = this.context;
    const verified = isVerified(this.context, call);
    this.checkFreeIrql(call, address, block);
    const stored = memory.pool.tagAt(address);
    if (verified && stored === TAG_IRP && block.holding === undefined) {
      throw verifierBugCheck(
        [0x105, address, 0, 0],
        `${call.caller.module} frees an IRP with ${call.routine}; IoFreeIrp is for that.`,
      );
    }
    if (tag !== undefined && tag !== 0 && stored !== tag) {
      throw new BugCheck(
        bugCheckCodes.BAD_POOL_CALLER,
        [0x0a, address, stored, tag],
        `${call.caller.module} frees ${addressText(this.context, call, address)} with the tag '${tagText(tag)}'; it was allocated with '${tagText(stored)}'.`,
        'nf-wdm-exfreepoolwithtag',
      );
    }
    this.checkDamage(call, address, block);
    if (block.kind !== 'shared') {
      const mapping = memory.host.system.find(address);
      for (const run of mapping?.runs ?? []) checkNotLocked(this.context, call, run);
      checkNotMapped(this.context, call, mapping);
    }
    this.checkObjects(call, address, block);
    memory.pool.release(address);
    if (block.kind === 'shared') {
      kernel.vm?.guard(kernel.host.index, 0, address, block.bytes, 'use_after_free');
    }
    if (block.holding === undefined) return;
    const process = kernel.ledger.get(block.holding)?.details['chargedTo'];
    if (typeof process === 'number') this.quota.release(process, block.paged, block.bytes);
    kernel.ledger.release(block.holding, call.site);
  }

  /** Paged pool is freed at APC_LEVEL at most, nonpaged pool at DISPATCH_LEVEL. */
  private checkFreeIrql(call: NativeCall, address: number, block: PoolBlock): void {
    const { irql } = this.context.kernel.host;
    const highest = block.paged ? APC_LEVEL : DISPATCH_LEVEL;
    if (irql <= highest) return;
    const type = block.paged ? PAGED : 0;
    const text = `${call.caller.module} frees ${block.paged ? 'paged' : 'nonpaged'} pool at ${irqlName(irql)}; the highest IRQL for it is ${irqlName(highest)}.`;
    if (isVerified(this.context, call)) {
      throw verifierBugCheck([block.paged ? 0x11 : 0x12, irql, type, address], text);
    }
    if (block.kind === 'special') throw corruption([irql, type, address, 0x31], text);
    throw new BugCheck(
      bugCheckCodes.BAD_POOL_CALLER,
      [0x09, irql, type, address],
      text,
      CALLER_PAGE,
    );
  }

  /** Objects of the kernel that go with the block although they are in use. */
  private checkObjects(call: NativeCall, address: number, block: PoolBlock): void {
    const { kernel } = this.context;
    const object = kernel.objectWithin(address, block.bytes);
    if (object === undefined) return;
    const text = `${call.caller.module} frees ${addressText(this.context, call, address)}, which holds a ${object.kind} that is in use, at ${hex(object.address, 16)}.`;
    if (kernel.verified(call, verifierFlags.miscellaneous)) {
      throw verifierBugCheck(
        object.kind === 'timer'
          ? [0x15, object.address, block.paged ? PAGED : 0, address]
          : [object.kind === 'resource' ? 0xd2 : 0xcc, object.address, address, block.bytes],
        text,
      );
    }
    call.violation('freed_in_use', text, FREE_PAGE);
  }

  /**
   * Bytes written outside the block, in the memory that came with it. Special pool finds them by its pattern
   * (0xC1/23, 24); elsewhere nobody would.
   */
  private checkDamage(call: NativeCall, address: number, block: PoolBlock): void {
    const damage = this.context.memory.pool.damageAround(address);
    if (damage === undefined) return;
    const where = damage.before
      ? `${bytesText(address - damage.at)} before the start`
      : `${damage.at - address - block.bytes} bytes behind the end`;
    const text = `A byte ${where} of ${addressText(this.context, call, address)} was written.`;
    // A byte that holds what the pattern has is one that only the emulator sees.
    if (block.kind === 'special' && damage.bits > 0) {
      const code = damage.bits === 1 ? 0x32 : damage.before ? 0x23 : 0x24;
      throw corruption([address, damage.at, 0, code], text);
    }
    call.violation('pool_overrun', text, POOL_PAGE);
  }

  /** Addresses of user space, NULL among them. */
  private failUserAddress(call: NativeCall, address: number): void {
    if (address < PAGE_SIZE) {
      throw new BugCheck(
        bugCheckCodes.BAD_POOL_CALLER,
        [0x46, address, 0, 0],
        `${call.caller.module} frees ${address === 0 ? 'NULL' : hex(address)} with ${call.routine}.`,
        CALLER_PAGE,
      );
    }
    throw new BugCheck(
      bugCheckCodes.BAD_POOL_CALLER,
      [0x40, address, SYSTEM_RANGE_START, 0],
      `${call.caller.module} frees ${addressText(this.context, call, address)}, an address of user space, with ${call.routine}.`,
      CALLER_PAGE,
    );
  }

  /** An address that is in no pool, or in no block of one. */
  private notPool(call: NativeCall, address: number): BugCheck {
    const text = `${call.caller.module} frees ${addressText(this.context, call, address)}, which no pool routine ever allocated.`;
    if (isVerified(this.context, call)) return verifierBugCheck([0x10, address, 0, 0], text);
    const mapped = this.context.memory.host.system.contentFrameAt(address) !== undefined;
    return new BugCheck(
      bugCheckCodes.BAD_POOL_CALLER,
      [mapped ? 0x43 : 0x46, address, 0, 0],
      text,
      CALLER_PAGE,
    );
  }

  /** A block that was freed before and whose place nobody took since. */
  private doubleFree(call: NativeCall, address: number, block: PoolBlock): BugCheck {
    const text = `${call.caller.module} frees ${addressText(this.context, call, address)} a second time.`;
    const header = address - POOL_UNIT;
    const contents =
      block.kind === 'shared' ? (call.peek.read64(virtual(header)) ?? 0) : (0 satisfies Int64);
    if (isVerified(this.context, call)) {
      return verifierBugCheck([0x13, 0, header, contents], text);
    }
    if (block.kind === 'special') throw corruption([address, 0, 0, 0x20], text);
    const parameters: readonly [Int64, Int64, Int64, Int64] =
      block.kind === 'shared'
        ? [0x07, 0, contents, address]
        : [block.paged ? 0x48 : 0x44, address, 0, 0];
    return new BugCheck(bugCheckCodes.BAD_POOL_CALLER, parameters, text, CALLER_PAGE);
  }

  /** An address inside a live block. */
  private interior(call: NativeCall, address: number, block: PoolBlock, start: number): BugCheck {
    const text = `${call.caller.module} frees ${hex(address, 16)}, which lies ${bytesText(address - start)} inside ${addressText(this.context, call, start)}.`;
    if (isVerified(this.context, call)) {
      return verifierBugCheck([0x13e, address, start, 0], text);
    }
    if (block.kind === 'special') {
      throw corruption([address, block.bytes, block.bytes - (address - start), 0x21], text);
    }
    const parameters: readonly [Int64, Int64, Int64, Int64] =
      block.paged && block.kind === 'pages'
        ? [0x41286, 0, 0, Math.floor((address - start) / PAGE_SIZE)]
        : [0x99, address, 0, 0];
    return new BugCheck(bugCheckCodes.BAD_POOL_CALLER, parameters, text, CALLER_PAGE);
  }
}

/** What the extended parameters of ExAllocatePool3 say. */
interface ExtendedParameters {
  readonly node?: number;
  readonly preferredNode?: number;
  readonly special?: SpecialPlace | undefined;
}

/** Bug check 0xC1: its sub-code is the last parameter. */
function corruption(parameters: BugCheck['parameters'], text: string): BugCheck {
  return new BugCheck(
    bugCheckCodes.SPECIAL_POOL_DETECTED_MEMORY_CORRUPTION,
    parameters,
    text,
    SPECIAL_PAGE,
  );
}

/** EX_POOL_PRIORITY: whether, and for which mistake, it asks for special pool. */
function specialPlace(priority: number): SpecialPlace | undefined {
  if ((priority & 8) === 0) return undefined;
  return (priority & 1) === 0 ? 'end' : 'start';
}

/** A memory node is for nonpaged pool only. */
function wrongNode(required: number, extended: ExtendedParameters): string | undefined {
  return extended.node !== undefined && (required & FLAG_PAGED) !== 0
    ? 'a memory node was named for paged pool, which lies on none'
    : undefined;
}

/** What is wrong with the arguments of ExAllocatePool2: those make it answer NULL. */
function wrongFlags(required: number, tag: number): string | undefined {
  if (tag === 0) return 'the pool tag is 0';
  const unknown = low32(and64(required, ~KNOWN_REQUIRED));
  if (unknown !== 0) return `the flags ${hex(unknown)} are not known, and required flags must be`;
  const kinds = [FLAG_NON_PAGED, FLAG_NON_PAGED_EXECUTE, FLAG_PAGED].filter(
    (flag) => (required & flag) !== 0,
  ).length;
  return kinds === 1
    ? undefined
    : 'the flags name no pool, or several (POOL_FLAG_NON_PAGED, _NON_PAGED_EXECUTE, _PAGED)';
}
