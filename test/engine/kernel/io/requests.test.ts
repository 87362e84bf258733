import { describe, expect, it } from 'vitest';
import { bugCheckOf, failuresOf, runDriver, violationsOf } from '../life/support.ts';

/** A driver with a device `\\.\Test`; `control` handles IRP_MJ_DEVICE_CONTROL. */
const device = (control: string, options = 'FALSE', more = ''): string => `
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
static NTSTATUS Succeed(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    DbgPrint("major %x\\n", IoGetCurrentIrpStackLocation(Irp)->MajorFunction);
    return Complete(Irp, STATUS_SUCCESS, 0);
}
${more}
static NTSTATUS Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    ULONG in = stack->Parameters.DeviceIoControl.InputBufferLength;
    ULONG out = stack->Parameters.DeviceIoControl.OutputBufferLength;
    ULONG code = stack->Parameters.DeviceIoControl.IoControlCode;
${control}
}
static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    IoDeleteSymbolicLink(&Link);
    IoDeleteDevice(Device);
}
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status = IoCreateDevice(DriverObject, 0, &Name, 0x8000, 0, ${options}, &Device);
    UNREFERENCED_PARAMETER(RegistryPath);
    if (!NT_SUCCESS(status)) return status;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    DriverObject->DriverUnload = Unload;
    return IoCreateSymbolicLink(&Link, &Name);
}`;

/** A process that opens the device and runs statements with `h`, `in`, `out`, `got`. */
const client = (statements: string): string => `
#include <windows.h>
#include <winioctl.h>
#define CODE(m) CTL_CODE(0x8000, 0x800, m, FILE_ANY_ACCESS)
int main(void)
{
    HANDLE h = CreateFileA("\\\\\\\\.\\\\Test", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    char in[16] = "input", out[16] = "output";
    DWORD got = 99;
    if (h == INVALID_HANDLE_VALUE) return 1000 + GetLastError();
${statements}
    CloseHandle(h);
    return 0;
}`;

const run = (control: string, statements: string, more = '') =>
  runDriver(device(control, 'FALSE', more), { process: client(statements) });

