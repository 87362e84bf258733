/* For the C of a `device`: what it implements, and what the bus offers to it. Not of the WDK. */
#pragma once
#include <ntdef.h>
#include <string.h>

/** Answers a read of a register; implemented by the device. The processor waits for it.
 * @param Bar number of the base address register
 * @param Offset from the start of its range, in bytes
 * @param Size of the access: 1, 2, 4 or 8 bytes
 * @returns the value in its low bytes */
ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size);
/** Takes a write to a register; implemented by the device. Runs before the next instruction of the processor.
 * @param Bar number of the base address register
 * @param Offset from the start of its range, in bytes
 * @param Size of the access: 1, 2, 4 or 8 bytes
 * @param Value in its low bytes */
VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value);
/** A timer set by DeviceTimer ran out; implemented by a device that sets timers.
 * @param Context what DeviceTimer was given */
VOID TimerExpired(ULONG64 Context);

/** Reads memory as a bus master.
 * @param LogicalAddress as the DMA adapter of the driver gave it out; there are no other addresses on the bus
 * @param Buffer in the device's own memory
 * @param Length bytes
 * @returns FALSE when a part was not answered: the IOMMU has no such page, or no memory is there; that part reads as ones */
BOOLEAN DeviceRead(ULONG64 LogicalAddress, PVOID Buffer, ULONG Length);
/** Writes memory as a bus master. A wrong address hits whatever lies there.
 * @param LogicalAddress as the DMA adapter of the driver gave it out
 * @param Buffer in the device's own memory
 * @param Length bytes
 * @returns FALSE when a part was not taken: the IOMMU has no such page, or no memory is there */
BOOLEAN DeviceWrite(ULONG64 LogicalAddress, const VOID *Buffer, ULONG Length);
/** Asks the DMA controller to move bytes between the device and the memory that its driver has mapped for a channel:
 * for a device that is no bus master. The direction is the driver's.
 * @param Line DmaChannel of the driver's DEVICE_DESCRIPTION, or DmaRequestLine in version 3
 * @param Buffer in the device's own memory: the bytes for memory, or room for those from it
 * @param Length bytes
 * @returns bytes that were moved: fewer when the transfer has ended, 0 when none is programmed */
ULONG DeviceDmaRequest(ULONG Line, PVOID Buffer, ULONG Length);
/** Interrupts once. A line is asserted until a service routine claims the interrupt.
 * @param Message which of its messages; 0 for an interrupt line */
VOID DeviceInterrupt(ULONG Message);
/** Holds the interrupt line, or lets go of it: for a device whose driver has to clear the cause.
 * @param Asserted whether the line is asserted from now on */
VOID DeviceInterruptLine(BOOLEAN Asserted);
/** Calls TimerExpired once.
 * @param Delay from now, in units of 100 nanoseconds
 * @param Context passed to TimerExpired */
VOID DeviceTimer(ULONG64 Delay, ULONG64 Context);
/** Prints a line of debug output under the device's name.
 * @page nf-wdm-dbgprint */
ULONG DbgPrint(PCSTR Format, ...);
