/* The Windows API of processes over the system services. */
#include "nt-types.h"

#define OBJ_CASE_INSENSITIVE         0x00000040
#define FILE_NON_DIRECTORY_FILE      0x00000040
#define FILE_SYNCHRONOUS_IO_NONALERT 0x00000020
#define FILE_WRITE_THROUGH           0x00000002
#define FILE_SEQUENTIAL_ONLY         0x00000004
#define FILE_NO_INTERMEDIATE_BUFFERING 0x00000008
#define FILE_RANDOM_ACCESS           0x00000800
#define FILE_OPEN                    1
#define SYNCHRONIZE_ACCESS           0x00100000
#define LONGEST_PATH                 512
#define CURRENT_PROCESS              ((HANDLE)(LONG_PTR)-1)
#define CURRENT_THREAD               ((HANDLE)(LONG_PTR)-2)
#define UNITS_PER_MILLISECOND        10000

/* Keeps the error of a failed service for GetLastError. */
static BOOL
Answer(_In_ NTSTATUS Status)
{
    if (NT_SUCCESS(Status)) {
        return TRUE;
    }
    SetLastError(RtlNtStatusToDosError(Status));
    return FALSE;
}

/* A relative time for the waiting services; NULL for INFINITE. */
static PLARGE_INTEGER
TimeoutOf(_In_ DWORD Milliseconds, _Out_ PLARGE_INTEGER Timeout)
{
    if (Milliseconds == INFINITE) {
        return NULL;
    }
    Timeout->QuadPart = -(LONGLONG)Milliseconds * UNITS_PER_MILLISECOND;
    return Timeout;
}

/* ---- Files and devices ----------------------------------------------------------------------------- */

/* The options of the object manager that flags of CreateFile stand for. */
static ULONG
OptionsOf(_In_ DWORD Flags)
{
    ULONG options = FILE_NON_DIRECTORY_FILE;

    options |= (Flags & FILE_FLAG_OVERLAPPED) != 0 ? 0 : FILE_SYNCHRONOUS_IO_NONALERT;
    options |= (Flags & FILE_FLAG_WRITE_THROUGH) != 0 ? FILE_WRITE_THROUGH : 0;
    options |= (Flags & FILE_FLAG_NO_BUFFERING) != 0 ? FILE_NO_INTERMEDIATE_BUFFERING : 0;
    options |= (Flags & FILE_FLAG_RANDOM_ACCESS) != 0 ? FILE_RANDOM_ACCESS : 0;
    options |= (Flags & FILE_FLAG_SEQUENTIAL_SCAN) != 0 ? FILE_SEQUENTIAL_ONLY : 0;
    return options;
}

/* \\.\Name is \??\Name of the object manager. */
HANDLE WINAPI
CreateFileW(
    _In_ LPCWSTR lpFileName,
    _In_ DWORD dwDesiredAccess,
    _In_ DWORD dwShareMode,
    _In_opt_ LPSECURITY_ATTRIBUTES lpSecurityAttributes,
    _In_ DWORD dwCreationDisposition,
    _In_ DWORD dwFlagsAndAttributes,
    _In_opt_ HANDLE hTemplateFile)
{
    WCHAR path[LONGEST_PATH] = L"\\??\\";
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK statusBlock;
    UNICODE_STRING name;
    HANDLE handle;
    SIZE_T length = wcslen(lpFileName);
    NTSTATUS status;

    UNREFERENCED_PARAMETER(lpSecurityAttributes);
    UNREFERENCED_PARAMETER(hTemplateFile);
    if (dwCreationDisposition == 0 || dwCreationDisposition > 5) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    if (length < 5 || wcsncmp(lpFileName, L"\\\\.\\", 4) != 0) {
        /* There are devices here and no file system. */
        SetLastError(ERROR_FILE_NOT_FOUND);
        return INVALID_HANDLE_VALUE;
    }
    if (length >= LONGEST_PATH) {
        SetLastError(ERROR_INVALID_NAME);
        return INVALID_HANDLE_VALUE;
    }
    wcscpy(path + 4, lpFileName + 4);
    name.Buffer = path;
    name.Length = (USHORT)(length * sizeof(WCHAR));
    name.MaximumLength = sizeof(path);
    attributes.Length = sizeof(attributes);
    attributes.RootDirectory = NULL;
    attributes.ObjectName = &name;
    attributes.Attributes = OBJ_CASE_INSENSITIVE;
    attributes.SecurityDescriptor = NULL;
    attributes.SecurityQualityOfService = NULL;
    status = NtCreateFile(&handle, dwDesiredAccess | SYNCHRONIZE_ACCESS | FILE_READ_ATTRIBUTES, &attributes, &statusBlock, NULL,
                          dwFlagsAndAttributes & 0xFFFF, dwShareMode, FILE_OPEN,
                          OptionsOf(dwFlagsAndAttributes), NULL, 0);
    return Answer(status) ? handle : INVALID_HANDLE_VALUE;
}

