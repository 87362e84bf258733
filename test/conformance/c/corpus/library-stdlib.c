/* stdlib.h: numbers from text, the heap, sorting, arithmetic. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <limits.h>

static int compare(const void *a, const void *b) { return memcmp(a, b, 3); }

static void number(const char *text, int base)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, base);
    printf("%s/%d: %lld <%s> %d", text, base, v, end, errno == ERANGE);
    errno = 0;
    unsigned long long u = strtoull(text, &end, base);
    printf(" %llu <%s> %d\n", u, end, errno == ERANGE);
}

int main(void)
{
    char *p, *q, records[] = "cccaaabbbaab", *end;
    int i;

    printf("%d %d %d %d %d\n", atoi("42"), atoi("  -17xyz"), atoi("+5"), atoi("abc"), atoi(""));
    printf("%lld %.4f %.2f\n", atoll("-9000000000"), atof("3.25e2x"), atof("  -.5"));
    number("123", 10); number("  -0x1fz", 16); number("0x1f", 0); number("0777", 0); number("zz", 36); number("099", 0);
    number("9223372036854775808", 10); number("-9223372036854775809", 10); number("99999999999999999999", 10); number("-1", 10);
    number("", 10); number("+", 10); number("0x", 16); number("101012", 2);
    { double d = strtod("1e3abc", &end); printf("%.3f <%s>\n", d, end); d = strtod("nothing", &end); printf("%g <%s>\n", d, end); }
    printf("%g %g\n", strtod("0x1.8p1", NULL), strtod("1e-400", NULL));
    p = malloc(10); strcpy(p, "malloc"); p = realloc(p, 100); strcat(p, " and realloc"); puts(p);
    q = calloc(4, 8); for (i = 0; i < 32; i++) if (q[i] != 0) puts("not zero"); free(q); free(p); free(NULL);
    p = realloc(NULL, 5); printf("%d\n", p != NULL); free(p);
    for (i = 1; i < 200; i++) { p = malloc(i * 7); memset(p, i, i * 7); if (i % 3) free(p); }
    qsort(records, 4, 3, compare); puts(records);
    printf("%s\n", (char *)bsearch("aab", records, 4, 3, compare));
    printf("%d %ld %lld\n", abs(-5), labs(-6L), llabs(-7LL));
    printf("%d %d %d %d\n", div(-7, 2).quot, div(-7, 2).rem, (int)ldiv(9L, 4L).rem, (int)lldiv(9LL, 4LL).quot);
    srand(1); i = rand(); srand(1); printf("%d %d\n", i == rand(), i >= 0 && i <= RAND_MAX);
    printf("%d %d\n", EXIT_SUCCESS, EXIT_FAILURE);
    exit(0);
}
