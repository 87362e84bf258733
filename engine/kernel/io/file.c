/* Files as far as devices have them: open, read, write, control, cleanup, close. */
#include <ntddk.h>
#include "io-primitives.h"
#include "nt-services.h"

#define IOP_BUFFER_TAG 'fuBI'

/* An IRP for a request on a file, with its stack location prepared; NULL when there is no memory. */
PIRP
IopAllocateRequest(
    _In_ PFILE_OBJECT FileObject,
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_ UCHAR MajorFunction,
    _In_ KPROCESSOR_MODE Mode)
{
    PIRP irp = IoAllocateIrp(DeviceObject->StackSize, FALSE);
    PIO_STACK_LOCATION stack;

    if (irp == NULL) {
        return NULL;
    }
    irp->RequestorMode = Mode;
    irp->Tail.Overlay.Thread = PsGetCurrentThread();
    irp->Tail.Overlay.OriginalFileObject = FileObject;
    stack = IoGetNextIrpStackLocation(irp);
    stack->MajorFunction = MajorFunction;
    stack->FileObject = FileObject;
    return irp;
}

/* Undoes what was prepared when the request does not even start. */
VOID
IopAbandonRequest(_In_ PIRP Irp)
{
    if (Irp->MdlAddress != NULL) {
        if ((Irp->MdlAddress->MdlFlags & MDL_PAGES_LOCKED) != 0) {
            MmUnlockPages(Irp->MdlAddress);
        }
        IoFreeMdl(Irp->MdlAddress);
    }
    if ((Irp->Flags & IRP_DEALLOCATE_BUFFER) != 0) {
        ExFreePool(Irp->AssociatedIrp.SystemBuffer);
    }
    IoFreeIrp(Irp);
}

/* Describes and locks the caller's buffer; raises when the range does not allow the operation. */
static VOID
IopLockUserBuffer(_In_ PIRP Irp, _In_ PVOID Buffer, _In_ ULONG Length, _In_ KPROCESSOR_MODE Mode, _In_ LOCK_OPERATION Operation)
{
    if (Length == 0) {
        return;
    }
    if (IoAllocateMdl(Buffer, Length, FALSE, FALSE, Irp) == NULL) {
        ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
    }
    MmProbeAndLockPages(Irp->MdlAddress, Mode, Operation);
}

/* Gives the request a system buffer of its own; the input is copied in. */
static VOID
IopCaptureBuffer(_In_ PIRP Irp, _In_opt_ PVOID Input, _In_ ULONG InputLength, _In_ ULONG BufferLength)
{
    if (BufferLength == 0) {
        return;
    }
    Irp->AssociatedIrp.SystemBuffer = ExAllocatePoolWithTag(NonPagedPoolNx, BufferLength, IOP_BUFFER_TAG);
    if (Irp->AssociatedIrp.SystemBuffer == NULL) {
        ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
    }
    Irp->Flags |= IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER;
    if (InputLength != 0) {
        RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, Input, InputLength);
    }
}

