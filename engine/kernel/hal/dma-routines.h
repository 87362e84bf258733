/*
 * The routines behind DMA_OPERATIONS. No header of the WDK declares them: a driver reaches them only through
 * its adapter's table. They have names here so that call stacks and breakpoints can show them.
 */
#pragma once

/** Releases an adapter object. All of its DMA must have ended, its buffers and map registers be freed.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pput_dma_adapter */
VOID PutDmaAdapter(PDMA_ADAPTER DmaAdapter);

/** Allocates memory that processor and device share, contiguous for the device.
 * @param Length bytes; BYTES_TO_PAGES(Length) must not exceed the granted map registers
 * @param LogicalAddress receives the address for the device
 * @param CacheEnabled ignored on x64: the memory is cached
 * @returns system address, or NULL
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pallocate_common_buffer */
PVOID AllocateCommonBuffer(PDMA_ADAPTER DmaAdapter, ULONG Length, PPHYSICAL_ADDRESS LogicalAddress, BOOLEAN CacheEnabled);

/** Frees a common buffer; every value exactly as at its allocation.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pfree_common_buffer */
VOID FreeCommonBuffer(PDMA_ADAPTER DmaAdapter, ULONG Length, PHYSICAL_ADDRESS LogicalAddress, PVOID VirtualAddress, BOOLEAN CacheEnabled);

/** Asks for the channel and map registers; the routine runs when they are granted.
 * @param NumberOfMapRegisters at most what IoGetDmaAdapter reported
 * @returns STATUS_SUCCESS, or STATUS_INSUFFICIENT_RESOURCES when more registers are asked for than were granted
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pallocate_adapter_channel */
NTSTATUS AllocateAdapterChannel(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, ULONG NumberOfMapRegisters, PDRIVER_CONTROL ExecutionRoutine, PVOID Context);

/** Ends a transfer: copies bounced data back. Once for each MapTransfer, with its CurrentVa and Length.
 * @param WriteToDevice TRUE for memory to device
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pflush_adapter_buffers */
BOOLEAN FlushAdapterBuffers(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase, PVOID CurrentVa, ULONG Length, BOOLEAN WriteToDevice);

/** Releases the channel and its registers, after an AdapterControl routine that returned KeepObject.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pfree_adapter_channel */
VOID FreeAdapterChannel(PDMA_ADAPTER DmaAdapter);

/** Releases map registers, after an AdapterControl routine that returned DeallocateObjectKeepRegisters.
 * @param NumberOfMapRegisters as at the allocation
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pfree_map_registers */
VOID FreeMapRegisters(PDMA_ADAPTER DmaAdapter, PVOID MapRegisterBase, ULONG NumberOfMapRegisters);

/** Maps the next part of a locked buffer for the device.
 * @param CurrentVa starts at MmGetMdlVirtualAddress(Mdl), advances by what was mapped
 * @param Length in: bytes wanted; out: bytes mapped in one piece
 * @param WriteToDevice TRUE for memory to device
 * @returns logical address for the device
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pmap_transfer */
PHYSICAL_ADDRESS MapTransfer(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase, PVOID CurrentVa, PULONG Length, BOOLEAN WriteToDevice);

/** Multiple that start and length of DMA buffers must have.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pget_dma_alignment */
ULONG GetDmaAlignment(PDMA_ADAPTER DmaAdapter);

/** Bytes that a transfer of the system's DMA controller has still to move.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pread_dma_counter */
ULONG ReadDmaCounter(PDMA_ADAPTER DmaAdapter);

/** Maps a locked buffer and hands its scatter/gather list to the routine when registers are there.
 * @param CurrentVa address in the MDL's range
 * @param WriteToDevice TRUE for memory to device
 * @returns STATUS_SUCCESS, STATUS_INSUFFICIENT_RESOURCES, STATUS_BUFFER_TOO_SMALL
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pget_scatter_gather_list */
NTSTATUS GetScatterGatherList(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PMDL Mdl, PVOID CurrentVa, ULONG Length, PDRIVER_LIST_CONTROL ExecutionRoutine, PVOID Context, BOOLEAN WriteToDevice);

/** Ends the transfer of a scatter/gather list: copies back, frees registers and list. Before the processor looks at the data.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pput_scatter_gather_list */
VOID PutScatterGatherList(PDMA_ADAPTER DmaAdapter, PSCATTER_GATHER_LIST ScatterGather, BOOLEAN WriteToDevice);

/** Tells how much storage a scatter/gather list of a buffer needs, and how many map registers.
 * @param Mdl the buffer, or NULL for the worst case
 * @param pNumberOfMapRegisters may be NULL
 * @irql any
 * @page nc-wdm-pcalculate_scatter_gather_list_size */
NTSTATUS CalculateScatterGatherList(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID CurrentVa, ULONG Length, PULONG ScatterGatherListSize, PULONG pNumberOfMapRegisters);

