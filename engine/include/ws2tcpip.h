/* Addresses of TCP/IP. */
#ifndef _WS2TCPIP_H_
#define _WS2TCPIP_H_

#ifdef _DMS_KERNEL_MODE
#error ws2tcpip.h is a header of processes; a driver includes ntddk.h or wdm.h
#endif

#include <winsock2.h>

#define INET_ADDRSTRLEN  22
#define INET6_ADDRSTRLEN 65
#define NI_MAXHOST 1025
#define NI_MAXSERV 32
#define AI_PASSIVE     0x00000001
#define AI_CANONNAME   0x00000002
#define AI_NUMERICHOST 0x00000004
typedef int socklen_t;

/** An address of the Internet protocol, version 6. */
typedef struct in6_addr {
    union {
        u_char  Byte[16];
        u_short Word[8];
    } u;
} IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;
/** Address and port of the Internet protocol, version 6. */
typedef struct sockaddr_in6 {
    short           sin6_family;
    u_short         sin6_port;
    u_long          sin6_flowinfo;
    struct in6_addr sin6_addr;
    u_long          sin6_scope_id;
} SOCKADDR_IN6, *PSOCKADDR_IN6, *LPSOCKADDR_IN6;

/** One result of getaddrinfo. */
typedef struct addrinfo {
    int              ai_flags;
    int              ai_family;
    int              ai_socktype;
    int              ai_protocol;
    size_t           ai_addrlen;
    char            *ai_canonname;
    struct sockaddr *ai_addr;
    struct addrinfo *ai_next;
} ADDRINFOA, *PADDRINFOA;

/** Looks up a name and a service.
 * @returns 0 or an error code (directly) */
INT WSAAPI getaddrinfo(PCSTR pNodeName, PCSTR pServiceName, const ADDRINFOA *pHints, PADDRINFOA *ppResult);
/** Frees the result of getaddrinfo. */
VOID WSAAPI freeaddrinfo(PADDRINFOA pAddrInfo);
/** Reads an address.
 * @returns 1, 0 when the text is no address, or -1 */
INT WSAAPI inet_pton(INT Family, PCSTR pszAddrString, PVOID pAddrBuf);
/** Writes an address.
 * @returns the buffer, or NULL */
PCSTR WSAAPI inet_ntop(INT Family, const VOID *pAddr, PSTR pStringBuf, size_t StringBufSize);

#endif
