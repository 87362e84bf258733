/** 15, 19, 20: the order of calls for each kind of transfer, and what the reference leaves to choose. */
import type { Row } from './table.ts';

const BUFFER = `
static PVOID Block; static PVOID Base; static PSCATTER_GATHER_LIST List;
static PMDL Describe(ULONG Bytes)
{
    PMDL mdl; Block = ExAllocatePoolWithTag(NonPagedPoolNx, Bytes, 'qeSR'); RtlFillMemory(Block, Bytes, 5);
    mdl = IoAllocateMdl(Block, Bytes, FALSE, FALSE, NULL); MmBuildMdlForNonPagedPool(mdl); return mdl;
}
static VOID Forget(PMDL Mdl) { IoFreeMdl(Mdl); ExFreePoolWithTag(Block, 'qeSR'); }
static IO_ALLOCATION_ACTION Control(PDEVICE_OBJECT D, PIRP Irp, PVOID MapRegisterBase, PVOID Context)
{ UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(Irp); UNREFERENCED_PARAMETER(Context); SEE("control at %u", KeGetCurrentIrql()); Base = MapRegisterBase; return DeallocateObjectKeepRegisters; }
static VOID Listed(PDEVICE_OBJECT D, PIRP Irp, PSCATTER_GATHER_LIST Elements, PVOID Context)
{ UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(Irp); UNREFERENCED_PARAMETER(Context); SEE("list at %u", KeGetCurrentIrql()); List = Elements; }
#define OPS (Adapter->DmaOperations)
`;

