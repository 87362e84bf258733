#ifndef _DMS_STDDEF_H_
#define _DMS_STDDEF_H_

#ifndef _WCHAR_T_DEFINED
#define _WCHAR_T_DEFINED
/** A UTF-16 code unit: two bytes. */
typedef unsigned short wchar_t;
#endif

/** Result of sizeof: eight bytes. */
typedef unsigned __int64 size_t;
/** Difference of two pointers: eight bytes. */
typedef __int64 ptrdiff_t;
typedef __int64 intptr_t;
typedef unsigned __int64 uintptr_t;
/** A value of errno, as a result. */
typedef int errno_t;
/** Instead of a count, to routines that know the size of their destination: as much as fits. */
#define _TRUNCATE ((size_t)-1)

#ifndef NULL
#define NULL ((void *)0)
#endif

/** Byte offset of a member from the start of its structure. */
#define offsetof(type, member) ((size_t)&(((type *)0)->member))

#endif
