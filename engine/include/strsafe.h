/* Strings with a limit, for processes. */
#ifndef _STRSAFE_H_INCLUDED_
#define _STRSAFE_H_INCLUDED_

#ifdef _DMS_KERNEL_MODE
#error strsafe.h is a header of processes; a driver has RtlString.. from ntstrsafe.h
#endif

#include <windows.h>
#include <stdio.h>
#include <string.h>
#include <stdarg.h>
#include <dmsstrings.h>

#define STRSAFEAPI                    HRESULT
#define STRSAFE_MAX_CCH               _DMS_STRING_MAX_CCH
#define STRSAFE_MAX_LENGTH            (STRSAFE_MAX_CCH - 1)
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007A)
#define STRSAFE_E_INVALID_PARAMETER   ((HRESULT)0x80070057)
typedef const char *STRSAFE_LPCSTR;
typedef const wchar_t *STRSAFE_LPCWSTR;
typedef char *STRSAFE_LPSTR;
typedef wchar_t *STRSAFE_LPWSTR;

/** The result that tells how a bounded operation went. */
FORCEINLINE HRESULT _DmsStringResult(DMS_STRING_RESULT Result)
{
    return Result == DmsStringWhole ? S_OK
           : Result == DmsStringCut ? STRSAFE_E_INSUFFICIENT_BUFFER
                                    : STRSAFE_E_INVALID_PARAMETER;
}

/** Copies up to a number of characters, and the terminator; cuts off what does not fit.
 * @page nf-strsafe-stringcchcopyna */
FORCEINLINE HRESULT StringCchCopyNA(STRSAFE_LPSTR pszDest, size_t cchDest, STRSAFE_LPCSTR pszSrc, size_t cchToCopy)
{
    return _DmsStringResult(_dms_string_copy(pszDest, cchDest, pszSrc, cchToCopy));
}

/** Copies a string; cuts off what does not fit.
 * @returns S_OK, STRSAFE_E_INSUFFICIENT_BUFFER or STRSAFE_E_INVALID_PARAMETER
 * @page nf-strsafe-stringcchcopya */
FORCEINLINE HRESULT StringCchCopyA(STRSAFE_LPSTR pszDest, size_t cchDest, STRSAFE_LPCSTR pszSrc)
{
    return _DmsStringResult(_dms_string_copy(pszDest, cchDest, pszSrc, STRSAFE_MAX_LENGTH));
}

/** Length of a string that ends within a limit.
 * @page nf-strsafe-stringcchlengtha */
FORCEINLINE HRESULT StringCchLengthA(STRSAFE_LPCSTR psz, size_t cchMax, size_t *pcchLength)
{
    return _DmsStringResult(_dms_string_length(psz, cchMax, pcchLength));
}

/** Appends up to a number of characters; cuts off what does not fit.
 * @page nf-strsafe-stringcchcatna */
FORCEINLINE HRESULT StringCchCatNA(STRSAFE_LPSTR pszDest, size_t cchDest, STRSAFE_LPCSTR pszSrc, size_t cchToAppend)
{
    return _DmsStringResult(_dms_string_append(pszDest, cchDest, pszSrc, cchToAppend));
}

/** Appends a string; cuts off what does not fit.
 * @page nf-strsafe-stringcchcata */
FORCEINLINE HRESULT StringCchCatA(STRSAFE_LPSTR pszDest, size_t cchDest, STRSAFE_LPCSTR pszSrc)
{
    return _DmsStringResult(_dms_string_append(pszDest, cchDest, pszSrc, STRSAFE_MAX_LENGTH));
}

/** Formats characters, with the arguments as a va_list; cuts off what does not fit.
 * @page nf-strsafe-stringcchvprintfa */
FORCEINLINE HRESULT StringCchVPrintfA(STRSAFE_LPSTR pszDest, size_t cchDest, STRSAFE_LPCSTR pszFormat, va_list argList)
{
    return _DmsStringResult(_dms_string_format(pszDest, cchDest, pszFormat, argList));
}

/** Formats characters; cuts off what does not fit.
 * @returns S_OK, STRSAFE_E_INSUFFICIENT_BUFFER or STRSAFE_E_INVALID_PARAMETER
 * @page nf-strsafe-stringcchprintfa */
FORCEINLINE HRESULT StringCchPrintfA(STRSAFE_LPSTR pszDest, size_t cchDest, STRSAFE_LPCSTR pszFormat, ...)
{
    HRESULT result;
    va_list argList;

    va_start(argList, pszFormat);
    result = StringCchVPrintfA(pszDest, cchDest, pszFormat, argList);
    va_end(argList);
    return result;
}

/** Formats characters; cuts off what does not fit. The size counts bytes.
 * @returns S_OK, STRSAFE_E_INSUFFICIENT_BUFFER or STRSAFE_E_INVALID_PARAMETER
 * @page nf-strsafe-stringcbprintfa */
