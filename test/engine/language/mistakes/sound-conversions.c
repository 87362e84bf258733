// Conversions that lose nothing, or say that they do: no compiler has anything to say.
//// cast to the smaller type
int f(long long n) { return (int)n; }
//// masked
unsigned char f(int n) { return n & 0xFF; }
//// masked and shifted
unsigned char f(unsigned int n) { unsigned char c = (n >> 8) & 0xFF; return c; }
//// shifted until it fits
unsigned char f(unsigned int n) { return n >> 24; }
//// remainder that fits
unsigned char f(unsigned int n) { return n % 256; }
//// byte through an int
unsigned char f(unsigned char c) { int n = c; return (unsigned char)n; }
//// comparison
unsigned char f(int a, int b) { return a < b; }
//// logical value
unsigned char f(int a, int b) { unsigned char c = a && !b; return c; }
//// constants that fit
void f(void) { unsigned char a = 255; signed char b = -128; unsigned short c = 0xFFFF; (void)a; (void)b; (void)c; }
//// branches that fit
unsigned char f(int c) { return c ? 1 : 2; }
//// bit-field of a byte
struct a { unsigned int x : 8; };
unsigned char f(struct a *s) { return s->x; }
//// bit-field that takes all of a byte
struct a { unsigned int x : 8; };
void f(struct a *s, unsigned char c) { s->x = c; }
//// int to long long
long long f(int n) { return n; }
//// float to double
double f(float d) { return d; }
//// int to double
double f(int n) { return n; }
//// constant that is exact in float
float f(void) { return 0.5; }
//// unsigned compared with a constant
int f(unsigned int n) { return n > 3; }
//// byte compared with an int
int f(unsigned char c, int n) { return c < n; }
//// promoted byte compared with unsigned
int f(unsigned char c, unsigned int n) { return c < n; }
//// increment of a short
void f(short *p) { (*p)++; ++*p; }
//// or of two bytes
unsigned char f(unsigned char a, unsigned char b) { return a | b; }
//// constant comparisons in range
int f(unsigned char c) { return c == 255 || c > 0; }
