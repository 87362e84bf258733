/*++

Module Name:

    dma-engine-device.c

Abstract:

    The DMA engine as hardware: its registers, and what it does with the descriptors that its driver writes.

--*/

#include <dmsdevice.h>
#include "dma-engine.h"

#define MEMORY_BYTES    0x10000
#define WORK_TIME       2000            // 200 microseconds for each descriptor

static ULONG   Control;
static ULONG   Status;
static ULONG64 Ring;
static ULONG   RingSize;
static ULONG   Head;
static ULONG   Tail;
static BOOLEAN Busy;

static UCHAR   Memory[MEMORY_BYTES];
static ULONG   Used;

static VOID
UpdateInterrupt(VOID)
{
    DeviceInterruptLine((BOOLEAN)(Status != 0 && (Control & ENGINE_CONTROL_INTERRUPTS) != 0));
}

static BOOLEAN
Transfer(
    const ENGINE_DESCRIPTOR *Descriptor)
{
    ULONG length = Descriptor->Length;

    if (Descriptor->Flags & DESCRIPTOR_TO_DEVICE) {
        if (length > MEMORY_BYTES - Used || !DeviceRead(Descriptor->Address, Memory + Used, length)) {
            return FALSE;
        }
        Used += length;
        return TRUE;
    }
    if (length > Used || !DeviceWrite(Descriptor->Address, Memory, length)) {
        return FALSE;
    }
    Used -= length;
    memmove(Memory, Memory + length, Used);
    return TRUE;
}

//
// One descriptor takes some time; the timer stands for it.
//
static VOID
StartNext(VOID)
{
    if (!Busy && Head != Tail && (Control & ENGINE_CONTROL_RUN)) {
        Busy = TRUE;
        DeviceTimer(WORK_TIME, 0);
    }
}

VOID
TimerExpired(
    ULONG64 Context)
{
    ENGINE_DESCRIPTOR descriptor;
    ULONG64 address = Ring + Head * sizeof(descriptor);
    BOOLEAN good;

    Busy = FALSE;
    if (!(Control & ENGINE_CONTROL_RUN)) {
        return;
    }
    good = DeviceRead(address, &descriptor, sizeof(descriptor)) && Transfer(&descriptor);
    descriptor.Flags |= good ? DESCRIPTOR_DONE : DESCRIPTOR_DONE | DESCRIPTOR_ERROR;
    DeviceWrite(address, &descriptor, sizeof(descriptor));
    Head = (Head + 1) % RingSize;
    if (!good) {
        Status |= ENGINE_STATUS_ERROR;
    }
    if (!good || (descriptor.Flags & DESCRIPTOR_LAST)) {
        Status |= ENGINE_STATUS_DONE;
    }
    UpdateInterrupt();
    StartNext();
}

ULONG64
RegisterRead(
    ULONG Bar,
    ULONG Offset,
    ULONG Size)
{
    switch (Offset) {
    case ENGINE_CONTROL:
        return Control;
    case ENGINE_STATUS:
        return Status;
    case ENGINE_RING_LOW:
        return (ULONG)Ring;
    case ENGINE_RING_HIGH:
        return Ring >> 32;
    case ENGINE_RING_SIZE:
        return RingSize;
    case ENGINE_HEAD:
        return Head;
    default:
        return 0;
    }
}

VOID
RegisterWrite(
    ULONG Bar,
    ULONG Offset,
    ULONG Size,
    ULONG64 Value)
{
    switch (Offset) {
    case ENGINE_CONTROL:
        Control = (ULONG)Value;
        if (!(Control & ENGINE_CONTROL_RUN)) {
            Head = Tail = Used = Status = 0;
        }
        UpdateInterrupt();
        StartNext();
        break;
    case ENGINE_STATUS:
        Status &= ~(ULONG)Value;
        UpdateInterrupt();
        break;
    case ENGINE_RING_LOW:
        Ring = (Ring & 0xFFFFFFFF00000000ull) | (ULONG)Value;
        break;
    case ENGINE_RING_HIGH:
        Ring = (ULONG)Ring | Value << 32;
        break;
    case ENGINE_RING_SIZE:
        RingSize = (ULONG)Value;
        break;
    case ENGINE_DOORBELL:
        Tail = (ULONG)Value;
        StartNext();
        break;
    }
}
