/** 17, 18, 21: IRQL, spin locks, events, blocks of memory, lists, interlocked routines, debug output, and what is a macro. */
import type { Row } from './table.ts';

const irql: readonly Row[] = [
  {
    section: '17',
    rule: 'KeRaiseIrql stores the old IRQL behind its second argument, KeLowerIrql takes it back',
    code: `KIRQL old = 99; SEE("%u", KeGetCurrentIrql()); KeRaiseIrql(DISPATCH_LEVEL, &old); SEE("%u %u", old, KeGetCurrentIrql());
    KeLowerIrql(old); SEE("%u", KeGetCurrentIrql()); old = KeRaiseIrqlToDpcLevel(); SEE("%u", KeGetCurrentIrql()); KeLowerIrql(old);`,
    sees: ['0', '0 2', '0', '2'],
  },
  {
    section: '17',
    rule: 'a spin lock is 8 bytes, 0 while free; the IRQL is raised, and stored once the lock is owned',
    code: `KSPIN_LOCK lock = 77; KIRQL old = 99; KeInitializeSpinLock(&lock); SEE("%u %u", sizeof lock, (ULONG)lock);
    KeAcquireSpinLock(&lock, &old); SEE("%u %u %u", old, KeGetCurrentIrql(), lock != 0); KeReleaseSpinLock(&lock, old); SEE("%u %u", (ULONG)lock, KeGetCurrentIrql());`,
    sees: ['8 0', '0 2 1', '0 0'],
  },
  {
    section: '17',
    rule: 'the routines for DISPATCH_LEVEL leave the IRQL alone',
    code: `KSPIN_LOCK lock; KIRQL old; KeInitializeSpinLock(&lock); KeRaiseIrql(DISPATCH_LEVEL, &old);
    KeAcquireSpinLockAtDpcLevel(&lock); SEE("%u %u", KeGetCurrentIrql(), KeTestSpinLock(&lock)); KeReleaseSpinLockFromDpcLevel(&lock); SEE("%u", KeTestSpinLock(&lock)); KeLowerIrql(old);`,
    sees: ['2 0', '1'],
  },
  {
    section: '17',
    rule: 'a notification event stays set, a synchronization event is taken by one wait',
    code: `KEVENT n, s; LARGE_INTEGER none; none.QuadPart = 0; KeInitializeEvent(&n, NotificationEvent, FALSE); KeInitializeEvent(&s, SynchronizationEvent, FALSE);
    SEE("%u %u", n.Header.Type, s.Header.Type);
    SEE("%d %d", KeSetEvent(&n, 0, FALSE), KeSetEvent(&n, 0, FALSE)); KeSetEvent(&s, 0, FALSE);
    SEE("%x %x", KeWaitForSingleObject(&n, Executive, KernelMode, FALSE, &none), KeWaitForSingleObject(&n, Executive, KernelMode, FALSE, &none));
    SEE("%x", KeWaitForSingleObject(&s, Executive, KernelMode, FALSE, &none)); SEE("%x", KeWaitForSingleObject(&s, Executive, KernelMode, FALSE, &none));
    SEE("%d %d", KeResetEvent(&n), KeReadStateEvent(&n)); KeSetEvent(&n, 0, FALSE); KeClearEvent(&n); SEE("%d", KeReadStateEvent(&n));`,
    sees: ['0 1', '0 1', '0 0', '0', '102', '1 0', '0'],
  },
  {
    section: '17',
    rule: 'a time limit: 0 polls, negative is relative, positive is a time; STATUS_TIMEOUT is a success',
    code: `KEVENT e; LARGE_INTEGER limit, before, after; KeInitializeEvent(&e, NotificationEvent, FALSE);
    KeQuerySystemTime(&before); limit.QuadPart = -10000; SEE("%x %u", KeWaitForSingleObject(&e, Executive, KernelMode, FALSE, &limit), NT_SUCCESS(STATUS_TIMEOUT));
    KeQuerySystemTime(&after); SEE("%u", after.QuadPart - before.QuadPart >= 10000);
    limit.QuadPart = after.QuadPart + 20000; KeWaitForSingleObject(&e, Executive, KernelMode, FALSE, &limit); KeQuerySystemTime(&before); SEE("%u", before.QuadPart >= limit.QuadPart);
    limit.QuadPart = 1; SEE("%x", KeWaitForSingleObject(&e, Executive, KernelMode, FALSE, &limit));`,
    sees: ['102 1', '1', '1', '102'],
  },
  {
    section: '17',
    rule: 'a poll is allowed at DISPATCH_LEVEL',
    code: `KEVENT e; LARGE_INTEGER none; KIRQL old; none.QuadPart = 0; KeInitializeEvent(&e, NotificationEvent, TRUE); KeRaiseIrql(DISPATCH_LEVEL, &old);
    SEE("%x", KeWaitForSingleObject(&e, Executive, KernelMode, FALSE, &none)); KeLowerIrql(old);`,
    sees: ['0'],
  },
  {
    section: '17',
    rule: 'raising to a lower IRQL is 0xC4/30 with the current and the requested one',
    verifier: 'on',
    code: 'KIRQL old; KeRaiseIrql(DISPATCH_LEVEL, &old); KeRaiseIrql(APC_LEVEL, &old);',
    sees: [],
    stops: [0xc4, 0x30, 2, 1, 0],
  },
  {
    section: '17',
    rule: 'lowering to a higher IRQL is 0xC4/31',
    verifier: 'on',
    code: 'KeLowerIrql(DISPATCH_LEVEL);',
    sees: [],
    stops: [0xc4, 0x31, 0, 2, 'any'],
  },
  {
    section: '17',
    rule: 'a second acquisition of a spin lock is a deadlock that is found',
    code: 'KSPIN_LOCK lock; KIRQL old; KeInitializeSpinLock(&lock); KeAcquireSpinLock(&lock, &old); KeAcquireSpinLock(&lock, &old);',
    sees: [],
    stops: [0x0f, 'any', 'any', 'any', 'any'],
  },
  {
    section: '17',
    rule: 'releasing a spin lock below DISPATCH_LEVEL is 0xC4/32',
    verifier: 'on',
    code: 'KSPIN_LOCK lock; KIRQL old; KeInitializeSpinLock(&lock); KeAcquireSpinLock(&lock, &old); KeLowerIrql(PASSIVE_LEVEL); KeReleaseSpinLock(&lock, old);',
    sees: [],
    stops: [0xc4, 0x32, 0, 'any', 'any'],
  },
  {
    section: '17',
    rule: 'a wait in a DPC or at DISPATCH_LEVEL without the verifier is 0xB8',
    code: 'KEVENT e; KIRQL old; KeInitializeEvent(&e, NotificationEvent, FALSE); KeRaiseIrql(DISPATCH_LEVEL, &old); KeWaitForSingleObject(&e, Executive, KernelMode, FALSE, NULL);',
    sees: [],
    stops: [0xb8, 'any', 'any', 'any', 'any'],
  },
  {
    section: '17',
    rule: 'pageable memory that is away, touched by a driver at DISPATCH_LEVEL, is 0xD1: address, IRQL, write',
    code: 'KIRQL old; KeRaiseIrql(DISPATCH_LEVEL, &old); *(volatile ULONG *)0xFFFF900012340000 = 1;',
    sees: [],
    stops: [0xd1, 'any', 2, 1, 'any'],
  },
  {
    section: '17',
    rule: 'an invalid system address at a low IRQL is 0x50',
    code: '*(volatile ULONG *)0xFFFF900012340000 = 1;',
    sees: [],
    stops: [0x50, 'any', 2, 'any', 'any'],
  },
  {
    section: '17',
    rule: 'standard routines run at their IRQL: a DPC at DISPATCH_LEVEL, a thread and a work item at PASSIVE_LEVEL',
    declarations: `static KEVENT Ready;
static VOID Work(PDEVICE_OBJECT D, PVOID C) { UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(C); SEE("work %u", KeGetCurrentIrql()); KeSetEvent(&Ready, 0, FALSE); }
static VOID Deferred(PKDPC D, PVOID C, PVOID A, PVOID B) { UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(A); UNREFERENCED_PARAMETER(B); SEE("DPC %u", KeGetCurrentIrql()); IoQueueWorkItem((PIO_WORKITEM)C, Work, DelayedWorkQueue, NULL); }`,
    code: `static KDPC dpc; PIO_WORKITEM item = IoAllocateWorkItem(Top); KeInitializeEvent(&Ready, NotificationEvent, FALSE);
    KeInitializeDpc(&dpc, Deferred, item); KeInsertQueueDpc(&dpc, NULL, NULL); KeWaitForSingleObject(&Ready, Executive, KernelMode, FALSE, NULL); IoFreeWorkItem(item); SEE("thread %u", KeGetCurrentIrql());`,
    sees: ['DPC 2', 'work 0', 'thread 0'],
  },
];

