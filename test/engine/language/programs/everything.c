/* Declarations, expressions and statements of all kinds that drivers use. */
#pragma pack(push, 1)
typedef struct _PACKED { unsigned char kind; unsigned long value; } PACKED, *PPACKED;
#pragma pack(pop)

typedef unsigned short wchar_t;
typedef char *va_list;
typedef long NTSTATUS;
typedef void *PVOID;
typedef unsigned long ULONG, *PULONG;
typedef NTSTATUS ROUTINE(PVOID context, ULONG length);
typedef ROUTINE *PROUTINE;

typedef union _LARGE {
    struct { ULONG LowPart; long HighPart; };
    struct { ULONG LowPart; long HighPart; } u;
    __int64 QuadPart;
} LARGE;

struct node;
typedef struct node { struct node *next, *previous; int key; } NODE, *PNODE;

enum color { red, green = 5, blue, dark = -1 };

typedef struct _REGISTERS {
    unsigned int enable : 1;
    unsigned int mode : 3, : 4;
    unsigned int count : 24;
    unsigned char tail[];
} REGISTERS;

typedef struct __declspec(align(16)) _ALIGNED { __int64 low, high; } ALIGNED;

ROUTINE Dispatch;
static ROUTINE Other;
extern int elsewhere;
int tentative, *pointers[3], matrix[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
static const PROUTINE table[] = { Dispatch, &Other, 0 };
static const char text[] = "abc" "def";
static const wchar_t wide[] = L"wide\t\x41";
static LARGE zero = { 0 };
static NODE head = { &head, &head, .key = 'abcd' };
int (*chooser(int which))(int a, int b);
void (*signal_like(int number, void (*handler)(int)))(int);
_Static_assert(sizeof(PACKED) == 5, "packed");
typedef char size_check[sizeof(LARGE) == 8 ? 1 : -1];

#define FIELD_OFFSET(type, field) ((long)(__int64)&(((type *)0)->field))
#define CONTAINING_RECORD(address, type, field) \
    ((type *)((char *)(address) - (unsigned __int64)(&((type *)0)->field)))
#define va_start(ap, x) __va_start(&(ap), x)
#define va_arg(ap, t) __va_arg(ap, t)
#define va_end(ap) __va_end(&(ap))

static const int offsets[] = { FIELD_OFFSET(NODE, key), FIELD_OFFSET(REGISTERS, tail), [4] = 9 };

static __inline int add(int a, int b)
{
    return a + b;
}

static int sum(int count, ...)
{
    va_list ap;
    int total = 0;

    va_start(ap, count);
    for (int i = 0; i < count; i++) {
        total += va_arg(ap, int);
    }
    va_end(ap);
    return total;
}

__declspec(noreturn) void Stop(ULONG code);

NTSTATUS __stdcall Dispatch(PVOID context, ULONG length)
{
    PNODE node = CONTAINING_RECORD(context, NODE, key);
    static int calls = 3;
    LARGE value;
    unsigned __int64 bits = 0xFFFFFFFFui64;
    double ratio = 1.5e1;
    PULONG words = (PULONG)context;
    NTSTATUS status;

    value.QuadPart = -1;
    value.u.HighPart = 0;
    calls++;
    if (length == 0) {
        return -1;
    } else if (length > 100 && node != 0 || !calls) {
        status = 1;
    } else {
        status = value.LowPart == 0 ? 2 : (NTSTATUS)bits;
    }
    while (length-- > 0) {
        if (length % 2) continue;
        words[length] = ~words[length] << 3 >> 1;
        *words |= 1UL & 0x0f ^ 2;
    }
    do {
        ratio *= 2.0;
    } while (ratio < 100.0f);
    switch (status) {
    case 1:
    case red + 2:
        status = add(1, 2);
        break;
    case -1: {
        int inner = sizeof status + sizeof(NODE) + sizeof "ab";
        status = inner;
    }
    default:
        goto done;
    }
    for (;;) {
        if ((status = sum(2, 3, 4)) != 0) break;
    }
    words += 2, words -= 1;
    node = node->next ? &node->next[1] : node->previous - 1;
    node->key = (int)(node - &head) + (&head == node);
    __try {
        __try {
            table[0](context, 1);
            (*table[1])(context, 2);
            __leave;
        } __finally {
            if (_abnormal_termination()) status = 7;
        }
    } __except (_exception_code() == 0xC0000005 ? 1 : 0) {
        status = (NTSTATUS)_exception_code();
    }
    *node = (NODE){ node, node, 3 };
    head = *node;
done:
    if (!status) Stop(5);
    return status;
}

static NTSTATUS Other(PVOID context, ULONG length)
{
    REGISTERS *registers = context;
    registers->mode = length;
    registers->count += registers->enable;
    return chooser(1)(2, 3) + (int)elsewhere;
}
