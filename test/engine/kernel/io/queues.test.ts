import { describe, expect, it } from 'vitest';
import { failuresOf, runDriver } from '../life/support.ts';

/** A driver whose device `\\.\Test` handles reads by `read`; `more` stands before. */
const device = (read: string, more: string, prepare = '', finish = ''): string => `
static UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\\\Device\\\\Test");
static UNICODE_STRING Link = RTL_CONSTANT_STRING(L"\\\\DosDevices\\\\Test");
static PDEVICE_OBJECT Device;
static NTSTATUS Complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}
${more}
static NTSTATUS Succeed(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    return Complete(Irp, STATUS_SUCCESS, 0);
}
static NTSTATUS Read(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
${read}
}
static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
${finish}
    IoDeleteSymbolicLink(&Link);
    IoDeleteDevice(Device);
}
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status = IoCreateDevice(DriverObject, 0, &Name, 0x8000, 0, FALSE, &Device);
    UNREFERENCED_PARAMETER(RegistryPath);
    if (!NT_SUCCESS(status)) return status;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_READ] = Read;
    DriverObject->DriverUnload = Unload;
${prepare}
    Device->Flags |= DO_BUFFERED_IO;
    Device->Flags &= ~DO_DEVICE_INITIALIZING;
    return IoCreateSymbolicLink(&Link, &Name);
}`;

const client = (statements: string): string => `
#include <windows.h>
#include <stdio.h>
/* Each with a file of its own: requests of one file that is not overlapped wait for each other. */
static DWORD WINAPI Reader(LPVOID Which)
{
    HANDLE file = CreateFileA("\\\\\\\\.\\\\Test", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    char bytes[8]; DWORD got = 0;
    BOOL ok = ReadFile(file, bytes, 1 + (DWORD)(ULONG_PTR)Which, &got, NULL);
    printf("reader %d: %d, %d bytes, error %d\\n", (int)(ULONG_PTR)Which, ok, (int)got, ok ? 0 : (int)GetLastError());
    CloseHandle(file);
    return 0;
}
int main(void)
{
${statements}
    return 0;
}`;

describe('StartIo', () => {
  it('gets one request at a time, in the order of the queue', () => {
    const run = runDriver(
      device(
        `IoMarkIrpPending(Irp);
    IoStartPacket(Device, Irp, NULL, NULL);
    return STATUS_PENDING;`,
        `static KTIMER Timer; static KDPC Dpc;
static VOID StartIo(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    LARGE_INTEGER due; due.QuadPart = -10000;
    DbgPrint("start %u at %u, current %u\\n", IoGetCurrentIrpStackLocation(Irp)->Parameters.Read.Length, KeGetCurrentIrql(), DeviceObject->CurrentIrp == Irp);
    KeSetTimer(&Timer, due, &Dpc);
}
static VOID Done(PKDPC D, PVOID Context, PVOID First, PVOID Second)
{
    PIRP irp = Device->CurrentIrp;
    UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(Context); UNREFERENCED_PARAMETER(First); UNREFERENCED_PARAMETER(Second);
    IoStartNextPacket(Device, FALSE);
    Complete(irp, STATUS_SUCCESS, IoGetCurrentIrpStackLocation(irp)->Parameters.Read.Length);
}`,
        'DriverObject->DriverStartIo = StartIo; KeInitializeTimer(&Timer); KeInitializeDpc(&Dpc, Done, NULL);',
      ),
      {
        process: client(`HANDLE threads[3]; int i;
    for (i = 0; i < 3; i++) threads[i] = CreateThread(NULL, 0, Reader, (LPVOID)(ULONG_PTR)i, 0, NULL);
    WaitForMultipleObjects(3, threads, TRUE, INFINITE);`),
      },
    );
    expect(run.reports.list('bugCheck')).toEqual([]);
    expect(failuresOf(run)).toEqual([]);
    expect(run.output).toEqual([
      'start 1 at 2, current 1',
      'start 2 at 2, current 1',
      'reader 0: 1, 1 bytes, error 0',
      'start 3 at 2, current 1',
      'reader 1: 1, 2 bytes, error 0',
      'reader 2: 1, 3 bytes, error 0',
    ]);
  });
});

