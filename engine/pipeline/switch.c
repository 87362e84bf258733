/*
 * The Windows Sockets switch with the part of the Winsock surface that an application calls. A stream socket
 * whose connection the SAN can carry gets a companion socket of the SAN service provider; the switch
 * registers the two regions of memory that messages of the connection will travel through, one to send
 * from and one to receive into, and releases them when the socket closes.
 */
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2san.h>
#include <windows.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_REGION_BYTES (64 * 1024)

typedef struct _SWITCH_SOCKET {
    struct _SWITCH_SOCKET *Next;
    SOCKET                 Companion;     /* the provider's descriptor */
    struct sockaddr_in     Local;
    BOOL                   Bound;
    BOOL                   Connected;
    PVOID                  SendRegion;
    PVOID                  ReceiveRegion;
    HANDLE                 SendHandle;
    HANDLE                 ReceiveHandle;
} SWITCH_SOCKET, *PSWITCH_SOCKET;

static WSPPROC_TABLE            Provider;
static LPFN_WSPREGISTERMEMORY   RegisterMemory;
static LPFN_WSPDEREGISTERMEMORY DeregisterMemory;
static PSWITCH_SOCKET           Sockets;
static int                      Startups;
static SOCKET                   NextHandle = 0x100;

/* Winsock keeps its error where Windows keeps the thread's. */
int WSAAPI
WSAGetLastError(void)
{
    return (int)GetLastError();
}

void WSAAPI
WSASetLastError(int iError)
{
    SetLastError((DWORD)iError);
}

static int
Fail(int Error)
{
    WSASetLastError(Error);
    return SOCKET_ERROR;
}

static PSWITCH_SOCKET
FindSocket(SOCKET s)
{
    PSWITCH_SOCKET socket;

    for (socket = Sockets; socket != NULL; socket = socket->Next) {
        if ((SOCKET)socket == s) {
            return socket;
        }
    }
    return NULL;
}

/* ---- Up-calls of the provider ---------------------------------------------------------------------- */

static SOCKET WSPAPI
SwitchCreateSocketHandle(DWORD dwCatalogEntryId, DWORD_PTR dwContext, LPINT lpErrno)
{
    UNREFERENCED_PARAMETER(dwCatalogEntryId);
    UNREFERENCED_PARAMETER(dwContext);
    UNREFERENCED_PARAMETER(lpErrno);
    NextHandle += 4;
    return NextHandle;
}

static int WSPAPI
SwitchCloseSocketHandle(SOCKET s, LPINT lpErrno)
{
    UNREFERENCED_PARAMETER(s);
    UNREFERENCED_PARAMETER(lpErrno);
    return 0;
}

/* ---- Start-up and clean-up ------------------------------------------------------------------------- */

/* The provider gives its registration routines out by identifier; both are mandatory. */
static int
FindExtensions(void)
{
    GUID registerId = WSAID_REGISTERMEMORY;
    GUID deregisterId = WSAID_DEREGISTERMEMORY;
    DWORD returned;
    int error;

    if (Provider.lpWSPIoctl(INVALID_SOCKET, SIO_GET_EXTENSION_FUNCTION_POINTER, &registerId, sizeof(registerId),
                            &RegisterMemory, sizeof(RegisterMemory), &returned, NULL, NULL, NULL, &error) != 0) {
        return error;
    }
    if (Provider.lpWSPIoctl(INVALID_SOCKET, SIO_GET_EXTENSION_FUNCTION_POINTER, &deregisterId,
                            sizeof(deregisterId), &DeregisterMemory, sizeof(DeregisterMemory), &returned, NULL,
                            NULL, NULL, &error) != 0) {
        return error;
    }
    return 0;
}

