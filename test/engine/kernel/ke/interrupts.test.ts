import { describe, expect, it } from 'vitest';
import { bugCheckOf, failuresOf, type Run, startText, violationsOf } from '../life/support.ts';

/** A driver that connects its interrupt when the device starts and then waits for `Wanted` interrupts. */
const driver = (routine: string, connect = line, wanted = 1): string => `
#include <ntddk.h>
static PKINTERRUPT Interrupt;
static PIO_INTERRUPT_MESSAGE_INFO Messages;
static KSPIN_LOCK Lock;
static volatile LONG Count;
static PDEVICE_OBJECT Device, Lower;
static KDPC Dpc;
static VOID Deferred(PKDPC D, PVOID Context, PVOID First, PVOID Second)
{
    UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(Context); UNREFERENCED_PARAMETER(Second);
    DbgPrint("dpc at %u for %p\\n", KeGetCurrentIrql(), First);
}
${routine}
static NTSTATUS Start(PDEVICE_OBJECT Pdo, PCM_PARTIAL_RESOURCE_LIST Raw, PCM_PARTIAL_RESOURCE_LIST Translated)
{
    PCM_PARTIAL_RESOURCE_DESCRIPTOR found = NULL;
    IO_CONNECT_INTERRUPT_PARAMETERS parameters;
    NTSTATUS status;
    LARGE_INTEGER delay;
    ULONG i;
    UNREFERENCED_PARAMETER(Raw); UNREFERENCED_PARAMETER(Pdo);
    RtlZeroMemory(&parameters, sizeof(parameters));
    KeInitializeSpinLock(&Lock);
    KeInitializeDpc(&Dpc, Deferred, NULL);
    for (i = 0; i < Translated->Count; i++)
        if (Translated->PartialDescriptors[i].Type == CmResourceTypeInterrupt) { found = &Translated->PartialDescriptors[i]; break; }
${connect}
    if (!NT_SUCCESS(status)) return status;
    delay.QuadPart = -10000;
    for (i = 0; i < 50 && Count < ${wanted}; i++) KeDelayExecutionThread(KernelMode, FALSE, &delay);
    DbgPrint("%d interrupts\\n", Count);
    return STATUS_SUCCESS;
}
static NTSTATUS Pnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    UNREFERENCED_PARAMETER(DeviceObject);
    if (stack->MinorFunction == IRP_MN_START_DEVICE) {
        Start(Lower, &stack->Parameters.StartDevice.AllocatedResources->List[0].PartialResourceList,
              &stack->Parameters.StartDevice.AllocatedResourcesTranslated->List[0].PartialResourceList);
    } else if (stack->MinorFunction == IRP_MN_REMOVE_DEVICE) {
        if (Interrupt != NULL) IoDisconnectInterrupt(Interrupt);
        if (Messages != NULL) {
            IO_DISCONNECT_INTERRUPT_PARAMETERS parameters;
            parameters.Version = CONNECT_MESSAGE_BASED;
            parameters.ConnectionContext.InterruptMessageTable = Messages;
            IoDisconnectInterruptEx(&parameters);
        }
        IoSkipCurrentIrpStackLocation(Irp);
        { NTSTATUS status = IoCallDriver(Lower, Irp); IoDetachDevice(Lower); IoDeleteDevice(Device); return status; }
    }
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(Lower, Irp);
}
static NTSTATUS AddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT Pdo)
{
    NTSTATUS status = IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device);
    if (NT_SUCCESS(status)) Lower = IoAttachDeviceToDeviceStack(Device, Pdo);
    return status;
}
static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    DriverObject->DriverExtension->AddDevice = AddDevice;
    DriverObject->MajorFunction[IRP_MJ_PNP] = Pnp;
    return STATUS_SUCCESS;
}`;

const line = `
    status = IoConnectInterrupt(&Interrupt, Isr, (PVOID)0x77, NULL, found->u.Interrupt.Vector,
        (KIRQL)found->u.Interrupt.Level, (KIRQL)found->u.Interrupt.Level, LevelSensitive, TRUE,
        found->u.Interrupt.Affinity, FALSE);`;

const message = `
    parameters.Version = CONNECT_MESSAGE_BASED;
    parameters.MessageBased.PhysicalDeviceObject = Pdo;
    parameters.MessageBased.ConnectionContext.InterruptMessageTable = &Messages;
    parameters.MessageBased.MessageServiceRoutine = MessageIsr;
    parameters.MessageBased.FallBackServiceRoutine = Isr;
    status = IoConnectInterruptEx(&parameters);
    DbgPrint("version %u\\n", parameters.Version);`;

const isr = (body: string): string => `
static BOOLEAN Isr(PKINTERRUPT I, PVOID Context)
{
    UNREFERENCED_PARAMETER(I); UNREFERENCED_PARAMETER(Context);
${body}
}
static BOOLEAN MessageIsr(PKINTERRUPT I, PVOID Context, ULONG Id)
{
    UNREFERENCED_PARAMETER(I); UNREFERENCED_PARAMETER(Context);
    DbgPrint("message %u at %u\\n", Id, KeGetCurrentIrql());
    Count++;
    return TRUE;
}`;

