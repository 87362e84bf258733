/* Names that mean narrow or, with _UNICODE, wide characters. */
#ifndef _DMS_TCHAR_H_
#define _DMS_TCHAR_H_

#ifdef _DMS_KERNEL_MODE
#error tchar.h is a header of processes
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#ifdef _UNICODE
#ifndef _TCHAR_DEFINED
#define _TCHAR_DEFINED
typedef wchar_t _TCHAR;
#endif
#define __T(x)       L##x
#define _tmain       wmain
#define _tprintf     wprintf
#define _vtprintf    vwprintf
#define _stprintf_s  swprintf_s
#define _sntprintf   _snwprintf
#define _vsntprintf  _vsnwprintf
#define _tcslen      wcslen
#define _tcscpy      wcscpy
#define _tcscpy_s    wcscpy_s
#define _tcscat      wcscat
#define _tcscat_s    wcscat_s
#define _tcsncpy     wcsncpy
#define _tcscmp      wcscmp
#define _tcsncmp     wcsncmp
#define _tcsicmp     _wcsicmp
#define _tcsnicmp    _wcsnicmp
#define _tcschr      wcschr
#define _tcsrchr     wcsrchr
#define _tcsstr      wcsstr
#else
#ifndef _TCHAR_DEFINED
#define _TCHAR_DEFINED
typedef char _TCHAR;
#endif
#define __T(x)       x
#define _tmain       main
#define _tprintf     printf
#define _vtprintf    vprintf
#define _stprintf_s  sprintf_s
#define _sntprintf   _snprintf
#define _vsntprintf  _vsnprintf
#define _tcslen      strlen
#define _tcscpy      strcpy
#define _tcscpy_s    strcpy_s
#define _tcscat      strcat
#define _tcscat_s    strcat_s
#define _tcsncpy     strncpy
#define _tcscmp      strcmp
#define _tcsncmp     strncmp
#define _tcsicmp     _stricmp
#define _tcsnicmp    _strnicmp
#define _tcschr      strchr
#define _tcsrchr     strrchr
#define _tcsstr      strstr
#define _ttoi        atoi
#define _tcstoul     strtoul
#define _tcstol      strtol
#define _stscanf     sscanf
#define _stscanf_s   sscanf_s
#endif
#define _T(x)    __T(x)
#define _TEXT(x) __T(x)

#endif
