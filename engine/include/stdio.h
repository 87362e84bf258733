/* Printing. A process has the streams stdout and stderr; a driver only formats into buffers. */
#ifndef _DMS_STDIO_H_
#define _DMS_STDIO_H_

#include <stddef.h>
#include <stdarg.h>

#define EOF    (-1)

#ifdef _DMS_KERNEL_MODE
#include <wdm.h>
#else

#define BUFSIZ 512

/** A stream. */
typedef struct _iobuf {
    void *_Placeholder;
} FILE;
/** The stream with a number: 0 input, 1 output, 2 errors. */
FILE *__cdecl __acrt_iob_func(unsigned Index);
#define stdin  (__acrt_iob_func(0))
#define stdout (__acrt_iob_func(1))
#define stderr (__acrt_iob_func(2))

/** Prints to the process' output.
 * @returns number of characters, or a negative value */
int __cdecl printf(const char *Format, ...);
/** Prints to a stream. */
int __cdecl fprintf(FILE *Stream, const char *Format, ...);
/** As printf, with the arguments as a va_list. */
int __cdecl vprintf(const char *Format, va_list ArgList);
/** As fprintf, with the arguments as a va_list. */
int __cdecl vfprintf(FILE *Stream, const char *Format, va_list ArgList);
/** Formats into a buffer; nothing limits the length. */
int __cdecl sprintf(char *Buffer, const char *Format, ...);
/** Formats into a buffer of a size; always terminated unless the size is 0.
 * @returns length that the whole text has */
int __cdecl snprintf(char *Buffer, size_t BufferCount, const char *Format, ...);
/** Formats into a buffer of a size; no terminator when the text fills it. */
int __cdecl _snprintf(char *Buffer, size_t BufferCount, const char *Format, ...);
/** As sprintf, with the arguments as a va_list. */
int __cdecl vsprintf(char *Buffer, const char *Format, va_list ArgList);
/** As snprintf, with the arguments as a va_list. */
int __cdecl vsnprintf(char *Buffer, size_t BufferCount, const char *Format, va_list ArgList);
/** As _snprintf, with the arguments as a va_list. */
int __cdecl _vsnprintf(char *Buffer, size_t BufferCount, const char *Format, va_list ArgList);
/** Formats into a buffer of a size; what does not fit ends the process. */
int __cdecl sprintf_s(char *Buffer, size_t BufferCount, const char *Format, ...);
/** As sprintf_s, with the arguments as a va_list. */
int __cdecl vsprintf_s(char *Buffer, size_t BufferCount, const char *Format, va_list ArgList);
/** Formats wide characters into a buffer of a size in characters.
 * @returns number of characters, or a negative value when the text does not fit */
int __cdecl swprintf(wchar_t *Buffer, size_t BufferCount, const wchar_t *Format, ...);
/** As swprintf; what does not fit ends the process. */
int __cdecl swprintf_s(wchar_t *Buffer, size_t BufferCount, const wchar_t *Format, ...);
/** As swprintf_s, with the arguments as a va_list. */
int __cdecl vswprintf_s(wchar_t *Buffer, size_t BufferCount, const wchar_t *Format, va_list ArgList);
/** Formats wide characters into a buffer; no terminator when the text fills it. */
int __cdecl _snwprintf(wchar_t *Buffer, size_t BufferCount, const wchar_t *Format, ...);
/** As _snwprintf, with the arguments as a va_list. */
int __cdecl _vsnwprintf(wchar_t *Buffer, size_t BufferCount, const wchar_t *Format, va_list ArgList);
/** Prints wide characters to the process' output. */
int __cdecl wprintf(const wchar_t *Format, ...);
/** As wprintf, with the arguments as a va_list. */
int __cdecl vwprintf(const wchar_t *Format, va_list ArgList);
/** The length that a formatted text would have. */
int __cdecl _scprintf(const char *Format, ...);
/** As _scprintf, with the arguments as a va_list. */
int __cdecl _vscprintf(const char *Format, va_list ArgList);
/** Prints a string and a line end. */
int __cdecl puts(const char *String);
/** Prints a string to a stream. */
int __cdecl fputs(const char *String, FILE *Stream);
/** Prints a character. */
int __cdecl putchar(int Character);
/** Prints a character to a stream. */
int __cdecl fputc(int Character, FILE *Stream);
#define putc(Character, Stream) fputc(Character, Stream)
/** Reads a character: EOF, since nothing comes in. */
int __cdecl getchar(void);
/** Reads a character of a stream: EOF, since nothing comes in. */
int __cdecl fgetc(FILE *Stream);
#define getc(Stream) fgetc(Stream)
/** Reads a line of a stream: NULL, since nothing comes in. */
char *__cdecl fgets(char *Buffer, int MaxCount, FILE *Stream);
/** Writes elements to a stream. */
size_t __cdecl fwrite(const void *Buffer, size_t ElementSize, size_t ElementCount, FILE *Stream);
/** Sends buffered output on its way. */
int __cdecl fflush(FILE *Stream);
/** Prints a text and the meaning of errno to the errors' stream. */
void __cdecl perror(const char *ErrorMessage);

/** Reads values from a text as a format says.
 * @returns number of values stored, or EOF when the text ends before the first one */
int __cdecl sscanf(const char *Buffer, const char *Format, ...);
/** As sscanf; behind the address for %c, %s and %[ stands the number of characters that fit there. */
int __cdecl sscanf_s(const char *Buffer, const char *Format, ...);
/** As sscanf, with the arguments as a va_list. */
int __cdecl vsscanf(const char *Buffer, const char *Format, va_list ArgList);
/** Reads values from the process' input: EOF, since nothing comes in. */
int __cdecl scanf(const char *Format, ...);
/** As scanf; behind the address for %c, %s and %[ stands the number of characters that fit there. */
int __cdecl scanf_s(const char *Format, ...);
/** Reads a line of the process' input: NULL, since nothing comes in. */
char *__cdecl gets_s(char *Buffer, size_t SizeInCharacters);

#endif

#endif
