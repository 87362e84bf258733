/* Services of the system for programs. */
#ifndef _WINBASE_
#define _WINBASE_

#ifdef _DMS_KERNEL_MODE
#error winbase.h is a header of processes; a driver includes ntddk.h or wdm.h
#endif

#include <windef.h>
#include <winerror.h>

#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)-1)
#define INVALID_FILE_SIZE    ((DWORD)0xFFFFFFFF)
#define INFINITE             0xFFFFFFFF
#define WAIT_FAILED          ((DWORD)0xFFFFFFFF)
#define WAIT_OBJECT_0        ((STATUS_WAIT_0) + 0)
#define WAIT_ABANDONED       ((STATUS_ABANDONED_WAIT_0) + 0)
#define WAIT_ABANDONED_0     ((STATUS_ABANDONED_WAIT_0) + 0)
#define WAIT_IO_COMPLETION   STATUS_USER_APC
#define STILL_ACTIVE         STATUS_PENDING
#define MAXIMUM_WAIT_OBJECTS 64
#define EXCEPTION_ACCESS_VIOLATION      STATUS_ACCESS_VIOLATION
#define EXCEPTION_DATATYPE_MISALIGNMENT STATUS_DATATYPE_MISALIGNMENT
#define EXCEPTION_BREAKPOINT            STATUS_BREAKPOINT
#define EXCEPTION_IN_PAGE_ERROR         STATUS_IN_PAGE_ERROR
#define EXCEPTION_INT_DIVIDE_BY_ZERO    STATUS_INTEGER_DIVIDE_BY_ZERO
#define EXCEPTION_STACK_OVERFLOW        STATUS_STACK_OVERFLOW

#define CREATE_NEW        1
#define CREATE_ALWAYS     2
#define OPEN_EXISTING     3
#define OPEN_ALWAYS       4
#define TRUNCATE_EXISTING 5
#define FILE_FLAG_WRITE_THROUGH   0x80000000
#define FILE_FLAG_OVERLAPPED      0x40000000
#define FILE_FLAG_NO_BUFFERING    0x20000000
#define FILE_FLAG_RANDOM_ACCESS   0x10000000
#define FILE_FLAG_SEQUENTIAL_SCAN 0x08000000
#define FILE_FLAG_DELETE_ON_CLOSE 0x04000000

/** Security and inheritance of a new object. */
typedef struct _SECURITY_ATTRIBUTES {
    DWORD  nLength;
    LPVOID lpSecurityDescriptor;
    BOOL   bInheritHandle;
} SECURITY_ATTRIBUTES, *PSECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;

/** State of an overlapped request. */
typedef struct _OVERLAPPED {
    ULONG_PTR Internal;
    ULONG_PTR InternalHigh;
    union {
        struct {
            DWORD Offset;
            DWORD OffsetHigh;
        };
        PVOID Pointer;
    };
    HANDLE hEvent;
} OVERLAPPED, *LPOVERLAPPED;
/** TRUE when an overlapped request is done. */
#define HasOverlappedIoCompleted(lpOverlapped) (((DWORD)(lpOverlapped)->Internal) != STATUS_PENDING)

/** Runs in the thread of an overlapped request when it is done. */
typedef VOID (WINAPI *LPOVERLAPPED_COMPLETION_ROUTINE)(DWORD dwErrorCode, DWORD dwNumberOfBytesTransfered, LPOVERLAPPED lpOverlapped);
/** Start of a thread; its result is the exit code. */
typedef DWORD (WINAPI *PTHREAD_START_ROUTINE)(LPVOID lpThreadParameter);
typedef PTHREAD_START_ROUTINE LPTHREAD_START_ROUTINE;
/** Runs in a thread that waits alertably. */
typedef VOID (NTAPI *PAPCFUNC)(ULONG_PTR Parameter);

/** Properties of the processors and the address space. */
typedef struct _SYSTEM_INFO {
    union {
        DWORD dwOemId;
        struct {
            WORD wProcessorArchitecture;
            WORD wReserved;
        };
    };
    DWORD     dwPageSize;
    LPVOID    lpMinimumApplicationAddress;
    LPVOID    lpMaximumApplicationAddress;
    DWORD_PTR dwActiveProcessorMask;
    DWORD     dwNumberOfProcessors;
    DWORD     dwProcessorType;
    DWORD     dwAllocationGranularity;
    WORD      wProcessorLevel;
    WORD      wProcessorRevision;
} SYSTEM_INFO, *LPSYSTEM_INFO;

