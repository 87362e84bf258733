/* What user-buffer.c and its callers share. */
#pragma once

/** Sums the bytes of the input buffer; the output buffer receives a ULONG. */
#define IOCTL_USER_BUFFER_SUM \
    CTL_CODE(FILE_DEVICE_UNKNOWN, 0x900, METHOD_NEITHER, FILE_ANY_ACCESS)
