/* sscanf: every conversion, widths, suppression, sets, literals, and where it stops. */
#include <stdio.h>
#include <string.h>

static void counts(const char *text, const char *format)
{
    int first = -9, second = -9;
    int stored = sscanf(text, format, &first, &second);

    printf("%d %d %d\n", stored, first, second);
}

int main(void)
{
    int a = 0, b = 0, n = -1;
    unsigned u = 0;
    short h = 0;
    signed char hh = 0;
    long long wide = 0;
    double d = 0;
    float f = 0;
    char word[16], set[16], two[3];
    void *pointer = 0;

    counts("12 34", "%d %d");
    counts("  -12\n+34", "%d%d");
    counts("12", "%d %d");
    counts("", "%d %d");
    counts("   ", "%d %d");
    counts("x", "%d %d");
    counts("12,34", "%d,%d");
    counts("12;34", "%d,%d");
    counts("1234", "%2d%2d");
    counts("12345", "%3d%*c%d");
    counts("0x1f 017", "%i %i");
    counts("ff FF", "%x %X");
    counts("77 8", "%o %o");
    counts("50% 3", "%d%% %d");
    printf("%d", sscanf("4294967295 -1 300", "%u %hd %hhd", &u, &h, &hh));
    printf(" %u %d %d\n", u, h, hh);
    printf("%d", sscanf("-9223372036854775807", "%lld", &wide));
    printf(" %lld\n", wide);
    printf("%d", sscanf("1.5 -2.5e3", "%f %lf", &f, &d));
    printf(" %g %g\n", f, d);
    printf("%d", sscanf("  hello, world", "%5s%n", word, &n));
    printf(" %s %d\n", word, n);
    printf("%d", sscanf("key = value", "%[a-z] = %[^\n]", set, word));
    printf(" %s %s\n", set, word);
    printf("%d", sscanf("]-x", "%[]-]", set));
    printf(" %s\n", set);
    memset(two, '.', sizeof(two));
    printf("%d", sscanf("ab", "%2c", two));
    printf(" %c%c%c\n", two[0], two[1], two[2]);
    printf("%d", sscanf("x y", "%*s %1s", word));
    printf(" %s\n", word);
    printf("%d", sscanf("7 eight", "%d %d", &a, &b));
    printf(" %d %d\n", a, b);
    printf("%d", sscanf("0x10", "%p", &pointer));
    printf(" %d\n", pointer == (void *)16);
    return 0;
}
