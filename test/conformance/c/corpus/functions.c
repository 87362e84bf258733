/* Pointers to functions in every dress, recursion, sorting by callback, inline functions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int BINARY(int, int);
typedef BINARY *PBINARY;
typedef struct _OPERATIONS { int version; PBINARY run[3]; void (*done)(struct _OPERATIONS *, const char *); } OPERATIONS;

static BINARY add, sub;
static int add(int a, int b) { return a + b; }
static int sub(int a, int b) { return a - b; }
static inline int mul(int a, int b) { return a * b; }
static void done(OPERATIONS *o, const char *why) { printf("%s %d\n", why, o->version++); }
static PBINARY choose(char c) { return c == '+' ? add : c == '-' ? &sub : *mul; }
static int (*chooser(int which))(int, int) { return which ? add : sub; }
static int apply(BINARY f, int a, int b) { return f(a, b); }
static int twice(int (*f)(int), int v) { return f(f(v)); }
static int square(int v) { return v * v; }
static int ackermann(int m, int n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }
static int even(unsigned n);
static int odd(unsigned n) { return n == 0 ? 0 : even(n - 1); }
static int even(unsigned n) { return n == 0 ? 1 : odd(n - 1); }
static int descending(const void *a, const void *b) { int x = *(const int *)a, y = *(const int *)b; return (x < y) - (x > y); }
static int byText(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
static void hanoi(int n, int from, int to, int via, int *moves) { if (n == 0) return; hanoi(n - 1, from, via, to, moves); ++*moves; hanoi(n - 1, via, to, from, moves); }

int main(void)
{
    OPERATIONS o = { 1, { add, sub, mul }, done }, *p = &o;
    int numbers[] = { 5, -3, 12, 0, 7, 7, -100, 3 }, moves = 0, key = 7;
    const char *names[] = { "pear", "apple", "fig", "plum" };
    int (*array[2][2])(int, int) = { { add, sub }, { mul, add } };
    void *opaque = (void *)square;

    for (int i = 0; i < 3; i++) printf("%d ", p->run[i](6, 7));
    printf("%d %d %d\n", (*p->run[1])(1, 2), (**o.run[2])(3, 4), array[1][0](5, 5));
    p->done(p, "done"); (*p->done)(&o, "again"); printf("%d\n", o.version);
    printf("%d %d %d\n", choose('+')(1, 2), choose('-')(1, 2), choose('*')(1, 2));
    printf("%d %d %d\n", chooser(1)(8, 9), apply(sub, 8, 9), twice(square, 3));
    printf("%d %d %d\n", ackermann(2, 3), even(10), odd(7));
    printf("%d %d\n", ((int (*)(int))opaque)(9), choose('+') == add);
    qsort(numbers, 8, sizeof(int), descending);
    for (int i = 0; i < 8; i++) printf("%d ", numbers[i]);
    printf("\n%d\n", *(int *)bsearch(&key, numbers, 8, sizeof(int), descending));
    qsort(names, 4, sizeof(names[0]), byText);
    printf("%s %s %s %s\n", names[0], names[1], names[2], names[3]);
    hanoi(8, 1, 3, 2, &moves); printf("%d\n", moves);
    return 0;
}
