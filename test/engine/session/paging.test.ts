// A driver that keeps the physical address of an unlocked page has somebody else's, and the user sees whose.
import { expect, test } from 'vitest';
import { finish, goTo, textSession } from './sample-session.ts';

const driver = `
#include <ntddk.h>
DRIVER_UNLOAD Unload;
DRIVER_DISPATCH Dispatch;

VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNICODE_STRING link;
    RtlInitUnicodeString(&link, L"\\\\DosDevices\\\\Stale");
    IoDeleteSymbolicLink(&link);
    IoDeleteDevice(DriverObject->DeviceObject);
}

static VOID Stale(PVOID Buffer)
{
    PMDL mdl = IoAllocateMdl(Buffer, PAGE_SIZE, FALSE, FALSE, NULL);
    PHYSICAL_ADDRESS before, after;
    PUCHAR view;

    __try {
        MmProbeAndLockPages(mdl, UserMode, IoWriteAccess);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        IoFreeMdl(mdl);
        return;
    }
    before = MmGetPhysicalAddress(Buffer);
    MmUnlockPages(mdl);
    IoFreeMdl(mdl);
    after = MmGetPhysicalAddress(Buffer);
    DbgPrint("present %d\\n", after.QuadPart != 0);
    *(volatile UCHAR *)Buffer += 1;
    after = MmGetPhysicalAddress(Buffer);
    DbgPrint("moved %d\\n", after.QuadPart != 0 && after.QuadPart != before.QuadPart);
    view = MmMapIoSpace(before, PAGE_SIZE, MmCached);
    DbgPrint("there lies %.12s\\n", (PSTR)view);
    MmUnmapIoSpace(view, PAGE_SIZE);
}

NTSTATUS Dispatch(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    UNREFERENCED_PARAMETER(DeviceObject);
    if (stack->MajorFunction == IRP_MJ_DEVICE_CONTROL) {
        Stale(stack->Parameters.DeviceIoControl.Type3InputBuffer);
    }
    Irp->IoStatus.Status = STATUS_SUCCESS;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING name, link;
    PDEVICE_OBJECT device;

    UNREFERENCED_PARAMETER(RegistryPath);
    RtlInitUnicodeString(&name, L"\\\\Device\\\\Stale");
    RtlInitUnicodeString(&link, L"\\\\DosDevices\\\\Stale");
    IoCreateDevice(DriverObject, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
    IoCreateSymbolicLink(&link, &name);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Dispatch;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = Dispatch;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Dispatch;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Dispatch;
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
`;

/** The buffer of a process, allocated or static. */
const session = (buffer: string) =>
  textSession(`scenario "stale" {
    machine Default with { trim; }
    driver Stale { ${driver} }
    process caller {
      #include <windows.h>
      #include <winioctl.h>
      #include <stdio.h>
      static char fixed[3 * 4096];
      int main(void) {
        DWORD returned = 0;
        char *buffer = ${buffer};
        HANDLE device = CreateFileW(L"\\\\\\\\.\\\\Stale", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        buffer[0] = 41; buffer[4095] = 7;
        if (!DeviceIoControl(device, CTL_CODE(0x8000, 0x800, METHOD_NEITHER, FILE_ANY_ACCESS), buffer, 4096, NULL, 0, &returned, NULL)) return 1;
        printf("still %d and %d\\n", buffer[0], buffer[4095]);
        CloseHandle(device);
        return 0;
      }
    }
    expect violation io_space_of_memory;
    expect no leaks;
  }`);

test.each([
  [
    'memory that it allocated',
    'VirtualAlloc(NULL, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE)',
  ],
  ['static data', '(char *)(((ULONG_PTR)fixed + 4095) & ~(ULONG_PTR)4095)'],
])('%s of a process', (_what, buffer) => {
  const run = session(buffer);
  finish(run);
  const result = run.result();
  expect(result.failures).toEqual([]);
  expect(result.output.map(({ text }) => text.trim())).toEqual(
    expect.arrayContaining(['present 0', 'moved 1', 'there lies data of anot', 'still 42 and 7']),
  );
  // The report says whom the stale address hits.
  expect(result.violations.map(({ message }) => message).join()).toContain('another process');

  const end = run.hash();
  goTo(run, Math.floor(run.position.tick / 2));
  finish(run);
  expect(run.hash()).toBe(end);
});
