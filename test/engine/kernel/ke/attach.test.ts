// A thread of the system that sees the memory of a process for a while.
import { expect, it } from 'vitest';
import { failuresOf, runDriver, violationsOf } from '../life/support.ts';

const driver = `#include <ntifs.h>
static UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\\\Device\\\\Test");
static UNICODE_STRING Link = RTL_CONSTANT_STRING(L"\\\\DosDevices\\\\Test");
static PDEVICE_OBJECT Device; static PEPROCESS Client; static PULONG Address; static KEVENT Gone;
static VOID Worker(PVOID Context)
{
    KAPC_STATE state, inner; ULONG i;
    UNREFERENCED_PARAMETER(Context);
    DbgPrint("own %d\\n", PsGetCurrentProcess() == PsInitialSystemProcess);
    __try { DbgPrint("%u\\n", *Address); } __except (EXCEPTION_EXECUTE_HANDLER) { DbgPrint("not there\\n"); }
    KeStackAttachProcess((PRKPROCESS)Client, &state);
    KeStackAttachProcess((PRKPROCESS)PsInitialSystemProcess, &inner);
    KeUnstackDetachProcess(&inner);
    for (i = 0; i < 100; i++) *Address += i;
    DbgPrint("attached %d: %u, of the system %d\\n", PsGetCurrentProcess() == Client, *Address, PsGetCurrentProcessId() == (HANDLE)4);
    KeUnstackDetachProcess(&state);
    DbgPrint("own %d\\n", PsGetCurrentProcess() == PsInitialSystemProcess);
    KeSetEvent(&Gone, IO_NO_INCREMENT, FALSE);
    PsTerminateSystemThread(STATUS_SUCCESS);
}
static NTSTATUS Complete(PIRP Irp)
{
    Irp->IoStatus.Status = STATUS_SUCCESS;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}
static NTSTATUS Succeed(PDEVICE_OBJECT DeviceObject, PIRP Irp) { UNREFERENCED_PARAMETER(DeviceObject); return Complete(Irp); }
static NTSTATUS Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    HANDLE thread;
    UNREFERENCED_PARAMETER(DeviceObject);
    Client = PsGetCurrentProcess();
    Address = IoGetCurrentIrpStackLocation(Irp)->Parameters.DeviceIoControl.Type3InputBuffer;
    KeInitializeEvent(&Gone, NotificationEvent, FALSE);
    PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Worker, NULL);
    ZwClose(thread);
    KeWaitForSingleObject(&Gone, Executive, KernelMode, FALSE, NULL);
    return Complete(Irp);
}
static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    IoDeleteSymbolicLink(&Link);
    IoDeleteDevice(Device);
}
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    IoCreateDevice(DriverObject, 0, &Name, 0x8000, 0, FALSE, &Device);
    return IoCreateSymbolicLink(&Link, &Name);
}`;

const client = `#include <windows.h>
#include <winioctl.h>
#include <stdio.h>
int main(void)
{
    DWORD value = 1000, got;
    HANDLE device = CreateFileA("\\\\\\\\.\\\\Test", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    DeviceIoControl(device, CTL_CODE(0x8000, 0x800, METHOD_NEITHER, FILE_ANY_ACCESS), &value, sizeof value, NULL, 0, &got, NULL);
    printf("client %u\\n", value);
    CloseHandle(device);
    return 0;
}`;

it('reads and writes there, and is back behind each detachment', () => {
  for (const seed of [1, 3]) {
    const run = runDriver(driver, { process: client, seed });
    expect(failuresOf(run)).toEqual([]);
    expect(violationsOf(run)).toEqual([]);
    expect(run.output).toEqual([
      'own 1',
      'not there',
      'attached 1: 5950, of the system 1',
      'own 1',
      'client 5950',
    ]);
  }
});
