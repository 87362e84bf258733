/*
 * The part of the C library that processes have and that is written in C: the heap, sorting (which calls
 * back), conversions. Printing and the string routines are native.
 */
#include <windows.h>
#include <stdlib.h>
#include <string.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include "c-library.h"

/* ---- Errors ---------------------------------------------------------------------------------------- */

static int ErrorNumber;

int *
_errno(void)
{
    return &ErrorNumber;
}

/* ---- Heap ------------------------------------------------------------------------------------------ */

#define ARENA_BYTES 0x10000
#define BLOCK_USED  0x44455355u     /* 'USED' */
#define BLOCK_FREE  0x45455246u     /* 'FREE' */

/* Precedes each block; blocks of an arena follow each other and end at its end. */
typedef struct _HEAP_BLOCK {
    struct _HEAP_BLOCK *Next;       /* the block behind this one in memory, NULL at the arena's end */
    size_t              Size;       /* usable bytes, a multiple of 16 */
    unsigned int        State;
    size_t              Reserved;   /* keeps blocks at multiples of 16 */
} HEAP_BLOCK;

typedef struct _HEAP_ARENA {
    struct _HEAP_ARENA *Next;
    HEAP_BLOCK         *First;
} HEAP_ARENA;

static HEAP_ARENA *Arenas;

static HEAP_BLOCK *
AddArena(size_t size)
{
    size_t bytes = size + sizeof(HEAP_ARENA) + sizeof(HEAP_BLOCK);
    HEAP_ARENA *arena;

    bytes = (bytes + ARENA_BYTES - 1) / ARENA_BYTES * ARENA_BYTES;
    arena = (HEAP_ARENA *)VirtualAlloc(NULL, bytes, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (arena == NULL) {
        return NULL;
    }
    arena->First = (HEAP_BLOCK *)(arena + 1);
    arena->First->Next = NULL;
    arena->First->Size = bytes - sizeof(HEAP_ARENA) - sizeof(HEAP_BLOCK);
    arena->First->State = BLOCK_FREE;
    arena->Next = Arenas;
    _dms_heap_grown(arena->First + 1, arena->First->Size);
    Arenas = arena;
    return arena->First;
}

static HEAP_BLOCK *
FindFree(size_t size)
{
    HEAP_ARENA *arena;
    HEAP_BLOCK *block;

    for (arena = Arenas; arena != NULL; arena = arena->Next) {
        for (block = arena->First; block != NULL; block = block->Next) {
            if (block->State == BLOCK_FREE && block->Size >= size) {
                return block;
            }
        }
    }
    return AddArena(size);
}

void *
malloc(size_t size)
{
    HEAP_BLOCK *block;
    size_t rounded;

    if (size > (size_t)-1 - ARENA_BYTES * 2) {
        errno = ENOMEM;
        return NULL;
    }
    rounded = size == 0 ? 16 : (size + 15) / 16 * 16;
    block = FindFree(rounded);
    if (block == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    if (block->Size >= rounded + sizeof(HEAP_BLOCK) + 16) {
        HEAP_BLOCK *rest = (HEAP_BLOCK *)((char *)(block + 1) + rounded);

        rest->Next = block->Next;
        rest->Size = block->Size - rounded - sizeof(HEAP_BLOCK);
        rest->State = BLOCK_FREE;
        block->Next = rest;
        block->Size = rounded;
    }
    block->State = BLOCK_USED;
    _dms_forget(block + 1, block->Size);
    _dms_heap_allocated(block + 1, size, block->Size);
    return block + 1;
}

void *
calloc(size_t count, size_t size)
{
    void *memory;

    if (size != 0 && count > (size_t)-1 / size) {
        errno = ENOMEM;
        return NULL;
    }
    memory = malloc(count * size);
    if (memory != NULL) {
        memset(memory, 0, count * size);
    }
    return memory;
}

void
free(void *memory)
{
    HEAP_ARENA *arena;
    HEAP_BLOCK *block;

    if (memory == NULL) {
        return;
    }
    block = (HEAP_BLOCK *)memory - 1;
    if (block->State != BLOCK_USED) {
        _dms_heap_misuse(memory, block->State == BLOCK_FREE);
        return;
    }
    block->State = BLOCK_FREE;
    _dms_heap_freed(memory, block->Size);

    /* Neighbours that are free become one block. */
    for (arena = Arenas; arena != NULL; arena = arena->Next) {
        for (block = arena->First; block != NULL;) {
            HEAP_BLOCK *next = block->Next;

            if (next != NULL && block->State == BLOCK_FREE && next->State == BLOCK_FREE) {
                block->Size += sizeof(HEAP_BLOCK) + next->Size;
                block->Next = next->Next;
            } else {
                block = next;
            }
        }
    }
}

void *
realloc(void *memory, size_t size)
{
    HEAP_BLOCK *block;
    void *moved;

    if (memory == NULL) {
        return malloc(size);
    }
    if (size == 0) {
        free(memory);
        return NULL;
    }
    block = (HEAP_BLOCK *)memory - 1;
    if (block->State != BLOCK_USED) {
        _dms_heap_misuse(memory, block->State == BLOCK_FREE);
        return NULL;
    }
    if (size <= block->Size) {
        _dms_heap_allocated(memory, size, block->Size);
        return memory;
    }
    moved = malloc(size);
    if (moved != NULL) {
        memcpy(moved, memory, block->Size);
        free(memory);
    }
    return moved;
}

/* ---- Sorting and searching ------------------------------------------------------------------------- */

static void
SwapElements(char *left, char *right, size_t size)
{
    while (size-- != 0) {
        char byte = *left;

        *left++ = *right;
        *right++ = byte;
    }
}

static void
SiftDown(char *base, size_t start, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    size_t root = start;

    while (root * 2 + 1 < count) {
        size_t child = root * 2 + 1;

        if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0) {
            child++;
        }
        if (compare(base + root * size, base + child * size) >= 0) {
            return;
        }
        SwapElements(base + root * size, base + child * size, size);
        root = child;
    }
}

/* A heap sort: no recursion, no worst case. */
void
qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    size_t index;

    for (index = count / 2; index-- != 0;) {
        SiftDown((char *)base, index, count, size, compare);
    }
    for (index = count; index-- > 1;) {
        SwapElements((char *)base, (char *)base + index * size, size);
        SiftDown((char *)base, 0, index, size, compare);
    }
}

