import { describe, expect, it } from 'vitest';
import { bugCheckOf, entry, failuresOf, runDriver, violationsOf } from '../life/support.ts';

/** The bug check of a driver whose DriverEntry is these statements. */
const stop = (statements: string, options: Parameters<typeof runDriver>[1] = {}) =>
  bugCheckOf(runDriver(entry(statements), options));

const INVALID = 0xffffb000_12345678n;

describe('a bad address in kernel mode', () => {
  it('of system space is 0x50, which __except does not take', () => {
    const found = stop(`__try { *(volatile ULONG *)0xFFFFB00012345678 = 1; }
__except (EXCEPTION_EXECUTE_HANDLER) { DbgPrint("caught\\n"); }`);
    expect(found.code).toBe(0x50);
    expect(found.parameters[0]).toBe(INVALID);
    expect(found.parameters[1]).toBe(1n);
    expect(found.explanation).toContain('Proxy wrote 4 bytes');
  });

  it('prints the access of 0x50 by the bits of newer Windows', () => {
    const found = stop('*(volatile ULONG *)0xFFFFB00012345678 = 1;', {
      machine: 'windows "Windows 10";',
    });
    expect(found.parameters[1]).toBe(2n);
  });

  it('of user space is an exception that __except takes', () => {
    const run = runDriver(
      entry(`__try { *(volatile ULONG *)16 = 1; }
__except (EXCEPTION_EXECUTE_HANDLER) { DbgPrint("caught %x\\n", GetExceptionCode()); }`),
    );
    expect(run.output).toEqual(['caught c0000005']);
    expect(run.reports.list('bugCheck')).toEqual([]);
  });

  it('that nobody takes in a system thread is 0x7E', () => {
    const found = stop('*(volatile ULONG *)16 = 1;');
    expect(found.code).toBe(0x7e);
    expect(found.parameters[0]).toBe(0xc0000005n);
    expect(found.explanation).toContain('STATUS_ACCESS_VIOLATION');
  });

  it('at DISPATCH_LEVEL is 0xD1, whatever the address', () => {
    for (const [address, access] of [
      ['0xFFFFB00012345678', 'a = *(volatile ULONG *)'],
      ['16', '*(volatile ULONG *)'],
    ] as const) {
      const statement = access.startsWith('a')
        ? `${access}${address};`
        : `${access}${address} = 1;`;
      const found = stop(
        `KIRQL old; volatile ULONG a; KeRaiseIrql(DISPATCH_LEVEL, &old); ${statement}`,
      );
      expect(found.code).toBe(0xd1);
      expect(found.parameters[0]).toBe(BigInt(address));
      expect(found.parameters.slice(1, 3)).toEqual([2n, access.startsWith('a') ? 0n : 1n]);
    }
  });

  it('inside a routine that the driver calls counts as the driver', () => {
    const found = stop(`KIRQL old; KeRaiseIrql(DISPATCH_LEVEL, &old);
RtlZeroMemory((PVOID)0xFFFFB00012345678, 8);`);
    expect(found.code).toBe(0xd1);
  });

  it('that is not canonical raises an exception without an address', () => {
    const run = runDriver(
      entry(`__try { *(volatile ULONG *)0x8000000000000000 = 1; }
__except (EXCEPTION_EXECUTE_HANDLER) { DbgPrint("caught %x\\n", GetExceptionCode()); }`),
    );
    expect(run.output).toEqual(['caught c0000005']);
  });

  it('as a routine to call is an exception as well', () => {
    expect(stop('((VOID (*)(VOID))NULL)();').parameters[0]).toBe(0xc0000005n);
  });

  it('below the stack of a deep recursion is 0x7F/8', () => {
    const run = runDriver(
      entry(
        'DbgPrint("%u\\n", Deep(1000000));',
        'static ULONG Deep(ULONG n) { ULONG a[64]; a[n & 63] = n; return n == 0 ? 0 : Deep(n - 1) + a[n & 63]; }',
      ),
    );
    const found = bugCheckOf(run);
    expect(found.code).toBe(0x7f);
    expect(found.parameters[0]).toBe(8n);
  });

  it('in a string literal is 0xBE when written', () => {
    expect(stop('PCHAR text = "constant"; text[0] = 1;').code).toBe(0xbe);
  });
});

