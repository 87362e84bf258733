/* Windows Sockets 2, for programs. */
#ifndef _WINSOCK2API_
#define _WINSOCK2API_
#define _WINSOCKAPI_

#ifdef _DMS_KERNEL_MODE
#error winsock2.h is a header of processes; a driver includes ntddk.h or wdm.h
#endif

#include <windows.h>

#define WINSOCK_VERSION MAKEWORD(2, 2)
#define WSAAPI FAR PASCAL
#define WSPAPI WSAAPI
#define WINSOCK_API_LINKAGE

typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef unsigned __int64 u_int64;
/** A socket; a handle of the process or, below the switch, whatever the provider chose. */
typedef UINT_PTR SOCKET;
typedef unsigned int GROUP;
#define INVALID_SOCKET ((SOCKET)(~0))
#define SOCKET_ERROR   (-1)
#define SG_UNCONSTRAINED_GROUP 0x01
#define SG_CONSTRAINED_GROUP   0x02

#ifndef FD_SETSIZE
#define FD_SETSIZE 64
#endif
/** A set of sockets for select. */
typedef struct fd_set {
    u_int  fd_count;
    SOCKET fd_array[FD_SETSIZE];
} fd_set, FD_SET, *PFD_SET, *LPFD_SET;
/** Time limit of select. */
typedef struct timeval {
    long tv_sec;
    long tv_usec;
} TIMEVAL, *PTIMEVAL, *LPTIMEVAL;
/** Tells whether a set holds a socket; FD_ISSET calls it. */
int WSAAPI __WSAFDIsSet(SOCKET fd, fd_set *set);
#define FD_ZERO(set) (((fd_set *)(set))->fd_count = 0)
#define FD_ISSET(fd, set) __WSAFDIsSet((SOCKET)(fd), (fd_set *)(set))
#define FD_SET(fd, set) do { \
    u_int __i; \
    for (__i = 0; __i < ((fd_set *)(set))->fd_count; __i++) { \
        if (((fd_set *)(set))->fd_array[__i] == (fd)) { \
            break; \
        } \
    } \
    if (__i == ((fd_set *)(set))->fd_count && __i < FD_SETSIZE) { \
        ((fd_set *)(set))->fd_array[__i] = (fd); \
        ((fd_set *)(set))->fd_count++; \
    } \
} while (0)
#define FD_CLR(fd, set) do { \
    u_int __i; \
    for (__i = 0; __i < ((fd_set *)(set))->fd_count; __i++) { \
        if (((fd_set *)(set))->fd_array[__i] == (fd)) { \
            for (; __i + 1 < ((fd_set *)(set))->fd_count; __i++) { \
                ((fd_set *)(set))->fd_array[__i] = ((fd_set *)(set))->fd_array[__i + 1]; \
            } \
            ((fd_set *)(set))->fd_count--; \
            break; \
        } \
    } \
} while (0)

/* Addresses */
#define AF_UNSPEC 0
#define AF_UNIX   1
/** Internet protocol, version 4. */
#define AF_INET   2
#define AF_NETBIOS 17
#define AF_INET6  23
#define PF_UNSPEC AF_UNSPEC
#define PF_INET   AF_INET
#define PF_INET6  AF_INET6
/** A byte stream. */
#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_RAW       3
#define SOCK_RDM       4
#define SOCK_SEQPACKET 5
#define IPPROTO_IP   0
#define IPPROTO_ICMP 1
#define IPPROTO_TCP  6
#define IPPROTO_UDP  17
#define IPPROTO_RAW  255
#define INADDR_ANY       ((u_long)0x00000000)
#define INADDR_LOOPBACK  0x7f000001
#define INADDR_BROADCAST ((u_long)0xffffffff)
#define INADDR_NONE      0xffffffff
#define ADDR_ANY         INADDR_ANY

