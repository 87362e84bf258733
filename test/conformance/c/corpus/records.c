/* Structures and unions by value, nested, in arrays, self-referential; copies of all sizes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stddef.h>

typedef struct { char c; } ONE;
typedef struct { char c[3]; } THREE;
typedef struct { short s[4]; } EIGHT;
typedef struct { int a; THREE t; long long q; EIGHT e; double d; } MIXED;
typedef struct _NODE { struct _NODE *left, *right; int key; } NODE;
typedef union { unsigned u; float f; unsigned char b[4]; struct { unsigned short lo, hi; } w; } PUN;
struct list { struct list *next, *previous; };
struct item { int value; struct list link; };
#define CONTAINER(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))

static ONE one(ONE o) { o.c++; return o; }
static THREE three(THREE t, int i) { t.c[i] *= 2; return t; }
static EIGHT eight(EIGHT e) { for (int i = 0; i < 4; i++) e.s[i] = -e.s[i]; return e; }
static MIXED mixed(MIXED m, MIXED *other) { MIXED r = m; r.e = eight(m.e); r.q += other->q; *other = r; other->a = 99; return r; }
static MIXED make(int a) { MIXED m = { a, { { 'x', 'y', 'z' } }, a * 10LL, { { 1, 2, 3, 4 } }, a / 2.0 }; return m; }
static NODE *insert(NODE *n, int key)
{
    if (n == NULL) { n = calloc(1, sizeof(*n)); n->key = key; }
    else if (key < n->key) n->left = insert(n->left, key);
    else if (key > n->key) n->right = insert(n->right, key);
    return n;
}
static int walk(const NODE *n, int depth) { if (n == NULL) return depth; printf("%d ", n->key); int l = walk(n->left, depth + 1), r = walk(n->right, depth + 1); return l > r ? l : r; }
static void release(NODE *n) { if (n) { release(n->left); release(n->right); free(n); } }
static void append(struct list *head, struct list *e) { e->next = head; e->previous = head->previous; head->previous->next = e; head->previous = e; }

int main(void)
{
    ONE o = { 'a' }; THREE t = { { 1, 2, 3 } }; EIGHT e = { { 1, -2, 3, -4 } };
    MIXED m = make(7), n, array[3] = { { 1 }, { 2 } }, *p = array;
    PUN pun = { .f = 1.0f };
    NODE *root = NULL;
    struct list head = { &head, &head }, *walker;
    struct item items[3] = { { 10 }, { 20 }, { 30 } };
    int keys[] = { 50, 30, 70, 20, 40, 60, 80, 30 };

    printf("%c %c %d %d\n", one(o).c, o.c, three(t, 1).c[1], three(three(t, 0), 0).c[0]);
    printf("%d %d %d\n", eight(e).s[3], eight(eight(e)).s[1], make(3).e.s[2]);
    n = mixed(m, &array[1]);
    printf("%d %lld %d %d %lld %.1f %c\n", n.a, n.q, n.e.s[0], array[1].a, array[1].q, array[1].d, n.t.c[2]);
    array[2] = array[1]; array[0] = *(p + 2); p[1] = make(5);
    printf("%d %d %lld %d\n", array[0].a, array[2].a, p[1].q, (int)(&p[1] - array));
    n = m = make(1); n.a = 2;
    printf("%d %d %d\n", m.a, n.a, (n.a > 1 ? n : m).a);
    printf("%08x %d %04x %04x\n", pun.u, pun.b[3], pun.w.lo, pun.w.hi);
    pun.b[0] = 0xff; pun.w.hi = 0x4000; printf("%.6f\n", pun.f);
    for (int i = 0; i < 8; i++) root = insert(root, keys[i]);
    printf("depth %d\n", walk(root, 0));
    release(root);
    for (int i = 0; i < 3; i++) append(&head, &items[i].link);
    for (walker = head.next; walker != &head; walker = walker->next) printf("%d ", CONTAINER(walker, struct item, link)->value);
    printf("\n%d %d %d %d\n", (int)sizeof(MIXED), (int)offsetof(MIXED, t), (int)offsetof(MIXED, q), (int)offsetof(MIXED, e));
    { struct inner { int v; } a = { 1 }, b; b = a; a.v = 2; printf("%d %d\n", a.v, b.v); }
    return 0;
}
