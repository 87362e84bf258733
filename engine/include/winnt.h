/* Types and constants that programs share with the kernel. */
#ifndef _WINDEF_
#include <windef.h>
#endif

#ifndef _WINNT_
#define _WINNT_

#ifdef _DMS_KERNEL_MODE
#error winnt.h is a header of processes; a driver includes ntddk.h or wdm.h
#endif

#include <excpt.h>
#include <stddef.h>
#include <stdarg.h>
#include <ctype.h>
#include <specstrings.h>
#include <basetsd.h>
#include <guiddef.h>
#include <intrin.h>

#define NTAPI __stdcall
#define NTSYSAPI
#define DECLSPEC_IMPORT
#define DECLSPEC_NORETURN __declspec(noreturn)
#define DECLSPEC_ALIGN(x) __declspec(align(x))
#define DECLSPEC_NOINLINE __declspec(noinline)
#define FORCEINLINE __forceinline
#define EXTERN_C extern
#define UNALIGNED __unaligned
#define DUMMYUNIONNAME
#define DUMMYSTRUCTNAME
#define ANYSIZE_ARRAY 1
#define MEMORY_ALLOCATION_ALIGNMENT 16

#define VOID void
typedef void *PVOID;
typedef char CHAR, CCHAR;
typedef short SHORT;
typedef long LONG;
typedef wchar_t WCHAR;
typedef unsigned char UCHAR;
typedef unsigned short USHORT;
typedef unsigned long ULONG;
typedef CHAR *PCHAR, *LPCH, *PCH, *NPSTR, *LPSTR, *PSTR;
typedef const CHAR *LPCCH, *PCCH, *LPCSTR, *PCSTR;
typedef WCHAR *PWCHAR, *LPWCH, *PWCH, *NWPSTR, *LPWSTR, *PWSTR;
typedef const WCHAR *LPCWCH, *PCWCH, *LPCWSTR, *PCWSTR;
typedef UCHAR *PUCHAR;
typedef USHORT *PUSHORT;
typedef ULONG *PULONG;
typedef SHORT *PSHORT;
typedef LONG *PLONG;
typedef PVOID HANDLE;
typedef HANDLE *PHANDLE, *LPHANDLE;
typedef long HRESULT;
typedef __int64 LONGLONG, *PLONGLONG;
typedef unsigned __int64 ULONGLONG, *PULONGLONG, DWORDLONG, *PDWORDLONG;
typedef BYTE BOOLEAN, *PBOOLEAN;
typedef ULONG LCID, *PLCID;
typedef USHORT LANGID;
typedef DWORD ACCESS_MASK, *PACCESS_MASK;
typedef PVOID PSECURITY_DESCRIPTOR;
typedef PVOID PSID;
#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR;
typedef LPWSTR LPTSTR, PTSTR;
typedef LPCWSTR LPCTSTR, PCTSTR;
#define TEXT(quote) L##quote
#else
typedef char TCHAR, *PTCHAR;
typedef LPSTR LPTSTR, PTSTR;
typedef LPCSTR LPCTSTR, PCTSTR;
#define TEXT(quote) quote
#endif

#define MINCHAR   0x80
#define MAXCHAR   0x7f
#define MINSHORT  0x8000
#define MAXSHORT  0x7fff
#define MINLONG   0x80000000
#define MAXLONG   0x7fffffff
#define MAXBYTE   0xff
#define MAXWORD   0xffff
#define MAXDWORD  0xffffffff