/** An address of the Internet protocol, version 4, in network byte order. */
typedef struct in_addr {
    union {
        struct {
            u_char s_b1;
            u_char s_b2;
            u_char s_b3;
            u_char s_b4;
        } S_un_b;
        struct {
            u_short s_w1;
            u_short s_w2;
        } S_un_w;
        u_long S_addr;
    } S_un;
#define s_addr  S_un.S_addr
#define s_host  S_un.S_un_b.s_b2
#define s_net   S_un.S_un_b.s_b1
} IN_ADDR, *PIN_ADDR, *LPIN_ADDR;

/** An address of some family. */
typedef struct sockaddr {
    u_short sa_family;
    char    sa_data[14];
} SOCKADDR, *PSOCKADDR, *LPSOCKADDR;

/** Address and port of the Internet protocol; port and address in network byte order. */
typedef struct sockaddr_in {
    short          sin_family;
    u_short        sin_port;
    struct in_addr sin_addr;
    char           sin_zero[8];
} SOCKADDR_IN, *PSOCKADDR_IN, *LPSOCKADDR_IN;

/** Room for an address of any family. */
typedef struct sockaddr_storage {
    short   ss_family;
    char    __ss_pad1[6];
    __int64 __ss_align;
    char    __ss_pad2[112];
} SOCKADDR_STORAGE, *PSOCKADDR_STORAGE, *LPSOCKADDR_STORAGE;

/** An address with its length. */
typedef struct _SOCKET_ADDRESS {
    LPSOCKADDR lpSockaddr;
    INT        iSockaddrLength;
} SOCKET_ADDRESS, *PSOCKET_ADDRESS, *LPSOCKET_ADDRESS;

/** Result of SIO_ADDRESS_LIST_QUERY. */
typedef struct _SOCKET_ADDRESS_LIST {
    INT            iAddressCount;
    SOCKET_ADDRESS Address[1];
} SOCKET_ADDRESS_LIST, *PSOCKET_ADDRESS_LIST, *LPSOCKET_ADDRESS_LIST;

/** Names and addresses of a machine. */
struct hostent {
    char  *h_name;
    char **h_aliases;
    short  h_addrtype;
    short  h_length;
    char **h_addr_list;
#define h_addr h_addr_list[0]
};

/** Value of SO_LINGER: whether and how long closing waits for data to leave. */
typedef struct linger {
    u_short l_onoff;
    u_short l_linger;
} LINGER, *PLINGER, *LPLINGER;

/* Options */
#define SOMAXCONN      0x7fffffff
#define SOL_SOCKET     0xffff
#define SO_DEBUG       0x0001
#define SO_ACCEPTCONN  0x0002
#define SO_REUSEADDR   0x0004
#define SO_KEEPALIVE   0x0008
#define SO_DONTROUTE   0x0010
#define SO_BROADCAST   0x0020
#define SO_LINGER      0x0080
#define SO_OOBINLINE   0x0100
#define SO_DONTLINGER  ((int)(~SO_LINGER))
#define SO_EXCLUSIVEADDRUSE ((int)(~SO_REUSEADDR))
#define SO_SNDBUF      0x1001
#define SO_RCVBUF      0x1002
#define SO_SNDLOWAT    0x1003
#define SO_RCVLOWAT    0x1004
#define SO_SNDTIMEO    0x1005
#define SO_RCVTIMEO    0x1006
#define SO_ERROR       0x1007
#define SO_TYPE        0x1008
#define SO_GROUP_ID    0x2001
#define SO_GROUP_PRIORITY 0x2002
/** Most bytes of one message. */
#define SO_MAX_MSG_SIZE   0x2003
#define SO_PROTOCOL_INFOA 0x2004
#define SO_PROTOCOL_INFOW 0x2005
#define PVD_CONFIG        0x3001
#define SO_CONDITIONAL_ACCEPT 0x3002
#define TCP_NODELAY    0x0001
#define MSG_OOB        0x1
#define MSG_PEEK       0x2
#define MSG_DONTROUTE  0x4
#define MSG_WAITALL    0x8
#define MSG_PARTIAL    0x8000
#define SD_RECEIVE     0x00
#define SD_SEND        0x01
#define SD_BOTH        0x02

