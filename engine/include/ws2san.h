/* Windows Sockets Direct: what a service provider for a system area network has beyond ws2spi.h. */
#ifndef _WS2SAN_H_
#define _WS2SAN_H_

#ifdef _DMS_KERNEL_MODE
#error ws2san.h is a header of processes; a driver includes ntddk.h or wdm.h
#endif

#include <winsock2.h>
#include <ws2spi.h>

/** Most bytes of one RDMA transfer (option, read only). */
#define SO_MAX_RDMA_SIZE       0x700D
/** Size above which the provider prefers RDMA to messages (option, read only). */
#define SO_RDMA_THRESHOLD_SIZE 0x700E

/** The NIC may read the memory. */
#define MEM_READ      1
/** The NIC may write the memory. */
#define MEM_WRITE     2
#define MEM_READWRITE 3

/* Extension functions, for SIO_GET_EXTENSION_FUNCTION_POINTER */
#define WSAID_REGISTERMEMORY \
    { 0xC0B422F5, 0xF58C, 0x11D1, { 0xAD, 0x6C, 0x00, 0xC0, 0x4F, 0xA3, 0x4A, 0x2D } }
#define WSAID_DEREGISTERMEMORY \
    { 0xC0B422F6, 0xF58C, 0x11D1, { 0xAD, 0x6C, 0x00, 0xC0, 0x4F, 0xA3, 0x4A, 0x2D } }
#define WSAID_REGISTERRDMAMEMORY \
    { 0xC0B422F7, 0xF58C, 0x11D1, { 0xAD, 0x6C, 0x00, 0xC0, 0x4F, 0xA3, 0x4A, 0x2D } }
#define WSAID_DEREGISTERRDMAMEMORY \
    { 0xC0B422F8, 0xF58C, 0x11D1, { 0xAD, 0x6C, 0x00, 0xC0, 0x4F, 0xA3, 0x4A, 0x2D } }
#define WSAID_RDMAWRITE \
    { 0xC0B422F9, 0xF58C, 0x11D1, { 0xAD, 0x6C, 0x00, 0xC0, 0x4F, 0xA3, 0x4A, 0x2D } }
#define WSAID_RDMAREAD \
    { 0xC0B422FA, 0xF58C, 0x11D1, { 0xAD, 0x6C, 0x00, 0xC0, 0x4F, 0xA3, 0x4A, 0x2D } }
#define WSAID_MEMORYREGISTRATIONCACHECALLBACK \
    { 0xE5DA4AF8, 0xD824, 0x48CD, { 0xA7, 0x99, 0x63, 0x37, 0xA9, 0x8E, 0xD2, 0xAF } }

/** A buffer of an RDMA transfer, with the handle that WSPRegisterMemory returned for it. */
typedef struct _WSABUFEX {
    u_long len;
    char  *buf;
    HANDLE handle;
} WSABUFEX, *LPWSABUFEX;

/** What a provider below the switch may call. */
typedef struct _WSPUPCALLTABLEEX {
    LPWPUCLOSEEVENT                lpWPUCloseEvent;
    LPWPUCLOSESOCKETHANDLE         lpWPUCloseSocketHandle;
    LPWPUCREATEEVENT               lpWPUCreateEvent;
    LPWPUCREATESOCKETHANDLE        lpWPUCreateSocketHandle;
    LPWPUFDISSET                   lpWPUFDIsSet;
    LPWPUGETPROVIDERPATH           lpWPUGetProviderPath;
    LPWPUMODIFYIFSHANDLE           lpWPUModifyIFSHandle;
    LPWPUPOSTMESSAGE               lpWPUPostMessage;
    LPWPUQUERYBLOCKINGCALLBACK     lpWPUQueryBlockingCallback;
    LPWPUQUERYSOCKETHANDLECONTEXT  lpWPUQuerySocketHandleContext;
    LPWPUQUEUEAPC                  lpWPUQueueApc;
    LPWPURESETEVENT                lpWPUResetEvent;
    LPWPUSETEVENT                  lpWPUSetEvent;
    LPWPUOPENCURRENTTHREAD         lpWPUOpenCurrentThread;
    LPWPUCLOSETHREAD               lpWPUCloseThread;
    LPWPUCOMPLETEOVERLAPPEDREQUEST lpWPUCompleteOverlappedRequest;
} WSPUPCALLTABLEEX, *LPWSPUPCALLTABLEEX;

