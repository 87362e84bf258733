/* Strings with a limit, for drivers. */
#ifndef _NTSTRSAFE_H_INCLUDED_
#define _NTSTRSAFE_H_INCLUDED_

#ifdef _DMS_USER_MODE
#error ntstrsafe.h is a kernel header; a process has snprintf from stdio.h
#endif

#include <ntdef.h>
#include <ntstatus.h>
#include <string.h>
#include <dmsstrings.h>

#define NTSTRSAFEDDI NTSTATUS
#define NTSTRSAFE_MAX_CCH      _DMS_STRING_MAX_CCH
#define NTSTRSAFE_MAX_LENGTH   (NTSTRSAFE_MAX_CCH - 1)
#define NTSTRSAFE_UNICODE_STRING_MAX_CCH (0xffff / sizeof(wchar_t))
#define STRSAFE_IGNORE_NULLS           0x00000100
#define STRSAFE_FILL_BEHIND_NULL       0x00000200
#define STRSAFE_FILL_ON_FAILURE        0x00000400
#define STRSAFE_NULL_ON_FAILURE        0x00000800
#define STRSAFE_NO_TRUNCATION          0x00001000
typedef const char *NTSTRSAFE_PCSTR;
typedef const wchar_t *NTSTRSAFE_PCWSTR;
typedef char *NTSTRSAFE_PSTR;
typedef wchar_t *NTSTRSAFE_PWSTR;

/** The status that tells how a bounded operation went. */
FORCEINLINE NTSTATUS _DmsStringStatus(DMS_STRING_RESULT Result)
{
    return Result == DmsStringWhole ? STATUS_SUCCESS : Result == DmsStringCut ? STATUS_BUFFER_OVERFLOW : STATUS_INVALID_PARAMETER;
}

/** Copies a string if it fits; otherwise what fits.
 * @param cchDest size of the destination in characters
 * @returns STATUS_SUCCESS, STATUS_BUFFER_OVERFLOW (cut off) or STATUS_INVALID_PARAMETER
 * @page nf-ntstrsafe-rtlstringcchcopya */
FORCEINLINE NTSTATUS RtlStringCchCopyA(NTSTRSAFE_PSTR pszDest, size_t cchDest, NTSTRSAFE_PCSTR pszSrc)
{
    return _DmsStringStatus(_dms_string_copy(pszDest, cchDest, pszSrc, NTSTRSAFE_MAX_LENGTH));
}

/** Copies a wide string if it fits; otherwise what fits.
 * @param cchDest size of the destination in characters
 * @returns STATUS_SUCCESS, STATUS_BUFFER_OVERFLOW (cut off) or STATUS_INVALID_PARAMETER
 * @page nf-ntstrsafe-rtlstringcchcopyw */
FORCEINLINE NTSTATUS RtlStringCchCopyW(NTSTRSAFE_PWSTR pszDest, size_t cchDest, NTSTRSAFE_PCWSTR pszSrc)
{
    return _DmsStringStatus(_dms_string_copy_wide(pszDest, cchDest, pszSrc, NTSTRSAFE_MAX_LENGTH));
}

/** Copies a string if it fits; the size counts bytes. */
FORCEINLINE NTSTATUS RtlStringCbCopyA(NTSTRSAFE_PSTR pszDest, size_t cbDest, NTSTRSAFE_PCSTR pszSrc)
{
    return RtlStringCchCopyA(pszDest, cbDest, pszSrc);
}

/** Copies a wide string if it fits; the size counts bytes. */
FORCEINLINE NTSTATUS RtlStringCbCopyW(NTSTRSAFE_PWSTR pszDest, size_t cbDest, NTSTRSAFE_PCWSTR pszSrc)
{
    return RtlStringCchCopyW(pszDest, cbDest / sizeof(wchar_t), pszSrc);
}

/** Copies up to a number of characters, and the terminator.
 * @param cchToCopy characters of the source at most
 * @returns STATUS_SUCCESS, STATUS_BUFFER_OVERFLOW (cut off) or STATUS_INVALID_PARAMETER
 * @page nf-ntstrsafe-rtlstringcchcopyna */
FORCEINLINE NTSTATUS RtlStringCchCopyNA(NTSTRSAFE_PSTR pszDest, size_t cchDest, NTSTRSAFE_PCSTR pszSrc, size_t cchToCopy)
{
    return _DmsStringStatus(_dms_string_copy(pszDest, cchDest, pszSrc, cchToCopy));
}