/* Files and devices */
/** Opens a device or a file, or creates a file.
 * @param lpFileName for a device "\\\\.\\NAME"
 * @param dwCreationDisposition OPEN_EXISTING for a device
 * @returns handle, or INVALID_HANDLE_VALUE
 * @page nf-fileapi-createfilea */
HANDLE WINAPI CreateFileA(LPCSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode, LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition, DWORD dwFlagsAndAttributes, HANDLE hTemplateFile);
/** Opens a device or a file, or creates a file.
 * @param lpFileName for a device L"\\\\.\\NAME"
 * @param dwCreationDisposition OPEN_EXISTING for a device
 * @returns handle, or INVALID_HANDLE_VALUE
 * @page nf-fileapi-createfilew */
HANDLE WINAPI CreateFileW(LPCWSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode, LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition, DWORD dwFlagsAndAttributes, HANDLE hTemplateFile);
/** Reads from a device or a file.
 * @page nf-fileapi-readfile */
BOOL WINAPI ReadFile(HANDLE hFile, LPVOID lpBuffer, DWORD nNumberOfBytesToRead, LPDWORD lpNumberOfBytesRead, LPOVERLAPPED lpOverlapped);
/** Writes to a device or a file.
 * @page nf-fileapi-writefile */
BOOL WINAPI WriteFile(HANDLE hFile, LPCVOID lpBuffer, DWORD nNumberOfBytesToWrite, LPDWORD lpNumberOfBytesWritten, LPOVERLAPPED lpOverlapped);
/** Sends a control code to a device's driver.
 * @param lpBytesReturned receives the bytes stored in the output buffer; required without lpOverlapped
 * @returns nonzero for success; otherwise GetLastError tells why
 * @page nf-ioapiset-deviceiocontrol */
BOOL WINAPI DeviceIoControl(HANDLE hDevice, DWORD dwIoControlCode, LPVOID lpInBuffer, DWORD nInBufferSize, LPVOID lpOutBuffer, DWORD nOutBufferSize, LPDWORD lpBytesReturned, LPOVERLAPPED lpOverlapped);
/** Result of an overlapped request.
 * @param bWait TRUE to wait until it is done */
BOOL WINAPI GetOverlappedResult(HANDLE hFile, LPOVERLAPPED lpOverlapped, LPDWORD lpNumberOfBytesTransferred, BOOL bWait);
/** Cancels the thread's requests on a handle. */
BOOL WINAPI CancelIo(HANDLE hFile);
/** Cancels a request of the process on a handle, or all of them.
 * @since Windows Vista */
BOOL WINAPI CancelIoEx(HANDLE hFile, LPOVERLAPPED lpOverlapped);
/** Closes a handle.
 * @page nf-handleapi-closehandle */
BOOL WINAPI CloseHandle(HANDLE hObject);
/** Duplicates a handle, also into another process. */
BOOL WINAPI DuplicateHandle(HANDLE hSourceProcessHandle, HANDLE hSourceHandle, HANDLE hTargetProcessHandle, LPHANDLE lpTargetHandle, DWORD dwDesiredAccess, BOOL bInheritHandle, DWORD dwOptions);
#define DUPLICATE_CLOSE_SOURCE 0x00000001
#define DUPLICATE_SAME_ACCESS  0x00000002

/* Memory */
#define FILE_MAP_COPY       0x00000001
#define FILE_MAP_WRITE      0x00000002
#define FILE_MAP_READ       0x00000004
#define FILE_MAP_ALL_ACCESS 0x000F001F
/** Reserves or commits pages of the process; committed ones are zeroed.
 * @param flAllocationType MEM_RESERVE, MEM_COMMIT or both
 * @returns base address, or NULL
 * @page nf-memoryapi-virtualalloc */
LPVOID WINAPI VirtualAlloc(LPVOID lpAddress, SIZE_T dwSize, DWORD flAllocationType, DWORD flProtect);
/** Decommits or releases pages of the process.
 * @param dwSize 0 with MEM_RELEASE
 * @page nf-memoryapi-virtualfree */
