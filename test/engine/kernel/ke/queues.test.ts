// Kernel queues, calls on every processor, and what regions say of APCs.
import { describe, expect, it } from 'vitest';
import { entry, failuresOf, runDriver } from '../life/support.ts';

const ntifs = '#include <ntifs.h>\n';

describe('a kernel queue', () => {
  it('gives its entries in order to whoever waits, and says when the time is over', () => {
    const run = runDriver(
      entry(
        `HANDLE thread; LARGE_INTEGER none = { 0 }; ITEM items[4]; LONG i; PLIST_ENTRY rest;
KeInitializeQueue(&Queue, 0); KeInitializeEvent(&Gone, NotificationEvent, FALSE);
DbgPrint("%d\\n", KeRemoveQueue(&Queue, KernelMode, &none) == (PLIST_ENTRY)(ULONG_PTR)STATUS_TIMEOUT);
PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Worker, NULL); ZwClose(thread);
for (i = 0; i < 4; i++) items[i].Number = i;
DbgPrint("%d ", KeInsertQueue(&Queue, &items[1].Link));
DbgPrint("%d ", KeInsertQueue(&Queue, &items[2].Link));
DbgPrint("%d, %d\\n", KeInsertHeadQueue(&Queue, &items[0].Link), KeReadStateQueue(&Queue));
KeWaitForSingleObject(&Gone, Executive, KernelMode, FALSE, NULL);
KeInsertQueue(&Queue, &items[3].Link); KeInsertQueue(&Queue, &items[1].Link);
rest = KeRundownQueue(&Queue);
DbgPrint("left %d %d, %p\\n", ((ITEM *)rest)->Number, ((ITEM *)rest->Flink)->Number, KeRundownQueue(&Queue));`,
        `${ntifs}typedef struct { LIST_ENTRY Link; LONG Number; } ITEM;
static KQUEUE Queue; static KEVENT Gone;
static VOID Worker(PVOID Context) {
    ULONG i; UNREFERENCED_PARAMETER(Context);
    for (i = 0; i < 3; i++) DbgPrint("item %d\\n", ((ITEM *)KeRemoveQueue(&Queue, KernelMode, NULL))->Number);
    KeSetEvent(&Gone, IO_NO_INCREMENT, FALSE);
    PsTerminateSystemThread(STATUS_SUCCESS); }`,
      ),
    );
    expect(failuresOf(run)).toEqual([]);
    expect(run.output).toEqual([
      '1',
      '0 1 2, 3',
      'item 0',
      'item 1',
      'item 2',
      'left 3 1, 0000000000000000',
    ]);
  });
});

describe('a call on every processor', () => {
  it('runs at DISPATCH_LEVEL on each, meets, and ends when all are done', () => {
    for (const seed of [1, 4]) {
      const run = runDriver(
        entry(
          `KeGenericCallDpc(Routine, &Sum); DbgPrint("%d %d %x\\n", Sum, Last, Seen);`,
          `${ntifs}static LONG Sum, Last, Seen;
static VOID Routine(PKDPC Dpc, PVOID Context, PVOID First, PVOID Second) {
    UNREFERENCED_PARAMETER(Dpc);
    InterlockedAdd(Context, KeGetCurrentIrql());
    InterlockedOr(&Seen, 1 << KeGetCurrentProcessorNumber());
    if (KeSignalCallDpcSynchronize(Second)) InterlockedIncrement(&Last);
    if (Sum != 3 * DISPATCH_LEVEL) DbgPrint("too early\\n");
    if (KeSignalCallDpcSynchronize(Second)) InterlockedIncrement(&Last);
    KeSignalCallDpcDone(First); }`,
        ),
        { seed, machine: 'processors 3;' },
      );
      expect(failuresOf(run)).toEqual([]);
      expect(run.output, `seed ${seed}`).toEqual(['6 2 7']);
    }
  });
});

describe('APCs', () => {
  it('are kept away by regions, mutexes and the IRQL, normal or all of them', () => {
    const run = runDriver(
      entry(
        `KMUTEX mutex; KIRQL irql;
KeInitializeMutex(&mutex, 0);
Say("free");
KeEnterCriticalRegion(); Say("critical"); KeLeaveCriticalRegion();
KeEnterGuardedRegion(); Say("guarded"); KeLeaveGuardedRegion();
KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, NULL); Say("mutex"); KeReleaseMutex(&mutex, FALSE);
KeRaiseIrql(APC_LEVEL, &irql); Say("APC_LEVEL"); KeLowerIrql(irql);
Say("free");`,
        `static VOID Say(PCSTR What) { DbgPrint("%s %u %u\\n", What, KeAreApcsDisabled(), KeAreAllApcsDisabled()); }`,
      ),
    );
    expect(failuresOf(run)).toEqual([]);
    expect(run.output).toEqual([
      'free 0 0',
      'critical 1 0',
      'guarded 1 1',
      'mutex 1 0',
      'APC_LEVEL 0 1',
      'free 0 0',
    ]);
  });
});