HANDLE WINAPI
CreateFileA(
    _In_ LPCSTR lpFileName,
    _In_ DWORD dwDesiredAccess,
    _In_ DWORD dwShareMode,
    _In_opt_ LPSECURITY_ATTRIBUTES lpSecurityAttributes,
    _In_ DWORD dwCreationDisposition,
    _In_ DWORD dwFlagsAndAttributes,
    _In_opt_ HANDLE hTemplateFile)
{
    WCHAR path[LONGEST_PATH];
    SIZE_T length = strlen(lpFileName);
    SIZE_T index;

    if (length >= LONGEST_PATH) {
        SetLastError(ERROR_INVALID_NAME);
        return INVALID_HANDLE_VALUE;
    }
    for (index = 0; index <= length; index++) {
        path[index] = (WCHAR)(UCHAR)lpFileName[index];
    }
    return CreateFileW(path, dwDesiredAccess, dwShareMode, lpSecurityAttributes, dwCreationDisposition,
                       dwFlagsAndAttributes, hTemplateFile);
}

BOOL WINAPI
CloseHandle(_In_ HANDLE hObject)
{
    return Answer(NtClose(hObject));
}

/* The status block of an overlapped request is the structure itself, marked before the request can end. */
static PIO_STATUS_BLOCK
BeginOverlapped(_Inout_ LPOVERLAPPED Overlapped, _Out_ PLARGE_INTEGER Offset)
{
    Overlapped->Internal = STATUS_PENDING;
    Overlapped->InternalHigh = 0;
    Offset->QuadPart = (LONGLONG)(((ULONGLONG)Overlapped->OffsetHigh << 32) | Overlapped->Offset);
    return (PIO_STATUS_BLOCK)&Overlapped->Internal;
}

/* An event with its lowest bit set keeps the end of the request from a completion port, and is the same event. */
static HANDLE
EventOf(_In_ LPOVERLAPPED Overlapped)
{
    return (HANDLE)((ULONG_PTR)Overlapped->hEvent & ~(ULONG_PTR)1);
}

/* The outcome of a service that was given an overlapped structure. */
static BOOL
AnswerOverlapped(_In_ NTSTATUS Status, _In_ LPOVERLAPPED Overlapped, _Out_opt_ LPDWORD Count)
{
    if (Status == STATUS_PENDING) {
        SetLastError(ERROR_IO_PENDING);
        return FALSE;
    }
    if (!NT_ERROR(Status) && Count != NULL) {
        *Count = (DWORD)Overlapped->InternalHigh;
    }
    return Answer(Status);
}

/* A file of overlapped requests that is used without one: the file itself tells of the end. */
static NTSTATUS
AwaitFile(_In_ HANDLE File, _In_ NTSTATUS Status, _In_ PIO_STATUS_BLOCK StatusBlock)
{
    if (Status != STATUS_PENDING) {
        return Status;
    }
    Status = NtWaitForSingleObject(File, FALSE, NULL);
    return NT_SUCCESS(Status) ? StatusBlock->Status : Status;
}