/** Copies up to a number of wide characters, and the terminator.
 * @param cchToCopy characters of the source at most
 * @page nf-ntstrsafe-rtlstringcchcopynw */
FORCEINLINE NTSTATUS RtlStringCchCopyNW(NTSTRSAFE_PWSTR pszDest, size_t cchDest, NTSTRSAFE_PCWSTR pszSrc, size_t cchToCopy)
{
    return _DmsStringStatus(_dms_string_copy_wide(pszDest, cchDest, pszSrc, cchToCopy));
}

/** Copies up to a number of bytes, and the terminator. */
FORCEINLINE NTSTATUS RtlStringCbCopyNA(NTSTRSAFE_PSTR pszDest, size_t cbDest, NTSTRSAFE_PCSTR pszSrc, size_t cbToCopy)
{
    return RtlStringCchCopyNA(pszDest, cbDest, pszSrc, cbToCopy);
}

/** Copies up to a number of bytes of wide characters, and the terminator. */
FORCEINLINE NTSTATUS RtlStringCbCopyNW(NTSTRSAFE_PWSTR pszDest, size_t cbDest, NTSTRSAFE_PCWSTR pszSrc, size_t cbToCopy)
{
    return RtlStringCchCopyNW(pszDest, cbDest / sizeof(wchar_t), pszSrc, cbToCopy / sizeof(wchar_t));
}

/** Length of a string that ends within a limit.
 * @param cchMax limit in characters, the terminator included
 * @page nf-ntstrsafe-rtlstringcchlengtha */
FORCEINLINE NTSTATUS RtlStringCchLengthA(NTSTRSAFE_PCSTR psz, size_t cchMax, size_t *pcchLength)
{
    return _DmsStringStatus(_dms_string_length(psz, cchMax, pcchLength));
}

/** Length of a wide string that ends within a limit.
 * @param cchMax limit in characters, the terminator included
 * @page nf-ntstrsafe-rtlstringcchlengthw */
FORCEINLINE NTSTATUS RtlStringCchLengthW(NTSTRSAFE_PCWSTR psz, size_t cchMax, size_t *pcchLength)
{
    return _DmsStringStatus(_dms_string_length_wide(psz, cchMax, pcchLength));
}

/** Length in bytes of a string that ends within a limit. */
FORCEINLINE NTSTATUS RtlStringCbLengthA(NTSTRSAFE_PCSTR psz, size_t cbMax, size_t *pcbLength)
{
    return RtlStringCchLengthA(psz, cbMax, pcbLength);
}

/** Length in bytes of a wide string that ends within a limit. */
FORCEINLINE NTSTATUS RtlStringCbLengthW(NTSTRSAFE_PCWSTR psz, size_t cbMax, size_t *pcbLength)
{
    size_t length;
    NTSTATUS status = RtlStringCchLengthW(psz, cbMax / sizeof(wchar_t), &length);

    if (pcbLength != NULL) {
        *pcbLength = length * sizeof(wchar_t);
    }
    return status;
}

/** Appends a string if it fits; otherwise what fits.
 * @page nf-ntstrsafe-rtlstringcchcata */
FORCEINLINE NTSTATUS RtlStringCchCatA(NTSTRSAFE_PSTR pszDest, size_t cchDest, NTSTRSAFE_PCSTR pszSrc)
{
    return _DmsStringStatus(_dms_string_append(pszDest, cchDest, pszSrc, NTSTRSAFE_MAX_LENGTH));
}

/** Appends a wide string if it fits; otherwise what fits.
 * @page nf-ntstrsafe-rtlstringcchcatw */
FORCEINLINE NTSTATUS RtlStringCchCatW(NTSTRSAFE_PWSTR pszDest, size_t cchDest, NTSTRSAFE_PCWSTR pszSrc)
{
    return _DmsStringStatus(_dms_string_append_wide(pszDest, cchDest, pszSrc, NTSTRSAFE_MAX_LENGTH));
}

/** Appends a string if it fits; the size counts bytes. */
FORCEINLINE NTSTATUS RtlStringCbCatA(NTSTRSAFE_PSTR pszDest, size_t cbDest, NTSTRSAFE_PCSTR pszSrc)
{
    return RtlStringCchCatA(pszDest, cbDest, pszSrc);
}