describe('a device', () => {
  it('is opened, cleaned up and closed in this order', () => {
    const found = run('return Complete(Irp, STATUS_SUCCESS, in + out + code);', '');
    expect(found.output).toEqual(['major 0', 'major 12', 'major 2']);
    expect(failuresOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('loses the handles that a process leaves', () => {
    const found = run('return Complete(Irp, STATUS_SUCCESS, in + out + code);', 'return 0;');
    expect(found.output).toEqual(['major 0', 'major 12', 'major 2']);
    expect(failuresOf(found)).toEqual([]);
  });

  it('answers what its driver does not handle with STATUS_INVALID_DEVICE_REQUEST', () => {
    const found = run(
      'return Complete(Irp, STATUS_SUCCESS, in + out + code);',
      'return ReadFile(h, out, 1, &got, NULL) ? 50 : GetLastError();',
    );
    expect(failuresOf(found)).toEqual(['Process client ended with exit code 1']);
  });

  it('that is not there cannot be opened', () => {
    const found = runDriver(device('return Complete(Irp, 0, in + out + code);'), {
      process: `#include <windows.h>
int main(void) { CreateFileA("\\\\\\\\.\\\\Other", 0, 0, NULL, OPEN_EXISTING, 0, NULL); return GetLastError(); }`,
    });
    expect(failuresOf(found)).toEqual(['Process client ended with exit code 2']);
  });

  it('that is exclusive opens once', () => {
    const found = runDriver(device('return Complete(Irp, 0, in + out + code);', 'TRUE'), {
      process:
        client(`HANDLE second = CreateFileA("\\\\\\\\.\\\\Test", 0, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (second != INVALID_HANDLE_VALUE) return 20;
    return GetLastError();`),
    });
    expect(failuresOf(found)).toEqual(['Process client ended with exit code 5']);
  });

  it('holds its driver when a kernel reference is left', () => {
    const found = run(
      'ObReferenceObject(stack->FileObject); return Complete(Irp, 0, 0);',
      'DeviceIoControl(h, CODE(0), in, 4, out, 4, &got, NULL);',
    );
    expect(failuresOf(found)).toEqual([
      expect.stringMatching(/^Proxy cannot be unloaded: the file object .* is still referenced$/),
    ]);
  });
});

describe('the four ways of a buffer', () => {
  it('METHOD_BUFFERED copies both ways, Information bytes back', () => {
    const found = run(
      `PCHAR buffer = Irp->AssociatedIrp.SystemBuffer;
    DbgPrint("%u %u %s %u %u\\n", in, out, buffer, Irp->MdlAddress == NULL, (ULONG)(ULONG_PTR)buffer == (ULONG)(ULONG_PTR)Irp->UserBuffer);
    RtlCopyMemory(buffer, "answer", 7);
    return Complete(Irp, STATUS_SUCCESS, 3);`,
      `if (!DeviceIoControl(h, CODE(METHOD_BUFFERED), in, 6, out, 10, &got, NULL)) return GetLastError();
    OutputDebugStringA(out); OutputDebugStringA("\\n"); if (got != 3) return 2;`,
    );
    expect(found.output).toEqual(['major 0', '6 10 input 1 0', 'ansput', 'major 12', 'major 2']);
    expect(failuresOf(found)).toEqual([]);
  });

  it('METHOD_OUT_DIRECT gives a locked MDL of the output buffer', () => {
    const found = run(
      `PCHAR target = MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority);
    DbgPrint("%s %u %x\\n", Irp->AssociatedIrp.SystemBuffer, MmGetMdlByteCount(Irp->MdlAddress), Irp->MdlAddress->MdlFlags & MDL_PAGES_LOCKED);
    RtlCopyMemory(target, "direct", 7);
    return Complete(Irp, STATUS_SUCCESS, 7);`,
      `if (!DeviceIoControl(h, CODE(METHOD_OUT_DIRECT), in, 6, out, 16, &got, NULL)) return GetLastError();
    OutputDebugStringA(out); OutputDebugStringA("\\n");`,
    );
    expect(found.output.slice(1, 3)).toEqual(['input 16 2', 'direct']);
    expect(failuresOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('METHOD_IN_DIRECT probes the second buffer for reading only', () => {
    const found = run(
      `DbgPrint("%s\\n", MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority));
    return Complete(Irp, STATUS_SUCCESS, 0);`,
      'if (!DeviceIoControl(h, CODE(METHOD_IN_DIRECT), in, 6, (void *)"constant", 9, &got, NULL)) return GetLastError();',
    );
    expect(found.output[1]).toBe('constant');
    expect(failuresOf(found)).toEqual([]);
  });

  it('METHOD_OUT_DIRECT refuses memory that cannot be written', () => {
    const found = run(
      'DbgPrint("not reached\\n"); return Complete(Irp, STATUS_SUCCESS, in + out + code);',
      'return DeviceIoControl(h, CODE(METHOD_OUT_DIRECT), in, 6, (void *)"constant", 9, &got, NULL) ? 0 : GetLastError();',
    );
    expect(failuresOf(found)).toEqual(['Process client ended with exit code 998']);
    expect(found.output).not.toContain('not reached');
  });

  it('METHOD_NEITHER passes the addresses as they are', () => {
    const found = run(
      `__try {
        ProbeForRead(stack->Parameters.DeviceIoControl.Type3InputBuffer, in, 1);
        ProbeForWrite(Irp->UserBuffer, out, 1);
        RtlCopyMemory(Irp->UserBuffer, stack->Parameters.DeviceIoControl.Type3InputBuffer, in);
    } __except (EXCEPTION_EXECUTE_HANDLER) { return Complete(Irp, GetExceptionCode(), 0); }
    return Complete(Irp, STATUS_SUCCESS, in);`,
      `if (!DeviceIoControl(h, CODE(METHOD_NEITHER), in, 6, out, 16, &got, NULL)) return GetLastError();
    OutputDebugStringA(out); OutputDebugStringA("\\n");
    if (DeviceIoControl(h, CODE(METHOD_NEITHER), (void *)0xFFFFF80000000000, 6, out, 16, &got, NULL)) return 3;
    if (GetLastError() != ERROR_NOACCESS) return 4;`,
    );
    expect(found.output[1]).toBe('input');
    expect(failuresOf(found)).toEqual([]);
  });

  it('an unhandled fault in a request of a process is 0x3B', () => {
    const found = run(
      '*(volatile ULONG *)16 = 1; return Complete(Irp, STATUS_SUCCESS, in + out + code);',
      'DeviceIoControl(h, CODE(0), in, 6, out, 16, &got, NULL);',
    );
    expect(bugCheckOf(found)).toMatchObject({ code: 0x3b });
    expect(bugCheckOf(found).parameters[0]).toBe(0xc0000005n);
  });

  it('reads and writes follow the flags of the device', () => {
    const transfer = `static NTSTATUS Transfer(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    ULONG length = stack->Parameters.Read.Length;
    DbgPrint("%u bytes, system %u, MDL %u, user %u\\n", length, Irp->AssociatedIrp.SystemBuffer != NULL,
             Irp->MdlAddress != NULL, Irp->UserBuffer != NULL);
    if (stack->MajorFunction == IRP_MJ_READ && Irp->AssociatedIrp.SystemBuffer != NULL)
        RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, "read", 5);
    return Complete(Irp, STATUS_SUCCESS, 5);
}`;
    const body = device(
      `DeviceObject->Flags = (DeviceObject->Flags & ~(DO_BUFFERED_IO | DO_DIRECT_IO)) | in;
    DeviceObject->DriverObject->MajorFunction[IRP_MJ_READ] = Transfer;
    DeviceObject->DriverObject->MajorFunction[IRP_MJ_WRITE] = Transfer;
    return Complete(Irp, STATUS_SUCCESS, code - code + out - out);`,
      'FALSE',
      transfer,
    );
    const found = runDriver(body, {
      process: client(`DeviceIoControl(h, CODE(METHOD_NEITHER), in, 4, NULL, 0, &got, NULL);
    if (!ReadFile(h, out, 5, &got, NULL) || got != 5) return 2;
    OutputDebugStringA(out); OutputDebugStringA("\\n");
    if (!WriteFile(h, in, 6, &got, NULL)) return 3;
    DeviceIoControl(h, CODE(METHOD_NEITHER), in, 16, NULL, 0, &got, NULL);
    if (!ReadFile(h, out, 5, &got, NULL)) return 4;
    if (!ReadFile(h, out, 0, &got, NULL)) return 4;
    DeviceIoControl(h, CODE(METHOD_NEITHER), in, 0, NULL, 0, &got, NULL);
    if (!ReadFile(h, out, 5, &got, NULL)) return 5;`),
    });
    expect(failuresOf(found)).toEqual([]);
    expect(found.output.filter((line) => !line.startsWith('major'))).toEqual([
      '5 bytes, system 1, MDL 0, user 1',
      'read',
      '6 bytes, system 1, MDL 0, user 1',
      '5 bytes, system 0, MDL 1, user 0',
      '0 bytes, system 0, MDL 0, user 0',
      '5 bytes, system 0, MDL 0, user 1',
    ]);
  });
});

describe('an IRP', () => {
  it('completed twice is 0x44', () => {
    const found = run(
      'Complete(Irp, STATUS_SUCCESS, 0); return Complete(Irp, STATUS_SUCCESS, in + out + code);',
      'DeviceIoControl(h, CODE(0), in, 6, out, 16, &got, NULL);',
    );
    expect(bugCheckOf(found).code).toBe(0x44);
  });

  it('sent on without a stack location is 0x35', () => {
    const found = run(
      'IoCallDriver(DeviceObject, Irp); return (NTSTATUS)(in + out + code);',
      'DeviceIoControl(h, CODE(0), in, 6, out, 16, &got, NULL);',
    );
    expect(bugCheckOf(found).code).toBe(0x35);
  });

  it('completed with STATUS_PENDING is reported', () => {
    const found = run(
      'return Complete(Irp, STATUS_PENDING, (in + out + code) * 0);',
      'DeviceIoControl(h, CODE(0), in, 6, out, 16, &got, NULL);',
    );
    expect(violationsOf(found)).toContain('irp');
  });

  it('is completed later, by another thread, while the process waits', () => {
    const found = run(
      `HANDLE thread;
    IoMarkIrpPending(Irp);
    PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Later, Irp);
    DbgPrint("pending %u\\n", in + out + code == 0);
    return STATUS_PENDING;`,
      `if (!DeviceIoControl(h, CODE(0), in, 6, out, 16, &got, NULL)) return GetLastError();
    OutputDebugStringA(out); OutputDebugStringA("\\n"); if (got != 6) return 2;`,
      `static VOID Later(PVOID Context)
{
    PIRP Irp = Context;
    DbgPrint("later\\n");
    RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, "later", 6);
    Complete(Irp, STATUS_SUCCESS, 6);
}`,
    );
    expect(found.output).toEqual(['major 0', 'pending 0', 'later', 'later', 'major 12', 'major 2']);
    expect(failuresOf(found)).toEqual([]);
  });

  it('that a driver never completes keeps the process waiting', () => {
    const found = run(
      'IoMarkIrpPending(Irp); return in + out + code == 0 ? STATUS_SUCCESS : STATUS_PENDING;',
      'DeviceIoControl(h, CODE(0), in, 6, out, 16, &got, NULL);',
    );
    expect(found.reports.list('failure').map(({ kind }) => kind)).toEqual(['deadlock']);
  });

  it('of a driver runs its completion routine and comes back', () => {
    const found = run(
      `PIRP inner = IoAllocateIrp(1, FALSE); KEVENT event; IO_STATUS_BLOCK block; PIRP control;
    PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(inner);
    if (in == 1) return Complete(Irp, STATUS_SUCCESS, 0);
    next->MajorFunction = IRP_MJ_CREATE;
    IoSetCompletionRoutine(inner, Done, (PVOID)7, TRUE, TRUE, TRUE);
    IoCallDriver(DeviceObject, inner);
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    control = IoBuildDeviceIoControlRequest(code, DeviceObject, &out, 1, NULL, 0, FALSE, &event, &block);
    if (IoCallDriver(DeviceObject, control) == STATUS_PENDING) KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
    DbgPrint("inner control %x\\n", block.Status);
    return Complete(Irp, STATUS_SUCCESS, 0);`,
      'DeviceIoControl(h, CODE(0), in, 6, out, 16, &got, NULL);',
      `static NTSTATUS Done(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    DbgPrint("completion %x %u %u\\n", Irp->IoStatus.Status, (ULONG)(ULONG_PTR)Context, DeviceObject == NULL);
    IoFreeIrp(Irp);
    return STATUS_MORE_PROCESSING_REQUIRED;
}`,
    );
    expect(found.output).toContain('completion 0 7 1');
    expect(found.output).toContain('inner control 0');
    expect(found.reports.list('bugCheck')).toEqual([]);
  });
});

describe('names', () => {
  it('collide, and are free again when the device is gone', () => {
    const found = runDriver(`
static VOID Unload(PDRIVER_OBJECT DriverObject) { IoDeleteDevice(DriverObject->DeviceObject); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\\\Device\\\\Twice"), other = RTL_CONSTANT_STRING(L"\\\\DEVICE\\\\TWICE");
    PDEVICE_OBJECT first, second;
    DriverObject->DriverUnload = Unload;
    DbgPrint("%x\\n", IoCreateDevice(DriverObject, 0, &name, 1, 0, FALSE, &first));
    DbgPrint("%x\\n", IoCreateDevice(DriverObject, 0, &other, 1, 0, FALSE, &second));
    IoDeleteDevice(first);
    DbgPrint("%x\\n", IoCreateDevice(DriverObject, 0, &other, 1, 0, FALSE, &second));
    DbgPrint("%x\\n", IoDeleteSymbolicLink(&name));
    return STATUS_SUCCESS;
}`);
    expect(found.output.filter((line) => /^[0-9a-f]+$/.test(line))).toEqual([
      '0',
      'c0000035',
      '0',
      'c0000034',
    ]);
    expect(found.reports.list('leak')).toEqual([]);
  });
});