describe('IRQL and spin locks', () => {
  it('only go up by raising and down by lowering', () => {
    const violations = (body: string): readonly string[] => violationsOf(runDriver(entry(body)));
    const up =
      'KIRQL old; KeRaiseIrql(DISPATCH_LEVEL, &old); KeRaiseIrql(APC_LEVEL, &old); KeLowerIrql(PASSIVE_LEVEL);';
    expect(violations(up)).toEqual(['wrong_irql']);
    expect(violations('KeLowerIrql(DISPATCH_LEVEL); KeLowerIrql(PASSIVE_LEVEL);')).toEqual([
      'wrong_irql',
    ]);
  });

  it('count as they are taken and given back', () => {
    const run = runDriver(
      entry(`KSPIN_LOCK lock; KIRQL irql;
KeInitializeSpinLock(&lock);
KeAcquireSpinLock(&lock, &irql);
DbgPrint("%u %u\\n", KeGetCurrentIrql(), irql);
KeReleaseSpinLock(&lock, irql);
DbgPrint("%u\\n", KeGetCurrentIrql());`),
    );
    expect(run.output).toEqual(['2 0', '0']);
  });

  it('taken twice are 0xF, released twice 0x10', () => {
    const setUp =
      'KSPIN_LOCK lock; KIRQL irql; KeInitializeSpinLock(&lock); KeAcquireSpinLock(&lock, &irql);';
    expect(stop(`${setUp} KeAcquireSpinLock(&lock, &irql);`).code).toBe(0xf);
    const twice = stop(`${setUp} KeReleaseSpinLock(&lock, irql); KeReleaseSpinLock(&lock, irql);`);
    expect(twice.code).toBe(0x10);
  });

  it('that were never initialised are reported as such', () => {
    const run = runDriver(entry('KSPIN_LOCK lock; KIRQL irql; KeAcquireSpinLock(&lock, &irql);'));
    expect(violationsOf(run)).toContain('uninitialized_memory');
  });

  it('make pageable memory fault under force IRQL checking, and only there', () => {
    const body = `PULONG paged = ExAllocatePoolWithTag(PagedPool, 64, 'tseT'); KIRQL old;
*paged = 1; KeRaiseIrql(DISPATCH_LEVEL, &old); *paged = 2; KeLowerIrql(old);
DbgPrint("%u\\n", *paged); ExFreePoolWithTag(paged, 'tseT');`;
    const verified = stop(body, { with: 'verifier on;' });
    expect(verified.code).toBe(0xd1);
    expect(verified.explanation).toContain('paged out');
    expect(runDriver(entry(body)).output).toEqual(['2']);
  });

  it('are back at PASSIVE_LEVEL when DriverEntry returns', () => {
    expect(stop('KIRQL old; KeRaiseIrql(DISPATCH_LEVEL, &old);').code).toBe(0xc8);
  });
});

