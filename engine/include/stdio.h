/* Printing. A process has the streams stdout and stderr. */
#ifndef _DMS_STDIO_H_
#define _DMS_STDIO_H_

#ifdef _DMS_KERNEL_MODE
#error stdio.h is a header of processes; a driver prints by DbgPrint and formats by ntstrsafe.h
#endif

#include <stddef.h>
#include <stdarg.h>

#define EOF    (-1)
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

#endif
