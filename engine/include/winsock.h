/* Windows Sockets 2 serves programs of version 1, too. */
#include <winsock2.h>
