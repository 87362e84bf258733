/*
 * Reading: values out of texts, as sscanf does. What comes from a keyboard or from the process' input never comes.
 */
#include <windows.h>
#include <stdlib.h>
#include <string.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <conio.h>
#include "c-library.h"

/* Where reading stands. */
typedef struct _SCAN {
    const char *Text;
    const char *Start;
} SCAN;

/* One conversion of a format. */
typedef struct _CONVERSION {
    int         Stores;         /* not %* */
    size_t      Width;          /* characters at most; 0: no limit */
    int         Size;           /* bytes of an integer, of a float (4) or double (8) */
    int         Wide;           /* characters are stored as wchar_t */
    char        Kind;
    const char *Set;            /* of %[, behind the bracket and ^ */
    size_t      SetLength;
    int         Excludes;
} CONVERSION;

/* The conversion behind a percent sign; answers what stands behind it. */
static const char *
ParseConversion(const char *format, CONVERSION *conversion)
{
    memset(conversion, 0, sizeof(*conversion));
    conversion->Stores = 1;
    conversion->Size = 4;
    if (*format == '*') {
        conversion->Stores = 0;
        format++;
    }
    while (isdigit((unsigned char)*format)) {
        conversion->Width = conversion->Width * 10 + (size_t)(*format++ - '0');
    }
    if (format[0] == 'I' && format[1] == '6' && format[2] == '4') {
        conversion->Size = 8;
        format += 3;
    } else if (format[0] == 'I' && format[1] == '3' && format[2] == '2') {
        format += 3;
    } else if (format[0] == 'l' && format[1] == 'l') {
        conversion->Size = 8;
        format += 2;
    } else if (format[0] == 'h' && format[1] == 'h') {
        conversion->Size = 1;
        format += 2;
    } else if (format[0] == 'h') {
        conversion->Size = 2;
        format++;
    } else if (format[0] == 'I' || format[0] == 'z' || format[0] == 't' || format[0] == 'j') {
        conversion->Size = 8;
        format++;
    } else if (format[0] == 'l' || format[0] == 'L' || format[0] == 'w') {
        conversion->Wide = 1;
        format++;
    }
    conversion->Kind = *format;
    if (*format == '\0') {
        return format;
    }
    format++;
    if (conversion->Kind == '[') {
        if (*format == '^') {
            conversion->Excludes = 1;
            format++;
        }
        conversion->Set = format;
        /* A bracket that comes first belongs to the set. */
        if (*format == ']') {
            format++;
        }
        while (*format != '\0' && *format != ']') {
            format++;
        }
        conversion->SetLength = (size_t)(format - conversion->Set);
        if (*format == ']') {
            format++;
        }
    }
    return format;
}

static int
IsInSet(const CONVERSION *conversion, char character)
{
    size_t i;

    for (i = 0; i < conversion->SetLength; i++) {
        char first = conversion->Set[i];

        if (i + 2 < conversion->SetLength && conversion->Set[i + 1] == '-') {
            if (character >= first && character <= conversion->Set[i + 2]) {
                return !conversion->Excludes;
            }
            i += 2;
        } else if (character == first) {
            return !conversion->Excludes;
        }
    }
    return conversion->Excludes;
}

static void
SkipSpace(SCAN *scan)
{
    while (isspace((unsigned char)*scan->Text)) {
        scan->Text++;
    }
}

/* Characters of %c, %s and %[; answers whether there were any, and with a limit whether they fit. */
static int
ScanCharacters(SCAN *scan, const CONVERSION *conversion, void *destination, size_t limit)
{
    size_t width = conversion->Width != 0 ? conversion->Width : conversion->Kind == 'c' ? 1 : (size_t)-1;
    size_t count = 0;

    while (count < width && scan->Text[count] != '\0' &&
           (conversion->Kind == 'c' || (conversion->Kind == 's' ? !isspace((unsigned char)scan->Text[count])
                                                                : IsInSet(conversion, scan->Text[count])))) {
        count++;
    }
    if (count == 0 || (conversion->Kind == 'c' && count < width)) {
        return 0;
    }
    if (destination != NULL) {
        size_t i;
        size_t needed = conversion->Kind == 'c' ? count : count + 1;

        if (needed > limit) {
            if (limit != 0) {
                *(char *)destination = '\0';
            }
            return 0;
        }
        for (i = 0; i < needed; i++) {
            char character = i < count ? scan->Text[i] : '\0';

            if (conversion->Wide) {
                ((wchar_t *)destination)[i] = (wchar_t)(unsigned char)character;
            } else {
                ((char *)destination)[i] = character;
            }
        }
    }
    scan->Text += count;
    return 1;
}