/** Type of WSPStartupEx. */
typedef int (WSPAPI *LPWSPSTARTUPEX)(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo, LPWSPUPCALLTABLEEX lpUpcallTable, LPWSPPROC_TABLE lpProcTable);
/** Type of WSPRegisterMemory. */
typedef HANDLE (WSPAPI *LPFN_WSPREGISTERMEMORY)(SOCKET s, PVOID lpBuffer, DWORD dwBufferLength, DWORD dwFlags, LPINT lpErrno);
/** Type of WSPDeregisterMemory. */
typedef int (WSPAPI *LPFN_WSPDEREGISTERMEMORY)(SOCKET s, HANDLE Handle, LPINT lpErrno);
/** Type of WSPRegisterRdmaMemory. */
typedef int (WSPAPI *LPFN_WSPREGISTERRDMAMEMORY)(SOCKET s, PVOID lpBuffer, DWORD dwBufferLength, DWORD dwFlags, LPVOID lpRdmaBufferDescriptor, LPDWORD lpdwDescriptorLength, LPINT lpErrno);
/** Type of WSPDeregisterRdmaMemory. */
typedef int (WSPAPI *LPFN_WSPDEREGISTERRDMAMEMORY)(SOCKET s, LPVOID lpRdmaBufferDescriptor, DWORD dwDescriptorLength, LPINT lpErrno);
/** Type of WSPRdmaWrite. */
typedef int (WSPAPI *LPFN_WSPRDMAWRITE)(SOCKET s, LPWSABUFEX lpBuffers, DWORD dwBufferCount, LPVOID lpTargetBufferDescriptor, DWORD dwTargetDescriptorLength, DWORD dwTargetBufferOffset, LPDWORD lpdwNumberOfBytesWritten, DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine, LPWSATHREADID lpThreadId, LPINT lpErrno);
/** Type of WSPRdmaRead. */
typedef int (WSPAPI *LPFN_WSPRDMAREAD)(SOCKET s, LPWSABUFEX lpBuffers, DWORD dwBufferCount, LPVOID lpTargetBufferDescriptor, DWORD dwTargetDescriptorLength, DWORD dwTargetBufferOffset, LPDWORD lpdwNumberOfBytesRead, DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine, LPWSATHREADID lpThreadId, LPINT lpErrno);
/** Type of WSPMemoryRegistrationCacheCallback. */
typedef int (WSPAPI *LPFN_WSPMEMORYREGISTRATIONCACHECALLBACK)(PVOID lpvAddress, SIZE_T Size, LPINT lpErrno);

/** Starts the provider; the only function that its DLL must export.
 * @param wVersionRequested major version in the low byte
 * @param lpProtocolInfo the TCP/IP provider's record: the sign that the switch calls
 * @param lpUpcallTable what the provider may call
 * @param lpProcTable receives the provider's functions
 * @returns 0 or an error code (directly) */
int WSPAPI WSPStartupEx(WORD wVersionRequested, LPWSPDATA lpWSPData, LPWSAPROTOCOL_INFOW lpProtocolInfo, LPWSPUPCALLTABLEEX lpUpcallTable, LPWSPPROC_TABLE lpProcTable);
/** Makes memory usable for sends, receives and as the local side of RDMA: locks it and enters it into the NIC.
 * @param s a connected socket
 * @param dwFlags MEM_READ, MEM_WRITE or MEM_READWRITE
 * @returns handle, or NULL with WSAENOBUFS, WSAEFAULT, WSAEINVAL or WSAENOTCONN */
HANDLE WSPAPI WSPRegisterMemory(SOCKET s, PVOID lpBuffer, DWORD dwBufferLength, DWORD dwFlags, LPINT lpErrno);
/** Returns one registration; the last one of a buffer frees its resources.
 * @returns 0, or SOCKET_ERROR with WSAEINVAL when the handle is unknown or the memory in use */
int WSPAPI WSPDeregisterMemory(SOCKET s, HANDLE Handle, LPINT lpErrno);
/** Makes memory usable as the peer's side of RDMA.
 * @param lpRdmaBufferDescriptor receives the bytes that the peer needs
 * @param lpdwDescriptorLength in: room; out: bytes stored, or needed (WSAEFAULT)
 * @returns 0 or SOCKET_ERROR */
int WSPAPI WSPRegisterRdmaMemory(SOCKET s, PVOID lpBuffer, DWORD dwBufferLength, DWORD dwFlags, LPVOID lpRdmaBufferDescriptor, LPDWORD lpdwDescriptorLength, LPINT lpErrno);
/** Returns one registration for RDMA; the peer loses access at once.
 * @returns 0, or SOCKET_ERROR with WSAEINVAL when it is unknown or in use */
int WSPAPI WSPDeregisterRdmaMemory(SOCKET s, LPVOID lpRdmaBufferDescriptor, DWORD dwDescriptorLength, LPINT lpErrno);
/** Gathers local buffers into the peer's memory.
 * @param lpTargetBufferDescriptor bytes that the peer got from WSPRegisterRdmaMemory
 * @param dwTargetBufferOffset bytes from the start of the peer's buffer
 * @returns 0, or SOCKET_ERROR (WSA_IO_PENDING: it goes on) */
int WSPAPI WSPRdmaWrite(SOCKET s, LPWSABUFEX lpBuffers, DWORD dwBufferCount, LPVOID lpTargetBufferDescriptor, DWORD dwTargetDescriptorLength, DWORD dwTargetBufferOffset, LPDWORD lpdwNumberOfBytesWritten, DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine, LPWSATHREADID lpThreadId, LPINT lpErrno);
/** Scatters the peer's memory into local buffers; optional for a provider.
 * @returns 0, or SOCKET_ERROR (WSA_IO_PENDING: it goes on) */
int WSPAPI WSPRdmaRead(SOCKET s, LPWSABUFEX lpBuffers, DWORD dwBufferCount, LPVOID lpTargetBufferDescriptor, DWORD dwTargetDescriptorLength, DWORD dwTargetBufferOffset, LPDWORD lpdwNumberOfBytesRead, DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine, LPWSATHREADID lpThreadId, LPINT lpErrno);
/** Tells a provider that keeps registrations that memory is about to lose its mapping.
 * @returns 0, or SOCKET_ERROR with WSAEFAULT (cached, could not be released) or WSAEINVAL (not cached) */
int WSPAPI WSPMemoryRegistrationCacheCallback(PVOID lpvAddress, SIZE_T Size, LPINT lpErrno);

#endif
