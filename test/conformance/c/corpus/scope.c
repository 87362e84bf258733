/* Scopes, storage classes, enumerations, typedefs, qualifiers. */
#include <stdio.h>

typedef int T;
enum color { RED, GREEN = 5, BLUE, DARK = -3, DARKER };
static int value = 1;
extern int later;
static int counter(void) { static int n = 10; return n++; }
static int depth(int n) { static int deepest; if (n > deepest) deepest = n; return n > 0 ? depth(n - 1) : deepest; }
static T *address(void) { static T kept[2] = { 3, 4 }; kept[0]++; return kept; }
struct tag { int a; };
static int size(struct tag t) { struct tag { char c[9]; } u; (void)t; return (int)sizeof(u); }
static int shadow(int value) { { int value = 7; value++; { extern int later; return value + later; } } }
static volatile int port;
static const int limits[] = { 1, 2, 3 };
static int restricted(int *restrict a, const int *restrict b) { *a = *b + 1; return *a; }
_Static_assert(sizeof(enum color) == 4, "an enumeration is an int");
_Static_assert(DARKER == -2 && BLUE == 6, "enumerators count on");

int main(void)
{
    T T_ = 3; enum color c = BLUE; int array[3] = { 1, 2, 3 }, (*whole)[3] = &array, *p = array, **pp = &p;
    counter(); counter(); printf("%d\n", counter());
    depth(4); printf("%d\n", depth(2));
    address(); printf("%d %d\n", *address(), *pp == array);
    printf("%d %d %d\n", size((struct tag){ 1 }), shadow(0), value);
    printf("%d %d %d %d %d\n", RED, GREEN, c, DARK, DARKER);
    { typedef char T; T t = 'c'; printf("%d %d\n", (int)sizeof(T), t); }
    { int RED = 44; printf("%d\n", RED); }
    port = 5; port |= 2; printf("%d %d\n", port, limits[2]);
    printf("%d %d %d\n", (*whole)[1], *(*pp + 2), (int)sizeof(*whole));
    { int a = 0; printf("%d\n", restricted(&a, &T_)); }
    for (int i = 0; i < 2; i++) { int i_ = i; for (int i = 5; i < 6; i++) printf("%d %d ", i_, i); }
    later++; printf("\n%d\n", later + later);
    if (1) { goto inside; } { inside: printf("inside\n"); }
    return 0;
}
int later = 20;
