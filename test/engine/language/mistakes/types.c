// Values and pointers of the wrong type.
//// integer where a pointer is needed
int *f(int n) { int *p = n; return p; }
//// pointer where an integer is needed
int f(int *p) { int n = p; return n; }
//// pointer to another structure
struct a { int x; }; struct b { int y; };
void g(struct a *p);
void f(struct b *p) { g(p); }
//// pointer returned as another one
double *f(int *p) { return p; }
//// structure where a number is needed
struct a { int x; };
int f(struct a s) { int n = s; return n; }
//// number where a structure is needed
struct a { int x; };
void f(void) { struct a s; s = 3; }
//// floating point where a pointer is needed
char *f(double d) { return d; }
//// condition that is a structure
struct a { int x; };
int f(struct a s) { if (s) return 1; return 0; }
//// sum of two pointers
char *f(char *a, char *b) { return a + b; }
//// pointer times a number
int f(int *p) { return p * 2; }
//// remainder of a floating value
double f(double d) { return d % 2; }
//// complement of a floating value
double f(double d) { return ~d; }
//// bit operation on a pointer
char *f(char *p) { return p & 1; }
//// shift of a floating value
double f(double d) { return d << 1; }
//// pointers to different things compared
int f(int *a, double *b) { return a == b; }
//// pointer and integer compared
int f(int *a, int b) { return a == b; }
//// difference of pointers to different things
long long f(int *a, double *b) { return a - b; }
//// branches of different types
struct a { int x; };
int f(int c, struct a s) { return c ? s : 1; }
//// branches that point at different things
void f(int c, int *a, double *b) { void *p = c ? a : b; (void)p; }
//// member of a number
int f(int n) { return n.x; }
//// member through a number
int f(int n) { return n->x; }
//// arrow on a structure
struct a { int x; };
int f(struct a s) { return s->x; }
//// dot on a pointer
struct a { int x; };
int f(struct a *s) { return s.x; }
//// member that is not there
struct a { int x; };
int f(struct a *s) { return s->y; }
//// call of a number
int f(int n) { return n(1); }
//// index of a number
int f(int n) { return n[1]; }
//// index that is no integer
int f(int *p, double d) { return p[d]; }
//// dereferenced number
int f(int n) { return *n; }
//// dereferenced void pointer
int f(void *p) { return *p; }
//// void value used
void g(void);
int f(void) { return g(); }
//// void value in a sum
void g(void);
int f(void) { return g() + 1; }
//// void variable
void f(void) { void v; }
//// value returned where none is
void f(int n) { return n; }
//// no value returned where one is
int f(int n) { if (n) return; return n; }
//// too few arguments
int g(int a, int b);
int f(void) { return g(1); }
//// too many arguments
int g(int a);
int f(void) { return g(1, 2); }
//// argument of another type
struct a { int x; };
int g(struct a *p);
int f(int n) { return g(&n); }
//// cast to a structure
struct a { int x; };
int f(int n) { return ((struct a)n).x; }
//// cast of a structure
struct a { int x; };
int f(struct a s) { return (int)s; }
//// incomplete structure
struct a;
int f(struct a *p) { return p->x; }
//// object of an incomplete structure
struct a;
struct a object;
//// size of an incomplete structure
struct a;
int f(void) { return (int)sizeof(struct a); }
//// array of functions
int f[3](void);
//// function that returns an array
int f(void)[3];
//// negative array
int a[-1];
//// bit-field too wide
struct a { unsigned int x : 33; };
//// bit-field of a pointer
struct a { int *x : 3; };
//// address of a bit-field
struct a { unsigned int x : 3; };
void *f(struct a *s) { return &s->x; }
//// address of a value
int *f(int n) { return &(n + 1); }
//// case that is no constant
int f(int n, int m) { switch (n) { case m: return 1; } return 0; }
//// switch over a pointer
int f(int *p) { switch (p) { default: return 0; } }
//// static assertion that is false
_Static_assert(sizeof(int) == 2, "int has two bytes");
//// pointer cast to a smaller integer
int f(char *p) { return (int)p; }
//// integer cast to a larger pointer
char *f(int n) { return (char *)n; }