const blocks: readonly Row[] = [
  {
    section: '18',
    rule: 'RtlFillMemory takes the length before the value, memset after it; RtlZeroMemory and RtlSecureZeroMemory clear',
    code: `UCHAR b[4]; RtlFillMemory(b, 4, 7); SEE("%u%u%u%u", b[0], b[1], b[2], b[3]); RtlZeroMemory(b, 2); SEE("%u%u%u%u", b[0], b[1], b[2], b[3]); SEE("%u %u", RtlSecureZeroMemory(b, 4) == b, b[3]);`,
    sees: ['7777', '0077', '1 0'],
  },
  {
    section: '18',
    rule: 'RtlMoveMemory may overlap, in both directions',
    code: `CHAR b[8] = "abcdef"; RtlMoveMemory(b + 1, b, 5); SEE("%s", b); RtlMoveMemory(b, b + 1, 5); SEE("%s", b);`,
    sees: ['aabcde', 'abcdee'],
  },
  {
    section: '18',
    rule: 'RtlCopyMemory on ranges that overlap is 0xC4/F0 with destination, source and length',
    verifier: 'on',
    code: 'static CHAR b[8] = "abcdef"; RtlCopyMemory(b + 1, b, 5);',
    sees: [],
    stops: [0xc4, 0xf0, 'any', 'any', 5],
  },
  {
    section: '18',
    rule: 'RtlCompareMemory counts equal leading bytes; RtlEqualMemory tells whether all are',
    code: `SEE("%u %u %u", (ULONG)RtlCompareMemory("abcd", "abXd", 4), (ULONG)RtlCompareMemory("abcd", "abcd", 4), (ULONG)RtlCompareMemory("x", "y", 0));
    SEE("%u %u", RtlEqualMemory("ab", "ab", 2) != 0, RtlEqualMemory("ab", "ac", 2) != 0);`,
    sees: ['2 4 0', '1 0'],
  },
  {
    section: '18',
    rule: 'interlocked routines answer the new value (increment, decrement) or the previous one (all others)',
    code: `LONG v = 41; LONG64 w = 1; PVOID p = NULL; SEE("%d %d", InterlockedIncrement(&v), InterlockedDecrement(&v)); SEE("%d %d", InterlockedExchangeAdd(&v, 1), v);
    SEE("%d %d", InterlockedExchange(&v, 5), v); SEE("%d %d", InterlockedCompareExchange(&v, 9, 4), v); SEE("%d %d", InterlockedCompareExchange(&v, 9, 5), v);
    SEE("%d %d %d %d", InterlockedOr(&v, 6), InterlockedAnd(&v, 12), InterlockedXor(&v, 1), v);
    SEE("%u %u", InterlockedExchangePointer(&p, &v) == NULL, InterlockedCompareExchangePointer(&p, NULL, &v) == &v); SEE("%d", (LONG)InterlockedIncrement64(&w));`,
    sees: ['42 41', '41 42', '42 5', '5 5', '5 9', '9 15 12 13', '1 1', '2'],
  },
  {
    section: '18',
    rule: 'ExInterlockedAddUlong answers the previous value',
    code: 'ULONG v = 5; KSPIN_LOCK lock; KeInitializeSpinLock(&lock); SEE("%u", ExInterlockedAddUlong(&v, 3, &lock)); SEE("%u", v);',
    sees: ['5', '8'],
  },
  {
    section: '18',
    rule: 'lists: insert at both ends, remove from both; an empty list gives its head',
    declarations: 'typedef struct { int n; LIST_ENTRY link; } ITEM;',
    code: `LIST_ENTRY head; ITEM a, b, c; a.n = 1; b.n = 2; c.n = 3; InitializeListHead(&head);
    SEE("%u %u %u", IsListEmpty(&head), head.Flink == &head && head.Blink == &head, RemoveHeadList(&head) == &head);
    InsertTailList(&head, &a.link); InsertTailList(&head, &b.link); InsertHeadList(&head, &c.link);
    SEE("%d %d", CONTAINING_RECORD(head.Flink, ITEM, link)->n, CONTAINING_RECORD(head.Blink, ITEM, link)->n);
    SEE("%u", RemoveEntryList(&a.link)); SEE("%u", a.link.Flink == &b.link);
    SEE("%d", CONTAINING_RECORD(RemoveTailList(&head), ITEM, link)->n); SEE("%u %u", RemoveEntryList(&c.link), IsListEmpty(&head)); SEE("%u", RemoveTailList(&head) == &head);`,
    sees: ['1 1 1', '3 2', '0', '1', '2', '1 1', '1'],
  },
  {
    section: '18',
    rule: 'AppendTailList takes the first entry of a list without a head',
    code: `LIST_ENTRY head, one, two, three; InitializeListHead(&head); InsertTailList(&head, &one); InitializeListHead(&two); InsertTailList(&two, &three);
    AppendTailList(&head, &two); SEE("%u %u %u %u", head.Flink == &one, one.Flink == &two, two.Flink == &three, three.Flink == &head);`,
    sees: ['1 1 1 1'],
  },
  {
    section: '18',
    rule: 'single lists: the last in is the first out, NULL when empty',
    code: `SINGLE_LIST_ENTRY head, a, b; head.Next = NULL; SEE("%u", PopEntryList(&head) == NULL); PushEntryList(&head, &a); PushEntryList(&head, &b); SEE("%u %u %u", PopEntryList(&head) == &b, PopEntryList(&head) == &a, PopEntryList(&head) == NULL);`,
    sees: ['1', '1 1 1'],
  },
  {
    section: '18',
    rule: 'interlocked lists answer the entry that was first or last, NULL when the list was empty',
    code: `LIST_ENTRY head, a, b; KSPIN_LOCK lock; KeInitializeSpinLock(&lock); InitializeListHead(&head);
    SEE("%u %u %u", ExInterlockedInsertTailList(&head, &a, &lock) == NULL, ExInterlockedInsertTailList(&head, &b, &lock) == &a, ExInterlockedRemoveHeadList(&head, &lock) == &a);
    ExInterlockedRemoveHeadList(&head, &lock); SEE("%u", ExInterlockedRemoveHeadList(&head, &lock) == NULL);`,
    sees: ['1 1 1', '1'],
  },
  {
    section: '18',
    rule: 'damaged links are 0x139/3',
    code: 'LIST_ENTRY head, a, b; InitializeListHead(&head); InsertTailList(&head, &a); InsertTailList(&head, &b); a.Blink = &b; RemoveEntryList(&a);',
    sees: [],
    stops: [0x139, 3, 'any', 'any', 0],
  },
  {
    section: '18',
    rule: 'DbgPrint takes counted and wide strings at PASSIVE_LEVEL, and not more than 512 bytes of one call',
    code: `UNICODE_STRING u = RTL_CONSTANT_STRING(L"wide"); ANSI_STRING a = RTL_CONSTANT_STRING("narrow"); SEE("%wZ %Z %ws %S %I64x %hu", &u, &a, L"w", L"S", 0x123456789aULL, 70000);
    { CHAR text[600]; RtlFillMemory(text, 599, 'x'); text[599] = 0; DbgPrint("%s", text); DbgPrint("\\n"); }`,
    sees: ['wide narrow w S 123456789a 4464', 'x'.repeat(512)],
  },
  {
    section: '18',
    rule: 'an assertion that fails stops at the line, with its text',
    code: 'NT_ASSERT(1 == 1); ASSERT(2 > 1); ASSERTMSG("never", 1); SEE("passed");',
    sees: ['passed'],
  },
];

