import { describe, expect, it } from 'vitest';
import { entry, failuresOf, runDriver, runSample, runText, violationsOf } from './support.ts';

describe('the samples', () => {
  it('find low memory on a machine without any to give away', () => {
    const run = runSample('samples/nolowmem.dms');
    expect(run.output).toEqual([expect.stringMatching(/^low buffer at [0-9a-f]{1,8}$/)]);
    expect(run.reports.list('leak')).toEqual([]);
    expect(failuresOf(run)).toEqual([]);
  });

  it('name the call that leaks', () => {
    const run = runSample('samples/nolowmem.dms', {
      scenario: "pool memory is out of the NIC's reach",
    });
    const [leak] = run.reports.list('leak');
    expect(leak).toMatchObject({ kind: 'pool', bytes: 4096, resident: false });
    expect(leak?.message).toContain('ExAllocatePoolWithTag');
    expect(leak?.site).toMatchObject({ file: 'samples/nolowmem.dms', function: 'DriverEntry' });
  });

  it('get a common buffer, and are told of fields without a value', () => {
    expect(runSample('samples/common-buffer.dms').output).toEqual([
      expect.stringMatching(
        /^common buffer [0-9A-F]{16}, logical [0-9a-f]{1,8}, 17 map registers$/,
      ),
    ]);
    const careless = runSample('samples/common-buffer.dms', {
      scenario: 'the same driver forgets to zero the DEVICE_DESCRIPTION',
    });
    expect([...new Set(violationsOf(careless))]).toEqual(['uninitialized_memory']);
    const messages = careless.reports.list('violation').map(({ message }) => message);
    expect(messages.some((text) => text.includes('DeviceDescription->Dma64BitAddresses'))).toBe(
      true,
    );
    expect(messages.some((text) => text.includes('DmaPort'))).toBe(false);
  });

  it('survive each failing allocation', () => {
    for (const ordinal of [1, 2]) {
      const run = runSample('samples/common-buffer.dms', {
        faults: [{ point: 'allocation', ordinal }],
      });
      expect(failuresOf(run)).toEqual([expect.stringContaining('STATUS_INSUFFICIENT_RESOURCES')]);
      expect(run.reports.list('leak')).toEqual([]);
      expect(run.reports.list('bugCheck')).toEqual([]);
    }
    expect(runSample('samples/common-buffer.dms').faults.all).toEqual([
      { point: 'allocation', routine: 'IoGetDmaAdapter' },
      { point: 'allocation', routine: 'AllocateCommonBuffer' },
    ]);
  });
});

