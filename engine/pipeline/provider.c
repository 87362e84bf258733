/*
 * The reference SAN service provider: user mode, loaded into each process whose sockets the Windows Sockets
 * switch takes to the SAN. It keeps the context of companion sockets and asks the proxy driver, by device
 * control requests, for what only kernel mode can do: locking memory for the NIC.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2san.h>
#include <windows.h>
#include <winioctl.h>
#include <stdlib.h>
#include "sanproxy.h"

typedef struct _REGISTRATION {
    struct _REGISTRATION *Next;
    PVOID                 Buffer;
    DWORD                 Length;
    DWORD                 Flags;
    ULONG                 Key;          /* the proxy driver's */
    DWORD                 References;   /* registering the same range again shares this entry */
} REGISTRATION, *PREGISTRATION;

typedef struct _COMPANION_SOCKET {
    struct _COMPANION_SOCKET *Next;
    SOCKET                    SwitchHandle;
    BOOL                      Bound;
    BOOL                      Connected;
    struct sockaddr_in        Local;
    struct sockaddr_in        Peer;
    PREGISTRATION             Registrations;
} COMPANION_SOCKET, *PCOMPANION_SOCKET;

static WSPUPCALLTABLEEX  Upcalls;
static HANDLE            Proxy = INVALID_HANDLE_VALUE;
static PCOMPANION_SOCKET Sockets;
static int               Startups;

static int
Fail(LPINT Errno, int Error)
{
    *Errno = Error;
    return SOCKET_ERROR;
}

/* The provider's descriptor is the context's address: the switch hands it back in every call. */
static PCOMPANION_SOCKET
FindSocket(SOCKET s)
{
    PCOMPANION_SOCKET socket;

    for (socket = Sockets; socket != NULL; socket = socket->Next) {
        if ((SOCKET)socket == s) {
            return socket;
        }
    }
    return NULL;
}

/* ---- Memory registration --------------------------------------------------------------------------- */

static int
ErrnoFromLastError(void)
{
    switch (GetLastError()) {
    case ERROR_NOACCESS:
    case ERROR_INVALID_ADDRESS:
        return WSAEFAULT;
    case ERROR_INVALID_PARAMETER:
        return WSAEINVAL;
    default:
        return WSAENOBUFS;
    }
}

HANDLE WSPAPI
WSPRegisterMemory(SOCKET s, PVOID lpBuffer, DWORD dwBufferLength, DWORD dwFlags, LPINT lpErrno)
{
    PCOMPANION_SOCKET socket = FindSocket(s);
    PREGISTRATION registration;
    SAN_REGISTER_MEMORY request;
    SAN_REGISTERED_MEMORY reply;
    DWORD returned;

    if (socket == NULL) {
        *lpErrno = WSAENOTSOCK;
        return NULL;
    }
    if (!socket->Connected) {
        *lpErrno = WSAENOTCONN;
        return NULL;
    }
    if (dwFlags != MEM_READ && dwFlags != MEM_WRITE && dwFlags != MEM_READWRITE) {
        *lpErrno = WSAEINVAL;
        return NULL;
    }

    for (registration = socket->Registrations; registration != NULL; registration = registration->Next) {
        if (registration->Buffer == lpBuffer && registration->Length == dwBufferLength &&
            registration->Flags == dwFlags) {
            registration->References++;
            return (HANDLE)registration;
        }
    }

    registration = (PREGISTRATION)malloc(sizeof(REGISTRATION));
    if (registration == NULL) {
        *lpErrno = WSAENOBUFS;
        return NULL;
    }
    request.VirtualAddress = (ULONGLONG)(ULONG_PTR)lpBuffer;
    request.Length = dwBufferLength;
    request.Access = ((dwFlags & MEM_READ) != 0 ? SAN_ACCESS_READ : 0) |
                     ((dwFlags & MEM_WRITE) != 0 ? SAN_ACCESS_WRITE : 0);
    if (!DeviceIoControl(Proxy, IOCTL_SAN_REGISTER_MEMORY, &request, sizeof(request), &reply, sizeof(reply),
                         &returned, NULL)) {
        *lpErrno = ErrnoFromLastError();
        free(registration);
        return NULL;
    }

    registration->Buffer = lpBuffer;
    registration->Length = dwBufferLength;
    registration->Flags = dwFlags;
    registration->Key = reply.Key;
    registration->References = 1;
    registration->Next = socket->Registrations;
    socket->Registrations = registration;
    return (HANDLE)registration;
}

