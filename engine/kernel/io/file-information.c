/* What is asked of a file: by the I/O manager itself where it knows the answer, else by the device's driver. */
#include <ntddk.h>
#include "io-primitives.h"
#include "nt-services.h"

#define INFORMATION_TAG 'fnIF'

/* Smallest buffers by class; 0: a class that is not known. */
static ULONG
IopInformationSize(_In_ FILE_INFORMATION_CLASS Class)
{
    switch (Class) {
    case FileBasicInformation:
        return sizeof(FILE_BASIC_INFORMATION);
    case FileStandardInformation:
        return sizeof(FILE_STANDARD_INFORMATION);
    case FilePositionInformation:
    case FileEndOfFileInformation:
    case FileAllocationInformation:
    case FileInternalInformation:
        return sizeof(LARGE_INTEGER);
    case FileAccessInformation:
    case FileModeInformation:
    case FileAlignmentInformation:
    case FileEaInformation:
        return sizeof(ULONG);
    case FileNameInformation:
        return 2 * sizeof(ULONG);
    case FileDispositionInformation:
        return sizeof(BOOLEAN);
    default:
        return 0;
    }
}

/* FILE_ options of an open, from the flags of its file. */
static ULONG
IopModeOf(_In_ PFILE_OBJECT FileObject)
{
    ULONG mode = 0;

    if ((FileObject->Flags & FO_SYNCHRONOUS_IO) != 0) {
        mode |= (FileObject->Flags & FO_ALERTABLE_IO) != 0 ? FILE_SYNCHRONOUS_IO_ALERT : FILE_SYNCHRONOUS_IO_NONALERT;
    }
    if ((FileObject->Flags & FO_NO_INTERMEDIATE_BUFFERING) != 0) {
        mode |= FILE_NO_INTERMEDIATE_BUFFERING;
    }
    if ((FileObject->Flags & FO_WRITE_THROUGH) != 0) {
        mode |= FILE_WRITE_THROUGH;
    }
    if ((FileObject->Flags & FO_SEQUENTIAL_ONLY) != 0) {
        mode |= FILE_SEQUENTIAL_ONLY;
    }
    return mode;
}

/* Answers what needs no driver; FALSE for everything else. */
static BOOLEAN
IopAnswerItself(
    _In_ PFILE_OBJECT FileObject,
    _In_ ACCESS_MASK GrantedAccess,
    _In_ FILE_INFORMATION_CLASS Class,
    _Out_ PVOID Information,
    _Out_ PULONG Length)
{
    switch (Class) {
    case FileAccessInformation:
        *(PULONG)Information = GrantedAccess;
        break;
    case FileModeInformation:
        *(PULONG)Information = IopModeOf(FileObject);
        break;
    case FileAlignmentInformation:
        *(PULONG)Information = IoGetRelatedDeviceObject(FileObject)->AlignmentRequirement;
        break;
    case FilePositionInformation:
        if ((FileObject->Flags & FO_SYNCHRONOUS_IO) == 0) {
            return FALSE;
        }
        *(PLARGE_INTEGER)Information = FileObject->CurrentByteOffset;
        *Length = sizeof(LARGE_INTEGER);
        return TRUE;
    default:
        return FALSE;
    }
    *Length = sizeof(ULONG);
    return TRUE;
}

