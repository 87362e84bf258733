import { describe, expect, it } from 'vitest';
import { failuresOf, runDriver } from '../life/support.ts';

/**
 * A device whose reads wait: a write completes the oldest of them with the bytes written, in a DPC. A read of one byte
 * is answered at once, one of two bytes is refused.
 */
const driver = `
static UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\\\Device\\\\Test");
static UNICODE_STRING Link = RTL_CONSTANT_STRING(L"\\\\DosDevices\\\\Test");
static PDEVICE_OBJECT Device;
static LIST_ENTRY Queue; static KSPIN_LOCK Lock; static IO_CSQ Csq;
static KDPC Dpc; static CHAR Written[16]; static ULONG Count;
static VOID Insert(PIO_CSQ C, PIRP Irp) { UNREFERENCED_PARAMETER(C); InsertTailList(&Queue, &Irp->Tail.Overlay.ListEntry); }
static VOID Remove(PIO_CSQ C, PIRP Irp) { UNREFERENCED_PARAMETER(C); RemoveEntryList(&Irp->Tail.Overlay.ListEntry); }
static PIRP Peek(PIO_CSQ C, PIRP Irp, PVOID Context)
{
    PLIST_ENTRY next = Irp == NULL ? Queue.Flink : Irp->Tail.Overlay.ListEntry.Flink;
    UNREFERENCED_PARAMETER(C); UNREFERENCED_PARAMETER(Context);
    return next == &Queue ? NULL : CONTAINING_RECORD(next, IRP, Tail.Overlay.ListEntry);
}
static VOID Acquire(PIO_CSQ C, PKIRQL Irql) { UNREFERENCED_PARAMETER(C); KeAcquireSpinLock(&Lock, Irql); }
static VOID Release(PIO_CSQ C, KIRQL Irql) { UNREFERENCED_PARAMETER(C); KeReleaseSpinLock(&Lock, Irql); }
static NTSTATUS Complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}
static VOID Cancelled(PIO_CSQ C, PIRP Irp) { UNREFERENCED_PARAMETER(C); DbgPrint("cancelled\\n"); Complete(Irp, STATUS_CANCELLED, 0); }
static VOID Done(PKDPC D, PVOID Context, PVOID First, PVOID Second)
{
    PIRP read = IoCsqRemoveNextIrp(&Csq, NULL);
    UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(Context); UNREFERENCED_PARAMETER(First); UNREFERENCED_PARAMETER(Second);
    if (read == NULL) return;
    RtlCopyMemory(read->AssociatedIrp.SystemBuffer, Written, Count);
    Complete(read, STATUS_SUCCESS, Count);
}
static NTSTATUS Read(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    UNREFERENCED_PARAMETER(DeviceObject);
    DbgPrint("read %u at %u\\n", stack->Parameters.Read.Length, stack->Parameters.Read.ByteOffset.LowPart);
    if (stack->Parameters.Read.Length == 1) {
        *(PCHAR)Irp->AssociatedIrp.SystemBuffer = 'X';
        return Complete(Irp, STATUS_SUCCESS, 1);
    }
    if (stack->Parameters.Read.Length == 2) return Complete(Irp, STATUS_DEVICE_NOT_READY, 0);
    IoCsqInsertIrp(&Csq, Irp, NULL);
    return STATUS_PENDING;
}
static NTSTATUS Write(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    Count = IoGetCurrentIrpStackLocation(Irp)->Parameters.Write.Length;
    UNREFERENCED_PARAMETER(DeviceObject);
    RtlCopyMemory(Written, Irp->AssociatedIrp.SystemBuffer, Count);
    KeInsertQueueDpc(&Dpc, NULL, NULL);
    return Complete(Irp, STATUS_SUCCESS, Count);
}
static NTSTATUS Succeed(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    DbgPrint("major %x\\n", IoGetCurrentIrpStackLocation(Irp)->MajorFunction);
    return Complete(Irp, STATUS_SUCCESS, 0);
}
static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    IoDeleteSymbolicLink(&Link);
    IoDeleteDevice(Device);
}
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status = IoCreateDevice(DriverObject, 0, &Name, 0x8000, 0, FALSE, &Device);
    UNREFERENCED_PARAMETER(RegistryPath);
    if (!NT_SUCCESS(status)) return status;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_READ] = Read;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = Write;
    DriverObject->DriverUnload = Unload;
    InitializeListHead(&Queue); KeInitializeSpinLock(&Lock); KeInitializeDpc(&Dpc, Done, NULL);
    IoCsqInitialize(&Csq, Insert, Remove, Peek, Acquire, Release, Cancelled);
    Device->Flags |= DO_BUFFERED_IO;
    Device->Flags &= ~DO_DEVICE_INITIALIZING;
    return IoCreateSymbolicLink(&Link, &Name);
}`;