/* Sends a request and waits; the status block is the caller's, whom `Mode` tells. */
static NTSTATUS
IopSendRequest(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp, _Out_ PIO_STATUS_BLOCK IoStatusBlock)
{
    IO_STATUS_BLOCK statusBlock;
    NTSTATUS status;

    status = IopCallDriverAndWait(DeviceObject, Irp, &statusBlock);
    __try {
        *IoStatusBlock = statusBlock;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    return status;
}

/* What a caller gave a request beside its buffers: a file, and whom to tell of the end. */
typedef struct _IOP_CALLER {
    KPROCESSOR_MODE Mode;
    PFILE_OBJECT FileObject;
    PDEVICE_OBJECT DeviceObject;
    PKEVENT Event;
    PVOID Context;
    PIO_STATUS_BLOCK IoStatusBlock;
} IOP_CALLER, *PIOP_CALLER;

/* What a service knows of its caller before it looks at the handles. */
static VOID
IopBeginCaller(_Out_ PIOP_CALLER Caller, _In_ KPROCESSOR_MODE Mode, _In_opt_ PVOID Context, _In_ PIO_STATUS_BLOCK Block)
{
    Caller->Mode = Mode;
    Caller->Context = Context;
    Caller->IoStatusBlock = Block;
}

static VOID
IopReleaseCaller(_In_ PIOP_CALLER Caller)
{
    if (Caller->Event != NULL) {
        ObDereferenceObject(Caller->Event);
    }
    ObDereferenceObject(Caller->FileObject);
}

/* A file whose requests wait has one of them at a time; the others stand in line. */
static NTSTATUS
IopSubmitAndWait(_In_ PIOP_CALLER Caller, _In_ PIRP Irp)
{
    PFILE_OBJECT fileObject = Caller->FileObject;
    NTSTATUS status;

    InterlockedIncrement((volatile LONG *)&fileObject->Waiters);
    KeWaitForSingleObject(&fileObject->Lock, Executive, KernelMode, FALSE, NULL);
    InterlockedDecrement((volatile LONG *)&fileObject->Waiters);
    fileObject->Busy = TRUE;
    status = IopSendRequest(Caller->DeviceObject, Irp, Caller->IoStatusBlock);
    fileObject->FinalStatus = status;
    fileObject->Busy = FALSE;
    KeSetEvent(&fileObject->Lock, IO_NO_INCREMENT, FALSE);
    if (Caller->Event != NULL) {
        KeSetEvent(Caller->Event, IO_NO_INCREMENT, FALSE);
    }
    IopReleaseCaller(Caller);
    return status;
}

/* Sends a prepared request: the references of the caller are the request's from here on. */
static NTSTATUS
IopSubmit(_In_ PIOP_CALLER Caller, _In_ PIRP Irp)
{
    if ((Caller->FileObject->Flags & FO_SYNCHRONOUS_IO) != 0) {
        return IopSubmitAndWait(Caller, Irp);
    }
    Irp->UserEvent = Caller->Event;
    Irp->UserIosb = Caller->IoStatusBlock;
    Irp->Overlay.AsynchronousParameters.UserApcContext = Caller->Context;
    return IofCallDriver(Caller->DeviceObject, Irp);
}

static NTSTATUS
IopReferenceFile(_In_ HANDLE Handle, _In_ ACCESS_MASK Access, _In_ KPROCESSOR_MODE Mode, _Out_ PFILE_OBJECT *FileObject)
{
    return ObReferenceObjectByHandle(Handle, Access, *IoFileObjectType, Mode, (PVOID *)FileObject, NULL);
}

static NTSTATUS
IopProbeStatusBlock(_In_ PIO_STATUS_BLOCK IoStatusBlock, _In_ KPROCESSOR_MODE Mode)
{
    NTSTATUS status = STATUS_SUCCESS;

    if (Mode == UserMode) {
        __try {
            ProbeForWrite(IoStatusBlock, sizeof(IO_STATUS_BLOCK), sizeof(ULONG));
        } __except (EXCEPTION_EXECUTE_HANDLER) {
            status = GetExceptionCode();
        }
    }
    return status;
}

/* References what a request on a file needs, and clears what will tell of its end. */
static NTSTATUS
IopOpenCaller(_In_ HANDLE FileHandle, _In_ ACCESS_MASK Access, _In_opt_ HANDLE Event, _Inout_ PIOP_CALLER Caller)
{
    NTSTATUS status = IopReferenceFile(FileHandle, Access, Caller->Mode, &Caller->FileObject);

    Caller->Event = NULL;
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = IopProbeStatusBlock(Caller->IoStatusBlock, Caller->Mode);
    if (NT_SUCCESS(status) && Event != NULL) {
        status = ObReferenceObjectByHandle(Event, EVENT_MODIFY_STATE, *ExEventObjectType, KernelMode,
                                           (PVOID *)&Caller->Event, NULL);
    }
    if (!NT_SUCCESS(status)) {
        ObDereferenceObject(Caller->FileObject);
        return status;
    }
    if (Caller->Event != NULL) {
        KeClearEvent(Caller->Event);
    }
    KeClearEvent(&Caller->FileObject->Event);
    Caller->DeviceObject = IoGetRelatedDeviceObject(Caller->FileObject);
    return STATUS_SUCCESS;
}

/* ---- Open and close -------------------------------------------------------------------------------- */

static NTSTATUS
IopCreateFile(
    _Out_ PHANDLE FileHandle,
    _In_ ACCESS_MASK DesiredAccess,
    _In_ POBJECT_ATTRIBUTES ObjectAttributes,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _In_ ULONG FileAttributes,
    _In_ ULONG ShareAccess,
    _In_ ULONG CreateDisposition,
    _In_ ULONG CreateOptions,
    _In_ KPROCESSOR_MODE Mode)
{
    IO_SECURITY_CONTEXT security;
    PDEVICE_OBJECT deviceObject;
    PFILE_OBJECT fileObject;
    PIO_STACK_LOCATION stack;
    ULONG nameOffset;
    HANDLE handle;
    NTSTATUS status;
    PIRP irp;

    status = IopLookupDevice(ObjectAttributes->ObjectName, &deviceObject, &nameOffset);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = IopAllocateFileObject(deviceObject, ObjectAttributes->ObjectName, nameOffset, DesiredAccess,
                                   ShareAccess, CreateOptions, Mode, &fileObject);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    KeInitializeEvent(&fileObject->Lock, SynchronizationEvent, TRUE);
    KeInitializeEvent(&fileObject->Event, NotificationEvent, FALSE);
    KeInitializeSpinLock(&fileObject->IrpListLock);
    InitializeListHead(&fileObject->IrpList);
    deviceObject = IoGetRelatedDeviceObject(fileObject);
    irp = IopAllocateRequest(fileObject, deviceObject, IRP_MJ_CREATE, Mode);
    if (irp == NULL) {
        IopFreeFileObject(fileObject);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    irp->Flags |= IRP_CREATE_OPERATION | IRP_SYNCHRONOUS_API | IRP_DEFER_IO_COMPLETION;
    RtlZeroMemory(&security, sizeof(security));
    security.DesiredAccess = DesiredAccess;
    stack = IoGetNextIrpStackLocation(irp);
    stack->Parameters.Create.SecurityContext = &security;
    stack->Parameters.Create.Options = (CreateDisposition << 24) | CreateOptions;
    stack->Parameters.Create.FileAttributes = (USHORT)FileAttributes;
    stack->Parameters.Create.ShareAccess = (USHORT)ShareAccess;

    status = IopSendRequest(deviceObject, irp, IoStatusBlock);
    if (!NT_SUCCESS(status)) {
        /* A file that was never opened gets neither cleanup nor close. */
        IopFreeFileObject(fileObject);
        return status;
    }
    fileObject->Flags |= FO_FILE_OPEN | FO_HANDLE_CREATED;
    status = ObpCreateHandle(fileObject, DesiredAccess, ObjectAttributes->Attributes, &handle);
    if (NT_SUCCESS(status)) {
        *FileHandle = handle;
    } else {
        IopCleanupFile(fileObject);
        ObfDereferenceObject(fileObject);
    }
    return status;
}

/* Captures what a caller in user mode passes, since it may change or vanish at any time. */
static NTSTATUS
IopCreateFileForMode(
    _Out_ PHANDLE FileHandle,
    _In_ ACCESS_MASK DesiredAccess,
    _In_ POBJECT_ATTRIBUTES ObjectAttributes,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _In_ ULONG FileAttributes,
    _In_ ULONG ShareAccess,
    _In_ ULONG CreateDisposition,
    _In_ ULONG CreateOptions,
    _In_ KPROCESSOR_MODE Mode)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    PWCH buffer = NULL;
    NTSTATUS status = STATUS_SUCCESS;

    if (Mode == KernelMode) {
        return IopCreateFile(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, FileAttributes,
                             ShareAccess, CreateDisposition, CreateOptions, Mode);
    }
    __try {
        ProbeForWrite(FileHandle, sizeof(HANDLE), sizeof(ULONG));
        ProbeForWrite(IoStatusBlock, sizeof(IO_STATUS_BLOCK), sizeof(ULONG));
        ProbeForRead(ObjectAttributes, sizeof(OBJECT_ATTRIBUTES), sizeof(ULONG));
        attributes = *ObjectAttributes;
        ProbeForRead(attributes.ObjectName, sizeof(UNICODE_STRING), sizeof(USHORT));
        name = *attributes.ObjectName;
        ProbeForRead(name.Buffer, name.Length, sizeof(WCHAR));
        if (name.Length == 0) {
            return STATUS_OBJECT_NAME_INVALID;
        }
        buffer = (PWCH)ExAllocatePoolWithTag(PagedPool, name.Length, IOP_BUFFER_TAG);
        if (buffer == NULL) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        RtlCopyMemory(buffer, name.Buffer, name.Length);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    if (NT_SUCCESS(status)) {
        name.Buffer = buffer;
        name.MaximumLength = name.Length;
        attributes.ObjectName = &name;
        attributes.Attributes &= ~OBJ_KERNEL_HANDLE;
        status = IopCreateFile(FileHandle, DesiredAccess, &attributes, IoStatusBlock, FileAttributes,
                               ShareAccess, CreateDisposition, CreateOptions, Mode);
    }
    if (buffer != NULL) {
        ExFreePoolWithTag(buffer, IOP_BUFFER_TAG);
    }
    return status;
}

NTSTATUS
NtCreateFile(
    _Out_ PHANDLE FileHandle,
    _In_ ACCESS_MASK DesiredAccess,
    _In_ POBJECT_ATTRIBUTES ObjectAttributes,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _In_opt_ PLARGE_INTEGER AllocationSize,
    _In_ ULONG FileAttributes,
    _In_ ULONG ShareAccess,
    _In_ ULONG CreateDisposition,
    _In_ ULONG CreateOptions,
    _In_opt_ PVOID EaBuffer,
    _In_ ULONG EaLength)
{
    UNREFERENCED_PARAMETER(AllocationSize);
    UNREFERENCED_PARAMETER(EaBuffer);
    UNREFERENCED_PARAMETER(EaLength);
    return IopCreateFileForMode(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, FileAttributes,
                                ShareAccess, CreateDisposition, CreateOptions, KiPreviousMode());
}

NTSTATUS
ZwCreateFile(
    _Out_ PHANDLE FileHandle,
    _In_ ACCESS_MASK DesiredAccess,
    _In_ POBJECT_ATTRIBUTES ObjectAttributes,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _In_opt_ PLARGE_INTEGER AllocationSize,
    _In_ ULONG FileAttributes,
    _In_ ULONG ShareAccess,
    _In_ ULONG CreateDisposition,
    _In_ ULONG CreateOptions,
    _In_opt_ PVOID EaBuffer,
    _In_ ULONG EaLength)
{
    ViCheckService(FileHandle, IoStatusBlock, ObjectAttributes, TRUE);
    UNREFERENCED_PARAMETER(AllocationSize);
    UNREFERENCED_PARAMETER(EaBuffer);
    UNREFERENCED_PARAMETER(EaLength);
    return IopCreateFileForMode(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, FileAttributes,
                                ShareAccess, CreateDisposition, CreateOptions, KernelMode);
}

NTSTATUS
ZwOpenFile(
    _Out_ PHANDLE FileHandle,
    _In_ ACCESS_MASK DesiredAccess,
    _In_ POBJECT_ATTRIBUTES ObjectAttributes,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _In_ ULONG ShareAccess,
    _In_ ULONG OpenOptions)
{
    ViCheckService(FileHandle, IoStatusBlock, ObjectAttributes, TRUE);
    return IopCreateFileForMode(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, 0, ShareAccess,
                                FILE_OPEN, OpenOptions, KernelMode);
}

/* Sends IRP_MJ_CLEANUP or IRP_MJ_CLOSE; their outcome changes nothing. */
static VOID
IopSendFileRequest(_In_ PFILE_OBJECT FileObject, _In_ UCHAR MajorFunction)
{
    PDEVICE_OBJECT deviceObject = IoGetRelatedDeviceObject(FileObject);
    IO_STATUS_BLOCK statusBlock;
    PIRP irp;

    irp = IopAllocateRequest(FileObject, deviceObject, MajorFunction, KernelMode);
    if (irp == NULL) {
        return;
    }
    irp->Flags |= IRP_CLOSE_OPERATION | IRP_SYNCHRONOUS_API;
    IopCallDriverAndWait(deviceObject, irp, &statusBlock);
}

VOID
IopCleanupFile(_In_ PFILE_OBJECT FileObject)
{
    IopSendFileRequest(FileObject, IRP_MJ_CLEANUP);
    FileObject->Flags |= FO_CLEANUP_COMPLETE;
}

VOID
IopCloseFile(_In_ PFILE_OBJECT FileObject)
{
    if ((FileObject->Flags & FO_FILE_OPEN) != 0) {
        IopSendFileRequest(FileObject, IRP_MJ_CLOSE);
    }
    IopFreeFileObject(FileObject);
}

PDEVICE_OBJECT
IoGetRelatedDeviceObject(_In_ PFILE_OBJECT FileObject)
{
    PDEVICE_OBJECT deviceObject = FileObject->DeviceObject;

    while (deviceObject->AttachedDevice != NULL) {
        deviceObject = deviceObject->AttachedDevice;
    }
    return deviceObject;
}

NTSTATUS
IoGetDeviceObjectPointer(
    _In_ PUNICODE_STRING ObjectName,
    _In_ ACCESS_MASK DesiredAccess,
    _Out_ PFILE_OBJECT *FileObject,
    _Out_ PDEVICE_OBJECT *DeviceObject)
{
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK statusBlock;
    PFILE_OBJECT fileObject;
    HANDLE handle;
    NTSTATUS status;

    InitializeObjectAttributes(&attributes, ObjectName, OBJ_KERNEL_HANDLE, NULL, NULL);
    status = ZwOpenFile(&handle, DesiredAccess, &attributes, &statusBlock, 0, FILE_NON_DIRECTORY_FILE);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = IopReferenceFile(handle, 0, KernelMode, &fileObject);
    if (NT_SUCCESS(status)) {
        *FileObject = fileObject;
        *DeviceObject = IoGetRelatedDeviceObject(fileObject);
    }
    ZwClose(handle);
    return status;
}

/* ---- Read and write -------------------------------------------------------------------------------- */

/* Gives a read or write its buffer as the device wants it; raises where the caller's does not allow it. */
VOID
IopPrepareTransfer(
    _In_ PDEVICE_OBJECT DeviceObject,
    _Inout_ PIRP Irp,
    _In_ BOOLEAN IsRead,
    _In_ PVOID Buffer,
    _In_ ULONG Length,
    _In_ KPROCESSOR_MODE Mode)
{
    if ((DeviceObject->Flags & DO_BUFFERED_IO) != 0) {
        Irp->UserBuffer = Buffer;
        IopCaptureBuffer(Irp, IsRead ? NULL : Buffer, IsRead ? 0 : Length, Length);
        if (IsRead) {
            Irp->Flags |= IRP_INPUT_OPERATION;
        }
    } else if ((DeviceObject->Flags & DO_DIRECT_IO) != 0) {
        IopLockUserBuffer(Irp, Buffer, Length, Mode, IsRead ? IoWriteAccess : IoReadAccess);
    } else {
        Irp->UserBuffer = Buffer;
    }
}

/* Reads and writes; an offset is needed where no position is kept. */
static NTSTATUS
IopTransfer(
    _In_ UCHAR MajorFunction,
    _In_ HANDLE FileHandle,
    _In_opt_ HANDLE Event,
    _Inout_ PIOP_CALLER Caller,
    _In_ PVOID Buffer,
    _In_ ULONG Length,
    _In_opt_ PLARGE_INTEGER ByteOffset,
    _In_opt_ PULONG Key)
{
    BOOLEAN isRead = (BOOLEAN)(MajorFunction == IRP_MJ_READ);
    PIO_STACK_LOCATION stack;
    NTSTATUS status;
    PIRP irp;

    status = IopOpenCaller(FileHandle, isRead ? FILE_READ_DATA : FILE_WRITE_DATA, Event, Caller);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    if (ByteOffset == NULL && (Caller->FileObject->Flags & FO_SYNCHRONOUS_IO) == 0) {
        IopReleaseCaller(Caller);
        return STATUS_INVALID_PARAMETER;
    }
    irp = IopAllocateRequest(Caller->FileObject, Caller->DeviceObject, MajorFunction, Caller->Mode);
    if (irp == NULL) {
        IopReleaseCaller(Caller);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    irp->Flags |= IRP_DEFER_IO_COMPLETION | (isRead ? IRP_READ_OPERATION : IRP_WRITE_OPERATION);
    if ((Caller->FileObject->Flags & FO_NO_INTERMEDIATE_BUFFERING) != 0) {
        irp->Flags |= IRP_NOCACHE;
    }
    stack = IoGetNextIrpStackLocation(irp);
    if (!isRead && (Caller->FileObject->Flags & FO_WRITE_THROUGH) != 0) {
        stack->Flags = SL_WRITE_THROUGH;
    }
    __try {
        /* Read and Write have the same members in the same places. */
        stack->Parameters.Read.Length = Length;
        if (ByteOffset != NULL) {
            stack->Parameters.Read.ByteOffset = *ByteOffset;
        } else {
            stack->Parameters.Read.ByteOffset = Caller->FileObject->CurrentByteOffset;
        }
        if (Key != NULL) {
            stack->Parameters.Read.Key = *Key;
        }
        if (Caller->Mode == UserMode) {
            if (isRead) {
                ProbeForWrite(Buffer, Length, 1);
            } else {
                ProbeForRead(Buffer, Length, 1);
            }
        }
        IopPrepareTransfer(Caller->DeviceObject, irp, isRead, Buffer, Length, Caller->Mode);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    if (!NT_SUCCESS(status)) {
        IopAbandonRequest(irp);
        IopReleaseCaller(Caller);
        return status;
    }
    return IopSubmit(Caller, irp);
}

NTSTATUS
NtReadFile(
    _In_ HANDLE FileHandle,
    _In_opt_ HANDLE Event,
    _In_opt_ PIO_APC_ROUTINE ApcRoutine,
    _In_opt_ PVOID ApcContext,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _Out_ PVOID Buffer,
    _In_ ULONG Length,
    _In_opt_ PLARGE_INTEGER ByteOffset,
    _In_opt_ PULONG Key)
{
    IOP_CALLER caller;

    UNREFERENCED_PARAMETER(ApcRoutine);
    IopBeginCaller(&caller, KiPreviousMode(), ApcContext, IoStatusBlock);
    return IopTransfer(IRP_MJ_READ, FileHandle, Event, &caller, Buffer, Length, ByteOffset, Key);
}

NTSTATUS
NtWriteFile(
    _In_ HANDLE FileHandle,
    _In_opt_ HANDLE Event,
    _In_opt_ PIO_APC_ROUTINE ApcRoutine,
    _In_opt_ PVOID ApcContext,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _In_ PVOID Buffer,
    _In_ ULONG Length,
    _In_opt_ PLARGE_INTEGER ByteOffset,
    _In_opt_ PULONG Key)
{
    IOP_CALLER caller;

    UNREFERENCED_PARAMETER(ApcRoutine);
    IopBeginCaller(&caller, KiPreviousMode(), ApcContext, IoStatusBlock);
    return IopTransfer(IRP_MJ_WRITE, FileHandle, Event, &caller, Buffer, Length, ByteOffset, Key);
}

NTSTATUS
ZwReadFile(
    _In_ HANDLE FileHandle,
    _In_opt_ HANDLE Event,
    _In_opt_ PIO_APC_ROUTINE ApcRoutine,
    _In_opt_ PVOID ApcContext,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _Out_ PVOID Buffer,
    _In_ ULONG Length,
    _In_opt_ PLARGE_INTEGER ByteOffset,
    _In_opt_ PULONG Key)
{
    IOP_CALLER caller;

    ViCheckService(IoStatusBlock, Buffer, NULL, TRUE);
    UNREFERENCED_PARAMETER(ApcRoutine);
    IopBeginCaller(&caller, KernelMode, ApcContext, IoStatusBlock);
    return IopTransfer(IRP_MJ_READ, FileHandle, Event, &caller, Buffer, Length, ByteOffset, Key);
}

NTSTATUS
ZwWriteFile(
    _In_ HANDLE FileHandle,
    _In_opt_ HANDLE Event,
    _In_opt_ PIO_APC_ROUTINE ApcRoutine,
    _In_opt_ PVOID ApcContext,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _In_ PVOID Buffer,
    _In_ ULONG Length,
    _In_opt_ PLARGE_INTEGER ByteOffset,
    _In_opt_ PULONG Key)
{
    IOP_CALLER caller;

    ViCheckService(IoStatusBlock, Buffer, NULL, TRUE);
    UNREFERENCED_PARAMETER(ApcRoutine);
    IopBeginCaller(&caller, KernelMode, ApcContext, IoStatusBlock);
    return IopTransfer(IRP_MJ_WRITE, FileHandle, Event, &caller, Buffer, Length, ByteOffset, Key);
}

/* ---- Device control -------------------------------------------------------------------------------- */

/* Brings the buffers of a control code to the driver in the way that its method bits say. Raises on failure. */
static VOID
IopPrepareControlBuffers(
    _In_ PIRP Irp,
    _In_ ULONG IoControlCode,
    _In_opt_ PVOID InputBuffer,
    _In_ ULONG InputBufferLength,
    _In_opt_ PVOID OutputBuffer,
    _In_ ULONG OutputBufferLength,
    _In_ KPROCESSOR_MODE Mode)
{
    ULONG method = METHOD_FROM_CTL_CODE(IoControlCode);

    if (method == METHOD_NEITHER) {
        IoGetNextIrpStackLocation(Irp)->Parameters.DeviceIoControl.Type3InputBuffer = InputBuffer;
        Irp->UserBuffer = OutputBuffer;
        return;
    }
    if (Mode == UserMode) {
        ProbeForRead(InputBuffer, InputBufferLength, 1);
        if (method == METHOD_BUFFERED) {
            ProbeForWrite(OutputBuffer, OutputBufferLength, 1);
        }
    }
    if (method == METHOD_BUFFERED) {
        ULONG length = InputBufferLength > OutputBufferLength ? InputBufferLength : OutputBufferLength;

        IopCaptureBuffer(Irp, InputBuffer, InputBufferLength, length);
        Irp->UserBuffer = OutputBuffer;
        if (OutputBufferLength != 0) {
            Irp->Flags |= IRP_INPUT_OPERATION;
        }
        return;
    }
    IopCaptureBuffer(Irp, InputBuffer, InputBufferLength, InputBufferLength);
    IopLockUserBuffer(Irp, OutputBuffer, OutputBufferLength, Mode,
                      method == METHOD_IN_DIRECT ? IoReadAccess : IoWriteAccess);
}

static NTSTATUS
IopDeviceControl(
    _In_ UCHAR MajorFunction,
    _In_ HANDLE FileHandle,
    _In_opt_ HANDLE Event,
    _Inout_ PIOP_CALLER Caller,
    _In_ ULONG IoControlCode,
    _In_opt_ PVOID InputBuffer,
    _In_ ULONG InputBufferLength,
    _In_opt_ PVOID OutputBuffer,
    _In_ ULONG OutputBufferLength)
{
    PIO_STACK_LOCATION stack;
    NTSTATUS status;
    PIRP irp;

    /* Bits 14 and 15 of the code are FILE_READ_DATA and FILE_WRITE_DATA. */
    status = IopOpenCaller(FileHandle, (IoControlCode >> 14) & 3, Event, Caller);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    irp = IopAllocateRequest(Caller->FileObject, Caller->DeviceObject, MajorFunction, Caller->Mode);
    if (irp == NULL) {
        IopReleaseCaller(Caller);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    stack = IoGetNextIrpStackLocation(irp);
    stack->Parameters.DeviceIoControl.IoControlCode = IoControlCode;
    stack->Parameters.DeviceIoControl.InputBufferLength = InputBufferLength;
    stack->Parameters.DeviceIoControl.OutputBufferLength = OutputBufferLength;
    __try {
        IopPrepareControlBuffers(irp, IoControlCode, InputBuffer, InputBufferLength, OutputBuffer,
                                 OutputBufferLength, Caller->Mode);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    if (!NT_SUCCESS(status)) {
        IopAbandonRequest(irp);
        IopReleaseCaller(Caller);
        return status;
    }
    return IopSubmit(Caller, irp);
}

NTSTATUS
NtDeviceIoControlFile(
    _In_ HANDLE FileHandle,
    _In_opt_ HANDLE Event,
    _In_opt_ PIO_APC_ROUTINE ApcRoutine,
    _In_opt_ PVOID ApcContext,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _In_ ULONG IoControlCode,
    _In_opt_ PVOID InputBuffer,
    _In_ ULONG InputBufferLength,
    _Out_opt_ PVOID OutputBuffer,
    _In_ ULONG OutputBufferLength)
{
    IOP_CALLER caller;

    UNREFERENCED_PARAMETER(ApcRoutine);
    IopBeginCaller(&caller, KiPreviousMode(), ApcContext, IoStatusBlock);
    return IopDeviceControl(IRP_MJ_DEVICE_CONTROL, FileHandle, Event, &caller, IoControlCode, InputBuffer,
                            InputBufferLength, OutputBuffer, OutputBufferLength);
}

NTSTATUS
ZwDeviceIoControlFile(
    _In_ HANDLE FileHandle,
    _In_opt_ HANDLE Event,
    _In_opt_ PIO_APC_ROUTINE ApcRoutine,
    _In_opt_ PVOID ApcContext,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _In_ ULONG IoControlCode,
    _In_opt_ PVOID InputBuffer,
    _In_ ULONG InputBufferLength,
    _Out_opt_ PVOID OutputBuffer,
    _In_ ULONG OutputBufferLength)
{
    IOP_CALLER caller;

    ViCheckService(InputBuffer, OutputBuffer, NULL, TRUE);
    UNREFERENCED_PARAMETER(ApcRoutine);
    IopBeginCaller(&caller, KernelMode, ApcContext, IoStatusBlock);
    return IopDeviceControl(IRP_MJ_DEVICE_CONTROL, FileHandle, Event, &caller, IoControlCode, InputBuffer,
                            InputBufferLength, OutputBuffer, OutputBufferLength);
}

/* A control request that a driver makes: completed, it writes the status block and sets the event. */
PIRP
IoBuildDeviceIoControlRequest(
    _In_ ULONG IoControlCode,
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_opt_ PVOID InputBuffer,
    _In_ ULONG InputBufferLength,
    _Out_opt_ PVOID OutputBuffer,
    _In_ ULONG OutputBufferLength,
    _In_ BOOLEAN InternalDeviceIoControl,
    _In_opt_ PKEVENT Event,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock)
{
    PIO_STACK_LOCATION stack;
    NTSTATUS status = STATUS_SUCCESS;
    PIRP irp;

    irp = IopAllocateRequest(NULL, DeviceObject,
                             InternalDeviceIoControl ? IRP_MJ_INTERNAL_DEVICE_CONTROL : IRP_MJ_DEVICE_CONTROL,
                             KernelMode);
    if (irp == NULL) {
        return NULL;
    }
    irp->UserEvent = Event;
    irp->UserIosb = IoStatusBlock;
    stack = IoGetNextIrpStackLocation(irp);
    stack->Parameters.DeviceIoControl.IoControlCode = IoControlCode;
    stack->Parameters.DeviceIoControl.InputBufferLength = InputBufferLength;
    stack->Parameters.DeviceIoControl.OutputBufferLength = OutputBufferLength;
    __try {
        IopPrepareControlBuffers(irp, IoControlCode, InputBuffer, InputBufferLength, OutputBuffer,
                                 OutputBufferLength, KernelMode);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    if (!NT_SUCCESS(status)) {
        IopAbandonRequest(irp);
        ViBadRequestBuffer(DeviceObject, IoControlCode, status, TRUE);
        return NULL;
    }
    ViTieToThread(irp);
    return irp;
}

/* ---- Cancelling ------------------------------------------------------------------------------------ */

/* Cancels the requests of the process on a file, or one of them, or those of the thread. */
static NTSTATUS
IopCancelRequests(
    _In_ HANDLE FileHandle,
    _In_ BOOLEAN OfThread,
    _In_opt_ PIO_STATUS_BLOCK IoRequestToCancel,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _Out_ PULONG Count)
{
    PFILE_OBJECT fileObject;
    PIRP irp = NULL;
    NTSTATUS status;

    *Count = 0;
    status = IopReferenceFile(FileHandle, 0, UserMode, &fileObject);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    while ((irp = IopNextRequestOf(fileObject, OfThread, IoRequestToCancel, irp)) != NULL) {
        (*Count)++;
        IoCancelIrp(irp);
    }
    ObDereferenceObject(fileObject);
    __try {
        IoStatusBlock->Status = STATUS_SUCCESS;
        IoStatusBlock->Information = 0;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    return status;
}

NTSTATUS
NtCancelIoFile(_In_ HANDLE FileHandle, _Out_ PIO_STATUS_BLOCK IoStatusBlock)
{
    ULONG count;

    return IopCancelRequests(FileHandle, TRUE, NULL, IoStatusBlock, &count);
}

NTSTATUS
NtCancelIoFileEx(_In_ HANDLE FileHandle, _In_opt_ PIO_STATUS_BLOCK IoRequestToCancel, _Out_ PIO_STATUS_BLOCK IoStatusBlock)
{
    ULONG count;
    NTSTATUS status = IopCancelRequests(FileHandle, FALSE, IoRequestToCancel, IoStatusBlock, &count);

    return NT_SUCCESS(status) && count == 0 ? STATUS_NOT_FOUND : status;
}
