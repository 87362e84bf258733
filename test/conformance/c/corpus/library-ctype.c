/* ctype.h in the C locale, for every character. */
#include <stdio.h>
#include <ctype.h>

int main(void)
{
    static int (*const tests[])(int) = { isalnum, isalpha, iscntrl, isdigit, isgraph, islower, isprint, ispunct, isspace, isupper, isxdigit, isblank };
    for (int t = 0; t < (int)(sizeof(tests) / sizeof(*tests)); t++) {
        unsigned sum = 0; int count = 0;
        for (int c = -1; c < 256; c++) if (tests[t](c)) { sum = sum * 31 + (unsigned)c; count++; }
        printf("%d %u\n", count, sum);
    }
    for (int c = 'A' - 1; c <= 'z' + 1; c += 5) printf("%c%c", toupper(c), tolower(c));
    printf("%d %d\n", toupper(-1), tolower(200));
    return 0;
}
