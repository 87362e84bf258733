/* Floating point: arithmetic, conversions, comparisons with values that are no numbers, printing. */
#include <stdio.h>
#include <stdint.h>
#include <string.h>

static uint64_t bits(double d) { uint64_t u; memcpy(&u, &d, sizeof u); return u; }
static uint32_t fbits(float f) { uint32_t u; memcpy(&u, &f, sizeof u); return u; }
static double mean(const double *v, int n) { double s = 0; for (int i = 0; i < n; i++) s += v[i]; return s / n; }
static float half(float f) { return f / 2; }

int main(void)
{
    double zero = 0.0, inf = 1 / zero, d = 0.1, values[] = { 1, 2.5, 1e3, -7.25 };
    float f = 0.1f, g = 16777217;
    long long wide = 9007199254740993LL;
    unsigned long long huge = 18446744073709551615ULL;

    printf("%016llx %08x %08x\n", (unsigned long long)bits(d * 3), fbits(f * 3), fbits(f * d));
    printf("%016llx %08x\n", (unsigned long long)bits(f), fbits((float)d));
    printf("%d %d %d %d %d\n", d == f, f == 0.1f, 0.1f + 0.2f == 0.3f, d + 0.2 == 0.3, g == 16777216.0f);
    printf("%d %d %d %d\n", inf > 1e308, -inf < 0, inf - inf == inf - inf, inf != inf);
    printf("%f %f\n", (double)wide, (double)huge);
    printf("%08x %08x\n", fbits((float)wide), fbits((float)huge));
    printf("%d %d %lld %u\n", (int)-2.9, (int)2.9f, (long long)-1e15, (unsigned)3e9);
    printf("%lld %llu\n", (long long)9.2e18, (unsigned long long)1.8e19);
    printf("%.3f %.0f %.10f %f\n", mean(values, 4), 2.5, 1.0 / 3, half(3));
    printf("%e %.2E %e %.0e\n", 12345.678, 0.00012345, 0.0, 5e100);
    printf("%g %g %g %g %g %G\n", 100000.0, 1000000.0, 0.0001, 0.00001, 1.5, 1e-10);
    printf("%#g %+.3g % g %010.3f|%-10.2f|%+f\n", 2.0, 3.14159, 2.5, -3.14159, 2.71828, 0.0);
    printf("%.1f %.1f %.1f %.1f %.20f\n", 0.25, 0.35, 0.45, -0.05, 0.1);
    printf("%f %f %F %e %g\n", inf, -inf, inf, inf, -inf);
    printf("%a\n", 0.0 == -0.0 ? 1.0 : 2.0);
    printf("%d %d\n", -0.0 == 0.0, bits(-0.0) == bits(0.0));
    d = 1; for (int i = 0; i < 60; i++) d *= 1.5; printf("%.17g\n", d);
    d = 1e16; d += 1; printf("%.1f %.1f\n", d, d - 1e16);
    f = 1; f += 1e-8f; printf("%d\n", f == 1);
    d = 5; d /= 3; d -= 1; d *= -1; d++; printf("%.15f %d\n", d, !d);
    printf("%d %d %d\n", (_Bool)0.1, 0.0 ? 1 : 2, (char)65.9);
    printf("%.15g %.15g %.15g\n", 1e22, 123456789012345678.0, 1e-320);
    return 0;
}
