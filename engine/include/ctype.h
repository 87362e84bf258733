/* Classification and case of characters. */
#ifndef _DMS_CTYPE_H_
#define _DMS_CTYPE_H_

#include <stddef.h>

/** Nonzero for a letter. */
int __cdecl isalpha(int c);
/** Nonzero for a letter or a decimal digit. */
int __cdecl isalnum(int c);
/** Nonzero for a decimal digit. */
int __cdecl isdigit(int c);
/** Nonzero for a hexadecimal digit. */
int __cdecl isxdigit(int c);
/** Nonzero for a blank, a tab or a line end. */
int __cdecl isspace(int c);
/** Nonzero for a character that shows, or a blank. */
int __cdecl isprint(int c);
/** Nonzero for a capital letter. */
int __cdecl isupper(int c);
/** Nonzero for a small letter. */
int __cdecl islower(int c);
#ifndef _DMS_KERNEL_MODE
/** Nonzero for a character that is printed and is no letter, digit or blank. */
int __cdecl ispunct(int c);
/** Nonzero for a control character. */
int __cdecl iscntrl(int c);
/** Nonzero for a character that shows, blanks excluded. */
int __cdecl isgraph(int c);
/** A space or a tab. */
int __cdecl isblank(int c);
#endif
/** The capital of a small letter, any other character unchanged. */
int __cdecl toupper(int c);
/** The small form of a capital letter, any other character unchanged. */
int __cdecl tolower(int c);
/** The capital of a wide letter. */
wchar_t __cdecl towupper(wchar_t c);
/** The small form of a wide letter. */
wchar_t __cdecl towlower(wchar_t c);

#endif
