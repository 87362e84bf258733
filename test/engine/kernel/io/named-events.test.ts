import { describe, expect, it } from 'vitest';
import { entry, failuresOf, runDriver } from '../life/support.ts';

describe('a named event', () => {
  it('is shared by a driver and the processes that open it', () => {
    const found = runDriver(
      `
static UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\\\BaseNamedObjects\\\\Ready");
static PKEVENT Ready; static HANDLE Handle; static KTIMER Timer; static KDPC Dpc;
static VOID Tick(PKDPC D, PVOID C, PVOID A, PVOID B)
{ UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(C); UNREFERENCED_PARAMETER(A); UNREFERENCED_PARAMETER(B); KeSetEvent(Ready, 0, FALSE); }
static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); ZwClose(Handle); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    LARGE_INTEGER due;
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    Ready = IoCreateNotificationEvent(&Name, &Handle);
    DbgPrint("%d\\n", KeReadStateEvent(Ready));
    KeClearEvent(Ready);
    KeInitializeTimer(&Timer); KeInitializeDpc(&Dpc, Tick, NULL); due.QuadPart = -50000; KeSetTimer(&Timer, due, &Dpc);
    return STATUS_SUCCESS;
}`,
      {
        process: `
#include <windows.h>
#include <stdio.h>
int main(void)
{
    HANDLE event = OpenEventA(SYNCHRONIZE | EVENT_MODIFY_STATE, FALSE, "Global\\\\Ready"), again;
    printf("%d %d\\n", event != NULL, (int)WaitForSingleObject(event, 0));
    printf("%d\\n", (int)WaitForSingleObject(event, INFINITE));
    again = CreateEventA(NULL, TRUE, FALSE, "ready"); printf("%d %d\\n", GetLastError() == ERROR_ALREADY_EXISTS, (int)WaitForSingleObject(again, 0));
    printf("%d", OpenEventA(SYNCHRONIZE, FALSE, "Other") == NULL); printf(" %d\\n", (int)GetLastError());
    CloseHandle(event); CloseHandle(again);
    return 0;
}`,
      },
    );
    expect(found.output).toEqual(['1', '1 258', '0', '1 0', '1 2']);
    expect(failuresOf(found)).toEqual([]);
    expect(found.reports.list('violation')).toEqual([]);
  });
});

describe('sharing a file', () => {
  it('is judged by counts that its driver keeps', () => {
    const found = runDriver(
      entry(`static FILE_OBJECT first, second; SHARE_ACCESS shares;
    IoSetShareAccess(FILE_READ_DATA, FILE_SHARE_READ, &first, &shares);
    DbgPrint("%u %u %u\\n", shares.OpenCount, shares.Readers, shares.SharedRead);
    DbgPrint("%x", IoCheckShareAccess(FILE_WRITE_DATA, FILE_SHARE_READ, &second, &shares, TRUE));
    DbgPrint(" %x", IoCheckShareAccess(FILE_READ_DATA, 0, &second, &shares, TRUE));
    DbgPrint(" %x\\n", IoCheckShareAccess(FILE_READ_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, &second, &shares, TRUE));
    DbgPrint("%u %u %u %u\\n", shares.OpenCount, shares.Readers, shares.SharedRead, shares.SharedWrite);
    IoRemoveShareAccess(&first, &shares); DbgPrint("%u", shares.OpenCount);
    DbgPrint(" %x\\n", IoCheckShareAccess(FILE_WRITE_DATA, FILE_SHARE_READ, &first, &shares, FALSE));`),
    );
    expect(found.output).toEqual(['1 1 1', 'c0000043 c0000043 0', '2 2 2 1', '1 0']);
  });
});

describe('a driver', () => {
  it('looks routines of the kernel up by name, and asks for versions', () => {
    const found = runDriver(
      entry(
        `UNICODE_STRING known = RTL_CONSTANT_STRING(L"KeSetEvent"), unknown = RTL_CONSTANT_STRING(L"KeNothing"), later = RTL_CONSTANT_STRING(L"ExAllocatePool2"), native = RTL_CONSTANT_STRING(L"MmGetPhysicalAddress");
    ULONG major, minor, build; PEPROCESS process; ULONG_PTR low, high;
    PHYSICAL_ADDRESS (NTAPI *physical)(PVOID) = (PHYSICAL_ADDRESS (NTAPI *)(PVOID))MmGetSystemRoutineAddress(&native);
    DbgPrint("%u %u", MmGetSystemRoutineAddress(&known) == (PVOID)KeSetEvent, MmGetSystemRoutineAddress(&unknown) == NULL && MmGetSystemRoutineAddress(&later) == NULL);
    DbgPrint(" %u\\n", physical != NULL && physical(DriverObject).QuadPart == MmGetPhysicalAddress(DriverObject).QuadPart);
    PsGetVersion(&major, &minor, &build, NULL); DbgPrint("%u %u %u\\n", major, minor, build);
    DbgPrint("%u %u\\n", RtlIsNtDdiVersionAvailable(0x05020000), RtlIsNtDdiVersionAvailable(0x0A000000));
    DbgPrint("%x", PsLookupProcessByProcessId((HANDLE)4, &process)); DbgPrint(" %u", process == IoGetCurrentProcess());
    DbgPrint(" %x\\n", PsLookupProcessByProcessId((HANDLE)400, &process));
    IoGetStackLimits(&low, &high); DbgPrint("%u %u\\n", (ULONG)(high - low) / 1024, (ULONG_PTR)&low > low && (ULONG_PTR)&low < high);`,
        '#include <ntifs.h>',
      ),
    );
    expect(found.output).toEqual(['1 1 1', '5 2 3790', '1 0', '0 1 c000000b', '24 1']);
  });
});
