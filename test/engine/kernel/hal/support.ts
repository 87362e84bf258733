/** A driver that gets an adapter of its NIC and runs statements in AddDevice. */
import { type Run, type RunOptions, runDriver } from '../life/support.ts';

export type DmaOptions = RunOptions & {
  readonly machine?: string;
  readonly nic?: string;
  readonly with?: string;
};

/** What the statements find: Adapter, Ops, Pdo, Registers, some variables, and helpers. */
const PREAMBLE = `
static PDMA_ADAPTER Adapter;
static ULONG Registers;
static PDEVICE_OBJECT Device;
static PVOID Base;
static PSCATTER_GATHER_LIST List;
static ULONG Calls;
static IO_ALLOCATION_ACTION Action = DeallocateObjectKeepRegisters;
#define Ops (Adapter->DmaOperations)

static IO_ALLOCATION_ACTION Control(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID MapRegisterBase, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject); UNREFERENCED_PARAMETER(Irp); UNREFERENCED_PARAMETER(Context);
    Base = MapRegisterBase;
    Calls++;
    return Action;
}
static VOID ListControl(PDEVICE_OBJECT DeviceObject, PIRP Irp, PSCATTER_GATHER_LIST ScatterGather, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject); UNREFERENCED_PARAMETER(Irp); UNREFERENCED_PARAMETER(Context);
    List = ScatterGather;
    Calls++;
}
/* An MDL of pages that lie as the frames given: page numbers are written by hand, nothing is allocated. */
static PMDL Describe(ULONG Offset, ULONG Bytes, ULONG Count, const PFN_NUMBER *Pages)
{
    PMDL mdl = IoAllocateMdl((PUCHAR)0xFFFFB00000000000 + Offset, Bytes, FALSE, FALSE, NULL);
    ULONG i;
    for (i = 0; i < Count; i++) MmGetMdlPfnArray(mdl)[i] = Pages[i];
    mdl->MdlFlags |= MDL_PAGES_LOCKED;
    return mdl;
}
static VOID Forget(PMDL Mdl) { Mdl->MdlFlags &= ~MDL_PAGES_LOCKED; IoFreeMdl(Mdl); }
static PMDL Pool(ULONG Bytes)
{
    PUCHAR block = ExAllocatePoolWithTag(NonPagedPool, Bytes, 'tseT');
    PMDL mdl = IoAllocateMdl(block, Bytes, FALSE, FALSE, NULL);
    RtlFillMemory(block, Bytes, 0x11);
    MmBuildMdlForNonPagedPool(mdl);
    return mdl;
}
static VOID FreePool(PMDL Mdl) { PVOID block = MmGetMdlVirtualAddress(Mdl); IoFreeMdl(Mdl); ExFreePoolWithTag(block, 'tseT'); }
static VOID ShowList(PSCATTER_GATHER_LIST ScatterGather)
{
    ULONG i;
    for (i = 0; i < ScatterGather->NumberOfElements; i++)
        DbgPrint("%I64x+%x\\n", ScatterGather->Elements[i].Address.QuadPart, ScatterGather->Elements[i].Length);
}
`;

/** The driver's text. `more` stands before AddDevice. */
export function dmaDriver(description: string, statements: string, more = ''): string {
  return `${PREAMBLE}${more}
static NTSTATUS Add(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT Pdo)
{
    DEVICE_DESCRIPTION description;
    KIRQL irql;

    UNREFERENCED_PARAMETER(DriverObject); UNREFERENCED_PARAMETER(irql);
    Device = Pdo;
    RtlZeroMemory(&description, sizeof(description));
    description.Version = DEVICE_DESCRIPTION_VERSION2;
    description.Master = TRUE;
    description.InterfaceType = PCIBus;
    description.MaximumLength = 64 * 1024;
    ${description}
    Adapter = IoGetDmaAdapter(Pdo, &description, &Registers);
    if (Adapter == NULL) { DbgPrint("no adapter\\n"); return STATUS_SUCCESS; }
    {
    ${statements}
    }
    if (Adapter != NULL) Adapter->DmaOperations->PutDmaAdapter(Adapter);
    return STATUS_SUCCESS;
}
static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    UNREFERENCED_PARAMETER(Control); UNREFERENCED_PARAMETER(ListControl); UNREFERENCED_PARAMETER(Describe);
    UNREFERENCED_PARAMETER(Forget); UNREFERENCED_PARAMETER(Pool); UNREFERENCED_PARAMETER(FreePool);
    UNREFERENCED_PARAMETER(ShowList);
    DriverObject->DriverExtension->AddDevice = Add;
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}`;
}

export const runDma = (
  description: string,
  statements: string,
  options: DmaOptions = {},
  more = '',
): Run => runDriver(dmaDriver(description, statements, more), options);

/** Lines of output without the explanations of refused calls. */
export const printed = (run: Run): readonly string[] =>
  run.output.filter((line) => !/\]$/.test(line));

export const RAISE = 'KeRaiseIrql(DISPATCH_LEVEL, &irql);';
export const LOWER = 'KeLowerIrql(irql);';
/** Descriptions. */
export const SG32 = 'description.ScatterGather = TRUE; description.Dma32BitAddresses = TRUE;';
export const SG64 = 'description.ScatterGather = description.Dma64BitAddresses = TRUE;';
export const V3 =
  'description.Version = DEVICE_DESCRIPTION_VERSION3; description.ScatterGather = TRUE; description.DmaAddressWidth = 32;';
export const BLOCK32 = 'description.Dma32BitAddresses = TRUE;';
/** Machines. */
export const WINDOWS = 'windows "Windows 11";';
export const HIGH = 'memory 0 .. 640K, 1M .. 3G, 4G .. 20G; nolowmem;';