BOOL WINAPI
ReadFile(
    _In_ HANDLE hFile,
    _Out_ LPVOID lpBuffer,
    _In_ DWORD nNumberOfBytesToRead,
    _Out_opt_ LPDWORD lpNumberOfBytesRead,
    _Inout_opt_ LPOVERLAPPED lpOverlapped)
{
    IO_STATUS_BLOCK statusBlock;
    LARGE_INTEGER offset;
    NTSTATUS status;

    if (lpNumberOfBytesRead != NULL) {
        *lpNumberOfBytesRead = 0;
    }
    if (lpOverlapped != NULL) {
        status = NtReadFile(hFile, EventOf(lpOverlapped), NULL, lpOverlapped, BeginOverlapped(lpOverlapped, &offset),
                            lpBuffer, nNumberOfBytesToRead, &offset, NULL);
        return AnswerOverlapped(status, lpOverlapped, lpNumberOfBytesRead);
    }
    statusBlock.Information = 0;
    status = NtReadFile(hFile, NULL, NULL, NULL, &statusBlock, lpBuffer, nNumberOfBytesToRead, NULL, NULL);
    status = AwaitFile(hFile, status, &statusBlock);
    if (lpNumberOfBytesRead != NULL && NT_SUCCESS(status)) {
        *lpNumberOfBytesRead = (DWORD)statusBlock.Information;
    }
    /* Behind the end there is nothing to read, and that is no failure. */
    return status == STATUS_END_OF_FILE ? TRUE : Answer(status);
}

BOOL WINAPI
WriteFile(
    _In_ HANDLE hFile,
    _In_ LPCVOID lpBuffer,
    _In_ DWORD nNumberOfBytesToWrite,
    _Out_opt_ LPDWORD lpNumberOfBytesWritten,
    _Inout_opt_ LPOVERLAPPED lpOverlapped)
{
    IO_STATUS_BLOCK statusBlock;
    LARGE_INTEGER offset;
    NTSTATUS status;

    if (lpNumberOfBytesWritten != NULL) {
        *lpNumberOfBytesWritten = 0;
    }
    if (lpOverlapped != NULL) {
        status = NtWriteFile(hFile, EventOf(lpOverlapped), NULL, lpOverlapped, BeginOverlapped(lpOverlapped, &offset),
                             (PVOID)lpBuffer, nNumberOfBytesToWrite, &offset, NULL);
        return AnswerOverlapped(status, lpOverlapped, lpNumberOfBytesWritten);
    }
    statusBlock.Information = 0;
    status = NtWriteFile(hFile, NULL, NULL, NULL, &statusBlock, (PVOID)lpBuffer, nNumberOfBytesToWrite, NULL, NULL);
    status = AwaitFile(hFile, status, &statusBlock);
    if (lpNumberOfBytesWritten != NULL && NT_SUCCESS(status)) {
        *lpNumberOfBytesWritten = (DWORD)statusBlock.Information;
    }
    return Answer(status);
}

BOOL WINAPI
DeviceIoControl(
    _In_ HANDLE hDevice,
    _In_ DWORD dwIoControlCode,
    _In_opt_ LPVOID lpInBuffer,
    _In_ DWORD nInBufferSize,
    _Out_opt_ LPVOID lpOutBuffer,
    _In_ DWORD nOutBufferSize,
    _Out_opt_ LPDWORD lpBytesReturned,
    _Inout_opt_ LPOVERLAPPED lpOverlapped)
{
    IO_STATUS_BLOCK statusBlock;
    LARGE_INTEGER offset;
    NTSTATUS status;

    if (lpOverlapped != NULL) {
        status = NtDeviceIoControlFile(hDevice, EventOf(lpOverlapped), NULL, lpOverlapped,
                                       BeginOverlapped(lpOverlapped, &offset), dwIoControlCode, lpInBuffer,
                                       nInBufferSize, lpOutBuffer, nOutBufferSize);
        return AnswerOverlapped(status, lpOverlapped, lpBytesReturned);
    }
    statusBlock.Information = 0;
    status = NtDeviceIoControlFile(hDevice, NULL, NULL, NULL, &statusBlock, dwIoControlCode, lpInBuffer,
                                   nInBufferSize, lpOutBuffer, nOutBufferSize);
    status = AwaitFile(hDevice, status, &statusBlock);
    if (lpBytesReturned != NULL) {
        *lpBytesReturned = NT_ERROR(status) ? 0 : (DWORD)statusBlock.Information;
    }
    return Answer(status);
}

