// A call over a large size gives way: one may pause in the middle of it, look around, go back into it and on.
import { describe, expect, test } from 'vitest';
import type { Session, Stop } from '../../../engine/index.ts';
import { finish, goTo, resume, stackOf, textSession, untilStop } from './sample-session.ts';

const SIZE = 256 * 1024 * 1024;

const lockOfUserMemory = `
#include <ntddk.h>
DRIVER_UNLOAD Unload;
DRIVER_DISPATCH Dispatch;
PMDL Locked;

VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNICODE_STRING link;
    RtlInitUnicodeString(&link, L"\\\\DosDevices\\\\Locker");
    IoDeleteSymbolicLink(&link);
    IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS Dispatch(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS status = STATUS_SUCCESS;

    UNREFERENCED_PARAMETER(DeviceObject);
    if (stack->MajorFunction == IRP_MJ_DEVICE_CONTROL) {
        Locked = IoAllocateMdl(stack->Parameters.DeviceIoControl.Type3InputBuffer,
                               stack->Parameters.DeviceIoControl.InputBufferLength, FALSE, FALSE, NULL);
        __try {
            MmProbeAndLockPages(Locked, UserMode, IoWriteAccess);
            if (MmGetSystemAddressForMdlSafe(Locked, NormalPagePriority | MdlMappingNoExecute) == NULL) {
                status = STATUS_INSUFFICIENT_RESOURCES;
            }
            MmUnlockPages(Locked);
        } __except (EXCEPTION_EXECUTE_HANDLER) {
            status = GetExceptionCode();
        }
        IoFreeMdl(Locked);
    }
    Irp->IoStatus.Status = status;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return status;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING name, link;
    PDEVICE_OBJECT device;

    UNREFERENCED_PARAMETER(RegistryPath);
    RtlInitUnicodeString(&name, L"\\\\Device\\\\Locker");
    RtlInitUnicodeString(&link, L"\\\\DosDevices\\\\Locker");
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

/** A process has its buffer locked, of which the last page may not be written when `readOnly` says so. */
function lockSession(readOnly = false): Session {
  return textSession(`scenario "lock" {
    driver Locker { ${lockOfUserMemory} }
    process caller {
      #include <windows.h>
      #include <winioctl.h>
      #include <stdio.h>
      int main(void) {
        DWORD returned = 0, old = 0;
        char *buffer = VirtualAlloc(NULL, ${SIZE}, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
        HANDLE device = CreateFileW(L"\\\\\\\\.\\\\Locker", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        BOOL done;
        if (${readOnly ? 1 : 0}) VirtualProtect(buffer + ${SIZE - 4096}, 4096, PAGE_READONLY, &old);
        done = DeviceIoControl(device, CTL_CODE(0x8000, 0x800, METHOD_NEITHER, FILE_ANY_ACCESS), buffer, ${SIZE}, NULL, 0, &returned, NULL);
        printf("done %d, error %u\\n", done, done ? 0 : GetLastError());
        CloseHandle(device);
        VirtualFree(buffer, 0, MEM_RELEASE);
        return 0;
      }
    }
    expect no leaks;
  }`);
}

/** Stops at the call of a routine, then pauses while it is at work. */
function pauseInside(session: Session, routine: string): Stop {
  session.setFunctionBreakpoints([{ id: 'call', name: routine }]);
  const call = resume(session, 'continue');
  expect(call?.breakpoints).toEqual(['call']);
  session.setFunctionBreakpoints([]);
  session.resume('continue');
  for (;;) {
    // A clock that is past the end of every slice: each `work` does one piece.
    let time = 0;
    expect(session.work(1, () => time++ * 1000)).toEqual({ kind: 'running' });
    if (session.position.tick > (call?.tick ?? 0) + 2) break;
  }
  session.pause();
  const stop = untilStop(session);
  if (stop === undefined) throw new Error('the pause did not stop the run');
  return stop;
}

/** The value of an expression in the driver's dispatch routine. */
function value(session: Session, stop: Stop, expression: string): string {
  const { frames } = session.stack(stop.thread, 0, 0);
  const frame = frames.find((one) => one.function === 'Dispatch');
  const answer = session.evaluate(expression, frame?.id, false);
  return answer.ok ? answer.variable.value : answer.message;
}

/** Everything that the run printed. */
const printed = (session: Session): string =>
  session
    .takeReports()
    .output.map(({ text }) => text)
    .join('\n');

describe.each(['MmProbeAndLockPages', 'MmMapLockedPagesSpecifyCache', 'MmUnlockPages'])(
  'a pause in the middle of %s over 256 MiB',
  (routine) => {
    test('stops inside of the call, and going back into it and on is exact', () => {
      const session = lockSession();
      const stop = pauseInside(session, routine);
      expect(stop.reason).toBe('pause');
      expect(stackOf(session, stop)[0]).toBe(routine);
      const { tick } = session.position;
      const middle = session.hash();

      finish(session);
      const end = session.hash();
      expect(session.result()).toMatchObject({ outcome: 'passed', leaks: [], violations: [] });

      goTo(session, tick);
      expect(session.hash()).toBe(middle);
      finish(session);
      expect(session.hash()).toBe(end);

      const fresh = lockSession();
      finish(fresh);
      expect(fresh.hash()).toBe(end);
    }, 60_000);
  },
);

test('while pages are being locked the MDL says how far it came', () => {
  const session = lockSession();
  const stop = pauseInside(session, 'MmProbeAndLockPages');
  // Not locked as a whole yet, but the first page number is there and the last one is not.
  expect(value(session, stop, 'Locked->MdlFlags & 2')).toMatch(/^0/);
  const address = value(session, stop, '(ULONG64)(Locked + 1)').match(/0x[0-9a-fA-F`]+/)?.[0] ?? '';
  const numbers = session.readMemory(`va:local:0:${address}`, 0, SIZE / 512)?.bytes;
  const first = numbers && new DataView(numbers.buffer, numbers.byteOffset).getBigUint64(0, true);
  const isFrame = (page: bigint | undefined): boolean =>
    page !== undefined && page > 0n && page < 0x1000_0000n;
  expect(isFrame(first)).toBe(true);
  const last =
    numbers && new DataView(numbers.buffer, numbers.byteOffset).getBigUint64(SIZE / 512 - 8, true);
  expect(isFrame(last)).toBe(false);
}, 60_000);

test('a lock that fails at its last page leaves none of the others locked', () => {
  const session = lockSession(true);
  finish(session);
  expect(printed(session)).toContain('done 0, error 998');
  // Pages that stayed locked would stop the host when the process ends.
  expect(session.result()).toMatchObject({ outcome: 'passed', bugChecks: [] });
}, 60_000);