void *
bsearch(const void *key, const void *base, size_t count, size_t size,
        int (*compare)(const void *, const void *))
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *element = (const char *)base + middle * size;
        int order = compare(key, element);

        if (order == 0) {
            return (void *)element;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* ---- Conversions ----------------------------------------------------------------------------------- */

static int
DigitOf(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'Z') {
        return c - 'A' + 10;
    }
    return 99;
}

static unsigned __int64
Convert(const char *text, char **end, int base, int *negative, int *overflow)
{
    const char *p = text;
    const char *digits;
    unsigned __int64 value = 0;

    *negative = 0;
    *overflow = 0;
    while (*p == ' ' || (*p >= '\t' && *p <= '\r')) {
        p++;
    }
    if (*p == '+' || *p == '-') {
        *negative = *p++ == '-';
    }
    if ((base == 0 || base == 16) && p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && DigitOf(p[2]) < 16) {
        p += 2;
        base = 16;
    } else if (base == 0) {
        base = *p == '0' ? 8 : 10;
    }
    digits = p;
    while (DigitOf(*p) < base) {
        unsigned digit = (unsigned)DigitOf(*p++);

        if (value > (ULLONG_MAX - digit) / (unsigned)base) {
            *overflow = 1;
        }
        value = value * (unsigned)base + digit;
    }
    if (end != NULL) {
        *end = (char *)(p == digits ? text : p);
    }
    return value;
}

unsigned long
strtoul(const char *text, char **end, int base)
{
    int negative, overflow;
    unsigned __int64 value = Convert(text, end, base, &negative, &overflow);

    if (overflow || value > ULONG_MAX) {
        errno = ERANGE;
        return ULONG_MAX;
    }
    return negative ? 0 - (unsigned long)value : (unsigned long)value;
}

unsigned __int64
_strtoui64(const char *text, char **end, int base)
{
    int negative, overflow;
    unsigned __int64 value = Convert(text, end, base, &negative, &overflow);

    if (overflow) {
        errno = ERANGE;
        return ULLONG_MAX;
    }
    return negative ? 0 - value : value;
}

/* Brings a converted number into the range of a signed type. */
static __int64
Signed(unsigned __int64 value, int negative, int overflow, unsigned __int64 largest)
{
    if (overflow || value > largest + (negative ? 1 : 0)) {
        errno = ERANGE;
        return negative ? -(__int64)largest - 1 : (__int64)largest;
    }
    return negative ? (__int64)(0 - value) : (__int64)value;
}

long
strtol(const char *text, char **end, int base)
{
    int negative, overflow;
    unsigned __int64 value = Convert(text, end, base, &negative, &overflow);

    return (long)Signed(value, negative, overflow, LONG_MAX);
}