describe('a driver', () => {
  it('whose DriverEntry fails is not unloaded, and what it holds leaks', () => {
    const run = runDriver(`
static VOID Unload(PDRIVER_OBJECT DriverObject) { DbgPrint("unloaded\\n"); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath) {
    DriverObject->DriverUnload = Unload;
    ExAllocatePoolWithTag(NonPagedPool, 100, 'tseT');
    return STATUS_NO_SUCH_DEVICE;
}`);
    expect(run.output).toEqual([]);
    expect(run.reports.list('failure')).toEqual([
      expect.objectContaining({ kind: 'load', subject: 'Proxy', status: 0xc000000e }),
    ]);
    expect(run.reports.list('leak')).toEqual([
      expect.objectContaining({ bytes: 100, resident: false }),
    ]);
  });

  it('without DriverUnload stays, and what it holds is resident', () => {
    const run = runDriver(`
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath) {
    ExAllocatePoolWithTag(NonPagedPool, 100, 'tseT');
    return STATUS_SUCCESS;
}`);
    expect(run.reports.list('leak')).toEqual([
      expect.objectContaining({ bytes: 100, resident: true }),
    ]);
    expect(failuresOf(run)).toEqual([]);
  });

  it('that needs a newer Windows does not load; the message names routine and version', () => {
    const body = entry(`ExFreePool(ExAllocatePool2(POOL_FLAG_NON_PAGED, 16, 'tseT'));`);
    const [message] = failuresOf(runDriver(body));
    expect(message).toContain('ExAllocatePool2');
    expect(message).toMatch(/Windows 10/);
    expect(message).toContain('Server 2003');
    expect(failuresOf(runDriver(body, { machine: 'windows "Windows 11";' }))).toEqual([]);
  });

  it('that uses a routine which is missing here does not load; the message names it', () => {
    const run = runDriver(entry('ZwLoadDriver(NULL);'));
    expect(failuresOf(run)).toEqual([
      'Proxy did not load: it uses ZwLoadDriver, not supported yet',
    ]);
  });

  it('gets its device added, started and removed from the top of the stack', () => {
    const run = runDriver(`
static PDEVICE_OBJECT Lower;
static NTSTATUS Pnp(PDEVICE_OBJECT DeviceObject, PIRP Irp) {
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS status;
    UCHAR minor = stack->MinorFunction;
    if (minor == IRP_MN_START_DEVICE) {
        PCM_PARTIAL_RESOURCE_LIST list = &stack->Parameters.StartDevice.AllocatedResources->List[0].PartialResourceList;
        DbgPrint("start with %u resources, %u bytes of registers\\n", list->Count, list->PartialDescriptors[0].u.Memory.Length);
    }
    Irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(Irp);
    status = IoCallDriver(Lower, Irp);
    if (minor == IRP_MN_REMOVE_DEVICE) {
        DbgPrint("remove\\n");
        IoDetachDevice(Lower);
        IoDeleteDevice(DeviceObject);
    }
    return status;
}
static NTSTATUS Add(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT Pdo) {
    PDEVICE_OBJECT device;
    NTSTATUS status = IoCreateDevice(DriverObject, 64, NULL, FILE_DEVICE_NETWORK, 0, FALSE, &device);
    if (!NT_SUCCESS(status)) return status;
    Lower = IoAttachDeviceToDeviceStack(device, Pdo);
    DbgPrint("stack size %u, extension %u\\n", device->StackSize, *(PULONG)device->DeviceExtension);
    device->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}
static VOID Unload(PDRIVER_OBJECT DriverObject) { DbgPrint("unload\\n"); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath) {
    DriverObject->DriverExtension->AddDevice = Add;
    DriverObject->MajorFunction[IRP_MJ_PNP] = Pnp;
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}`);
    expect(run.output).toEqual([
      'stack size 2, extension 0',
      'start with 2 resources, 65536 bytes of registers',
      'remove',
      'unload',
    ]);
    expect(failuresOf(run)).toEqual([]);
    expect(run.reports.list('leak')).toEqual([]);
  });

  it('that forgets its device object leaks it', () => {
    const run = runDriver(
      entry(`PDEVICE_OBJECT device;
IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);`),
    );
    expect(run.reports.list('leak')).toEqual([expect.objectContaining({ kind: 'device object' })]);
  });

  it('that leaks under pool tracking stops the machine with 0xC4/62', () => {
    const run = runDriver(entry(`ExAllocatePoolWithTag(NonPagedPool, 100, 'tseT');`), {
      with: 'verifier on;',
    });
    expect(run.reports.list('bugCheck')).toEqual([
      expect.objectContaining({
        code: 0xc4,
        parameters: ['0x62', expect.any(String), '0x0', '0x1'],
      }),
    ]);
  });

  it('prints what has no line end when it goes', () => {
    expect(runDriver(entry(`DbgPrint("one "); DbgPrint("line\\nrest");`)).output).toEqual([
      'one line',
      'rest',
    ]);
  });

  it('goes on behind a failed assertion', () => {
    const run = runDriver(entry(`NT_ASSERT(1 + 1 == 3); DbgPrint("still here\\n");`));
    expect(run.output).toEqual(['still here']);
    expect(run.reports.list('failure')).toEqual([
      expect.objectContaining({
        kind: 'assertion',
        status: 0xc0000420,
        message: expect.stringContaining('1 + 1 == 3'),
      }),
    ]);
  });
});

