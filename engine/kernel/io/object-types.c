/* Types of objects, for ObReferenceObjectByHandle. What they point at is nobody's business but the kernel's. */
#include <ntddk.h>
#include <wdmsec.h>

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

/* Security descriptors of devices. */
#define DESCRIPTOR(Name, Text) const UNICODE_STRING Name = { sizeof(Text) - sizeof(WCHAR), sizeof(Text), Text }
DESCRIPTOR(SDDL_DEVOBJ_KERNEL_ONLY, L"D:P");
DESCRIPTOR(SDDL_DEVOBJ_SYS_ALL, L"D:P(A;;GA;;;SY)");
DESCRIPTOR(SDDL_DEVOBJ_SYS_ALL_ADM_ALL, L"D:P(A;;GA;;;SY)(A;;GA;;;BA)");
DESCRIPTOR(SDDL_DEVOBJ_SYS_ALL_ADM_RX, L"D:P(A;;GA;;;SY)(A;;GRGX;;;BA)");
DESCRIPTOR(SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_R, L"D:P(A;;GA;;;SY)(A;;GRGWGX;;;BA)(A;;GR;;;WD)");
DESCRIPTOR(SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_RW, L"D:P(A;;GA;;;SY)(A;;GRGWGX;;;BA)(A;;GRGW;;;WD)");
DESCRIPTOR(SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_RWX, L"D:P(A;;GA;;;SY)(A;;GRGWGX;;;BA)(A;;GRGWGX;;;WD)");
