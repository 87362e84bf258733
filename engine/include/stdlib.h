/* Memory, numbers and the end of a process. A driver may include it and gets the types and limits. */
#ifndef _DMS_STDLIB_H_
#define _DMS_STDLIB_H_

#include <stddef.h>
#include <limits.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX     0x7fff
/** Elements of an array. */
#define _countof(Array) (sizeof(Array) / sizeof((Array)[0]))
#define _MAX_PATH    260

#ifndef _DMS_KERNEL_MODE
/** Quotient and remainder. */
typedef struct _div_t {
    int quot;
    int rem;
} div_t;
/** Quotient and remainder. */
typedef struct _ldiv_t {
    long quot;
    long rem;
} ldiv_t;
/** What lldiv answers. */
typedef struct _lldiv_t {
    __int64 quot;
    __int64 rem;
} lldiv_t;

/** Allocates memory of the heap, not zeroed.
 * @returns address, or NULL */
void *__cdecl malloc(size_t Size);
/** Allocates zeroed memory of the heap for an array.
 * @returns address, or NULL */
void *__cdecl calloc(size_t Count, size_t Size);
/** Changes the size of a block of the heap; it may move.
 * @returns address, or NULL (the block then stays as it is) */
void *__cdecl realloc(void *Block, size_t Size);
/** Frees a block of the heap; NULL is allowed. */
void __cdecl free(void *Block);
/** Ends the process. */
__declspec(noreturn) void __cdecl exit(int Code);
/** Ends the process without the routines of atexit. */
__declspec(noreturn) void __cdecl _exit(int Code);
/** Ends the process at once, as by an error. */
__declspec(noreturn) void __cdecl abort(void);
/** Registers a routine that runs when the process ends. */
int __cdecl atexit(void (__cdecl *Routine)(void));
/** The number at the start of a string, or 0. */
double __cdecl atof(const char *String);
/** Reads a decimal number. */
int __cdecl atoi(const char *String);
/** Reads a decimal number. */
long __cdecl atol(const char *String);
/** Reads a decimal number of 64 bits. */
__int64 __cdecl _atoi64(const char *String);
/** Reads a number in a base; 0 takes the base from its prefix.
 * @param EndPointer receives where the number ends, or NULL */
long __cdecl strtol(const char *String, char **EndPointer, int Radix);
/** Reads an unsigned number in a base. */
unsigned long __cdecl strtoul(const char *String, char **EndPointer, int Radix);
/** Reads a number of 64 bits in a base. */
__int64 __cdecl _strtoi64(const char *String, char **EndPointer, int Radix);
/** Reads an unsigned number of 64 bits in a base. */
unsigned __int64 __cdecl _strtoui64(const char *String, char **EndPointer, int Radix);
/** The number at the start of a string, decimal or hexadecimal.
 * @param EndPointer receives the place behind it */
double __cdecl strtod(const char *String, char **EndPointer);
/** As strtod, of type float. */
float __cdecl strtof(const char *String, char **EndPointer);
/** Absolute value. */
int __cdecl abs(int Number);
/** Absolute value. */
long __cdecl labs(long Number);
/** Absolute value. */
__int64 __cdecl llabs(__int64 Number);
/** Absolute value. */
__int64 __cdecl _abs64(__int64 Number);
/** Quotient and remainder. */
div_t __cdecl div(int Numerator, int Denominator);
/** Quotient and remainder. */
ldiv_t __cdecl ldiv(long Numerator, long Denominator);
/** Quotient and remainder. */
lldiv_t __cdecl lldiv(__int64 Numerator, __int64 Denominator);
/** Next pseudo-random number, 0 to RAND_MAX. */
int __cdecl rand(void);
/** Starts the pseudo-random numbers anew. */
void __cdecl srand(unsigned Seed);
/** Sorts an array.
 * @param Compare negative, 0 or positive for two elements */
void __cdecl qsort(void *Base, size_t Count, size_t Width, int (__cdecl *Compare)(const void *, const void *));
/** Finds an element of a sorted array.
 * @returns its address, or NULL */
void *__cdecl bsearch(const void *Key, const void *Base, size_t Count, size_t Width, int (__cdecl *Compare)(const void *, const void *));
/** Value of an environment variable, or NULL. */
char *__cdecl getenv(const char *Name);
#define strtoll  _strtoi64
#define strtoull _strtoui64
#define atoll    _atoi64
#endif

#endif
