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

#define STRSAFEAPI                    HRESULT
#define STRSAFE_MAX_CCH               2147483647
#define STRSAFE_MAX_LENGTH            (STRSAFE_MAX_CCH - 1)
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007A)
#define STRSAFE_E_INVALID_PARAMETER   ((HRESULT)0x80070057)
typedef const char *STRSAFE_LPCSTR;
typedef const wchar_t *STRSAFE_LPCWSTR;
typedef char *STRSAFE_LPSTR;
typedef wchar_t *STRSAFE_LPWSTR;

/** Copies up to a number of characters, and the terminator; cuts off what does not fit.
 * @page nf-strsafe-stringcchcopyna */
FORCEINLINE HRESULT StringCchCopyNA(STRSAFE_LPSTR pszDest, size_t cchDest, STRSAFE_LPCSTR pszSrc, size_t cchToCopy)
{
    size_t i;

    if (cchDest == 0 || cchDest > STRSAFE_MAX_CCH || cchToCopy > STRSAFE_MAX_LENGTH) {
        return STRSAFE_E_INVALID_PARAMETER;
    }
    for (i = 0; i < cchDest - 1 && i < cchToCopy && pszSrc[i] != '\0'; i++) {
        pszDest[i] = pszSrc[i];
    }
    pszDest[i] = '\0';
    return i == cchToCopy || pszSrc[i] == '\0' ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

/** Copies a string; cuts off what does not fit.
 * @returns S_OK, STRSAFE_E_INSUFFICIENT_BUFFER or STRSAFE_E_INVALID_PARAMETER
 * @page nf-strsafe-stringcchcopya */
FORCEINLINE HRESULT StringCchCopyA(STRSAFE_LPSTR pszDest, size_t cchDest, STRSAFE_LPCSTR pszSrc)
{
    return StringCchCopyNA(pszDest, cchDest, pszSrc, STRSAFE_MAX_LENGTH);
}

/** Length of a string that ends within a limit.
 * @page nf-strsafe-stringcchlengtha */
FORCEINLINE HRESULT StringCchLengthA(STRSAFE_LPCSTR psz, size_t cchMax, size_t *pcchLength)
{
    size_t i;

    if (psz != NULL && cchMax <= STRSAFE_MAX_CCH) {
        for (i = 0; i < cchMax; i++) {
            if (psz[i] == '\0') {
                if (pcchLength != NULL) {
                    *pcchLength = i;
                }
                return S_OK;
            }
        }
    }
    if (pcchLength != NULL) {
        *pcchLength = 0;
    }
    return STRSAFE_E_INVALID_PARAMETER;
}

/** Appends up to a number of characters; cuts off what does not fit.
 * @page nf-strsafe-stringcchcatna */
FORCEINLINE HRESULT StringCchCatNA(STRSAFE_LPSTR pszDest, size_t cchDest, STRSAFE_LPCSTR pszSrc, size_t cchToAppend)
{
    size_t length;
    HRESULT result = StringCchLengthA(pszDest, cchDest, &length);

    return result == S_OK ? StringCchCopyNA(pszDest + length, cchDest - length, pszSrc, cchToAppend) : result;
}

/** Appends a string; cuts off what does not fit.
 * @page nf-strsafe-stringcchcata */
FORCEINLINE HRESULT StringCchCatA(STRSAFE_LPSTR pszDest, size_t cchDest, STRSAFE_LPCSTR pszSrc)
{
    return StringCchCatNA(pszDest, cchDest, pszSrc, STRSAFE_MAX_LENGTH);
}

/** Formats characters, with the arguments as a va_list; cuts off what does not fit.
 * @page nf-strsafe-stringcchvprintfa */
FORCEINLINE HRESULT StringCchVPrintfA(STRSAFE_LPSTR pszDest, size_t cchDest, STRSAFE_LPCSTR pszFormat, va_list argList)
{
    int length;

    if (cchDest == 0 || cchDest > STRSAFE_MAX_CCH) {
        return STRSAFE_E_INVALID_PARAMETER;
    }
    length = _vsnprintf(pszDest, cchDest - 1, pszFormat, argList);
    if (length < 0 || (size_t)length >= cchDest - 1) {
        pszDest[cchDest - 1] = '\0';
    }
    return length < 0 ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;
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
    size_t i;

    if (cchDest == 0 || cchDest > STRSAFE_MAX_CCH || cchToCopy > STRSAFE_MAX_LENGTH) {
        return STRSAFE_E_INVALID_PARAMETER;
    }
    for (i = 0; i < cchDest - 1 && i < cchToCopy && pszSrc[i] != L'\0'; i++) {
        pszDest[i] = pszSrc[i];
    }
    pszDest[i] = L'\0';
    return i == cchToCopy || pszSrc[i] == L'\0' ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

/** Copies a wide string; cuts off what does not fit.
 * @returns S_OK, STRSAFE_E_INSUFFICIENT_BUFFER or STRSAFE_E_INVALID_PARAMETER
 * @page nf-strsafe-stringcchcopyw */
FORCEINLINE HRESULT StringCchCopyW(STRSAFE_LPWSTR pszDest, size_t cchDest, STRSAFE_LPCWSTR pszSrc)
{
    return StringCchCopyNW(pszDest, cchDest, pszSrc, STRSAFE_MAX_LENGTH);
}

/** Length of a wide string that ends within a limit.
 * @page nf-strsafe-stringcchlengthw */
FORCEINLINE HRESULT StringCchLengthW(STRSAFE_LPCWSTR psz, size_t cchMax, size_t *pcchLength)
{
    size_t i;

    if (psz != NULL && cchMax <= STRSAFE_MAX_CCH) {
        for (i = 0; i < cchMax; i++) {
            if (psz[i] == L'\0') {
                if (pcchLength != NULL) {
                    *pcchLength = i;
                }
                return S_OK;
            }
        }
    }
    if (pcchLength != NULL) {
        *pcchLength = 0;
    }
    return STRSAFE_E_INVALID_PARAMETER;
}

/** Appends up to a number of wide characters; cuts off what does not fit.
 * @page nf-strsafe-stringcchcatnw */
FORCEINLINE HRESULT StringCchCatNW(STRSAFE_LPWSTR pszDest, size_t cchDest, STRSAFE_LPCWSTR pszSrc, size_t cchToAppend)
{
    size_t length;
    HRESULT result = StringCchLengthW(pszDest, cchDest, &length);

    return result == S_OK ? StringCchCopyNW(pszDest + length, cchDest - length, pszSrc, cchToAppend) : result;
}

/** Appends a wide string; cuts off what does not fit.
 * @page nf-strsafe-stringcchcatw */
FORCEINLINE HRESULT StringCchCatW(STRSAFE_LPWSTR pszDest, size_t cchDest, STRSAFE_LPCWSTR pszSrc)
{
    return StringCchCatNW(pszDest, cchDest, pszSrc, STRSAFE_MAX_LENGTH);
}

/** Formats wide characters, with the arguments as a va_list; cuts off what does not fit.
 * @page nf-strsafe-stringcchvprintfw */
FORCEINLINE HRESULT StringCchVPrintfW(STRSAFE_LPWSTR pszDest, size_t cchDest, STRSAFE_LPCWSTR pszFormat, va_list argList)
{
    int length;

    if (cchDest == 0 || cchDest > STRSAFE_MAX_CCH) {
        return STRSAFE_E_INVALID_PARAMETER;
    }
    length = _vsnwprintf(pszDest, cchDest - 1, pszFormat, argList);
    if (length < 0 || (size_t)length >= cchDest - 1) {
        pszDest[cchDest - 1] = L'\0';
    }
    return length < 0 ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;
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