/** Appends a wide string if it fits; the size counts bytes. */
FORCEINLINE NTSTATUS RtlStringCbCatW(NTSTRSAFE_PWSTR pszDest, size_t cbDest, NTSTRSAFE_PCWSTR pszSrc)
{
    return RtlStringCchCatW(pszDest, cbDest / sizeof(wchar_t), pszSrc);
}

/** Appends up to a number of characters, and the terminator.
 * @page nf-ntstrsafe-rtlstringcchcatna */
FORCEINLINE NTSTATUS RtlStringCchCatNA(NTSTRSAFE_PSTR pszDest, size_t cchDest, NTSTRSAFE_PCSTR pszSrc, size_t cchToAppend)
{
    return _DmsStringStatus(_dms_string_append(pszDest, cchDest, pszSrc, cchToAppend));
}

/** Appends up to a number of wide characters, and the terminator.
 * @page nf-ntstrsafe-rtlstringcchcatnw */
FORCEINLINE NTSTATUS RtlStringCchCatNW(NTSTRSAFE_PWSTR pszDest, size_t cchDest, NTSTRSAFE_PCWSTR pszSrc, size_t cchToAppend)
{
    return _DmsStringStatus(_dms_string_append_wide(pszDest, cchDest, pszSrc, cchToAppend));
}

/** Appends up to a number of bytes, and the terminator. */
FORCEINLINE NTSTATUS RtlStringCbCatNA(NTSTRSAFE_PSTR pszDest, size_t cbDest, NTSTRSAFE_PCSTR pszSrc, size_t cbToAppend)
{
    return RtlStringCchCatNA(pszDest, cbDest, pszSrc, cbToAppend);
}

/** Appends up to a number of bytes of wide characters, and the terminator. */
FORCEINLINE NTSTATUS RtlStringCbCatNW(NTSTRSAFE_PWSTR pszDest, size_t cbDest, NTSTRSAFE_PCWSTR pszSrc, size_t cbToAppend)
{
    return RtlStringCchCatNW(pszDest, cbDest / sizeof(wchar_t), pszSrc, cbToAppend / sizeof(wchar_t));
}

/** Formats into a buffer, with the arguments as a va_list.
 * @returns STATUS_SUCCESS, STATUS_BUFFER_OVERFLOW (cut off) or STATUS_INVALID_PARAMETER
 * @page nf-ntstrsafe-rtlstringcchvprintfa */
FORCEINLINE NTSTATUS RtlStringCchVPrintfA(NTSTRSAFE_PSTR pszDest, size_t cchDest, NTSTRSAFE_PCSTR pszFormat, va_list argList)
{
    return _DmsStringStatus(_dms_string_format(pszDest, cchDest, pszFormat, argList));
}

/** Formats wide characters into a buffer, with the arguments as a va_list.
 * @returns STATUS_SUCCESS, STATUS_BUFFER_OVERFLOW (cut off) or STATUS_INVALID_PARAMETER
 * @page nf-ntstrsafe-rtlstringcchvprintfw */
FORCEINLINE NTSTATUS RtlStringCchVPrintfW(NTSTRSAFE_PWSTR pszDest, size_t cchDest, NTSTRSAFE_PCWSTR pszFormat, va_list argList)
{
    return _DmsStringStatus(_dms_string_format_wide(pszDest, cchDest, pszFormat, argList));
}

/** Formats into a buffer.
 * @param cchDest size of the destination in characters
 * @returns STATUS_SUCCESS, STATUS_BUFFER_OVERFLOW (cut off) or STATUS_INVALID_PARAMETER
 * @page nf-ntstrsafe-rtlstringcchprintfa */
FORCEINLINE NTSTATUS RtlStringCchPrintfA(NTSTRSAFE_PSTR pszDest, size_t cchDest, NTSTRSAFE_PCSTR pszFormat, ...)
{
    NTSTATUS status;
    va_list argList;

    va_start(argList, pszFormat);
    status = RtlStringCchVPrintfA(pszDest, cchDest, pszFormat, argList);
    va_end(argList);
    return status;
}

/** Formats wide characters into a buffer.
 * @param cchDest size of the destination in characters
 * @returns STATUS_SUCCESS, STATUS_BUFFER_OVERFLOW (cut off) or STATUS_INVALID_PARAMETER
 * @page nf-ntstrsafe-rtlstringcchprintfw */
