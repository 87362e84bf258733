import { describe, expect, it } from 'vitest';
import { bugCheckOf, entry, failuresOf, runDriver } from '../life/support.ts';

/** DriverEntry starts a second thread and waits for it; both take two things in opposite order. */
const opposed = (
  declarations: string,
  prepare: string,
  take: readonly [string, string],
  give: readonly [string, string],
) =>
  entry(
    `HANDLE handle; PVOID thread;
${prepare}
KeInitializeEvent(&Ready, NotificationEvent, FALSE);
PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Other, NULL);
ObReferenceObjectByHandle(handle, 0, *PsThreadType, KernelMode, &thread, NULL);
ZwClose(handle);
${take[0]}
KeWaitForSingleObject(&Ready, Executive, KernelMode, FALSE, NULL);
${take[1]}
${give[1]} ${give[0]}
KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
ObDereferenceObject(thread);`,
    `static KEVENT Ready;
${declarations}
static VOID Other(PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    ${take[1]}
    KeSetEvent(&Ready, IO_NO_INCREMENT, FALSE);
    ${take[0]}
    ${give[0]} ${give[1]}
}`,
  );

describe('a deadlock', () => {
  it('of two mutexes is explained with who holds what since where', () => {
    const wait = (name: string): string =>
      `KeWaitForSingleObject(&${name}, Executive, KernelMode, FALSE, NULL);`;
    const run = runDriver(
      opposed(
        'static KMUTEX A, B;',
        'KeInitializeMutex(&A, 0); KeInitializeMutex(&B, 0);',
        [wait('A'), wait('B')],
        ['KeReleaseMutex(&A, FALSE);', 'KeReleaseMutex(&B, FALSE);'],
      ),
    );
    const [first] = failuresOf(run);
    expect(first).toMatch(
      /^Deadlock: thread \d+ \(System.*\) waits for the mutex at 0x[0-9A-F]+, held by thread \d+ \(System.*\) since test.dms:\d+, which waits for the mutex at 0x[0-9A-F]+, held by thread \d+ \(System.*\) since test.dms:\d+$/,
    );
  });

  it('of two fast mutexes is found', () => {
    const run = runDriver(
      opposed(
        'static FAST_MUTEX A, B;',
        'ExInitializeFastMutex(&A); ExInitializeFastMutex(&B);',
        ['ExAcquireFastMutex(&A);', 'ExAcquireFastMutex(&B);'],
        ['ExReleaseFastMutex(&A);', 'ExReleaseFastMutex(&B);'],
      ),
    );
    expect(failuresOf(run)[0]).toMatch(/^Deadlock: .* the fast mutex at .* the fast mutex at /);
  });

  it('of two spin locks on two processors is found while others could run', () => {
    const declarations = `static KSPIN_LOCK A, B; static volatile LONG Step;
static VOID Meet(LONG Wanted) { while (Step < Wanted) YieldProcessor(); }
static VOID Other(PVOID Context)
{
    KIRQL irql;
    UNREFERENCED_PARAMETER(Context);
    KeAcquireSpinLock(&B, &irql);
    InterlockedIncrement(&Step);
    Meet(2);
    KeAcquireSpinLockAtDpcLevel(&A);
    KeReleaseSpinLockFromDpcLevel(&A);
    KeReleaseSpinLock(&B, irql);
}`;
    const run = runDriver(
      entry(
        `HANDLE handle; KIRQL irql;
KeInitializeSpinLock(&A); KeInitializeSpinLock(&B);
PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Other, NULL);
ZwClose(handle);
KeAcquireSpinLock(&A, &irql);
InterlockedIncrement(&Step);
Meet(2);
KeAcquireSpinLockAtDpcLevel(&B);
KeReleaseSpinLockFromDpcLevel(&B);
KeReleaseSpinLock(&A, irql);`,
        declarations,
      ),
      { machine: 'processors 2;', maximum: 20_000_000 },
    );
    expect(failuresOf(run)[0]).toMatch(
      /^Deadlock: thread \d+ \(System on processor \d\) waits for the spin lock at .*, held by thread \d+ \(System on processor \d\) since .*, which waits for the spin lock at /,
    );
  });

  it('of one thread with its own fast mutex or spin lock is found', () => {
    const mutex = runDriver(
      entry(
        'ExInitializeFastMutex(&A); ExAcquireFastMutex(&A); ExAcquireFastMutex(&A);',
        'static FAST_MUTEX A;',
      ),
    );
    expect(failuresOf(mutex)[0]).toMatch(/^Deadlock: thread (\d+) .* held by thread \1 /);
    const spin = runDriver(
      entry(
        'KIRQL irql; KeInitializeSpinLock(&A); KeAcquireSpinLock(&A, &irql); KeAcquireSpinLock(&A, &irql);',
        'static KSPIN_LOCK A;',
      ),
    );
    expect(bugCheckOf(spin)).toMatchObject({ code: 0xf });
    expect(bugCheckOf(spin).explanation).toContain('It waits for itself');
  });

  it('of a DPC with what it interrupts on its processor is one that nobody can end', () => {
    const run = runDriver(
      entry(
        `KIRQL irql;
KeInitializeSpinLock(&A);
KeInitializeDpc(&Dpc, Routine, NULL);
KeRaiseIrql(DISPATCH_LEVEL, &irql);
KeInsertQueueDpc(&Dpc, NULL, NULL);
KeAcquireSpinLockAtDpcLevel(&A);
KeLowerIrql(irql);`,
        `static KSPIN_LOCK A; static KDPC Dpc;
static VOID Routine(PKDPC D, PVOID Context, PVOID First, PVOID Second)
{
    UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(Context); UNREFERENCED_PARAMETER(First); UNREFERENCED_PARAMETER(Second);
    KeAcquireSpinLockAtDpcLevel(&A);
}`,
      ),
      { machine: 'processors 1;' },
    );
    expect(bugCheckOf(run)).toMatchObject({ code: 0xf });
  });

  it('by a remove lock that is never released names who acquired it', () => {
    const run = runDriver(
      entry(
        `IoInitializeRemoveLock(&Lock, 'tseT', 0, 0);
IoAcquireRemoveLock(&Lock, NULL);
IoAcquireRemoveLock(&Lock, NULL);
IoReleaseRemoveLockAndWait(&Lock, NULL);`,
        'static IO_REMOVE_LOCK Lock;',
      ),
    );
    expect(failuresOf(run)[0]).toMatch(
      /^No thread can run any more: thread \d+ \(System\) waits for the remove lock at .* held by .* since test.dms:\d+/,
    );
  });

  it('is no deadlock while a time limit can end the wait', () => {
    const run = runDriver(
      entry(
        `LARGE_INTEGER limit; limit.QuadPart = -10000;
KeInitializeMutex(&A, 0);
KeWaitForSingleObject(&A, Executive, KernelMode, FALSE, NULL);
PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Other, NULL);
KeDelayExecutionThread(KernelMode, FALSE, &limit);
KeDelayExecutionThread(KernelMode, FALSE, &limit);
KeReleaseMutex(&A, FALSE);
ZwClose(Handle);`,
        `static KMUTEX A; static HANDLE Handle;
static VOID Other(PVOID Context)
{
    LARGE_INTEGER limit; limit.QuadPart = -10000;
    UNREFERENCED_PARAMETER(Context);
    DbgPrint("%x\\n", KeWaitForSingleObject(&A, Executive, KernelMode, FALSE, &limit));
}`,
      ),
    );
    expect(run.output).toEqual(['102']);
    expect(failuresOf(run)).toEqual([]);
  });
});