/** A 64-bit signed value with access to its halves. */
typedef union _LARGE_INTEGER {
    struct {
        DWORD LowPart;
        LONG  HighPart;
    };
    struct {
        DWORD LowPart;
        LONG  HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

/** A 64-bit unsigned value with access to its halves. */
typedef union _ULARGE_INTEGER {
    struct {
        DWORD LowPart;
        DWORD HighPart;
    };
    struct {
        DWORD LowPart;
        DWORD HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

/** Links of a doubly linked ring. */
typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink;
    struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY, *PRLIST_ENTRY;

/** Link of a singly linked list. */
typedef struct _SINGLE_LIST_ENTRY {
    struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

/** Says that a parameter is deliberately not used. */
#define UNREFERENCED_PARAMETER(P) (P)
#define DBG_UNREFERENCED_PARAMETER(P) (P)
#define DBG_UNREFERENCED_LOCAL_VARIABLE(V) (V)
/** Stops the compilation when a constant expression is zero. */
#define C_ASSERT(e) typedef char __C_ASSERT__[(e) ? 1 : -1]
/** Byte offset of a field, as a LONG. */
#define FIELD_OFFSET(type, field) ((LONG)(LONG_PTR)&(((type *)0)->field))
/** The structure that holds the field at the given address. */
#define CONTAINING_RECORD(address, type, field) \
    ((type *)((PCHAR)(address) - (ULONG_PTR)(&((type *)0)->field)))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define RTL_NUMBER_OF(A) (sizeof(A) / sizeof((A)[0]))
#define ARRAYSIZE(A)     RTL_NUMBER_OF(A)

#define RtlEqualMemory(Destination, Source, Length) (!memcmp((Destination), (Source), (Length)))
#define RtlMoveMemory(Destination, Source, Length)  memmove((Destination), (Source), (Length))
#define RtlCopyMemory(Destination, Source, Length)  memcpy((Destination), (Source), (Length))
#define RtlFillMemory(Destination, Length, Fill)    memset((Destination), (Fill), (Length))
#define RtlZeroMemory(Destination, Length)          memset((Destination), 0, (Length))

#define DELETE                   (0x00010000L)
#define READ_CONTROL             (0x00020000L)
#define WRITE_DAC                (0x00040000L)
#define WRITE_OWNER              (0x00080000L)
#define SYNCHRONIZE              (0x00100000L)
#define STANDARD_RIGHTS_REQUIRED (0x000F0000L)
#define STANDARD_RIGHTS_ALL      (0x001F0000L)
#define MAXIMUM_ALLOWED          (0x02000000L)
#define GENERIC_READ             (0x80000000L)
#define GENERIC_WRITE            (0x40000000L)
#define GENERIC_EXECUTE          (0x20000000L)
#define GENERIC_ALL              (0x10000000L)
#define FILE_READ_DATA           (0x0001)
#define FILE_WRITE_DATA          (0x0002)
#define FILE_APPEND_DATA         (0x0004)
#define EVENT_MODIFY_STATE       0x0002
#define EVENT_ALL_ACCESS         0x1F0003
#define FILE_READ_ATTRIBUTES     (0x0080)
#define FILE_WRITE_ATTRIBUTES    (0x0100)
#define FILE_SHARE_READ          0x00000001
#define FILE_SHARE_WRITE         0x00000002
#define FILE_SHARE_DELETE        0x00000004
#define FILE_ATTRIBUTE_READONLY  0x00000001
#define FILE_ATTRIBUTE_HIDDEN    0x00000002
#define FILE_ATTRIBUTE_SYSTEM    0x00000004
#define FILE_ATTRIBUTE_DIRECTORY 0x00000010
#define FILE_ATTRIBUTE_ARCHIVE   0x00000020
#define FILE_ATTRIBUTE_NORMAL    0x00000080
#define FILE_ATTRIBUTE_TEMPORARY 0x00000100

/** No access at all. */
#define PAGE_NOACCESS            0x01
#define PAGE_READONLY            0x02
#define PAGE_READWRITE           0x04
#define PAGE_WRITECOPY           0x08
#define PAGE_EXECUTE             0x10
#define PAGE_EXECUTE_READ        0x20
#define PAGE_EXECUTE_READWRITE   0x40
#define PAGE_EXECUTE_WRITECOPY   0x80
#define PAGE_GUARD               0x100
#define PAGE_NOCACHE             0x200
#define PAGE_WRITECOMBINE        0x400
/** Back reserved addresses with memory. */
#define MEM_COMMIT               0x00001000
/** Reserve addresses. */
#define MEM_RESERVE              0x00002000
#define MEM_DECOMMIT             0x00004000
/** Give back a whole reservation; the size is 0. */
#define MEM_RELEASE              0x00008000
#define MEM_FREE                 0x00010000
#define MEM_PRIVATE              0x00020000
#define MEM_MAPPED               0x00040000
#define MEM_RESET                0x00080000
#define MEM_TOP_DOWN             0x00100000
#define MEM_PHYSICAL             0x00400000
#define MEM_LARGE_PAGES          0x20000000
#define MEM_IMAGE                0x01000000
#define SEC_COMMIT               0x08000000
#define SEC_RESERVE              0x04000000
#define SECTION_QUERY            0x0001
#define SECTION_MAP_WRITE        0x0002
#define SECTION_MAP_READ         0x0004
#define SECTION_MAP_EXECUTE      0x0008
#define SECTION_EXTEND_SIZE      0x0010
#define SECTION_ALL_ACCESS       0x000F001F

/** What VirtualQuery tells about a range of pages. */
typedef struct _MEMORY_BASIC_INFORMATION {
    PVOID  BaseAddress;
    PVOID  AllocationBase;
    DWORD  AllocationProtect;
    WORD   PartitionId;
    SIZE_T RegionSize;
    DWORD  State;
    DWORD  Protect;
    DWORD  Type;
} MEMORY_BASIC_INFORMATION, *PMEMORY_BASIC_INFORMATION;

#define EXCEPTION_NONCONTINUABLE     0x1
#define EXCEPTION_MAXIMUM_PARAMETERS 15
/** Describes an exception. */
typedef struct _EXCEPTION_RECORD {
    DWORD                     ExceptionCode;
    DWORD                     ExceptionFlags;
    struct _EXCEPTION_RECORD *ExceptionRecord;
    PVOID                     ExceptionAddress;
    DWORD                     NumberParameters;
    ULONG_PTR                 ExceptionInformation[EXCEPTION_MAXIMUM_PARAMETERS];
} EXCEPTION_RECORD, *PEXCEPTION_RECORD;
typedef struct _CONTEXT CONTEXT, *PCONTEXT;
/** What GetExceptionInformation returns. */
typedef struct _EXCEPTION_POINTERS {
    PEXCEPTION_RECORD ExceptionRecord;
    PCONTEXT          ContextRecord;
} EXCEPTION_POINTERS, *PEXCEPTION_POINTERS;

#ifndef WIN32_NO_STATUS
#define STATUS_WAIT_0                 ((DWORD)0x00000000L)
#define STATUS_ABANDONED_WAIT_0       ((DWORD)0x00000080L)
#define STATUS_USER_APC               ((DWORD)0x000000C0L)
#define STATUS_TIMEOUT                ((DWORD)0x00000102L)
#define STATUS_PENDING                ((DWORD)0x00000103L)
#define STATUS_GUARD_PAGE_VIOLATION   ((DWORD)0x80000001L)
#define STATUS_DATATYPE_MISALIGNMENT  ((DWORD)0x80000002L)
#define STATUS_BREAKPOINT             ((DWORD)0x80000003L)
#define STATUS_SINGLE_STEP            ((DWORD)0x80000004L)
#define STATUS_ACCESS_VIOLATION       ((DWORD)0xC0000005L)
#define STATUS_IN_PAGE_ERROR          ((DWORD)0xC0000006L)
#define STATUS_INVALID_HANDLE         ((DWORD)0xC0000008L)
#define STATUS_INVALID_PARAMETER      ((DWORD)0xC000000DL)
#define STATUS_NO_MEMORY              ((DWORD)0xC0000017L)
#define STATUS_ILLEGAL_INSTRUCTION    ((DWORD)0xC000001DL)
#define STATUS_NONCONTINUABLE_EXCEPTION ((DWORD)0xC0000025L)
#define STATUS_ARRAY_BOUNDS_EXCEEDED  ((DWORD)0xC000008CL)
#define STATUS_INTEGER_DIVIDE_BY_ZERO ((DWORD)0xC0000094L)
#define STATUS_INTEGER_OVERFLOW       ((DWORD)0xC0000095L)
#define STATUS_PRIVILEGED_INSTRUCTION ((DWORD)0xC0000096L)
#define STATUS_STACK_OVERFLOW         ((DWORD)0xC00000FDL)
#define STATUS_ASSERTION_FAILURE      ((DWORD)0xC0000420L)
#endif

/* Interlocked operations */
/** Adds one; returns the new value. */
LONG InterlockedIncrement(LONG volatile *Addend);
/** Subtracts one; returns the new value. */
LONG InterlockedDecrement(LONG volatile *Addend);
/** Stores a value; returns the previous one. */
LONG InterlockedExchange(LONG volatile *Target, LONG Value);
/** Adds a value; returns the previous one. */
LONG InterlockedExchangeAdd(LONG volatile *Addend, LONG Value);
/** Stores Exchange if the variable equals Comparand; returns the previous value. */
LONG InterlockedCompareExchange(LONG volatile *Destination, LONG Exchange, LONG Comparand);
/** Bitwise AND; returns the previous value. */
LONG InterlockedAnd(LONG volatile *Destination, LONG Value);
/** Bitwise OR; returns the previous value. */
LONG InterlockedOr(LONG volatile *Destination, LONG Value);
/** Bitwise exclusive OR; returns the previous value. */
LONG InterlockedXor(LONG volatile *Destination, LONG Value);
/** Adds one; returns the new value. */
LONG64 InterlockedIncrement64(LONG64 volatile *Addend);
/** Subtracts one; returns the new value. */
LONG64 InterlockedDecrement64(LONG64 volatile *Addend);
/** Stores a value; returns the previous one. */
LONG64 InterlockedExchange64(LONG64 volatile *Target, LONG64 Value);
/** Adds a value; returns the previous one. */
LONG64 InterlockedExchangeAdd64(LONG64 volatile *Addend, LONG64 Value);
/** Stores Exchange if the variable equals Comparand; returns the previous value. */
LONG64 InterlockedCompareExchange64(LONG64 volatile *Destination, LONG64 Exchange, LONG64 Comparand);
/** Stores a pointer; returns the previous one. */
PVOID InterlockedExchangePointer(PVOID volatile *Target, PVOID Value);
/** Stores Exchange if the pointer equals Comperand; returns the previous pointer. */
PVOID InterlockedCompareExchangePointer(PVOID volatile *Destination, PVOID Exchange, PVOID Comperand);
#define MemoryBarrier()  ((void)0)
#define YieldProcessor() ((void)0)

#include <string.h>

#endif