__int64
_strtoi64(const char *text, char **end, int base)
{
    int negative, overflow;
    unsigned __int64 value = Convert(text, end, base, &negative, &overflow);

    return Signed(value, negative, overflow, LLONG_MAX);
}

/* The value of `length` characters that were found to be a number. */
double
strtod(const char *text, char **end)
{
    const char *start = text;
    const char *p;
    int digits = 0;
    double value;

    while (*start == ' ' || (*start >= '\t' && *start <= '\r')) {
        start++;
    }
    p = start;
    if (*p == '+' || *p == '-') {
        p++;
    }
    if (_strnicmp(p, "infinity", 8) == 0 || _strnicmp(p, "inf", 3) == 0 || _strnicmp(p, "nan", 3) == 0) {
        p += _strnicmp(p, "infinity", 8) == 0 ? 8 : 3;
        digits = 1;
    } else {
        int base = 10;

        if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X') &&
            (DigitOf(p[2]) < 16 || (p[2] == '.' && DigitOf(p[3]) < 16))) {
            base = 16;
            p += 2;
        }
        while (DigitOf(*p) < base) {
            p++;
            digits++;
        }
        if (*p == '.') {
            p++;
            while (DigitOf(*p) < base) {
                p++;
                digits++;
            }
        }
        if (digits != 0 && (base == 16 ? *p == 'p' || *p == 'P' : *p == 'e' || *p == 'E')) {
            const char *exponent = p + 1;

            if (*exponent == '+' || *exponent == '-') {
                exponent++;
            }
            if (DigitOf(*exponent) < 10) {
                while (DigitOf(*exponent) < 10) {
                    exponent++;
                }
                p = exponent;
            }
        }
    }
    if (digits == 0) {
        p = start = text;
    }
    if (end != NULL) {
        *end = (char *)p;
    }
    if (p == start) {
        return 0;
    }
    value = _dms_text_to_double(start, (size_t)(p - start));
    if ((value > 1.7976931348623157e308 || value < -1.7976931348623157e308) && DigitOf(p[-1]) < 10) {
        errno = ERANGE;
    }
    return value;
}

float
strtof(const char *text, char **end)
{
    return (float)strtod(text, end);
}

double
atof(const char *text)
{
    return strtod(text, NULL);
}

__int64
_atoi64(const char *text)
{
    return _strtoi64(text, NULL, 10);
}

int
atoi(const char *text)
{
    return (int)strtol(text, NULL, 10);
}

long
atol(const char *text)
{
    return strtol(text, NULL, 10);
}

long
labs(long value)
{
    return value < 0 ? -value : value;
}

__int64
llabs(__int64 value)
{
    return value < 0 ? -value : value;
}

__int64
_abs64(__int64 value)
{
    return llabs(value);
}

ldiv_t
ldiv(long numerator, long denominator)
{
    ldiv_t result;

    result.quot = numerator / denominator;
    result.rem = numerator % denominator;
    return result;
}

lldiv_t
lldiv(__int64 numerator, __int64 denominator)
{
    lldiv_t result;

    result.quot = numerator / denominator;
    result.rem = numerator % denominator;
    return result;
}

div_t
div(int numerator, int denominator)
{
    div_t result;

    result.quot = numerator / denominator;
    result.rem = numerator % denominator;
    return result;
}

int
abs(int value)
{
    return value < 0 ? -value : value;
}

/* ---- Strings ------------------------------------------------------------------------------------------- */

char *
strtok_s(char *text, const char *delimiters, char **context)
{
    char *start = text != NULL ? text : *context;
    char *end;

    if (start == NULL) {
        return NULL;
    }
    start += strspn(start, delimiters);
    if (*start == '\0') {
        *context = NULL;
        return NULL;
    }
    end = start + strcspn(start, delimiters);
    if (*end == '\0') {
        *context = NULL;
    } else {
        *end = '\0';
        *context = end + 1;
    }
    return start;
}

char *
strtok(char *text, const char *delimiters)
{
    static char *Rest;

    return strtok_s(text, delimiters, &Rest);
}

char *
_strdup(const char *text)
{
    char *copy = (char *)malloc(strlen(text) + 1);

    return copy == NULL ? NULL : strcpy(copy, text);
}

/* In the "C" locale characters are in order of their codes. */
int
strcoll(const char *left, const char *right)
{
    return strcmp(left, right);
}

