
/* ---------------------------------------------------------------- channel @ */

#define CH@_TAG ((ULONG)'nnhC')
#define CH@_RING_ENTRIES (64u << (@ % 4))
#define CH@_RING_MASK (CH@_RING_ENTRIES - 1)
#define IOCTL_CH@_QUERY CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800 + @, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define IOCTL_CH@_START CTL_CODE(FILE_DEVICE_UNKNOWN, 0x900 + @, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)
#define CH@_NEXT(Index) (((Index) + 1) & CH@_RING_MASK)
#define CH@_IS_FULL(Ring) (CH@_NEXT((Ring)->Tail) == (Ring)->Head)

typedef enum _CH@_STATE {
    Ch@Stopped,
    Ch@Starting,
    Ch@Running = 4,
    Ch@Failed
} CH@_STATE;

typedef struct _CH@_DESCRIPTOR {
    ULONGLONG Address;
    ULONG Length;
    ULONG Owned : 1;
    ULONG Interrupt : 1;
    ULONG Segment : 6;
    ULONG Reserved : 24;
} CH@_DESCRIPTOR, *PCH@_DESCRIPTOR;

typedef struct _CH@_REQUEST {
    LIST_ENTRY Link;
    PVOID Buffer;
    SIZE_T Length;
    LARGE_INTEGER Started;
    NTSTATUS Status;
    VOID (*Done)(struct _CH@_REQUEST *Request, PVOID Context);
    PVOID Context;
} CH@_REQUEST, *PCH@_REQUEST;

typedef struct _CH@_RING {
    KSPIN_LOCK Lock;
    LIST_ENTRY Waiting;
    PCH@_DESCRIPTOR Descriptors;
    PHYSICAL_ADDRESS Base;
    ULONG Head, Tail;
    ULONG Completed[8];
    CH@_STATE State;
    union {
        struct {
            USHORT Depth;
            USHORT Errors;
        };
        ULONG Summary;
    };
} CH@_RING, *PCH@_RING;

static const ULONG Ch@Weights[CH@_RING_ENTRIES % 7 + 3] = { 1, 2, [2] = @ * 3 };
static volatile LONG Ch@Outstanding;

