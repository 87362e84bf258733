/* Types of objects, for ObReferenceObjectByHandle. What they point at is nobody's business but the kernel's. */
#include <ntddk.h>

static POBJECT_TYPE IopFileType = (POBJECT_TYPE)(ULONG_PTR)IO_TYPE_FILE;
POBJECT_TYPE *IoFileObjectType = &IopFileType;

static POBJECT_TYPE IopEventType = (POBJECT_TYPE)(ULONG_PTR)IO_TYPE_EVENT_PAIR;
POBJECT_TYPE *ExEventObjectType = &IopEventType;

static POBJECT_TYPE IopSemaphoreType = (POBJECT_TYPE)(ULONG_PTR)0x100;
POBJECT_TYPE *ExSemaphoreObjectType = &IopSemaphoreType;

static POBJECT_TYPE IopThreadType = (POBJECT_TYPE)(ULONG_PTR)0x101;
POBJECT_TYPE *PsThreadType = &IopThreadType;

static POBJECT_TYPE IopProcessType = (POBJECT_TYPE)(ULONG_PTR)0x102;
POBJECT_TYPE *PsProcessType = &IopProcessType;

static POBJECT_TYPE IopTokenType = (POBJECT_TYPE)(ULONG_PTR)0x103;
POBJECT_TYPE *SeTokenObjectType = &IopTokenType;
