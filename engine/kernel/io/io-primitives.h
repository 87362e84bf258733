/*
 * What the I/O manager's own C uses beside the documented routines; drivers do not see it. Routines of the
 * first part neither wait nor call back; those of the second are C.
 */
#pragma once

/** The checks of IoCallDriver. */
VOID IopNoteCallDriver(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp);
/** Checks the IRQL at which a dispatch routine returned, and that its status fits what became of the IRP. */
VOID IopNoteDispatchReturn(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp, _In_ KIRQL IrqlBefore, _In_ NTSTATUS Status, _In_ PIO_STACK_LOCATION Stack);
/** The checks of IoCompleteRequest. */
VOID IopNoteCompletion(_In_ PIRP Irp);
/** The IRP goes up to a device, or with NULL back to whoever made it. */
VOID IopNoteReturnTo(_In_ PIRP Irp, _In_opt_ PDEVICE_OBJECT DeviceObject);
/** The IRP has been completed for good. */
VOID IopMarkCompleted(_In_ PIRP Irp);
/** Whether the running thread sees the memory of the process that made the request. */
BOOLEAN IopIsInRequestorContext(_In_ PIRP Irp);

/* The rules of Driver Verifier about IRPs (engine/kernel/verifier/io-rules.ts). */
/** Before an IRP is passed to a device. */
VOID ViBeforeCallDriver(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp);
/** Whether the caller is to see STATUS_PENDING whatever the dispatch routine returns. */
BOOLEAN ViForcesPending(_In_ PIRP Irp, _In_ PIO_STACK_LOCATION Stack);
/** A dispatch routine has returned. */
VOID ViAfterDispatch(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIO_STACK_LOCATION Stack, _In_ KIRQL IrqlBefore, _In_ ULONG RegionsBefore);
/** Before an IRP is completed. */
VOID ViBeforeComplete(_In_ PIRP Irp);
/** Whether the completion is to go on later from here, once for each location. */
BOOLEAN ViTakeForcedPending(_In_ PIO_STACK_LOCATION Stack);
/** The IRP goes up from a location. */
VOID ViLeaveLocation(_In_ PIRP Irp, _In_ PIO_STACK_LOCATION Stack);
/** A completion routine has returned. */
VOID ViAfterCompletion(_In_ PIO_COMPLETION_ROUTINE Routine, _In_ KIRQL IrqlBefore, _In_ ULONG RegionsBefore);
/** A completion routine has returned, and the IRP that it was called for was pending below. */
VOID ViAfterPendingCompletion(_In_ PIO_COMPLETION_ROUTINE Routine, _In_ PIRP Irp);
/** Building a request failed: its buffer does not allow it. Code is the major function or the control code. */
VOID ViBadRequestBuffer(_In_ PDEVICE_OBJECT DeviceObject, _In_ ULONG Code, _In_ NTSTATUS Exception, _In_ BOOLEAN IsControl);
/** The I/O manager frees the IRP itself when it is completed. */
VOID ViTieToThread(_In_ PIRP Irp);
/** A device gets its timer a second time. */
VOID ViTimerAgain(_In_ PDEVICE_OBJECT DeviceObject);
/** AddDevice has returned: what it made of its devices. */
VOID ViAfterAddDevice(_In_ PDEVICE_OBJECT PhysicalDeviceObject);
/** A driver calls a system service with these buffers and names. */
VOID ViCheckService(_In_opt_ PVOID First, _In_opt_ PVOID Second, _In_opt_ POBJECT_ATTRIBUTES ObjectAttributes, _In_ BOOLEAN IsFile);
/** How many critical and guarded regions this thread is in. */
ULONG KiRegionDepth(VOID);
/** Whether an IRP has been completed for good. */
BOOLEAN IopIsCompleted(_In_ PIRP Irp);

