import { describe, expect, it } from 'vitest';
import { entry, failuresOf, runDriver, violationsOf } from '../life/support.ts';

describe('deferred work', () => {
  it('runs a DPC once the IRQL is below DISPATCH_LEVEL, and queues it once', () => {
    const run = runDriver(
      entry(
        `KDPC dpc; KIRQL irql; BOOLEAN first, second;
KeInitializeEvent(&Done, NotificationEvent, FALSE);
KeInitializeDpc(&dpc, Routine, (PVOID)7);
KeRaiseIrql(DISPATCH_LEVEL, &irql);
first = KeInsertQueueDpc(&dpc, (PVOID)1, (PVOID)2);
second = KeInsertQueueDpc(&dpc, NULL, NULL);
DbgPrint("%u %u\\n", first, second);
KeLowerIrql(irql);
DbgPrint("lowered\\n");
KeWaitForSingleObject(&Done, Executive, KernelMode, FALSE, NULL);`,
        `static KEVENT Done;
static VOID Routine(PKDPC Dpc, PVOID Context, PVOID First, PVOID Second) {
    UNREFERENCED_PARAMETER(Dpc);
    DbgPrint("%u: %p %p %p\\n", KeGetCurrentIrql(), Context, First, Second);
    KeSetEvent(&Done, IO_NO_INCREMENT, FALSE); }`,
      ),
    );
    expect(run.output).toEqual([
      '1 0',
      '2: 0000000000000007 0000000000000001 0000000000000002',
      'lowered',
    ]);
    expect(failuresOf(run)).toEqual([]);
  });

  it('fires timers in their order, periodic ones again, cancelled ones never', () => {
    const run = runDriver(
      entry(`KTIMER once, periodic, cancelled; LARGE_INTEGER due; ULONG i;
KeInitializeTimer(&once);
KeInitializeTimerEx(&periodic, SynchronizationTimer);
KeInitializeTimer(&cancelled);
due.QuadPart = -50000; KeSetTimer(&once, due, NULL);
due.QuadPart = -20000; KeSetTimerEx(&periodic, due, 2, NULL);
due.QuadPart = -10000; KeSetTimer(&cancelled, due, NULL);
DbgPrint("cancel %u %u\\n", KeCancelTimer(&cancelled), KeCancelTimer(&cancelled));
for (i = 0; i < 2; i++) { KeWaitForSingleObject(&periodic, Executive, KernelMode, FALSE, NULL); DbgPrint("periodic, once %u\\n", KeReadStateTimer(&once)); }
KeWaitForSingleObject(&once, Executive, KernelMode, FALSE, NULL);
DbgPrint("once %u, cancelled %u\\n", KeReadStateTimer(&once), KeReadStateTimer(&cancelled));
KeCancelTimer(&periodic);`),
    );
    expect(run.output).toEqual([
      'cancel 1 0',
      'periodic, once 0',
      'periodic, once 0',
      'once 1, cancelled 0',
    ]);
  });

  it('runs work items at PASSIVE_LEVEL', () => {
    const run = runDriver(
      entry(
        `PDEVICE_OBJECT device; PIO_WORKITEM item;
KeInitializeEvent(&Done, NotificationEvent, FALSE);
IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
item = IoAllocateWorkItem(device);
IoQueueWorkItem(item, Work, DelayedWorkQueue, (PVOID)5);
KeWaitForSingleObject(&Done, Executive, KernelMode, FALSE, NULL);
IoFreeWorkItem(item);
IoDeleteDevice(device);`,
        `static KEVENT Done;
static VOID Work(PDEVICE_OBJECT DeviceObject, PVOID Context) {
    UNREFERENCED_PARAMETER(DeviceObject);
    DbgPrint("%u %p\\n", KeGetCurrentIrql(), Context);
    KeSetEvent(&Done, IO_NO_INCREMENT, FALSE); }`,
      ),
    );
    expect(run.output).toEqual(['0 0000000000000005']);
    expect(run.reports.list('leak')).toEqual([]);
  });
});

describe('mutual exclusion', () => {
  it('raises to APC_LEVEL for a fast mutex and lets the next one in', () => {
    const run = runDriver(
      entry(
        `HANDLE thread; LARGE_INTEGER delay; delay.QuadPart = -10000;
ExInitializeFastMutex(&Mutex);
ExAcquireFastMutex(&Mutex);
DbgPrint("owner at %u\\n", KeGetCurrentIrql());
PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Worker, NULL);
DbgPrint("try %u\\n", ExTryToAcquireFastMutex(&Mutex));
ExReleaseFastMutex(&Mutex);
KeDelayExecutionThread(KernelMode, FALSE, &delay);
DbgPrint("end at %u\\n", KeGetCurrentIrql());`,
        `static FAST_MUTEX Mutex;
static VOID Worker(PVOID Context) { UNREFERENCED_PARAMETER(Context);
    ExAcquireFastMutex(&Mutex); DbgPrint("worker\\n"); ExReleaseFastMutex(&Mutex); }`,
      ),
    );
    expect(run.output).toEqual(['owner at 1', 'try 0', 'worker', 'end at 0']);
  });

  it('waits for the users of a remove lock', () => {
    const run = runDriver(
      entry(
        `HANDLE thread;
IoInitializeRemoveLock(&Lock, 'tseT', 0, 0);
DbgPrint("%x\\n", IoAcquireRemoveLock(&Lock, NULL));
IoAcquireRemoveLock(&Lock, NULL);
PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Worker, NULL);
IoReleaseRemoveLockAndWait(&Lock, NULL);
DbgPrint("gone, %x\\n", IoAcquireRemoveLock(&Lock, NULL));`,
        `static IO_REMOVE_LOCK Lock;
static VOID Worker(PVOID Context) { UNREFERENCED_PARAMETER(Context);
    DbgPrint("release\\n"); IoReleaseRemoveLock(&Lock, NULL); }`,
      ),
    );
    expect(run.output).toEqual(['0', 'release', 'gone, c0000056']);
    expect(violationsOf(run)).toEqual([]);
  });

  it('finds a region that is left without being entered', () => {
    expect(violationsOf(runDriver(entry('KeLeaveCriticalRegion();')))).toEqual(['critical_region']);
  });
});