/* Asks the driver: a system buffer, whatever the flags of the device. */
static NTSTATUS
IopAskDriver(
    _In_ PFILE_OBJECT FileObject,
    _In_ UCHAR MajorFunction,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _Inout_ PVOID Information,
    _In_ ULONG Length,
    _In_ FILE_INFORMATION_CLASS Class)
{
    PDEVICE_OBJECT device = IoGetRelatedDeviceObject(FileObject);
    PIO_STACK_LOCATION stack;
    PIRP irp = IopAllocateRequest(FileObject, device, MajorFunction, KernelMode);

    if (irp == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    irp->AssociatedIrp.SystemBuffer = ExAllocatePoolWithTag(NonPagedPoolNx, Length, INFORMATION_TAG);
    if (irp->AssociatedIrp.SystemBuffer == NULL) {
        IoFreeIrp(irp);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    irp->Flags |= IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER | IRP_SYNCHRONOUS_API | IRP_DEFER_IO_COMPLETION;
    stack = IoGetNextIrpStackLocation(irp);
    if (MajorFunction == IRP_MJ_QUERY_INFORMATION) {
        irp->Flags |= IRP_INPUT_OPERATION;
        irp->UserBuffer = Information;
        stack->Parameters.QueryFile.Length = Length;
        stack->Parameters.QueryFile.FileInformationClass = Class;
    } else {
        RtlCopyMemory(irp->AssociatedIrp.SystemBuffer, Information, Length);
        stack->Parameters.SetFile.Length = Length;
        stack->Parameters.SetFile.FileInformationClass = Class;
        stack->Parameters.SetFile.FileObject = NULL;
    }
    return IopCallDriverAndWait(device, irp, IoStatusBlock);
}

static NTSTATUS
IopReferenceForInformation(
    _In_ HANDLE FileHandle,
    _In_ ULONG Length,
    _In_ FILE_INFORMATION_CLASS Class,
    _Out_ PFILE_OBJECT *FileObject,
    _Out_ POBJECT_HANDLE_INFORMATION Handle)
{
    ULONG least = IopInformationSize(Class);

    if (least == 0) {
        return STATUS_INVALID_INFO_CLASS;
    }
    if (Length < least) {
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    return ObReferenceObjectByHandle(FileHandle, 0, *IoFileObjectType, KernelMode, (PVOID *)FileObject, Handle);
}

NTSTATUS
ZwQueryInformationFile(
    _In_ HANDLE FileHandle,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _Out_ PVOID FileInformation,
    _In_ ULONG Length,
    _In_ FILE_INFORMATION_CLASS FileInformationClass)
{
    OBJECT_HANDLE_INFORMATION handle;
    PFILE_OBJECT fileObject;
    ULONG answered;
    NTSTATUS status;

    status = IopReferenceForInformation(FileHandle, Length, FileInformationClass, &fileObject, &handle);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    if (IopAnswerItself(fileObject, handle.GrantedAccess, FileInformationClass, FileInformation, &answered)) {
        IoStatusBlock->Status = STATUS_SUCCESS;
        IoStatusBlock->Information = answered;
    } else {
        status = IopAskDriver(fileObject, IRP_MJ_QUERY_INFORMATION, IoStatusBlock, FileInformation, Length,
                              FileInformationClass);
    }
    ObDereferenceObject(fileObject);
    return status;
}

NTSTATUS
ZwSetInformationFile(
    _In_ HANDLE FileHandle,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock,
    _In_ PVOID FileInformation,
    _In_ ULONG Length,
    _In_ FILE_INFORMATION_CLASS FileInformationClass)
{
    OBJECT_HANDLE_INFORMATION handle;
    PFILE_OBJECT fileObject;
    NTSTATUS status;

    status = IopReferenceForInformation(FileHandle, Length, FileInformationClass, &fileObject, &handle);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    if (FileInformationClass == FilePositionInformation && (fileObject->Flags & FO_SYNCHRONOUS_IO) != 0) {
        if (((PFILE_POSITION_INFORMATION)FileInformation)->CurrentByteOffset.QuadPart < 0) {
            status = STATUS_INVALID_PARAMETER;
        } else {
            fileObject->CurrentByteOffset = ((PFILE_POSITION_INFORMATION)FileInformation)->CurrentByteOffset;
            IoStatusBlock->Status = STATUS_SUCCESS;
            IoStatusBlock->Information = 0;
        }
    } else {
        status = IopAskDriver(fileObject, IRP_MJ_SET_INFORMATION, IoStatusBlock, FileInformation, Length,
                              FileInformationClass);
    }
    ObDereferenceObject(fileObject);
    return status;
}