/** Finds a device by name, and what of the name is behind its own. */
NTSTATUS IopLookupDevice(_In_ PUNICODE_STRING ObjectName, _Out_ PDEVICE_OBJECT *DeviceObject, _Out_ PULONG NameOffset);
/** Makes a file object for a device, with one pointer reference. */
NTSTATUS IopAllocateFileObject(_In_ PDEVICE_OBJECT DeviceObject, _In_ PUNICODE_STRING ObjectName, _In_ ULONG NameOffset, _In_ ACCESS_MASK DesiredAccess, _In_ ULONG ShareAccess, _In_ ULONG CreateOptions, _In_ KPROCESSOR_MODE Mode, _Out_ PFILE_OBJECT *FileObject);
/** Frees a file object whose last reference is gone, and its reference to the device. */
VOID IopFreeFileObject(_In_ PFILE_OBJECT FileObject);
/** Makes a handle in the table of the current process, or in the kernel's. */
NTSTATUS ObpCreateHandle(_In_ PVOID Object, _In_ ACCESS_MASK GrantedAccess, _In_ ULONG Attributes, _Out_ PHANDLE Handle);
/** Takes a handle away; LastHandle tells whether the object has no other. The reference stays with the caller. */
NTSTATUS ObpRemoveHandle(_In_ HANDLE Handle, _Out_ PVOID *Object, _Out_ PBOOLEAN LastHandle);
/** Any handle that a process still has; NULL when there is none. */
HANDLE ObpFirstHandle(VOID);
/** Changes an object's count of references and answers the new one. */
LONG_PTR ObpChangeReference(_In_ PVOID Object, _In_ LONG Change);
/** IO_TYPE_FILE and the like, 0 for an object that the kernel does not know. */
CSHORT ObpTypeOf(_In_ PVOID Object);
/** Makes an object of a type known, with one reference. */
VOID ObpEnterObject(_In_ PVOID Object, _In_ ULONG Type);
/** The object is no more. */
VOID ObpForgetObject(_In_ PVOID Object);
/** Nothing refers to a section's object any more: it goes, and its memory with the last view. */
VOID MmDeleteSection(_In_ PVOID Section);
/** An event's object goes, and its name. */
VOID KiDeleteEvent(_In_ PVOID Object);
/** The mode of whoever called the system service. */
KPROCESSOR_MODE KiPreviousMode(VOID);

/** Forgets whom the requests of the current process would tell: its threads are gone. */
VOID IopOrphanRequests(VOID);
/** A thread is going to wait for the end of a request. */
VOID IopMarkAwaited(_In_ PIRP Irp);
/** Whether a thread waits, or waited until its process ended. */
BOOLEAN IopIsAwaited(_In_ PIRP Irp);
/** The next request on a file that the current process waits for: of its thread alone, or with one status block. */
PIRP IopNextRequestOf(_In_ PFILE_OBJECT FileObject, _In_ BOOLEAN OfThread, _In_opt_ PIO_STATUS_BLOCK IoStatusBlock, _In_opt_ PIRP Last);
/**
 * Finishes a completed request on a thread of its own, where the buffers of the process that made it can be seen.
 * FALSE when there is no memory for one.
 */
BOOLEAN IopQueueFinish(_In_ PIRP Irp);
/** A request of the current process that is still pending and has not been given here before; NULL behind the last. */
PIRP IopNextPendingRequest(_In_opt_ PIRP Last);

/** An IRP for a request on a file, with its stack location prepared; NULL when there is no memory. */
PIRP IopAllocateRequest(_In_opt_ PFILE_OBJECT FileObject, _In_ PDEVICE_OBJECT DeviceObject, _In_ UCHAR MajorFunction, _In_ KPROCESSOR_MODE Mode);
/** Undoes what was prepared when the request does not even start. */
VOID IopAbandonRequest(_In_ PIRP Irp);
/** Gives a read or write its buffer as the device wants it; raises where the caller's does not allow it. */
VOID IopPrepareTransfer(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp, _In_ BOOLEAN IsRead, _In_ PVOID Buffer, _In_ ULONG Length, _In_ KPROCESSOR_MODE Mode);
NTSTATUS IopInvalidDeviceRequest(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp);
/** Sends an IRP and waits until it is completed; answers its final status. The IRP is gone afterwards. */
NTSTATUS IopCallDriverAndWait(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp, _Out_ PIO_STATUS_BLOCK IoStatusBlock);
/** Copies results back and frees the IRP, in the context of the process that made the request. */
VOID IopFinishRequest(_In_ PIRP Irp);
/** Frees a completed IRP whose process has gone: nobody wants the result. */
VOID IopDiscardRequest(_In_ PIRP Irp);
VOID IopCleanupFile(_In_ PFILE_OBJECT FileObject);
VOID IopCloseFile(_In_ PFILE_OBJECT FileObject);