BOOL WINAPI VirtualFree(LPVOID lpAddress, SIZE_T dwSize, DWORD dwFreeType);
/** Changes the protection of pages.
 * @param lpflOldProtect receives the previous protection; required
 * @page nf-memoryapi-virtualprotect */
BOOL WINAPI VirtualProtect(LPVOID lpAddress, SIZE_T dwSize, DWORD flNewProtect, PDWORD lpflOldProtect);
/** Creates or opens memory that processes share. Only the page file backs it here: give INVALID_HANDLE_VALUE.
 * @param lpName the name by which another process opens it, or NULL
 * @returns handle, or NULL; GetLastError is ERROR_ALREADY_EXISTS when it was there
 * @page nf-winbase-createfilemappinga */
HANDLE WINAPI CreateFileMappingA(HANDLE hFile, LPSECURITY_ATTRIBUTES lpFileMappingAttributes, DWORD flProtect, DWORD dwMaximumSizeHigh, DWORD dwMaximumSizeLow, LPCSTR lpName);
/** Creates or opens memory that processes share. Only the page file backs it here: give INVALID_HANDLE_VALUE.
 * @page nf-memoryapi-createfilemappingw */
HANDLE WINAPI CreateFileMappingW(HANDLE hFile, LPSECURITY_ATTRIBUTES lpFileMappingAttributes, DWORD flProtect, DWORD dwMaximumSizeHigh, DWORD dwMaximumSizeLow, LPCWSTR lpName);
/** Opens shared memory by its name.
 * @returns handle, or NULL
 * @page nf-winbase-openfilemappinga */
HANDLE WINAPI OpenFileMappingA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName);
/** Opens shared memory by its name.
 * @page nf-memoryapi-openfilemappingw */
HANDLE WINAPI OpenFileMappingW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName);
/** Shows shared memory in the process.
 * @param dwDesiredAccess FILE_MAP_READ, FILE_MAP_WRITE
 * @param dwNumberOfBytesToMap 0: up to the end
 * @returns address, or NULL
 * @page nf-memoryapi-mapviewoffile */
LPVOID WINAPI MapViewOfFile(HANDLE hFileMappingObject, DWORD dwDesiredAccess, DWORD dwFileOffsetHigh, DWORD dwFileOffsetLow, SIZE_T dwNumberOfBytesToMap);
/** As MapViewOfFile, at a given address.
 * @page nf-memoryapi-mapviewoffileex */
LPVOID WINAPI MapViewOfFileEx(HANDLE hFileMappingObject, DWORD dwDesiredAccess, DWORD dwFileOffsetHigh, DWORD dwFileOffsetLow, SIZE_T dwNumberOfBytesToMap, LPVOID lpBaseAddress);
/** Takes a view away.
 * @page nf-memoryapi-unmapviewoffile */
BOOL WINAPI UnmapViewOfFile(LPCVOID lpBaseAddress);

/** Tells about the pages from an address on. */
SIZE_T WINAPI VirtualQuery(LPCVOID lpAddress, PMEMORY_BASIC_INFORMATION lpBuffer, SIZE_T dwLength);
/** Keeps pages in physical memory. */
BOOL WINAPI VirtualLock(LPVOID lpAddress, SIZE_T dwSize);
/** Undoes VirtualLock. */
BOOL WINAPI VirtualUnlock(LPVOID lpAddress, SIZE_T dwSize);
/** Called before secured memory loses its mapping; TRUE when the callback has unsecured it. */
typedef BOOLEAN (NTAPI *PSECURE_MEMORY_CACHE_CALLBACK)(PVOID Addr, SIZE_T Range);
/** Registers a routine that runs before secured memory loses its mapping.
 * @since Windows Vista SP1 */
BOOL WINAPI AddSecureMemoryCacheCallback(PSECURE_MEMORY_CACHE_CALLBACK pfnCallBack);
/** Removes a routine of AddSecureMemoryCacheCallback.
 * @since Windows Vista SP1 */
BOOL WINAPI RemoveSecureMemoryCacheCallback(PSECURE_MEMORY_CACHE_CALLBACK pfnCallBack);
/** Heap of the process. */
HANDLE WINAPI GetProcessHeap(VOID);
/** Allocates from a heap.
 * @param dwFlags 0 or HEAP_ZERO_MEMORY
 * @returns address, or NULL */