describe('a system thread', () => {
  it('can be waited for by its object', () => {
    const run = runDriver(
      entry(
        `HANDLE handle; PVOID thread; LARGE_INTEGER none; none.QuadPart = 0;
PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Other, NULL);
DbgPrint("%x\\n", ObReferenceObjectByHandle(handle, 0, *PsThreadType, KernelMode, &thread, NULL));
DbgPrint("%x\\n", KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, &none));
KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
DbgPrint("over\\n");
ObDereferenceObject(thread);
ZwClose(handle);`,
        `static VOID Other(PVOID Context) { UNREFERENCED_PARAMETER(Context);
    DbgPrint("running\\n"); PsTerminateSystemThread(STATUS_SUCCESS); }`,
      ),
    );
    expect(run.output).toEqual(['0', '102', 'running', 'over']);
    expect(failuresOf(run)).toEqual([]);
  });

  it('runs on the processors that it is bound to', () => {
    const run = runDriver(
      entry(`KAFFINITY before = KeSetSystemAffinityThreadEx(4);
DbgPrint("%u %u\\n", KeGetCurrentProcessorNumber(), KeQueryActiveProcessorCount(NULL));
KeRevertToUserAffinityThreadEx(before);`),
      { machine: 'processors 4; windows "Windows 11";' },
    );
    expect(run.output).toEqual(['2 4']);
  });

  it('must not end with a mutex', () => {
    const run = runDriver(
      entry(
        `HANDLE handle; LARGE_INTEGER delay; delay.QuadPart = -10000;
KeInitializeMutex(&A, 0);
PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Other, NULL);
KeDelayExecutionThread(KernelMode, FALSE, &delay);`,
        `static KMUTEX A;
static VOID Other(PVOID Context) { UNREFERENCED_PARAMETER(Context);
    KeWaitForSingleObject(&A, Executive, KernelMode, FALSE, NULL); }`,
      ),
    );
    expect(bugCheckOf(run)).toMatchObject({ code: 0x4000008a });
  });
});