const csq = `
static IO_CSQ Csq; static LIST_ENTRY Queue; static KSPIN_LOCK Lock;
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
static VOID Cancelled(PIO_CSQ C, PIRP Irp) { UNREFERENCED_PARAMETER(C); DbgPrint("cancelled\\n"); Complete(Irp, STATUS_CANCELLED, 0); }
`;
const initialize = `InitializeListHead(&Queue); KeInitializeSpinLock(&Lock);
    IoCsqInitialize(&Csq, Insert, Remove, Peek, Acquire, Release, Cancelled);`;

describe('a cancel-safe queue', () => {
  it('gives requests out in order, and cancels those of a process that dies', () => {
    const run = runDriver(
      device(
        `PIRP first;
    if (IoGetCurrentIrpStackLocation(Irp)->Parameters.Read.Length == 8) {
        first = IoCsqRemoveNextIrp(&Csq, NULL);
        DbgPrint("removed %u\\n", IoGetCurrentIrpStackLocation(first)->Parameters.Read.Length);
        Complete(first, STATUS_SUCCESS, 1);
        return Complete(Irp, STATUS_SUCCESS, 8);
    }
    IoCsqInsertIrp(&Csq, Irp, NULL);
    return STATUS_PENDING;`,
        csq,
        initialize,
      ),
      {
        process: client(`HANDLE threads[3]; int i;
    for (i = 0; i < 3; i++) threads[i] = CreateThread(NULL, 0, Reader, (LPVOID)(ULONG_PTR)i, 0, NULL);
    Sleep(1);
    Reader((LPVOID)7);
    WaitForSingleObject(threads[0], INFINITE);
    /* Two readers still wait when the process ends. */`),
      },
    );
    expect(run.output).toEqual([
      'removed 1',
      'reader 7: 1, 8 bytes, error 0',
      'reader 0: 1, 1 bytes, error 0',
      'cancelled',
      'cancelled',
    ]);
    expect(failuresOf(run)).toEqual([]);
    expect(run.reports.list('leak')).toEqual([]);
    expect(run.reports.list('bugCheck')).toEqual([]);
  });
});

describe('a cancel-safe queue that may refuse', () => {
  it('inserts by a routine with a context, and leaves what was refused to the caller', () => {
    const run = runDriver(
      device(
        `PIRP first; NTSTATUS status; ULONG length = IoGetCurrentIrpStackLocation(Irp)->Parameters.Read.Length;
    if (length == 8) {
        first = IoCsqRemoveNextIrp(&Csq, NULL);
        DbgPrint("removed %u, then %p\\n", IoGetCurrentIrpStackLocation(first)->Parameters.Read.Length, IoCsqRemoveNextIrp(&Csq, NULL));
        Complete(first, STATUS_SUCCESS, 1);
        return Complete(Irp, STATUS_SUCCESS, 8);
    }
    status = IoCsqInsertIrpEx(&Csq, Irp, NULL, &length);
    if (!NT_SUCCESS(status)) Complete(Irp, status, 0);
    return STATUS_PENDING;`,
        csq.replace(
          /static VOID Insert.*\n/,
          `static NTSTATUS InsertFirst(PIO_CSQ C, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(C);
    DbgPrint("inserts %u\\n", *(PULONG)Context);
    if (!IsListEmpty(&Queue)) return STATUS_DEVICE_BUSY;
    InsertTailList(&Queue, &Irp->Tail.Overlay.ListEntry);
    return STATUS_SUCCESS;
}
`,
        ),
        initialize.replace('IoCsqInitialize(&Csq, Insert,', 'IoCsqInitializeEx(&Csq, InsertFirst,'),
      ),
      {
        process: client(`HANDLE threads[2]; int i;
    for (i = 0; i < 2; i++) threads[i] = CreateThread(NULL, 0, Reader, (LPVOID)(ULONG_PTR)i, 0, NULL);
    Sleep(1);
    Reader((LPVOID)7);
    WaitForMultipleObjects(2, threads, TRUE, INFINITE);`),
      },
    );
    expect(run.output).toEqual([
      'inserts 1',
      'inserts 2',
      'reader 1: 0, 0 bytes, error 170',
      'removed 1, then 0000000000000000',
      'reader 7: 1, 8 bytes, error 0',
      'reader 0: 1, 1 bytes, error 0',
    ]);
    expect(failuresOf(run)).toEqual([]);
    expect(run.reports.list('leak')).toEqual([]);
    expect(run.reports.list('bugCheck')).toEqual([]);
  });
});

