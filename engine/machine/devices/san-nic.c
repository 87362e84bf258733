/* The built-in network card: what is behind the registers of <sannic.h>. */
#include <dmsdevice.h>
#include <sannic.h>

#define REGIONS     256
#define PAGE_BYTES  0x1000

typedef struct _REGION {
    ULONG   Key;            /* 0: free */
    ULONG   Access;
    ULONG64 TableEntry;
    ULONG   PageCount;
    ULONG   ByteOffset;
    ULONG   Length;
} REGION;

static ULONG   Control;
static ULONG   Status;
static ULONG64 Ring;
static ULONG   RingCount;
static ULONG   Head;
static ULONG   Tail;
static REGION  Regions[REGIONS];
static ULONG   RegionCount;

static REGION *
FindRegion(ULONG Key)
{
    ULONG index;

    for (index = 0; index < REGIONS; index++) {
        if (Regions[index].Key == Key) {
            return &Regions[index];
        }
    }
    return NULL;
}

static ULONG
Register(const SAN_NIC_COMMAND *Command)
{
    ULONG room = Command->PageCount * PAGE_BYTES;
    REGION *region;

    if (Command->Key == 0 || FindRegion(Command->Key) != NULL) {
        return SAN_NIC_BAD_KEY;
    }
    if (Command->Length == 0 || Command->ByteOffset >= PAGE_BYTES || Command->PageCount > 0xFFFFF ||
        Command->Length > room - Command->ByteOffset) {
        return SAN_NIC_BAD_RANGE;
    }
    region = FindRegion(0);
    if (region == NULL) {
        return SAN_NIC_TABLE_FULL;
    }
    region->Key = Command->Key;
    region->Access = Command->Access;
    region->TableEntry = Command->TableEntry;
    region->PageCount = Command->PageCount;
    region->ByteOffset = Command->ByteOffset;
    region->Length = Command->Length;
    RegionCount++;
    return SAN_NIC_SUCCESS;
}

static ULONG
Deregister(ULONG Key)
{
    REGION *region = Key == 0 ? NULL : FindRegion(Key);

    if (region == NULL) {
        return SAN_NIC_BAD_KEY;
    }
    region->Key = 0;
    RegionCount--;
    return SAN_NIC_SUCCESS;
}

/* The address of a byte of a region; FALSE when its page address cannot be read. */
static BOOLEAN
Translate(const REGION *Region, ULONG64 Offset, ULONG64 *Address)
{
    ULONG64 place = Region->ByteOffset + Offset;
    ULONG64 page;

    if (!DeviceRead(Region->TableEntry + place / PAGE_BYTES * sizeof(page), &page, sizeof(page))) {
        return FALSE;
    }
    *Address = page + place % PAGE_BYTES;
    return TRUE;
}

static ULONG
Copy(const SAN_NIC_COMMAND *Command)
{
    static UCHAR buffer[PAGE_BYTES];
    const REGION *source = Command->Key == 0 ? NULL : FindRegion(Command->Key);
    const REGION *target = Command->TargetKey == 0 ? NULL : FindRegion(Command->TargetKey);
    ULONG64 done;
    ULONG64 from;
    ULONG64 to;

    if (source == NULL || target == NULL) {
        return SAN_NIC_BAD_KEY;
    }
    if (Command->Offset > source->Length || Command->Length > source->Length - Command->Offset ||
        Command->TargetOffset > target->Length ||
        Command->Length > target->Length - Command->TargetOffset) {
        return SAN_NIC_BAD_RANGE;
    }
    if (!(source->Access & SAN_NIC_ACCESS_READ) || !(target->Access & SAN_NIC_ACCESS_WRITE)) {
        return SAN_NIC_PROTECTION;
    }
    for (done = 0; done < Command->Length;) {
        ULONG part = (ULONG)(Command->Length - done);

        if (!Translate(source, Command->Offset + done, &from) ||
            !Translate(target, Command->TargetOffset + done, &to)) {
            return SAN_NIC_BUS_ERROR;
        }
        if (part > PAGE_BYTES - from % PAGE_BYTES) {
            part = (ULONG)(PAGE_BYTES - from % PAGE_BYTES);
        }
        if (part > PAGE_BYTES - to % PAGE_BYTES) {
            part = (ULONG)(PAGE_BYTES - to % PAGE_BYTES);
        }
        if (!DeviceRead(from, buffer, part) || !DeviceWrite(to, buffer, part)) {
            return SAN_NIC_BUS_ERROR;
        }
        done += part;
    }
    return SAN_NIC_SUCCESS;
}

