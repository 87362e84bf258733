/* 64-bit multiplications that wrap: what a hash does. 5 statements for each iteration. */
#include <stdio.h>

#ifndef N
#define N 300000
#endif

int main(void)
{
    unsigned long long hash = 0xCBF29CE484222325ull;
    int i;

    for (i = 0; i < N; i++) {
        hash = hash ^ (unsigned long long)(i & 255);
        hash = hash * 0x100000001B3ull;
        hash = hash ^ (hash >> 29);
        hash = (hash << 7) | (hash >> 57);
    }
    printf("%u\n", (unsigned int)(hash ^ (hash >> 32)));
    return 0;
}