/* The longest number that a conversion may read, in a buffer of its own. */
#define MOST_DIGITS 127

static int
ScanNumber(SCAN *scan, const CONVERSION *conversion, void *destination)
{
    char digits[MOST_DIGITS + 1];
    char *end;
    size_t width = conversion->Width != 0 && conversion->Width < MOST_DIGITS ? conversion->Width : MOST_DIGITS;
    size_t count;
    int base;

    for (count = 0; count < width && scan->Text[count] != '\0' && !isspace((unsigned char)scan->Text[count]); count++) {
        digits[count] = scan->Text[count];
    }
    digits[count] = '\0';
    if (strchr("eEfFgGaA", conversion->Kind) != NULL) {
        double value = strtod(digits, &end);

        if (destination != NULL && end != digits) {
            if (conversion->Wide) {
                *(double *)destination = value;
            } else {
                *(float *)destination = (float)value;
            }
        }
    } else {
        unsigned __int64 value;
        int size = conversion->Kind == 'p' ? 8 : conversion->Size;

        base = strchr("xXp", conversion->Kind) != NULL ? 16 : conversion->Kind == 'o' ? 8 : conversion->Kind == 'i' ? 0 : 10;
        value = digits[0] == '-' ? (unsigned __int64)_strtoi64(digits, &end, base) : _strtoui64(digits, &end, base);
        if (destination != NULL && end != digits) {
            memcpy(destination, &value, (size_t)size);
        }
    }
    if (end == digits) {
        return 0;
    }
    scan->Text += end - digits;
    return 1;
}

static int
ScanText(const char *buffer, const char *format, va_list list, int hasSizes)
{
    SCAN scan = { buffer, buffer };
    int stored = 0;

    while (*format != '\0') {
        CONVERSION conversion;
        void *destination = NULL;
        int isText;

        if (isspace((unsigned char)*format)) {
            SkipSpace(&scan);
            format++;
            continue;
        }
        if (*format != '%' || format[1] == '%') {
            format += *format == '%';
            if (*format != *scan.Text) {
                return stored == 0 && *scan.Text == '\0' ? EOF : stored;
            }
            format++;
            scan.Text++;
            continue;
        }
        format = ParseConversion(format + 1, &conversion);
        if (conversion.Kind == 'S' || conversion.Kind == 'C') {
            conversion.Wide = 1;
            conversion.Kind = (char)tolower((unsigned char)conversion.Kind);
        }
        if (conversion.Kind == 'n') {
            int count = (int)(scan.Text - scan.Start);

            if (conversion.Stores) {
                memcpy(va_arg(list, void *), &count, (size_t)conversion.Size);
            }
            continue;
        }
        isText = conversion.Kind == 'c' || conversion.Kind == 's' || conversion.Kind == '[';
        if (!isText && strchr("diouxXpeEfFgGaA", conversion.Kind) == NULL) {
            return stored;
        }
        if (conversion.Kind != 'c' && conversion.Kind != '[') {
            SkipSpace(&scan);
        }
        if (*scan.Text == '\0') {
            return stored == 0 ? EOF : stored;
        }
        if (conversion.Stores) {
            destination = va_arg(list, void *);
        }
        if (isText) {
            size_t limit = hasSizes && conversion.Stores ? va_arg(list, unsigned) : (size_t)-1;

            if (!ScanCharacters(&scan, &conversion, destination, limit)) {
                return stored;
            }
        } else if (!ScanNumber(&scan, &conversion, destination)) {
            return stored;
        }
        stored += conversion.Stores;
    }
    return stored;
}

int
vsscanf(const char *buffer, const char *format, va_list list)
{
    return ScanText(buffer, format, list, 0);
}

int
sscanf(const char *buffer, const char *format, ...)
{
    va_list list;
    int stored;

    va_start(list, format);
    stored = ScanText(buffer, format, list, 0);
    va_end(list);
    return stored;
}

int
sscanf_s(const char *buffer, const char *format, ...)
{
    va_list list;
    int stored;

    va_start(list, format);
    stored = ScanText(buffer, format, list, 1);
    va_end(list);
    return stored;
}

/* ---- Input, of which there is none ----------------------------------------------------------------- */

int
scanf(const char *format, ...)
{
    (void)format;
    return EOF;
}

int
scanf_s(const char *format, ...)
{
    (void)format;
    return EOF;
}

char *
gets_s(char *buffer, size_t size)
{
    if (size != 0) {
        buffer[0] = '\0';
    }
    return NULL;
}

int
_kbhit(void)
{
    return 0;
}

int
_getch(void)
{
    return EOF;
}

int
_getche(void)
{
    return EOF;
}
