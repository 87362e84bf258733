// Conversions that lose bits or signs.
//// long long to int
int f(long long n) { return n; }
//// long long to int in an assignment
void f(long long n, int *p) { *p = n; }
//// long long to int in an initialiser
int f(long long n) { int m = n; return m; }
//// long long to int in an argument
void g(int n);
void f(long long n) { g(n); }
//// size to unsigned
unsigned int f(unsigned long long n) { unsigned int size = n; return size; }
//// int to short
short f(int n) { return n; }
//// int to unsigned char
unsigned char f(int n) { unsigned char c = n; return c; }
//// sum of two bytes to a byte
unsigned char f(unsigned char a, unsigned char b) { unsigned char c = a + b; return c; }
//// compound assignment of a larger value
void f(long long n, int *p) { *p += n; }
//// compound assignment to a short
void f(short *p, int n) { *p -= n; }
//// product of ints to a short
void f(short *p, int n) { *p = n * 2; }
//// double to int
int f(double d) { return d; }
//// double to float
float f(double d) { return d; }
//// float to long long
long long f(float d) { return d; }
//// double to int in an argument
void g(int n);
void f(double d) { g(d); }
//// long long to float
float f(long long n) { return n; }
//// constant too large for a byte
unsigned char f(void) { unsigned char c = 300; return c; }
//// constant too large for a short
short f(void) { return 70000; }
//// constant too large for an int
int f(void) { int n = 5000000000; return n; }
//// constant too large for a bit-field
struct a { unsigned int x : 3; };
void f(struct a *s) { s->x = 9; }
//// constant too large for a bit-field in an initialiser
struct a { unsigned int x : 3; unsigned int y : 3; };
struct a object = { 1, 8 };
//// value too large for a bit-field
struct a { unsigned int x : 3; };
void f(struct a *s, unsigned int n) { s->x = n; }
//// floating constant to int
int f(void) { int n = 2.5; return n; }
//// overflow in a constant expression
int f(void) { return 2147483647 + 1; }
//// overflow of a product of constants
int f(void) { int n = 65536 * 65536; return n; }
//// shift of a constant into the sign
unsigned int f(void) { return 1 << 33; }
//// shift by a negative count
int f(int n) { return n << -1; }
//// shift by the width
unsigned int f(unsigned int n) { return n >> 32; }
//// division by zero
int f(int n) { return n / 0; }
//// remainder by zero
int f(int n) { return n % 0; }
//// signed and unsigned compared
int f(int a, unsigned int b) { return a < b; }
//// signed and unsigned equal
int f(int a, unsigned int b) { return a == b; }
//// signed and unsigned branches
unsigned int f(int c, int a, unsigned int b) { return c ? a : b; }
//// unsigned below zero
int f(unsigned int n) { return n < 0; }
//// unsigned at least zero
int f(unsigned int n) { return n >= 0; }
//// byte above its greatest value
int f(unsigned char c) { return c > 255; }
//// byte equal to what it cannot be
int f(unsigned char c) { return c == 256; }
//// byte equal to a negative number
int f(unsigned char c) { return c == -1; }
//// case that the value cannot have
int f(unsigned char c) { switch (c) { case 300: return 1; default: return 0; } }