LPVOID WINAPI HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes);
/** Frees memory of HeapAlloc. */
BOOL WINAPI HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem);
#define HEAP_ZERO_MEMORY 0x00000008
#define CopyMemory(Destination, Source, Length) RtlCopyMemory((Destination), (Source), (Length))
#define MoveMemory(Destination, Source, Length) RtlMoveMemory((Destination), (Source), (Length))
#define FillMemory(Destination, Length, Fill)   RtlFillMemory((Destination), (Length), (Fill))
#define ZeroMemory(Destination, Length)         RtlZeroMemory((Destination), (Length))
/** Fills a block with zeros, even if it is not read again. */
FORCEINLINE PVOID SecureZeroMemory(PVOID ptr, SIZE_T cnt)
{
    volatile char *vptr = (volatile char *)ptr;

    while (cnt) {
        *vptr = 0;
        vptr++;
        cnt--;
    }
    return ptr;
}

/* Errors and processes */
/** Error code of the thread's last call that failed.
 * @page nf-errhandlingapi-getlasterror */
DWORD WINAPI GetLastError(VOID);
/** Sets the thread's error code. */
VOID WINAPI SetLastError(DWORD dwErrCode);
/** Raises an exception. */
VOID WINAPI RaiseException(DWORD dwExceptionCode, DWORD dwExceptionFlags, DWORD nNumberOfArguments, const ULONG_PTR *lpArguments);
/** Ends the process.
 * @page nf-processthreadsapi-exitprocess */
DECLSPEC_NORETURN VOID WINAPI ExitProcess(UINT uExitCode);
/** Ends a process. */
BOOL WINAPI TerminateProcess(HANDLE hProcess, UINT uExitCode);
/** Pseudo handle of the process. */
HANDLE WINAPI GetCurrentProcess(VOID);
/** Identifier of the process. */
DWORD WINAPI GetCurrentProcessId(VOID);
/** Pseudo handle of the thread. */
HANDLE WINAPI GetCurrentThread(VOID);
/** Identifier of the thread. */
DWORD WINAPI GetCurrentThreadId(VOID);
/** Starts a thread.
 * @param dwCreationFlags 0, or CREATE_SUSPENDED
 * @returns handle, or NULL */
HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES lpThreadAttributes, SIZE_T dwStackSize, LPTHREAD_START_ROUTINE lpStartAddress, LPVOID lpParameter, DWORD dwCreationFlags, LPDWORD lpThreadId);
#define CREATE_SUSPENDED 0x00000004
/** Ends the thread. */
DECLSPEC_NORETURN VOID WINAPI ExitThread(DWORD dwExitCode);
/** Exit code of a thread, or STILL_ACTIVE. */
BOOL WINAPI GetExitCodeThread(HANDLE hThread, LPDWORD lpExitCode);
/** Properties of the processors and the address space. */
VOID WINAPI GetSystemInfo(LPSYSTEM_INFO lpSystemInfo);
/** Sends a text to the debugger. */
VOID WINAPI OutputDebugStringA(LPCSTR lpOutputString);
/** Sends a text to the debugger. */
VOID WINAPI OutputDebugStringW(LPCWSTR lpOutputString);
/** TRUE when a debugger is there. */
BOOL WINAPI IsDebuggerPresent(VOID);
/** Stops in the debugger. */
VOID WINAPI DebugBreak(VOID);

/* Waiting */
/** Puts the thread to sleep for some milliseconds. */
VOID WINAPI Sleep(DWORD dwMilliseconds);
/** As Sleep, ended also by an APC when alertable. */
DWORD WINAPI SleepEx(DWORD dwMilliseconds, BOOL bAlertable);
/** Waits for an object.
 * @param dwMilliseconds INFINITE for no limit
 * @returns WAIT_OBJECT_0, WAIT_TIMEOUT, WAIT_ABANDONED or WAIT_FAILED
 * @page nf-synchapi-waitforsingleobject */
