/* The preprocessor: pasting, strings, variadic macros, conditions, lines. */
#include <stdio.h>

#define STR(x) #x
#define XSTR(x) STR(x)
#define CAT(a, b) a##b
#define XCAT(a, b) CAT(a, b)
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define LOG(format, ...) printf("[%s:%d] " format "\n", __func__, __LINE__ - BASE, __VA_ARGS__)
#define SWAP(type, a, b) do { type t_ = (a); (a) = (b); (b) = t_; } while (0)
#define FOREACH(X) X(red) X(green) X(blue)
#define NAME(n) #n,
#define MEMBER(n) color_##n,
#define EMPTY
#define CALL(f, args) f args
#define NESTED(x) (x + NESTED_INNER(x))
#define NESTED_INNER(x) ((x) * 2)
#define COUNT(...) (int)(sizeof((int[]){ __VA_ARGS__ }) / sizeof(int))
#define VERSION 3

enum { FOREACH(MEMBER) color_count };
static const char *const names[] = { FOREACH(NAME) };
static int XCAT(var_, VERSION) = 33;
#define BASE 26
#if VERSION >= 3 && !defined(MISSING) && (1 ? 2 : 0/1) == 2 && 'a' == 97
static const char *branch = "taken";
#elif 1
#error not this one
#endif
#ifdef MISSING
#error nor this
#else
#undef BASE
#define BASE __LINE__
#endif

int main(void)
{
    int a = 1, b = 2, SELF_ = 4;
    int self = 10;

    printf("%s %s %s\n", STR(a + "b\n"), XSTR(VERSION), STR(VERSION));
    printf("%s %d %d\n", names[color_blue], color_count, var_3);
    LOG("%d and %s", 5, "six");
    SWAP(int, a, b);
    printf("%d %d %d %s\n", a, b, MAX(a + 1, 0), branch);
    printf("%d %d\n", NESTED(3), COUNT(1, 2, 3));
    CALL(printf, ("%d %s\n", 7 EMPTY, "adja" "cent"));
    printf("%d\n", SELF_ + self);
#line 100
    printf("%d\n", __LINE__);
    printf("%s%s\n", "a" "x", STR( spaced   out ));
    return 0;
}
