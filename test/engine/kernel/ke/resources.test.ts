import { describe, expect, it } from 'vitest';
import { bugCheckOf, entry, failuresOf, runDriver } from '../life/support.ts';

const run = (statements: string, declarations = '') => {
  const found = runDriver(entry(statements, declarations), { machine: 'windows "Windows 11";' });
  expect(failuresOf(found)).toEqual([]);
  return found;
};

describe('an executive resource', () => {
  it('has many readers or one writer, each as often as it wants', () => {
    const found = run(
      `HANDLE thread; LARGE_INTEGER delay; delay.QuadPart = -10000;
ExInitializeResourceLite(&Resource);
KeEnterCriticalRegion();
DbgPrint("%u %u\\n", ExAcquireResourceSharedLite(&Resource, TRUE), ExAcquireResourceSharedLite(&Resource, FALSE));
DbgPrint("shared %u exclusive %u\\n", ExIsResourceAcquiredSharedLite(&Resource), ExIsResourceAcquiredExclusiveLite(&Resource));
PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Writer, NULL);
KeDelayExecutionThread(KernelMode, FALSE, &delay);
DbgPrint("reader leaves\\n");
ExReleaseResourceLite(&Resource);
ExReleaseResourceLite(&Resource);
ExAcquireResourceSharedLite(&Resource, TRUE);
DbgPrint("reader again\\n");
ExReleaseResourceLite(&Resource);
KeLeaveCriticalRegion();
KeDelayExecutionThread(KernelMode, FALSE, &delay);
ExDeleteResourceLite(&Resource);
ZwClose(thread);`,
      `static ERESOURCE Resource;
static VOID Writer(PVOID Context)
{
    LARGE_INTEGER delay; delay.QuadPart = -1000;
    UNREFERENCED_PARAMETER(Context);
    DbgPrint("try %u\\n", ExAcquireResourceExclusiveLite(&Resource, FALSE));
    ExEnterCriticalRegionAndAcquireResourceExclusive(&Resource);
    DbgPrint("writer, again %u\\n", ExAcquireResourceExclusiveLite(&Resource, FALSE));
    KeDelayExecutionThread(KernelMode, FALSE, &delay);
    ExReleaseResourceLite(&Resource);
    DbgPrint("writer leaves\\n");
    ExReleaseResourceAndLeaveCriticalRegion(&Resource);
}`,
    );
    expect(found.output).toEqual([
      '1 1',
      'shared 2 exclusive 0',
      'try 0',
      'reader leaves',
      'writer, again 1',
      'writer leaves',
      'reader again',
    ]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('released by somebody else stops the host', () => {
    const found = runDriver(
      entry(
        'ExInitializeResourceLite(&Resource); ExReleaseResourceLite(&Resource);',
        'static ERESOURCE Resource;',
      ),
    );
    expect(bugCheckOf(found)).toMatchObject({ code: 0xe3 });
  });

  it('taken for writing by its own reader is a deadlock', () => {
    const found = runDriver(
      entry(
        `ExInitializeResourceLite(&Resource);
ExAcquireResourceSharedLite(&Resource, TRUE);
ExAcquireResourceExclusiveLite(&Resource, TRUE);`,
        'static ERESOURCE Resource;',
      ),
    );
    expect(failuresOf(found)[0]).toMatch(
      /^Deadlock: thread (\d+) .* waits for the resource at .*, held by thread \1 /,
    );
  });
});

describe('run-down protection', () => {
  it('waits for the users and lets no new ones in', () => {
    const found = run(
      `HANDLE thread; LARGE_INTEGER delay; delay.QuadPart = -10000;
ExInitializeRundownProtection(&Ref);
DbgPrint("%u\\n", ExAcquireRundownProtection(&Ref));
PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, User, NULL);
ExWaitForRundownProtectionRelease(&Ref);
DbgPrint("gone %u\\n", ExAcquireRundownProtection(&Ref));
ZwClose(thread);`,
      `static EX_RUNDOWN_REF Ref;
static VOID User(PVOID Context) { UNREFERENCED_PARAMETER(Context);
    DbgPrint("late %u\\n", ExAcquireRundownProtection(&Ref)); ExReleaseRundownProtection(&Ref); }`,
    );
    expect(found.output).toEqual(['1', 'late 0', 'gone 0']);
  });
});

describe('DPCs', () => {
  it('run by importance and on the processor that they are for', () => {
    const found = runDriver(
      entry(
        `KIRQL irql; ULONG i;
for (i = 0; i < 4; i++) KeInitializeDpc(&Dpcs[i], Routine, (PVOID)(ULONG_PTR)i);
KeInitializeThreadedDpc(&Dpcs[4], Routine, (PVOID)4);
KeSetImportanceDpc(&Dpcs[1], HighImportance);
KeSetImportanceDpc(&Dpcs[2], LowImportance);
KeSetTargetProcessorDpc(&Dpcs[3], 1);
KeRaiseIrql(DISPATCH_LEVEL, &irql);
for (i = 0; i < 4; i++) KeInsertQueueDpc(&Dpcs[i], NULL, NULL);
DbgPrint("removed %u %u\\n", KeRemoveQueueDpc(&Dpcs[0]), KeRemoveQueueDpc(&Dpcs[0]));
KeInsertQueueDpc(&Dpcs[0], NULL, NULL);
KeLowerIrql(irql);
DbgPrint("lowered\\n");
KeFlushQueuedDpcs();
DbgPrint("flushed\\n");
KeInsertQueueDpc(&Dpcs[4], NULL, NULL);`,
        `static KDPC Dpcs[5];
static VOID Routine(PKDPC Dpc, PVOID Context, PVOID First, PVOID Second)
{
    UNREFERENCED_PARAMETER(Dpc); UNREFERENCED_PARAMETER(First); UNREFERENCED_PARAMETER(Second);
    DbgPrint("dpc %p at %u on %u\\n", Context, KeGetCurrentIrql(), KeGetCurrentProcessorNumber());
}`,
      ),
      { machine: 'processors 2;' },
    );
    const short = found.output.map((line) => line.replace(/0{15}/, ''));
    expect(short).toEqual([
      'removed 1 0',
      'dpc 1 at 2 on 0',
      'dpc 0 at 2 on 0',
      'lowered',
      'dpc 3 at 2 on 1',
      'dpc 2 at 2 on 0',
      'flushed',
      'dpc 4 at 0 on 0',
    ]);
  });

  it('hold their processor against threads, not the other ones', () => {
    const found = runDriver(
      entry(
        `HANDLE thread; KIRQL irql;
KeSetSystemAffinityThread(1);
PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Other, NULL);
KeRaiseIrql(DISPATCH_LEVEL, &irql);
while (!Seen) YieldProcessor();
DbgPrint("seen at %u\\n", KeGetCurrentIrql());
KeLowerIrql(irql);
ZwClose(thread);`,
        `static volatile LONG Seen;
static VOID Other(PVOID Context) { UNREFERENCED_PARAMETER(Context);
    DbgPrint("on %u\\n", KeGetCurrentProcessorNumber()); Seen = 1; }`,
      ),
      { machine: 'processors 2;', maximum: 20_000_000 },
    );
    expect(found.output).toEqual(['on 1', 'seen at 2']);
  });
});

describe('work items', () => {
  it('of a driver run by address, and not twice at a time', () => {
    const found = run(
      `KeInitializeEvent(&Done, SynchronizationEvent, FALSE);
ExInitializeWorkItem(&Item, Work, (PVOID)3);
ExQueueWorkItem(&Item, DelayedWorkQueue);
KeWaitForSingleObject(&Done, Executive, KernelMode, FALSE, NULL);
ExQueueWorkItem(&Item, DelayedWorkQueue);
KeWaitForSingleObject(&Done, Executive, KernelMode, FALSE, NULL);`,
      `static WORK_QUEUE_ITEM Item; static KEVENT Done;
static VOID Work(PVOID Context) { DbgPrint("%p at %u\\n", Context, KeGetCurrentIrql()); KeSetEvent(&Done, 0, FALSE); }`,
    );
    expect(found.output).toEqual(['0000000000000003 at 0', '0000000000000003 at 0']);
    const twice = runDriver(
      entry(
        'ExInitializeWorkItem(&Item, Work, NULL); ExQueueWorkItem(&Item, DelayedWorkQueue); ExQueueWorkItem(&Item, DelayedWorkQueue);',
        'static WORK_QUEUE_ITEM Item; static VOID Work(PVOID Context) { UNREFERENCED_PARAMETER(Context); }',
      ),
    );
    expect(bugCheckOf(twice)).toMatchObject({ code: 0xe4 });
  });
});
