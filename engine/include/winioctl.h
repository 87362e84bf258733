/* I/O control codes, for programs. */
#ifndef _WINIOCTL_
#define _WINIOCTL_

#ifdef _DMS_KERNEL_MODE
#error winioctl.h is a header of processes; a driver has CTL_CODE from ntddk.h or wdm.h
#endif

#include <devioctl.h>

#endif