/* Control codes */
#define IOCPARM_MASK 0x7f
#define IOC_VOID     0x20000000
#define IOC_OUT      0x40000000
#define IOC_IN       0x80000000
#define IOC_INOUT    (IOC_IN | IOC_OUT)
#define _IO(x, y)     (IOC_VOID | ((x) << 8) | (y))
#define _IOR(x, y, t) (IOC_OUT | (((long)sizeof(t) & IOCPARM_MASK) << 16) | ((x) << 8) | (y))
#define _IOW(x, y, t) (IOC_IN | (((long)sizeof(t) & IOCPARM_MASK) << 16) | ((x) << 8) | (y))
#define FIONREAD   _IOR('f', 127, u_long)
#define FIONBIO    _IOW('f', 126, u_long)
#define FIOASYNC   _IOW('f', 125, u_long)
#define SIOCATMARK _IOR('s', 7, u_long)
#define IOC_UNIX     0x00000000
#define IOC_WS2      0x08000000
#define IOC_PROTOCOL 0x10000000
#define IOC_VENDOR   0x18000000
#define _WSAIO(x, y)   (IOC_VOID | (x) | (y))
#define _WSAIOR(x, y)  (IOC_OUT | (x) | (y))
#define _WSAIOW(x, y)  (IOC_IN | (x) | (y))
#define _WSAIORW(x, y) (IOC_INOUT | (x) | (y))
#define SIO_ASSOCIATE_HANDLE        _WSAIOW(IOC_WS2, 1)
#define SIO_ENABLE_CIRCULAR_QUEUEING _WSAIO(IOC_WS2, 2)
#define SIO_FIND_ROUTE              _WSAIOR(IOC_WS2, 3)
#define SIO_FLUSH                   _WSAIO(IOC_WS2, 4)
#define SIO_GET_BROADCAST_ADDRESS   _WSAIOR(IOC_WS2, 5)
/** Asks for an extension function by its GUID. */
#define SIO_GET_EXTENSION_FUNCTION_POINTER _WSAIORW(IOC_WS2, 6)
#define SIO_GET_QOS                 _WSAIORW(IOC_WS2, 7)
#define SIO_GET_GROUP_QOS           _WSAIORW(IOC_WS2, 8)
#define SIO_MULTIPOINT_LOOPBACK     _WSAIOW(IOC_WS2, 9)
#define SIO_MULTICAST_SCOPE         _WSAIOW(IOC_WS2, 10)
#define SIO_SET_QOS                 _WSAIOW(IOC_WS2, 11)
#define SIO_SET_GROUP_QOS           _WSAIOW(IOC_WS2, 12)
#define SIO_TRANSLATE_HANDLE        _WSAIORW(IOC_WS2, 13)
#define SIO_ROUTING_INTERFACE_QUERY _WSAIORW(IOC_WS2, 20)
#define SIO_ROUTING_INTERFACE_CHANGE _WSAIOW(IOC_WS2, 21)
/** Asks for the addresses that sockets can be bound to. */
#define SIO_ADDRESS_LIST_QUERY      _WSAIOR(IOC_WS2, 22)
#define SIO_ADDRESS_LIST_CHANGE     _WSAIO(IOC_WS2, 23)

