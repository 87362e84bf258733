/* A device that interrupts when one of its registers is read. */
#include <dmsdevice.h>

ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size)
{
    (void)Bar;
    (void)Offset;
    (void)Size;
    DeviceInterrupt(0);
    return 1;
}

VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value)
{
    (void)Bar;
    (void)Offset;
    (void)Size;
    (void)Value;
}
