// Statements: jumps, conditions, results that nobody uses.
//// break outside of a loop
void f(void) { break; }
//// continue outside of a loop
void f(void) { continue; }
//// case outside of a switch
void f(int n) { case 1: n = 2; }
//// label that is not there
void f(void) { goto end; }
//// label twice
int f(int n) { a: n++; a: goto a; }
//// case twice
int f(int n) { switch (n) { case 1: return 1; case 1: return 2; } return 0; }
//// default twice
int f(int n) { switch (n) { default: return 1; default: return 2; } }
//// statement before the first case
int f(int n) { switch (n) { n = 2; case 1: return n; default: return 0; } }
//// enumeration with a case left out
enum a { one, two };
int f(enum a e) { switch (e) { case one: return 1; } return 0; }
//// assignment as a condition
int f(int a, int b) { if (a = b) return 1; return 0; }
//// semicolon behind an if
int f(int a) { if (a); return 1; }
//// else that belongs to another if
int f(int a, int b) { if (a) if (b) return 1; else return 2; return 3; }
//// guarded by its indentation alone
int f(int a)
{
    if (a)
        a = 1;
        a = 2;
    return a;
}
//// comparison that nobody uses
void f(int a) { a == 1; }
//// sum that nobody uses
void f(int a) { a + 1; }
//// variable that nobody uses as a statement
void f(int a) { a; }
//// function that is not called
void g(void);
void f(void) { g; }
//// function as a condition
int g(void);
int f(void) { if (g) return 1; return 0; }
//// array as a condition
int f(void) { int a[2] = { 1, 2 }; if (a) return a[1]; return 0; }
//// address as a condition
int f(int a) { if (&a) return 1; return 0; }
//// and within or
int f(int a, int b, int c) { return a || b && c; }
//// comparison within a mask
int f(int a, int b) { return a & b == 0; }
//// sum within a shift
int f(int a, int b) { return a << b + 1; }
//// comparisons in a row
int f(int a, int b, int c) { return a < b < c; }
//// not, then compared
int f(int a, int b) { return !a == b; }
//// not, then masked
int f(int a, int b) { return !a & b; }
//// size of a pointer for that of the object
void *memset(void *p, int c, unsigned long long n);
struct a { int x[9]; };
void f(struct a *s) { memset(s, 0, sizeof(s)); }
//// size of an array parameter
unsigned long long f(int a[10]) { return sizeof(a); }
//// address of a local returned
int *f(void) { int n = 1; return &n; }
//// array of a local returned
int *f(void) { int a[2] = { 1, 2 }; return a; }
//// object changed twice
int f(int i) { i = i++; return i; }
//// object changed and read
int f(int *a, int i) { a[i] = i++; return a[i]; }
//// end without a result
int f(int n) { if (n) return 1; }
//// end of a function without any return
int f(int n) { n++; }
//// local used before it has a value
int f(void) { int n; return n; }
//// index outside of the array
int f(void) { int a[2] = { 1, 2 }; return a[5]; }
//// text compared by its address
int f(const char *s) { return s == "text"; }
//// else without if
int f(int n) { n = 1; else n = 2; return n; }
//// do without while
int f(int n) { do { n--; } return n; }
//// result of not on the left
int f(int n) { !n = 1; return n; }
//// constant assigned to
void f(void) { 1 = 2; }
//// sum assigned to
void f(int a) { a + 1 = 2; }
//// array assigned
void f(void) { int a[2], b[2]; a = b; }
//// nothing between the parentheses
int f(int n) { if () return 1; return n; }
