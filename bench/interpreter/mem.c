/* Fills a buffer byte by byte, copies it, and takes a checksum: 7 statements for each byte. */
#include <stdio.h>

#ifndef N
#define N 150000
#endif

static unsigned char source[N];
static unsigned char target[N];

int main(void)
{
    int a = 1;
    int b = 0;
    int i;

    for (i = 0; i < N; i++) {
        source[i] = (unsigned char)((i * 7 + (i >> 9) + 3) & 255);
    }
    for (i = 0; i < N; i++) {
        target[i] = source[i];
    }
    for (i = 0; i < N; i++) {
        a = (a + target[i]) % 65521;
        b = (b + a) % 65521;
    }
    printf("%d\n", b * 256 + (a & 255));
    return 0;
}
