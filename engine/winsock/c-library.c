/*
 * The part of the C library that processes have and that is written in C: the heap, sorting (which calls
 * back), conversions. Printing and the string routines are native.
 */
#include <windows.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <limits.h>
#include "c-library.h"

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
    _dms_forget(memory, block->Size);

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

static unsigned long
Convert(const char *text, char **end, int base, int *negative, int *overflow)
{
    const char *p = text;
    const char *digits;
    unsigned long value = 0;

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
        unsigned long digit = (unsigned long)DigitOf(*p++);

        if (value > (ULONG_MAX - digit) / (unsigned long)base) {
            *overflow = 1;
        }
        value = value * (unsigned long)base + digit;
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
    unsigned long value = Convert(text, end, base, &negative, &overflow);

    if (overflow) {
        errno = ERANGE;
        return ULONG_MAX;
    }
    return negative ? 0 - value : value;
}

long
strtol(const char *text, char **end, int base)
{
    int negative, overflow;
    unsigned long value = Convert(text, end, base, &negative, &overflow);

    if (negative) {
        if (overflow || value > (unsigned long)LONG_MAX + 1) {
            errno = ERANGE;
            return LONG_MIN;
        }
        return (long)(0 - value);
    }
    if (overflow || value > LONG_MAX) {
        errno = ERANGE;
        return LONG_MAX;
    }
    return (long)value;
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

int
abs(int value)
{
    return value < 0 ? -value : value;
}

/* ---- The end of a process -------------------------------------------------------------------------- */

void
exit(int status)
{
    ExitProcess((UINT)status);
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