int WSAAPI
WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData)
{
    WSPUPCALLTABLEEX upcalls;
    WSAPROTOCOL_INFOW protocol;
    WSPDATA data;
    int error;

    if (LOBYTE(wVersionRequested) < 2) {
        return WSAVERNOTSUPPORTED;
    }
    if (Startups == 0) {
        memset(&upcalls, 0, sizeof(upcalls));
        memset(&protocol, 0, sizeof(protocol));
        upcalls.lpWPUCreateSocketHandle = SwitchCreateSocketHandle;
        upcalls.lpWPUCloseSocketHandle = SwitchCloseSocketHandle;
        error = WSPStartupEx(MAKEWORD(2, 2), &data, &protocol, &upcalls, &Provider);
        if (error != 0) {
            return error;
        }
        error = FindExtensions();
        if (error != 0) {
            Provider.lpWSPCleanup(&error);
            return WSAEPROVIDERFAILEDINIT;
        }
    }
    Startups++;
    memset(lpWSAData, 0, sizeof(*lpWSAData));
    lpWSAData->wVersion = MAKEWORD(2, 2);
    lpWSAData->wHighVersion = MAKEWORD(2, 2);
    return 0;
}

int WSAAPI
WSACleanup(void)
{
    int error;

    if (Startups == 0) {
        return Fail(WSANOTINITIALISED);
    }
    Startups--;
    if (Startups == 0) {
        while (Sockets != NULL) {
            closesocket((SOCKET)Sockets);
        }
        Provider.lpWSPCleanup(&error);
    }
    return 0;
}

/* ---- Message regions ------------------------------------------------------------------------------- */

static void
ReleaseRegions(PSWITCH_SOCKET Socket)
{
    int error;

    if (Socket->SendHandle != NULL) {
        DeregisterMemory(Socket->Companion, Socket->SendHandle, &error);
        Socket->SendHandle = NULL;
    }
    if (Socket->ReceiveHandle != NULL) {
        DeregisterMemory(Socket->Companion, Socket->ReceiveHandle, &error);
        Socket->ReceiveHandle = NULL;
    }
    if (Socket->SendRegion != NULL) {
        VirtualFree(Socket->SendRegion, 0, MEM_RELEASE);
        Socket->SendRegion = NULL;
    }
    if (Socket->ReceiveRegion != NULL) {
        VirtualFree(Socket->ReceiveRegion, 0, MEM_RELEASE);
        Socket->ReceiveRegion = NULL;
    }
}