DWORD WINAPI WaitForSingleObject(HANDLE hHandle, DWORD dwMilliseconds);
/** As WaitForSingleObject, ended also by an APC when alertable. */
DWORD WINAPI WaitForSingleObjectEx(HANDLE hHandle, DWORD dwMilliseconds, BOOL bAlertable);
/** Waits for one or all of several objects. */
DWORD WINAPI WaitForMultipleObjects(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll, DWORD dwMilliseconds);
/** Creates or opens an event.
 * @param bManualReset TRUE: stays signaled until ResetEvent
 * @returns handle, or NULL */
HANDLE WINAPI CreateEventA(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset, BOOL bInitialState, LPCSTR lpName);
/** Creates or opens an event.
 * @param bManualReset TRUE: stays signaled until ResetEvent
 * @returns handle, or NULL */
HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset, BOOL bInitialState, LPCWSTR lpName);
/** Opens an event by its name; one of a driver's IoCreateNotificationEvent, too.
 * @param lpName "Global\\NAME" is \BaseNamedObjects\NAME of the kernel
 * @returns handle, or NULL
 * @page nf-synchapi-openeventw */
HANDLE WINAPI OpenEventW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName);
/** Opens an event by its name.
 * @returns handle, or NULL */
HANDLE WINAPI OpenEventA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName);
/** Signals an event. */
BOOL WINAPI SetEvent(HANDLE hEvent);
/** Makes an event not signaled. */
BOOL WINAPI ResetEvent(HANDLE hEvent);
/** Creates or opens a mutex. */
HANDLE WINAPI CreateMutexA(LPSECURITY_ATTRIBUTES lpMutexAttributes, BOOL bInitialOwner, LPCSTR lpName);
/** Creates or opens a mutex. */
HANDLE WINAPI CreateMutexW(LPSECURITY_ATTRIBUTES lpMutexAttributes, BOOL bInitialOwner, LPCWSTR lpName);
/** Releases a mutex. */
BOOL WINAPI ReleaseMutex(HANDLE hMutex);
/** Creates or opens a semaphore. */
HANDLE WINAPI CreateSemaphoreA(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes, LONG lInitialCount, LONG lMaximumCount, LPCSTR lpName);
/** Creates or opens a semaphore. */
HANDLE WINAPI CreateSemaphoreW(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes, LONG lInitialCount, LONG lMaximumCount, LPCWSTR lpName);
/** Adds to a semaphore. */
BOOL WINAPI ReleaseSemaphore(HANDLE hSemaphore, LONG lReleaseCount, LPLONG lpPreviousCount);
/** Queues a routine for a thread that waits alertably. */
DWORD WINAPI QueueUserAPC(PAPCFUNC pfnAPC, HANDLE hThread, ULONG_PTR dwData);
/** A lock for the threads of one process. */
typedef struct _RTL_CRITICAL_SECTION {
    PVOID     DebugInfo;
    LONG      LockCount;
    LONG      RecursionCount;
    HANDLE    OwningThread;
    HANDLE    LockSemaphore;
    ULONG_PTR SpinCount;
} CRITICAL_SECTION, *PCRITICAL_SECTION, *LPCRITICAL_SECTION;
/** Prepares a critical section. */
VOID WINAPI InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
/** Takes a critical section; its owner may take it again. */
VOID WINAPI EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
/** Takes a critical section if it is free. */
BOOL WINAPI TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
/** Releases a critical section. */
VOID WINAPI LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
/** Ends the use of a critical section. */
VOID WINAPI DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
/** Milliseconds since the system started. */
DWORD WINAPI GetTickCount(VOID);
/** Milliseconds since the system started.
 * @since Windows Vista */
ULONGLONG WINAPI GetTickCount64(VOID);
/** Value of the performance counter. */
BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount);
/** Ticks of the performance counter in a second. */
BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency);
/** The system time. */
VOID WINAPI GetSystemTimeAsFileTime(LPFILETIME lpSystemTimeAsFileTime);

#ifdef UNICODE
#define CreateFile        CreateFileW
#define CreateEvent       CreateEventW
#define OpenEvent         OpenEventW
#define CreateMutex       CreateMutexW
#define CreateSemaphore   CreateSemaphoreW
#define OutputDebugString OutputDebugStringW
#else
#define CreateFile        CreateFileA
#define CreateEvent       CreateEventA
#define CreateMutex       CreateMutexA
#define CreateSemaphore   CreateSemaphoreA
#define OutputDebugString OutputDebugStringA
#endif

#endif
