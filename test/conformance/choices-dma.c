/* The version of an adapter is 1 for every description. */
#include "bug-checks/dma.h"

static VOID Misuse(PDMA_ADAPTER Adapter, ULONG MapRegisters)
{
    PHYSICAL_ADDRESS logical;
    PVOID buffer;

    UNREFERENCED_PARAMETER(MapRegisters);
    NT_ASSERT(Adapter->Version == 1);
    buffer = Adapter->DmaOperations->AllocateCommonBuffer(Adapter, PAGE_SIZE, &logical, FALSE);
    NT_ASSERT(buffer != NULL);
    Adapter->DmaOperations->FreeCommonBuffer(Adapter, PAGE_SIZE, logical, buffer, FALSE);
    Adapter->DmaOperations->PutDmaAdapter(Adapter);
}