FORCEINLINE NTSTATUS RtlStringCchPrintfW(NTSTRSAFE_PWSTR pszDest, size_t cchDest, NTSTRSAFE_PCWSTR pszFormat, ...)
{
    NTSTATUS status;
    va_list argList;

    va_start(argList, pszFormat);
    status = RtlStringCchVPrintfW(pszDest, cchDest, pszFormat, argList);
    va_end(argList);
    return status;
}

/** Formats into a buffer; the size counts bytes.
 * @page nf-ntstrsafe-rtlstringcbprintfa */
FORCEINLINE NTSTATUS RtlStringCbPrintfA(NTSTRSAFE_PSTR pszDest, size_t cbDest, NTSTRSAFE_PCSTR pszFormat, ...)
{
    NTSTATUS status;
    va_list argList;

    va_start(argList, pszFormat);
    status = RtlStringCchVPrintfA(pszDest, cbDest, pszFormat, argList);
    va_end(argList);
    return status;
}

/** Formats wide characters into a buffer; the size counts bytes.
 * @page nf-ntstrsafe-rtlstringcbprintfw */
FORCEINLINE NTSTATUS RtlStringCbPrintfW(NTSTRSAFE_PWSTR pszDest, size_t cbDest, NTSTRSAFE_PCWSTR pszFormat, ...)
{
    NTSTATUS status;
    va_list argList;

    va_start(argList, pszFormat);
    status = RtlStringCchVPrintfW(pszDest, cbDest / sizeof(wchar_t), pszFormat, argList);
    va_end(argList);
    return status;
}

/** Formats into a buffer, with the arguments as a va_list; the size counts bytes. */
FORCEINLINE NTSTATUS RtlStringCbVPrintfA(NTSTRSAFE_PSTR pszDest, size_t cbDest, NTSTRSAFE_PCSTR pszFormat, va_list argList)
{
    return RtlStringCchVPrintfA(pszDest, cbDest, pszFormat, argList);
}

/** Formats wide characters into a buffer, with the arguments as a va_list; the size counts bytes. */
FORCEINLINE NTSTATUS RtlStringCbVPrintfW(NTSTRSAFE_PWSTR pszDest, size_t cbDest, NTSTRSAFE_PCWSTR pszFormat, va_list argList)
{
    return RtlStringCchVPrintfW(pszDest, cbDest / sizeof(wchar_t), pszFormat, argList);
}

/** Makes a UNICODE_STRING of a terminated string; fails when it is too long.
 * @page nf-ntstrsafe-rtlunicodestringinit */
FORCEINLINE NTSTATUS RtlUnicodeStringInit(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR pszSrc)
{
    size_t length = 0;

    DestinationString->Length = 0;
    DestinationString->MaximumLength = 0;
    DestinationString->Buffer = NULL;
    if (pszSrc == NULL) {
        return STATUS_SUCCESS;
    }
    while (pszSrc[length] != L'\0') {
        length++;
        if (length >= NTSTRSAFE_UNICODE_STRING_MAX_CCH) {
            return STATUS_INVALID_PARAMETER;
        }
    }
    DestinationString->Length = (USHORT)(length * sizeof(wchar_t));
    DestinationString->MaximumLength = (USHORT)((length + 1) * sizeof(wchar_t));
    DestinationString->Buffer = (PWSTR)pszSrc;
    return STATUS_SUCCESS;
}

/** Puts characters behind those that a counted string has; what does not fit is cut off. */
FORCEINLINE NTSTATUS _DmsAppend(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR Source, size_t cch)
{
    size_t at = DestinationString->Length / sizeof(wchar_t);
    size_t room = DestinationString->MaximumLength / sizeof(wchar_t) - at;
    size_t i;

    for (i = 0; i < cch && i < room; i++) {
        DestinationString->Buffer[at + i] = Source[i];
    }
    DestinationString->Length = (USHORT)((at + i) * sizeof(wchar_t));
    return i == cch ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;
}

/** Copies a terminated string into a counted one, without the terminator.
 * @returns STATUS_SUCCESS or STATUS_BUFFER_OVERFLOW (cut off)
 * @page nf-ntstrsafe-rtlunicodestringcopystring */
