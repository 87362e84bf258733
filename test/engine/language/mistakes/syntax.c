// Text that is no C.
//// missing semicolon
int f(int a) { a = 1 return a; }
//// missing parenthesis
int f(int a) { if (a return 1; return 2; }
//// missing brace
int f(int a) { if (a) { return 1; return 2; }
//// surplus brace
int f(int a) { return a; } }
//// surplus parenthesis
int f(int a) { return (a)); }
//// missing operand
int f(int a) { return a + ; }
//// two operators
int f(int a) { return a * / 2; }
//// missing argument
int g(int a, int b);
int f(int a) { return g(a, ); }
//// unclosed text
const char *f(void) { return "text; }
//// unclosed character
int f(void) { return 'a; }
//// empty character
int f(void) { return ''; }
//// bad number
int f(void) { return 0x; }
//// bad suffix
int f(void) { return 12abc; }
//// bad octal digit
int f(void) { return 089; }
//// stray character
int f(int a) { return a @ 1; }
//// keyword for a name
int f(int while) { return 1; }
//// missing member name
struct a { int x; };
int f(struct a *s) { return s->; }
//// missing condition
#if
#endif
int x;
//// if without endif
#if 1
int x;
//// else without if
#else
int x;
//// unknown directive
#inclde "x.h"
int x;
//// error directive
#error no
int x;
//// macro called with too few arguments
#define M(a, b) a + b
int f(void) { return M(1); }
//// macro called with too many arguments
#define M(a) a
int f(void) { return M(1, 2); }
//// macro defined otherwise
#define M 1
#define M 2
int x = M;
//// unclosed macro call
#define M(a) a
int f(void) { return M(1; }
//// comment without end
int x; /* never closed
//// missing header
#include "nowhere.h"
int x;
