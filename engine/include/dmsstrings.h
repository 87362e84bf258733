/* What strsafe.h and ntstrsafe.h share; include one of these. */
#ifndef _DMS_STRINGS_H_
#define _DMS_STRINGS_H_

#include <stddef.h>
#include <stdarg.h>

int __cdecl _vsnprintf(char *buffer, size_t count, const char *format, va_list argptr);
int __cdecl _vsnwprintf(wchar_t *buffer, size_t count, const wchar_t *format, va_list argptr);

#define _DMS_STRING_MAX_CCH 2147483647

/** How a bounded operation went. */
typedef enum _DMS_STRING_RESULT {
    DmsStringWhole,
    DmsStringCut,
    DmsStringInvalid
} DMS_STRING_RESULT;

/** Copies at most a number of characters, and the terminator. */
__forceinline DMS_STRING_RESULT _dms_string_copy(char *destination, size_t size, const char *source, size_t count)
{
    size_t i;

    if (size == 0 || size > _DMS_STRING_MAX_CCH || count >= _DMS_STRING_MAX_CCH) {
        return DmsStringInvalid;
    }
    for (i = 0; i < size - 1 && i < count && source[i] != '\0'; i++) {
        destination[i] = source[i];
    }
    destination[i] = '\0';
    return i == count || source[i] == '\0' ? DmsStringWhole : DmsStringCut;
}

/** Length of a string that ends within a limit; 0 where it does not. */
__forceinline DMS_STRING_RESULT _dms_string_length(const char *string, size_t limit, size_t *length)
{
    size_t i;

    if (length != NULL) {
        *length = 0;
    }
    if (string == NULL || limit > _DMS_STRING_MAX_CCH) {
        return DmsStringInvalid;
    }
    for (i = 0; i < limit; i++) {
        if (string[i] == '\0') {
            if (length != NULL) {
                *length = i;
            }
            return DmsStringWhole;
        }
    }
    return DmsStringInvalid;
}

/** Appends at most a number of characters, and the terminator. */
__forceinline DMS_STRING_RESULT _dms_string_append(char *destination, size_t size, const char *source, size_t count)
{
    size_t length;
    DMS_STRING_RESULT result = _dms_string_length(destination, size, &length);

    return result == DmsStringWhole ? _dms_string_copy(destination + length, size - length, source, count) : result;
}

/** Formats characters, and the terminator. */
__forceinline DMS_STRING_RESULT _dms_string_format(char *destination, size_t size, const char *format, va_list list)
{
    int length;

    if (size == 0 || size > _DMS_STRING_MAX_CCH) {
        return DmsStringInvalid;
    }
    length = _vsnprintf(destination, size - 1, format, list);
    if (length < 0 || (size_t)length >= size - 1) {
        destination[size - 1] = '\0';
    }
    return length < 0 ? DmsStringCut : DmsStringWhole;
}

/** Copies at most a number of wide characters, and the terminator. */
__forceinline DMS_STRING_RESULT _dms_string_copy_wide(wchar_t *destination, size_t size, const wchar_t *source, size_t count)
{
    size_t i;

    if (size == 0 || size > _DMS_STRING_MAX_CCH || count >= _DMS_STRING_MAX_CCH) {
        return DmsStringInvalid;
    }
    for (i = 0; i < size - 1 && i < count && source[i] != L'\0'; i++) {
        destination[i] = source[i];
    }
    destination[i] = L'\0';
    return i == count || source[i] == L'\0' ? DmsStringWhole : DmsStringCut;
}

/** Length of a wide string that ends within a limit; 0 where it does not. */
__forceinline DMS_STRING_RESULT _dms_string_length_wide(const wchar_t *string, size_t limit, size_t *length)
{
    size_t i;

    if (length != NULL) {
        *length = 0;
    }
    if (string == NULL || limit > _DMS_STRING_MAX_CCH) {
        return DmsStringInvalid;
    }
    for (i = 0; i < limit; i++) {
        if (string[i] == L'\0') {
            if (length != NULL) {
                *length = i;
            }
            return DmsStringWhole;
        }
    }
    return DmsStringInvalid;
}

/** Appends at most a number of wide characters, and the terminator. */
__forceinline DMS_STRING_RESULT _dms_string_append_wide(wchar_t *destination, size_t size, const wchar_t *source, size_t count)
{
    size_t length;
    DMS_STRING_RESULT result = _dms_string_length_wide(destination, size, &length);

    return result == DmsStringWhole ? _dms_string_copy_wide(destination + length, size - length, source, count) : result;
}

/** Formats wide characters, and the terminator. */
__forceinline DMS_STRING_RESULT _dms_string_format_wide(wchar_t *destination, size_t size, const wchar_t *format, va_list list)
{
    int length;

    if (size == 0 || size > _DMS_STRING_MAX_CCH) {
        return DmsStringInvalid;
    }
    length = _vsnwprintf(destination, size - 1, format, list);
    if (length < 0 || (size_t)length >= size - 1) {
        destination[size - 1] = L'\0';
    }
    return length < 0 ? DmsStringCut : DmsStringWhole;
}

#endif