static ULONG
Perform(const SAN_NIC_COMMAND *Command)
{
    switch (Command->Opcode) {
    case SAN_NIC_REGISTER:
        return Register(Command);
    case SAN_NIC_DEREGISTER:
        return Deregister(Command->Key);
    case SAN_NIC_COPY:
        return Copy(Command);
    default:
        return SAN_NIC_BAD_COMMAND;
    }
}

static VOID
UpdateInterrupt(VOID)
{
    DeviceInterruptLine((BOOLEAN)(Status != 0 && (Control & SAN_NIC_CONTROL_INTERRUPTS) != 0));
}

static VOID
Work(VOID)
{
    SAN_NIC_COMMAND command;

    while ((Control & SAN_NIC_CONTROL_RUN) && RingCount != 0 && Head != Tail) {
        ULONG64 place = Ring + Head * sizeof(command);
        ULONG result = SAN_NIC_BUS_ERROR;

        if (DeviceRead(place, &command, sizeof(command))) {
            result = Perform(&command);
            DeviceWrite(place + sizeof(command.Opcode), &result, sizeof(result));
        }
        Status |= result == SAN_NIC_SUCCESS ? SAN_NIC_STATUS_DONE : SAN_NIC_STATUS_DONE | SAN_NIC_STATUS_ERROR;
        Head = (Head + 1) % RingCount;
    }
    UpdateInterrupt();
}

static VOID
Reset(VOID)
{
    memset(Regions, 0, sizeof(Regions));
    RegionCount = 0;
    Head = 0;
    Tail = 0;
    Status = 0;
}

ULONG64
RegisterRead(ULONG Bar, ULONG Offset, ULONG Size)
{
    switch (Offset) {
    case SAN_NIC_ID:
        return SAN_NIC_IDENTITY;
    case SAN_NIC_CONTROL:
        return Control;
    case SAN_NIC_STATUS:
        return Status;
    case SAN_NIC_RING_LOW:
        return (ULONG)Ring;
    case SAN_NIC_RING_HIGH:
        return Ring >> 32;
    case SAN_NIC_RING_COUNT:
        return RingCount;
    case SAN_NIC_HEAD:
        return Head;
    case SAN_NIC_REGIONS:
        return RegionCount;
    default:
        return 0;
    }
}

VOID
RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value)
{
    switch (Offset) {
    case SAN_NIC_CONTROL:
        Control = (ULONG)Value;
        if (!(Control & SAN_NIC_CONTROL_RUN)) {
            Reset();
        }
        Work();
        break;
    case SAN_NIC_STATUS:
        Status &= ~(ULONG)Value;
        UpdateInterrupt();
        break;
    case SAN_NIC_RING_LOW:
        Ring = (Ring & 0xFFFFFFFF00000000ull) | (ULONG)Value;
        break;
    case SAN_NIC_RING_HIGH:
        Ring = (ULONG)Ring | Value << 32;
        break;
    case SAN_NIC_RING_COUNT:
        RingCount = (ULONG)Value;
        break;
    case SAN_NIC_DOORBELL:
        Tail = RingCount == 0 ? 0 : (ULONG)Value % RingCount;
        Work();
        break;
    }
}
