// const and volatile.
//// const object assigned
void f(void) { const int n = 1; n = 2; }
//// const object incremented
void f(const int n) { n++; }
//// member of a const structure assigned
struct a { int x; };
void f(const struct a *s) { s->x = 1; }
//// const member assigned
struct a { const int x; };
void f(struct a *s) { s->x = 1; }
//// const behind a pointer lost in an initialiser
void f(const char *s) { char *p = s; (void)p; }
//// const behind a pointer lost in an assignment
void f(const char *s) { char *p; p = s; (void)p; }
//// const behind a pointer lost in an argument
void g(char *s);
void f(const char *s) { g(s); }
//// const behind a pointer lost in a return
char *f(const char *s) { return s; }
//// volatile behind a pointer lost
void g(int *n);
void f(volatile int *n) { g(n); }
//// const behind two pointers
void g(const char **s);
void f(char **s) { g(s); }
//// element of a const array assigned
void f(void) { static const int a[2] = { 1, 2 }; a[0] = 3; }
//// const structure assigned as a whole
struct a { int x; };
void f(const struct a *s, struct a t) { *s = t; }
//// structure with a const member assigned as a whole
struct a { const int x; };
void f(struct a *s, struct a t) { *s = t; }
//// string literal in a pointer to char
char *f(void) { return "text"; }
//// const added
void g(const char *s);
void f(char *s) { g(s); }