/* Errors */
#define WSABASEERR          10000
#define WSAEINTR            10004
#define WSAEBADF            10009
#define WSAEACCES           10013
/** An address of the caller is not usable. */
#define WSAEFAULT           10014
/** A parameter or the socket's state does not suit the call. */
#define WSAEINVAL           10022
#define WSAEMFILE           10024
/** The call goes on elsewhere, or would have to wait. */
#define WSAEWOULDBLOCK      10035
#define WSAEINPROGRESS      10036
#define WSAEALREADY         10037
/** Not a socket. */
#define WSAENOTSOCK         10038
#define WSAEDESTADDRREQ     10039
#define WSAEMSGSIZE         10040
#define WSAEPROTOTYPE       10041
#define WSAENOPROTOOPT      10042
#define WSAEPROTONOSUPPORT  10043
#define WSAESOCKTNOSUPPORT  10044
/** The operation is not supported. */
#define WSAEOPNOTSUPP       10045
#define WSAEPFNOSUPPORT     10046
#define WSAEAFNOSUPPORT     10047
#define WSAEADDRINUSE       10048
#define WSAEADDRNOTAVAIL    10049
#define WSAENETDOWN         10050
#define WSAENETUNREACH      10051
#define WSAENETRESET        10052
#define WSAECONNABORTED     10053
#define WSAECONNRESET       10054
/** Memory or another resource is short. */
#define WSAENOBUFS          10055
#define WSAEISCONN          10056
#define WSAENOTCONN         10057
#define WSAESHUTDOWN        10058
#define WSAETOOMANYREFS     10059
#define WSAETIMEDOUT        10060
#define WSAECONNREFUSED     10061
#define WSAELOOP            10062
#define WSAENAMETOOLONG     10063
#define WSAEHOSTDOWN        10064
#define WSAEHOSTUNREACH     10065
#define WSAENOTEMPTY        10066
#define WSAEPROCLIM         10067
#define WSAEUSERS           10068
#define WSAEDQUOT           10069
#define WSAESTALE           10070
#define WSAEREMOTE          10071
#define WSASYSNOTREADY      10091
#define WSAVERNOTSUPPORTED  10092
#define WSANOTINITIALISED   10093
#define WSAEDISCON          10101
#define WSAENOMORE          10102
#define WSAECANCELLED       10103
#define WSAEINVALIDPROCTABLE 10104
#define WSAEINVALIDPROVIDER 10105
#define WSAEPROVIDERFAILEDINIT 10106
#define WSASYSCALLFAILURE   10107
#define WSASERVICE_NOT_FOUND 10108
#define WSATYPE_NOT_FOUND   10109
#define WSA_E_NO_MORE       10110
#define WSA_E_CANCELLED     10111
#define WSAEREFUSED         10112
#define WSAHOST_NOT_FOUND   11001
#define WSATRY_AGAIN        11002
#define WSANO_RECOVERY      11003
#define WSANO_DATA          11004
#define WSA_IO_PENDING          (ERROR_IO_PENDING)
#define WSA_IO_INCOMPLETE       (ERROR_IO_INCOMPLETE)
#define WSA_INVALID_HANDLE      (ERROR_INVALID_HANDLE)
#define WSA_INVALID_PARAMETER   (ERROR_INVALID_PARAMETER)
#define WSA_NOT_ENOUGH_MEMORY   (ERROR_NOT_ENOUGH_MEMORY)
#define WSA_OPERATION_ABORTED   (ERROR_OPERATION_ABORTED)
#define WSA_INVALID_EVENT       ((WSAEVENT)NULL)
#define WSA_MAXIMUM_WAIT_EVENTS (MAXIMUM_WAIT_OBJECTS)
#define WSA_WAIT_FAILED         (WAIT_FAILED)
#define WSA_WAIT_EVENT_0        (WAIT_OBJECT_0)
#define WSA_WAIT_TIMEOUT        (WAIT_TIMEOUT)
#define WSA_WAIT_IO_COMPLETION  (WAIT_IO_COMPLETION)
#define WSA_INFINITE            (INFINITE)