int WSPAPI
WSPDeregisterMemory(SOCKET s, HANDLE Handle, LPINT lpErrno)
{
    PCOMPANION_SOCKET socket = FindSocket(s);
    PREGISTRATION *link;
    SAN_DEREGISTER_MEMORY request;
    DWORD returned;

    if (socket == NULL) {
        return Fail(lpErrno, WSAENOTSOCK);
    }
    for (link = &socket->Registrations; *link != NULL; link = &(*link)->Next) {
        PREGISTRATION registration = *link;

        if ((HANDLE)registration != Handle) {
            continue;
        }
        registration->References--;
        if (registration->References != 0) {
            return 0;
        }
        request.Key = registration->Key;
        *link = registration->Next;
        free(registration);
        if (!DeviceIoControl(Proxy, IOCTL_SAN_DEREGISTER_MEMORY, &request, sizeof(request), NULL, 0,
                             &returned, NULL)) {
            return Fail(lpErrno, ErrnoFromLastError());
        }
        return 0;
    }
    return Fail(lpErrno, WSAEINVAL);
}

/* ---- Sockets --------------------------------------------------------------------------------------- */

static SOCKET WSPAPI
SanSocket(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags,
          LPINT lpErrno)
{
    PCOMPANION_SOCKET socket;

    UNREFERENCED_PARAMETER(lpProtocolInfo);
    UNREFERENCED_PARAMETER(g);
    UNREFERENCED_PARAMETER(dwFlags);
    if (af != AF_INET || type != SOCK_STREAM || protocol != IPPROTO_TCP) {
        *lpErrno = WSAEPROTONOSUPPORT;
        return INVALID_SOCKET;
    }
    socket = (PCOMPANION_SOCKET)calloc(1, sizeof(COMPANION_SOCKET));
    if (socket == NULL) {
        *lpErrno = WSAENOBUFS;
        return INVALID_SOCKET;
    }
    socket->SwitchHandle = Upcalls.lpWPUCreateSocketHandle(0, (DWORD_PTR)socket, lpErrno);
    if (socket->SwitchHandle == INVALID_SOCKET) {
        free(socket);
        return INVALID_SOCKET;
    }
    socket->Next = Sockets;
    Sockets = socket;
    return (SOCKET)socket;
}

static int WSPAPI
SanBind(SOCKET s, const struct sockaddr *name, int namelen, LPINT lpErrno)
{
    PCOMPANION_SOCKET socket = FindSocket(s);

    if (socket == NULL) {
        return Fail(lpErrno, WSAENOTSOCK);
    }
    if (name == NULL || namelen < (int)sizeof(struct sockaddr_in)) {
        return Fail(lpErrno, WSAEFAULT);
    }
    if (socket->Bound) {
        return Fail(lpErrno, WSAEINVAL);
    }
    socket->Local = *(const struct sockaddr_in *)name;
    socket->Bound = TRUE;
    return 0;
}

/* One host only: the NIC connects an address to itself. Other peers are out of reach. */
static int WSPAPI
SanConnect(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF lpCallerData, LPWSABUF lpCalleeData,
           LPQOS lpSQOS, LPQOS lpGQOS, LPINT lpErrno)
{
    PCOMPANION_SOCKET socket = FindSocket(s);
    const struct sockaddr_in *peer = (const struct sockaddr_in *)name;

    UNREFERENCED_PARAMETER(lpCallerData);
    UNREFERENCED_PARAMETER(lpCalleeData);
    UNREFERENCED_PARAMETER(lpSQOS);
    UNREFERENCED_PARAMETER(lpGQOS);
    if (socket == NULL) {
        return Fail(lpErrno, WSAENOTSOCK);
    }
    if (name == NULL || namelen < (int)sizeof(struct sockaddr_in)) {
        return Fail(lpErrno, WSAEFAULT);
    }
    if (socket->Connected) {
        return Fail(lpErrno, WSAEISCONN);
    }
    if (!socket->Bound) {
        return Fail(lpErrno, WSAEINVAL);
    }
    if (peer->sin_addr.s_addr != socket->Local.sin_addr.s_addr) {
        return Fail(lpErrno, WSAEHOSTUNREACH);
    }
    socket->Peer = *peer;
    socket->Connected = TRUE;
    return 0;
}

