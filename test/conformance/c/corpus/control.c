/* switch with fallthrough and into blocks, goto, loops in every form, short circuits, the comma operator. */
#include <stdio.h>

static int calls;
static int call(int v) { calls++; return v; }

static void duff(char *to, const char *from, int count)
{
    int n = (count + 7) / 8;
    switch (count % 8) {
    case 0: do { *to++ = *from++;
    case 7:      *to++ = *from++;
    case 6:      *to++ = *from++;
    case 5:      *to++ = *from++;
    case 4:      *to++ = *from++;
    case 3:      *to++ = *from++;
    case 2:      *to++ = *from++;
    case 1:      *to++ = *from++;
            } while (--n > 0);
    }
}

static const char *classify(int v)
{
    switch (v) {
    default: return "other";
    case -1: case 0: return "small";
    case 'a': {
        int inner = v + 1;
    case 'b':
        inner = v * 2;
        return inner == 2 * v ? "letter" : "broken";
    }
    case 0x7fffffff: return "largest";
    }
}

static int wide(unsigned long long v)
{
    switch (v) {
    case 0x100000000ULL: return 1;
    case 0: return 2;
    case 0xffffffffffffffffULL: return 3;
    }
    return 4;
}

static int ladder(int fail)
{
    int done = 0;
    if (fail == 1) goto out;
    done |= 1;
    if (fail == 2) goto undo1;
    done |= 2;
    for (int i = 0; ; i++) {
        for (int j = 0; j < 10; j++) {
            if (i * j == 12) goto found;
            if (i > 20) goto undo1;
        }
    }
found:
    done |= 4;
    goto out;
undo1:
    done |= 16;
out:
    return done;
}

int main(void)
{
    char copy[32] = { 0 };
    int i, j, n = 0, retry = 0;

    duff(copy, "twenty-one characters", 22);
    printf("%s\n", copy);
    printf("%s %s %s %s %s %s\n", classify(-1), classify('a'), classify('b'), classify(0x7fffffff), classify(7), classify(0));
    printf("%d %d %d %d\n", wide(1ULL << 32), wide(0), wide(~0ULL), wide(1));
    printf("%d %d %d\n", ladder(0), ladder(1), ladder(2));
    for (i = 0, j = 10; i < j; i++, j--) n += i * j;
    printf("%d %d %d\n", n, i, j);
    while (1) { if (++n > 100) break; if (n & 1) continue; n += 3; }
    printf("%d\n", n);
    do n -= 7; while (n > 50);
    printf("%d\n", n);
again:
    if (retry++ < 3) goto again;
    printf("%d\n", retry);
    n = call(0) && call(1); printf("%d %d\n", n, calls);
    n = call(2) || call(1); printf("%d %d\n", n, calls);
    n = (call(1), call(5)); printf("%d %d\n", n, calls);
    printf("%d\n", call(0) ? call(1) : call(0) ? call(2) : call(3));
    if (call(1)) if (call(0)) printf("no\n"); else printf("dangling else\n");
    for (;;) { if (calls++ > 20) break; }
    switch (calls) case 22: printf("lone case\n");
    { int calls = 3; { int calls = 4; printf("%d ", calls); } printf("%d\n", calls); }
    for (i = 0; i < 3; i++) { switch (i) { case 1: continue; default: break; } printf("i=%d\n", i); }
    return 0;
}