/* Events */
#define FD_READ_BIT    0
#define FD_READ        (1 << FD_READ_BIT)
#define FD_WRITE_BIT   1
#define FD_WRITE       (1 << FD_WRITE_BIT)
#define FD_OOB_BIT     2
#define FD_OOB         (1 << FD_OOB_BIT)
#define FD_ACCEPT_BIT  3
#define FD_ACCEPT      (1 << FD_ACCEPT_BIT)
#define FD_CONNECT_BIT 4
#define FD_CONNECT     (1 << FD_CONNECT_BIT)
#define FD_CLOSE_BIT   5
#define FD_CLOSE       (1 << FD_CLOSE_BIT)
#define FD_QOS_BIT     6
#define FD_QOS         (1 << FD_QOS_BIT)
#define FD_GROUP_QOS_BIT 7
#define FD_GROUP_QOS   (1 << FD_GROUP_QOS_BIT)
#define FD_ROUTING_INTERFACE_CHANGE_BIT 8
#define FD_ROUTING_INTERFACE_CHANGE (1 << FD_ROUTING_INTERFACE_CHANGE_BIT)
#define FD_ADDRESS_LIST_CHANGE_BIT 9
#define FD_ADDRESS_LIST_CHANGE (1 << FD_ADDRESS_LIST_CHANGE_BIT)
#define FD_MAX_EVENTS  10
#define FD_ALL_EVENTS  ((1 << FD_MAX_EVENTS) - 1)
#define CF_ACCEPT 0x0000
#define CF_REJECT 0x0001
#define CF_DEFER  0x0002
#define WSA_FLAG_OVERLAPPED        0x01
#define WSA_FLAG_MULTIPOINT_C_ROOT 0x02
#define WSA_FLAG_MULTIPOINT_C_LEAF 0x04
#define WSA_FLAG_MULTIPOINT_D_ROOT 0x08
#define WSA_FLAG_MULTIPOINT_D_LEAF 0x10

#define WSADESCRIPTION_LEN 256
#define WSASYS_STATUS_LEN  128
/** What WSAStartup tells about the implementation. */
typedef struct WSAData {
    WORD            wVersion;
    WORD            wHighVersion;
    unsigned short  iMaxSockets;
    unsigned short  iMaxUdpDg;
    char           *lpVendorInfo;
    char            szDescription[WSADESCRIPTION_LEN + 1];
    char            szSystemStatus[WSASYS_STATUS_LEN + 1];
} WSADATA, *LPWSADATA;

typedef HANDLE WSAEVENT, *LPWSAEVENT;
/** State of an overlapped call; Windows' own OVERLAPPED. */
#define WSAOVERLAPPED OVERLAPPED
typedef struct _OVERLAPPED *LPWSAOVERLAPPED;

/** A buffer of a call that gathers or scatters. */
typedef struct _WSABUF {
    ULONG len;
    CHAR *buf;
} WSABUF, *LPWSABUF;

/** What happened to a socket, with an error for each event. */
typedef struct _WSANETWORKEVENTS {
    long lNetworkEvents;
    int  iErrorCode[FD_MAX_EVENTS];
} WSANETWORKEVENTS, *LPWSANETWORKEVENTS;

typedef ULONG SERVICETYPE;
/** Quality of service of one direction. */
typedef struct _flowspec {
    ULONG       TokenRate;
    ULONG       TokenBucketSize;
    ULONG       PeakBandwidth;
    ULONG       Latency;
    ULONG       DelayVariation;
    SERVICETYPE ServiceType;
    ULONG       MaxSduSize;
    ULONG       MinimumPolicedSize;
} FLOWSPEC, *PFLOWSPEC, *LPFLOWSPEC;
/** Quality of service of both directions. */
typedef struct _QualityOfService {
    FLOWSPEC SendingFlowspec;
    FLOWSPEC ReceivingFlowspec;
    WSABUF   ProviderSpecific;
} QOS, *LPQOS;

