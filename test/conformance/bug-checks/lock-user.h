/* Between lock-user.c and its caller. */
#define IOCTL_LOCK 0x222003 /* CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_NEITHER, FILE_ANY_ACCESS) */
