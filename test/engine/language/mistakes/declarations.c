// Names: not declared, declared twice, never used.
//// undeclared name
int f(void) { return n; }
//// undeclared function
int f(void) { return g(1); }
//// unknown type
unknown f(void);
//// variable defined twice
int f(void) { int n = 1; int n = 2; return n; }
//// function defined twice
int f(void) { return 1; }
int f(void) { return 2; }
//// parameter named twice
int f(int a, int a) { return a; }
//// parameter hidden by a local of the outermost block
int f(int a) { int a = 1; return a; }
//// structure defined twice
struct a { int x; };
struct a { int y; };
//// member named twice
struct a { int x; int x; };
//// enumerator defined twice
enum a { one }; enum b { one };
//// function declared with another result
int f(int a);
char *f(int a);
//// function declared with other parameters
int f(int a);
int f(int *a);
//// definition unlike its declaration
int f(int a);
int f(int a, int b) { return a + b; }
//// variable declared with another type
extern int x;
extern double x;
//// static behind a declaration that is not
int f(void);
static int f(void) { return 1; }
//// typedef declared otherwise
typedef int t;
typedef double t;
//// name of a type for a variable
typedef int t;
double t;
//// structure and union of one tag
struct a { int x; };
union a *p;
//// initialiser that is no constant
int n;
int m = n;
//// more initialisers than elements
int a[2] = { 1, 2, 3 };
//// more initialisers than members
struct a { int x; }; struct a s = { 1, 2 };
//// more than one value for a number
int n = { 1, 2 };
//// string longer than its array
char a[3] = "abcd";
//// member that is not there in an initialiser
struct a { int x; }; struct a s = { .y = 1 };
//// index beyond the array in an initialiser
int a[2] = { [2] = 1 };
//// initialiser of an extern in a block
void f(void) { extern int n = 1; }
//// array without a length
void f(void) { int a[]; }
//// unused variable
void f(void) { int n; }
//// variable that is set and not used
void f(void) { int n; n = 1; }
//// variable that is initialised and not used
void f(int a) { int n = a; }
//// unused parameter
int f(int a, int b) { return a; }
//// unused static function
static int g(void) { return 1; }
int f(void) { return 2; }
//// unused static variable
static int n;
//// static function that is declared, used and not defined
static int g(void);
int f(void) { return g(); }
//// unused label
int f(int n) { end: return n; }
//// unused local typedef
void f(void) { typedef int t; }
//// function without a prototype
int f(int a) { return a; }
//// declaration without parameters
int g();
int f(void) { return g(1); }
//// definition without parameters
int f() { return 1; }
//// declaration without a type
f(void);
//// variable without a type
static n;
//// empty declaration
int;
//// local that hides a parameter
int f(int a) { { int a = 1; return a; } }
//// parameter of type void with a name
int f(void a);
//// declaration as the body of an if
void f(int a) { if (a) int b; }