describe('processes', () => {
  it('fail the scenario by their exit code', () => {
    const run = runText('scenario "x" { process client { int main(void) { return 3; } } }');
    expect(failuresOf(run)).toEqual(['Process client ended with exit code 3']);
    expect(run.life.exits).toEqual(new Map([['client', 3]]));
  });

  it('end by an exception that nobody takes', () => {
    const run = runText(
      'scenario "x" { process client { int main(void) { *(volatile int *)16 = 1; return 0; } } }',
    );
    expect(run.reports.list('failure')).toEqual([
      expect.objectContaining({
        kind: 'process',
        status: 0xc0000005,
        message: expect.stringContaining('a write to 0x0000000000000010'),
      }),
    ]);
    expect(run.life.exits.get('client')).toBe(0xc0000005);
  });

  it('end at once by ExitProcess', () => {
    const run = runText(`scenario "x" { process client {
#include <windows.h>
int main(void) { OutputDebugStringA("before\\n"); ExitProcess(0); OutputDebugStringA("after\\n"); return 1; } } }`);
    expect(run.output).toEqual(['before']);
    expect(run.life.exits.get('client')).toBe(0);
  });

  it('start in the order written, each when those before have blocked or ended', () => {
    const process = (name: string, milliseconds: number): string => `process ${name} {
#include <windows.h>
int main(void) { OutputDebugStringA("${name} starts\\n"); Sleep(${milliseconds}); OutputDebugStringA("${name} ends\\n"); return 0; } }`;
    const run = runText(
      `scenario "x" { ${process('a', 20)} ${process('b', 10)} ${process('c', 0)} }`,
    );
    expect(run.output).toEqual(['a starts', 'b starts', 'c starts', 'c ends', 'b ends', 'a ends']);
  });

  it('that wait for ever end the run with the wait chain', () => {
    const run = runText(`scenario "x" { process client {
#include <windows.h>
int main(void) { WaitForSingleObject(CreateEventA(NULL, TRUE, FALSE, NULL), INFINITE); return 0; } } }`);
    expect(run.reports.list('failure')).toEqual([
      expect.objectContaining({
        kind: 'deadlock',
        subject: 'client',
        message: expect.stringContaining('notification event'),
      }),
    ]);
  });

  it('have threads that can be waited for', () => {
    const run = runText(`scenario "x" { process client {
#include <windows.h>
static DWORD WINAPI Work(LPVOID Parameter) { *(int *)Parameter += 1; return 7; }
int main(void) {
    int value = 1; DWORD code = 0;
    HANDLE thread = CreateThread(NULL, 0, Work, &value, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    return value == 2 && code == 7 ? 0 : 1;
} } }`);
    expect(failuresOf(run)).toEqual([]);
  });

  it('have memory of their own', () => {
    const run = runText(`scenario "x" { process client {
#include <windows.h>
int main(void) {
    DWORD old; char *p = VirtualAlloc(NULL, 3 * 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (p == NULL || p[5000] != 0) return 1;
    if (!VirtualProtect(p + 4096, 4096, PAGE_READONLY, &old) || old != PAGE_READWRITE) return 2;
    p[0] = p[8192] = 1;
    __try { p[4096] = 1; return 3; } __except (GetExceptionCode() == EXCEPTION_ACCESS_VIOLATION) { }
    return VirtualFree(p, 0, MEM_RELEASE) ? 0 : 4;
} } }`);
    expect(failuresOf(run)).toEqual([]);
  });
});

describe('the same run', () => {
  it('has the same state to the byte', () => {
    const first = runSample('samples/user-buffer.dms');
    const second = runSample('samples/user-buffer.dms');
    expect(second.vm.hash()).toBe(first.vm.hash());
    expect(second.output).toEqual(first.output);
  });
});
