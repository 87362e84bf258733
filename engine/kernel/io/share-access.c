/* Who may have a file open beside whom: counts that a driver keeps for each of its files. */
#include <ntddk.h>

#define READS(Access)   (((Access) & (FILE_EXECUTE | FILE_READ_DATA)) != 0)
#define WRITES(Access)  (((Access) & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0)
#define DELETES(Access) (((Access) & DELETE) != 0)

/* Counts a file in or out as its own flags say. */
static VOID
IopCountShare(_In_ PFILE_OBJECT FileObject, _Inout_ PSHARE_ACCESS ShareAccess, _In_ LONG Change)
{
    if (!FileObject->ReadAccess && !FileObject->WriteAccess && !FileObject->DeleteAccess) {
        return;
    }
    ShareAccess->OpenCount += Change;
    ShareAccess->Readers += FileObject->ReadAccess ? Change : 0;
    ShareAccess->Writers += FileObject->WriteAccess ? Change : 0;
    ShareAccess->Deleters += FileObject->DeleteAccess ? Change : 0;
    ShareAccess->SharedRead += FileObject->SharedRead ? Change : 0;
    ShareAccess->SharedWrite += FileObject->SharedWrite ? Change : 0;
    ShareAccess->SharedDelete += FileObject->SharedDelete ? Change : 0;
}

static BOOLEAN
IopSetAccessFlags(_In_ ACCESS_MASK DesiredAccess, _In_ ULONG DesiredShareAccess, _Inout_ PFILE_OBJECT FileObject)
{
    FileObject->ReadAccess = (BOOLEAN)READS(DesiredAccess);
    FileObject->WriteAccess = (BOOLEAN)WRITES(DesiredAccess);
    FileObject->DeleteAccess = (BOOLEAN)DELETES(DesiredAccess);
    if (!FileObject->ReadAccess && !FileObject->WriteAccess && !FileObject->DeleteAccess) {
        return FALSE;
    }
    FileObject->SharedRead = (BOOLEAN)((DesiredShareAccess & FILE_SHARE_READ) != 0);
    FileObject->SharedWrite = (BOOLEAN)((DesiredShareAccess & FILE_SHARE_WRITE) != 0);
    FileObject->SharedDelete = (BOOLEAN)((DesiredShareAccess & FILE_SHARE_DELETE) != 0);
    return TRUE;
}

NTSTATUS
IoCheckShareAccess(
    _In_ ACCESS_MASK DesiredAccess,
    _In_ ULONG DesiredShareAccess,
    _Inout_ PFILE_OBJECT FileObject,
    _Inout_ PSHARE_ACCESS ShareAccess,
    _In_ BOOLEAN Update)
{
    ULONG count = ShareAccess->OpenCount;

    if (!IopSetAccessFlags(DesiredAccess, DesiredShareAccess, FileObject)) {
        return STATUS_SUCCESS;
    }
    /* What the newcomer does all others have to share, and the other way round. */
    if ((FileObject->ReadAccess && ShareAccess->SharedRead < count) ||
        (FileObject->WriteAccess && ShareAccess->SharedWrite < count) ||
        (FileObject->DeleteAccess && ShareAccess->SharedDelete < count) ||
        (ShareAccess->Readers != 0 && !FileObject->SharedRead) ||
        (ShareAccess->Writers != 0 && !FileObject->SharedWrite) ||
        (ShareAccess->Deleters != 0 && !FileObject->SharedDelete)) {
        return STATUS_SHARING_VIOLATION;
    }
    if (Update) {
        IopCountShare(FileObject, ShareAccess, 1);
    }
    return STATUS_SUCCESS;
}

VOID
IoSetShareAccess(
    _In_ ACCESS_MASK DesiredAccess,
    _In_ ULONG DesiredShareAccess,
    _Inout_ PFILE_OBJECT FileObject,
    _Out_ PSHARE_ACCESS ShareAccess)
{
    RtlZeroMemory(ShareAccess, sizeof(*ShareAccess));
    if (IopSetAccessFlags(DesiredAccess, DesiredShareAccess, FileObject)) {
        IopCountShare(FileObject, ShareAccess, 1);
    }
}

VOID
IoUpdateShareAccess(_In_ PFILE_OBJECT FileObject, _Inout_ PSHARE_ACCESS ShareAccess)
{
    IopCountShare(FileObject, ShareAccess, 1);
}

VOID
IoRemoveShareAccess(_In_ PFILE_OBJECT FileObject, _Inout_ PSHARE_ACCESS ShareAccess)
{
    IopCountShare(FileObject, ShareAccess, -1);
}
