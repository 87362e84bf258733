/* Variadic functions: lists handed on, copied, of every kind of argument. */
#include <stdio.h>
#include <stdarg.h>
#include <string.h>

typedef struct { int a, b, c; } TRIPLE;
typedef struct { short x; char y; } SMALL;

static int total(int count, va_list list)
{
    int sum = 0;
    va_list again;
    va_copy(again, list);
    for (int i = 0; i < count; i++) sum += va_arg(list, int);
    for (int i = 0; i < count; i++) sum += va_arg(again, int) * 100;
    va_end(again);
    return sum;
}
static int totals(int count, ...)
{
    va_list list;
    int sum;
    va_start(list, count);
    sum = total(count, list);
    va_end(list);
    return sum;
}
static void show(const char *kinds, ...)
{
    va_list list;
    va_start(list, kinds);
    for (; *kinds; kinds++) {
        switch (*kinds) {
        case 'i': printf("%d ", va_arg(list, int)); break;
        case 'q': printf("%lld ", va_arg(list, long long)); break;
        case 'd': printf("%.2f ", va_arg(list, double)); break;
        case 's': printf("%s ", va_arg(list, char *)); break;
        case 't': { TRIPLE t = va_arg(list, TRIPLE); printf("(%d %d %d) ", t.a, t.b, t.c); break; }
        case 'm': { SMALL m = va_arg(list, SMALL); printf("(%d %c) ", m.x, m.y); break; }
        case 'f': printf("%d ", va_arg(list, int (*)(int, ...))(2, 3, 4)); break;
        }
    }
    va_end(list);
    printf("\n");
}
static void print(const char *format, ...)
{
    char buffer[64];
    va_list list;
    va_start(list, format);
    int length = vsnprintf(buffer, sizeof(buffer), format, list);
    va_end(list);
    printf("%d:%s\n", length, buffer);
}

int main(void)
{
    TRIPLE t = { 1, 2, 3 };
    SMALL m = { -5, 'm' };
    char c = 'c'; short s = -3; float f = 1.25f;

    printf("%d %d\n", totals(0), totals(5, 1, 2, 3, 4, 5));
    show("iqdstmf", 1, 1LL << 40, 2.5, "text", t, m, totals);
    show("iiid", c, s, 'x', f);
    show("iiiiiiqqdd", 1, 2, 3, 4, 5, 6, 7LL, 8LL, 9.0, 10.0);
    print("%s-%05d-%c", "abc", 42, 'z');
    print("%*d|%-*d|%.*f", 6, 1, 4, 2, 2, 3.14159);
    return 0;
}