FORCEINLINE NTSTATUS RtlUnicodeStringCopyString(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR pszSrc)
{
    DestinationString->Length = 0;
    return _DmsAppend(DestinationString, pszSrc, wcslen(pszSrc));
}

/** Copies a counted string.
 * @returns STATUS_SUCCESS or STATUS_BUFFER_OVERFLOW (cut off)
 * @page nf-ntstrsafe-rtlunicodestringcopy */
FORCEINLINE NTSTATUS RtlUnicodeStringCopy(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString)
{
    DestinationString->Length = 0;
    return _DmsAppend(DestinationString, SourceString->Buffer, SourceString->Length / sizeof(wchar_t));
}

/** Appends a terminated string to a counted one, without the terminator.
 * @returns STATUS_SUCCESS or STATUS_BUFFER_OVERFLOW (cut off)
 * @page nf-ntstrsafe-rtlunicodestringcatstring */
FORCEINLINE NTSTATUS RtlUnicodeStringCatString(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR pszSrc)
{
    return _DmsAppend(DestinationString, pszSrc, wcslen(pszSrc));
}

/** Appends a counted string.
 * @returns STATUS_SUCCESS or STATUS_BUFFER_OVERFLOW (cut off)
 * @page nf-ntstrsafe-rtlunicodestringcat */
FORCEINLINE NTSTATUS RtlUnicodeStringCat(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString)
{
    return _DmsAppend(DestinationString, SourceString->Buffer, SourceString->Length / sizeof(wchar_t));
}

/** Formats into a counted string, with the arguments as a va_list.
 * @returns STATUS_SUCCESS or STATUS_BUFFER_OVERFLOW (cut off)
 * @page nf-ntstrsafe-rtlunicodestringvprintf */
FORCEINLINE NTSTATUS RtlUnicodeStringVPrintf(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR pszFormat, va_list argList)
{
    size_t room = DestinationString->MaximumLength / sizeof(wchar_t);
    int length = _vsnwprintf(DestinationString->Buffer, room, pszFormat, argList);

    DestinationString->Length = (USHORT)((length < 0 ? room : (size_t)length) * sizeof(wchar_t));
    return length < 0 ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

/** Formats into a counted string.
 * @returns STATUS_SUCCESS or STATUS_BUFFER_OVERFLOW (cut off)
 * @page nf-ntstrsafe-rtlunicodestringprintf */
FORCEINLINE NTSTATUS RtlUnicodeStringPrintf(PUNICODE_STRING DestinationString, NTSTRSAFE_PCWSTR pszFormat, ...)
{
    NTSTATUS status;
    va_list argList;

    va_start(argList, pszFormat);
    status = RtlUnicodeStringVPrintf(DestinationString, pszFormat, argList);
    va_end(argList);
    return status;
}

#ifdef UNICODE
#define RtlStringCchCopy   RtlStringCchCopyW
#define RtlStringCbCopy    RtlStringCbCopyW
#define RtlStringCchCat    RtlStringCchCatW
#define RtlStringCbCat     RtlStringCbCatW
#define RtlStringCchPrintf RtlStringCchPrintfW
#define RtlStringCbPrintf  RtlStringCbPrintfW
#define RtlStringCchLength RtlStringCchLengthW
#define RtlStringCbLength  RtlStringCbLengthW
#define RtlStringCchCopyN  RtlStringCchCopyNW
#define RtlStringCbCopyN   RtlStringCbCopyNW
#define RtlStringCchCatN   RtlStringCchCatNW
#define RtlStringCbCatN    RtlStringCbCatNW
#else
#define RtlStringCchCopy   RtlStringCchCopyA
#define RtlStringCbCopy    RtlStringCbCopyA
#define RtlStringCchCat    RtlStringCchCatA
#define RtlStringCbCat     RtlStringCbCatA
#define RtlStringCchPrintf RtlStringCchPrintfA
#define RtlStringCbPrintf  RtlStringCbPrintfA
#define RtlStringCchLength RtlStringCchLengthA
#define RtlStringCbLength  RtlStringCbLengthA
#define RtlStringCchCopyN  RtlStringCchCopyNA
#define RtlStringCbCopyN   RtlStringCbCopyNA
#define RtlStringCchCatN   RtlStringCchCatNA
#define RtlStringCbCatN    RtlStringCbCatNA
#endif

#endif
