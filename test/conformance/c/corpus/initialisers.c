/* Designated, nested and partial initialisers, compound literals, anonymous members, flexible arrays. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stddef.h>

typedef struct { int x, y; } POINT;
typedef struct { POINT corner[2]; const char *name; unsigned char flags[4]; } BOX;
struct value {
    int kind;
    union {
        struct { short low, high; };
        int whole;
        unsigned char bytes[4];
    };
    struct { int a; struct { int b; }; } named;
};
struct list { int count; int items[]; };

static BOX boxes[] = {
    { { { 1, 2 }, { 3, 4 } }, "first", { 1, 2 } },
    { .name = "second", .corner[1].y = 9, .flags = { [3] = 7 } },
    [3] = { 5, 6, 7, 8, "flat", 1, 2, 3, 4 },
};
static int cube[2][3][2] = { { { 1 }, { 2, 3 } }, { { 4, 5 }, [2] = { 6 } } };
static const char text[8] = "abc";
static const char exact[3] = "xyz";
static const char *const words[] = { "zero", [2] = "two", "three" };
static int table[] = { [5] = 50, 60, [1] = 10, 20 };
static struct value v = { 3, { { 0x1234, 0x5678 } }, { 1, { 2 } } };
static POINT *point = &(POINT){ 11, 12 };
static int *numbers = (int[]){ 7, 8, 9 };

static int sum(const int *p, int n) { int s = 0; while (n-- > 0) s += *p++; return s; }
static POINT add(POINT a, POINT b) { return (POINT){ a.x + b.x, .y = a.y + b.y }; }

int main(void)
{
    int i, j, k, n = 4;
    int local[5] = { n, n * 2, [4] = n * 3 };
    BOX box = { .corner = { [1] = { n, n + 1 } }, .name = "local" };
    POINT moved = add((POINT){ 1, 2 }, add(*point, (POINT){ .y = 100 }));
    struct list *list = malloc(sizeof(struct list) + 3 * sizeof(int));
    char mutable[] = "mutable";

    printf("%d boxes\n", (int)(sizeof(boxes) / sizeof(boxes[0])));
    for (i = 0; i < 4; i++) {
        printf("%s %d %d %d %d %d%d%d%d\n", boxes[i].name ? boxes[i].name : "-", boxes[i].corner[0].x,
               boxes[i].corner[0].y, boxes[i].corner[1].x, boxes[i].corner[1].y, boxes[i].flags[0],
               boxes[i].flags[1], boxes[i].flags[2], boxes[i].flags[3]);
    }
    for (i = 0; i < 2; i++) for (j = 0; j < 3; j++) for (k = 0; k < 2; k++) printf("%d ", cube[i][j][k]);
    printf("\n%d %d %d %c%c%c\n", (int)sizeof(text), text[3], text[7], exact[0], exact[1], exact[2]);
    printf("%s %d %s %d\n", words[0], words[1] == NULL, words[3], (int)(sizeof(words) / sizeof(*words)));
    for (i = 0; i < (int)(sizeof(table) / sizeof(*table)); i++) printf("%d ", table[i]);
    printf("\n%x %x %x %d %d %d\n", v.low, v.high, v.whole, v.bytes[3], v.named.a, v.named.b);
    printf("%d %d %d %d\n", point->x, point->y, sum(numbers, 3), sum((int[4]){ 1, 2, 3 }, 4));
    printf("%d %d %d %d %d\n", local[0], local[1], local[2], local[3], local[4]);
    printf("%s %d %d %d\n", box.name, box.corner[0].x, box.corner[1].x, box.corner[1].y);
    printf("%d %d %d\n", moved.x, moved.y, add(moved, moved).x);
    list->count = 3;
    for (i = 0; i < list->count; i++) list->items[i] = i * i;
    printf("%d %d %d\n", (int)sizeof(struct list), list->items[2], (int)offsetof(struct list, items));
    free(list);
    mutable[0] = 'M';
    printf("%s %d\n", mutable, (int)sizeof(mutable));
    for (i = 0; i < 3; i++) {
        POINT *fresh = &(POINT){ i };
        fresh->y += 5;
        printf("%d %d\n", fresh->x, fresh->y);
    }
    return 0;
}