/** As GetScatterGatherList, with the list in the caller's storage.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pbuild_scatter_gather_list */
NTSTATUS BuildScatterGatherList(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PMDL Mdl, PVOID CurrentVa, ULONG Length, PDRIVER_LIST_CONTROL ExecutionRoutine, PVOID Context, BOOLEAN WriteToDevice, PVOID ScatterGatherBuffer, ULONG ScatterGatherLength);

/** Builds an MDL of the memory that a scatter/gather list really uses; for the system.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pbuild_mdl_from_scatter_gather_list */
NTSTATUS BuildMdlFromScatterGatherList(PDMA_ADAPTER DmaAdapter, PSCATTER_GATHER_LIST ScatterGather, PMDL OriginalMdl, PMDL *TargetMdl);

/** Reports what the adapter can do; set AdapterInfo->Version first.
 * @returns STATUS_SUCCESS, or STATUS_NOT_SUPPORTED for an unknown version
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pget_dma_adapter_info
 * @since Windows 8 */
NTSTATUS GetDmaAdapterInfo(PDMA_ADAPTER DmaAdapter, PDMA_ADAPTER_INFO AdapterInfo);

/** Reports map registers and list size that a transfer needs; set TransferInfo->Version first.
 * @param Offset bytes from the start of the MDL chain
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pget_dma_transfer_info
 * @since Windows 8 */
NTSTATUS GetDmaTransferInfo(PDMA_ADAPTER DmaAdapter, PMDL Mdl, ULONGLONG Offset, ULONG Length, BOOLEAN WriteOnly, PDMA_TRANSFER_INFO TransferInfo);

/** Prepares a transfer context of DMA_TRANSFER_CONTEXT_SIZE_V1 bytes, once for each request.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pinitialize_dma_transfer_context
 * @since Windows 8 */
NTSTATUS InitializeDmaTransferContext(PDMA_ADAPTER DmaAdapter, PVOID DmaTransferContext);

/** Allocates a common buffer below a logical address, near a node, cached or not.
 * @param MaximumAddress highest logical address, or NULL
 * @returns system address, or NULL
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pallocate_common_buffer_ex
 * @since Windows 8 */
PVOID AllocateCommonBufferEx(PDMA_ADAPTER DmaAdapter, PPHYSICAL_ADDRESS MaximumAddress, ULONG Length, PPHYSICAL_ADDRESS LogicalAddress, BOOLEAN CacheEnabled, NODE_REQUIREMENT PreferredNode);

/** Asks for channel and map registers, at once (DMA_SYNCHRONOUS_CALLBACK) or by callback.
 * @param ExecutionRoutine required unless the call is synchronous
 * @param MapRegisterBase only for a synchronous call without routine
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pallocate_adapter_channel_ex
 * @since Windows 8 */
NTSTATUS AllocateAdapterChannelEx(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID DmaTransferContext, ULONG NumberOfMapRegisters, ULONG Flags, PDRIVER_CONTROL ExecutionRoutine, PVOID ExecutionContext, PVOID *MapRegisterBase);

/** Calls a function of the system's DMA controller.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pconfigure_adapter_channel
 * @since Windows 8 */
NTSTATUS ConfigureAdapterChannel(PDMA_ADAPTER DmaAdapter, ULONG FunctionNumber, PVOID Context);

/** Takes back a request for a channel.
 * @returns TRUE when the routine will not run, FALSE when the channel had already been granted
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pcancel_adapter_channel
 * @since Windows 8 */
BOOLEAN CancelAdapterChannel(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID DmaTransferContext);

/** Maps the next part of an MDL chain and writes its scatter/gather list.
 * @param Offset bytes from the start of the chain
 * @param DeviceOffset system DMA only, otherwise 0
 * @param Length in: bytes wanted; out: bytes mapped
 * @param ScatterGatherBuffer required for a bus master, with room for private data
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pmap_transfer_ex
 * @since Windows 8 */
NTSTATUS MapTransferEx(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase, ULONGLONG Offset, ULONG DeviceOffset, PULONG Length, BOOLEAN WriteToDevice, PSCATTER_GATHER_LIST ScatterGatherBuffer, ULONG ScatterGatherBufferLength, PDMA_COMPLETION_ROUTINE DmaCompletionRoutine, PVOID CompletionContext);

/** Allocates registers and maps part of an MDL chain, at once or by callback.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pget_scatter_gather_list_ex
 * @since Windows 8 */
NTSTATUS GetScatterGatherListEx(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID DmaTransferContext, PMDL Mdl, ULONGLONG Offset, ULONG Length, ULONG Flags, PDRIVER_LIST_CONTROL ExecutionRoutine, PVOID Context, BOOLEAN WriteToDevice, PDMA_COMPLETION_ROUTINE DmaCompletionRoutine, PVOID CompletionContext, PSCATTER_GATHER_LIST *ScatterGatherList);

/** As GetScatterGatherListEx, with the list in the caller's storage.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pbuild_scatter_gather_list_ex
 * @since Windows 8 */
