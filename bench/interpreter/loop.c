/* An integer loop with a call in each iteration. */
#include <stdio.h>

#ifndef N
#define N 300000
#endif

static unsigned int mix(unsigned int acc, unsigned int i)
{
    return (acc ^ (i * 2654435761u)) + (i & 7);
}

int main(void)
{
    unsigned int acc = 1;
    unsigned int i;

    for (i = 0; i < N; i++) {
        acc = mix(acc, i);
        acc = (acc << 5) | (acc >> 27);
    }
    printf("%u\n", acc);
    return 0;
}