static int WSPAPI
SanCloseSocket(SOCKET s, LPINT lpErrno)
{
    PCOMPANION_SOCKET *link;

    for (link = &Sockets; *link != NULL; link = &(*link)->Next) {
        PCOMPANION_SOCKET socket = *link;
        int ignored;

        if ((SOCKET)socket != s) {
            continue;
        }
        while (socket->Registrations != NULL) {
            socket->Registrations->References = 1;
            WSPDeregisterMemory(s, (HANDLE)socket->Registrations, &ignored);
        }
        *link = socket->Next;
        Upcalls.lpWPUCloseSocketHandle(socket->SwitchHandle, &ignored);
        free(socket);
        return 0;
    }
    return Fail(lpErrno, WSAENOTSOCK);
}

static BOOL
SameGuid(const GUID *Left, const GUID *Right)
{
    return memcmp(Left, Right, sizeof(GUID)) == 0;
}

static int WSPAPI
SanIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer, LPVOID lpvOutBuffer,
         DWORD cbOutBuffer, LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped,
         LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine, LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    static const GUID registerMemory = WSAID_REGISTERMEMORY;
    static const GUID deregisterMemory = WSAID_DEREGISTERMEMORY;

    UNREFERENCED_PARAMETER(s);
    UNREFERENCED_PARAMETER(lpOverlapped);
    UNREFERENCED_PARAMETER(lpCompletionRoutine);
    UNREFERENCED_PARAMETER(lpThreadId);
    if (dwIoControlCode != SIO_GET_EXTENSION_FUNCTION_POINTER) {
        return Fail(lpErrno, WSAEOPNOTSUPP);
    }
    if (lpvInBuffer == NULL || cbInBuffer < sizeof(GUID) || lpvOutBuffer == NULL ||
        cbOutBuffer < sizeof(PVOID)) {
        return Fail(lpErrno, WSAEFAULT);
    }
    if (SameGuid((const GUID *)lpvInBuffer, &registerMemory)) {
        *(LPFN_WSPREGISTERMEMORY *)lpvOutBuffer = WSPRegisterMemory;
    } else if (SameGuid((const GUID *)lpvInBuffer, &deregisterMemory)) {
        *(LPFN_WSPDEREGISTERMEMORY *)lpvOutBuffer = WSPDeregisterMemory;
    } else {
        return Fail(lpErrno, WSAEOPNOTSUPP);
    }
    *lpcbBytesReturned = sizeof(PVOID);
    return 0;
}

/* ---- Start-up -------------------------------------------------------------------------------------- */

static int WSPAPI
SanCleanup(LPINT lpErrno)
{
    if (Startups == 0) {
        return Fail(lpErrno, WSANOTINITIALISED);
    }
    Startups--;
    if (Startups == 0) {
        while (Sockets != NULL) {
            SanCloseSocket((SOCKET)Sockets, lpErrno);
        }
        CloseHandle(Proxy);
        Proxy = INVALID_HANDLE_VALUE;
    }
    return 0;
}

int WSPAPI
WSPStartupEx(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo,
             LPWSPUPCALLTABLEEX lpUpcallTable, LPWSPPROC_TABLE lpProcTable)
{
    UNREFERENCED_PARAMETER(lpProtocolInfo);
    if (wVersionRequested != MAKEWORD(2, 2)) {
        return WSAVERNOTSUPPORTED;
    }
    if (Startups == 0) {
        Proxy = CreateFileW(L"\\\\.\\SanProxy", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        if (Proxy == INVALID_HANDLE_VALUE) {
            return WSASYSNOTREADY;
        }
        Upcalls = *lpUpcallTable;
    }
    Startups++;

    lpWSPData->wVersion = MAKEWORD(2, 2);
    lpWSPData->wHighVersion = MAKEWORD(2, 2);
    lpWSPData->szDescription[0] = L'\0';

    memset(lpProcTable, 0, sizeof(*lpProcTable));
    lpProcTable->lpWSPSocket = SanSocket;
    lpProcTable->lpWSPBind = SanBind;
    lpProcTable->lpWSPConnect = SanConnect;
    lpProcTable->lpWSPCloseSocket = SanCloseSocket;
    lpProcTable->lpWSPIoctl = SanIoctl;
    lpProcTable->lpWSPCleanup = SanCleanup;
    return 0;
}
