// Below DISPATCH_LEVEL the thread of the highest priority runs, at once and whatever the seed.
import { describe, expect, it } from 'vitest';
import { entry, failuresOf, runDriver } from '../life/support.ts';

const THREADS = `static KEVENT Go, Gone; static KSPIN_LOCK Lock;
static VOID High(PVOID Context) {
    ULONG i;
    KeSetPriorityThread(KeGetCurrentThread(), 16);
    for (i = 0; i < 3; i++) {
        KeWaitForSingleObject(&Go, Executive, KernelMode, FALSE, NULL);
        DbgPrint("high %u\\n", i); }
    UNREFERENCED_PARAMETER(Context);
    KeSetEvent(&Gone, IO_NO_INCREMENT, FALSE);
    PsTerminateSystemThread(STATUS_SUCCESS); }
static VOID Low(PVOID Context) {
    KeSetPriorityThread(KeGetCurrentThread(), 3);
    DbgPrint("low\\n");
    UNREFERENCED_PARAMETER(Context);
    PsTerminateSystemThread(STATUS_SUCCESS); }`;

const START = `HANDLE high, low; ULONG i; KIRQL irql; LARGE_INTEGER pause;
KeInitializeEvent(&Go, SynchronizationEvent, FALSE);
KeInitializeEvent(&Gone, NotificationEvent, FALSE);
KeInitializeSpinLock(&Lock);
KeSetPriorityThread(KeGetCurrentThread(), 10);
PsCreateSystemThread(&high, THREAD_ALL_ACCESS, NULL, NULL, NULL, High, NULL);
PsCreateSystemThread(&low, THREAD_ALL_ACCESS, NULL, NULL, NULL, Low, NULL);
ZwClose(high); ZwClose(low);
pause.QuadPart = -1;`;

/** The pause lets both threads get as far as they can. */
const MAIN = `${START}
KeDelayExecutionThread(KernelMode, FALSE, &pause);
DbgPrint("begin %d\\n", KeQueryPriorityThread(KeGetCurrentThread()));
KeSetEvent(&Go, IO_NO_INCREMENT, FALSE);
DbgPrint("event set\\n");
KeAcquireSpinLock(&Lock, &irql);
KeSetEvent(&Go, IO_NO_INCREMENT, FALSE);
DbgPrint("still holding\\n");
KeReleaseSpinLock(&Lock, irql);
DbgPrint("released\\n");
KeSetPriorityThread(KeGetCurrentThread(), 20);
KeSetEvent(&Go, IO_NO_INCREMENT, FALSE);
for (i = 0; i < 2000; i++) irql = (KIRQL)i;
DbgPrint("mine is higher\\n");
KeWaitForSingleObject(&Gone, Executive, KernelMode, FALSE, NULL);
DbgPrint("end\\n");`;

describe('threads of different priority', () => {
  it('take over as soon as they are ready and the IRQL allows it', () => {
    for (const seed of [1, 2, 3, 7]) {
      const run = runDriver(entry(MAIN, THREADS), { seed, machine: 'processors 1;' });
      expect(failuresOf(run)).toEqual([]);
      expect(
        run.output.filter((text) => text !== 'low'),
        `seed ${seed}`,
      ).toEqual([
        'begin 10',
        'high 0',
        'event set',
        'still holding',
        'high 1',
        'released',
        'mine is higher',
        'high 2',
        'end',
      ]);
    }
  });

  it('wait for a processor while others want it, and get one of their own where there are two', () => {
    const program = `${START}
for (i = 0; i < 30000; i++) irql = (KIRQL)i;
DbgPrint("before the pause\\n");
KeDelayExecutionThread(KernelMode, FALSE, &pause);
for (i = 0; i < 3; i++) { KeSetEvent(&Go, IO_NO_INCREMENT, FALSE); KeDelayExecutionThread(KernelMode, FALSE, &pause); }
KeWaitForSingleObject(&Gone, Executive, KernelMode, FALSE, NULL);`;
    const one = runDriver(entry(program, THREADS), { machine: 'processors 1;', seed: 5 });
    expect(one.output[0]).toBe('before the pause');
    const two = runDriver(entry(program, THREADS), { machine: 'processors 2;', seed: 5 });
    expect(failuresOf(two)).toEqual([]);
    expect(two.output.indexOf('low')).toBeLessThan(two.output.indexOf('before the pause'));
  });
});