const macros: readonly Row[] = [
  {
    section: '21.1',
    rule: 'KeFlushIoBuffers evaluates nothing; MmGetMdl... read fields of the MDL',
    code: `int calls = 0; PVOID block = ExAllocatePoolWithTag(NonPagedPoolNx, 64, 'txeT'); PMDL mdl = IoAllocateMdl(block, 64, FALSE, FALSE, NULL);
    KeFlushIoBuffers((calls++, mdl), TRUE, TRUE); SEE("%d", calls);
    SEE("%u %u %u", MmGetMdlByteCount(mdl) == mdl->ByteCount, MmGetMdlByteOffset(mdl) == mdl->ByteOffset, MmGetMdlVirtualAddress(mdl) == (PVOID)((PCHAR)mdl->StartVa + mdl->ByteOffset));
    SEE("%u", (PVOID)MmGetMdlPfnArray(mdl) == (PVOID)(mdl + 1)); IoFreeMdl(mdl); ExFreePoolWithTag(block, 'txeT');`,
    sees: ['0', '1 1 1', '1'],
  },
  {
    section: '21.1',
    rule: 'IoCallDriver and IoCompleteRequest are macros for their Iof names',
    code: `SEE("%u", (PVOID)IofCallDriver != NULL);
#if defined(IoCallDriver) && defined(IoCompleteRequest)
    SEE("macros");
#endif`,
    sees: ['1', 'macros'],
  },
  {
    section: '21.1',
    rule: 'KdPrint and ASSERT evaluate their arguments in a build with DBG',
    code: 'int calls = 0; KdPrint(("%d\\n", ++calls)); ASSERT(++calls == 2); SEE("%d", calls);',
    sees: ['1', '2'],
  },
  {
    section: '21.2',
    rule: 'structures have the sizes and members of the current WDK',
    code: `SEE("%x %x %x %x", sizeof(DEVICE_DESCRIPTION), sizeof(DMA_OPERATIONS), sizeof(MDL), sizeof(SCATTER_GATHER_LIST));
    SEE("%x %x %x %x", sizeof(IRP), sizeof(DEVICE_OBJECT), sizeof(KDPC), sizeof(IO_STACK_LOCATION));
    SEE("%x %x", FIELD_OFFSET(IRP, Tail.Overlay.CurrentStackLocation), FIELD_OFFSET(KDPC, DpcListEntry));
    SEE("%x %x %x", MDL_LOCKED_PAGE_TABLES, MDL_PAGE_CONTENTS_INVARIANT, MmCached);`,
    sees: ['40 140 30 10', 'd0 150 40 48', 'b8 8', '100 4000 1'],
  },
];

export const primitiveRows: readonly Row[] = [...irql, ...blocks, ...macros];
