/* Print formats of the integers of fixed width. */
#ifndef _DMS_INTTYPES_H_
#define _DMS_INTTYPES_H_

#include <stdint.h>

#define PRId8   "hhd"
#define PRId16  "hd"
#define PRId32  "d"
#define PRId64  "lld"
#define PRIi32  "i"
#define PRIi64  "lli"
#define PRIu8   "hhu"
#define PRIu16  "hu"
#define PRIu32  "u"
#define PRIu64  "llu"
#define PRIo32  "o"
#define PRIo64  "llo"
#define PRIx8   "hhx"
#define PRIx16  "hx"
#define PRIx32  "x"
#define PRIx64  "llx"
#define PRIX8   "hhX"
#define PRIX16  "hX"
#define PRIX32  "X"
#define PRIX64  "llX"
#define PRIdPTR "lld"
#define PRIuPTR "llu"
#define PRIxPTR "llx"
#define PRIXPTR "llX"
#define PRIdMAX "lld"
#define PRIuMAX "llu"
#define PRIxMAX "llx"
#define SCNd32  "d"
#define SCNu32  "u"
#define SCNx32  "x"
#define SCNd64  "lld"
#define SCNu64  "llu"
#define SCNx64  "llx"

#endif
