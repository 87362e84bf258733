/**
 * What look-aside lists in C (`lookaside.c`) are built on: the bytes of GENERAL_LOOKASIDE, the rules for lists,
 * and pool for entries that counts as the driver's.
 */
import { hex, type Int64 } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import { type NativeCall, type NativeTable, RaiseException } from '../../vm/natives.ts';
import { onBehalfOfDriver } from '../calls-on-behalf.ts';
import { APC_LEVEL, DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import { firstWritten, forgetWritten } from '../mm/written-marks.ts';
import { verifierFlags } from '../services.ts';
import { status } from '../status.ts';
import { checkHighestIrql, verifierViolation } from '../verifier/irql-rules.ts';
import { depthOf, firstOf, initializeSList, popEntry, pushEntry } from './slists.ts';

const TYPE = 'GENERAL_LOOKASIDE_POOL';
const PAGED = 1;
/** LOOKASIDE_MINIMUM_BLOCK_SIZE: the link of a sequenced list. */
const MINIMUM_BLOCK = 8;
/** How many entries a list keeps. Windows changes it with the use that is made of the list. */
const FIRST_DEPTH = 4;
const MAXIMUM_DEPTH = 256;

const INITIALIZE_PAGE = 'nf-wdm-exinitializenpagedlookasidelist';
const ALLOCATE_PAGE = 'nf-wdm-exallocatefromnpagedlookasidelist';
const FREE_PAGE = 'nf-wdm-exfreetonpagedlookasidelist';
const DELETE_PAGE = 'nf-wdm-exdeletenpagedlookasidelist';

/** A list in use. Plain data. */
interface LiveList {
  readonly address: number;
  readonly bytes: number;
}

export class LookasideLists {
  private readonly live: Table<number, LiveList>;

  constructor(
    private readonly kernel: KernelContext,
    /** Pool routines by name, which entries come from. */
    private readonly pool: NativeTable,
  ) {
    this.live = kernel.store.table(`${kernel.host.name}.lookasideLists`);
  }

  natives(): NativeTable {
    const behind = (call: NativeCall): NativeCall => onBehalfOfDriver(this.kernel.vm, call);
    return {
      ExpInitializeLookaside: (call) => this.initialize(call),
      ExpForgetLookaside: (call) => this.forget(call),
      ExpTakeLookasideEntry: (call) => this.take(call),
      ExpKeepLookasideEntry: (call) => (this.keep(call) ? 1 : 0),
      ExpDrainLookasideEntry: (call) => this.drain(call),
      ExpAllocateLookasideEntry: (call) => this.pool['ExAllocatePoolWithTag']?.(behind(call)),
      ExpFreeLookasideEntry: (call) => this.pool['ExFreePool']?.(behind(call)),
    };
  }

  /** The list in use that lies in a range, if any. */
  within(start: number, bytes: number): number | undefined {
    const first = this.kernel.store.all(this.live).atOrAbove(start)?.[0];
    return first !== undefined && first < start + bytes ? first : undefined;
  }

  /** ExpInitializeLookaside(Lookaside, Allocate, Free, PoolType, Size, Tag). */
  private initialize(call: NativeCall): undefined {
    const { kernel } = this;
    const { layouts } = kernel;
    const list = call.number(0);
    const type = call.number(3);
    const size = call.number(4);
    this.checkIrql(call, type, INITIALIZE_PAGE);
    if (list % 16 !== 0) {
      kernel.explain(
        call,
        `${call.site.function} raises STATUS_DATATYPE_MISALIGNMENT: the list at ${hex(list, 16)} does not lie at a multiple of 16.`,
        INITIALIZE_PAGE,
      );
      throw new RaiseException(status.STATUS_DATATYPE_MISALIGNMENT);
    }
    if (kernel.store.get(this.live, list) !== undefined) {
      this.breach(
        call,
        [0xca, list, 0, 0],
        `The look-aside list at ${hex(list, 16)} is initialized while it is in use: what it keeps is lost.`,
        INITIALIZE_PAGE,
      );
    }
    if (size < MINIMUM_BLOCK) {
      this.breach(
        call,
        [0xcd, list, size, MINIMUM_BLOCK],
        `A look-aside list for entries of ${size} bytes: an entry needs ${MINIMUM_BLOCK} bytes for the link of the list.`,
        INITIALIZE_PAGE,
      );
    }
    const write = (member: string, value: Int64): void =>
      layouts.write(call.memory, list, TYPE, member, value);
    initializeSList(call.memory, list);
    for (const member of [
      'TotalAllocates',
      'AllocateMisses',
      'TotalFrees',
      'FreeMisses',
      'LastTotalAllocates',
      'LastAllocateMisses',
      'Future[0]',
      'Future[1]',
    ])
      write(member, 0);
    write('Depth', FIRST_DEPTH);
    write('MaximumDepth', MAXIMUM_DEPTH);
    write('Type', type);
    write('Tag', call.number(5) >>> 0);
    write('Size', size);
    write('Allocate', call.number(1));
    write('Free', call.number(2));
    const entry = list + layouts.offset(TYPE, 'ListEntry');
    call.memory.write64(entry, entry);
    call.memory.write64(entry + 8, entry);
    kernel.store.set(this.live, list, { address: list, bytes: layouts.size(TYPE) });
    return undefined;
  }

  private forget(call: NativeCall): undefined {
    this.kernel.store.delete(this.live, call.number(0));
    return undefined;
  }

  private take(call: NativeCall): number {
    const list = call.number(0);
    this.checkUse(call, list, ALLOCATE_PAGE);
    this.count(call, list, 'TotalAllocates');
    const entry = popEntry(call.memory, list);
    if (entry === 0) {
      this.count(call, list, 'AllocateMisses');
      return 0;
    }
    const size = this.read(call, list, 'Size');
    const stale = firstWritten(this.kernel.host, entry + MINIMUM_BLOCK, size - MINIMUM_BLOCK);
    if (stale !== undefined) {
      const what = this.kernel.memory.describeAddress(call.process, stale) ?? 'an entry';
      call.violation(
        'pool_used_after_free',
        `${hex(stale, 16)} was written while the look-aside list at ${hex(list, 16)} kept the entry: ${what}.`,
        FREE_PAGE,
      );
    }
    // What is in a reused entry is nobody's business.
    forgetWritten(this.kernel.host, entry, size);
    return entry;
  }

  private keep(call: NativeCall): boolean {
    const { memory } = call;
    const [list, entry] = [call.number(0), call.number(1)];
    this.checkUse(call, list, FREE_PAGE);
    this.count(call, list, 'TotalFrees');
    const depth = depthOf(memory, list);
    for (let at = firstOf(memory, list), left = depth; at !== 0 && left > 0; left--) {
      if (at === entry) {
        call.violation(
          'lookaside_list',
          `${hex(entry, 16)} is given back to the look-aside list at ${hex(list, 16)} a second time: the list is a circle from now on.`,
          FREE_PAGE,
        );
      }
      at = memory.readNumber(at, 'ListEntry->Next');
    }
    if (depth >= this.read(call, list, 'Depth')) {
      this.count(call, list, 'FreeMisses');
      return false;
    }
    forgetWritten(this.kernel.host, entry, this.read(call, list, 'Size'));
    pushEntry(memory, list, entry);
    return true;
  }

  private drain(call: NativeCall): number {
    const list = call.number(0);
    if (this.kernel.store.get(this.live, list) === undefined) {
      this.breach(
        call,
        [0xcb, list, 0, 0],
        `The look-aside list at ${hex(list, 16)} is deleted or flushed, and was not initialized (or was deleted before).`,
        DELETE_PAGE,
      );
      return 0;
    }
    this.checkIrql(call, this.read(call, list, 'Type'), DELETE_PAGE);
    const entry = popEntry(call.memory, list);
    if (entry !== 0) call.memory.fill(entry, MINIMUM_BLOCK, 0);
    return entry;
  }

  private checkUse(call: NativeCall, list: number, page: string): void {
    this.checkIrql(call, this.read(call, list, 'Type'), page);
    if (this.kernel.store.get(this.live, list) !== undefined) return;
    call.violation(
      'lookaside_list',
      `${call.site.function} is given ${hex(list, 16)}, which is no look-aside list (or was deleted).`,
      page,
    );
  }

  /** Lists of paged pool are for APC_LEVEL at most. */
  private checkIrql(call: NativeCall, type: number, page: string): void {
    checkHighestIrql(this.kernel, call, (type & PAGED) !== 0 ? APC_LEVEL : DISPATCH_LEVEL, page);
  }

  private read(call: NativeCall, list: number, member: string): number {
    return this.kernel.layouts.read(call.memory, list, TYPE, member, `Lookaside->L.${member}`);
  }

  private count(call: NativeCall, list: number, member: string): void {
    const value = this.read(call, list, member);
    this.kernel.layouts.write(call.memory, list, TYPE, member, (value + 1) >>> 0);
  }

  /** A bug check with Driver Verifier's miscellaneous checks; without, nobody would notice. */
  private breach(
    call: NativeCall,
    parameters: readonly [Int64, Int64, Int64, Int64],
    text: string,
    page: string,
  ): void {
    if (this.kernel.verified(call, verifierFlags.miscellaneous)) {
      throw verifierViolation(parameters, text, page);
    }
    call.violation('lookaside_list', text, page);
  }
}
