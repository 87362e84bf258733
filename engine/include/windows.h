/* The interface of the system for programs. */
#ifndef _WINDOWS_
#define _WINDOWS_

#ifdef _DMS_KERNEL_MODE
#error windows.h is a header of processes; a driver includes ntddk.h or wdm.h
#endif

#include <sal.h>
#include <windef.h>
#include <winerror.h>
#include <winbase.h>
#ifndef WIN32_LEAN_AND_MEAN
#include <winioctl.h>
#endif

#endif