#define MAX_PROTOCOL_CHAIN  7
#define BASE_PROTOCOL       1
#define LAYERED_PROTOCOL    0
#define WSAPROTOCOL_LEN     255
/** Layers of a protocol. */
typedef struct _WSAPROTOCOLCHAIN {
    int   ChainLen;
    DWORD ChainEntries[MAX_PROTOCOL_CHAIN];
} WSAPROTOCOLCHAIN, *LPWSAPROTOCOLCHAIN;
/** Describes a provider's protocol; also the token of a duplicated socket. */
typedef struct _WSAPROTOCOL_INFOW {
    DWORD            dwServiceFlags1;
    DWORD            dwServiceFlags2;
    DWORD            dwServiceFlags3;
    DWORD            dwServiceFlags4;
    DWORD            dwProviderFlags;
    GUID             ProviderId;
    DWORD            dwCatalogEntryId;
    WSAPROTOCOLCHAIN ProtocolChain;
    int              iVersion;
    int              iAddressFamily;
    int              iMaxSockAddr;
    int              iMinSockAddr;
    int              iSocketType;
    int              iProtocol;
    int              iProtocolMaxOffset;
    int              iNetworkByteOrder;
    int              iSecurityScheme;
    DWORD            dwMessageSize;
    DWORD            dwProviderReserved;
    WCHAR            szProtocol[WSAPROTOCOL_LEN + 1];
} WSAPROTOCOL_INFOW, *LPWSAPROTOCOL_INFOW;
/** Describes a provider's protocol, with an 8-bit name. */
typedef struct _WSAPROTOCOL_INFOA {
    DWORD            dwServiceFlags1;
    DWORD            dwServiceFlags2;
    DWORD            dwServiceFlags3;
    DWORD            dwServiceFlags4;
    DWORD            dwProviderFlags;
    GUID             ProviderId;
    DWORD            dwCatalogEntryId;
    WSAPROTOCOLCHAIN ProtocolChain;
    int              iVersion;
    int              iAddressFamily;
    int              iMaxSockAddr;
    int              iMinSockAddr;
    int              iSocketType;
    int              iProtocol;
    int              iProtocolMaxOffset;
    int              iNetworkByteOrder;
    int              iSecurityScheme;
    DWORD            dwMessageSize;
    DWORD            dwProviderReserved;
    CHAR             szProtocol[WSAPROTOCOL_LEN + 1];
} WSAPROTOCOL_INFOA, *LPWSAPROTOCOL_INFOA;
#define PFL_MULTIPLE_PROTO_ENTRIES  0x00000001
#define PFL_RECOMMENDED_PROTO_ENTRY 0x00000002
/** Not listed to programs; required of a provider below the switch. */
#define PFL_HIDDEN                  0x00000004
#define PFL_MATCHES_PROTOCOL_ZERO   0x00000008
#define XP1_CONNECTIONLESS           0x00000001
#define XP1_GUARANTEED_DELIVERY      0x00000002
#define XP1_GUARANTEED_ORDER         0x00000004
#define XP1_MESSAGE_ORIENTED         0x00000008
#define XP1_PSEUDO_STREAM            0x00000010
#define XP1_GRACEFUL_CLOSE           0x00000020
#define XP1_EXPEDITED_DATA           0x00000040
#define XP1_CONNECT_DATA             0x00000080
#define XP1_DISCONNECT_DATA          0x00000100
#define XP1_SUPPORT_BROADCAST        0x00000200
#define XP1_SUPPORT_MULTIPOINT       0x00000400
#define XP1_MULTIPOINT_CONTROL_PLANE 0x00000800
#define XP1_MULTIPOINT_DATA_PLANE    0x00001000
#define XP1_QOS_SUPPORTED            0x00002000
#define XP1_INTERRUPT                0x00004000
#define XP1_UNI_SEND                 0x00008000
#define XP1_UNI_RECV                 0x00010000
#define XP1_IFS_HANDLES              0x00020000
#define XP1_PARTIAL_MESSAGE          0x00040000
#define XP1_SAN_SUPPORT_SDP          0x00080000
#define BIGENDIAN    0x0000
#define LITTLEENDIAN 0x0001
#define SECURITY_PROTOCOL_NONE 0x0000

