/* Writes all over 32 MB, so that every snapshot costs a copy of each page. */
#include <stdio.h>
#include <stdlib.h>

#define PAGES 8192
#define PAGE 4096

#ifndef N
#define N 100000
#endif

int main(void)
{
    unsigned char *memory = malloc(PAGES * PAGE);
    unsigned int i;
    unsigned int sum = 0;

    if (memory == NULL) {
        return 1;
    }
    for (i = 0; i < N; i++) {
        unsigned int page = (i * 2654435761u) >> 19;

        memory[page * PAGE + (i & 0xfff)] = (unsigned char)i;
        sum += page;
    }
    printf("%u\n", sum);
    free(memory);
    return 0;
}
