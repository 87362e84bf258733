/* Versions of Windows that headers are written for; the machine's own version is a matter of the scenario. */
#ifndef _DMS_SDKDDKVER_H_
#define _DMS_SDKDDKVER_H_

#define _WIN32_WINNT_WIN7      0x0601
#define _WIN32_WINNT_WIN8      0x0602
#define _WIN32_WINNT_WINBLUE   0x0603
#define _WIN32_WINNT_WIN10     0x0A00
#define NTDDI_WIN7             0x06010000
#define NTDDI_WIN8             0x06020000
#define NTDDI_WINBLUE          0x06030000
#define NTDDI_WIN10            0x0A000000

#endif
