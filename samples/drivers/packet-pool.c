/*++

Module Name:

    packet-pool.c

Abstract:

    Receive packets of a network driver in physically contiguous memory: one block that the NIC can reach,
    cut into packets, which wait on a free list and on a list of received ones. Every packet carries an
    MDL that describes its data, ready to be handed up the stack.

Environment:

    Kernel mode only.

--*/

#include <ntddk.h>

#define PACKET_TAG      'tkcP'
#define PACKET_COUNT    16
#define PACKET_BYTES    2048
#define BLOCK_BYTES     (PACKET_COUNT * PACKET_BYTES)

typedef struct _PACKET {
    LIST_ENTRY       Link;
    PMDL             Mdl;
    PVOID            Data;
    PHYSICAL_ADDRESS Physical;
    ULONG            Length;
} PACKET, *PPACKET;

typedef struct _PACKET_POOL {
    KSPIN_LOCK Lock;
    LIST_ENTRY Free;
    LIST_ENTRY Received;
    ULONG      FreeCount;
    PUCHAR     Block;
    PPACKET    Packets;
} PACKET_POOL, *PPACKET_POOL;

static PACKET_POOL Pool;

DRIVER_INITIALIZE DriverEntry;
DRIVER_UNLOAD     PacketUnload;

static VOID
PacketPoolDelete(
    IN PPACKET_POOL PacketPool
    )
{
    ULONG i;

    if (PacketPool->Packets != NULL) {
        for (i = 0; i < PACKET_COUNT; i++) {
            if (PacketPool->Packets[i].Mdl != NULL) {
                IoFreeMdl(PacketPool->Packets[i].Mdl);
            }
        }
        ExFreePoolWithTag(PacketPool->Packets, PACKET_TAG);
        PacketPool->Packets = NULL;
    }
    if (PacketPool->Block != NULL) {
        MmFreeContiguousMemory(PacketPool->Block);
        PacketPool->Block = NULL;
    }
}

static NTSTATUS
PacketPoolCreate(
    OUT PPACKET_POOL PacketPool,
    IN  ULONG        AddressBits
    )
{
    PHYSICAL_ADDRESS highest;
    ULONG            i;

    RtlZeroMemory(PacketPool, sizeof(PACKET_POOL));
    KeInitializeSpinLock(&PacketPool->Lock);
    InitializeListHead(&PacketPool->Free);
    InitializeListHead(&PacketPool->Received);

    highest.QuadPart = AddressBits >= 64 ? -1 : ((LONGLONG)1 << AddressBits) - 1;
    PacketPool->Block = (PUCHAR)MmAllocateContiguousMemory(BLOCK_BYTES, highest);
    if (PacketPool->Block == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlFillMemory(PacketPool->Block, BLOCK_BYTES, 0xCC);

    PacketPool->Packets = (PPACKET)ExAllocatePoolWithTag(
        NonPagedPool, PACKET_COUNT * sizeof(PACKET), PACKET_TAG);
    if (PacketPool->Packets == NULL) {
        PacketPoolDelete(PacketPool);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(PacketPool->Packets, PACKET_COUNT * sizeof(PACKET));

    for (i = 0; i < PACKET_COUNT; i++) {
        PPACKET packet = &PacketPool->Packets[i];

        packet->Data = PacketPool->Block + i * PACKET_BYTES;
        packet->Physical = MmGetPhysicalAddress(packet->Data);
        packet->Mdl = IoAllocateMdl(packet->Data, PACKET_BYTES, FALSE, FALSE, NULL);
        if (packet->Mdl == NULL) {
            PacketPoolDelete(PacketPool);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        MmBuildMdlForNonPagedPool(packet->Mdl);
        InsertTailList(&PacketPool->Free, &packet->Link);
        PacketPool->FreeCount++;
    }
    return STATUS_SUCCESS;
}

/* Takes a free packet and files it as received; NULL when the pool ran dry. */
static PPACKET
PacketReceive(
    IN PPACKET_POOL PacketPool,
    IN ULONG        Length
    )
{
    PPACKET packet = NULL;
    KIRQL   oldIrql;

    KeAcquireSpinLock(&PacketPool->Lock, &oldIrql);
    if (!IsListEmpty(&PacketPool->Free)) {
        packet = CONTAINING_RECORD(RemoveHeadList(&PacketPool->Free), PACKET, Link);
        packet->Length = Length < PACKET_BYTES ? Length : PACKET_BYTES;
        InsertTailList(&PacketPool->Received, &packet->Link);
        PacketPool->FreeCount--;
    }
    KeReleaseSpinLock(&PacketPool->Lock, oldIrql);
    return packet;
}

/* Hands back every received packet and answers how many bytes they held. */
static ULONG
PacketIndicateAll(
    IN PPACKET_POOL PacketPool
    )
{
    ULONG bytes = 0;
    KIRQL oldIrql;

    KeAcquireSpinLock(&PacketPool->Lock, &oldIrql);
    while (!IsListEmpty(&PacketPool->Received)) {
        PPACKET packet = CONTAINING_RECORD(RemoveHeadList(&PacketPool->Received), PACKET, Link);

        NT_ASSERT(MmGetMdlByteCount(packet->Mdl) == PACKET_BYTES);
        NT_ASSERT(MmGetMdlPfnArray(packet->Mdl)[0] == (PFN_NUMBER)(packet->Physical.QuadPart >> PAGE_SHIFT));
        bytes += packet->Length;
        InsertHeadList(&PacketPool->Free, &packet->Link);
        PacketPool->FreeCount++;
    }
    KeReleaseSpinLock(&PacketPool->Lock, oldIrql);
    return bytes;
}

VOID
PacketUnload(
    IN PDRIVER_OBJECT DriverObject
    )
{
    UNREFERENCED_PARAMETER(DriverObject);
    PacketPoolDelete(&Pool);
}

NTSTATUS
DriverEntry(
    IN PDRIVER_OBJECT  DriverObject,
    IN PUNICODE_STRING RegistryPath
    )
{
    NTSTATUS status;
    ULONG    received = 0;
    ULONG    length = 60;

    DbgPrint("packet-pool: %wZ\n", RegistryPath);
    DriverObject->DriverUnload = PacketUnload;

    status = PacketPoolCreate(&Pool, 32);
    if (!NT_SUCCESS(status)) {
        return status;
    }

    while (PacketReceive(&Pool, length) != NULL) {
        received++;
        length = length * 2 > 3000 ? 60 : length * 2;
    }
    DbgPrint("packet-pool: %u packets received, %u free\n", received, Pool.FreeCount);
    DbgPrint("packet-pool: %u bytes indicated, %u free\n", PacketIndicateAll(&Pool), Pool.FreeCount);
    return STATUS_SUCCESS;
}
