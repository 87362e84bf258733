/* Integer promotions, the usual conversions, shifts and 64-bit arithmetic to the last bit. */
#include <stdio.h>
#include <stdint.h>
#include <limits.h>

#define SHOW(e) printf("%-40s %lld\n", #e, (long long)(e))

int main(void)
{
    signed char c = -1; unsigned char uc = 255; short s = -32768; unsigned short us = 65535;
    int i = -1; unsigned u = 1; long long q = LLONG_MIN; unsigned long long uq = ULLONG_MAX;
    volatile int32_t big = 0x12345678;
    _Bool b = 0.5;

    SHOW(c == uc); SHOW(c < u); SHOW(i < u); SHOW((long long)i < u); SHOW(uc + 1); SHOW(us * 1); SHOW(-us);
    SHOW(~uc); SHOW(!uc); SHOW((unsigned char)~uc); SHOW(s - 1); SHOW((short)(s - 1)); SHOW(u - 2); SHOW((int)(u - 2));
    SHOW(sizeof(c + c)); SHOW(sizeof(u + q)); SHOW(sizeof('a')); SHOW(sizeof(c ? c : u)); SHOW(-1 >> 31);
    SHOW(0x80000000 >> 31); SHOW((int)0x80000000 >> 31); SHOW(1U << 31); SHOW(uq >> 63); SHOW(q >> 63); SHOW(uq << 63 >> 63);
    SHOW(q / 3); SHOW(q % 10); SHOW((q + 1) / -1); SHOW(uq / 10 % 1000000007); SHOW(uq * uq); SHOW(uq * 3 + 7);
    SHOW(0x123456789abcdefULL * 0xfedcba987654321ULL); SHOW(-7 / 2); SHOW(-7 % 2); SHOW(7 / -2); SHOW(7 % -2);
    SHOW((int8_t)200); SHOW((uint8_t)-1); SHOW((int16_t)0x18000); SHOW((uint32_t)-1LL); SHOW((int32_t)0xffffffffULL);
    SHOW((int64_t)(uint32_t)-1); SHOW((int64_t)(int32_t)-1); SHOW((uint64_t)(int8_t)-1 >> 60); SHOW(b); SHOW((_Bool)256);
    SHOW(b + b); SHOW((uint8_t)(uc + 1) == 0); SHOW(uc++); SHOW(uc); SHOW(--uc); SHOW(c--); SHOW(c);
    SHOW(us <<= 1); SHOW(us >>= 3); SHOW(uc *= 3); SHOW(s += 40000); SHOW(big ^ (big >> 16)); SHOW(big & 0xff00 | 0x0f);
    SHOW('\377'); SHOW('\x7f'); SHOW("\xff"[0]); SHOW('\0'); SHOW(L'A'); SHOW(0777); SHOW(0x7fffffff + 0u); SHOW(4294967295u + 1ull);
    SHOW(1 ? -1 : 0u); SHOW((1 ? (short)-1 : (unsigned char)1)); SHOW((i, u) == 1); SHOW(INT_MIN / 2); SHOW(INT_MAX % 1000);
    SHOW(ULLONG_MAX % 4294967291u); SHOW((uint64_t)1 << 40 | 5); SHOW(0xffffffffffffffffULL > -1); SHOW(18446744073709551615ULL == -1);
    SHOW((unsigned char)(c - uc)); SHOW(i >> 1 == -1); SHOW((5 & 3) == 1); SHOW(5 & 3 == 1); SHOW(!5 == 0); SHOW(-5 + +3 - -2);
    return 0;
}