export const sequenceRows: readonly Row[] = [
  {
    section: '15',
    rule: 'packet, bus master: channel, MapTransfer, FlushAdapterBuffers, FreeMapRegisters',
    declarations: BUFFER,
    code: `PMDL mdl = Describe(6000); PUCHAR va = MmGetMdlVirtualAddress(mdl); ULONG length, left = 6000, pieces = 0; KIRQL irql; PVOID from = va;
    KeFlushIoBuffers(mdl, FALSE, TRUE); KeRaiseIrql(DISPATCH_LEVEL, &irql);
    SEE("%x", OPS->AllocateAdapterChannel(Adapter, Top, ADDRESS_AND_SIZE_TO_SPAN_PAGES(va, 6000), Control, NULL));
    while (left > 0) { length = left; OPS->MapTransfer(Adapter, mdl, Base, va, &length, TRUE); va += length; left -= length; pieces++; }
    SEE("%u", pieces >= 1 && pieces <= 2);
    SEE("%u", OPS->FlushAdapterBuffers(Adapter, mdl, Base, from, 6000, TRUE));
    OPS->FreeMapRegisters(Adapter, Base, ADDRESS_AND_SIZE_TO_SPAN_PAGES(from, 6000)); KeLowerIrql(irql); Forget(mdl);`,
    sees: ['control at 2', '0', '1', '1'],
  },
  {
    section: '15',
    rule: 'scatter/gather: GetScatterGatherList, the list for the device, PutScatterGatherList',
    declarations: BUFFER,
    code: `PMDL mdl = Describe(6000); ULONG sum = 0, i; KIRQL irql; KeRaiseIrql(DISPATCH_LEVEL, &irql);
    SEE("%x", OPS->GetScatterGatherList(Adapter, Top, mdl, MmGetMdlVirtualAddress(mdl), 6000, Listed, NULL, TRUE));
    for (i = 0; i < List->NumberOfElements; i++) sum += List->Elements[i].Length;
    SEE("%u %u", sum, List->Elements[0].Address.QuadPart == MmGetPhysicalAddress(Block).QuadPart);
    OPS->PutScatterGatherList(Adapter, List, TRUE); KeLowerIrql(irql); Forget(mdl);`,
    sees: ['list at 2', '0', '6000 1'],
  },
  {
    section: '15',
    rule: 'common buffer, bus master: an address for the driver and one for the device, until it is freed',
    declarations: BUFFER,
    code: `PHYSICAL_ADDRESS logical; PVOID buffer = OPS->AllocateCommonBuffer(Adapter, 8192, &logical, TRUE);
    SEE("%u %u", buffer != NULL, logical.QuadPart == MmGetPhysicalAddress(buffer).QuadPart); OPS->FreeCommonBuffer(Adapter, 8192, logical, buffer, TRUE);`,
    sees: ['1 1'],
  },
  {
    section: '15',
    rule: 'version 3: transfer information, channel, MapTransferEx, FlushAdapterBuffersEx, FreeAdapterChannel',
    declarations: BUFFER,
    code: `static UCHAR context[DMA_TRANSFER_CONTEXT_SIZE_V1]; static ULONG64 storage[32]; PMDL mdl = Describe(4000); DMA_TRANSFER_INFO info; ULONG length = 4000; KIRQL irql;
    RtlZeroMemory(&info, sizeof info); info.Version = DMA_TRANSFER_INFO_VERSION1;
    SEE("%x %u", OPS->GetDmaTransferInfo(Adapter, mdl, 0, 4000, TRUE, &info), info.V1.MapRegisterCount >= 1);
    OPS->InitializeDmaTransferContext(Adapter, context); KeRaiseIrql(DISPATCH_LEVEL, &irql);
    SEE("%x", OPS->AllocateAdapterChannelEx(Adapter, Top, context, info.V1.MapRegisterCount, DMA_SYNCHRONOUS_CALLBACK, NULL, NULL, &Base));
    List = (PSCATTER_GATHER_LIST)storage;
    SEE("%x", OPS->MapTransferEx(Adapter, mdl, Base, 0, 0, &length, TRUE, List, sizeof storage, NULL, NULL));
    SEE("%u", length); SEE("%x", OPS->FlushAdapterBuffersEx(Adapter, mdl, Base, 0, 4000, TRUE));
    OPS->FreeAdapterChannel(Adapter); KeLowerIrql(irql); Forget(mdl);`,
    sees: ['0 1', '0', '0', '4000', '0'],
  },
  {
    section: '15',
    rule: 'a request of more pages than registers is split: 12 pages over 5 are 3 operations',
    code: `ULONG left = 12, operations = 0; SEE("%u", ADDRESS_AND_SIZE_TO_SPAN_PAGES(0x10800, 12 * PAGE_SIZE - 0x800)); while (left > 0) { left -= left > 5 ? 5 : left; operations++; } SEE("%u", operations);`,
    sees: ['12', '3'],
  },
  {
    section: '15',
    rule: 'packet and common buffer of system DMA',
    sees: [],
    unseen:
      'the channels of the DMA controller have tests of their own: test/engine/kernel/hal/system-dma.test.ts',
  },
  {
    section: '19',
    rule: 'MmGetSystemAddressForMdlSafe of NULL faults, as the macro does',
    code: 'RAISED(MmGetSystemAddressForMdlSafe(NULL, NormalPagePriority));',
    sees: ['c0000005'],
  },
  {
    section: '19',
    rule: 'IoCreateDevice may be called up to APC_LEVEL, PFN_NUMBER has 8 bytes, DMA_ADAPTER.Version is 1',
    code: `PDEVICE_OBJECT device; KIRQL irql; KeRaiseIrql(APC_LEVEL, &irql); SEE("%x", IoCreateDevice(Driver, 0, NULL, 0x8001, 0, FALSE, &device)); IoDeleteDevice(device); KeLowerIrql(irql);
    SEE("%u %u", sizeof(PFN_NUMBER), Adapter->Version); SEE("%x", sizeof(SCATTER_GATHER_LIST));`,
    sees: ['0', '8 1', '10'],
  },
  {
    section: '19',
    rule: 'the other contradictions',
    sees: [],
    unseen:
      'docs/emulated-behaviour.md lists them, and test/conformance/choices.test.ts runs each choice',
  },
  {
    section: '20',
    rule: 'runs compare: memory that was never written has the same bytes in every run',
    sees: [],
    unseen: 'the list is of what an emulator has to have; each of its parts has tests of its own',
  },
];
