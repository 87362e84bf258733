import { describe, expect, it } from 'vitest';
import { failuresOf, runDriver } from '../life/support.ts';

const driver = (descriptor: string, characteristics = 'FILE_DEVICE_SECURE_OPEN', name = 'Test') => `
#include <wdmsec.h>
static UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\\\Device\\\\${name}");
static UNICODE_STRING Link = RTL_CONSTANT_STRING(L"\\\\DosDevices\\\\Test");
static PDEVICE_OBJECT Device;
static NTSTATUS Succeed(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    UNREFERENCED_PARAMETER(DeviceObject);
    Irp->IoStatus.Status = STATUS_SUCCESS; Irp->IoStatus.Information = 0;
    if (stack->MajorFunction == IRP_MJ_QUERY_INFORMATION) {
        DbgPrint("query %u, %u bytes, %x\\n", stack->Parameters.QueryFile.FileInformationClass, stack->Parameters.QueryFile.Length, Irp->Flags);
        ((PFILE_STANDARD_INFORMATION)Irp->AssociatedIrp.SystemBuffer)->EndOfFile.QuadPart = 77; Irp->IoStatus.Information = sizeof(FILE_STANDARD_INFORMATION);
    } else if (stack->MajorFunction == IRP_MJ_SET_INFORMATION) {
        DbgPrint("set %u to %u\\n", stack->Parameters.SetFile.FileInformationClass, *(PULONG)Irp->AssociatedIrp.SystemBuffer);
    }
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}
static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    IoDeleteSymbolicLink(&Link);
    if (Device != NULL) IoDeleteDevice(Device);
}
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    ULONG major;
    OBJECT_ATTRIBUTES attributes; HANDLE handle; IO_STATUS_BLOCK block;
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    for (major = 0; major <= IRP_MJ_SET_INFORMATION; major++) DriverObject->MajorFunction[major] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Succeed;
    DbgPrint("%x\\n", IoCreateDeviceSecure(DriverObject, 0, &Name, FILE_DEVICE_UNKNOWN, ${characteristics}, FALSE, ${descriptor}, NULL, &Device));
    InitializeObjectAttributes(&attributes, &Name, OBJ_KERNEL_HANDLE, NULL, NULL);
    if (Device == NULL) return STATUS_SUCCESS;
    Device->Flags &= ~DO_DEVICE_INITIALIZING;
    if (NT_SUCCESS(ZwOpenFile(&handle, FILE_READ_DATA | SYNCHRONIZE, &attributes, &block, 0, FILE_SYNCHRONOUS_IO_NONALERT))) {
        LARGE_INTEGER position; ULONG word; FILE_STANDARD_INFORMATION standard;
        position.QuadPart = 5;
        DbgPrint("%x", ZwSetInformationFile(handle, &block, &position, sizeof position, FilePositionInformation)); position.QuadPart = 0;
        DbgPrint(" %x", ZwQueryInformationFile(handle, &block, &position, sizeof position, FilePositionInformation)); DbgPrint(" %u %u\\n", position.LowPart, (ULONG)block.Information);
        ZwQueryInformationFile(handle, &block, &word, sizeof word, FileModeInformation); DbgPrint("%x", word);
        ZwQueryInformationFile(handle, &block, &word, sizeof word, FileAlignmentInformation); DbgPrint(" %u", word);
        ZwQueryInformationFile(handle, &block, &word, sizeof word, FileAccessInformation); DbgPrint(" %x\\n", word);
        DbgPrint("%x", ZwQueryInformationFile(handle, &block, &standard, sizeof standard, FileStandardInformation)); DbgPrint(" %u\\n", standard.EndOfFile.LowPart);
        word = 9; position.QuadPart = 9; ZwSetInformationFile(handle, &block, &position, sizeof position, FileEndOfFileInformation);
        DbgPrint("%x", ZwQueryInformationFile(handle, &block, &standard, 4, FileStandardInformation)); DbgPrint(" %x\\n", ZwQueryInformationFile(handle, &block, &standard, sizeof standard, (FILE_INFORMATION_CLASS)999));
        ZwClose(handle);
    }
    return IoCreateSymbolicLink(&Link, &Name);
}`;

const process = `
#include <windows.h>
#include <stdio.h>
static void Try(const char *name, DWORD access)
{
    HANDLE h = CreateFileA(name, access, 0, NULL, OPEN_EXISTING, 0, NULL);
    printf("%d\\n", h == INVALID_HANDLE_VALUE ? (int)GetLastError() : 0);
    if (h != INVALID_HANDLE_VALUE) CloseHandle(h);
}
int main(void)
{
    Try("\\\\\\\\.\\\\Test", GENERIC_READ); Try("\\\\\\\\.\\\\Test", GENERIC_WRITE); Try("\\\\\\\\.\\\\Test\\\\part", GENERIC_READ);
    return 0;
}`;

/** What the process is answered: 0 or an error for reading, writing, and reading by a longer name. */
const opened = (descriptor: string, characteristics?: string): readonly string[] => {
  const found = runDriver(driver(descriptor, characteristics), { process });
  expect(failuresOf(found)).toEqual([]);
  expect(found.reports.list('violation')).toEqual([]);
  expect(found.reports.list('leak')).toEqual([]);
  return found.output.slice(-3);
};

describe('IoCreateDeviceSecure', () => {
  it('lets those open the device whom the descriptor names; a process is an administrator', () => {
    expect(opened('&SDDL_DEVOBJ_SYS_ALL_ADM_ALL')).toEqual(['0', '0', '0']);
    expect(opened('&SDDL_DEVOBJ_SYS_ALL_ADM_RX')).toEqual(['0', '5', '0']);
    expect(opened('&SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_R')).toEqual(['0', '0', '0']);
    expect(opened('&SDDL_DEVOBJ_SYS_ALL')).toEqual(['5', '5', '5']);
    expect(opened('&SDDL_DEVOBJ_KERNEL_ONLY')).toEqual(['5', '5', '5']);
  });

  it('leaves a name behind that of the device to the driver without FILE_DEVICE_SECURE_OPEN', () => {
    expect(opened('&SDDL_DEVOBJ_SYS_ALL', '0')).toEqual(['5', '5', '0']);
  });

  it('takes denials and rights in figures, and no other text', () => {
    const text = (sddl: string): string => `&(UNICODE_STRING)RTL_CONSTANT_STRING(L"${sddl}")`;
    expect(opened(text('D:P(D;;0x2;;;WD)(A;;GA;;;BA)'))).toEqual(['0', '5', '0']);
    expect(opened(text('D:P(A;;0x120089;;;WD)'))).toEqual(['0', '5', '0']);
    const found = runDriver(driver(text('everybody')));
    expect(found.output[0]).toMatch(/is no security descriptor/);
    expect(found.output[1]).toBe('c000000d');
  });
});

describe('information about a file', () => {
  it('comes from the I/O manager or from the driver', () => {
    const found = runDriver(driver('&SDDL_DEVOBJ_KERNEL_ONLY'));
    expect(found.output).toEqual([
      '0',
      '0 0 5 8',
      '20 63 100001',
      'query 5, 24 bytes, 874',
      '0 77',
      'set 20 to 9',
      'c0000004 c0000003',
    ]);
    expect(found.reports.list('leak')).toEqual([]);
    expect(found.reports.list('violation')).toEqual([]);
  });
});