static int
RegisterRegions(PSWITCH_SOCKET Socket)
{
    int error = WSAENOBUFS;

    Socket->SendRegion = VirtualAlloc(NULL, MESSAGE_REGION_BYTES, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    Socket->ReceiveRegion = VirtualAlloc(NULL, MESSAGE_REGION_BYTES, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (Socket->SendRegion != NULL && Socket->ReceiveRegion != NULL) {
        /* The NIC only reads what is sent, and writes what is received. */
        Socket->SendHandle = RegisterMemory(Socket->Companion, Socket->SendRegion, MESSAGE_REGION_BYTES,
                                            MEM_READ, &error);
        if (Socket->SendHandle != NULL) {
            Socket->ReceiveHandle = RegisterMemory(Socket->Companion, Socket->ReceiveRegion,
                                                   MESSAGE_REGION_BYTES, MEM_READWRITE, &error);
            if (Socket->ReceiveHandle != NULL) {
                return 0;
            }
        }
    }
    ReleaseRegions(Socket);
    return error;
}

/* ---- Sockets --------------------------------------------------------------------------------------- */

SOCKET WSAAPI
socket(int af, int type, int protocol)
{
    PSWITCH_SOCKET created;

    if (Startups == 0) {
        WSASetLastError(WSANOTINITIALISED);
        return INVALID_SOCKET;
    }
    if (af != AF_INET) {
        WSASetLastError(WSAEAFNOSUPPORT);
        return INVALID_SOCKET;
    }
    if (type != SOCK_STREAM || (protocol != 0 && protocol != IPPROTO_TCP)) {
        WSASetLastError(WSAEPROTONOSUPPORT);
        return INVALID_SOCKET;
    }
    created = (PSWITCH_SOCKET)calloc(1, sizeof(SWITCH_SOCKET));
    if (created == NULL) {
        WSASetLastError(WSAENOBUFS);
        return INVALID_SOCKET;
    }
    created->Companion = INVALID_SOCKET;
    created->Next = Sockets;
    Sockets = created;
    return (SOCKET)created;
}

int WSAAPI
bind(SOCKET s, const struct sockaddr *name, int namelen)
{
    PSWITCH_SOCKET socket = FindSocket(s);

    if (socket == NULL) {
        return Fail(WSAENOTSOCK);
    }
    if (name == NULL || namelen < (int)sizeof(struct sockaddr_in)) {
        return Fail(WSAEFAULT);
    }
    if (socket->Bound) {
        return Fail(WSAEINVAL);
    }
    socket->Local = *(const struct sockaddr_in *)name;
    socket->Bound = TRUE;
    return 0;
}

/* The way is chosen here, not when the socket is made. */
int WSAAPI
connect(SOCKET s, const struct sockaddr *name, int namelen)
{
    PSWITCH_SOCKET socket = FindSocket(s);
    int error;

    if (socket == NULL) {
        return Fail(WSAENOTSOCK);
    }
    if (name == NULL || namelen < (int)sizeof(struct sockaddr_in)) {
        return Fail(WSAEFAULT);
    }
    if (socket->Connected) {
        return Fail(WSAEISCONN);
    }
    if (!socket->Bound) {
        socket->Local = *(const struct sockaddr_in *)name;
        socket->Bound = TRUE;
    }

    socket->Companion = Provider.lpWSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED,
                                             &error);
    if (socket->Companion == INVALID_SOCKET) {
        return Fail(error);
    }
    if (Provider.lpWSPBind(socket->Companion, (const struct sockaddr *)&socket->Local, sizeof(socket->Local),
                           &error) != 0 ||
        Provider.lpWSPConnect(socket->Companion, name, namelen, NULL, NULL, NULL, NULL, &error) != 0) {
        int ignored;

        Provider.lpWSPCloseSocket(socket->Companion, &ignored);
        socket->Companion = INVALID_SOCKET;
        return Fail(error);
    }
    error = RegisterRegions(socket);
    if (error != 0) {
        int ignored;

        Provider.lpWSPCloseSocket(socket->Companion, &ignored);
        socket->Companion = INVALID_SOCKET;
        return Fail(error);
    }
    socket->Connected = TRUE;
    return 0;
}

int WSAAPI
closesocket(SOCKET s)
{
    PSWITCH_SOCKET *link;

    for (link = &Sockets; *link != NULL; link = &(*link)->Next) {
        PSWITCH_SOCKET socket = *link;
        int error;

        if ((SOCKET)socket != s) {
            continue;
        }
        if (socket->Companion != INVALID_SOCKET) {
            ReleaseRegions(socket);
            Provider.lpWSPCloseSocket(socket->Companion, &error);
        }
        *link = socket->Next;
        free(socket);
        return 0;
    }
    return Fail(WSAENOTSOCK);
}

/* ---- Conversions ----------------------------------------------------------------------------------- */

u_short WSAAPI
htons(u_short hostshort)
{
    return (u_short)((hostshort << 8) | (hostshort >> 8));
}

u_short WSAAPI
ntohs(u_short netshort)
{
    return htons(netshort);
}

u_long WSAAPI
htonl(u_long hostlong)
{
    return (hostlong << 24) | ((hostlong & 0xFF00) << 8) | ((hostlong >> 8) & 0xFF00) | (hostlong >> 24);
}

u_long WSAAPI
ntohl(u_long netlong)
{
    return htonl(netlong);
}

/* Dotted decimal in its four-part form. */
unsigned long WSAAPI
inet_addr(const char *cp)
{
    unsigned long parts[4] = { 0, 0, 0, 0 };
    int part = 0;
    int digits = 0;

    for (;; cp++) {
        if (*cp >= '0' && *cp <= '9') {
            parts[part] = parts[part] * 10 + (unsigned long)(*cp - '0');
            digits++;
            if (parts[part] > 255) {
                return INADDR_NONE;
            }
        } else if (digits == 0) {
            return INADDR_NONE;
        } else if (*cp == '.' && part < 3) {
            part++;
            digits = 0;
        } else if (*cp == '\0' && part == 3) {
            break;
        } else {
            return INADDR_NONE;
        }
    }
    return parts[0] | (parts[1] << 8) | (parts[2] << 16) | (parts[3] << 24);
}
