/* Memory and strings. A driver gets the part that the kernel exports. */
#ifndef _DMS_STRING_H_
#define _DMS_STRING_H_

#include <stddef.h>

/** Copies bytes between blocks that do not overlap.
 * @returns Destination */
void *__cdecl memcpy(void *Destination, const void *Source, size_t Count);
/** Copies bytes; the blocks may overlap.
 * @returns Destination */
void *__cdecl memmove(void *Destination, const void *Source, size_t Count);
/** Fills a block with one byte value.
 * @returns Destination */
void *__cdecl memset(void *Destination, int Value, size_t Count);
/** Compares two blocks byte by byte as unsigned values.
 * @returns negative, 0 or positive */
int __cdecl memcmp(const void *Buffer1, const void *Buffer2, size_t Count);
/** Finds the first byte of a value.
 * @returns its address or NULL */
void *__cdecl memchr(const void *Buffer, int Value, size_t Count);
/** Length of a string without its terminator. */
size_t __cdecl strlen(const char *String);
/** Length of a string, at most MaxCount. */
size_t __cdecl strnlen(const char *String, size_t MaxCount);
/** Copies a string with its terminator; the destination must have room. */
char *__cdecl strcpy(char *Destination, const char *Source);
/** Copies at most Count characters and pads with zeros; may leave no terminator. */
char *__cdecl strncpy(char *Destination, const char *Source, size_t Count);
/** Appends a string; the destination must have room. */
char *__cdecl strcat(char *Destination, const char *Source);
/** Appends at most Count characters and a terminator. */
char *__cdecl strncat(char *Destination, const char *Source, size_t Count);
/** Compares two strings.
 * @returns negative, 0 or positive */
int __cdecl strcmp(const char *String1, const char *String2);
/** Compares at most Count characters.
 * @returns negative, 0 or positive */
int __cdecl strncmp(const char *String1, const char *String2, size_t Count);
/** Finds the first occurrence of a character. */
char *__cdecl strchr(const char *String, int Character);
/** Finds the last occurrence of a character. */
char *__cdecl strrchr(const char *String, int Character);
/** Finds the first occurrence of a string in another. */
char *__cdecl strstr(const char *String, const char *SubString);
/** Length of the leading part made of characters of a set. */
size_t __cdecl strspn(const char *String, const char *Control);
/** Compares two strings without regard to case. */
int __cdecl _stricmp(const char *String1, const char *String2);
/** Compares at most Count characters without regard to case. */
int __cdecl _strnicmp(const char *String1, const char *String2, size_t Count);

#ifndef _DMS_KERNEL_MODE
/** Length of the leading part without characters of a set. */
size_t __cdecl strcspn(const char *String, const char *Control);
/** Finds the first character that belongs to a set. */
char *__cdecl strpbrk(const char *String, const char *Control);
/** Compares strings by the locale, which is "C". */
int __cdecl strcoll(const char *String1, const char *String2);
/** A string that strcmp orders as strcoll orders the source.
 * @returns length of the source */
size_t __cdecl strxfrm(char *Destination, const char *Source, size_t MaxCount);
/** Makes small letters capital, in place. */
char *__cdecl _strupr(char *String);
/** Makes capital letters small, in place. */
char *__cdecl _strlwr(char *String);
/** Reverses a string in place. */
char *__cdecl _strrev(char *String);
/** As strtok, with the place to go on at in the caller's hands. */
char *__cdecl strtok_s(char *String, const char *Delimiters, char **Context);
/** Cuts the next token off a string; keeps its place between calls. */
char *__cdecl strtok(char *String, const char *Delimiters);
/** Copies a string to the heap; release it by free. */
char *__cdecl _strdup(const char *String);
/** Text of a value of errno. */
char *__cdecl strerror(int Error);
/** Copies a string into a buffer of a size; what does not fit ends the process. */
errno_t __cdecl strcpy_s(char *Destination, size_t SizeInBytes, const char *Source);
/** Copies at most MaxCount characters and a terminator; with _TRUNCATE as many as fit. */
errno_t __cdecl strncpy_s(char *Destination, size_t SizeInBytes, const char *Source, size_t MaxCount);
/** Appends a string in a buffer of a size; what does not fit ends the process. */
errno_t __cdecl strcat_s(char *Destination, size_t SizeInBytes, const char *Source);
/** Appends at most MaxCount characters and a terminator; with _TRUNCATE as many as fit. */
errno_t __cdecl strncat_s(char *Destination, size_t SizeInBytes, const char *Source, size_t MaxCount);
/** Copies bytes into a buffer of a size; what does not fit ends the process. */
errno_t __cdecl memcpy_s(void *Destination, size_t DestinationSize, const void *Source, size_t SourceSize);
/** As memcpy_s, for ranges that may overlap. */
errno_t __cdecl memmove_s(void *Destination, size_t DestinationSize, const void *Source, size_t SourceSize);
#define strdup _strdup
#define stricmp _stricmp
#define strnicmp _strnicmp
#endif

#include <wchar.h>

#endif
