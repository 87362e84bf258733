/* Programs that compute something: sieve, queens, matrices, big numbers, hashes, a parser, a heap, permutations. */
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint32_t crcTable[256];
static uint32_t crc32(const void *data, size_t n)
{
    uint32_t crc = ~0u;
    const uint8_t *p = data;
    while (n--) crc = crcTable[(crc ^ *p++) & 0xff] ^ crc >> 8;
    return ~crc;
}
static uint64_t random64(uint64_t *state) { uint64_t z = *state += 0x9E3779B97F4A7C15u; z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u; z = (z ^ z >> 27) * 0x94D049BB133111EBu; return z ^ z >> 31; }
static int queens(int n, int row, unsigned columns, unsigned left, unsigned right)
{
    int found = 0;
    if (row == n) return 1;
    for (int c = 0; c < n; c++) {
        unsigned bit = 1u << c;
        if (!(columns & bit) && !(left & 1u << (row + c)) && !(right & 1u << (row - c + n)))
            found += queens(n, row + 1, columns | bit, left | 1u << (row + c), right | 1u << (row - c + n));
    }
    return found;
}
static const char *cursor;
static int expression(void);
static int factor(void)
{
    int v = 0;
    if (*cursor == '(') { cursor++; v = expression(); cursor++; return v; }
    if (*cursor == '-') { cursor++; return -factor(); }
    while (*cursor >= '0' && *cursor <= '9') v = v * 10 + *cursor++ - '0';
    return v;
}
static int term(void) { int v = factor(); for (;;) switch (*cursor) { case '*': cursor++; v *= factor(); continue; case '/': cursor++; v /= factor(); continue; case '%': cursor++; v %= factor(); continue; default: return v; } }
static int expression(void) { int v = term(); while (*cursor == '+' || *cursor == '-') v = *cursor++ == '+' ? v + term() : v - term(); return v; }
static void permute(char *s, int from, int n, int *count) { if (from == n) { ++*count; if (*count % 37 == 1) printf("%s ", s); return; } for (int i = from; i < n; i++) { char c = s[from]; s[from] = s[i]; s[i] = c; permute(s, from + 1, n, count); c = s[from]; s[from] = s[i]; s[i] = c; } }
struct entry { struct entry *next; char key[12]; int value; };
static struct entry *buckets[16];
static int *slot(const char *key)
{
    unsigned h = 5381;
    for (const char *p = key; *p; p++) h = h * 33 ^ (unsigned char)*p;
    for (struct entry *e = buckets[h % 16]; e; e = e->next) if (strcmp(e->key, key) == 0) return &e->value;
    struct entry *e = calloc(1, sizeof(*e));
    strcpy(e->key, key); e->next = buckets[h % 16]; buckets[h % 16] = e;
    return &e->value;
}

int main(void)
{
    static unsigned char sieve[2000]; int primes = 0, count = 0;
    double a[4][4], b[4][4], c[4][4]; uint64_t state = 42, sum = 0;
    unsigned char digits[200] = { 1 }; int used = 1; char letters[] = "abcde", word[12];

    for (int i = 2; i < 2000; i++) { if (sieve[i]) continue; primes++; for (int j = i * i; j < 2000; j += i) sieve[j] = 1; }
    printf("%d primes\n", primes);
    printf("%d %d queens\n", queens(5, 0, 0, 0, 0), queens(6, 0, 0, 0, 0));
    for (int i = 0; i < 4; i++) for (int j = 0; j < 4; j++) { a[i][j] = i + j * 0.5; b[i][j] = (i == j) * 2.0 - j; }
    for (int i = 0; i < 4; i++) for (int j = 0; j < 4; j++) { c[i][j] = 0; for (int k = 0; k < 4; k++) c[i][j] += a[i][k] * b[k][j]; }
    for (int i = 0; i < 4; i++) printf("%.2f %.2f %.2f %.2f\n", c[i][0], c[i][1], c[i][2], c[i][3]);
    for (unsigned i = 0; i < 256; i++) { uint32_t r = i; for (int k = 0; k < 8; k++) r = r & 1 ? 0xEDB88320u ^ r >> 1 : r >> 1; crcTable[i] = r; }
    printf("%08x\n", crc32("123456789", 9));
    for (int i = 0; i < 100; i++) sum ^= random64(&state) % (uint64_t)(i + 1) << (i & 63);
    printf("%016llx\n", (unsigned long long)sum);
    for (int f = 2; f <= 60; f++) { unsigned carry = 0; for (int i = 0; i < used; i++) { carry += digits[i] * (unsigned)f; digits[i] = carry % 10; carry /= 10; } while (carry) { digits[used++] = carry % 10; carry /= 10; } }
    for (int i = used; i-- > 0;) putchar('0' + digits[i]); putchar('\n');
    cursor = "2+3*(4-1)*-2/5%7-(10-(3+4)*2)"; printf("%d\n", expression());
    permute(letters, 0, 5, &count); printf("%d\n", count);
    for (int i = 0; i < 200; i++) { sprintf(word, "key%d", i * i % 31); *slot(word) += i; }
    for (int i = 0; i < 31; i += 5) { sprintf(word, "key%d", i); printf("%d ", *slot(word)); }
    putchar('\n');
    return 0;
}
