/* A linked list in scattered order: built, summed, reversed, summed again. */
#include <stdio.h>

#ifndef N
#define N 60000
#endif

struct node {
    struct node *next;
    unsigned int value;
    unsigned int index;
};

static struct node nodes[N];

int main(void)
{
    struct node *head = NULL;
    struct node *previous = NULL;
    struct node *p;
    unsigned int index = 0;
    unsigned int sum = 0;
    unsigned int i;

    for (i = 0; i < N; i++) {
        index += 7919;
        while (index >= N) {
            index -= N;
        }
        p = &nodes[index];
        p->value = i & 1023;
        p->index = index;
        p->next = head;
        head = p;
    }
    for (p = head; p != NULL; p = p->next) {
        sum += p->value;
    }
    p = head;
    while (p != NULL) {
        struct node *next = p->next;

        p->next = previous;
        previous = p;
        p = next;
    }
    for (p = previous; p != NULL; p = p->next) {
        sum ^= p->index + p->value;
    }
    printf("%u\n", sum);
    return 0;
}
