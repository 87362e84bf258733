/* A linked list in scattered order: built, summed, reversed, summed again. 19 statements for each node. */
#include <stdio.h>
#include <stdlib.h>

#ifndef N
#define N 60000
#endif

struct node {
    struct node *next;
    int value;
    int index;
};

int main(void)
{
    struct node *nodes = malloc(N * sizeof(struct node));
    struct node *head = NULL;
    struct node *previous = NULL;
    struct node *next;
    struct node *p;
    int index = 0;
    int sum = 0;
    int i;

    for (i = 0; i < N; i++) {
        index = index + 7919;
        if (index >= N) {
            index = index % N;
        }
        p = &nodes[index];
        p->value = i & 1023;
        p->index = index;
        p->next = head;
        head = p;
    }
    p = head;
    while (p != NULL) {
        sum = (sum + p->value) & 0xFFFFFF;
        p = p->next;
    }
    p = head;
    while (p != NULL) {
        next = p->next;
        p->next = previous;
        previous = p;
        p = next;
    }
    p = previous;
    while (p != NULL) {
        sum = (sum ^ p->index) & 0xFFFFFF;
        p = p->next;
    }
    printf("%d\n", sum);
    free(nodes);
    return 0;
}
