/* An integer loop with a call in each iteration: 4 statements. */
#include <stdio.h>

#ifndef N
#define N 300000
#endif

static int mix(int acc, int i)
{
    return (acc ^ i) + (acc & 7);
}

int main(void)
{
    int acc = 1;
    int i;

    for (i = 0; i < N; i++) {
        acc = mix(acc, i);
        acc = acc & 0xFFFFFF;
    }
    printf("%d\n", acc);
    return 0;
}
