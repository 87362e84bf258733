/* Hands two pages to the driver and ends. */
#include <windows.h>
#include <winioctl.h>
#include "lock-user.h"

static unsigned char Data[3 * 4096];

int main(void)
{
    DWORD returned;
    unsigned char *page = (unsigned char *)(((ULONG_PTR)Data + 4095) & ~(ULONG_PTR)4095);
    HANDLE device = CreateFileW(L"\\\\.\\LockUser", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);

    if (device == INVALID_HANDLE_VALUE) {
        return 1;
    }
    page[0] = 1;
    page[4096] = 2;
    return DeviceIoControl(device, IOCTL_LOCK, page, 8192, NULL, 0, &returned, NULL) ? 0 : 2;
}
