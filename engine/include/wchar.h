/* Strings of wide characters (UTF-16). */
#ifndef _DMS_WCHAR_H_
#define _DMS_WCHAR_H_

#include <stddef.h>

/** Length of a wide string in characters, without its terminator. */
size_t __cdecl wcslen(const wchar_t *String);
/** Length of a wide string in characters, at most MaxCount. */
size_t __cdecl wcsnlen(const wchar_t *String, size_t MaxCount);
/** Copies a wide string with its terminator; the destination must have room. */
wchar_t *__cdecl wcscpy(wchar_t *Destination, const wchar_t *Source);
/** Copies at most Count wide characters and pads with zeros. */
wchar_t *__cdecl wcsncpy(wchar_t *Destination, const wchar_t *Source, size_t Count);
/** Appends a wide string; the destination must have room. */
wchar_t *__cdecl wcscat(wchar_t *Destination, const wchar_t *Source);
/** Appends at most Count wide characters and a terminator. */
wchar_t *__cdecl wcsncat(wchar_t *Destination, const wchar_t *Source, size_t Count);
/** Compares two wide strings.
 * @returns negative, 0 or positive */
int __cdecl wcscmp(const wchar_t *String1, const wchar_t *String2);
/** Compares at most Count wide characters.
 * @returns negative, 0 or positive */
int __cdecl wcsncmp(const wchar_t *String1, const wchar_t *String2, size_t Count);
/** Finds the first occurrence of a wide character. */
wchar_t *__cdecl wcschr(const wchar_t *String, wchar_t Character);
/** Finds the last occurrence of a wide character. */
wchar_t *__cdecl wcsrchr(const wchar_t *String, wchar_t Character);
/** Finds the first occurrence of a wide string in another. */
wchar_t *__cdecl wcsstr(const wchar_t *String, const wchar_t *SubString);
/** Compares two wide strings without regard to case. */
int __cdecl _wcsicmp(const wchar_t *String1, const wchar_t *String2);
/** Compares at most Count wide characters without regard to case. */
int __cdecl _wcsnicmp(const wchar_t *String1, const wchar_t *String2, size_t Count);

#ifndef _DMS_KERNEL_MODE
/** Copies a wide string into a buffer of a size in characters; what does not fit ends the process. */
errno_t __cdecl wcscpy_s(wchar_t *Destination, size_t SizeInWords, const wchar_t *Source);
/** Copies at most MaxCount wide characters and a terminator; with _TRUNCATE as many as fit. */
errno_t __cdecl wcsncpy_s(wchar_t *Destination, size_t SizeInWords, const wchar_t *Source, size_t MaxCount);
/** Appends a wide string in a buffer of a size in characters; what does not fit ends the process. */
errno_t __cdecl wcscat_s(wchar_t *Destination, size_t SizeInWords, const wchar_t *Source);
/** Appends at most MaxCount wide characters and a terminator; with _TRUNCATE as many as fit. */
errno_t __cdecl wcsncat_s(wchar_t *Destination, size_t SizeInWords, const wchar_t *Source, size_t MaxCount);
#endif

#endif
