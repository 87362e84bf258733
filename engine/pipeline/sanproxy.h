/*
 * The private interface between the reference SAN service provider and its proxy driver. The
 * documentation leaves it to the vendor and suggests device control requests; this is one such set.
 * Shared by user mode (provider.c) and kernel mode (proxy.c), so it includes nothing itself.
 */
#pragma once

#define SAN_PROXY_DEVICE_TYPE 0x8000

/** Locks a range of the caller's memory and enters its pages into the NIC's translation table. */
#define IOCTL_SAN_REGISTER_MEMORY \
    CTL_CODE(SAN_PROXY_DEVICE_TYPE, 0x800, METHOD_BUFFERED, FILE_READ_DATA | FILE_WRITE_DATA)

/** Takes a registration back: translation entries, page locks, MDL. */
#define IOCTL_SAN_DEREGISTER_MEMORY \
    CTL_CODE(SAN_PROXY_DEVICE_TYPE, 0x801, METHOD_BUFFERED, FILE_READ_DATA | FILE_WRITE_DATA)

/** What the NIC may do with the memory; the values of MEM_READ and MEM_WRITE. */
#define SAN_ACCESS_READ  0x1
#define SAN_ACCESS_WRITE 0x2

typedef struct _SAN_REGISTER_MEMORY {
    ULONGLONG VirtualAddress;   /* in the calling process */
    ULONG     Length;           /* bytes, not 0 */
    ULONG     Access;           /* SAN_ACCESS_... */
} SAN_REGISTER_MEMORY, *PSAN_REGISTER_MEMORY;

typedef struct _SAN_REGISTERED_MEMORY {
    ULONG     Key;              /* names the registration from now on, never 0 */
    ULONG     PageCount;
} SAN_REGISTERED_MEMORY, *PSAN_REGISTERED_MEMORY;

typedef struct _SAN_DEREGISTER_MEMORY {
    ULONG     Key;
} SAN_DEREGISTER_MEMORY, *PSAN_DEREGISTER_MEMORY;