NTSTATUS BuildScatterGatherListEx(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID DmaTransferContext, PMDL Mdl, ULONGLONG Offset, ULONG Length, ULONG Flags, PDRIVER_LIST_CONTROL ExecutionRoutine, PVOID Context, BOOLEAN WriteToDevice, PVOID ScatterGatherBuffer, ULONG ScatterGatherLength, PDMA_COMPLETION_ROUTINE DmaCompletionRoutine, PVOID CompletionContext, PSCATTER_GATHER_LIST *ScatterGatherList);

/** Ends a transfer of MapTransferEx; once for each, before the next one.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pflush_adapter_buffers_ex
 * @since Windows 8 */
NTSTATUS FlushAdapterBuffersEx(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase, ULONGLONG Offset, ULONG Length, BOOLEAN WriteToDevice);

/** Releases channel and registers as the action says, after a synchronous allocation.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pfree_adapter_object
 * @since Windows 8 */
VOID FreeAdapterObject(PDMA_ADAPTER DmaAdapter, IO_ALLOCATION_ACTION AllocationAction);

/** Stops a transfer of the system's DMA controller; its completion routine still runs.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pcancel_mapped_transfer
 * @since Windows 8 */
NTSTATUS CancelMappedTransfer(PDMA_ADAPTER DmaAdapter, PVOID DmaTransferContext);

/** Allocates a common buffer that all devices of an IOMMU domain see.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pallocate_domain_common_buffer
 * @since Windows 10 */
NTSTATUS AllocateDomainCommonBuffer(PDMA_ADAPTER DmaAdapter, HANDLE DomainHandle, PPHYSICAL_ADDRESS MaximumAddress, ULONG Length, ULONG Flags, MEMORY_CACHING_TYPE *CacheType, NODE_REQUIREMENT PreferredNode, PPHYSICAL_ADDRESS LogicalAddress, PVOID *VirtualAddress);

/** Flushes cached data of a buffer.
 * @page nc-wdm-pflush_dma_buffer
 * @since Windows 10 */
NTSTATUS FlushDmaBuffer(PDMA_ADAPTER DmaAdapter, PMDL Mdl, BOOLEAN ReadOperation);

/** Puts the device into an IOMMU domain.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pjoin_dma_domain
 * @since Windows 10 */
NTSTATUS JoinDmaDomain(PDMA_ADAPTER DmaAdapter, HANDLE DomainHandle);

/** Takes the device out of its IOMMU domain.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pleave_dma_domain
 * @since Windows 10 */
NTSTATUS LeaveDmaDomain(PDMA_ADAPTER DmaAdapter);

/** The device's IOMMU domain.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pget_dma_domain
 * @since Windows 10 */
HANDLE GetDmaDomain(PDMA_ADAPTER DmaAdapter);

/** Allocates a common buffer between two logical addresses.
 * @returns system address, or NULL
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pallocate_common_buffer_with_bounds
 * @since Windows 10 1803 */
PVOID AllocateCommonBufferWithBounds(PDMA_ADAPTER DmaAdapter, PPHYSICAL_ADDRESS MinimumAddress, PPHYSICAL_ADDRESS MaximumAddress, ULONG Length, ULONG Flags, MEMORY_CACHING_TYPE *CacheType, NODE_REQUIREMENT PreferredNode, PPHYSICAL_ADDRESS LogicalAddress);

/** Allocates several common buffers of one size.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pallocate_common_buffer_vector
 * @since Windows 10 1903 */
NTSTATUS AllocateCommonBufferVector(PDMA_ADAPTER DmaAdapter, PHYSICAL_ADDRESS LowAddress, PHYSICAL_ADDRESS HighAddress, MEMORY_CACHING_TYPE CacheType, ULONG IdealNode, ULONG Flags, ULONG NumberOfElements, ULONGLONG SizeOfElements, PDMA_COMMON_BUFFER_VECTOR *VectorOut);

/** Addresses of one buffer of a vector.
 * @since Windows 10 1903 */
VOID GetCommonBufferFromVectorByIndex(PDMA_ADAPTER DmaAdapter, PDMA_COMMON_BUFFER_VECTOR Vector, ULONG Index, PVOID *VirtualAddressOut, PPHYSICAL_ADDRESS LogicalAddressOut);

/** Frees one buffer of a vector.
 * @since Windows 10 1903 */
VOID FreeCommonBufferFromVector(PDMA_ADAPTER DmaAdapter, PDMA_COMMON_BUFFER_VECTOR Vector, ULONG Index);

/** Frees a vector whose buffers have all been freed.
 * @since Windows 10 1903 */
VOID FreeCommonBufferVector(PDMA_ADAPTER DmaAdapter, PDMA_COMMON_BUFFER_VECTOR Vector);

/** Makes a common buffer of the driver's own locked pages. FreeCommonBuffer undoes it; the pages stay.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pcreate-common-buffer-from-mdl
 * @since Windows 11 */
NTSTATUS CreateCommonBufferFromMdl(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PDMA_COMMON_BUFFER_EXTENDED_CONFIGURATION ExtendedConfigs, ULONG ExtendedConfigsCount, PPHYSICAL_ADDRESS LogicalAddress);