describe('waiting', () => {
  it('ends when an event is set, and resets it if it is that kind', () => {
    const run = runDriver(
      entry(
        `HANDLE thread; LARGE_INTEGER none; none.QuadPart = 0;
KeInitializeEvent(&Event, SynchronizationEvent, FALSE);
PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Worker, (PVOID)5);
DbgPrint("wait %x\\n", KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL));
DbgPrint("again %x\\n", KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, &none));`,
        `static KEVENT Event;
static VOID Worker(PVOID Context) { DbgPrint("worker %u\\n", (ULONG)(ULONG_PTR)Context); KeSetEvent(&Event, 0, FALSE); PsTerminateSystemThread(STATUS_SUCCESS); }`,
      ),
    );
    expect(run.output).toEqual(['worker 5', 'wait 0', 'again 102']);
    expect(failuresOf(run)).toEqual([]);
  });

  it('ends by time', () => {
    const run = runDriver(
      entry(`KEVENT event; LARGE_INTEGER timeout, before, after;
KeInitializeEvent(&event, NotificationEvent, FALSE);
timeout.QuadPart = -10000;
before = KeQueryPerformanceCounter(NULL);
DbgPrint("%x\\n", KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &timeout));
after = KeQueryPerformanceCounter(NULL);
DbgPrint("%I64d\\n", after.QuadPart - before.QuadPart);`),
    );
    expect(run.output).toEqual(['102', '10001']);
  });

  it('at DISPATCH_LEVEL is a mistake unless it only polls', () => {
    const found = stop(`KEVENT event; KIRQL old;
KeInitializeEvent(&event, NotificationEvent, FALSE);
KeRaiseIrql(DISPATCH_LEVEL, &old);
KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);`);
    expect(found.code).toBe(0xb8);
  });

  it('for ever in DriverEntry ends the run', () => {
    const run = runDriver(
      entry(`KEVENT event; KeInitializeEvent(&event, NotificationEvent, FALSE);
KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);`),
    );
    expect(run.reports.list('failure').map(({ kind }) => kind)).toEqual(['deadlock']);
  });

  it('keeps the bytes of the objects true', () => {
    const run = runDriver(
      entry(`KSEMAPHORE semaphore; KMUTEX mutex; LARGE_INTEGER none; none.QuadPart = 0;
KeInitializeSemaphore(&semaphore, 1, 2);
KeWaitForSingleObject(&semaphore, Executive, KernelMode, FALSE, &none);
DbgPrint("%d\\n", semaphore.Header.SignalState);
KeReleaseSemaphore(&semaphore, 0, 2, FALSE);
DbgPrint("%d\\n", semaphore.Header.SignalState);
KeInitializeMutex(&mutex, 0);
KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, NULL);
KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, NULL);
DbgPrint("%d\\n", mutex.Header.SignalState);
KeReleaseMutex(&mutex, FALSE); KeReleaseMutex(&mutex, FALSE);
DbgPrint("%d\\n", mutex.Header.SignalState);`),
    );
    expect(run.output).toEqual(['0', '2', '-1', '1']);
  });
});

describe('raising and probing', () => {
  it('KeBugCheckEx stops with what it is given', () => {
    const found = stop('KeBugCheckEx(0xDEAD, 1, 2, 3, (ULONG_PTR)-1);');
    expect(found.code).toBe(0xdead);
    expect(found.parameters).toEqual([1n, 2n, 3n, 0xffffffffffffffffn]);
  });

  it('probes refuse system addresses and misaligned ones, and look at nothing of length 0', () => {
    const run = runDriver(
      entry(`ULONG i;
for (i = 0; i < 4; i++) {
    __try {
        if (i == 0) ProbeForRead((PVOID)0xFFFFF80000000000, 4, 1);
        if (i == 1) ProbeForRead((PVOID)0x10001, 4, 4);
        if (i == 2) ProbeForWrite((PVOID)0x10000, 4, 4);
        if (i == 3) ProbeForWrite((PVOID)0xFFFFF80000000000, 0, 4);
        DbgPrint("%u passes\\n", i);
    } __except (EXCEPTION_EXECUTE_HANDLER) { DbgPrint("%u %x\\n", i, GetExceptionCode()); }
}`),
    );
    expect(run.output).toEqual(['0 c0000005', '1 80000002', '2 c0000005', '3 passes']);
  });
});

describe('interlocked routines', () => {
  it('answer old or new values as documented', () => {
    const run = runDriver(
      entry(`LONG a = 41, b = 41, c = 7; LONG64 d = 0xFFFFFFFF; PVOID p = (PVOID)1;
DbgPrint("%d %d %d\\n", InterlockedIncrement(&a), InterlockedExchangeAdd(&b, 1), b);
DbgPrint("%d %d\\n", InterlockedCompareExchange(&c, 9, 7), c);
DbgPrint("%I64x\\n", InterlockedIncrement64(&d));
DbgPrint("%p %p\\n", InterlockedExchangePointer(&p, NULL), p);`),
    );
    expect(run.output).toEqual([
      '42 41 42',
      '7 9',
      '100000000',
      '0000000000000001 0000000000000000',
    ]);
  });
});