/** A process with an overlapped file \`h\` and an OVERLAPPED with an event, \`o\`; \`flags\` are CreateFile's. */
const client = (statements: string, flags = 'FILE_FLAG_OVERLAPPED'): string => `
#include <windows.h>
#include <stdio.h>
#define SHOW(text, value) printf("%s %d\\n", text, (int)(value))
int main(void)
{
    HANDLE h = CreateFileA("\\\\\\\\.\\\\Test", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, ${flags}, NULL);
    OVERLAPPED o = {0}, other = {0};
    char in[8] = "ping", first[8] = "", second[8] = "";
    DWORD got = 99;
    if (h == INVALID_HANDLE_VALUE) return 1000 + GetLastError();
    o.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    other.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
${statements}
    return 0;
}`;

const run = (statements: string, flags?: string) => {
  const found = runDriver(driver, { process: client(statements, flags) });
  expect(found.reports.list('bugCheck')).toEqual([]);
  expect(found.reports.list('leak')).toEqual([]);
  expect(found.reports.list('violation')).toEqual([]);
  return { lines: found.output.filter((line) => !line.startsWith('major')), found };
};

describe('an overlapped request', () => {
  it('goes on while its process does, and ends with its event', () => {
    const { lines, found } = run(`
    o.Offset = 7;
    SHOW("read", ReadFile(h, first, 5, &got, &o)); SHOW("error", GetLastError());
    SHOW("done", HasOverlappedIoCompleted(&o)); SHOW("result", GetOverlappedResult(h, &o, &got, FALSE)); SHOW("error", GetLastError());
    SHOW("event", WaitForSingleObject(o.hEvent, 0));
    SHOW("write", WriteFile(h, in, 5, &got, &other)); SHOW("written", got);
    SHOW("result", GetOverlappedResult(h, &o, &got, TRUE)); SHOW("bytes", got);
    SHOW("done", HasOverlappedIoCompleted(&o)); SHOW("event", WaitForSingleObject(o.hEvent, 0));
    printf("%s\\n", first);`);
    expect(lines).toEqual([
      'read 5 at 7',
      'read 0',
      'error 997',
      'done 0',
      'result 0',
      'error 996',
      'event 258',
      'write 1',
      'written 5',
      'result 1',
      'bytes 5',
      'done 1',
      'event 0',
      'ping',
    ]);
    expect(failuresOf(found)).toEqual([]);
  });

  it('that is answered at once succeeds at once, and sets its event all the same', () => {
    const { lines } = run(`
    SHOW("read", ReadFile(h, first, 1, &got, &o)); SHOW("bytes", got);
    SHOW("result", GetOverlappedResult(h, &o, &got, FALSE)); SHOW("event", WaitForSingleObject(o.hEvent, 0));`);
    expect(lines).toEqual(['read 1 at 0', 'read 1', 'bytes 1', 'result 1', 'event 0']);
  });

  it('that is refused at once fails at once: no event, no result', () => {
    const { lines } = run(`
    SHOW("read", ReadFile(h, first, 2, &got, &o)); SHOW("error", GetLastError());
    SHOW("event", WaitForSingleObject(o.hEvent, 0)); SHOW("done", HasOverlappedIoCompleted(&o));`);
    expect(lines).toEqual(['read 2 at 0', 'read 0', 'error 21', 'event 258', 'done 0']);
  });

  it('is one of several: each end is told to its own event', () => {
    const { lines } = run(`
    OVERLAPPED write = {0}; HANDLE both[2]; DWORD one;
    ReadFile(h, first, 5, NULL, &o); ReadFile(h, second, 6, NULL, &other);
    WriteFile(h, in, 5, NULL, &write);
    both[0] = o.hEvent; both[1] = other.hEvent;
    one = WaitForMultipleObjects(2, both, FALSE, INFINITE);
    SHOW("first", one); SHOW("second", WaitForSingleObject(other.hEvent, 0));
    WriteFile(h, "pong", 5, NULL, &write);
    SHOW("all", WaitForMultipleObjects(2, both, TRUE, INFINITE));
    printf("%s %s\\n", first, second);`);
    expect(lines.slice(2)).toEqual(['first 0', 'second 258', 'all 0', 'ping pong']);
  });

  it('without an event of its own is waited for by the file, which any other end sets too', () => {
    const { lines } = run(`
    OVERLAPPED plain = {0};
    HANDLE again = CreateFileA("\\\\\\\\.\\\\Test", GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    ReadFile(h, first, 5, NULL, &plain); WriteFile(again, in, 5, &got, NULL);
    SHOW("result", GetOverlappedResult(h, &plain, &got, TRUE)); SHOW("bytes", got); printf("%s\\n", first);
    ReadFile(h, second, 6, NULL, &plain); ReadFile(h, first, 1, NULL, &other);
    SHOW("result", GetOverlappedResult(h, &plain, &got, TRUE)); SHOW("bytes", got); SHOW("done", HasOverlappedIoCompleted(&plain));`);
    expect(lines).toEqual([
      'read 5 at 0',
      'result 1',
      'bytes 5',
      'ping',
      'read 6 at 0',
      'read 1 at 0',
      'result 1',
      'bytes 0',
      'done 0',
      'cancelled',
    ]);
  });

  it('needs its structure: there is no position to read at', () => {
    const { lines } = run(
      'SHOW("read", ReadFile(h, first, 5, &got, NULL)); SHOW("error", GetLastError());',
    );
    expect(lines).toEqual(['read 0', 'error 87']);
  });

  it('is cancelled by its structure, by its thread, or with all others', () => {
    const { lines } = run(`
    ReadFile(h, first, 5, NULL, &o); ReadFile(h, second, 6, NULL, &other);
    SHOW("cancel", CancelIoEx(h, &other));
    SHOW("result", GetOverlappedResult(h, &other, &got, TRUE)); SHOW("error", GetLastError()); SHOW("bytes", got);
    SHOW("cancel", CancelIoEx(h, &other)); SHOW("error", GetLastError());
    SHOW("other", HasOverlappedIoCompleted(&o));
    SHOW("cancel", CancelIo(h));
    SHOW("result", GetOverlappedResult(h, &o, &got, TRUE)); SHOW("error", GetLastError());
    SHOW("cancel", CancelIoEx(h, NULL)); SHOW("error", GetLastError());`);
    expect(lines.slice(2)).toEqual([
      'cancelled',
      'cancel 1',
      'result 0',
      'error 995',
      'bytes 0',
      'cancel 0',
      'error 1168',
      'other 0',
      'cancelled',
      'cancel 1',
      'result 0',
      'error 995',
      'cancel 0',
      'error 1168',
    ]);
  });

  it('dies with its process: it is cancelled, then the file is cleaned up and closed', () => {
    const { found } = run('ReadFile(h, first, 5, NULL, &o); ReadFile(h, second, 6, NULL, &other);');
    expect(found.output).toEqual([
      'major 0',
      'read 5 at 0',
      'read 6 at 0',
      'cancelled',
      'cancelled',
      'major 12',
      'major 2',
    ]);
    expect(failuresOf(found)).toEqual([]);
  });

  it('keeps the file open until it ends', () => {
    const { found } = run(`
    HANDLE again = CreateFileA("\\\\\\\\.\\\\Test", GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    ReadFile(h, first, 5, NULL, &o);
    CloseHandle(h); printf("closed\\n");
    WriteFile(again, in, 5, &got, NULL);
    SHOW("event", WaitForSingleObject(o.hEvent, INFINITE)); printf("%s\\n", first);
    Sleep(1); CloseHandle(again);`);
    expect(found.output).toEqual([
      'major 0',
      'major 0',
      'read 5 at 0',
      'major 12',
      'closed',
      'major 2',
      'event 0',
      'ping',
      'major 12',
      'major 2',
    ]);
  });

  it('on a file that is not overlapped is waited for', () => {
    const { lines } = run(
      `WriteFile(h, in, 5, &got, NULL);
    o.Offset = 3; SHOW("read", ReadFile(h, first, 1, &got, &o)); SHOW("bytes", got); SHOW("event", WaitForSingleObject(o.hEvent, 0));`,
      '0',
    );
    expect(lines).toEqual(['read 1 at 3', 'read 1', 'bytes 1', 'event 0']);
  });
});

describe('a file that is not overlapped', () => {
  it('has one request at a time: what waits in the driver keeps the others out', () => {
    const found = runDriver(driver, {
      process: `
#include <windows.h>
#include <stdio.h>
static HANDLE h;
static DWORD WINAPI Reader(LPVOID Unused) { char bytes[8]; DWORD got; ReadFile(h, bytes, 5, &got, NULL); return (DWORD)(ULONG_PTR)Unused; }
int main(void)
{
    DWORD got; char in[8] = "ping";
    HANDLE thread;
    h = CreateFileA("\\\\\\\\.\\\\Test", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    thread = CreateThread(NULL, 0, Reader, NULL, 0, NULL);
    Sleep(1);
    printf("writing\\n");
    WriteFile(h, in, 5, &got, NULL);
    printf("never written\\n");
    return (int)(ULONG_PTR)thread;
}`,
    });
    expect(found.output).toEqual(['major 0', 'read 5 at 0', 'writing']);
    expect(found.reports.list('failure').map(({ kind }) => kind)).toEqual(['deadlock', 'deadlock']);
  });
});