FORCEINLINE HRESULT StringCbPrintfA(STRSAFE_LPSTR pszDest, size_t cbDest, STRSAFE_LPCSTR pszFormat, ...)
{
    HRESULT result;
    va_list argList;

    va_start(argList, pszFormat);
    result = StringCchVPrintfA(pszDest, cbDest, pszFormat, argList);
    va_end(argList);
    return result;
}

/** Copies a string; the size counts bytes. */
FORCEINLINE HRESULT StringCbCopyA(STRSAFE_LPSTR pszDest, size_t cbDest, STRSAFE_LPCSTR pszSrc)
{
    return StringCchCopyA(pszDest, cbDest, pszSrc);
}

/** Copies up to a number of bytes of a string. */
FORCEINLINE HRESULT StringCbCopyNA(STRSAFE_LPSTR pszDest, size_t cbDest, STRSAFE_LPCSTR pszSrc, size_t cbToCopy)
{
    return StringCchCopyNA(pszDest, cbDest, pszSrc, cbToCopy);
}

/** Appends a string; the size counts bytes. */
FORCEINLINE HRESULT StringCbCatA(STRSAFE_LPSTR pszDest, size_t cbDest, STRSAFE_LPCSTR pszSrc)
{
    return StringCchCatA(pszDest, cbDest, pszSrc);
}

/** Appends up to a number of bytes of a string. */
FORCEINLINE HRESULT StringCbCatNA(STRSAFE_LPSTR pszDest, size_t cbDest, STRSAFE_LPCSTR pszSrc, size_t cbToAppend)
{
    return StringCchCatNA(pszDest, cbDest, pszSrc, cbToAppend);
}

/** Formats characters, with the arguments as a va_list; the size counts bytes. */
FORCEINLINE HRESULT StringCbVPrintfA(STRSAFE_LPSTR pszDest, size_t cbDest, STRSAFE_LPCSTR pszFormat, va_list argList)
{
    return StringCchVPrintfA(pszDest, cbDest, pszFormat, argList);
}

/** Length in bytes of a string that ends within a limit. */
FORCEINLINE HRESULT StringCbLengthA(STRSAFE_LPCSTR psz, size_t cbMax, size_t *pcbLength)
{
    size_t length;
    HRESULT result = StringCchLengthA(psz, cbMax, &length);

    if (pcbLength != NULL) {
        *pcbLength = length;
    }
    return result;
}

/** Copies up to a number of wide characters, and the terminator; cuts off what does not fit.
 * @page nf-strsafe-stringcchcopynw */
FORCEINLINE HRESULT StringCchCopyNW(STRSAFE_LPWSTR pszDest, size_t cchDest, STRSAFE_LPCWSTR pszSrc, size_t cchToCopy)
{
    return _DmsStringResult(_dms_string_copy_wide(pszDest, cchDest, pszSrc, cchToCopy));
}

/** Copies a wide string; cuts off what does not fit.
 * @returns S_OK, STRSAFE_E_INSUFFICIENT_BUFFER or STRSAFE_E_INVALID_PARAMETER
 * @page nf-strsafe-stringcchcopyw */
FORCEINLINE HRESULT StringCchCopyW(STRSAFE_LPWSTR pszDest, size_t cchDest, STRSAFE_LPCWSTR pszSrc)
{
    return _DmsStringResult(_dms_string_copy_wide(pszDest, cchDest, pszSrc, STRSAFE_MAX_LENGTH));
}

/** Length of a wide string that ends within a limit.
 * @page nf-strsafe-stringcchlengthw */
FORCEINLINE HRESULT StringCchLengthW(STRSAFE_LPCWSTR psz, size_t cchMax, size_t *pcchLength)
{
    return _DmsStringResult(_dms_string_length_wide(psz, cchMax, pcchLength));
}

/** Appends up to a number of wide characters; cuts off what does not fit.
 * @page nf-strsafe-stringcchcatnw */
FORCEINLINE HRESULT StringCchCatNW(STRSAFE_LPWSTR pszDest, size_t cchDest, STRSAFE_LPCWSTR pszSrc, size_t cchToAppend)
{
    return _DmsStringResult(_dms_string_append_wide(pszDest, cchDest, pszSrc, cchToAppend));
}

/** Appends a wide string; cuts off what does not fit.
 * @page nf-strsafe-stringcchcatw */
FORCEINLINE HRESULT StringCchCatW(STRSAFE_LPWSTR pszDest, size_t cchDest, STRSAFE_LPCWSTR pszSrc)
{
    return _DmsStringResult(_dms_string_append_wide(pszDest, cchDest, pszSrc, STRSAFE_MAX_LENGTH));
}

/** Formats wide characters, with the arguments as a va_list; cuts off what does not fit.
 * @page nf-strsafe-stringcchvprintfw */
FORCEINLINE HRESULT StringCchVPrintfW(STRSAFE_LPWSTR pszDest, size_t cchDest, STRSAFE_LPCWSTR pszFormat, va_list argList)
{
    return _DmsStringResult(_dms_string_format_wide(pszDest, cchDest, pszFormat, argList));
}