/** Runs up to the driver's wait for an interrupt, lets the device do something, and runs on. */
function interrupted(
  text: string,
  device: (interrupts: Run['kernels'][0]['interrupts'], run: Run) => void,
  hardware = 'nic SanNic { interface PCIBus; address_bits 64; }',
  options: { seed?: number } = {},
): Run {
  const { run, go } = startText(
    `${hardware}
scenario "test" { ${hardware.startsWith('nic') ? 'nic' : 'device'} SanNic; driver Proxy for SanNic { ${text} } }`,
    options,
  );
  go(() => run.vm.threads(0).some(({ waitingFor }) => waitingFor === 'a delay'));
  const interrupts = run.kernels[0]?.interrupts;
  if (interrupts === undefined) throw new Error('no host');
  device(interrupts, run);
  go(() => false);
  return { ...run, output: run.reports.list('output').map((one) => one.text) };
}

describe('an interrupt line', () => {
  it('calls the service routine at the IRQL of its vector, then the DPC', () => {
    const run = interrupted(
      driver(
        isr(`DbgPrint("isr at %u with %p\\n", KeGetCurrentIrql(), Context);
    KeInsertQueueDpc(&Dpc, (PVOID)9, NULL);
    Count++;
    return Count >= 1;`),
      ),
      (interrupts) => {
        interrupts.raise('SanNic');
        interrupts.lower('SanNic');
        interrupts.raise('SanNic');
        interrupts.lower('SanNic');
      },
    );
    expect(failuresOf(run)).toEqual([]);
    // Both edges of the line were over before a processor looked: one service.
    expect(run.output).toEqual([
      'isr at 6 with 0000000000000077',
      'dpc at 2 for 0000000000000009',
      '1 interrupts',
    ]);
    expect(run.reports.list('leak')).toEqual([]);
  });

  it('that nobody quiets is a storm', () => {
    const run = interrupted(driver(isr('Count++; return TRUE;')), (interrupts) =>
      interrupts.raise('SanNic'),
    );
    expect(violationsOf(run)).toEqual(['interrupt_storm']);
    expect(run.reports.list('violation')[0]?.message).toContain('do not make the device let go');
  });

  it('that nobody claims is one, too', () => {
    const run = interrupted(driver(isr('Count++; return FALSE;')), (interrupts) =>
      interrupts.raise('SanNic'),
    );
    expect(violationsOf(run)).toEqual(['interrupt_storm']);
    expect(run.reports.list('violation')[0]?.message).toContain('none of them claims');
  });

  it('does not come through while the processor is at its level', () => {
    const run = interrupted(
      driver(
        `${isr('DbgPrint("isr\\n"); Count++; return TRUE;')}
static BOOLEAN Critical(PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    DbgPrint("critical at %u\\n", KeGetCurrentIrql());
    return TRUE;
}`,
        `${line}
    KeSynchronizeExecution(Interrupt, Critical, NULL);`,
      ),
      (interrupts) => {
        interrupts.raise('SanNic');
        interrupts.lower('SanNic');
      },
    );
    expect(run.output).toEqual(['critical at 6', 'isr', '1 interrupts']);
  });

  it('must be given back at the IRQL that it came at', () => {
    const run = interrupted(
      driver(isr('KeLowerIrql(DISPATCH_LEVEL); Count++; return TRUE;')),
      (interrupts) => interrupts.raise('SanNic'),
    );
    expect(bugCheckOf(run)).toMatchObject({ code: 0xc8 });
  });

  it('is refused with a vector that the device does not have', () => {
    const run = interrupted(
      driver(isr('return TRUE;'), line.replace('.Vector,', '.Vector + 1,')),
      () => {},
    );
    expect(run.output.join()).toContain('no device has the vector');
  });

  it('is served with every seed', () => {
    for (let seed = 2; seed < 12; seed++) {
      const run = interrupted(
        driver(isr('Count++; return TRUE;')),
        (interrupts) => {
          interrupts.raise('SanNic');
          interrupts.lower('SanNic');
        },
        undefined,
        { seed },
      );
      expect(run.output).toEqual(['1 interrupts']);
    }
  });
});

describe('message-signalled interrupts', () => {
  it('call one routine with the message', () => {
    const run = interrupted(
      driver(isr('return FALSE;'), message, 2),
      (interrupts) => {
        interrupts.raise('SanNic', 1);
        interrupts.raise('SanNic', 3);
        interrupts.raise('SanNic', 4);
      },
      `device SanNic with { bar 0 4K; interrupt 4; } {
#include <dmsdevice.h>
ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size) { return Bar + Offset + Size; }
VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value) { Bar += Offset + Size + (ULONG)Value; }
}`,
    );
    expect(failuresOf(run)).toEqual([]);
    expect(run.output).toEqual(['version 3', 'message 1 at 6', 'message 3 at 6', '2 interrupts']);
    expect(run.reports.list('leak')).toEqual([]);
  });

  it('fall back to the line where there are none', () => {
    const run = interrupted(driver(isr('Count++; return TRUE;'), message), (interrupts) => {
      interrupts.raise('SanNic');
      interrupts.lower('SanNic');
    });
    expect(run.output).toEqual(['version 2', '1 interrupts']);
  });
});
