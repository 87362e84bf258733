/* The printf family: flags, widths, precisions, sizes, return values. */
#include <stdio.h>
#include <stdint.h>
#include <stddef.h>
#include <string.h>

int main(void)
{
    char buffer[16], *p;
    int n;

    printf("[%d][%5d][%-5d][%05d][%+d][% d][%+5d][%-+5d][% 05d]\n", 42, 42, 42, 42, 42, 42, 42, 42, 42);
    printf("[%.3d][%8.3d][%-8.3d][%08.3d][%.0d][%.0d][%+.3d]\n", 7, 7, 7, 7, 0, 5, -7);
    printf("[%u][%x][%X][%#x][%#X][%#o][%o][%08x][%#08x][%-8x|]\n", 42u, 0xbeefu, 0xbeefu, 0xbeefu, 0xbeefu, 8u, 8u, 0xabcu, 0xabcu, 0xabcu);
    printf("[%#x][%#o][%#.0o][%x]\n", 0, 0, 0, -1);
    printf("[%hhd][%hd][%hhu][%hu][%hx]\n", 300, 70000, -1, -1, -1);
    printf("[%lld][%llu][%llx][%lli]\n", -5000000000LL, 18446744073709551615ULL, 0x123456789abcULL, 9223372036854775807LL);
    printf("[%zu][%zd][%td][%jd]\n", sizeof(int64_t), (size_t)3, (ptrdiff_t)-3, (intmax_t)-4);
    printf("[%c][%5c][%-5c][%s][%10s][%-10s][%.2s][%10.2s][%.0s]\n", 'x', 'x', 'x', "text", "text", "text", "text", "text", "text");
    printf("[%*d][%-*d][%.*d][%*.*f][%*d]\n", 6, 1, 6, 1, 3, 1, 8, 2, 1.5, -6, 1);
    printf("[%%][%5%%]\n" + 0, 0);
    printf("[%f][%.0f][%#.0f][%10.3f][%-10.3f][%+.2f][% f][%010.2f]\n", 3.14159, 2.5, 3.0, 3.14159, 3.14159, 2.0, 1.0, -1.5);
    printf("[%e][%.3E][%g][%g][%g][%#g][%.3g][%G]\n", 123456.789, 0.000123, 123456.0, 1234567.0, 0.0001234, 1.0, 1234.5, 1e-20);
    n = printf("%s\n", "twelve chars"); printf("%d\n", n);
    n = sprintf(buffer, "%d-%s", 12, "ab"); printf("%d %s\n", n, buffer);
    n = snprintf(buffer, 5, "%s", "truncated"); printf("%d %s\n", n, buffer);
    n = snprintf(NULL, 0, "%d", 12345); printf("%d\n", n);
    memset(buffer, 'x', sizeof(buffer)); n = snprintf(buffer, 0, "abc"); printf("%d %c\n", n, buffer[0]);
    printf("%s%s", "", "tail\n");
    puts("puts"); putchar('p'); putchar('\n'); fputs("fputs\n", stdout); fputc('f', stdout); putc('\n', stdout);
    fprintf(stdout, "%d %s\n", 1, "fprintf"); fwrite("fwrite\n", 1, 7, stdout);
    p = buffer; p += sprintf(p, "%d,", 1); p += sprintf(p, "%d,", 22); sprintf(p, "%d", 333); puts(buffer);
    return 0;
}
