/* Integers of fixed width, and of the width of a pointer (64 bits here). */
#ifndef _BASETSD_H_
#define _BASETSD_H_

#define POINTER_64 __ptr64
#define POINTER_32 __ptr32

typedef signed char INT8, *PINT8;
typedef signed short INT16, *PINT16;
typedef signed int INT32, *PINT32;
typedef signed __int64 INT64, *PINT64;
typedef unsigned char UINT8, *PUINT8;
typedef unsigned short UINT16, *PUINT16;
typedef unsigned int UINT32, *PUINT32;
typedef unsigned __int64 UINT64, *PUINT64;
typedef signed int LONG32, *PLONG32;
typedef unsigned int ULONG32, *PULONG32;
typedef unsigned int DWORD32, *PDWORD32;
typedef __int64 LONG64, *PLONG64;
typedef unsigned __int64 ULONG64, *PULONG64;
typedef unsigned __int64 DWORD64, *PDWORD64;

/** Signed integer as wide as a pointer. */
typedef __int64 INT_PTR, *PINT_PTR;
typedef unsigned __int64 UINT_PTR, *PUINT_PTR;
typedef __int64 LONG_PTR, *PLONG_PTR;
/** Unsigned integer as wide as a pointer. */
typedef unsigned __int64 ULONG_PTR, *PULONG_PTR;
typedef ULONG_PTR DWORD_PTR, *PDWORD_PTR;
typedef int HALF_PTR, *PHALF_PTR;
typedef unsigned int UHALF_PTR, *PUHALF_PTR;

/** A count of bytes. */
typedef ULONG_PTR SIZE_T, *PSIZE_T;
typedef LONG_PTR SSIZE_T, *PSSIZE_T;
/** A set of processors of one group, one bit each. */
typedef ULONG_PTR KAFFINITY, *PKAFFINITY;

#define MAXUINT_PTR  (~((UINT_PTR)0))
#define MAXINT_PTR   ((INT_PTR)(MAXUINT_PTR >> 1))
#define MININT_PTR   (~MAXINT_PTR)
#define MAXULONG_PTR (~((ULONG_PTR)0))
#define MAXLONG_PTR  ((LONG_PTR)(MAXULONG_PTR >> 1))
#define MINLONG_PTR  (~MAXLONG_PTR)
#define MAXSIZE_T    (~((SIZE_T)0))
#define MAXSSIZE_T   ((SSIZE_T)(MAXSIZE_T >> 1))
#define MAXUINT8     ((UINT8)~((UINT8)0))
#define MAXUINT16    ((UINT16)~((UINT16)0))
#define MAXUINT32    ((UINT32)~((UINT32)0))
#define MAXUINT64    ((UINT64)~((UINT64)0))
#define MAXINT32     ((INT32)(MAXUINT32 >> 1))
#define MAXINT64     ((INT64)(MAXUINT64 >> 1))
#define MAXULONG32   ((ULONG32)~((ULONG32)0))
#define MAXULONG64   ((ULONG64)~((ULONG64)0))
#define MAXLONG64    ((LONG64)(MAXULONG64 >> 1))
#define MINLONG64    ((LONG64)~MAXLONG64)

/** Low 32 bits of a handle or a pointer; the upper half is lost. */
#define HandleToULong(h)   ((unsigned long)(ULONG_PTR)(h))
#define HandleToLong(h)    ((long)(LONG_PTR)(h))
#define HandleToUlong(h)   HandleToULong(h)
#define ULongToHandle(u)   ((void *)(ULONG_PTR)(unsigned long)(u))
#define LongToHandle(l)    ((void *)(LONG_PTR)(long)(l))
#define UlongToHandle(u)   ULongToHandle(u)
#define PtrToUlong(p)      ((unsigned long)(ULONG_PTR)(p))
#define PtrToULong(p)      PtrToUlong(p)
#define PtrToLong(p)       ((long)(LONG_PTR)(p))
#define PtrToUint(p)       ((unsigned int)(UINT_PTR)(p))
#define PtrToInt(p)        ((int)(INT_PTR)(p))
#define PtrToUshort(p)     ((unsigned short)(ULONG_PTR)(p))
#define PtrToShort(p)      ((short)(LONG_PTR)(p))
#define ULongToPtr(u)      ((void *)(ULONG_PTR)(unsigned long)(u))
#define UlongToPtr(u)      ULongToPtr(u)
#define LongToPtr(l)       ((void *)(LONG_PTR)(long)(l))
#define UIntToPtr(u)       ((void *)(UINT_PTR)(unsigned int)(u))
#define IntToPtr(i)        ((void *)(INT_PTR)(int)(i))
#define Ptr64ToPtr(p)      ((void *)(p))
#define PtrToPtr64(p)      ((void *)(p))

#endif