/** Decides about a connection request; returns CF_ACCEPT, CF_REJECT or CF_DEFER. */
typedef int (CALLBACK *LPCONDITIONPROC)(LPWSABUF lpCallerId, LPWSABUF lpCallerData, LPQOS lpSQOS, LPQOS lpGQOS, LPWSABUF lpCalleeId, LPWSABUF lpCalleeData, GROUP *g, DWORD_PTR dwCallbackData);
/** Runs in the thread of an overlapped call when it is done. */
typedef void (CALLBACK *LPWSAOVERLAPPED_COMPLETION_ROUTINE)(DWORD dwError, DWORD cbTransferred, LPWSAOVERLAPPED lpOverlapped, DWORD dwFlags);

/** Starts the use of Windows Sockets.
 * @param wVersionRequested MAKEWORD(2, 2)
 * @returns 0 or an error code (directly)
 * @page nf-winsock-wsastartup */
int WSAAPI WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData);
/** Ends the use of Windows Sockets; once for each WSAStartup. */
int WSAAPI WSACleanup(void);
/** Error code of the thread's last socket call that failed. */
int WSAAPI WSAGetLastError(void);
/** Sets the thread's error code. */
void WSAAPI WSASetLastError(int iError);
/** Makes a socket.
 * @returns socket, or INVALID_SOCKET */
SOCKET WSAAPI socket(int af, int type, int protocol);
/** Gives a socket a local address.
 * @returns 0 or SOCKET_ERROR */
int WSAAPI bind(SOCKET s, const struct sockaddr *name, int namelen);
/** Makes a socket take connection requests.
 * @returns 0 or SOCKET_ERROR */
int WSAAPI listen(SOCKET s, int backlog);
/** Takes the next connection request; waits for one.
 * @returns socket of the connection, or INVALID_SOCKET */
SOCKET WSAAPI accept(SOCKET s, struct sockaddr *addr, int *addrlen);
/** Connects a socket.
 * @returns 0 or SOCKET_ERROR */
int WSAAPI connect(SOCKET s, const struct sockaddr *name, int namelen);
/** Sends data.
 * @returns bytes taken, or SOCKET_ERROR */
int WSAAPI send(SOCKET s, const char *buf, int len, int flags);
/** Receives data; waits for some.
 * @returns bytes stored, 0 when the peer has shut down, or SOCKET_ERROR */
int WSAAPI recv(SOCKET s, char *buf, int len, int flags);
/** Sends a datagram. */
int WSAAPI sendto(SOCKET s, const char *buf, int len, int flags, const struct sockaddr *to, int tolen);
/** Receives a datagram. */
int WSAAPI recvfrom(SOCKET s, char *buf, int len, int flags, struct sockaddr *from, int *fromlen);
/** Ends sending, receiving or both.
 * @param how SD_SEND, SD_RECEIVE or SD_BOTH */
int WSAAPI shutdown(SOCKET s, int how);
/** Closes a socket.
 * @returns 0 or SOCKET_ERROR */
int WSAAPI closesocket(SOCKET s);
/** Waits until sockets are ready.
 * @returns number of ready sockets, 0 when the time is up, or SOCKET_ERROR */
int WSAAPI select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, const struct timeval *timeout);
/** Reads an option. */
int WSAAPI getsockopt(SOCKET s, int level, int optname, char *optval, int *optlen);
/** Sets an option. */
int WSAAPI setsockopt(SOCKET s, int level, int optname, const char *optval, int optlen);
/** Local address of a socket. */
int WSAAPI getsockname(SOCKET s, struct sockaddr *name, int *namelen);
/** Address of the peer. */
int WSAAPI getpeername(SOCKET s, struct sockaddr *name, int *namelen);
/** Changes a mode of a socket, such as FIONBIO. */
int WSAAPI ioctlsocket(SOCKET s, long cmd, u_long *argp);
/** To network byte order, 16 bits. */
u_short WSAAPI htons(u_short hostshort);
/** To network byte order, 32 bits. */
u_long WSAAPI htonl(u_long hostlong);
/** From network byte order, 16 bits. */
u_short WSAAPI ntohs(u_short netshort);
/** From network byte order, 32 bits. */
u_long WSAAPI ntohl(u_long netlong);
/** Reads a dotted address; INADDR_NONE when it is none. */
unsigned long WSAAPI inet_addr(const char *cp);
/** Writes an address in dotted form, in a buffer of the thread. */
char *WSAAPI inet_ntoa(struct in_addr in);
/** Name of this machine. */
int WSAAPI gethostname(char *name, int namelen);
/** Addresses of a machine. */
struct hostent *WSAAPI gethostbyname(const char *name);

