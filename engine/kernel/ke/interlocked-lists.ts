/** ExInterlocked list routines: the plain list operations under a spin lock, on the bytes of the links. */
import { hex } from '../../base/int64.ts';
import { BugCheck, type NativeCall, type NativeTable } from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';

const FLINK = 0;
const BLINK = 8;
/** KERNEL_SECURITY_CHECK_FAILURE: a LIST_ENTRY is damaged. */
const FAST_FAIL_CORRUPT_LIST_ENTRY = 3;

function link(call: NativeCall, entry: number, offset: number): number {
  const name = offset === FLINK ? 'Flink' : 'Blink';
  return call.memory.readNumber(entry + offset, `ListEntry->${name}`);
}

function damaged(entry: number): BugCheck {
  return new BugCheck(
    bugCheckCodes.KERNEL_SECURITY_CHECK_FAILURE,
    [FAST_FAIL_CORRUPT_LIST_ENTRY, 0, 0, 0],
    `The list entry at ${hex(entry, 16)} and its neighbours do not point at each other: it was removed or inserted twice, or its memory was overwritten or freed.`,
    'bug-check-0x139--kernel-security-check-failure',
  );
}

function insert(call: NativeCall, at: 'head' | 'tail'): number {
  const head = call.number(0);
  const entry = call.number(1);
  const before = at === 'head' ? head : link(call, head, BLINK);
  const after = at === 'head' ? link(call, head, FLINK) : head;
  if (link(call, before, FLINK) !== after || link(call, after, BLINK) !== before) {
    throw damaged(head);
  }
  call.memory.write64(entry + FLINK, after);
  call.memory.write64(entry + BLINK, before);
  call.memory.write64(before + FLINK, entry);
  call.memory.write64(after + BLINK, entry);
  const previous = at === 'head' ? after : before;
  return previous === head ? 0 : previous;
}

export const interlockedListNatives: NativeTable = {
  ExInterlockedInsertHeadList: (call) => insert(call, 'head'),
  ExInterlockedInsertTailList: (call) => insert(call, 'tail'),
  ExInterlockedRemoveHeadList: (call) => {
    const head = call.number(0);
    const entry = link(call, head, FLINK);
    if (entry === head) return 0;
    const next = link(call, entry, FLINK);
    if (link(call, next, BLINK) !== entry || link(call, entry, BLINK) !== head)
      throw damaged(entry);
    call.memory.write64(head + FLINK, next);
    call.memory.write64(next + BLINK, head);
    return entry;
  },
  ExInterlockedPushEntryList: (call) => {
    const head = call.number(0);
    const entry = call.number(1);
    const first = call.memory.readNumber(head, 'ListHead->Next');
    call.memory.write64(entry, first);
    call.memory.write64(head, entry);
    return first;
  },
  ExInterlockedPopEntryList: (call) => {
    const head = call.number(0);
    const first = call.memory.readNumber(head, 'ListHead->Next');
    if (first !== 0) call.memory.write64(head, call.memory.readNumber(first, 'ListEntry->Next'));
    return first;
  },
};
