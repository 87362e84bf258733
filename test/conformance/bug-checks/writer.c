/* A bus master that writes so many bytes of 0xAB to an address. */
#include <dmsdevice.h>

#define MOST 0x2000

static ULONG64 Address;

ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size)
{
    (void)Bar;
    (void)Offset;
    (void)Size;
    return 0;
}

VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value)
{
    static UCHAR bytes[MOST];

    (void)Bar;
    (void)Size;
    if (Offset == 0) {
        Address = Value;
    } else if (Value <= MOST) {
        memset(bytes, 0xAB, MOST);
        DeviceWrite(Address, bytes, (ULONG)Value);
    }
}
