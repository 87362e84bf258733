/* Error numbers of the C library. */
#ifndef _DMS_ERRNO_H_
#define _DMS_ERRNO_H_

#ifdef _DMS_KERNEL_MODE
#error errno.h is a header of processes; a driver works with NTSTATUS
#endif

/** Address of the thread's error number. */
int *__cdecl _errno(void);
/** The thread's error number. */
#define errno (*_errno())

#define EPERM     1
#define ENOENT    2
#define EINTR     4
#define EIO       5
#define EBADF     9
#define EAGAIN    11
#define ENOMEM    12
#define EACCES    13
#define EFAULT    14
#define EBUSY     16
#define EEXIST    17
#define ENODEV    19
#define EINVAL    22
#define EMFILE    24
#define ENOSPC    28
#define EPIPE     32
#define EDOM      33
#define ERANGE    34
#define STRUNCATE 80

#endif
