// What the checker says about C that is wrong, or not what was meant: each text with its findings.
//// enumeration assigned to another
enum a { A1, A2 }; enum b { B1 };
enum a f(enum b x) { enum a y = x; return y; }
//> information enum-mismatch 2:33-34: The initialiser of 'y' needs enum a, found enum b
//// shift as a condition
int f(int a) { if (a << 1) return 1; return 0; }
//> warning shift-as-condition 1:20-26: The condition of 'if' is a shift ('<<'); a comparison is written '<', a test of a bit '&'
//// logical value compared with a number
int f(int a, int b) { return (a < b) == 2; }
//> warning comparison-always 1:30-42: Always false: this 'int' lies between 0 and 1
//// macro of two statements under an if
void g(int);
#define BOTH(x) g(x); g(x + 1)
void f(int a) { if (a) BOTH(a); }
//> warning multistatement-macro 3:24-31: 'BOTH' stands for several statements, and only the first one belongs to the 'if'; 'do { .. } while (0)' makes one of them
//>   2:9-13: in the expansion of macro 'BOTH'
//// same on both sides
int f(int a) { return a == a; }
//> warning self-comparison 1:23-24: Both sides of '==' are the same: always true
//// unsigned compared with itself
int f(unsigned a) { return a < a; }
//> warning self-comparison 1:28-29: Both sides of '<' are the same: always false
//// member initialised twice
struct s { int a, b; };
struct s x = { .a = 1, .b = 2, .a = 3 };
//> warning initializer-overridden 2:32-33: This has a value already, which is lost
//// element initialised twice
int x[3] = { [0] = 1, [0] = 2 };
//> warning initializer-overridden 1:23-24: This has a value already, which is lost
//// comment within a comment
/* one /* two */
int x;
//> warning nested-comment 1:8-10: '/*' within a comment: is the '*/' of the comment before it missing?
//// line comment that goes on
// one \
int x;
int y;
//> warning continued-comment 1:8-9: The backslash takes the next line into the comment
//// pointer above zero
int f(char *p) { return p > 0; }
//> warning pointer-order 1:25-26: '>' asks whether an address lies beside 0; '!= NULL' asks whether there is one
//// void pointer plus a number
void *f(void *p) { return p + 1; }
//> error incomplete-type 1:27-28: No arithmetic on void *: what it points at has no size; cast it first
//// size of void
int f(void) { return (int)sizeof(void); }
//> error incomplete-type 1:27-39: The size of void is not known here
//// size of a function
int g(void);
int f(void) { return (int)sizeof(g); }
//> error incomplete-type 2:27-36: The size of int (void) is not known here
//// typedef with an initialiser
typedef int t = 1;
//> error missing-semicolon 1:14-14: Expected ';' after the declaration, found '='
//// function that returns a function
typedef int t(void);
t f(void);
//> error wrong-result 2:4-10: A function cannot return a function; a pointer to it may be meant
//// array of void
void x[3];
//> error incomplete-type 1:7-10: No array of void, which has no size here
//// parameter with a storage class
int f(static int a) { return a; }
//> error storage-class 1:7-13: A parameter cannot be 'static'
//// inline variable
inline int x;
//> warning storage-class 1:12-13: 'x' is no function: 'inline' means nothing
//// named bit-field of no width
struct s { int a : 0; };
//> error bit-field 1:16-17: The bit-field 'a' has no bits; without a name, 0 ends a unit
//// bit-field of negative width
struct s { int a : -1; };
//> error bit-field 1:20-22: 'int' has 32 bits, not -1
//// structure within itself
struct s { int a; struct s b; };
//> error incomplete-type 1:28-29: The member 'b' has the type struct s, which is not complete here
//// unknown escape
char *f(void) { static char s[] = "\q"; return s; }
//> warning unknown-escape 1:35-39: '\q' is not an escape sequence: it stands for 'q'
//// hexadecimal escape out of range
char s[] = "\x123";
//> error bad-literal 1:12-19: '\x123' does not fit in a character
//// hexadecimal escape without digits
char s[] = "\x";
//> error bad-literal 1:12-16: '\x' is not an escape sequence
//// array whose length varies
int f(int n) { int a[n]; a[0] = 1; return a[0]; }
//> error not-supported 1:22-23: An array size that is no constant: arrays of variable length are not supported yet
//// number too large
unsigned long long x = 99999999999999999999;
//> error bad-literal 1:24-44: '99999999999999999999' does not fit in 64 bits
//// address of a parameter returned
int *f(int a) { return &a; }
//> warning local-address-returned 1:24-26: 'a' ends with the function, and its address with it
//>   1:12-13: 'a' is declared here
//// array without a length before the end
struct s { int a[]; int b; };
//> error incomplete-type 1:16-17: Only the last member may be an array without a length
//// function assigned to
void g(void);
void f(void) { g = 0; }
//> error not-assignable 2:16-17: '=' needs an object to change, found a value of void (void)
//// array incremented
void f(void) { int a[3]; a++; }
//> error not-assignable 1:26-27: '++' cannot change an array as a whole (int[3]); copy its elements
//// structure incremented
struct s { int a; };
void f(struct s x) { x++; }
//> error wrong-operand 2:22-23: '++' needs a number or a pointer, found struct s
//// not of a structure
struct s { int a; };
int f(struct s x) { return !x; }
//> error wrong-operand 2:29-30: The operand of '!' needs a number or a pointer, found struct s
//// negated pointer
int f(char *p) { return -p; }
//> error wrong-operand 1:26-27: '-' needs a number, found char *
//// structures compared
struct s { int a; };
int f(struct s x, struct s y) { return x == y; }
//> error wrong-operand 2:40-41: '==' needs a number or a pointer, found struct s
//> error wrong-operand 2:45-46: '==' needs a number or a pointer, found struct s
//// structure added
struct s { int a; };
int f(struct s x) { return x + 1; }
//> error wrong-operand 2:28-29: '+' needs a number or a pointer, found struct s
//// function pointer of another type
typedef int (*t)(int);
int g(char *p);
t f(void) { return g; }
//> warning incompatible-pointer 3:20-21: The return value of 'f' needs t, found int (*)(char *p)
//// function pointer to data pointer
int g(void);
int *f(void) { int *p = g; return p; }
//> warning incompatible-pointer 2:25-26: The initialiser of 'p' needs int *, found int (*)(void)
//// text for a number
int f(void) { return "1"; }
//> error integer-from-pointer 1:22-25: The return value of 'f' needs the integer int, found the pointer char *
//// text in an array of numbers
int x[] = "abc";
//> error wrong-type 1:11-16: The array 'x' needs a list in braces, found char[4]
//// braces around a pointer
int *p = { 0, 1 };
//> error excess-initializers 1:15-16: More values than int * takes
//// designator of an array for a structure
struct s { int a; };
struct s x = { [0] = 1 };
//> error not-an-array 2:16-17: Struct s is no array
//// designator of a member for an array
int x[2] = { .a = 1 };
//> error not-a-record 1:14-16: Int[2] has no members
//// designator with a negative index
int x[2] = { [-1] = 1 };
//> error index-out-of-bounds 1:15-17: The index -1 is outside of int[2]
//// goto into nothing
void f(void) { goto; }
//> error syntax 1:20-21: Expected a label after 'goto', found ';'
//// conditional without its middle
int f(int a) { return a ? : 1; }
//> error syntax 1:27-28: Expected an expression, found ':'
//// conditional of void and a number
void g(void);
int f(int a) { return a ? g() : 1; }
//> error void-value 2:23-34: The return value of 'f' needs a value, found none (void)
//// index before the array
int f(void) { int a[2] = { 0 }; return a[-1]; }
//> warning index-out-of-bounds 1:42-44: The index -1 is outside of int[2]
//// overflow in an enumerator
enum e { A = 2147483647, B };
//> warning constant-overflow 1:26-27: 'B' is one more than the greatest int, and becomes the least
//// enumerator that is no integer
enum e { A = 1.5 };
//> error not-constant 1:14-17: The value of 'A' must be an integer constant
//// const twice
const const int x = 1;
//> warning duplicate-qualifier 1:7-12: 'const' stands here twice
//// const object without a value
int f(void) { const int x; return x; }
//> warning uninitialized-local 1:35-36: 'x' is used before it has a value
//>   1:25-26: 'x' is declared here
//// static assertion without a constant
void f(int a) { _Static_assert(a, "a"); }
//> error not-constant 1:32-33: The condition of a static assertion must be an integer constant
//// three longs
long long long x;
//> error two-types 1:1-5: 'long long long' is no type
//// short double
short double x;
//> error two-types 1:1-6: 'short double' is no type
//// unsigned float
unsigned float x;
//> error two-types 1:1-9: 'unsigned float' is no type
//// void parameter among others
int f(void, int a);
//> error void-variable 1:7-11: 'void' as a parameter list stands alone
//// names without types in a declaration
int f(a, b);
//> error unknown-type 1:7-8: Unknown type name 'a': it is declared in <ntdef.h>, which is not included
//> error unknown-type 1:10-11: Unknown type name 'b'
//// old definition
int f(a) int a; { return a; }
//> error not-supported 1:7-8: A parameter list in the style of K&R is not supported yet
//> error undeclared-name 1:26-27: 'a' is not declared: it is declared in <ntdef.h>, which is not included
//// nested function
int f(void) { int g(void) { return 1; } return g(); }
//> error unbalanced-brace 1:19-20: Expected '}' before the definition of 'g': 'f' is not closed
//>   1:5-6: 'f' begins here
//> error expected-declaration 1:41-47: Expected a declaration, found 'return'; a '}' before it may be one too many
//// for without its parts
void f(int a) { for (a) ; }
//> warning unused-result 1:22-23: This statement does nothing
//> error missing-semicolon 1:23-23: Expected ';' in 'for', found ')'; 'for' takes three parts
//// assertion-like comma
int f(int a) { return (a, 1); }
//> warning unused-result 1:24-25: The left side of ',' is not used
//// comma in an index
int f(int *p) { return p[0, 1]; }
//> warning unused-result 1:26-27: The left side of ',' is not used
//// address of a register variable
int *f(void) { register int a = 1; return &a; }
//> warning local-address-returned 1:43-45: 'a' ends with the function, and its address with it
//>   1:29-30: 'a' is declared here
//// float as a shift count
int f(int a, float b) { return a << b; }
//> error wrong-operand 1:32-38: '<<' cannot take int and float
//// comparison of text
int f(const char *p) { return p == "a"; }
//> warning text-address-compared 1:36-39: This compares addresses, not texts; strcmp or RtlEqualUnicodeString compares texts
//// use of a macro with parameters as a name
#define M(x) x
int f(void) { return M; }
//> error macro-arguments 2:22-23: 'M' is a macro with parameters: expected '(' after it
//// printf
int printf(const char *, ...);
void f(long long a) { printf("%d %s\n", a, 1); }
//> warning format-argument 2:41-42: '%d' needs a 32-bit integer, found long long
//> warning format-argument 2:44-45: '%s' needs a pointer to characters, found int
//// return type missing
f(void) { return 1; }
//> error missing-type 1:1-2: The declaration of 'f' has no type
//// static and extern
static int x; extern int x; int x;
//> error linkage 1:33-34: 'x' is not static here, but was declared static
//>   1:12-13: the declaration before is here
//// function declared in a block with another type
int g(int);
void f(void) { int g(char *); g(0); }
//> error conflicting-types 2:20-21: 'g' is declared as int g(char *), but before as int g(int)
//>   1:5-6: the declaration before is here
//// bit-field of an enumeration too narrow
enum e { A, B, C, D, E2 };
struct s { enum e x : 2; };
void f(struct s *p) { p->x = E2; }
//> warning constant-truncated 3:30-32: The assignment needs a bit-field of enum e: 4 does not fit in 2 bits
//// result of a comparison to a pointer
char *f(int a, int b) { return a < b; }
//> error pointer-from-integer 1:32-37: The return value of 'f' needs the pointer char *, found the integer int
//// null behind a condition
int f(char *p) { return *p == 0 ? 1 : (void *)0; }
//> error wrong-operand 1:25-48: '?:' needs two values of one type, found int and void *
//// dispatch routine of another type
#include <ntddk.h>
NTSTATUS Create(PIRP Irp) { return Irp->IoStatus.Status; }
NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING Path)
{ UNREFERENCED_PARAMETER(Path); Driver->MajorFunction[IRP_MJ_CREATE] = Create; return STATUS_SUCCESS; }
//> warning incompatible-pointer 4:72-78: The assignment needs PDRIVER_DISPATCH, found NTSTATUS (*)(PIRP Irp)
//// unload routine that returns something
#include <ntddk.h>
NTSTATUS Unload(PDRIVER_OBJECT Driver) { UNREFERENCED_PARAMETER(Driver); return STATUS_SUCCESS; }
void Set(PDRIVER_OBJECT Driver) { Driver->DriverUnload = Unload; }
//> warning incompatible-pointer 3:58-64: The assignment needs PDRIVER_UNLOAD, found NTSTATUS (*)(PDRIVER_OBJECT Driver)
//// length of 64 bits in a member of 32
#include <ntddk.h>
void Set(PIO_STACK_LOCATION Stack, SIZE_T Length) { Stack->Parameters.Read.Length = Length; }
//> warning conversion-loses-bits 2:85-91: The assignment may lose the upper bits: SIZE_T becomes ULONG; a cast says that this is meant
//// address in 32 bits
#include <ntddk.h>
ULONG Low(PVOID Address) { return (ULONG)Address; }
//> warning pointer-truncated 2:35-49: The cast to ULONG keeps 32 of the 64 bits of PVOID; ULONG_PTR keeps all
//// format of 32 bits for 64
#include <ntddk.h>
void Print(SIZE_T Length, PVOID Address) { DbgPrint("%u %x\n", Length, Address); }
//> warning format-argument 2:64-70: '%u' needs a 32-bit integer, found SIZE_T
//> warning format-argument 2:72-79: '%x' needs a 32-bit integer, found PVOID
//// format without its argument
#include <ntddk.h>
void Print(ULONG Length) { DbgPrint("%u %u\n", Length); }
//> warning format-missing 2:37-46: '%u' has no argument: the format asks for more than the 1 given
//// wide text for a narrow format
#include <ntddk.h>
void Print(PUNICODE_STRING Name) { DbgPrint("%s\n", Name->Buffer); }
//> warning format-argument 2:53-65: '%s' needs a pointer to characters, found PWCH
//// structure passed for its address
#include <ntddk.h>
void Init(UNICODE_STRING Name) { RtlInitUnicodeString(Name, L"a"); }
//> error wrong-type 2:55-59: Argument 1 ('DestinationString') of 'RtlInitUnicodeString' needs PUNICODE_STRING, found UNICODE_STRING
//// narrow text for a wide one
#include <ntddk.h>
void Init(PUNICODE_STRING Name) { RtlInitUnicodeString(Name, "a"); }
//> warning incompatible-pointer 2:62-65: Argument 2 ('SourceString') of 'RtlInitUnicodeString' needs PCWSTR, found char *
//// member of LARGE_INTEGER forgotten
#include <ntddk.h>
LONGLONG Sum(LARGE_INTEGER A) { return A + 1; }
//> error wrong-operand 2:40-41: '+' needs a number or a pointer, found LARGE_INTEGER
//// spin lock without its level
#include <ntddk.h>
void Lock(PKSPIN_LOCK SpinLock) { KeAcquireSpinLock(SpinLock); }
//> error macro-argument-count 2:35-62: Macro 'KeAcquireSpinLock' takes 2 arguments, found 1
//>   wdm.h: 'KeAcquireSpinLock' is defined here
//> error syntax 2:35-62: Expected an expression, found ')'
//>   wdm.h: in the expansion of macro 'KeAcquireSpinLock'
//// level where its address is needed
#include <ntddk.h>
void Lock(PKSPIN_LOCK SpinLock) { KIRQL Irql; KeAcquireSpinLock(SpinLock, Irql); }
//> error wrong-operand 2:47-80: '*' needs a pointer, found KIRQL
//// routine misspelt
#include <ntddk.h>
PVOID Get(void) { return ExAlocatePool2(POOL_FLAG_NON_PAGED, 16, 'tset'); }
//> error implicit-declaration 2:26-40: 'ExAlocatePool2' is called but not declared; did you mean 'ExAllocatePool2'?
//// macro misspelt
#include <ntddk.h>
int Check(NTSTATUS Status) { return NT_SUCESS(Status); }
//> error implicit-declaration 2:37-46: 'NT_SUCESS' is called but not declared; did you mean 'NT_SUCCESS'?
//// header missing
ULONG Get(PDEVICE_OBJECT Device) { return Device->Flags; }
//> error unknown-type 1:1-6: Unknown type name 'ULONG': it is declared in <ntdef.h>, which is not included
//> error unknown-type 1:11-25: Unknown type name 'PDEVICE_OBJECT': it is declared in <wdm.h>, which is not included
//// member of the extension without a cast
#include <ntddk.h>
typedef struct _EXT { ULONG Count; } EXT, *PEXT;
ULONG Get(PDEVICE_OBJECT Device) { return Device->DeviceExtension->Count; }
//> error not-a-record 3:43-66: '->' needs a pointer to a structure or union, found PVOID
//// MDL passed for its address
#include <ntddk.h>
PVOID Map(MDL Mdl) { return MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority); }
//> error wrong-type 2:58-61: Argument 1 ('Mdl') of 'MmGetSystemAddressForMdlSafe' needs PMDL, found MDL
//// constant of another routine
#include <ntddk.h>
void Wait(PKEVENT Event) { KeWaitForSingleObject(Event, Executive, KernelMode, FALSE, 100); }
//> error pointer-from-integer 2:87-90: Argument 5 ('Timeout') of 'KeWaitForSingleObject' needs the pointer PLARGE_INTEGER, found the integer int
//// CONTAINING_RECORD of a member that is not there
#include <ntddk.h>
typedef struct _REQ { LIST_ENTRY Link; ULONG Id; } REQ;
REQ *Get(PLIST_ENTRY Entry) { return CONTAINING_RECORD(Entry, REQ, Links); }
//> error unknown-member 3:68-73: 'REQ' has no member 'Links'; did you mean 'Link'?
//// macro of the driver with a mistake
#include <ntddk.h>
#define TWICE(x) ((x) * 2 + Missing)
ULONG Get(ULONG Count) { return TWICE(Count); }
//> error undeclared-name 3:33-45: 'Missing' is not declared
//>   2:9-14: in the expansion of macro 'TWICE'
//// macro within a macro with a mistake
#include <ntddk.h>
#define INNER(p) ((p)->Nothing)
#define OUTER(p) (INNER(p) + 1)
ULONG Get(PMDL Mdl) { return OUTER(Mdl); }
//> error unknown-member 4:30-40: 'struct _MDL' has no member 'Nothing'
//>   2:9-14: in the expansion of macro 'INNER'
//>   3:9-14: in the expansion of macro 'OUTER'
//// macro that loses bits
#include <ntddk.h>
#define STORE(d, v) ((d) = (v))
void Set(UCHAR *Target, ULONG Value) { STORE(*Target, Value); }
//> information conversion-loses-bits 3:40-61: The assignment may lose the upper bits: ULONG becomes UCHAR; a cast says that this is meant
//// macro of several statements in a loop
#include <ntddk.h>
#define STEP(i) DbgPrint("%u", i); i++
void Run(ULONG i) { while (i < 3) STEP(i); }
//> warning multistatement-macro 3:35-42: 'STEP' stands for several statements, and only the first one belongs to the 'while'; 'do { .. } while (0)' makes one of them
//>   2:9-13: in the expansion of macro 'STEP'
//// paged code without its parentheses
#include <ntddk.h>
void Run(void) { PAGED_CODE; }
//> error macro-arguments 2:18-28: 'PAGED_CODE' is a macro with parameters: expected '(' after it
//// const string changed
#include <ntddk.h>
void Set(PCUNICODE_STRING Name) { Name->Length = 0; }
//> error const-violation 2:35-47: '=' cannot change it: its type is const USHORT
//// const buffer passed on
#include <ntddk.h>
void Fill(const UCHAR *Buffer) { RtlZeroMemory(Buffer, 4); }
//> warning const-lost 2:34-58: Argument 1 ('Destination') of 'memset' needs void *, found const UCHAR *: what it points at is const
//// size of the pointer
#include <ntddk.h>
void Clear(PDEVICE_DESCRIPTION Description) { RtlZeroMemory(Description, sizeof(Description)); }
//> warning size-of-pointer 2:80-93: This is the size of the pointer itself (PDEVICE_DESCRIPTION); '*' before it gives that of what it points at
//// DeviceIoControl code in a byte
#include <ntddk.h>
UCHAR Code(PIO_STACK_LOCATION Stack) { return Stack->Parameters.DeviceIoControl.IoControlCode; }
//> information conversion-loses-bits 2:47-94: The return value of 'Code' may lose the upper bits: ULONG becomes UCHAR; a cast says that this is meant
//// exception code outside of a handler
#include <ntddk.h>
ULONG Code(void) { return GetExceptionCode(); }
//> error exception-word 2:27-45: '_exception_code' has a meaning only in an __except filter or its block
//// try without its handler
#include <ntddk.h>
void Run(void) { __try { DbgPrint("a"); } }
//> error missing-handler 2:43-44: Expected '__except' or '__finally' after the __try block, found '}'
//>   2:18-23: to match the '__try' here
//// leave outside of a block
#include <ntddk.h>
void Run(void) { __leave; }
//> error stray-jump 2:18-25: '__leave' outside of a __try block
//// return missing
#include <ntddk.h>
NTSTATUS Get(ULONG Count) { if (Count > 1) { return STATUS_SUCCESS; } }
//> warning missing-return 2:71-72: 'Get' returns NTSTATUS, but its end can be reached without 'return'
//// physical address as a number
#include <ntddk.h>
ULONG64 Get(PVOID Address) { return MmGetPhysicalAddress(Address); }
//> error wrong-type 2:37-66: The return value of 'Get' needs ULONG64, found PHYSICAL_ADDRESS
//// pointer to a physical address
#include <ntddk.h>
PVOID Get(PHYSICAL_ADDRESS Address) { return MmMapIoSpace(Address.LowPart, 4096, MmNonCached); }
//> error wrong-type 2:59-74: Argument 1 ('PhysicalAddress') of 'MmMapIoSpace' needs PHYSICAL_ADDRESS, found ULONG
//// user-mode header
#include <windows.h>
int x;
//> error user-header-in-driver 1:10-21: 'windows.h' belongs to processes, this is a driver: include ntddk.h or wdm.h, or put the line under '#ifdef _DMS_USER_MODE'
//// a value that goes on is a use, one that goes nowhere is none
int more(void);
int f(void)
{
    static int rounds;
    int used, lost, counted = 0;

    while (rounds++ < 3) {
        lost = more();
        counted += 1;
    }
    if ((used = more()) != 0) {
        return 1;
    }
    return 0;
}
//> information unused-variable 5:15-19: 'lost' is set, but never read
//> information unused-variable 5:21-28: 'counted' is set, but never read