/** Makes a socket of a certain provider. */
SOCKET WSAAPI WSASocketW(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo, GROUP g, DWORD dwFlags);
/** Makes a socket of a certain provider. */
SOCKET WSAAPI WSASocketA(int af, int type, int protocol, LPWSAPROTOCOL_INFOA lpProtocolInfo, GROUP g, DWORD dwFlags);
/** Sends from several buffers, overlapped if wanted.
 * @returns 0, or SOCKET_ERROR (WSA_IO_PENDING: it goes on) */
int WSAAPI WSASend(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesSent, DWORD dwFlags, LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
/** Receives into several buffers, overlapped if wanted.
 * @returns 0, or SOCKET_ERROR (WSA_IO_PENDING: it goes on) */
int WSAAPI WSARecv(SOCKET s, LPWSABUF lpBuffers, DWORD dwBufferCount, LPDWORD lpNumberOfBytesRecvd, LPDWORD lpFlags, LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
/** Sends a control code to a socket's provider. */
int WSAAPI WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer, LPVOID lpvOutBuffer, DWORD cbOutBuffer, LPDWORD lpcbBytesReturned, LPWSAOVERLAPPED lpOverlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine);
/** Result of an overlapped call. */
BOOL WSAAPI WSAGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED lpOverlapped, LPDWORD lpcbTransfer, BOOL fWait, LPDWORD lpdwFlags);
/** Takes a connection request if the condition function agrees. */
SOCKET WSAAPI WSAAccept(SOCKET s, struct sockaddr *addr, LPINT addrlen, LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData);
/** Connects a socket, with data and quality of service. */
int WSAAPI WSAConnect(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF lpCallerData, LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS);
/** Makes a token by which another process gets the socket. */
int WSAAPI WSADuplicateSocketW(SOCKET s, DWORD dwProcessId, LPWSAPROTOCOL_INFOW lpProtocolInfo);
/** Has an event signaled for network events; the socket no longer blocks. */
int WSAAPI WSAEventSelect(SOCKET s, WSAEVENT hEventObject, long lNetworkEvents);
/** Takes the network events that happened. */
int WSAAPI WSAEnumNetworkEvents(SOCKET s, WSAEVENT hEventObject, LPWSANETWORKEVENTS lpNetworkEvents);
/** Creates an event that stays signaled. */
WSAEVENT WSAAPI WSACreateEvent(void);
/** Closes an event. */
BOOL WSAAPI WSACloseEvent(WSAEVENT hEvent);
/** Signals an event. */
BOOL WSAAPI WSASetEvent(WSAEVENT hEvent);
/** Makes an event not signaled. */
BOOL WSAAPI WSAResetEvent(WSAEVENT hEvent);
/** Waits for one or all of several events. */
DWORD WSAAPI WSAWaitForMultipleEvents(DWORD cEvents, const WSAEVENT *lphEvents, BOOL fWaitAll, DWORD dwTimeout, BOOL fAlertable);
/** Lists the protocols of the catalogue, hidden ones excepted. */
int WSAAPI WSAEnumProtocolsW(LPINT lpiProtocols, LPWSAPROTOCOL_INFOW lpProtocolBuffer, LPDWORD lpdwBufferLength);

#ifdef UNICODE
#define WSASocket         WSASocketW
#define WSAPROTOCOL_INFO  WSAPROTOCOL_INFOW
#else
#define WSASocket         WSASocketA
#define WSAPROTOCOL_INFO  WSAPROTOCOL_INFOA
#endif
#define WSADuplicateSocket WSADuplicateSocketW
#define WSAEnumProtocols   WSAEnumProtocolsW

#endif
