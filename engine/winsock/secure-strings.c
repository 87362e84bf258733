/*
 * String routines that are given the size of their destination. What does not fit ends the process, as the C library's
 * handler of invalid parameters does.
 */
#include <windows.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <dmsstrings.h>

#define STATUS_INVALID_CRUNTIME_PARAMETER ((DWORD)0xC0000417L)

/* More characters than any string has. */
#define ALL (_DMS_STRING_MAX_CCH - 1)

/* The handler of invalid parameters. */
static void
InvalidParameter(void)
{
    RaiseException(STATUS_INVALID_CRUNTIME_PARAMETER, EXCEPTION_NONCONTINUABLE, 0, NULL);
}

/* What a routine answers for what came of it; a destination that is too small ends the process. */
static errno_t
Answer(DMS_STRING_RESULT result, size_t count)
{
    if (result == DmsStringWhole) {
        return 0;
    }
    if (result == DmsStringCut && count == _TRUNCATE) {
        return STRUNCATE;
    }
    InvalidParameter();
    return result == DmsStringCut ? ERANGE : EINVAL;
}

/* Puts up to `count` characters and a terminator behind the first `at` ones. */
static errno_t
Put(char *destination, size_t size, size_t at, const char *source, size_t count)
{
    DMS_STRING_RESULT result = DmsStringInvalid;

    if (destination != NULL && source != NULL && at < size) {
        result = _dms_string_copy(destination + at, size - at, source, count < ALL ? count : ALL);
    }
    if (destination != NULL && size != 0 && result != DmsStringWhole && count != _TRUNCATE) {
        destination[0] = '\0';
    }
    return Answer(result, count);
}

/* The same of wide characters. */
static errno_t
PutWide(wchar_t *destination, size_t size, size_t at, const wchar_t *source, size_t count)
{
    DMS_STRING_RESULT result = DmsStringInvalid;

    if (destination != NULL && source != NULL && at < size) {
        result = _dms_string_copy_wide(destination + at, size - at, source, count < ALL ? count : ALL);
    }
    if (destination != NULL && size != 0 && result != DmsStringWhole && count != _TRUNCATE) {
        destination[0] = L'\0';
    }
    return Answer(result, count);
}

errno_t
strcpy_s(char *destination, size_t size, const char *source)
{
    return Put(destination, size, 0, source, ALL);
}

errno_t
strncpy_s(char *destination, size_t size, const char *source, size_t count)
{
    return Put(destination, size, 0, source, count);
}

errno_t
strcat_s(char *destination, size_t size, const char *source)
{
    return Put(destination, size, destination == NULL ? 0 : strlen(destination), source, ALL);
}

errno_t
strncat_s(char *destination, size_t size, const char *source, size_t count)
{
    return Put(destination, size, destination == NULL ? 0 : strlen(destination), source, count);
}

errno_t
wcscpy_s(wchar_t *destination, size_t size, const wchar_t *source)
{
    return PutWide(destination, size, 0, source, ALL);
}

errno_t
wcsncpy_s(wchar_t *destination, size_t size, const wchar_t *source, size_t count)
{
    return PutWide(destination, size, 0, source, count);
}

errno_t
wcscat_s(wchar_t *destination, size_t size, const wchar_t *source)
{
    return PutWide(destination, size, destination == NULL ? 0 : wcslen(destination), source, ALL);
}

errno_t
wcsncat_s(wchar_t *destination, size_t size, const wchar_t *source, size_t count)
{
    return PutWide(destination, size, destination == NULL ? 0 : wcslen(destination), source, count);
}

errno_t
memcpy_s(void *destination, size_t size, const void *source, size_t count)
{
    if (count == 0) {
        return 0;
    }
    if (destination == NULL || source == NULL || size < count) {
        if (destination != NULL) {
            memset(destination, 0, size);
        }
        InvalidParameter();
        return destination == NULL || source == NULL ? EINVAL : ERANGE;
    }
    memcpy(destination, source, count);
    return 0;
}

errno_t
memmove_s(void *destination, size_t size, const void *source, size_t count)
{
    if (count == 0) {
        return 0;
    }
    if (destination == NULL || source == NULL || size < count) {
        InvalidParameter();
        return destination == NULL || source == NULL ? EINVAL : ERANGE;
    }
    memmove(destination, source, count);
    return 0;
}

int
vsprintf_s(char *buffer, size_t size, const char *format, va_list list)
{
    int length = buffer == NULL || size == 0 ? -1 : _vsnprintf(buffer, size, format, list);

    if (length < 0 || (size_t)length >= size) {
        if (buffer != NULL && size != 0) {
            buffer[0] = '\0';
        }
        InvalidParameter();
        return -1;
    }
    return length;
}

int
sprintf_s(char *buffer, size_t size, const char *format, ...)
{
    va_list list;
    int length;

    va_start(list, format);
    length = vsprintf_s(buffer, size, format, list);
    va_end(list);
    return length;
}

int
vswprintf_s(wchar_t *buffer, size_t size, const wchar_t *format, va_list list)
{
    int length = buffer == NULL || size == 0 ? -1 : _vsnwprintf(buffer, size, format, list);

    if (length < 0 || (size_t)length >= size) {
        if (buffer != NULL && size != 0) {
            buffer[0] = L'\0';
        }
        InvalidParameter();
        return -1;
    }
    return length;
}

int
swprintf_s(wchar_t *buffer, size_t size, const wchar_t *format, ...)
{
    va_list list;
    int length;

    va_start(list, format);
    length = vswprintf_s(buffer, size, format, list);
    va_end(list);
    return length;
}

int
swprintf(wchar_t *buffer, size_t size, const wchar_t *format, ...)
{
    va_list list;
    int length;

    va_start(list, format);
    length = size == 0 ? -1 : _vsnwprintf(buffer, size, format, list);
    va_end(list);
    if (length < 0 || (size_t)length >= size) {
        if (size != 0) {
            buffer[size - 1] = L'\0';
        }
        return -1;
    }
    return length;
}