/* Makes an empty ring with all of its descriptors. */
static NTSTATUS Ch@Initialize(OUT PCH@_RING Ring, IN PHYSICAL_ADDRESS Base)
{
    SIZE_T Bytes = sizeof(CH@_DESCRIPTOR) * CH@_RING_ENTRIES;
    ULONG i;

    RtlZeroMemory(Ring, sizeof(*Ring));
    KeInitializeSpinLock(&Ring->Lock);
    InitializeListHead(&Ring->Waiting);
    Ring->Descriptors = (PCH@_DESCRIPTOR)ExAllocatePoolWithTag(NonPagedPool, Bytes, CH@_TAG);
    if (Ring->Descriptors == NULL) {
        DbgPrint("channel %u: no memory for %u descriptors\n", @, CH@_RING_ENTRIES);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Ring->Base = Base;
    for (i = 0; i < CH@_RING_ENTRIES; i++) {
        PCH@_DESCRIPTOR Descriptor = &Ring->Descriptors[i];

        Descriptor->Address = (ULONGLONG)Base.QuadPart + i * PAGE_SIZE;
        Descriptor->Length = PAGE_SIZE;
        Descriptor->Owned = FALSE;
        Descriptor->Segment = i & 0x3F;
    }
    Ring->State = Ch@Stopped;
    return STATUS_SUCCESS;
}

/* Puts as much of a request on the ring as there is room for. */
static ULONG Ch@Submit(PCH@_RING Ring, PCH@_REQUEST Request)
{
    PUCHAR Position = (PUCHAR)Request->Buffer;
    SIZE_T Left = Request->Length;
    ULONG Pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(Position, Left), Used = 0;

    while (Left > 0 && !CH@_IS_FULL(Ring)) {
        SIZE_T Part = PAGE_SIZE - BYTE_OFFSET(Position);

        if (Part > Left)
            Part = Left;
        Ring->Descriptors[Ring->Tail].Address = (ULONG_PTR)Position;
        Ring->Descriptors[Ring->Tail].Length = (ULONG)Part;
        Ring->Descriptors[Ring->Tail].Interrupt = (Part == Left) ? 1 : 0;
        Ring->Descriptors[Ring->Tail].Owned = 1;
        Ring->Tail = CH@_NEXT(Ring->Tail);
        Position += Part;
        Left -= Part;
        Used++;
    }
    Ring->Depth = (USHORT)(Ring->Depth + Used);
    if (Used != Pages)
        DbgPrint("channel %d: %u of %u pages fit\n", @, Used, Pages);
    return Used;
}

/* Completes what the device has given back, and answers how many. */
static ULONG Ch@Complete(PCH@_RING Ring)
{
    ULONG Count = 0;
    KIRQL OldIrql = KeAcquireSpinLockRaiseToDpc(&Ring->Lock);

    for (; Ring->Head != Ring->Tail; Ring->Head = CH@_NEXT(Ring->Head)) {
        PCH@_DESCRIPTOR Descriptor = Ring->Descriptors + Ring->Head;

        if (Descriptor->Owned)
            break;
        Count += Ch@Weights[Count % 3] ? 1 : 0;
        Ring->Completed[Descriptor->Segment >> 3]++;
        if (Descriptor->Interrupt && !IsListEmpty(&Ring->Waiting)) {
            PCH@_REQUEST Request =
                CONTAINING_RECORD(RemoveHeadList(&Ring->Waiting), CH@_REQUEST, Link);

            Request->Status = STATUS_SUCCESS;
            Request->Started.QuadPart -= (LONGLONG)Count * 10;
            KeReleaseSpinLock(&Ring->Lock, OldIrql);
            Request->Done(Request, Request->Context);
            OldIrql = KeAcquireSpinLockRaiseToDpc(&Ring->Lock);
        }
    }
    KeReleaseSpinLock(&Ring->Lock, OldIrql);
    return Count;
}

/* Waits for the device with a limit that grows. */
static BOOLEAN Ch@Drain(PCH@_RING Ring, ULONG Limit)
{
    ULONG Wait = 1, Total = 0;

    do {
        if (Ch@Complete(Ring) == 0 && Ring->Head == Ring->Tail)
            return TRUE;
        KeStallExecutionProcessor(Wait);
        Total += Wait;
        Wait = Wait < 50 ? Wait * 2 : 50;
    } while (Total < Limit);
    Ring->Errors |= 1 << (@ & 7);
    return FALSE;
}

/* One control code of the channel. */
NTSTATUS Ch@Control(PCH@_RING Ring, ULONG Code, PVOID Buffer, ULONG InLength, PULONG OutLength)
{
    NTSTATUS Status = STATUS_SUCCESS;
    PCH@_REQUEST Request;

    switch (Code) {
    case IOCTL_CH@_QUERY:
        if (*OutLength < sizeof(Ring->Completed)) {
            Status = STATUS_BUFFER_TOO_SMALL;
            break;
        }
        RtlCopyMemory(Buffer, Ring->Completed, sizeof(Ring->Completed));
        *OutLength = sizeof(Ring->Completed);
        break;

    case IOCTL_CH@_START:
        if (Ring->State == Ch@Failed || InLength == 0) {
            Status = STATUS_INVALID_PARAMETER;
            goto Exit;
        }
        Request = (PCH@_REQUEST)ExAllocatePoolWithTag(NonPagedPool, sizeof(*Request), CH@_TAG);
        if (!Request)
            return STATUS_INSUFFICIENT_RESOURCES;
        RtlZeroMemory(Request, sizeof(*Request));
        Request->Buffer = Buffer;
        Request->Length = InLength;
        InsertTailList(&Ring->Waiting, &Request->Link);
        if (Ch@Submit(Ring, Request) == 0)
            ExFreePoolWithTag(Request, CH@_TAG);
        Ring->State = Ch@Running;
        Status = STATUS_PENDING;
        break;

    default:
        Status = STATUS_INVALID_DEVICE_REQUEST;
        break;
    }

Exit:
    if (!NT_SUCCESS(Status))
        DbgPrint("channel %d: code %x gave %x\n", @, Code, (ULONG)Status);
    Ch@Outstanding += Status == STATUS_PENDING;
    return Status;
}
