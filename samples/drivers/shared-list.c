/*
 * Two worker threads take buffers from one list, use them and put them back. With LOCKED 0 they forget the lock: that
 * goes well as long as neither is interrupted at the wrong place.
 */
#include <ntddk.h>

#ifndef LOCKED
#define LOCKED 1
#endif
#define BUFFERS 2
#define WORKERS 2
#define ROUNDS  4

typedef struct _BUFFER {
    LIST_ENTRY Link;
    /* The worker that uses it, or 0. */
    ULONG User;
} BUFFER, *PBUFFER;

static LIST_ENTRY FreeBuffers;
static KSPIN_LOCK FreeLock;
static BUFFER Buffers[BUFFERS];

DRIVER_INITIALIZE DriverEntry;
DRIVER_UNLOAD SharedListUnload;
KSTART_ROUTINE Worker;

static PBUFFER TakeBuffer(VOID)
{
    PBUFFER buffer = NULL;
#if LOCKED
    KIRQL irql;

    KeAcquireSpinLock(&FreeLock, &irql);
#endif
    if (!IsListEmpty(&FreeBuffers)) {
        buffer = CONTAINING_RECORD(FreeBuffers.Flink, BUFFER, Link);
        RemoveEntryList(&buffer->Link);
    }
#if LOCKED
    KeReleaseSpinLock(&FreeLock, irql);
#endif
    return buffer;
}

static VOID GiveBuffer(_In_ PBUFFER Buffer)
{
#if LOCKED
    KIRQL irql;

    KeAcquireSpinLock(&FreeLock, &irql);
#endif
    InsertHeadList(&FreeBuffers, &Buffer->Link);
#if LOCKED
    KeReleaseSpinLock(&FreeLock, irql);
#endif
}

VOID Worker(_In_ PVOID StartContext)
{
    ULONG self = PtrToUlong(StartContext);
    ULONG round;

    for (round = 0; round < ROUNDS; round++) {
        PBUFFER buffer = TakeBuffer();

        if (buffer == NULL) {
            continue;
        }
        /* A buffer that was taken from the list belongs to nobody else. */
        NT_ASSERT(buffer->User == 0);
        buffer->User = self;
        DbgPrint("worker %u uses buffer %u\n", self, (ULONG)(buffer - Buffers));
        NT_ASSERT(buffer->User == self);
        buffer->User = 0;
        GiveBuffer(buffer);
    }
}

VOID SharedListUnload(_In_ PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS DriverEntry(_In_ PDRIVER_OBJECT DriverObject, _In_ PUNICODE_STRING RegistryPath)
{
    PVOID threads[WORKERS];
    ULONG started = 0;
    ULONG index;
    NTSTATUS status = STATUS_SUCCESS;

    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = SharedListUnload;
    KeInitializeSpinLock(&FreeLock);
    InitializeListHead(&FreeBuffers);
    for (index = 0; index < BUFFERS; index++) {
        InsertTailList(&FreeBuffers, &Buffers[index].Link);
    }
    for (index = 0; index < WORKERS; index++) {
        HANDLE thread;

        status = PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Worker, UlongToPtr(index + 1));
        if (!NT_SUCCESS(status)) {
            break;
        }
        ObReferenceObjectByHandle(thread, THREAD_ALL_ACCESS, *PsThreadType, KernelMode, &threads[started], NULL);
        started++;
        ZwClose(thread);
    }
    for (index = 0; index < started; index++) {
        KeWaitForSingleObject(threads[index], Executive, KernelMode, FALSE, NULL);
        ObDereferenceObject(threads[index]);
    }
    return status;
}