describe('a request in parts', () => {
  it('is completed with its last part', () => {
    const run = runDriver(
      device(
        `PIRP parts[2]; ULONG i;
    IoMarkIrpPending(Irp);
    Irp->AssociatedIrp.IrpCount = 2;
    Irp->IoStatus.Status = STATUS_SUCCESS;
    Irp->IoStatus.Information = 0;
    for (i = 0; i < 2; i++) { parts[i] = IoMakeAssociatedIrp(Irp, 1); IoSetNextIrpStackLocation(parts[i]); }
    Complete(parts[0], STATUS_SUCCESS, 0);
    DbgPrint("one part\\n");
    Complete(parts[1], STATUS_SUCCESS, 0);
    return STATUS_PENDING;`,
        '',
        '',
        '',
      ).replace('Device->Flags |= DO_BUFFERED_IO;', ''),
      { process: client('Reader((LPVOID)0);') },
    );
    expect(run.output).toEqual(['one part', 'reader 0: 1, 0 bytes, error 0']);
    expect(failuresOf(run)).toEqual([]);
  });
});

describe('the timer of a device', () => {
  it('ticks each second until it is stopped', () => {
    const run = runDriver(
      device(
        'return Complete(Irp, STATUS_SUCCESS, 0);',
        `static VOID Tick(PDEVICE_OBJECT DeviceObject, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    DbgPrint("tick at %u\\n", KeGetCurrentIrql());
    if (++*(PULONG)Context == 2) IoStopTimer(Device);
}
static ULONG Ticks;`,
        'IoInitializeTimer(Device, Tick, &Ticks); IoStartTimer(Device);',
      ),
      { process: client('Sleep(3500);') },
    );
    expect(run.output).toEqual(['tick at 2', 'tick at 2']);
    expect(failuresOf(run)).toEqual([]);
  });
});

describe('a driver', () => {
  it('keeps things with its driver object, and builds requests for others', () => {
    const run = runDriver(
      device(
        `RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, "abc", 3);
    return Complete(Irp, STATUS_SUCCESS, 3);`,
        'static char Bytes[8];',
        '',
        `{
        KEVENT event; IO_STATUS_BLOCK block; PIRP irp; PVOID kept;
        LARGE_INTEGER offset; offset.QuadPart = 0;
        KeInitializeEvent(&event, NotificationEvent, FALSE);
        irp = IoBuildSynchronousFsdRequest(IRP_MJ_READ, Device, Bytes, sizeof(Bytes), &offset, &event, &block);
        DbgPrint("%x ", IoCallDriver(Device, irp));
        DbgPrint("%s %u\\n", Bytes, (ULONG)block.Information);
        DbgPrint("%x ", IoAllocateDriverObjectExtension(DriverObject, (PVOID)Unload, 16, &kept));
        DbgPrint("%u ", kept == IoGetDriverObjectExtension(DriverObject, (PVOID)Unload));
        DbgPrint("%x\\n", IoAllocateDriverObjectExtension(DriverObject, (PVOID)Unload, 16, &kept));
    }`,
      ),
    );
    expect(run.output).toEqual(['0 abc 3', '0 1 c0000035']);
    expect(failuresOf(run)).toEqual([]);
    expect(run.reports.list('leak')).toEqual([]);
  });
});