/** Formats wide characters; cuts off what does not fit.
 * @returns S_OK, STRSAFE_E_INSUFFICIENT_BUFFER or STRSAFE_E_INVALID_PARAMETER
 * @page nf-strsafe-stringcchprintfw */
FORCEINLINE HRESULT StringCchPrintfW(STRSAFE_LPWSTR pszDest, size_t cchDest, STRSAFE_LPCWSTR pszFormat, ...)
{
    HRESULT result;
    va_list argList;

    va_start(argList, pszFormat);
    result = StringCchVPrintfW(pszDest, cchDest, pszFormat, argList);
    va_end(argList);
    return result;
}

/** Formats wide characters; cuts off what does not fit. The size counts bytes.
 * @returns S_OK, STRSAFE_E_INSUFFICIENT_BUFFER or STRSAFE_E_INVALID_PARAMETER
 * @page nf-strsafe-stringcbprintfw */
FORCEINLINE HRESULT StringCbPrintfW(STRSAFE_LPWSTR pszDest, size_t cbDest, STRSAFE_LPCWSTR pszFormat, ...)
{
    HRESULT result;
    va_list argList;

    va_start(argList, pszFormat);
    result = StringCchVPrintfW(pszDest, cbDest / sizeof(wchar_t), pszFormat, argList);
    va_end(argList);
    return result;
}

/** Copies a wide string; the size counts bytes. */
FORCEINLINE HRESULT StringCbCopyW(STRSAFE_LPWSTR pszDest, size_t cbDest, STRSAFE_LPCWSTR pszSrc)
{
    return StringCchCopyW(pszDest, cbDest / sizeof(wchar_t), pszSrc);
}

/** Copies up to a number of bytes of a wide string. */
FORCEINLINE HRESULT StringCbCopyNW(STRSAFE_LPWSTR pszDest, size_t cbDest, STRSAFE_LPCWSTR pszSrc, size_t cbToCopy)
{
    return StringCchCopyNW(pszDest, cbDest / sizeof(wchar_t), pszSrc, cbToCopy / sizeof(wchar_t));
}

/** Appends a wide string; the size counts bytes. */
FORCEINLINE HRESULT StringCbCatW(STRSAFE_LPWSTR pszDest, size_t cbDest, STRSAFE_LPCWSTR pszSrc)
{
    return StringCchCatW(pszDest, cbDest / sizeof(wchar_t), pszSrc);
}

/** Appends up to a number of bytes of a wide string. */
FORCEINLINE HRESULT StringCbCatNW(STRSAFE_LPWSTR pszDest, size_t cbDest, STRSAFE_LPCWSTR pszSrc, size_t cbToAppend)
{
    return StringCchCatNW(pszDest, cbDest / sizeof(wchar_t), pszSrc, cbToAppend / sizeof(wchar_t));
}

/** Formats wide characters, with the arguments as a va_list; the size counts bytes. */
FORCEINLINE HRESULT StringCbVPrintfW(STRSAFE_LPWSTR pszDest, size_t cbDest, STRSAFE_LPCWSTR pszFormat, va_list argList)
{
    return StringCchVPrintfW(pszDest, cbDest / sizeof(wchar_t), pszFormat, argList);
}

/** Length in bytes of a wide string that ends within a limit. */
FORCEINLINE HRESULT StringCbLengthW(STRSAFE_LPCWSTR psz, size_t cbMax, size_t *pcbLength)
{
    size_t length;
    HRESULT result = StringCchLengthW(psz, cbMax / sizeof(wchar_t), &length);

    if (pcbLength != NULL) {
        *pcbLength = length * sizeof(wchar_t);
    }
    return result;
}

#ifdef UNICODE
#define StringCchCopy     StringCchCopyW
#define StringCbCopy      StringCbCopyW
#define StringCchCopyN    StringCchCopyNW
#define StringCbCopyN     StringCbCopyNW
#define StringCchCat      StringCchCatW
#define StringCbCat       StringCbCatW
#define StringCchCatN     StringCchCatNW
#define StringCbCatN      StringCbCatNW
#define StringCchPrintf   StringCchPrintfW
#define StringCbPrintf    StringCbPrintfW
#define StringCchVPrintf  StringCchVPrintfW
#define StringCbVPrintf   StringCbVPrintfW
#define StringCchLength   StringCchLengthW
#define StringCbLength    StringCbLengthW
#else
#define StringCchCopy     StringCchCopyA
#define StringCbCopy      StringCbCopyA
#define StringCchCopyN    StringCchCopyNA
#define StringCbCopyN     StringCbCopyNA
#define StringCchCat      StringCchCatA
#define StringCbCat       StringCbCatA
#define StringCchCatN     StringCchCatNA
#define StringCbCatN      StringCbCatNA
#define StringCchPrintf   StringCchPrintfA
#define StringCbPrintf    StringCbPrintfA
#define StringCchVPrintf  StringCchVPrintfA
#define StringCbVPrintf   StringCbVPrintfA
#define StringCchLength   StringCchLengthA
#define StringCbLength    StringCbLengthA
#endif

#endif