size_t
strxfrm(char *destination, const char *source, size_t size)
{
    size_t length = strlen(source);

    if (size != 0) {
        strncpy(destination, source, size - 1);
        destination[length < size ? length : size - 1] = '\0';
    }
    return length;
}

char *
_strupr(char *text)
{
    char *p;

    for (p = text; *p != '\0'; p++) {
        *p = (char)toupper((unsigned char)*p);
    }
    return text;
}

char *
_strlwr(char *text)
{
    char *p;

    for (p = text; *p != '\0'; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
    return text;
}

char *
_strrev(char *text)
{
    size_t low = 0;
    size_t high = strlen(text);

    while (low + 1 < high) {
        char character = text[low];

        text[low++] = text[--high];
        text[high] = character;
    }
    return text;
}

char *
strerror(int error)
{
    static char Message[32];

    switch (error) {
    case 0:
        return "No error";
    case ENOMEM:
        return "Not enough space";
    case EINVAL:
        return "Invalid argument";
    case ERANGE:
        return "Result too large";
    case EDOM:
        return "Domain error";
    default:
        sprintf(Message, "Error %d", error);
        return Message;
    }
}

/* ---- Streams --------------------------------------------------------------------------------------- */

static FILE Streams[3];

/* Both streams of a process go to its output, which keeps nothing back. */
FILE *
__acrt_iob_func(unsigned index)
{
    return &Streams[index < 3 ? index : 2];
}

int
vfprintf(FILE *stream, const char *format, va_list list)
{
    return stream == stdin ? EOF : vprintf(format, list);
}

int
fprintf(FILE *stream, const char *format, ...)
{
    va_list list;
    int length;

    va_start(list, format);
    length = vfprintf(stream, format, list);
    va_end(list);
    return length;
}

int
fputc(int character, FILE *stream)
{
    return stream == stdin ? EOF : putchar(character);
}

int
fputs(const char *string, FILE *stream)
{
    return fprintf(stream, "%s", string) < 0 ? EOF : 0;
}

size_t
fwrite(const void *buffer, size_t size, size_t count, FILE *stream)
{
    const unsigned char *bytes = (const unsigned char *)buffer;
    size_t index;

    if (stream == stdin) {
        return 0;
    }
    for (index = 0; index < size * count; index++) {
        putchar(bytes[index]);
    }
    return count;
}

int
fflush(FILE *stream)
{
    (void)stream;
    return 0;
}

void
perror(const char *message)
{
    fprintf(stderr, "%s: %s\n", message, strerror(errno));
}

/* Nothing comes in: every stream is at its end. */
int
getchar(void)
{
    return EOF;
}

int
fgetc(FILE *stream)
{
    (void)stream;
    return EOF;
}

char *
fgets(char *buffer, int count, FILE *stream)
{
    (void)buffer;
    (void)count;
    (void)stream;
    return NULL;
}

/* ---- The end of a process -------------------------------------------------------------------------- */

#define MOST_ROUTINES 32

static void (*ExitRoutines[MOST_ROUTINES])(void);
static int ExitRoutineCount;

int
atexit(void (*routine)(void))
{
    if (ExitRoutineCount == MOST_ROUTINES) {
        return 1;
    }
    ExitRoutines[ExitRoutineCount++] = routine;
    return 0;
}

/* The last one that was registered runs first; one may register others. */
static void
RunExitRoutines(void)
{
    while (ExitRoutineCount > 0) {
        ExitRoutines[--ExitRoutineCount]();
    }
}

void
exit(int status)
{
    RunExitRoutines();
    ExitProcess((UINT)status);
}

/* Where the first thread of a process begins; it ends the process with what is answered. */
int
mainCRTStartup(int (*Main)(int, char **, char **), int argc, char **argv)
{
    int status = Main(argc, argv, NULL);

    RunExitRoutines();
    return status;
}

int
wmainCRTStartup(int (*Main)(int, wchar_t **, wchar_t **), int argc, wchar_t **argv)
{
    int status = Main(argc, argv, NULL);

    RunExitRoutines();
    return status;
}

void
_exit(int status)
{
    ExitProcess((UINT)status);
}

/* A process has no environment. */
char *
getenv(const char *name)
{
    (void)name;
    return NULL;
}

void
abort(void)
{
    ExitProcess(3);
}

/* ---- Pseudo-random numbers ------------------------------------------------------------------------- */

static unsigned int RandomState = 1;

void
srand(unsigned int seed)
{
    RandomState = seed;
}

int
rand(void)
{
    RandomState = RandomState * 214013u + 2531011u;
    return (int)((RandomState >> 16) & 0x7fff);
}