BOOL WINAPI
GetOverlappedResult(
    _In_ HANDLE hFile,
    _In_ LPOVERLAPPED lpOverlapped,
    _Out_ LPDWORD lpNumberOfBytesTransferred,
    _In_ BOOL bWait)
{
    if (lpOverlapped->Internal == STATUS_PENDING) {
        HANDLE event = EventOf(lpOverlapped);

        if (!bWait) {
            SetLastError(ERROR_IO_INCOMPLETE);
            return FALSE;
        }
        /* Without an event of its own the file tells, of whichever request ends next. */
        if (!Answer(NtWaitForSingleObject(event != NULL ? event : hFile, FALSE, NULL))) {
            return FALSE;
        }
    }
    *lpNumberOfBytesTransferred = (DWORD)lpOverlapped->InternalHigh;
    return Answer((NTSTATUS)lpOverlapped->Internal);
}

BOOL WINAPI
CancelIo(_In_ HANDLE hFile)
{
    IO_STATUS_BLOCK statusBlock;

    return Answer(NtCancelIoFile(hFile, &statusBlock));
}

BOOL WINAPI
CancelIoEx(_In_ HANDLE hFile, _In_opt_ LPOVERLAPPED lpOverlapped)
{
    IO_STATUS_BLOCK statusBlock;

    return Answer(NtCancelIoFileEx(hFile, lpOverlapped == NULL ? NULL : (PIO_STATUS_BLOCK)&lpOverlapped->Internal,
                                   &statusBlock));
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

LPVOID WINAPI
VirtualAlloc(_In_opt_ LPVOID lpAddress, _In_ SIZE_T dwSize, _In_ DWORD flAllocationType, _In_ DWORD flProtect)
{
    PVOID base = lpAddress;
    SIZE_T size = dwSize;

    return Answer(NtAllocateVirtualMemory(CURRENT_PROCESS, &base, 0, &size, flAllocationType, flProtect)) ? base : NULL;
}

BOOL WINAPI
VirtualFree(_In_ LPVOID lpAddress, _In_ SIZE_T dwSize, _In_ DWORD dwFreeType)
{
    PVOID base = lpAddress;
    SIZE_T size = dwSize;

    if ((dwFreeType & MEM_RELEASE) != 0 && dwSize != 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    return Answer(NtFreeVirtualMemory(CURRENT_PROCESS, &base, &size, dwFreeType));
}

BOOL WINAPI
VirtualProtect(_In_ LPVOID lpAddress, _In_ SIZE_T dwSize, _In_ DWORD flNewProtect, _Out_ PDWORD lpflOldProtect)
{
    PVOID base = lpAddress;
    SIZE_T size = dwSize;

    return Answer(NtProtectVirtualMemory(CURRENT_PROCESS, &base, &size, flNewProtect, lpflOldProtect));
}

HANDLE WINAPI
GetProcessHeap(VOID)
{
    return (HANDLE)(ULONG_PTR)0x10000;
}

/* Every block has pages of its own: enough for what programs here ask of it. */
LPVOID WINAPI
HeapAlloc(_In_ HANDLE hHeap, _In_ DWORD dwFlags, _In_ SIZE_T dwBytes)
{
    UNREFERENCED_PARAMETER(hHeap);
    UNREFERENCED_PARAMETER(dwFlags);
    return VirtualAlloc(NULL, dwBytes == 0 ? 1 : dwBytes, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
}

BOOL WINAPI
HeapFree(_In_ HANDLE hHeap, _In_ DWORD dwFlags, _In_ LPVOID lpMem)
{
    UNREFERENCED_PARAMETER(hHeap);
    UNREFERENCED_PARAMETER(dwFlags);
    return lpMem == NULL || VirtualFree(lpMem, 0, MEM_RELEASE);
}

/* ---- Sections ----------------------------------------------------------------------------------------- */

#define OBJ_OPENIF 0x00000080

/* Name is \BaseNamedObjects\Name of the object manager; NULL: no name. FALSE when it is too long. */
static BOOL
NameObject(
    _In_opt_ LPCWSTR Name,
    _Out_writes_(LONGEST_PATH) PWSTR Path,
    _Out_ PUNICODE_STRING String,
    _Out_ POBJECT_ATTRIBUTES Attributes)
{
    static const WCHAR folder[] = L"\\BaseNamedObjects\\";

    memset(Attributes, 0, sizeof(*Attributes));
    Attributes->Length = sizeof(*Attributes);
    Attributes->Attributes = OBJ_CASE_INSENSITIVE | OBJ_OPENIF;
    if (Name == NULL) {
        return TRUE;
    }
    /* All sessions share one directory here. */
    if (wcsncmp(Name, L"Global\\", 7) == 0) {
        Name += 7;
    } else if (wcsncmp(Name, L"Local\\", 6) == 0) {
        Name += 6;
    }
    if (wcslen(Name) + sizeof(folder) / sizeof(WCHAR) > LONGEST_PATH) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    wcscpy(Path, folder);
    wcscat(Path, Name);
    String->Buffer = Path;
    String->Length = (USHORT)(wcslen(Path) * sizeof(WCHAR));
    String->MaximumLength = String->Length + sizeof(WCHAR);
    Attributes->ObjectName = String;
    return TRUE;
}

/* A name in 8-bit characters; NULL stays NULL. */
static LPCWSTR
Widened(_In_opt_ LPCSTR Name, _Out_writes_(LONGEST_PATH) PWSTR Wide)
{
    SIZE_T index;

    if (Name == NULL) {
        return NULL;
    }
    for (index = 0; Name[index] != 0 && index < LONGEST_PATH - 1; index++) {
        Wide[index] = (UCHAR)Name[index];
    }
    Wide[index] = 0;
    return Wide;
}

HANDLE WINAPI
CreateFileMappingW(
    _In_ HANDLE hFile,
    _In_opt_ LPSECURITY_ATTRIBUTES lpFileMappingAttributes,
    _In_ DWORD flProtect,
    _In_ DWORD dwMaximumSizeHigh,
    _In_ DWORD dwMaximumSizeLow,
    _In_opt_ LPCWSTR lpName)
{
    WCHAR path[LONGEST_PATH];
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    LARGE_INTEGER size;
    HANDLE handle = NULL;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(lpFileMappingAttributes);
    if (!NameObject(lpName, path, &name, &attributes)) {
        return NULL;
    }
    size.QuadPart = (LONGLONG)(((ULONGLONG)dwMaximumSizeHigh << 32) | dwMaximumSizeLow);
    status = NtCreateSection(&handle, SECTION_ALL_ACCESS, &attributes, &size, flProtect & 0xFF,
                             flProtect & ~0xFFu ? flProtect & ~0xFFu : SEC_COMMIT,
                             hFile == INVALID_HANDLE_VALUE ? NULL : hFile);
    if (!Answer(status)) {
        return NULL;
    }
    SetLastError(status == STATUS_OBJECT_NAME_EXISTS ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS);
    return handle;
}

HANDLE WINAPI
CreateFileMappingA(
    _In_ HANDLE hFile,
    _In_opt_ LPSECURITY_ATTRIBUTES lpFileMappingAttributes,
    _In_ DWORD flProtect,
    _In_ DWORD dwMaximumSizeHigh,
    _In_ DWORD dwMaximumSizeLow,
    _In_opt_ LPCSTR lpName)
{
    WCHAR wide[LONGEST_PATH];

    return CreateFileMappingW(hFile, lpFileMappingAttributes, flProtect, dwMaximumSizeHigh, dwMaximumSizeLow,
                              Widened(lpName, wide));
}

/* Opens an object of a name; NtOpenSection, NtOpenEvent and their like are called alike. */
static HANDLE
OpenNamed(_In_ NTSTATUS (*Open)(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES), _In_ DWORD Access, _In_ LPCWSTR Name)
{
    WCHAR path[LONGEST_PATH];
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE handle;

    return NameObject(Name, path, &name, &attributes) && Answer(Open(&handle, Access, &attributes)) ? handle : NULL;
}

HANDLE WINAPI
OpenFileMappingW(_In_ DWORD dwDesiredAccess, _In_ BOOL bInheritHandle, _In_ LPCWSTR lpName)
{
    UNREFERENCED_PARAMETER(bInheritHandle);
    return OpenNamed(NtOpenSection, dwDesiredAccess, lpName);
}

HANDLE WINAPI
OpenFileMappingA(_In_ DWORD dwDesiredAccess, _In_ BOOL bInheritHandle, _In_ LPCSTR lpName)
{
    WCHAR wide[LONGEST_PATH];

    return OpenFileMappingW(dwDesiredAccess, bInheritHandle, Widened(lpName, wide));
}

LPVOID WINAPI
MapViewOfFileEx(
    _In_ HANDLE hFileMappingObject,
    _In_ DWORD dwDesiredAccess,
    _In_ DWORD dwFileOffsetHigh,
    _In_ DWORD dwFileOffsetLow,
    _In_ SIZE_T dwNumberOfBytesToMap,
    _In_opt_ LPVOID lpBaseAddress)
{
    PVOID base = lpBaseAddress;
    SIZE_T size = dwNumberOfBytesToMap;
    LARGE_INTEGER offset;
    ULONG protect = (dwDesiredAccess & FILE_MAP_WRITE) != 0 ? PAGE_READWRITE : PAGE_READONLY;

    offset.QuadPart = (LONGLONG)(((ULONGLONG)dwFileOffsetHigh << 32) | dwFileOffsetLow);
    return Answer(NtMapViewOfSection(hFileMappingObject, CURRENT_PROCESS, &base, 0, 0, &offset, &size, 1, 0, protect))
               ? base
               : NULL;
}

LPVOID WINAPI
MapViewOfFile(
    _In_ HANDLE hFileMappingObject,
    _In_ DWORD dwDesiredAccess,
    _In_ DWORD dwFileOffsetHigh,
    _In_ DWORD dwFileOffsetLow,
    _In_ SIZE_T dwNumberOfBytesToMap)
{
    return MapViewOfFileEx(hFileMappingObject, dwDesiredAccess, dwFileOffsetHigh, dwFileOffsetLow, dwNumberOfBytesToMap,
                           NULL);
}

BOOL WINAPI
UnmapViewOfFile(_In_ LPCVOID lpBaseAddress)
{
    return Answer(NtUnmapViewOfSection(CURRENT_PROCESS, (PVOID)lpBaseAddress));
}

/* ---- Processes, threads, waiting ------------------------------------------------------------------- */

VOID WINAPI
ExitProcess(_In_ UINT uExitCode)
{
    NtTerminateProcess(CURRENT_PROCESS, (NTSTATUS)uExitCode);
}

BOOL WINAPI
TerminateProcess(_In_ HANDLE hProcess, _In_ UINT uExitCode)
{
    if (hProcess != CURRENT_PROCESS) {
        SetLastError(ERROR_INVALID_HANDLE);
        return FALSE;
    }
    return Answer(NtTerminateProcess(hProcess, (NTSTATUS)uExitCode));
}

HANDLE WINAPI
GetCurrentProcess(VOID)
{
    return CURRENT_PROCESS;
}

HANDLE WINAPI
GetCurrentThread(VOID)
{
    return CURRENT_THREAD;
}

/* The first routine of a thread: what it returns is the exit code. */
static DWORD
ThreadStart(_In_ LPTHREAD_START_ROUTINE Routine, _In_opt_ LPVOID Parameter)
{
    return Routine(Parameter);
}

HANDLE WINAPI
CreateThread(
    _In_opt_ LPSECURITY_ATTRIBUTES lpThreadAttributes,
    _In_ SIZE_T dwStackSize,
    _In_ LPTHREAD_START_ROUTINE lpStartAddress,
    _In_opt_ LPVOID lpParameter,
    _In_ DWORD dwCreationFlags,
    _Out_opt_ LPDWORD lpThreadId)
{
    ULONG identifier;
    HANDLE handle;

    UNREFERENCED_PARAMETER(lpThreadAttributes);
    UNREFERENCED_PARAMETER(dwStackSize);
    UNREFERENCED_PARAMETER(dwCreationFlags);
    if (!Answer(NtCreateUserThread(&handle, (PVOID)ThreadStart, (PVOID)lpStartAddress, lpParameter, &identifier))) {
        return NULL;
    }
    if (lpThreadId != NULL) {
        *lpThreadId = identifier;
    }
    return handle;
}

VOID WINAPI
ExitThread(_In_ DWORD dwExitCode)
{
    NtTerminateThread(CURRENT_THREAD, (NTSTATUS)dwExitCode);
}

BOOL WINAPI
GetExitCodeThread(_In_ HANDLE hThread, _Out_ LPDWORD lpExitCode)
{
    return Answer(NtQueryThreadExitCode(hThread, lpExitCode));
}

DWORD WINAPI
SleepEx(_In_ DWORD dwMilliseconds, _In_ BOOL bAlertable)
{
    LARGE_INTEGER timeout;

    TimeoutOf(dwMilliseconds == INFINITE ? INFINITE - 1 : dwMilliseconds, &timeout);
    NtDelayExecution((BOOLEAN)bAlertable, &timeout);
    return 0;
}

VOID WINAPI
Sleep(_In_ DWORD dwMilliseconds)
{
    SleepEx(dwMilliseconds, FALSE);
}

static DWORD
WaitResult(_In_ NTSTATUS Status)
{
    if (Status == STATUS_TIMEOUT) {
        return WAIT_TIMEOUT;
    }
    return Answer(Status) ? (DWORD)Status : WAIT_FAILED;
}

DWORD WINAPI
WaitForSingleObjectEx(_In_ HANDLE hHandle, _In_ DWORD dwMilliseconds, _In_ BOOL bAlertable)
{
    LARGE_INTEGER timeout;

    return WaitResult(NtWaitForSingleObject(hHandle, (BOOLEAN)bAlertable, TimeoutOf(dwMilliseconds, &timeout)));
}

DWORD WINAPI
WaitForSingleObject(_In_ HANDLE hHandle, _In_ DWORD dwMilliseconds)
{
    return WaitForSingleObjectEx(hHandle, dwMilliseconds, FALSE);
}

DWORD WINAPI
WaitForMultipleObjects(_In_ DWORD nCount, _In_ const HANDLE *lpHandles, _In_ BOOL bWaitAll, _In_ DWORD dwMilliseconds)
{
    LARGE_INTEGER timeout;

    return WaitResult(NtWaitForMultipleObjects(nCount, (HANDLE *)lpHandles, bWaitAll ? WaitAll : WaitAny, FALSE,
                                               TimeoutOf(dwMilliseconds, &timeout)));
}

HANDLE WINAPI
CreateEventW(
    _In_opt_ LPSECURITY_ATTRIBUTES lpEventAttributes,
    _In_ BOOL bManualReset,
    _In_ BOOL bInitialState,
    _In_opt_ LPCWSTR lpName)
{
    WCHAR path[LONGEST_PATH];
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    HANDLE handle = NULL;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(lpEventAttributes);
    if (!NameObject(lpName, path, &name, &attributes)) {
        return NULL;
    }
    status = NtCreateEvent(&handle, EVENT_ALL_ACCESS, &attributes,
                           bManualReset ? NotificationEvent : SynchronizationEvent, (BOOLEAN)(bInitialState != FALSE));
    if (!Answer(status)) {
        return NULL;
    }
    SetLastError(status == STATUS_OBJECT_NAME_EXISTS ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS);
    return handle;
}

HANDLE WINAPI
CreateEventA(
    _In_opt_ LPSECURITY_ATTRIBUTES lpEventAttributes,
    _In_ BOOL bManualReset,
    _In_ BOOL bInitialState,
    _In_opt_ LPCSTR lpName)
{
    WCHAR wide[LONGEST_PATH];

    return CreateEventW(lpEventAttributes, bManualReset, bInitialState, Widened(lpName, wide));
}

HANDLE WINAPI
OpenEventW(_In_ DWORD dwDesiredAccess, _In_ BOOL bInheritHandle, _In_ LPCWSTR lpName)
{
    UNREFERENCED_PARAMETER(bInheritHandle);
    return OpenNamed(NtOpenEvent, dwDesiredAccess, lpName);
}

HANDLE WINAPI
OpenEventA(_In_ DWORD dwDesiredAccess, _In_ BOOL bInheritHandle, _In_ LPCSTR lpName)
{
    WCHAR wide[LONGEST_PATH];

    return OpenEventW(dwDesiredAccess, bInheritHandle, Widened(lpName, wide));
}

BOOL WINAPI
SetEvent(_In_ HANDLE hEvent)
{
    return Answer(NtSetEvent(hEvent, NULL));
}

BOOL WINAPI
ResetEvent(_In_ HANDLE hEvent)
{
    return Answer(NtResetEvent(hEvent, NULL));
}
