/* The kernel interface for drivers: types, structures, constants and routines. */
#ifndef _WDMDDK_
#define _WDMDDK_

#ifdef _DMS_USER_MODE
#error wdm.h is a kernel header; a process includes windows.h
#endif

#ifndef NT_INCLUDED
#define NT_INCLUDED
#endif
#ifndef _NTDDK_
#define WDM_MAJORVERSION 0x06
#define WDM_MINORVERSION 0x00
#endif
#define ALLOC_PRAGMA 1
#define ALLOC_DATA_PRAGMA 1

#include <ntdef.h>
#include <ntstatus.h>
#include <bugcodes.h>
#include <devioctl.h>
#include <string.h>

/* ------------------------------------------------------------------ types */

#define PAGE_SIZE   0x1000
#define PAGE_SHIFT  12L
#define ROUND_TO_SIZE(length, alignment) \
    ((((ULONG_PTR)(length)) + ((alignment) - 1)) & ~((ULONG_PTR)(alignment) - 1))
#define ROUND_TO_PAGES(Size) (((ULONG_PTR)(Size) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))

typedef CCHAR KPROCESSOR_MODE;
/** Interrupt request level of a processor. */
typedef UCHAR KIRQL, *PKIRQL;
/** A spin lock; zero when free. */
typedef ULONG_PTR KSPIN_LOCK, *PKSPIN_LOCK;
typedef ULONG PFN_COUNT;
/** A physical address divided by PAGE_SIZE. */
typedef ULONG_PTR PFN_NUMBER, *PPFN_NUMBER;
typedef LONG_PTR SPFN_NUMBER, *PSPFN_NUMBER;
/** Number of a memory node, or MM_ANY_NODE_OK. */
typedef ULONG NODE_REQUIREMENT;
#define MM_ANY_NODE_OK 0x80000000
typedef PVOID PSECURITY_DESCRIPTOR;
typedef ULONG SECURITY_INFORMATION, *PSECURITY_INFORMATION;
typedef PVOID PSID;
typedef ULONG ACCESS_MASK, *PACCESS_MASK;
typedef PVOID PACCESS_TOKEN;
typedef ULONG64 POOL_FLAGS;
typedef ULONG_PTR ERESOURCE_THREAD, *PERESOURCE_THREAD;

typedef struct _KPROCESS *PKPROCESS;
typedef struct _KPROCESS *PRKPROCESS;
typedef struct _EPROCESS *PEPROCESS;
typedef struct _KTHREAD *PKTHREAD;
typedef struct _KTHREAD *PRKTHREAD;
typedef struct _ETHREAD *PETHREAD;
typedef struct _KINTERRUPT *PKINTERRUPT;
typedef struct _OBJECT_TYPE *POBJECT_TYPE;
typedef struct _ADAPTER_OBJECT *PADAPTER_OBJECT;
typedef struct _IO_TIMER *PIO_TIMER;
typedef struct _IO_WORKITEM *PIO_WORKITEM;
typedef struct _CALLBACK_OBJECT *PCALLBACK_OBJECT;
typedef struct _DEVICE_HANDLER_OBJECT *PDEVICE_HANDLER_OBJECT;
typedef struct _BUS_HANDLER *PBUS_HANDLER;
typedef struct _EJOB *PEJOB;
typedef struct _IO_COMPLETION_CONTEXT *PIO_COMPLETION_CONTEXT;
typedef struct _IORING_OBJECT *PIORING_OBJECT;
typedef struct _DEVICE_OBJECT *PDEVICE_OBJECT;
typedef struct _DRIVER_OBJECT *PDRIVER_OBJECT;
typedef struct _FILE_OBJECT *PFILE_OBJECT;
typedef struct _IRP *PIRP;
typedef struct _IO_STACK_LOCATION *PIO_STACK_LOCATION;
typedef struct _MDL *PMDL;
typedef struct _KDPC *PKDPC;
typedef struct _KAPC *PKAPC;
typedef struct _DMA_ADAPTER *PDMA_ADAPTER;
typedef struct _DMA_OPERATIONS *PDMA_OPERATIONS;
typedef struct _SCATTER_GATHER_LIST *PSCATTER_GATHER_LIST;
typedef struct _LOOKASIDE_LIST_EX *PLOOKASIDE_LIST_EX;
typedef struct _ACCESS_STATE *PACCESS_STATE;
typedef struct _SECTION_OBJECT_POINTERS *PSECTION_OBJECT_POINTERS;
typedef struct _VPB *PVPB;
typedef struct _DEVOBJ_EXTENSION *PDEVOBJ_EXTENSION;
typedef struct _IO_SECURITY_CONTEXT *PIO_SECURITY_CONTEXT;
struct _FAST_IO_DISPATCH;
struct _DEVICE_DESCRIPTION;
struct _CONTEXT;

/* Interrupt request levels of x64 */
/** Threads run here by default; pageable memory may be touched and waits are allowed. */
#define PASSIVE_LEVEL  0
#define LOW_LEVEL      0
/** Asynchronous procedure calls are held off. */
#define APC_LEVEL      1
/** The scheduler is held off: no waits, no pageable memory. */
#define DISPATCH_LEVEL 2
#define CMCI_LEVEL     5
#define CLOCK_LEVEL    13
#define IPI_LEVEL      14
#define DRS_LEVEL      14
#define POWER_LEVEL    14
#define PROFILE_LEVEL  15
#define HIGH_LEVEL     15

/** Processor mode of a caller. */
typedef enum _MODE {
    KernelMode,
    UserMode,
    MaximumMode
} MODE;

#define LOW_PRIORITY            0
#define LOW_REALTIME_PRIORITY  16
#define HIGH_PRIORITY          31
#define MAXIMUM_PRIORITY       32
#define MAXIMUM_WAIT_OBJECTS   64
#define MAXIMUM_SUSPEND_COUNT  MAXCHAR
#define THREAD_WAIT_OBJECTS     3
#define MAXIMUM_PROCESSORS     64
#define ALL_PROCESSOR_GROUPS   0xffff

/* Access rights */
#define DELETE                   (0x00010000L)
#define READ_CONTROL             (0x00020000L)
#define WRITE_DAC                (0x00040000L)
#define WRITE_OWNER              (0x00080000L)
#define SYNCHRONIZE              (0x00100000L)
#define STANDARD_RIGHTS_REQUIRED (0x000F0000L)
#define STANDARD_RIGHTS_READ     (READ_CONTROL)
#define STANDARD_RIGHTS_WRITE    (READ_CONTROL)
#define STANDARD_RIGHTS_EXECUTE  (READ_CONTROL)
#define STANDARD_RIGHTS_ALL      (0x001F0000L)
#define SPECIFIC_RIGHTS_ALL      (0x0000FFFFL)
#define ACCESS_SYSTEM_SECURITY   (0x01000000L)
#define MAXIMUM_ALLOWED          (0x02000000L)
#define GENERIC_READ             (0x80000000L)
#define GENERIC_WRITE            (0x40000000L)
#define GENERIC_EXECUTE          (0x20000000L)
#define GENERIC_ALL              (0x10000000L)
#define FILE_READ_DATA           (0x0001)
#define FILE_LIST_DIRECTORY      (0x0001)
#define FILE_WRITE_DATA          (0x0002)
#define FILE_ADD_FILE            (0x0002)
#define FILE_APPEND_DATA         (0x0004)
#define FILE_ADD_SUBDIRECTORY    (0x0004)
#define FILE_CREATE_PIPE_INSTANCE (0x0004)
#define FILE_READ_EA             (0x0008)
#define FILE_WRITE_EA            (0x0010)
#define FILE_EXECUTE             (0x0020)
#define FILE_TRAVERSE            (0x0020)
#define FILE_DELETE_CHILD        (0x0040)
#define FILE_READ_ATTRIBUTES     (0x0080)
#define FILE_WRITE_ATTRIBUTES    (0x0100)
#define FILE_ALL_ACCESS          (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0x1FF)
#define FILE_GENERIC_READ        (STANDARD_RIGHTS_READ | FILE_READ_DATA | FILE_READ_ATTRIBUTES | FILE_READ_EA | SYNCHRONIZE)
#define FILE_GENERIC_WRITE       (STANDARD_RIGHTS_WRITE | FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES | FILE_WRITE_EA | FILE_APPEND_DATA | SYNCHRONIZE)
#define FILE_GENERIC_EXECUTE     (STANDARD_RIGHTS_EXECUTE | FILE_READ_ATTRIBUTES | FILE_EXECUTE | SYNCHRONIZE)
#define FILE_SHARE_READ          0x00000001
#define FILE_SHARE_WRITE         0x00000002
#define FILE_SHARE_DELETE        0x00000004
#define FILE_SHARE_VALID_FLAGS   0x00000007
#define FILE_ATTRIBUTE_READONLY  0x00000001
#define FILE_ATTRIBUTE_HIDDEN    0x00000002
#define FILE_ATTRIBUTE_SYSTEM    0x00000004
#define FILE_ATTRIBUTE_DIRECTORY 0x00000010
#define FILE_ATTRIBUTE_ARCHIVE   0x00000020
#define FILE_ATTRIBUTE_DEVICE    0x00000040
#define FILE_ATTRIBUTE_NORMAL    0x00000080
#define FILE_ATTRIBUTE_TEMPORARY 0x00000100
#define FILE_SUPERSEDE           0x00000000
#define FILE_OPEN                0x00000001
#define FILE_CREATE              0x00000002
#define FILE_OPEN_IF             0x00000003
#define FILE_OVERWRITE           0x00000004
#define FILE_OVERWRITE_IF        0x00000005
#define FILE_MAXIMUM_DISPOSITION 0x00000005
#define FILE_DIRECTORY_FILE            0x00000001
#define FILE_WRITE_THROUGH             0x00000002
#define FILE_SEQUENTIAL_ONLY           0x00000004
#define FILE_NO_INTERMEDIATE_BUFFERING 0x00000008
#define FILE_SYNCHRONOUS_IO_ALERT      0x00000010
#define FILE_SYNCHRONOUS_IO_NONALERT   0x00000020
#define FILE_NON_DIRECTORY_FILE        0x00000040
#define FILE_CREATE_TREE_CONNECTION    0x00000080
#define FILE_COMPLETE_IF_OPLOCKED      0x00000100
#define FILE_NO_EA_KNOWLEDGE           0x00000200
#define FILE_RANDOM_ACCESS             0x00000800
#define FILE_DELETE_ON_CLOSE           0x00001000
#define FILE_OPEN_BY_FILE_ID           0x00002000
#define FILE_OPEN_FOR_BACKUP_INTENT    0x00004000
#define FILE_NO_COMPRESSION            0x00008000
#define FILE_SUPERSEDED   0x00000000
#define FILE_OPENED       0x00000001
#define FILE_CREATED      0x00000002
#define FILE_OVERWRITTEN  0x00000003
#define FILE_EXISTS       0x00000004
#define FILE_DOES_NOT_EXIST 0x00000005
#define FILE_USE_FILE_POINTER_POSITION 0xfffffffe
#define FILE_WRITE_TO_END_OF_FILE      0xffffffff
#define DIRECTORY_QUERY             (0x0001)
#define DIRECTORY_TRAVERSE          (0x0002)
#define DIRECTORY_CREATE_OBJECT     (0x0004)
#define DIRECTORY_CREATE_SUBDIRECTORY (0x0008)
#define DIRECTORY_ALL_ACCESS        (STANDARD_RIGHTS_REQUIRED | 0xF)
#define EVENT_QUERY_STATE           (0x0001)
#define EVENT_MODIFY_STATE          (0x0002)
#define EVENT_ALL_ACCESS            (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0x3)
#define SEMAPHORE_QUERY_STATE       (0x0001)
#define SEMAPHORE_MODIFY_STATE      (0x0002)
#define SEMAPHORE_ALL_ACCESS        (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0x3)
#define THREAD_ALL_ACCESS           (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0xFFFF)
#define PROCESS_ALL_ACCESS          (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0xFFFF)
#define PROCESS_DUP_HANDLE          (0x0040)
#define KEY_QUERY_VALUE             (0x0001)
#define KEY_SET_VALUE               (0x0002)
#define KEY_CREATE_SUB_KEY          (0x0004)
#define KEY_ENUMERATE_SUB_KEYS      (0x0008)
#define KEY_NOTIFY                  (0x0010)
#define KEY_CREATE_LINK             (0x0020)
#define KEY_READ       ((STANDARD_RIGHTS_READ | KEY_QUERY_VALUE | KEY_ENUMERATE_SUB_KEYS | KEY_NOTIFY) & (~SYNCHRONIZE))
#define KEY_WRITE      ((STANDARD_RIGHTS_WRITE | KEY_SET_VALUE | KEY_CREATE_SUB_KEY) & (~SYNCHRONIZE))
#define KEY_EXECUTE    ((KEY_READ) & (~SYNCHRONIZE))
#define KEY_ALL_ACCESS ((STANDARD_RIGHTS_ALL | KEY_QUERY_VALUE | KEY_SET_VALUE | KEY_CREATE_SUB_KEY | \
                         KEY_ENUMERATE_SUB_KEYS | KEY_NOTIFY | KEY_CREATE_LINK) & (~SYNCHRONIZE))
#define REG_OPTION_NON_VOLATILE    (0x00000000L)
#define REG_OPTION_VOLATILE        (0x00000001L)
#define REG_OPTION_CREATE_LINK     (0x00000002L)
#define REG_OPTION_BACKUP_RESTORE  (0x00000004L)
#define REG_CREATED_NEW_KEY        (0x00000001L)
#define REG_OPENED_EXISTING_KEY    (0x00000002L)
#define REG_NONE                       (0ul)
#define REG_SZ                         (1ul)
#define REG_EXPAND_SZ                  (2ul)
#define REG_BINARY                     (3ul)
#define REG_DWORD                      (4ul)
#define REG_DWORD_LITTLE_ENDIAN        (4ul)
#define REG_DWORD_BIG_ENDIAN           (5ul)
#define REG_LINK                       (6ul)
#define REG_MULTI_SZ                   (7ul)
#define REG_RESOURCE_LIST              (8ul)
#define REG_FULL_RESOURCE_DESCRIPTOR   (9ul)
#define REG_RESOURCE_REQUIREMENTS_LIST (10ul)
#define REG_QWORD                      (11ul)
#define REG_QWORD_LITTLE_ENDIAN        (11ul)

/* Protection of pages, and sections */
#define PAGE_NOACCESS           0x01
#define PAGE_READONLY           0x02
#define PAGE_READWRITE          0x04
#define PAGE_WRITECOPY          0x08
#define PAGE_EXECUTE            0x10
#define PAGE_EXECUTE_READ       0x20
#define PAGE_EXECUTE_READWRITE  0x40
#define PAGE_EXECUTE_WRITECOPY  0x80
#define PAGE_GUARD              0x100
#define PAGE_NOCACHE            0x200
#define PAGE_WRITECOMBINE       0x400
#define MEM_COMMIT              0x1000
#define MEM_RESERVE             0x2000
#define MEM_DECOMMIT            0x4000
#define MEM_RELEASE             0x8000
#define MEM_FREE                0x10000
#define MEM_PRIVATE             0x20000
#define MEM_MAPPED              0x40000
#define MEM_RESET               0x80000
#define MEM_TOP_DOWN            0x100000
#define MEM_LARGE_PAGES         0x20000000
#define SEC_IMAGE               0x1000000
#define SEC_RESERVE             0x4000000
#define SEC_COMMIT              0x8000000
#define SEC_NOCACHE             0x10000000
#define SECTION_QUERY           0x0001
#define SECTION_MAP_WRITE       0x0002
#define SECTION_MAP_READ        0x0004
#define SECTION_MAP_EXECUTE     0x0008
#define SECTION_EXTEND_SIZE     0x0010
#define SECTION_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SECTION_QUERY | SECTION_MAP_WRITE | \
                            SECTION_MAP_READ | SECTION_MAP_EXECUTE | SECTION_EXTEND_SIZE)
/** Whether a child process inherits a view of a section. */
typedef enum _SECTION_INHERIT {
    ViewShare = 1,
    ViewUnmap = 2
} SECTION_INHERIT;

/* ------------------------------------------------------- enumerations */

/** An older name of write-combined memory. */
typedef enum _MEMORY_CACHING_TYPE_ORIG {
    MmFrameBufferCached = 2
} MEMORY_CACHING_TYPE_ORIG;
/** Cache behaviour of a mapping; drivers use the first three.
 * @page ne-wdm-_memory_caching_type */
typedef enum _MEMORY_CACHING_TYPE {
    MmNonCached = FALSE,
    MmCached = TRUE,
    MmWriteCombined = MmFrameBufferCached,
    MmHardwareCoherentCached,
    MmNonCachedUnordered,
    MmUSWCCached,
    MmMaximumCacheType,
    MmNotMapped = -1
} MEMORY_CACHING_TYPE;

/** What a locked buffer will be used for. IoWriteAccess and IoModifyAccess are equal.
 * @page nf-wdm-mmprobeandlockpages */
typedef enum _LOCK_OPERATION {
    IoReadAccess,
    IoWriteAccess,
    IoModifyAccess
} LOCK_OPERATION;

/** How urgently a mapping is needed when address space is short. */
typedef enum _MM_PAGE_PRIORITY {
    LowPagePriority = 0,
    NormalPagePriority = 16,
    HighPagePriority = 32
} MM_PAGE_PRIORITY;
/** Priority flag: map read-only. */
#define MdlMappingNoWrite       0x80000000
/** Priority flag: map without the right to execute. */
#define MdlMappingNoExecute     0x40000000
#define MdlMappingWithGuardPtes 0x20000000

/** How much memory the system has, roughly. */
typedef enum _MM_SYSTEM_SIZE {
    MmSmallSystem,
    MmMediumSystem,
    MmLargeSystem
} MM_SYSTEMSIZE;

/** Kind of pool. NonPagedPool is executable; NonPagedPoolNx is not.
 * @page ne-wdm-_pool_type */
typedef enum _POOL_TYPE {
    NonPagedPool,
    NonPagedPoolExecute = NonPagedPool,
    PagedPool,
    NonPagedPoolMustSucceed = NonPagedPool + 2,
    DontUseThisType,
    NonPagedPoolCacheAligned = NonPagedPool + 4,
    PagedPoolCacheAligned,
    NonPagedPoolCacheAlignedMustS = NonPagedPool + 6,
    MaxPoolType,
    NonPagedPoolBase = 0,
    NonPagedPoolBaseMustSucceed = NonPagedPoolBase + 2,
    NonPagedPoolBaseCacheAligned = NonPagedPoolBase + 4,
    NonPagedPoolBaseCacheAlignedMustS = NonPagedPoolBase + 6,
    NonPagedPoolSession = 32,
    PagedPoolSession = NonPagedPoolSession + 1,
    NonPagedPoolMustSucceedSession = PagedPoolSession + 1,
    DontUseThisTypeSession = NonPagedPoolMustSucceedSession + 1,
    NonPagedPoolCacheAlignedSession = DontUseThisTypeSession + 1,
    PagedPoolCacheAlignedSession = NonPagedPoolCacheAlignedSession + 1,
    NonPagedPoolCacheAlignedMustSSession = PagedPoolCacheAlignedSession + 1,
    NonPagedPoolNx = 512,
    NonPagedPoolNxCacheAligned = NonPagedPoolNx + 4,
    NonPagedPoolSessionNx = NonPagedPoolNx + 32
} POOL_TYPE;

/** Raise an exception instead of returning NULL. */
#define POOL_RAISE_IF_ALLOCATION_FAILURE   16
#define POOL_QUOTA_FAIL_INSTEAD_OF_RAISE   8
#define POOL_COLD_ALLOCATION               256
#define POOL_NX_ALLOCATION                 512
#define POOL_ZERO_ALLOCATION               1024
#define POOL_CREATE_FLG_SECURE_POOL        0x1
#define POOL_TAGGING 1

/* Flags of ExAllocatePool2 and ExAllocatePool3. Of the low 32 bits an unknown one fails the call. */
#define POOL_FLAG_REQUIRED_START          0x0000000000000001ULL
#define POOL_FLAG_USE_QUOTA               0x0000000000000001ULL
/** Leave the memory as it is; otherwise it is zeroed. */
#define POOL_FLAG_UNINITIALIZED           0x0000000000000002ULL
#define POOL_FLAG_SESSION                 0x0000000000000004ULL
#define POOL_FLAG_CACHE_ALIGNED           0x0000000000000008ULL
#define POOL_FLAG_RESERVED1               0x0000000000000010ULL
/** Raise an exception instead of returning NULL. */
#define POOL_FLAG_RAISE_ON_FAILURE        0x0000000000000020ULL
/** Nonpaged, not executable. */
#define POOL_FLAG_NON_PAGED               0x0000000000000040ULL
#define POOL_FLAG_NON_PAGED_EXECUTE       0x0000000000000080ULL
/** Pageable. */
#define POOL_FLAG_PAGED                   0x0000000000000100ULL
#define POOL_FLAG_RESERVED2               0x0000000000000200ULL
#define POOL_FLAG_RESERVED3               0x0000000000000400ULL
#define POOL_FLAG_REQUIRED_END            0x0000000080000000ULL
#define POOL_FLAG_OPTIONAL_START          0x0000000100000000ULL
#define POOL_FLAG_SPECIAL_POOL            0x0000000100000000ULL
#define POOL_FLAG_OPTIONAL_END            0x8000000000000000ULL

/** Priority of a pool request. */
typedef enum _EX_POOL_PRIORITY {
    LowPoolPriority,
    LowPoolPrioritySpecialPoolOverrun = 8,
    LowPoolPrioritySpecialPoolUnderrun = 9,
    NormalPoolPriority = 16,
    NormalPoolPrioritySpecialPoolOverrun = 24,
    NormalPoolPrioritySpecialPoolUnderrun = 25,
    HighPoolPriority = 32,
    HighPoolPrioritySpecialPoolOverrun = 40,
    HighPoolPrioritySpecialPoolUnderrun = 41
} EX_POOL_PRIORITY;

/** Kind of an additional parameter of ExAllocatePool3. */
typedef enum _POOL_EXTENDED_PARAMETER_TYPE {
    PoolExtendedParameterInvalidType = 0,
    PoolExtendedParameterPriority,
    PoolExtendedParameterSecurePool,
    PoolExtendedParameterNumaNode,
    PoolExtendedParameterMax
} POOL_EXTENDED_PARAMETER_TYPE, *PPOOL_EXTENDED_PARAMETER_TYPE;
#define POOL_EXTENDED_PARAMETER_TYPE_BITS     8
#define POOL_EXTENDED_PARAMETER_REQUIRED_FIELD_BITS 1
#define POOL_EXTENDED_PARAMETER_RESERVED_BITS (64 - POOL_EXTENDED_PARAMETER_TYPE_BITS - POOL_EXTENDED_PARAMETER_REQUIRED_FIELD_BITS)
#define SECURE_POOL_FLAGS_NONE       0x0
#define SECURE_POOL_FLAGS_FREEABLE   0x1
#define SECURE_POOL_FLAGS_MODIFIABLE 0x2

/** Where secure pool takes its memory from, and its first contents. */
typedef struct _POOL_EXTENDED_PARAMS_SECURE_POOL {
    HANDLE    SecurePoolHandle;
    PVOID     Buffer;
    ULONG_PTR Cookie;
    ULONG     SecurePoolFlags;
} POOL_EXTENDED_PARAMS_SECURE_POOL;

/** One additional parameter of ExAllocatePool3.
 * @page ns-wdm-pool_extended_parameter */
typedef struct _POOL_EXTENDED_PARAMETER {
    struct {
        ULONG64 Type : POOL_EXTENDED_PARAMETER_TYPE_BITS;
        ULONG64 Optional : POOL_EXTENDED_PARAMETER_REQUIRED_FIELD_BITS;
        ULONG64 Reserved : POOL_EXTENDED_PARAMETER_RESERVED_BITS;
    };
    union {
        ULONG64                           Reserved2;
        PVOID                             Reserved3;
        EX_POOL_PRIORITY                  Priority;
        POOL_EXTENDED_PARAMS_SECURE_POOL *SecurePoolParams;
        NODE_REQUIREMENT                  PreferredNode;
    };
} POOL_EXTENDED_PARAMETER, *PPOOL_EXTENDED_PARAMETER;
typedef const POOL_EXTENDED_PARAMETER *PCPOOL_EXTENDED_PARAMETER;

/** Kind of a bus.
 * @page ne-wdm-_interface_type */
typedef enum _INTERFACE_TYPE {
    InterfaceTypeUndefined = -1,
    Internal,
    Isa,
    Eisa,
    MicroChannel,
    TurboChannel,
    PCIBus,
    VMEBus,
    NuBus,
    PCMCIABus,
    CBus,
    MPIBus,
    MPSABus,
    ProcessorInternal,
    InternalPowerBus,
    PNPISABus,
    PNPBus,
    Vmcs,
    ACPIBus,
    MaximumInterfaceType
} INTERFACE_TYPE, *PINTERFACE_TYPE;

/** Kind of bus-specific data. */
typedef enum _BUS_DATA_TYPE {
    ConfigurationSpaceUndefined = -1,
    Cmos,
    EisaConfiguration,
    Pos,
    CbusConfiguration,
    PCIConfiguration,
    VMEConfiguration,
    NuBusConfiguration,
    PCMCIAConfiguration,
    MPIConfiguration,
    MPSAConfiguration,
    PNPISAConfiguration,
    SgiInternalConfiguration,
    MaximumBusDataType
} BUS_DATA_TYPE, *PBUS_DATA_TYPE;

/** Width of a transfer of the system's DMA controller. */
typedef enum _DMA_WIDTH {
    Width8Bits,
    Width16Bits,
    Width32Bits,
    Width64Bits,
    WidthNoWrap,
    MaximumDmaWidth
} DMA_WIDTH, *PDMA_WIDTH;

/** Timing of the system's DMA controller. */
typedef enum _DMA_SPEED {
    Compatible,
    TypeA,
    TypeB,
    TypeC,
    TypeF,
    MaximumDmaSpeed
} DMA_SPEED, *PDMA_SPEED;

/** What happens to channel and map registers when an AdapterControl routine returns.
 * @page ne-wdm-_io_allocation_action */
typedef enum _IO_ALLOCATION_ACTION {
    KeepObject = 1,
    DeallocateObject,
    DeallocateObjectKeepRegisters
} IO_ALLOCATION_ACTION, *PIO_ALLOCATION_ACTION;

/** How a transfer of the system's DMA controller ended. */
typedef enum {
    DmaComplete,
    DmaAborted,
    DmaError,
    DmaCancelled
} DMA_COMPLETION_STATUS;

/** Reason of a wait, for display; drivers pass Executive, or UserRequest on behalf of a user thread. */
typedef enum _KWAIT_REASON {
    Executive,
    FreePage,
    PageIn,
    PoolAllocation,
    DelayExecution,
    Suspended,
    UserRequest,
    WrExecutive,
    WrFreePage,
    WrPageIn,
    WrPoolAllocation,
    WrDelayExecution,
    WrSuspended,
    WrUserRequest,
    WrSpare0,
    WrQueue,
    WrLpcReceive,
    WrLpcReply,
    WrVirtualMemory,
    WrPageOut,
    WrRendezvous,
    WrKeyedEvent,
    WrTerminated,
    WrProcessInSwap,
    WrCpuRateControl,
    WrCalloutStack,
    WrKernel,
    WrResource,
    WrPushLock,
    WrMutex,
    WrQuantumEnd,
    WrDispatchInt,
    WrPreempted,
    WrYieldExecution,
    WrFastMutex,
    WrGuardedMutex,
    WrRundown,
    WrAlertByThreadId,
    WrDeferredPreempt,
    WrPhysicalFault,
    MaximumWaitReason
} KWAIT_REASON;

/** Queue of system worker threads. */
typedef enum _WORK_QUEUE_TYPE {
    CriticalWorkQueue,
    DelayedWorkQueue,
    HyperCriticalWorkQueue,
    NormalWorkQueue,
    BackgroundWorkQueue,
    RealTimeWorkQueue,
    SuperCriticalWorkQueue,
    MaximumWorkQueue,
    CustomPriorityWorkQueue = 32
} WORK_QUEUE_TYPE;

/** Importance of a deferred procedure call. */
typedef enum _KDPC_IMPORTANCE {
    LowImportance,
    MediumImportance,
    HighImportance,
    MediumHighImportance
} KDPC_IMPORTANCE;

/** How an interrupt line signals. */
typedef enum _KINTERRUPT_MODE {
    LevelSensitive,
    Latched
} KINTERRUPT_MODE;
/** Level or edge at which an interrupt line is active. */
typedef enum _KINTERRUPT_POLARITY {
    InterruptPolarityUnknown,
    InterruptActiveHigh,
    InterruptRisingEdge = InterruptActiveHigh,
    InterruptActiveLow,
    InterruptFallingEdge = InterruptActiveLow,
    InterruptActiveBoth,
    InterruptActiveBothTriggerLow = InterruptActiveBoth,
    InterruptActiveBothTriggerHigh
} KINTERRUPT_POLARITY, *PKINTERRUPT_POLARITY;

/** What a profile counts. */
typedef enum _KPROFILE_SOURCE {
    ProfileTime,
    ProfileAlignmentFixup,
    ProfileTotalIssues,
    ProfileMaximum
} KPROFILE_SOURCE;

/** Power state of a device: D0 is on, D3 off. */
typedef enum _DEVICE_POWER_STATE {
    PowerDeviceUnspecified,
    PowerDeviceD0,
    PowerDeviceD1,
    PowerDeviceD2,
    PowerDeviceD3,
    PowerDeviceMaximum
} DEVICE_POWER_STATE, *PDEVICE_POWER_STATE;

/** Power state of the system. */
typedef enum _SYSTEM_POWER_STATE {
    PowerSystemUnspecified,
    PowerSystemWorking,
    PowerSystemSleeping1,
    PowerSystemSleeping2,
    PowerSystemSleeping3,
    PowerSystemHibernate,
    PowerSystemShutdown,
    PowerSystemMaximum
} SYSTEM_POWER_STATE, *PSYSTEM_POWER_STATE;
#define POWER_SYSTEM_MAXIMUM 7

/** What the power manager does to the system. */
typedef enum {
    PowerActionNone = 0,
    PowerActionReserved,
    PowerActionSleep,
    PowerActionHibernate,
    PowerActionShutdown,
    PowerActionShutdownReset,
    PowerActionShutdownOff,
    PowerActionWarmEject,
    PowerActionDisplayOff
} POWER_ACTION, *PPOWER_ACTION;

/** Whether a power state is the system's or a device's. */
typedef enum _POWER_STATE_TYPE {
    SystemPowerState,
    DevicePowerState
} POWER_STATE_TYPE, *PPOWER_STATE_TYPE;

/** A power state, of the system or of a device. */
typedef union _POWER_STATE {
    SYSTEM_POWER_STATE SystemState;
    DEVICE_POWER_STATE DeviceState;
} POWER_STATE, *PPOWER_STATE;

/** What the power manager plans for the system; opaque. */
typedef struct _SYSTEM_POWER_STATE_CONTEXT {
    union {
        struct {
            ULONG Reserved1 : 8;
            ULONG TargetSystemState : 4;
            ULONG EffectiveSystemState : 4;
            ULONG CurrentSystemState : 4;
            ULONG IgnoreHibernationPath : 1;
            ULONG PseudoTransition : 1;
            ULONG KernelSoftReboot : 1;
            ULONG DirectedDripsTransition : 1;
            ULONG Reserved2 : 8;
        };
        ULONG ContextAsUlong;
    };
} SYSTEM_POWER_STATE_CONTEXT, *PSYSTEM_POWER_STATE_CONTEXT;

/** How often a device has entered its low-power states. */
typedef struct _POWER_SEQUENCE {
    ULONG SequenceD1;
    ULONG SequenceD2;
    ULONG SequenceD3;
} POWER_SEQUENCE, *PPOWER_SEQUENCE;

/** Identifier that IRP_MN_QUERY_ID asks for. */
typedef enum _BUS_QUERY_ID_TYPE {
    BusQueryDeviceID,
    BusQueryHardwareIDs,
    BusQueryCompatibleIDs,
    BusQueryInstanceID,
    BusQueryDeviceSerialNumber,
    BusQueryContainerID
} BUS_QUERY_ID_TYPE, *PBUS_QUERY_ID_TYPE;

/** Text that IRP_MN_QUERY_DEVICE_TEXT asks for. */
typedef enum _DEVICE_TEXT_TYPE {
    DeviceTextDescription,
    DeviceTextLocationInformation
} DEVICE_TEXT_TYPE, *PDEVICE_TEXT_TYPE;

/** Relation that IRP_MN_QUERY_DEVICE_RELATIONS asks for. */
typedef enum _DEVICE_RELATION_TYPE {
    BusRelations,
    EjectionRelations,
    PowerRelations,
    RemovalRelations,
    TargetDeviceRelation,
    SingleBusRelations,
    TransportRelations
} DEVICE_RELATION_TYPE, *PDEVICE_RELATION_TYPE;

/** Special use of a device, such as for paging. */
typedef enum _DEVICE_USAGE_NOTIFICATION_TYPE {
    DeviceUsageTypeUndefined,
    DeviceUsageTypePaging,
    DeviceUsageTypeHibernation,
    DeviceUsageTypeDumpFile,
    DeviceUsageTypeBoot,
    DeviceUsageTypePostDisplay,
    DeviceUsageTypeGuestAssigned
} DEVICE_USAGE_NOTIFICATION_TYPE;

/** Whether a device is installed. */
typedef enum _DEVICE_INSTALL_STATE {
    InstallStateInstalled,
    InstallStateNeedsReinstall,
    InstallStateFailedInstall,
    InstallStateFinishInstall
} DEVICE_INSTALL_STATE, *PDEVICE_INSTALL_STATE;

/** How a device is expected to be removed. */
typedef enum _DEVICE_REMOVAL_POLICY {
    RemovalPolicyExpectNoRemoval = 1,
    RemovalPolicyExpectOrderlyRemoval = 2,
    RemovalPolicyExpectSurpriseRemoval = 3
} DEVICE_REMOVAL_POLICY, *PDEVICE_REMOVAL_POLICY;

/** Kind of information about a file. */
typedef enum _FILE_INFORMATION_CLASS {
    FileDirectoryInformation = 1,
    FileFullDirectoryInformation,
    FileBothDirectoryInformation,
    FileBasicInformation,
    FileStandardInformation,
    FileInternalInformation,
    FileEaInformation,
    FileAccessInformation,
    FileNameInformation,
    FileRenameInformation,
    FileLinkInformation,
    FileNamesInformation,
    FileDispositionInformation,
    FilePositionInformation,
    FileFullEaInformation,
    FileModeInformation,
    FileAlignmentInformation,
    FileAllInformation,
    FileAllocationInformation,
    FileEndOfFileInformation
} FILE_INFORMATION_CLASS, *PFILE_INFORMATION_CLASS;

/** Kind of information about a changed directory. */
typedef enum _DIRECTORY_NOTIFY_INFORMATION_CLASS {
    DirectoryNotifyInformation = 1,
    DirectoryNotifyExtendedInformation
} DIRECTORY_NOTIFY_INFORMATION_CLASS, *PDIRECTORY_NOTIFY_INFORMATION_CLASS;

/** Kind of information about a volume. */
typedef enum _FSINFOCLASS {
    FileFsVolumeInformation = 1,
    FileFsLabelInformation,
    FileFsSizeInformation,
    FileFsDeviceInformation,
    FileFsAttributeInformation,
    FileFsControlInformation,
    FileFsFullSizeInformation,
    FileFsObjectIdInformation,
    FileFsDriverPathInformation
} FS_INFORMATION_CLASS, *PFS_INFORMATION_CLASS;

/** Times and attributes of a file. */
typedef struct _FILE_BASIC_INFORMATION {
    LARGE_INTEGER CreationTime;
    LARGE_INTEGER LastAccessTime;
    LARGE_INTEGER LastWriteTime;
    LARGE_INTEGER ChangeTime;
    ULONG         FileAttributes;
} FILE_BASIC_INFORMATION, *PFILE_BASIC_INFORMATION;

/** Sizes and state of a file. */
typedef struct _FILE_STANDARD_INFORMATION {
    LARGE_INTEGER AllocationSize;
    LARGE_INTEGER EndOfFile;
    ULONG         NumberOfLinks;
    BOOLEAN       DeletePending;
    BOOLEAN       Directory;
} FILE_STANDARD_INFORMATION, *PFILE_STANDARD_INFORMATION;

/** Current position in a file. */
typedef struct _FILE_POSITION_INFORMATION {
    LARGE_INTEGER CurrentByteOffset;
} FILE_POSITION_INFORMATION, *PFILE_POSITION_INFORMATION;

/** Where a file ends. */
typedef struct _FILE_END_OF_FILE_INFORMATION {
    LARGE_INTEGER EndOfFile;
} FILE_END_OF_FILE_INFORMATION, *PFILE_END_OF_FILE_INFORMATION;

/** Times, sizes and attributes of a file in one. */
typedef struct _FILE_NETWORK_OPEN_INFORMATION {
    LARGE_INTEGER CreationTime;
    LARGE_INTEGER LastAccessTime;
    LARGE_INTEGER LastWriteTime;
    LARGE_INTEGER ChangeTime;
    LARGE_INTEGER AllocationSize;
    LARGE_INTEGER EndOfFile;
    ULONG         FileAttributes;
} FILE_NETWORK_OPEN_INFORMATION, *PFILE_NETWORK_OPEN_INFORMATION;

/** Kind of information about a registry key. */
typedef enum _KEY_INFORMATION_CLASS {
    KeyBasicInformation,
    KeyNodeInformation,
    KeyFullInformation,
    KeyNameInformation,
    KeyCachedInformation
} KEY_INFORMATION_CLASS;

/** Kind of information about a registry value. */
typedef enum _KEY_VALUE_INFORMATION_CLASS {
    KeyValueBasicInformation,
    KeyValueFullInformation,
    KeyValuePartialInformation,
    KeyValueFullInformationAlign64,
    KeyValuePartialInformationAlign64
} KEY_VALUE_INFORMATION_CLASS;

/** Time and name of a registry key. */
typedef struct _KEY_BASIC_INFORMATION {
    LARGE_INTEGER LastWriteTime;
    ULONG         TitleIndex;
    ULONG         NameLength;
    WCHAR         Name[1];
} KEY_BASIC_INFORMATION, *PKEY_BASIC_INFORMATION;

/** Times and counts of a registry key. */
typedef struct _KEY_FULL_INFORMATION {
    LARGE_INTEGER LastWriteTime;
    ULONG         TitleIndex;
    ULONG         ClassOffset;
    ULONG         ClassLength;
    ULONG         SubKeys;
    ULONG         MaxNameLen;
    ULONG         MaxClassLen;
    ULONG         Values;
    ULONG         MaxValueNameLen;
    ULONG         MaxValueDataLen;
    WCHAR         Class[1];
} KEY_FULL_INFORMATION, *PKEY_FULL_INFORMATION;

/** Type and name of a registry value. */
typedef struct _KEY_VALUE_BASIC_INFORMATION {
    ULONG TitleIndex;
    ULONG Type;
    ULONG NameLength;
    WCHAR Name[1];
} KEY_VALUE_BASIC_INFORMATION, *PKEY_VALUE_BASIC_INFORMATION;

/** Type, name and data of a registry value. */
typedef struct _KEY_VALUE_FULL_INFORMATION {
    ULONG TitleIndex;
    ULONG Type;
    ULONG DataOffset;
    ULONG DataLength;
    ULONG NameLength;
    WCHAR Name[1];
} KEY_VALUE_FULL_INFORMATION, *PKEY_VALUE_FULL_INFORMATION;

/** Type and data of a registry value. */
typedef struct _KEY_VALUE_PARTIAL_INFORMATION {
    ULONG TitleIndex;
    ULONG Type;
    ULONG DataLength;
    UCHAR Data[1];
} KEY_VALUE_PARTIAL_INFORMATION, *PKEY_VALUE_PARTIAL_INFORMATION;

/** Kind of object that IoCreateFile makes. */
typedef enum _CREATE_FILE_TYPE {
    CreateFileTypeNone,
    CreateFileTypeNamedPipe,
    CreateFileTypeMailslot
} CREATE_FILE_TYPE;

/* ------------------------------------------------------ kernel objects */

/** Start of every object that a thread can wait for. */
typedef struct _DISPATCHER_HEADER {
    union {
        struct {
            UCHAR Type;
            union {
                union {
                    UCHAR TimerControlFlags;
                    struct {
                        UCHAR Absolute : 1;
                        UCHAR Coalescable : 1;
                        UCHAR KeepShifting : 1;
                        UCHAR EncodedTolerableDelay : 5;
                    };
                };
                UCHAR   Abandoned;
                BOOLEAN Signalling;
            };
            union {
                union {
                    UCHAR ThreadControlFlags;
                    struct {
                        UCHAR CpuThrottled : 1;
                        UCHAR CycleProfiling : 1;
                        UCHAR CounterProfiling : 1;
                        UCHAR Reserved : 5;
                    };
                };
                UCHAR Hand;
                UCHAR Size;
            };
            union {
                union {
                    UCHAR TimerMiscFlags;
                    struct {
                        UCHAR          Index : 6;
                        UCHAR          Inserted : 1;
                        volatile UCHAR Expired : 1;
                    };
                };
                union {
                    BOOLEAN DebugActive;
                    struct {
                        BOOLEAN ActiveDR7 : 1;
                        BOOLEAN Instrumented : 1;
                        BOOLEAN Reserved2 : 4;
                        BOOLEAN UmsScheduled : 1;
                        BOOLEAN UmsPrimary : 1;
                    };
                };
                BOOLEAN DpcActive;
            };
        };
        volatile LONG Lock;
    };
    LONG       SignalState;
    LIST_ENTRY WaitListHead;
} DISPATCHER_HEADER, *PDISPATCHER_HEADER;

/** An event; keep it in nonpaged memory.
 * @page nf-wdm-keinitializeevent */
typedef struct _KEVENT {
    DISPATCHER_HEADER Header;
} KEVENT, *PKEVENT, *PRKEVENT;

/** A mutual exclusion object that its owner may take again. */
typedef struct _KMUTANT {
    DISPATCHER_HEADER Header;
    LIST_ENTRY        MutantListEntry;
    struct _KTHREAD  *OwnerThread;
    BOOLEAN           Abandoned;
    UCHAR             ApcDisable;
} KMUTANT, *PKMUTANT, *PRKMUTANT, KMUTEX, *PKMUTEX, *PRKMUTEX;

/** A counting semaphore. */
typedef struct _KSEMAPHORE {
    DISPATCHER_HEADER Header;
    LONG              Limit;
} KSEMAPHORE, *PKSEMAPHORE, *PRKSEMAPHORE;

/** A timer. */
typedef struct _KTIMER {
    DISPATCHER_HEADER Header;
    ULARGE_INTEGER    DueTime;
    LIST_ENTRY        TimerListEntry;
    struct _KDPC     *Dpc;
    ULONG             Processor;
    ULONG             Period;
} KTIMER, *PKTIMER, *PRKTIMER;

/** Storage for one wait of KeWaitForMultipleObjects. */
typedef struct _KWAIT_BLOCK {
    LIST_ENTRY WaitListEntry;
    UCHAR      WaitType;
    volatile UCHAR BlockState;
    USHORT     WaitKey;
    LONG       SpareLong;
    union {
        struct _KTHREAD *Thread;
        struct _KQUEUE  *NotificationQueue;
        struct _KDPC    *Dpc;
    };
    PVOID Object;
    PVOID SparePtr;
} KWAIT_BLOCK, *PKWAIT_BLOCK, *PRKWAIT_BLOCK;

/** A deferred routine, run at DISPATCH_LEVEL.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-kdeferred_routine */
typedef VOID NTAPI KDEFERRED_ROUTINE(struct _KDPC *Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2);
typedef KDEFERRED_ROUTINE *PKDEFERRED_ROUTINE;

/** A deferred procedure call. */
typedef struct _KDPC {
    union {
        ULONG TargetInfoAsUlong;
        struct {
            UCHAR           Type;
            UCHAR           Importance;
            volatile USHORT Number;
        };
    };
    SINGLE_LIST_ENTRY  DpcListEntry;
    KAFFINITY          ProcessorHistory;
    PKDEFERRED_ROUTINE DeferredRoutine;
    PVOID              DeferredContext;
    PVOID              SystemArgument1;
    PVOID              SystemArgument2;
    PVOID              DpcData;
} KDPC, *PRKDPC;

/** The routine that an asynchronous procedure call is for. */
typedef VOID NTAPI KNORMAL_ROUTINE(PVOID NormalContext, PVOID SystemArgument1, PVOID SystemArgument2);
typedef KNORMAL_ROUTINE *PKNORMAL_ROUTINE;
/** Runs at APC_LEVEL before the normal routine. */
typedef VOID NTAPI KKERNEL_ROUTINE(struct _KAPC *Apc, PKNORMAL_ROUTINE *NormalRoutine, PVOID *NormalContext, PVOID *SystemArgument1, PVOID *SystemArgument2);
typedef KKERNEL_ROUTINE *PKKERNEL_ROUTINE;
/** Runs when a thread ends with the call still queued. */
typedef VOID NTAPI KRUNDOWN_ROUTINE(struct _KAPC *Apc);
typedef KRUNDOWN_ROUTINE *PKRUNDOWN_ROUTINE;

/** An asynchronous procedure call; opaque to drivers. */
typedef struct _KAPC {
    UCHAR             Type;
    UCHAR             SpareByte0;
    UCHAR             Size;
    UCHAR             SpareByte1;
    ULONG             SpareLong0;
    struct _KTHREAD  *Thread;
    LIST_ENTRY        ApcListEntry;
    PKKERNEL_ROUTINE  KernelRoutine;
    PKRUNDOWN_ROUTINE RundownRoutine;
    PKNORMAL_ROUTINE  NormalRoutine;
    PVOID             NormalContext;
    PVOID             SystemArgument1;
    PVOID             SystemArgument2;
    CCHAR             ApcStateIndex;
    KPROCESSOR_MODE   ApcMode;
    BOOLEAN           Inserted;
} KAPC, *PRKAPC;

/** Queue of requests of a device; kept by the KeXxxDeviceQueue routines. */
typedef struct _KDEVICE_QUEUE {
    CSHORT     Type;
    CSHORT     Size;
    LIST_ENTRY DeviceListHead;
    KSPIN_LOCK Lock;
    union {
        BOOLEAN Busy;
        struct {
            LONG64 Reserved : 8;
            LONG64 Hint : 56;
        };
    };
} KDEVICE_QUEUE, *PKDEVICE_QUEUE, *PRKDEVICE_QUEUE;

/** A request's place in a device queue. */
typedef struct _KDEVICE_QUEUE_ENTRY {
    LIST_ENTRY DeviceListEntry;
    ULONG      SortKey;
    BOOLEAN    Inserted;
} KDEVICE_QUEUE_ENTRY, *PKDEVICE_QUEUE_ENTRY, *PRKDEVICE_QUEUE_ENTRY;

/** One waiter of a queued spin lock. */
typedef struct _KSPIN_LOCK_QUEUE {
    struct _KSPIN_LOCK_QUEUE *volatile Next;
    PKSPIN_LOCK volatile      Lock;
} KSPIN_LOCK_QUEUE, *PKSPIN_LOCK_QUEUE;

/** State of an in-stack queued spin lock; lives on the owner's stack. */
typedef struct _KLOCK_QUEUE_HANDLE {
    KSPIN_LOCK_QUEUE LockQueue;
    KIRQL            OldIrql;
} KLOCK_QUEUE_HANDLE, *PKLOCK_QUEUE_HANDLE;

/** A fast mutex: exclusive, not recursive, owned at APC_LEVEL. */
typedef struct _FAST_MUTEX {
    LONG   Count;
    PVOID  Owner;
    ULONG  Contention;
    KEVENT Event;
    ULONG  OldIrql;
} FAST_MUTEX, *PFAST_MUTEX;
#define FM_LOCK_BIT 0x1

/** A guarded mutex: like a fast mutex, with APCs disabled by a guarded region. */
typedef struct _FAST_MUTEX KGUARDED_MUTEX, *PKGUARDED_MUTEX;

/** One owner of an ERESOURCE. */
typedef struct _OWNER_ENTRY {
    ERESOURCE_THREAD OwnerThread;
    union {
        struct {
            ULONG IoPriorityBoosted : 1;
            ULONG OwnerReferenced : 1;
            ULONG IoQoSPriorityBoosted : 1;
            ULONG OwnerCount : 29;
        };
        ULONG TableSize;
    };
} OWNER_ENTRY, *POWNER_ENTRY;

/** A reader/writer lock whose owners may take it again. */
typedef struct _ERESOURCE {
    LIST_ENTRY   SystemResourcesList;
    POWNER_ENTRY OwnerTable;
    SHORT        ActiveCount;
    union {
        USHORT Flag;
        struct {
            UCHAR ReservedLowFlags;
            UCHAR WaiterPriority;
        };
    };
    PVOID        SharedWaiters;
    PVOID        ExclusiveWaiters;
    OWNER_ENTRY  OwnerEntry;
    ULONG        ActiveEntries;
    ULONG        ContentionCount;
    ULONG        NumberOfSharedWaiters;
    ULONG        NumberOfExclusiveWaiters;
    PVOID        Reserved2;
    union {
        PVOID     Address;
        ULONG_PTR CreatorBackTraceIndex;
    };
    KSPIN_LOCK   SpinLock;
} ERESOURCE, *PERESOURCE;
#define ResourceOwnedExclusive 0x80

/** Entry of a sequenced list; 16-byte aligned. */
typedef struct DECLSPEC_ALIGN(16) _SLIST_ENTRY {
    struct _SLIST_ENTRY *Next;
} SLIST_ENTRY, *PSLIST_ENTRY;

/** Head of a sequenced list; 16-byte aligned. */
typedef union DECLSPEC_ALIGN(16) _SLIST_HEADER {
    struct {
        ULONGLONG Alignment;
        ULONGLONG Region;
    };
    struct {
        ULONGLONG Depth : 16;
        ULONGLONG Sequence : 9;
        ULONGLONG NextEntry : 39;
        ULONGLONG HeaderType : 1;
        ULONGLONG Init : 1;
        ULONGLONG Reserved : 59;
        ULONGLONG Region : 3;
    } Header8;
    struct {
        ULONGLONG Depth : 16;
        ULONGLONG Sequence : 48;
        ULONGLONG HeaderType : 1;
        ULONGLONG Init : 1;
        ULONGLONG Reserved : 2;
        ULONGLONG NextEntry : 60;
    } Header16;
    struct {
        ULONGLONG Depth : 16;
        ULONGLONG Sequence : 48;
        ULONGLONG HeaderType : 1;
        ULONGLONG Reserved : 3;
        ULONGLONG NextEntry : 60;
    } HeaderX64;
} SLIST_HEADER, *PSLIST_HEADER;

/** Makes an entry for a look-aside list that is empty. */
typedef PVOID NTAPI ALLOCATE_FUNCTION(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
typedef ALLOCATE_FUNCTION *PALLOCATE_FUNCTION;
/** Frees an entry of a look-aside list that is full. */
typedef VOID NTAPI FREE_FUNCTION(PVOID Buffer);
typedef FREE_FUNCTION *PFREE_FUNCTION;
/** Makes an entry for a look-aside list that is empty; gets the list. */
typedef PVOID NTAPI ALLOCATE_FUNCTION_EX(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag, PLOOKASIDE_LIST_EX Lookaside);
typedef ALLOCATE_FUNCTION_EX *PALLOCATE_FUNCTION_EX;
/** Frees an entry of a look-aside list that is full; gets the list. */
typedef VOID NTAPI FREE_FUNCTION_EX(PVOID Buffer, PLOOKASIDE_LIST_EX Lookaside);
typedef FREE_FUNCTION_EX *PFREE_FUNCTION_EX;

#define LOOKASIDE_FIELDS \
    union { \
        SLIST_HEADER ListHead; \
        SINGLE_LIST_ENTRY SingleListHead; \
    }; \
    USHORT Depth; \
    USHORT MaximumDepth; \
    ULONG TotalAllocates; \
    union { \
        ULONG AllocateMisses; \
        ULONG AllocateHits; \
    }; \
    ULONG TotalFrees; \
    union { \
        ULONG FreeMisses; \
        ULONG FreeHits; \
    }; \
    POOL_TYPE Type; \
    ULONG Tag; \
    ULONG Size; \
    union { \
        PALLOCATE_FUNCTION_EX AllocateEx; \
        PALLOCATE_FUNCTION Allocate; \
    }; \
    union { \
        PFREE_FUNCTION_EX FreeEx; \
        PFREE_FUNCTION Free; \
    }; \
    LIST_ENTRY ListEntry; \
    ULONG LastTotalAllocates; \
    union { \
        ULONG LastAllocateMisses; \
        ULONG LastAllocateHits; \
    }; \
    ULONG Future[2];

/** Common part of the look-aside lists, on cache lines of its own. */
typedef struct DECLSPEC_CACHEALIGN _GENERAL_LOOKASIDE {
    LOOKASIDE_FIELDS
} GENERAL_LOOKASIDE, *PGENERAL_LOOKASIDE;

/** Common part of the look-aside lists, without the alignment. */
typedef struct _GENERAL_LOOKASIDE_POOL {
    LOOKASIDE_FIELDS
} GENERAL_LOOKASIDE_POOL, *PGENERAL_LOOKASIDE_POOL;

/** Look-aside list with callbacks that get the list itself. */
typedef struct _LOOKASIDE_LIST_EX {
    GENERAL_LOOKASIDE_POOL L;
} LOOKASIDE_LIST_EX;

/** Look-aside list in nonpaged pool. */
typedef struct _NPAGED_LOOKASIDE_LIST {
    GENERAL_LOOKASIDE L;
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST;

/** Look-aside list in paged pool. */
typedef struct _PAGED_LOOKASIDE_LIST {
    GENERAL_LOOKASIDE L;
} PAGED_LOOKASIDE_LIST, *PPAGED_LOOKASIDE_LIST;

#define LOOKASIDE_MINIMUM_BLOCK_SIZE (RTL_SIZEOF_THROUGH_FIELD(SLIST_ENTRY, Next))
#define LOOKASIDE_ALIGN
#define EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL 0x00000001UL
#define EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE 0x00000002UL
#define EX_MAXIMUM_LOOKASIDE_DEPTH_BASE          256
#define EX_MAXIMUM_LOOKASIDE_DEPTH_LIMIT         1024
#define EX_DEFAULT_PUSH_LOCK_FLAGS 0

/** Work done by a system thread (old style). */
typedef VOID NTAPI WORKER_THREAD_ROUTINE(PVOID Parameter);
typedef WORKER_THREAD_ROUTINE *PWORKER_THREAD_ROUTINE;
/** A request to a system worker thread (old style; IoAllocateWorkItem is preferred). */
typedef struct _WORK_QUEUE_ITEM {
    LIST_ENTRY             List;
    PWORKER_THREAD_ROUTINE WorkerRoutine;
    PVOID                  Parameter;
} WORK_QUEUE_ITEM, *PWORK_QUEUE_ITEM;

/** Run-down protection: counts users of an object that is about to go. */
typedef struct _EX_RUNDOWN_REF {
    union {
        ULONG_PTR Count;
        PVOID     Ptr;
    };
} EX_RUNDOWN_REF, *PEX_RUNDOWN_REF;

#define EXCEPTION_NONCONTINUABLE     0x1
#define EXCEPTION_MAXIMUM_PARAMETERS 15
/** Describes an exception. For an access violation, ExceptionInformation holds access kind and address. */
typedef struct _EXCEPTION_RECORD {
    NTSTATUS                  ExceptionCode;
    ULONG                     ExceptionFlags;
    struct _EXCEPTION_RECORD *ExceptionRecord;
    PVOID                     ExceptionAddress;
    ULONG                     NumberParameters;
    ULONG_PTR                 ExceptionInformation[EXCEPTION_MAXIMUM_PARAMETERS];
} EXCEPTION_RECORD, *PEXCEPTION_RECORD;

typedef struct _CONTEXT *PCONTEXT;
/** What GetExceptionInformation returns. */
typedef struct _EXCEPTION_POINTERS {
    PEXCEPTION_RECORD ExceptionRecord;
    PCONTEXT          ContextRecord;
} EXCEPTION_POINTERS, *PEXCEPTION_POINTERS;

/* -------------------------------------------------------------- memory */

/** Memory descriptor list: maps a range of virtual addresses to page frames. The PFN array follows it.
 * Drivers touch only Next and MdlFlags.
 * @page using-mdls */
typedef struct _MDL {
    struct _MDL      *Next;
    CSHORT            Size;
    CSHORT            MdlFlags;
    USHORT            AllocationProcessorNumber;
    USHORT            Reserved;
    struct _EPROCESS *Process;
    PVOID             MappedSystemVa;
    PVOID             StartVa;
    ULONG             ByteCount;
    ULONG             ByteOffset;
} MDL;
typedef MDL *PMDLX;

/** MappedSystemVa holds a system mapping. */
#define MDL_MAPPED_TO_SYSTEM_VA      0x0001
/** The pages are locked; MmUnlockPages clears it. */
#define MDL_PAGES_LOCKED             0x0002
/** Built by MmBuildMdlForNonPagedPool. */
#define MDL_SOURCE_IS_NONPAGED_POOL  0x0004
#define MDL_ALLOCATED_FIXED_SIZE     0x0008
/** Built by IoBuildPartialMdl. */
#define MDL_PARTIAL                  0x0010
/** A partial MDL with a mapping of its own. */
#define MDL_PARTIAL_HAS_BEEN_MAPPED  0x0020
#define MDL_IO_PAGE_READ             0x0040
/** Locked for writing to memory. */
#define MDL_WRITE_OPERATION          0x0080
#define MDL_PARENT_MAPPED_SYSTEM_VA  0x0100
#define MDL_LOCKED_PAGE_TABLES       0x0100
#define MDL_FREE_EXTRA_PTES          0x0200
#define MDL_DESCRIBES_AWE            0x0400
/** The frames are device memory, not RAM. */
#define MDL_IO_SPACE                 0x0800
#define MDL_NETWORK_HEADER           0x1000
/** Mapping may return NULL instead of stopping the system (old style). */
#define MDL_MAPPING_CAN_FAIL         0x2000
#define MDL_PAGE_CONTENTS_INVARIANT  0x4000
#define MDL_ALLOCATED_MUST_SUCCEED   0x4000
#define MDL_INTERNAL                 0x8000
#define MDL_MAPPING_FLAGS (MDL_MAPPED_TO_SYSTEM_VA | MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL | \
    MDL_PARTIAL_HAS_BEEN_MAPPED | MDL_PARENT_MAPPED_SYSTEM_VA | MDL_IO_SPACE)

/* Flags of MmAllocatePagesForMdlEx */
/** Leave the pages as they are. */
#define MM_DONT_ZERO_ALLOCATION               0x00000001
#define MM_ALLOCATE_FROM_LOCAL_NODE_ONLY      0x00000002
/** All or nothing: NULL instead of a shorter MDL. */
#define MM_ALLOCATE_FULLY_REQUIRED            0x00000004
#define MM_ALLOCATE_NO_WAIT                   0x00000008
#define MM_ALLOCATE_PREFER_CONTIGUOUS         0x00000010
/** One contiguous block, or contiguous chunks of SkipBytes each. */
#define MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS 0x00000020
#define MM_ALLOCATE_FAST_LARGE_PAGES          0x00000040
#define MM_ALLOCATE_TRIM_IF_NECESSARY         0x00000080
#define MM_ALLOCATE_AND_HOT_REMOVE            0x00000100
/** Flag of MmAllocateContiguousMemoryEx: fail rather than search long. */
#define MM_ALLOCATE_CONTIGUOUS_MEMORY_FAST_ONLY 0x00000001

/** A run of physical memory; a run of zeros ends the array of MmGetPhysicalMemoryRanges. */
typedef struct _PHYSICAL_MEMORY_RANGE {
    PHYSICAL_ADDRESS BaseAddress;
    LARGE_INTEGER    NumberOfBytes;
} PHYSICAL_MEMORY_RANGE, *PPHYSICAL_MEMORY_RANGE;

/** A range of device memory for MmAllocateMdlForIoSpace. */
typedef struct _MM_PHYSICAL_ADDRESS_LIST {
    PHYSICAL_ADDRESS PhysicalAddress;
    SIZE_T           NumberOfBytes;
} MM_PHYSICAL_ADDRESS_LIST, *PMM_PHYSICAL_ADDRESS_LIST;

/* ------------------------------------------------------------------ I/O */

/** Result of a request: a status, and a value that depends on the request (mostly a byte count). */
typedef struct _IO_STATUS_BLOCK {
    union {
        NTSTATUS Status;
        PVOID    Pointer;
    };
    ULONG_PTR Information;
} IO_STATUS_BLOCK, *PIO_STATUS_BLOCK;

/** Runs in the thread of a request when it is done. */
typedef VOID NTAPI IO_APC_ROUTINE(PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, ULONG Reserved);
typedef IO_APC_ROUTINE *PIO_APC_ROUTINE;

/** Entry point of a driver.
 * @param DriverObject the driver's object; fill MajorFunction, DriverUnload, DriverExtension->AddDevice
 * @param RegistryPath path of the driver's service key
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-driver_initialize */
typedef NTSTATUS NTAPI DRIVER_INITIALIZE(struct _DRIVER_OBJECT *DriverObject, PUNICODE_STRING RegistryPath);
typedef DRIVER_INITIALIZE *PDRIVER_INITIALIZE;
/** Called for each device that the driver may serve; attach a device object to the stack here.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-driver_add_device */
typedef NTSTATUS NTAPI DRIVER_ADD_DEVICE(struct _DRIVER_OBJECT *DriverObject, struct _DEVICE_OBJECT *PhysicalDeviceObject);
typedef DRIVER_ADD_DEVICE *PDRIVER_ADD_DEVICE;
/** Called before the driver leaves memory.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-driver_unload */
typedef VOID NTAPI DRIVER_UNLOAD(struct _DRIVER_OBJECT *DriverObject);
typedef DRIVER_UNLOAD *PDRIVER_UNLOAD;
/** Handles requests of one IRP_MJ_x code.
 * @page nc-wdm-driver_dispatch */
typedef NTSTATUS NTAPI DRIVER_DISPATCH(struct _DEVICE_OBJECT *DeviceObject, struct _IRP *Irp);
typedef DRIVER_DISPATCH *PDRIVER_DISPATCH;
/** A dispatch routine that may run above PASSIVE_LEVEL. */
typedef DRIVER_DISPATCH DRIVER_DISPATCH_RAISED;
/** A dispatch routine that runs at PASSIVE_LEVEL. */
typedef DRIVER_DISPATCH DRIVER_DISPATCH_PAGED;
/** Starts the next queued request.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-driver_startio */
typedef VOID NTAPI DRIVER_STARTIO(struct _DEVICE_OBJECT *DeviceObject, struct _IRP *Irp);
typedef DRIVER_STARTIO *PDRIVER_STARTIO;
/** Cancels a request; releases the cancel spin lock.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-driver_cancel */
typedef VOID NTAPI DRIVER_CANCEL(struct _DEVICE_OBJECT *DeviceObject, struct _IRP *Irp);
typedef DRIVER_CANCEL *PDRIVER_CANCEL;
/** Runs when lower drivers have completed a request.
 * @returns STATUS_MORE_PROCESSING_REQUIRED to stop the completion, anything else lets it go on
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-io_completion_routine */
typedef NTSTATUS NTAPI IO_COMPLETION_ROUTINE(struct _DEVICE_OBJECT *DeviceObject, struct _IRP *Irp, PVOID Context);
typedef IO_COMPLETION_ROUTINE *PIO_COMPLETION_ROUTINE;
/** Runs when a DMA channel and map registers have been granted.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-driver_control */
typedef IO_ALLOCATION_ACTION NTAPI DRIVER_CONTROL(struct _DEVICE_OBJECT *DeviceObject, struct _IRP *Irp, PVOID MapRegisterBase, PVOID Context);
typedef DRIVER_CONTROL *PDRIVER_CONTROL;
/** Runs with a finished scatter/gather list.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-driver_list_control */
typedef VOID NTAPI DRIVER_LIST_CONTROL(struct _DEVICE_OBJECT *DeviceObject, struct _IRP *Irp, PSCATTER_GATHER_LIST ScatterGather, PVOID Context);
typedef DRIVER_LIST_CONTROL *PDRIVER_LIST_CONTROL;
/** Called once a second.
 * @irql = DISPATCH_LEVEL */
typedef VOID NTAPI IO_TIMER_ROUTINE(struct _DEVICE_OBJECT *DeviceObject, PVOID Context);
typedef IO_TIMER_ROUTINE *PIO_TIMER_ROUTINE;
/** Deferred part of an interrupt.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-io_dpc_routine */
typedef VOID NTAPI IO_DPC_ROUTINE(struct _KDPC *Dpc, struct _DEVICE_OBJECT *DeviceObject, struct _IRP *Irp, PVOID Context);
typedef IO_DPC_ROUTINE *PIO_DPC_ROUTINE;
/** Work done by a system thread.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-io_workitem_routine */
typedef VOID NTAPI IO_WORKITEM_ROUTINE(struct _DEVICE_OBJECT *DeviceObject, PVOID Context);
typedef IO_WORKITEM_ROUTINE *PIO_WORKITEM_ROUTINE;
/** Work done by a system thread; gets the work item, too.
 * @irql = PASSIVE_LEVEL */
typedef VOID NTAPI IO_WORKITEM_ROUTINE_EX(PVOID IoObject, PVOID Context, PIO_WORKITEM IoWorkItem);
typedef IO_WORKITEM_ROUTINE_EX *PIO_WORKITEM_ROUTINE_EX;
/** Second part of a driver's start, after other drivers have started.
 * @irql = PASSIVE_LEVEL */
typedef VOID NTAPI DRIVER_REINITIALIZE(struct _DRIVER_OBJECT *DriverObject, PVOID Context, ULONG Count);
typedef DRIVER_REINITIALIZE *PDRIVER_REINITIALIZE;
/** Hears of a plug and play event.
 * @irql = PASSIVE_LEVEL */
typedef NTSTATUS NTAPI DRIVER_NOTIFICATION_CALLBACK_ROUTINE(PVOID NotificationStructure, PVOID Context);
typedef DRIVER_NOTIFICATION_CALLBACK_ROUTINE *PDRIVER_NOTIFICATION_CALLBACK_ROUTINE;
/** Interrupt service routine.
 * @returns TRUE when the device did interrupt
 * @page nc-wdm-kservice_routine */
typedef BOOLEAN NTAPI KSERVICE_ROUTINE(struct _KINTERRUPT *Interrupt, PVOID ServiceContext);
typedef KSERVICE_ROUTINE *PKSERVICE_ROUTINE;
/** Interrupt service routine of a message. */
typedef BOOLEAN NTAPI KMESSAGE_SERVICE_ROUTINE(struct _KINTERRUPT *Interrupt, PVOID ServiceContext, ULONG MessageID);
typedef KMESSAGE_SERVICE_ROUTINE *PKMESSAGE_SERVICE_ROUTINE;
/** Runs at the IRQL of an interrupt, with its lock held. */
typedef BOOLEAN NTAPI KSYNCHRONIZE_ROUTINE(PVOID SynchronizeContext);
typedef KSYNCHRONIZE_ROUTINE *PKSYNCHRONIZE_ROUTINE;
/** Start of a system thread. */
typedef VOID NTAPI KSTART_ROUTINE(PVOID StartContext);
typedef KSTART_ROUTINE *PKSTART_ROUTINE;
/** Runs on every processor at IPI_LEVEL. */
typedef ULONG_PTR NTAPI KIPI_BROADCAST_WORKER(ULONG_PTR Argument);
typedef KIPI_BROADCAST_WORKER *PKIPI_BROADCAST_WORKER;
/** Runs when a transfer of the system's DMA controller has ended.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-dma_completion_routine */
typedef VOID NTAPI DMA_COMPLETION_ROUTINE(PDMA_ADAPTER DmaAdapter, struct _DEVICE_OBJECT *DeviceObject, PVOID CompletionContext, DMA_COMPLETION_STATUS Status);
typedef DMA_COMPLETION_ROUTINE *PDMA_COMPLETION_ROUTINE;
/** Adds a reference to an interface. */
typedef VOID NTAPI INTERFACE_REFERENCE(PVOID Context);
typedef INTERFACE_REFERENCE *PINTERFACE_REFERENCE;
/** Returns a reference to an interface. */
typedef VOID NTAPI INTERFACE_DEREFERENCE(PVOID Context);
typedef INTERFACE_DEREFERENCE *PINTERFACE_DEREFERENCE;

/** A request that waits for a DMA channel; embedded in DEVICE_OBJECT. */
typedef struct _WAIT_CONTEXT_BLOCK {
    union {
        KDEVICE_QUEUE_ENTRY WaitQueueEntry;
        struct {
            LIST_ENTRY DmaWaitEntry;
            ULONG      NumberOfChannels;
            ULONG      SyncCallback : 1;
            ULONG      DmaContext : 1;
            ULONG      ZeroMapRegisters : 1;
            ULONG      Reserved : 9;
            ULONG      NumberOfRemapPages : 20;
        };
    };
    PDRIVER_CONTROL DeviceRoutine;
    PVOID           DeviceContext;
    ULONG           NumberOfMapRegisters;
    PVOID           DeviceObject;
    PVOID           CurrentIrp;
    PKDPC           BufferChainingDpc;
} WAIT_CONTEXT_BLOCK, *PWAIT_CONTEXT_BLOCK;

/** Represents a device, or one driver's part in serving it.
 * @page ns-wdm-_device_object */
typedef struct DECLSPEC_ALIGN(MEMORY_ALLOCATION_ALIGNMENT) _DEVICE_OBJECT {
    CSHORT                  Type;
    USHORT                  Size;
    LONG                    ReferenceCount;
    struct _DRIVER_OBJECT  *DriverObject;
    struct _DEVICE_OBJECT  *NextDevice;
    struct _DEVICE_OBJECT  *AttachedDevice;
    struct _IRP            *CurrentIrp;
    PIO_TIMER               Timer;
    ULONG                   Flags;
    ULONG                   Characteristics;
    volatile PVPB           Vpb;
    PVOID                   DeviceExtension;
    DEVICE_TYPE             DeviceType;
    CCHAR                   StackSize;
    union {
        LIST_ENTRY         ListEntry;
        WAIT_CONTEXT_BLOCK Wcb;
    } Queue;
    ULONG                   AlignmentRequirement;
    KDEVICE_QUEUE           DeviceQueue;
    KDPC                    Dpc;
    ULONG                   ActiveThreadCount;
    PSECURITY_DESCRIPTOR    SecurityDescriptor;
    KEVENT                  DeviceLock;
    USHORT                  SectorSize;
    USHORT                  Spare1;
    struct _DEVOBJ_EXTENSION *DeviceObjectExtension;
    PVOID                   Reserved;
} DEVICE_OBJECT;

/** The I/O manager's private part of a device object. */
typedef struct _DEVOBJ_EXTENSION {
    CSHORT         Type;
    USHORT         Size;
    PDEVICE_OBJECT DeviceObject;
} DEVOBJ_EXTENSION;

#define DO_VERIFY_VOLUME                  0x00000002
/** Reads and writes go through a system buffer. */
#define DO_BUFFERED_IO                    0x00000004
#define DO_EXCLUSIVE                      0x00000008
/** Reads and writes arrive as a locked MDL. */
#define DO_DIRECT_IO                      0x00000010
#define DO_MAP_IO_BUFFER                  0x00000020
#define DO_DEVICE_HAS_NAME                0x00000040
/** The device is not yet open for business; AddDevice clears it. */
#define DO_DEVICE_INITIALIZING            0x00000080
#define DO_SYSTEM_BOOT_PARTITION          0x00000100
#define DO_LONG_TERM_REQUESTS             0x00000200
#define DO_NEVER_LAST_DEVICE              0x00000400
#define DO_SHUTDOWN_REGISTERED            0x00000800
#define DO_BUS_ENUMERATED_DEVICE          0x00001000
#define DO_POWER_PAGABLE                  0x00002000
#define DO_POWER_INRUSH                   0x00004000
#define DO_LOW_PRIORITY_FILESYSTEM        0x00010000
#define DO_SUPPORTS_PERSISTENT_ACLS       0x00020000
#define DO_SUPPORTS_TRANSACTIONS          0x00040000
#define DO_FORCE_NEITHER_IO               0x00080000
#define DO_VOLUME_DEVICE_OBJECT           0x00100000
#define DO_SYSTEM_SYSTEM_PARTITION        0x00200000
#define DO_SYSTEM_CRITICAL_PARTITION      0x00400000
#define DO_DISALLOW_EXECUTE               0x00800000
#define DO_DEVICE_TO_BE_RESET             0x04000000
#define DO_DEVICE_IRP_REQUIRES_EXTENSION  0x08000000
#define DO_DAX_VOLUME                     0x10000000
#define DO_BOOT_CRITICAL                  0x20000000

#define FILE_REMOVABLE_MEDIA              0x00000001
#define FILE_READ_ONLY_DEVICE             0x00000002
#define FILE_FLOPPY_DISKETTE              0x00000004
#define FILE_WRITE_ONCE_MEDIA             0x00000008
#define FILE_REMOTE_DEVICE                0x00000010
#define FILE_DEVICE_IS_MOUNTED            0x00000020
#define FILE_VIRTUAL_VOLUME               0x00000040
#define FILE_AUTOGENERATED_DEVICE_NAME    0x00000080
/** The I/O manager checks access to paths below the device, too. */
#define FILE_DEVICE_SECURE_OPEN           0x00000100
#define FILE_CHARACTERISTIC_PNP_DEVICE    0x00000800
#define FILE_CHARACTERISTIC_TS_DEVICE     0x00001000
#define FILE_CHARACTERISTIC_WEBDAV_DEVICE 0x00002000
#define FILE_CHARACTERISTIC_CSV           0x00010000
#define FILE_DEVICE_ALLOW_APPCONTAINER_TRAVERSAL 0x00020000
#define FILE_PORTABLE_DEVICE              0x00040000

#define FILE_BYTE_ALIGNMENT     0x00000000
#define FILE_WORD_ALIGNMENT     0x00000001
#define FILE_LONG_ALIGNMENT     0x00000003
#define FILE_QUAD_ALIGNMENT     0x00000007
#define FILE_OCTA_ALIGNMENT     0x0000000f
#define FILE_32_BYTE_ALIGNMENT  0x0000001f
#define FILE_64_BYTE_ALIGNMENT  0x0000003f
#define FILE_128_BYTE_ALIGNMENT 0x0000007f
#define FILE_256_BYTE_ALIGNMENT 0x000000ff
#define FILE_512_BYTE_ALIGNMENT 0x000001ff

#define IO_TYPE_ADAPTER         0x00000001
#define IO_TYPE_CONTROLLER      0x00000002
#define IO_TYPE_DEVICE          0x00000003
#define IO_TYPE_DRIVER          0x00000004
#define IO_TYPE_FILE            0x00000005
#define IO_TYPE_IRP             0x00000006
#define IO_TYPE_MASTER_ADAPTER  0x00000007
#define IO_TYPE_OPEN_PACKET     0x00000008
#define IO_TYPE_TIMER           0x00000009
#define IO_TYPE_VPB             0x0000000a
#define IO_TYPE_ERROR_LOG       0x0000000b
#define IO_TYPE_ERROR_MESSAGE   0x0000000c
#define IO_TYPE_DEVICE_OBJECT_EXTENSION 0x0000000d
#define IO_TYPE_IORING          0x0000000e
#define IO_TYPE_CSQ_IRP_CONTEXT 1
#define IO_TYPE_CSQ             2
#define IO_TYPE_CSQ_EX          3
#define IO_TYPE_APC             18
#define IO_TYPE_DPC             19
#define IO_TYPE_DEVICE_QUEUE    20
#define IO_TYPE_EVENT_PAIR      21
#define IO_TYPE_INTERRUPT       22
#define IO_TYPE_PROFILE         23

#define MAXIMUM_VOLUME_LABEL_LENGTH (32 * sizeof(WCHAR))
/** Volume parameter block. */
typedef struct _VPB {
    CSHORT                 Type;
    CSHORT                 Size;
    USHORT                 Flags;
    USHORT                 VolumeLabelLength;
    struct _DEVICE_OBJECT *DeviceObject;
    struct _DEVICE_OBJECT *RealDevice;
    ULONG                  SerialNumber;
    ULONG                  ReferenceCount;
    WCHAR                  VolumeLabel[MAXIMUM_VOLUME_LABEL_LENGTH / sizeof(WCHAR)];
} VPB;

/** What the plug and play manager keeps with a driver; drivers set AddDevice.
 * @page ns-wdm-_driver_extension */
typedef struct _DRIVER_EXTENSION {
    struct _DRIVER_OBJECT *DriverObject;
    PDRIVER_ADD_DEVICE     AddDevice;
    ULONG                  Count;
    UNICODE_STRING         ServiceKeyName;
} DRIVER_EXTENSION, *PDRIVER_EXTENSION;

typedef struct _FAST_IO_DISPATCH *PFAST_IO_DISPATCH;

#define IRP_MJ_CREATE                   0x00
#define IRP_MJ_CREATE_NAMED_PIPE        0x01
#define IRP_MJ_CLOSE                    0x02
#define IRP_MJ_READ                     0x03
#define IRP_MJ_WRITE                    0x04
#define IRP_MJ_QUERY_INFORMATION        0x05
#define IRP_MJ_SET_INFORMATION          0x06
#define IRP_MJ_QUERY_EA                 0x07
#define IRP_MJ_SET_EA                   0x08
#define IRP_MJ_FLUSH_BUFFERS            0x09
#define IRP_MJ_QUERY_VOLUME_INFORMATION 0x0a
#define IRP_MJ_SET_VOLUME_INFORMATION   0x0b
#define IRP_MJ_DIRECTORY_CONTROL        0x0c
#define IRP_MJ_FILE_SYSTEM_CONTROL      0x0d
#define IRP_MJ_DEVICE_CONTROL           0x0e
#define IRP_MJ_INTERNAL_DEVICE_CONTROL  0x0f
#define IRP_MJ_SCSI                     0x0f
#define IRP_MJ_SHUTDOWN                 0x10
#define IRP_MJ_LOCK_CONTROL             0x11
#define IRP_MJ_CLEANUP                  0x12
#define IRP_MJ_CREATE_MAILSLOT          0x13
#define IRP_MJ_QUERY_SECURITY           0x14
#define IRP_MJ_SET_SECURITY             0x15
#define IRP_MJ_POWER                    0x16
#define IRP_MJ_SYSTEM_CONTROL           0x17
#define IRP_MJ_DEVICE_CHANGE            0x18
#define IRP_MJ_QUERY_QUOTA              0x19
#define IRP_MJ_SET_QUOTA                0x1a
#define IRP_MJ_PNP                      0x1b
#define IRP_MJ_PNP_POWER                IRP_MJ_PNP
#define IRP_MJ_MAXIMUM_FUNCTION         0x1b

#define IRP_MN_SCSI_CLASS                   0x01
#define IRP_MN_START_DEVICE                 0x00
#define IRP_MN_QUERY_REMOVE_DEVICE          0x01
#define IRP_MN_REMOVE_DEVICE                0x02
#define IRP_MN_CANCEL_REMOVE_DEVICE         0x03
#define IRP_MN_STOP_DEVICE                  0x04
#define IRP_MN_QUERY_STOP_DEVICE            0x05
#define IRP_MN_CANCEL_STOP_DEVICE           0x06
#define IRP_MN_QUERY_DEVICE_RELATIONS       0x07
#define IRP_MN_QUERY_INTERFACE              0x08
#define IRP_MN_QUERY_CAPABILITIES           0x09
#define IRP_MN_QUERY_RESOURCES              0x0A
#define IRP_MN_QUERY_RESOURCE_REQUIREMENTS  0x0B
#define IRP_MN_QUERY_DEVICE_TEXT            0x0C
#define IRP_MN_FILTER_RESOURCE_REQUIREMENTS 0x0D
#define IRP_MN_READ_CONFIG                  0x0F
#define IRP_MN_WRITE_CONFIG                 0x10
#define IRP_MN_EJECT                        0x11
#define IRP_MN_SET_LOCK                     0x12
#define IRP_MN_QUERY_ID                     0x13
#define IRP_MN_QUERY_PNP_DEVICE_STATE       0x14
#define IRP_MN_QUERY_BUS_INFORMATION        0x15
#define IRP_MN_DEVICE_USAGE_NOTIFICATION    0x16
#define IRP_MN_SURPRISE_REMOVAL             0x17
#define IRP_MN_QUERY_LEGACY_BUS_INFORMATION 0x18
#define IRP_MN_DEVICE_ENUMERATED            0x19
#define IRP_MN_WAIT_WAKE                    0x00
#define IRP_MN_POWER_SEQUENCE               0x01
#define IRP_MN_SET_POWER                    0x02
#define IRP_MN_QUERY_POWER                  0x03
#define IRP_MN_QUERY_ALL_DATA               0x00
#define IRP_MN_QUERY_SINGLE_INSTANCE        0x01
#define IRP_MN_CHANGE_SINGLE_INSTANCE       0x02
#define IRP_MN_CHANGE_SINGLE_ITEM           0x03
#define IRP_MN_ENABLE_EVENTS                0x04
#define IRP_MN_DISABLE_EVENTS               0x05
#define IRP_MN_ENABLE_COLLECTION            0x06
#define IRP_MN_DISABLE_COLLECTION           0x07
#define IRP_MN_REGINFO                      0x08
#define IRP_MN_EXECUTE_METHOD               0x09
#define IRP_MN_REGINFO_EX                   0x0b
#define IRP_MN_QUERY_DIRECTORY              0x01
#define IRP_MN_NOTIFY_CHANGE_DIRECTORY      0x02
#define IRP_MN_USER_FS_REQUEST              0x00
#define IRP_MN_MOUNT_VOLUME                 0x01
#define IRP_MN_VERIFY_VOLUME                0x02
#define IRP_MN_LOAD_FILE_SYSTEM             0x03
#define IRP_MN_TRACK_LINK                   0x04
#define IRP_MN_KERNEL_CALL                  0x04
#define IRP_MN_LOCK                         0x01
#define IRP_MN_UNLOCK_SINGLE                0x02
#define IRP_MN_UNLOCK_ALL                   0x03
#define IRP_MN_UNLOCK_ALL_BY_KEY            0x04
#define IRP_MN_FLUSH_AND_PURGE              0x01
#define IRP_MN_NORMAL                       0x00
#define IRP_MN_DPC                          0x01
#define IRP_MN_MDL                          0x02
#define IRP_MN_COMPLETE                     0x04
#define IRP_MN_COMPRESSED                   0x08
#define IRP_MN_MDL_DPC                      (IRP_MN_MDL | IRP_MN_DPC)
#define IRP_MN_COMPLETE_MDL                 (IRP_MN_COMPLETE | IRP_MN_MDL)
#define IRP_MN_COMPLETE_MDL_DPC             (IRP_MN_COMPLETE_MDL | IRP_MN_DPC)

/** Represents a loaded driver.
 * @page ns-wdm-_driver_object */
typedef struct _DRIVER_OBJECT {
    CSHORT             Type;
    CSHORT             Size;
    PDEVICE_OBJECT     DeviceObject;
    ULONG              Flags;
    PVOID              DriverStart;
    ULONG              DriverSize;
    PVOID              DriverSection;
    PDRIVER_EXTENSION  DriverExtension;
    UNICODE_STRING     DriverName;
    PUNICODE_STRING    HardwareDatabase;
    PFAST_IO_DISPATCH  FastIoDispatch;
    PDRIVER_INITIALIZE DriverInit;
    PDRIVER_STARTIO    DriverStartIo;
    PDRIVER_UNLOAD     DriverUnload;
    PDRIVER_DISPATCH   MajorFunction[IRP_MJ_MAXIMUM_FUNCTION + 1];
} DRIVER_OBJECT;
#define DRVO_UNLOAD_INVOKED 0x00000001
#define DRVO_LEGACY_DRIVER  0x00000002

/** What the memory and the cache manager keep with a file. */
typedef struct _SECTION_OBJECT_POINTERS {
    PVOID DataSectionObject;
    PVOID SharedCacheMap;
    PVOID ImageSectionObject;
} SECTION_OBJECT_POINTERS;

/** An open instance of a device, a file or a directory. */
typedef struct _FILE_OBJECT {
    CSHORT                   Type;
    CSHORT                   Size;
    PDEVICE_OBJECT           DeviceObject;
    PVPB                     Vpb;
    PVOID                    FsContext;
    PVOID                    FsContext2;
    PSECTION_OBJECT_POINTERS SectionObjectPointer;
    PVOID                    PrivateCacheMap;
    NTSTATUS                 FinalStatus;
    struct _FILE_OBJECT     *RelatedFileObject;
    BOOLEAN                  LockOperation;
    BOOLEAN                  DeletePending;
    BOOLEAN                  ReadAccess;
    BOOLEAN                  WriteAccess;
    BOOLEAN                  DeleteAccess;
    BOOLEAN                  SharedRead;
    BOOLEAN                  SharedWrite;
    BOOLEAN                  SharedDelete;
    ULONG                    Flags;
    UNICODE_STRING           FileName;
    LARGE_INTEGER            CurrentByteOffset;
    volatile ULONG           Waiters;
    volatile ULONG           Busy;
    PVOID                    LastLock;
    KEVENT                   Lock;
    KEVENT                   Event;
    volatile PIO_COMPLETION_CONTEXT CompletionContext;
    KSPIN_LOCK               IrpListLock;
    LIST_ENTRY               IrpList;
    volatile PVOID           FileObjectExtension;
} FILE_OBJECT;
#define FO_FILE_OPEN             0x00000001
#define FO_SYNCHRONOUS_IO        0x00000002
#define FO_ALERTABLE_IO          0x00000004
#define FO_NO_INTERMEDIATE_BUFFERING 0x00000008
#define FO_WRITE_THROUGH         0x00000010
#define FO_SEQUENTIAL_ONLY       0x00000020
#define FO_CACHE_SUPPORTED       0x00000040
#define FO_NAMED_PIPE            0x00000080
#define FO_STREAM_FILE           0x00000100
#define FO_MAILSLOT              0x00000200
#define FO_DIRECT_DEVICE_OPEN    0x00000800
#define FO_FILE_MODIFIED         0x00001000
#define FO_FILE_SIZE_CHANGED     0x00002000
#define FO_CLEANUP_COMPLETE      0x00004000
#define FO_TEMPORARY_FILE        0x00008000
#define FO_DELETE_ON_CLOSE       0x00010000
#define FO_HANDLE_CREATED        0x00040000
#define FO_RANDOM_ACCESS         0x00100000
#define FO_FILE_OPEN_CANCELLED   0x00200000
#define FO_VOLUME_OPEN           0x00400000

#define IRP_NOCACHE                  0x00000001
#define IRP_PAGING_IO                0x00000002
#define IRP_MOUNT_COMPLETION         0x00000002
#define IRP_SYNCHRONOUS_API          0x00000004
#define IRP_ASSOCIATED_IRP           0x00000008
#define IRP_BUFFERED_IO              0x00000010
#define IRP_DEALLOCATE_BUFFER        0x00000020
#define IRP_INPUT_OPERATION          0x00000040
#define IRP_SYNCHRONOUS_PAGING_IO    0x00000040
#define IRP_CREATE_OPERATION         0x00000080
#define IRP_READ_OPERATION           0x00000100
#define IRP_WRITE_OPERATION          0x00000200
#define IRP_CLOSE_OPERATION          0x00000400
#define IRP_DEFER_IO_COMPLETION      0x00000800
#define IRP_OB_QUERY_NAME            0x00001000
#define IRP_HOLD_DEVICE_QUEUE        0x00002000
#define IRP_RETRY_IO_COMPLETION      0x00004000
#define IRP_CLASS_CACHE_OPERATION    0x00008000
#define IRP_UM_DRIVER_INITIATED_IO   0x00400000
#define IRP_QUOTA_CHARGED            0x01
#define IRP_ALLOCATED_MUST_SUCCEED   0x02
#define IRP_ALLOCATED_FIXED_SIZE     0x04
#define IRP_LOOKASIDE_ALLOCATION     0x08
#define IRP_BEING_VERIFIED           0x10

/** I/O request packet: one request on its way through a device stack. The stack locations follow it.
 * @page ns-wdm-_irp */
typedef struct DECLSPEC_ALIGN(MEMORY_ALLOCATION_ALIGNMENT) _IRP {
    CSHORT          Type;
    USHORT          Size;
    USHORT          AllocationProcessorNumber;
    USHORT          Reserved;
    PMDL            MdlAddress;
    ULONG           Flags;
    union {
        struct _IRP *MasterIrp;
        LONG         IrpCount;
        PVOID        SystemBuffer;
    } AssociatedIrp;
    LIST_ENTRY      ThreadListEntry;
    IO_STATUS_BLOCK IoStatus;
    KPROCESSOR_MODE RequestorMode;
    BOOLEAN         PendingReturned;
    CHAR            StackCount;
    CHAR            CurrentLocation;
    BOOLEAN         Cancel;
    KIRQL           CancelIrql;
    CCHAR           ApcEnvironment;
    UCHAR           AllocationFlags;
    union {
        PIO_STATUS_BLOCK UserIosb;
        PVOID            IoRingContext;
    };
    PKEVENT         UserEvent;
    union {
        struct {
            union {
                PIO_APC_ROUTINE UserApcRoutine;
                PVOID           IssuingProcess;
            };
            union {
                PVOID                  UserApcContext;
                struct _IORING_OBJECT *IoRing;
            };
        } AsynchronousParameters;
        LARGE_INTEGER AllocationSize;
    } Overlay;
    volatile PDRIVER_CANCEL CancelRoutine;
    PVOID           UserBuffer;
    union {
        struct {
            union {
                KDEVICE_QUEUE_ENTRY DeviceQueueEntry;
                struct {
                    PVOID DriverContext[4];
                };
            };
            PETHREAD Thread;
            PCHAR    AuxiliaryBuffer;
            struct {
                LIST_ENTRY ListEntry;
                union {
                    struct _IO_STACK_LOCATION *CurrentStackLocation;
                    ULONG                      PacketType;
                };
            };
            PFILE_OBJECT OriginalFileObject;
            PVOID        IrpExtension;
        } Overlay;
        KAPC  Apc;
        PVOID CompletionKey;
    } Tail;
} IRP;

#define SL_PENDING_RETURNED 0x01
#define SL_ERROR_RETURNED   0x02
#define SL_INVOKE_ON_CANCEL  0x20
#define SL_INVOKE_ON_SUCCESS 0x40
#define SL_INVOKE_ON_ERROR   0x80
#define SL_FORCE_ACCESS_CHECK     0x01
#define SL_OPEN_PAGING_FILE       0x02
#define SL_OPEN_TARGET_DIRECTORY  0x04
#define SL_STOP_ON_SYMLINK        0x08
#define SL_CASE_SENSITIVE         0x80
#define SL_KEY_SPECIFIED          0x01
#define SL_OVERRIDE_VERIFY_VOLUME 0x02
#define SL_WRITE_THROUGH          0x04
#define SL_FT_SEQUENTIAL_WRITE    0x08
#define SL_FORCE_DIRECT_WRITE     0x10
#define SL_REALTIME_STREAM        0x20
#define SL_READ_ACCESS_GRANTED    0x01
#define SL_WRITE_ACCESS_GRANTED   0x04
#define SL_FAIL_IMMEDIATELY       0x01
#define SL_EXCLUSIVE_LOCK         0x02
#define SL_RESTART_SCAN           0x01
#define SL_RETURN_SINGLE_ENTRY    0x02
#define SL_INDEX_SPECIFIED        0x04
#define SL_WATCH_TREE             0x01
#define SL_ALLOW_RAW_MOUNT        0x01

/** Counters of a remove lock; opaque. */
typedef struct _IO_REMOVE_LOCK_COMMON_BLOCK {
    BOOLEAN Removed;
    BOOLEAN Reserved[3];
    volatile LONG IoCount;
    KEVENT  RemoveEvent;
} IO_REMOVE_LOCK_COMMON_BLOCK;

/* Resources */
#include <pshpack4.h>
/** A 4-byte aligned description of one hardware resource.
 * @page ns-wdm-_cm_partial_resource_descriptor */
typedef struct _CM_PARTIAL_RESOURCE_DESCRIPTOR {
    UCHAR  Type;
    UCHAR  ShareDisposition;
    USHORT Flags;
    union {
        struct {
            PHYSICAL_ADDRESS Start;
            ULONG            Length;
        } Generic;
        struct {
            PHYSICAL_ADDRESS Start;
            ULONG            Length;
        } Port;
        struct {
#ifdef NT_PROCESSOR_GROUPS
            USHORT    Level;
            USHORT    Group;
#else
            ULONG     Level;
#endif
            ULONG     Vector;
            KAFFINITY Affinity;
        } Interrupt;
        struct {
            union {
                struct {
#ifdef NT_PROCESSOR_GROUPS
                    USHORT    Group;
#else
                    USHORT    Reserved;
#endif
                    USHORT    MessageCount;
                    ULONG     Vector;
                    KAFFINITY Affinity;
                } Raw;
                struct {
#ifdef NT_PROCESSOR_GROUPS
                    USHORT    Level;
                    USHORT    Group;
#else
                    ULONG     Level;
#endif
                    ULONG     Vector;
                    KAFFINITY Affinity;
                } Translated;
            };
        } MessageInterrupt;
        struct {
            PHYSICAL_ADDRESS Start;
            ULONG            Length;
        } Memory;
        struct {
            ULONG Channel;
            ULONG Port;
            ULONG Reserved1;
        } Dma;
        struct {
            ULONG Channel;
            ULONG RequestLine;
            UCHAR TransferWidth;
            UCHAR Reserved1;
            UCHAR Reserved2;
            UCHAR Reserved3;
        } DmaV3;
        struct {
            ULONG Data[3];
        } DevicePrivate;
        struct {
            ULONG Start;
            ULONG Length;
            ULONG Reserved;
        } BusNumber;
        struct {
            ULONG DataSize;
            ULONG Reserved1;
            ULONG Reserved2;
        } DeviceSpecificData;
        struct {
            PHYSICAL_ADDRESS Start;
            ULONG            Length40;
        } Memory40;
        struct {
            PHYSICAL_ADDRESS Start;
            ULONG            Length48;
        } Memory48;
        struct {
            PHYSICAL_ADDRESS Start;
            ULONG            Length64;
        } Memory64;
        struct {
            UCHAR Class;
            UCHAR Type;
            UCHAR Reserved1;
            UCHAR Reserved2;
            ULONG IdLowPart;
            ULONG IdHighPart;
        } Connection;
    } u;
} CM_PARTIAL_RESOURCE_DESCRIPTOR, *PCM_PARTIAL_RESOURCE_DESCRIPTOR;
#include <poppack.h>

/** Resources of one device on one bus. */
typedef struct _CM_PARTIAL_RESOURCE_LIST {
    USHORT                         Version;
    USHORT                         Revision;
    ULONG                          Count;
    CM_PARTIAL_RESOURCE_DESCRIPTOR PartialDescriptors[1];
} CM_PARTIAL_RESOURCE_LIST, *PCM_PARTIAL_RESOURCE_LIST;

/** Resources of one device, with their bus. */
typedef struct _CM_FULL_RESOURCE_DESCRIPTOR {
    INTERFACE_TYPE           InterfaceType;
    ULONG                    BusNumber;
    CM_PARTIAL_RESOURCE_LIST PartialResourceList;
} CM_FULL_RESOURCE_DESCRIPTOR, *PCM_FULL_RESOURCE_DESCRIPTOR;

/** The resources that a device was given; with IRP_MN_START_DEVICE. */
typedef struct _CM_RESOURCE_LIST {
    ULONG                       Count;
    CM_FULL_RESOURCE_DESCRIPTOR List[1];
} CM_RESOURCE_LIST, *PCM_RESOURCE_LIST;

#define CmResourceTypeNull             0
#define CmResourceTypePort             1
#define CmResourceTypeInterrupt        2
#define CmResourceTypeMemory           3
#define CmResourceTypeDma              4
#define CmResourceTypeDeviceSpecific   5
#define CmResourceTypeBusNumber        6
#define CmResourceTypeMemoryLarge      7
#define CmResourceTypeNonArbitrated    128
#define CmResourceTypeConfigData       128
#define CmResourceTypeDevicePrivate    129
#define CmResourceTypePcCardConfig     130
#define CmResourceTypeMfCardConfig     131
#define CmResourceTypeConnection       132
#define CM_RESOURCE_INTERRUPT_LEVEL_SENSITIVE 0
#define CM_RESOURCE_INTERRUPT_LATCHED         1
#define CM_RESOURCE_INTERRUPT_MESSAGE         2
#define CM_RESOURCE_INTERRUPT_POLICY_INCLUDED 4
#define CM_RESOURCE_INTERRUPT_MESSAGE_TOKEN   ((ULONG)-2)
#define CM_RESOURCE_MEMORY_READ_WRITE         0x0000
#define CM_RESOURCE_MEMORY_READ_ONLY          0x0001
#define CM_RESOURCE_MEMORY_WRITE_ONLY         0x0002
#define CM_RESOURCE_MEMORY_PREFETCHABLE       0x0004
#define CM_RESOURCE_MEMORY_COMBINEDWRITE      0x0008
#define CM_RESOURCE_MEMORY_24                 0x0010
#define CM_RESOURCE_MEMORY_CACHEABLE          0x0020
#define CM_RESOURCE_MEMORY_BAR                0x0080
#define CM_RESOURCE_MEMORY_LARGE_40           0x0200
#define CM_RESOURCE_MEMORY_LARGE_48           0x0400
#define CM_RESOURCE_MEMORY_LARGE_64           0x0800
#define CM_RESOURCE_PORT_MEMORY               0x0000
#define CM_RESOURCE_PORT_IO                   0x0001
#define CM_RESOURCE_PORT_10_BIT_DECODE        0x0004
#define CM_RESOURCE_PORT_16_BIT_DECODE        0x0010
#define CM_RESOURCE_PORT_BAR                  0x0100
#define CM_RESOURCE_DMA_8                     0x0000
#define CM_RESOURCE_DMA_16                    0x0001
#define CM_RESOURCE_DMA_32                    0x0002
#define CM_RESOURCE_DMA_BUS_MASTER            0x0010
#define CM_RESOURCE_DMA_V3                    0x0080

/** How a resource may be shared. */
typedef enum _CM_SHARE_DISPOSITION {
    CmResourceShareUndetermined = 0,
    CmResourceShareDeviceExclusive,
    CmResourceShareDriverExclusive,
    CmResourceShareShared
} CM_SHARE_DISPOSITION;

#define IO_RESOURCE_PREFERRED   0x01
#define IO_RESOURCE_DEFAULT     0x02
#define IO_RESOURCE_ALTERNATIVE 0x08
/** One possible setting of a resource that a device needs. */
typedef struct _IO_RESOURCE_DESCRIPTOR {
    UCHAR  Option;
    UCHAR  Type;
    UCHAR  ShareDisposition;
    UCHAR  Spare1;
    USHORT Flags;
    USHORT Spare2;
    union {
        struct {
            ULONG            Length;
            ULONG            Alignment;
            PHYSICAL_ADDRESS MinimumAddress;
            PHYSICAL_ADDRESS MaximumAddress;
        } Port;
        struct {
            ULONG            Length;
            ULONG            Alignment;
            PHYSICAL_ADDRESS MinimumAddress;
            PHYSICAL_ADDRESS MaximumAddress;
        } Memory;
        struct {
            ULONG     MinimumVector;
            ULONG     MaximumVector;
            ULONG     AffinityPolicy;
            ULONG     PriorityPolicy;
            KAFFINITY TargetedProcessors;
        } Interrupt;
        struct {
            ULONG MinimumChannel;
            ULONG MaximumChannel;
        } Dma;
        struct {
            ULONG            Length;
            ULONG            Alignment;
            PHYSICAL_ADDRESS MinimumAddress;
            PHYSICAL_ADDRESS MaximumAddress;
        } Generic;
        struct {
            ULONG Data[3];
        } DevicePrivate;
        struct {
            ULONG Length;
            ULONG MinBusNumber;
            ULONG MaxBusNumber;
            ULONG Reserved;
        } BusNumber;
        struct {
            ULONG Priority;
            ULONG Reserved1;
            ULONG Reserved2;
        } ConfigData;
    } u;
} IO_RESOURCE_DESCRIPTOR, *PIO_RESOURCE_DESCRIPTOR;

/** One set of resources that would suit a device. */
typedef struct _IO_RESOURCE_LIST {
    USHORT                 Version;
    USHORT                 Revision;
    ULONG                  Count;
    IO_RESOURCE_DESCRIPTOR Descriptors[1];
} IO_RESOURCE_LIST, *PIO_RESOURCE_LIST;

/** All sets of resources that would suit a device. */
typedef struct _IO_RESOURCE_REQUIREMENTS_LIST {
    ULONG            ListSize;
    INTERFACE_TYPE   InterfaceType;
    ULONG            BusNumber;
    ULONG            SlotNumber;
    ULONG            Reserved[3];
    ULONG            AlternativeLists;
    IO_RESOURCE_LIST List[1];
} IO_RESOURCE_REQUIREMENTS_LIST, *PIO_RESOURCE_REQUIREMENTS_LIST;

/* Plug and play */
/** Abilities of a device, as its bus driver reports them. */
typedef struct _DEVICE_CAPABILITIES {
    USHORT             Size;
    USHORT             Version;
    ULONG              DeviceD1 : 1;
    ULONG              DeviceD2 : 1;
    ULONG              LockSupported : 1;
    ULONG              EjectSupported : 1;
    ULONG              Removable : 1;
    ULONG              DockDevice : 1;
    ULONG              UniqueID : 1;
    ULONG              SilentInstall : 1;
    ULONG              RawDeviceOK : 1;
    ULONG              SurpriseRemovalOK : 1;
    ULONG              WakeFromD0 : 1;
    ULONG              WakeFromD1 : 1;
    ULONG              WakeFromD2 : 1;
    ULONG              WakeFromD3 : 1;
    ULONG              HardwareDisabled : 1;
    ULONG              NonDynamic : 1;
    ULONG              WarmEjectSupported : 1;
    ULONG              NoDisplayInUI : 1;
    ULONG              Reserved1 : 1;
    ULONG              WakeFromInterrupt : 1;
    ULONG              SecureDevice : 1;
    ULONG              ChildOfVgaEnabledBridge : 1;
    ULONG              DecodeIoOnBoot : 1;
    ULONG              Reserved : 9;
    ULONG              Address;
    ULONG              UINumber;
    DEVICE_POWER_STATE DeviceState[POWER_SYSTEM_MAXIMUM];
    SYSTEM_POWER_STATE SystemWake;
    DEVICE_POWER_STATE DeviceWake;
    ULONG              D1Latency;
    ULONG              D2Latency;
    ULONG              D3Latency;
} DEVICE_CAPABILITIES, *PDEVICE_CAPABILITIES;

/** Devices that are related to another in some way. */
typedef struct _DEVICE_RELATIONS {
    ULONG          Count;
    PDEVICE_OBJECT Objects[1];
} DEVICE_RELATIONS, *PDEVICE_RELATIONS;

/** Kind and number of the bus that a device hangs on. */
typedef struct _PNP_BUS_INFORMATION {
    GUID           BusTypeGuid;
    INTERFACE_TYPE LegacyBusType;
    ULONG          BusNumber;
} PNP_BUS_INFORMATION, *PPNP_BUS_INFORMATION;

typedef ULONG PNP_DEVICE_STATE, *PPNP_DEVICE_STATE;
#define PNP_DEVICE_DISABLED                 0x00000001
#define PNP_DEVICE_DONT_DISPLAY_IN_UI       0x00000002
#define PNP_DEVICE_FAILED                   0x00000004
#define PNP_DEVICE_REMOVED                  0x00000008
#define PNP_DEVICE_RESOURCE_REQUIREMENTS_CHANGED 0x00000010
#define PNP_DEVICE_NOT_DISABLEABLE          0x00000020

/** Head of every interface that a driver exports by IRP_MN_QUERY_INTERFACE. */
typedef struct _INTERFACE {
    USHORT                 Size;
    USHORT                 Version;
    PVOID                  Context;
    PINTERFACE_REFERENCE   InterfaceReference;
    PINTERFACE_DEREFERENCE InterfaceDereference;
} INTERFACE, *PINTERFACE;

/** Translates an address of the bus to a system one. */
typedef BOOLEAN NTAPI TRANSLATE_BUS_ADDRESS(PVOID Context, PHYSICAL_ADDRESS BusAddress, ULONG Length, PULONG AddressSpace, PPHYSICAL_ADDRESS TranslatedAddress);
typedef TRANSLATE_BUS_ADDRESS *PTRANSLATE_BUS_ADDRESS;
/** Makes an adapter object on behalf of the bus driver. */
typedef struct _DMA_ADAPTER *NTAPI GET_DMA_ADAPTER(PVOID Context, struct _DEVICE_DESCRIPTION *DeviceDescriptor, PULONG NumberOfMapRegisters);
typedef GET_DMA_ADAPTER *PGET_DMA_ADAPTER;
/** Reads or writes a device's configuration space. */
typedef ULONG NTAPI GET_SET_DEVICE_DATA(PVOID Context, ULONG DataType, PVOID Buffer, ULONG Offset, ULONG Length);
typedef GET_SET_DEVICE_DATA *PGET_SET_DEVICE_DATA;
/** What a bus driver offers to the drivers of its children. */
typedef struct _BUS_INTERFACE_STANDARD {
    USHORT                 Size;
    USHORT                 Version;
    PVOID                  Context;
    PINTERFACE_REFERENCE   InterfaceReference;
    PINTERFACE_DEREFERENCE InterfaceDereference;
    PTRANSLATE_BUS_ADDRESS TranslateBusAddress;
    PGET_DMA_ADAPTER       GetDmaAdapter;
    PGET_SET_DEVICE_DATA   SetBusData;
    PGET_SET_DEVICE_DATA   GetBusData;
} BUS_INTERFACE_STANDARD, *PBUS_INTERFACE_STANDARD;

/** Who opens a file, and with which access. */
typedef struct _IO_SECURITY_CONTEXT {
    struct _SECURITY_QUALITY_OF_SERVICE *SecurityQos;
    PACCESS_STATE                        AccessState;
    ACCESS_MASK                          DesiredAccess;
    ULONG                                FullCreateOptions;
} IO_SECURITY_CONTEXT;

/** One driver's parameters of a request.
 * @page ns-wdm-_io_stack_location */
typedef struct _IO_STACK_LOCATION {
    UCHAR MajorFunction;
    UCHAR MinorFunction;
    UCHAR Flags;
    UCHAR Control;
    union {
        struct {
            PIO_SECURITY_CONTEXT     SecurityContext;
            ULONG                    Options;
            USHORT POINTER_ALIGNMENT FileAttributes;
            USHORT                   ShareAccess;
            ULONG POINTER_ALIGNMENT  EaLength;
        } Create;
        struct {
            PIO_SECURITY_CONTEXT             SecurityContext;
            ULONG                            Options;
            USHORT POINTER_ALIGNMENT         Reserved;
            USHORT                           ShareAccess;
            struct _NAMED_PIPE_CREATE_PARAMETERS *Parameters;
        } CreatePipe;
        struct {
            PIO_SECURITY_CONTEXT             SecurityContext;
            ULONG                            Options;
            USHORT POINTER_ALIGNMENT         Reserved;
            USHORT                           ShareAccess;
            struct _MAILSLOT_CREATE_PARAMETERS *Parameters;
        } CreateMailslot;
        struct {
            ULONG                   Length;
            ULONG POINTER_ALIGNMENT Key;
            ULONG                   Flags;
            LARGE_INTEGER           ByteOffset;
        } Read;
        struct {
            ULONG                   Length;
            ULONG POINTER_ALIGNMENT Key;
            ULONG                   Flags;
            LARGE_INTEGER           ByteOffset;
        } Write;
        struct {
            ULONG                   Length;
            PUNICODE_STRING         FileName;
            FILE_INFORMATION_CLASS  FileInformationClass;
            ULONG POINTER_ALIGNMENT FileIndex;
        } QueryDirectory;
        struct {
            ULONG                   Length;
            ULONG POINTER_ALIGNMENT CompletionFilter;
        } NotifyDirectory;
        struct {
            ULONG                                                Length;
            ULONG POINTER_ALIGNMENT                              CompletionFilter;
            DIRECTORY_NOTIFY_INFORMATION_CLASS POINTER_ALIGNMENT DirectoryNotifyInformationClass;
        } NotifyDirectoryEx;
        struct {
            ULONG                                    Length;
            FILE_INFORMATION_CLASS POINTER_ALIGNMENT FileInformationClass;
        } QueryFile;
        struct {
            ULONG                                    Length;
            FILE_INFORMATION_CLASS POINTER_ALIGNMENT FileInformationClass;
            PFILE_OBJECT                             FileObject;
            union {
                struct {
                    BOOLEAN ReplaceIfExists;
                    BOOLEAN AdvanceOnly;
                };
                ULONG  ClusterCount;
                HANDLE DeleteHandle;
            };
        } SetFile;
        struct {
            ULONG                   Length;
            PVOID                   EaList;
            ULONG                   EaListLength;
            ULONG POINTER_ALIGNMENT EaIndex;
        } QueryEa;
        struct {
            ULONG Length;
        } SetEa;
        struct {
            ULONG                                  Length;
            FS_INFORMATION_CLASS POINTER_ALIGNMENT FsInformationClass;
        } QueryVolume;
        struct {
            ULONG                                  Length;
            FS_INFORMATION_CLASS POINTER_ALIGNMENT FsInformationClass;
        } SetVolume;
        struct {
            ULONG                   OutputBufferLength;
            ULONG POINTER_ALIGNMENT InputBufferLength;
            ULONG POINTER_ALIGNMENT FsControlCode;
            PVOID                   Type3InputBuffer;
        } FileSystemControl;
        struct {
            PLARGE_INTEGER          Length;
            ULONG POINTER_ALIGNMENT Key;
            LARGE_INTEGER           ByteOffset;
        } LockControl;
        struct {
            ULONG                   OutputBufferLength;
            ULONG POINTER_ALIGNMENT InputBufferLength;
            ULONG POINTER_ALIGNMENT IoControlCode;
            PVOID                   Type3InputBuffer;
        } DeviceIoControl;
        struct {
            SECURITY_INFORMATION    SecurityInformation;
            ULONG POINTER_ALIGNMENT Length;
        } QuerySecurity;
        struct {
            SECURITY_INFORMATION SecurityInformation;
            PSECURITY_DESCRIPTOR SecurityDescriptor;
        } SetSecurity;
        struct {
            PVPB           Vpb;
            PDEVICE_OBJECT DeviceObject;
        } MountVolume;
        struct {
            PVPB           Vpb;
            PDEVICE_OBJECT DeviceObject;
        } VerifyVolume;
        struct {
            struct _SCSI_REQUEST_BLOCK *Srb;
        } Scsi;
        struct {
            ULONG                               Length;
            PSID                                StartSid;
            struct _FILE_GET_QUOTA_INFORMATION *SidList;
            ULONG                               SidListLength;
        } QueryQuota;
        struct {
            ULONG Length;
        } SetQuota;
        struct {
            DEVICE_RELATION_TYPE Type;
        } QueryDeviceRelations;
        struct {
            const GUID *InterfaceType;
            USHORT      Size;
            USHORT      Version;
            PINTERFACE  Interface;
            PVOID       InterfaceSpecificData;
        } QueryInterface;
        struct {
            PDEVICE_CAPABILITIES Capabilities;
        } DeviceCapabilities;
        struct {
            PIO_RESOURCE_REQUIREMENTS_LIST IoResourceRequirementList;
        } FilterResourceRequirements;
        struct {
            ULONG                   WhichSpace;
            PVOID                   Buffer;
            ULONG                   Offset;
            ULONG POINTER_ALIGNMENT Length;
        } ReadWriteConfig;
        struct {
            BOOLEAN Lock;
        } SetLock;
        struct {
            BUS_QUERY_ID_TYPE IdType;
        } QueryId;
        struct {
            DEVICE_TEXT_TYPE       DeviceTextType;
            LCID POINTER_ALIGNMENT LocaleId;
        } QueryDeviceText;
        struct {
            BOOLEAN                                          InPath;
            BOOLEAN                                          Reserved[3];
            DEVICE_USAGE_NOTIFICATION_TYPE POINTER_ALIGNMENT Type;
        } UsageNotification;
        struct {
            SYSTEM_POWER_STATE PowerState;
        } WaitWake;
        struct {
            PPOWER_SEQUENCE PowerSequence;
        } PowerSequence;
        struct {
            union {
                ULONG                      SystemContext;
                SYSTEM_POWER_STATE_CONTEXT SystemPowerStateContext;
            };
            POWER_STATE_TYPE POINTER_ALIGNMENT Type;
            POWER_STATE POINTER_ALIGNMENT      State;
            POWER_ACTION POINTER_ALIGNMENT     ShutdownType;
        } Power;
        struct {
            PCM_RESOURCE_LIST AllocatedResources;
            PCM_RESOURCE_LIST AllocatedResourcesTranslated;
        } StartDevice;
        struct {
            ULONG_PTR ProviderId;
            PVOID     DataPath;
            ULONG     BufferSize;
            PVOID     Buffer;
        } WMI;
        struct {
            PVOID Argument1;
            PVOID Argument2;
            PVOID Argument3;
            PVOID Argument4;
        } Others;
    } Parameters;
    PDEVICE_OBJECT         DeviceObject;
    PFILE_OBJECT           FileObject;
    PIO_COMPLETION_ROUTINE CompletionRoutine;
    PVOID                  Context;
} IO_STACK_LOCATION;

#define IO_NO_INCREMENT         0
#define IO_CD_ROM_INCREMENT     1
#define IO_DISK_INCREMENT       1
#define IO_KEYBOARD_INCREMENT   6
#define IO_MAILSLOT_INCREMENT   2
#define IO_MOUSE_INCREMENT      6
#define IO_NAMED_PIPE_INCREMENT 2
#define IO_NETWORK_INCREMENT    2
#define IO_PARALLEL_INCREMENT   1
#define IO_SERIAL_INCREMENT     2
#define IO_SOUND_INCREMENT      8
#define IO_VIDEO_INCREMENT      1
#define EVENT_INCREMENT         1
#define MUTANT_INCREMENT        1
#define SEMAPHORE_INCREMENT     1

/** Who has a file open, and how. */
typedef struct _SHARE_ACCESS {
    ULONG OpenCount;
    ULONG Readers;
    ULONG Writers;
    ULONG Deleters;
    ULONG SharedRead;
    ULONG SharedWrite;
    ULONG SharedDelete;
} SHARE_ACCESS, *PSHARE_ACCESS;

/** A controller that serves several devices (old style). */
typedef struct _CONTROLLER_OBJECT {
    CSHORT        Type;
    CSHORT        Size;
    PVOID         ControllerExtension;
    KDEVICE_QUEUE DeviceWaitQueue;
    ULONG         Spare1;
    LARGE_INTEGER Spare2;
} CONTROLLER_OBJECT, *PCONTROLLER_OBJECT;

/** Entry of the system's error log. */
typedef struct _IO_ERROR_LOG_PACKET {
    UCHAR         MajorFunctionCode;
    UCHAR         RetryCount;
    USHORT        DumpDataSize;
    USHORT        NumberOfStrings;
    USHORT        StringOffset;
    USHORT        EventCategory;
    NTSTATUS      ErrorCode;
    ULONG         UniqueErrorValue;
    NTSTATUS      FinalStatus;
    ULONG         SequenceNumber;
    ULONG         IoControlCode;
    LARGE_INTEGER DeviceOffset;
    ULONG         DumpData[1];
} IO_ERROR_LOG_PACKET, *PIO_ERROR_LOG_PACKET;
#define ERROR_LOG_MAXIMUM_SIZE 240

/** Keeps a device from going while requests are under way; see IoAcquireRemoveLock. */
typedef struct _IO_REMOVE_LOCK {
    IO_REMOVE_LOCK_COMMON_BLOCK Common;
} IO_REMOVE_LOCK, *PIO_REMOVE_LOCK;

/** What a handle allows. */
typedef struct _OBJECT_HANDLE_INFORMATION {
    ULONG       HandleAttributes;
    ACCESS_MASK GrantedAccess;
} OBJECT_HANDLE_INFORMATION, *POBJECT_HANDLE_INFORMATION;

/** Identifiers of a process and a thread. */
typedef struct _CLIENT_ID {
    HANDLE UniqueProcess;
    HANDLE UniqueThread;
} CLIENT_ID, *PCLIENT_ID;

/* ------------------------------------------------------------------ DMA */

#define DEVICE_DESCRIPTION_VERSION  0
#define DEVICE_DESCRIPTION_VERSION1 1
#define DEVICE_DESCRIPTION_VERSION2 2
/** Asks IoGetDmaAdapter for the version 3 routines.
 * @since Windows 8 */
#define DEVICE_DESCRIPTION_VERSION3 3

/** Describes how a device does DMA. Zero all of it before filling it.
 * @page ns-wdm-_device_description */
typedef struct _DEVICE_DESCRIPTION {
    ULONG            Version;
    BOOLEAN          Master;
    BOOLEAN          ScatterGather;
    BOOLEAN          DemandMode;
    BOOLEAN          AutoInitialize;
    BOOLEAN          Dma32BitAddresses;
    BOOLEAN          IgnoreCount;
    BOOLEAN          Reserved1;
    BOOLEAN          Dma64BitAddresses;
    ULONG            BusNumber;
    ULONG            DmaChannel;
    INTERFACE_TYPE   InterfaceType;
    DMA_WIDTH        DmaWidth;
    DMA_SPEED        DmaSpeed;
    ULONG            MaximumLength;
    ULONG            DmaPort;
    ULONG            DmaAddressWidth;
    ULONG            DmaControllerInstance;
    ULONG            DmaRequestLine;
    PHYSICAL_ADDRESS DeviceAddress;
} DEVICE_DESCRIPTION, *PDEVICE_DESCRIPTION;

/** The visible part of an adapter object: the table of its routines.
 * @page ns-wdm-_dma_adapter */
typedef struct _DMA_ADAPTER {
    USHORT                  Version;
    USHORT                  Size;
    struct _DMA_OPERATIONS *DmaOperations;
} DMA_ADAPTER;

/** One piece of a buffer as the device sees it. Address is a logical address.
 * @page ns-wdm-_scatter_gather_list */
typedef struct _SCATTER_GATHER_ELEMENT {
    PHYSICAL_ADDRESS Address;
    ULONG            Length;
    ULONG_PTR        Reserved;
} SCATTER_GATHER_ELEMENT, *PSCATTER_GATHER_ELEMENT;

/** The pieces of a buffer as the device sees them; sizeof does not count the elements.
 * @page ns-wdm-_scatter_gather_list */
typedef struct _SCATTER_GATHER_LIST {
    ULONG                  NumberOfElements;
    ULONG_PTR              Reserved;
    SCATTER_GATHER_ELEMENT Elements[];
} SCATTER_GATHER_LIST;

#define DMA_ADAPTER_INFO_VERSION1     1
#define DMA_ADAPTER_INFO_CRASHDUMP_VERSION 2
#define DMA_TRANSFER_INFO_VERSION1    1
#define DMA_TRANSFER_INFO_VERSION2    2
#define DMA_TRANSFER_CONTEXT_VERSION1 1
/** Bytes of storage for one DMA transfer context.
 * @since Windows 8 */
#define DMA_TRANSFER_CONTEXT_SIZE_V1  128
/** Run or fail at once on this thread, never wait for resources.
 * @since Windows 8 */
#define DMA_SYNCHRONOUS_CALLBACK      0x01
#define DMA_ZERO_BUFFERS              0x02
#define DMA_FAIL_ON_BOUNCE            0x04
#define DOMAIN_COMMON_BUFFER_LARGE_PAGE 0x1

/** Abilities of an adapter.
 * @page ns-wdm-_dma_adapter_info_v1 */
typedef struct _DMA_ADAPTER_INFO_V1 {
    ULONG ReadDmaCounterAvailable;
    ULONG ScatterGatherLimit;
    ULONG DmaAddressWidth;
    ULONG Flags;
    ULONG MinimumTransferUnit;
} DMA_ADAPTER_INFO_V1, *PDMA_ADAPTER_INFO_V1;

/** What the crash dump needs to make the adapter again. */
typedef struct _DMA_ADAPTER_INFO_CRASHDUMP {
    DEVICE_DESCRIPTION DeviceDescription;
    SIZE_T             DeviceIdSize;
    PVOID              DeviceId;
} DMA_ADAPTER_INFO_CRASHDUMP, *PDMA_ADAPTER_INFO_CRASHDUMP;

/** Result of GetDmaAdapterInfo; set Version before the call.
 * @page ns-wdm-_dma_adapter_info */
typedef struct _DMA_ADAPTER_INFO {
    union {
        struct {
            ULONG               Version;
            DMA_ADAPTER_INFO_V1 V1;
        };
        struct {
            ULONGLONG                  Reserved;
            DMA_ADAPTER_INFO_CRASHDUMP Crashdump;
        };
    };
} DMA_ADAPTER_INFO, *PDMA_ADAPTER_INFO;

/** What a transfer needs.
 * @page ns-wdm-_dma_transfer_info_v1 */
typedef struct _DMA_TRANSFER_INFO_V1 {
    ULONG MapRegisterCount;
    ULONG ScatterGatherElementCount;
    ULONG ScatterGatherListSize;
} DMA_TRANSFER_INFO_V1, *PDMA_TRANSFER_INFO_V1;

/** What a transfer needs, with the number of logical pages.
 * @page ns-wdm-_dma_transfer_info_v2 */
typedef struct _DMA_TRANSFER_INFO_V2 {
    ULONG MapRegisterCount;
    ULONG ScatterGatherElementCount;
    ULONG ScatterGatherListSize;
    ULONG LogicalPageCount;
} DMA_TRANSFER_INFO_V2, *PDMA_TRANSFER_INFO_V2;

/** Result of GetDmaTransferInfo; set Version before the call. */
typedef struct _DMA_TRANSFER_INFO {
    ULONG Version;
    union {
        DMA_TRANSFER_INFO_V1 V1;
        DMA_TRANSFER_INFO_V2 V2;
    };
} DMA_TRANSFER_INFO, *PDMA_TRANSFER_INFO;

/** Several common buffers, allocated together; opaque. */
typedef struct _DMA_COMMON_BUFFER_VECTOR DMA_COMMON_BUFFER_VECTOR, *PDMA_COMMON_BUFFER_VECTOR;

/** Kind of an extended configuration of CreateCommonBufferFromMdl. */
typedef enum _DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_TYPE {
    CommonBufferConfigTypeLogicalAddressLimits,
    CommonBufferConfigTypeSubSection,
    CommonBufferConfigTypeHardwareAccessPermissions,
    CommonBufferConfigTypeMax
} DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_TYPE, *PDMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_TYPE;

/** What the device may do with a common buffer. */
typedef enum _DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_ACCESS_TYPE {
    CommonBufferHardwareAccessReadOnly = 1,
    CommonBufferHardwareAccessWriteOnly,
    CommonBufferHardwareAccessReadWrite,
    CommonBufferHardwareAccessMax
} DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_ACCESS_TYPE, *PDMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_ACCESS_TYPE;

/** One extended configuration of CreateCommonBufferFromMdl.
 * @page ns-wdm-dma_common_buffer_extended_configuration */
typedef struct _DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION {
    DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_TYPE ConfigType;
    union {
        struct {
            PHYSICAL_ADDRESS MinimumAddress;
            PHYSICAL_ADDRESS MaximumAddress;
        } LogicalAddressLimits;
        struct {
            ULONGLONG Offset;
            ULONG     Length;
        } SubSection;
        DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_ACCESS_TYPE HardwareAccessType;
        ULONGLONG Reserved[4];
    };
} DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION, *PDMA_COMMON_BUFFER_EXTENDED_CONFIGURATION;

/** Releases an adapter object. All of its DMA must have ended, its buffers and map registers be freed.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pput_dma_adapter */
typedef VOID (NTAPI *PPUT_DMA_ADAPTER)(PDMA_ADAPTER DmaAdapter);
/** Allocates memory that processor and device share, contiguous for the device.
 * @param Length bytes; BYTES_TO_PAGES(Length) must not exceed the granted map registers
 * @param LogicalAddress receives the address for the device
 * @param CacheEnabled ignored on x64: the memory is cached
 * @returns system address, or NULL
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pallocate_common_buffer */
typedef PVOID (NTAPI *PALLOCATE_COMMON_BUFFER)(PDMA_ADAPTER DmaAdapter, ULONG Length, PPHYSICAL_ADDRESS LogicalAddress, BOOLEAN CacheEnabled);
/** Frees a common buffer; every value exactly as at its allocation.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pfree_common_buffer */
typedef VOID (NTAPI *PFREE_COMMON_BUFFER)(PDMA_ADAPTER DmaAdapter, ULONG Length, PHYSICAL_ADDRESS LogicalAddress, PVOID VirtualAddress, BOOLEAN CacheEnabled);
/** Asks for the channel and map registers; the routine runs when they are granted.
 * @param NumberOfMapRegisters at most what IoGetDmaAdapter reported
 * @returns STATUS_SUCCESS, or STATUS_INSUFFICIENT_RESOURCES when more registers are asked for than were granted
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pallocate_adapter_channel */
typedef NTSTATUS (NTAPI *PALLOCATE_ADAPTER_CHANNEL)(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, ULONG NumberOfMapRegisters, PDRIVER_CONTROL ExecutionRoutine, PVOID Context);
/** Ends a transfer: copies bounced data back. Once for each MapTransfer, with its CurrentVa and Length.
 * @param WriteToDevice TRUE for memory to device
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pflush_adapter_buffers */
typedef BOOLEAN (NTAPI *PFLUSH_ADAPTER_BUFFERS)(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase, PVOID CurrentVa, ULONG Length, BOOLEAN WriteToDevice);
/** Releases the channel and its registers, after an AdapterControl routine that returned KeepObject.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pfree_adapter_channel */
typedef VOID (NTAPI *PFREE_ADAPTER_CHANNEL)(PDMA_ADAPTER DmaAdapter);
/** Releases map registers, after an AdapterControl routine that returned DeallocateObjectKeepRegisters.
 * @param NumberOfMapRegisters as at the allocation
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pfree_map_registers */
typedef VOID (NTAPI *PFREE_MAP_REGISTERS)(PDMA_ADAPTER DmaAdapter, PVOID MapRegisterBase, ULONG NumberOfMapRegisters);
/** Maps the next part of a locked buffer for the device.
 * @param CurrentVa starts at MmGetMdlVirtualAddress(Mdl), advances by what was mapped
 * @param Length in: bytes wanted; out: bytes mapped in one piece
 * @param WriteToDevice TRUE for memory to device
 * @returns logical address for the device
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pmap_transfer */
typedef PHYSICAL_ADDRESS (NTAPI *PMAP_TRANSFER)(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase, PVOID CurrentVa, PULONG Length, BOOLEAN WriteToDevice);
/** Multiple that start and length of DMA buffers must have.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pget_dma_alignment */
typedef ULONG (NTAPI *PGET_DMA_ALIGNMENT)(PDMA_ADAPTER DmaAdapter);
/** Bytes that a transfer of the system's DMA controller has still to move.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pread_dma_counter */
typedef ULONG (NTAPI *PREAD_DMA_COUNTER)(PDMA_ADAPTER DmaAdapter);
/** Maps a locked buffer and hands its scatter/gather list to the routine when registers are there.
 * @param CurrentVa address in the MDL's range
 * @param WriteToDevice TRUE for memory to device
 * @returns STATUS_SUCCESS, STATUS_INSUFFICIENT_RESOURCES, STATUS_BUFFER_TOO_SMALL
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pget_scatter_gather_list */
typedef NTSTATUS (NTAPI *PGET_SCATTER_GATHER_LIST)(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PMDL Mdl, PVOID CurrentVa, ULONG Length, PDRIVER_LIST_CONTROL ExecutionRoutine, PVOID Context, BOOLEAN WriteToDevice);
/** Ends the transfer of a scatter/gather list: copies back, frees registers and list. Before the processor looks at the data.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pput_scatter_gather_list */
typedef VOID (NTAPI *PPUT_SCATTER_GATHER_LIST)(PDMA_ADAPTER DmaAdapter, PSCATTER_GATHER_LIST ScatterGather, BOOLEAN WriteToDevice);
/** Tells how much storage a scatter/gather list of a buffer needs, and how many map registers.
 * @param Mdl the buffer, or NULL for the worst case
 * @param pNumberOfMapRegisters may be NULL
 * @irql any
 * @page nc-wdm-pcalculate_scatter_gather_list_size */
typedef NTSTATUS (NTAPI *PCALCULATE_SCATTER_GATHER_LIST_SIZE)(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID CurrentVa, ULONG Length, PULONG ScatterGatherListSize, PULONG pNumberOfMapRegisters);
/** As GetScatterGatherList, with the list in the caller's storage.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pbuild_scatter_gather_list */
typedef NTSTATUS (NTAPI *PBUILD_SCATTER_GATHER_LIST)(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PMDL Mdl, PVOID CurrentVa, ULONG Length, PDRIVER_LIST_CONTROL ExecutionRoutine, PVOID Context, BOOLEAN WriteToDevice, PVOID ScatterGatherBuffer, ULONG ScatterGatherLength);
/** Builds an MDL of the memory that a scatter/gather list really uses; for the system.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pbuild_mdl_from_scatter_gather_list */
typedef NTSTATUS (NTAPI *PBUILD_MDL_FROM_SCATTER_GATHER_LIST)(PDMA_ADAPTER DmaAdapter, PSCATTER_GATHER_LIST ScatterGather, PMDL OriginalMdl, PMDL *TargetMdl);
/** Reports what the adapter can do; set AdapterInfo->Version first.
 * @returns STATUS_SUCCESS, or STATUS_NOT_SUPPORTED for an unknown version
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pget_dma_adapter_info
 * @since Windows 8 */
typedef NTSTATUS (NTAPI *PGET_DMA_ADAPTER_INFO)(PDMA_ADAPTER DmaAdapter, PDMA_ADAPTER_INFO AdapterInfo);
/** Reports map registers and list size that a transfer needs; set TransferInfo->Version first.
 * @param Offset bytes from the start of the MDL chain
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pget_dma_transfer_info
 * @since Windows 8 */
typedef NTSTATUS (NTAPI *PGET_DMA_TRANSFER_INFO)(PDMA_ADAPTER DmaAdapter, PMDL Mdl, ULONGLONG Offset, ULONG Length, BOOLEAN WriteOnly, PDMA_TRANSFER_INFO TransferInfo);
/** Prepares a transfer context of DMA_TRANSFER_CONTEXT_SIZE_V1 bytes, once for each request.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pinitialize_dma_transfer_context
 * @since Windows 8 */
typedef NTSTATUS (NTAPI *PINITIALIZE_DMA_TRANSFER_CONTEXT)(PDMA_ADAPTER DmaAdapter, PVOID DmaTransferContext);
/** Allocates a common buffer below a logical address, near a node, cached or not.
 * @param MaximumAddress highest logical address, or NULL
 * @returns system address, or NULL
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pallocate_common_buffer_ex
 * @since Windows 8 */
typedef PVOID (NTAPI *PALLOCATE_COMMON_BUFFER_EX)(PDMA_ADAPTER DmaAdapter, PPHYSICAL_ADDRESS MaximumAddress, ULONG Length, PPHYSICAL_ADDRESS LogicalAddress, BOOLEAN CacheEnabled, NODE_REQUIREMENT PreferredNode);
/** Asks for channel and map registers, at once (DMA_SYNCHRONOUS_CALLBACK) or by callback.
 * @param ExecutionRoutine required unless the call is synchronous
 * @param MapRegisterBase only for a synchronous call without routine
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pallocate_adapter_channel_ex
 * @since Windows 8 */
typedef NTSTATUS (NTAPI *PALLOCATE_ADAPTER_CHANNEL_EX)(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID DmaTransferContext, ULONG NumberOfMapRegisters, ULONG Flags, PDRIVER_CONTROL ExecutionRoutine, PVOID ExecutionContext, PVOID *MapRegisterBase);
/** Calls a function of the system's DMA controller.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pconfigure_adapter_channel
 * @since Windows 8 */
typedef NTSTATUS (NTAPI *PCONFIGURE_ADAPTER_CHANNEL)(PDMA_ADAPTER DmaAdapter, ULONG FunctionNumber, PVOID Context);
/** Takes back a request for a channel.
 * @returns TRUE when the routine will not run, FALSE when the channel had already been granted
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pcancel_adapter_channel
 * @since Windows 8 */
typedef BOOLEAN (NTAPI *PCANCEL_ADAPTER_CHANNEL)(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID DmaTransferContext);
/** Maps the next part of an MDL chain and writes its scatter/gather list.
 * @param Offset bytes from the start of the chain
 * @param DeviceOffset system DMA only, otherwise 0
 * @param Length in: bytes wanted; out: bytes mapped
 * @param ScatterGatherBuffer required for a bus master, with room for private data
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pmap_transfer_ex
 * @since Windows 8 */
typedef NTSTATUS (NTAPI *PMAP_TRANSFER_EX)(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase, ULONGLONG Offset, ULONG DeviceOffset, PULONG Length, BOOLEAN WriteToDevice, PSCATTER_GATHER_LIST ScatterGatherBuffer, ULONG ScatterGatherBufferLength, PDMA_COMPLETION_ROUTINE DmaCompletionRoutine, PVOID CompletionContext);
/** Allocates registers and maps part of an MDL chain, at once or by callback.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pget_scatter_gather_list_ex
 * @since Windows 8 */
typedef NTSTATUS (NTAPI *PGET_SCATTER_GATHER_LIST_EX)(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID DmaTransferContext, PMDL Mdl, ULONGLONG Offset, ULONG Length, ULONG Flags, PDRIVER_LIST_CONTROL ExecutionRoutine, PVOID Context, BOOLEAN WriteToDevice, PDMA_COMPLETION_ROUTINE DmaCompletionRoutine, PVOID CompletionContext, PSCATTER_GATHER_LIST *ScatterGatherList);
/** As GetScatterGatherListEx, with the list in the caller's storage.
 * @irql = DISPATCH_LEVEL
 * @page nc-wdm-pbuild_scatter_gather_list_ex
 * @since Windows 8 */
typedef NTSTATUS (NTAPI *PBUILD_SCATTER_GATHER_LIST_EX)(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID DmaTransferContext, PMDL Mdl, ULONGLONG Offset, ULONG Length, ULONG Flags, PDRIVER_LIST_CONTROL ExecutionRoutine, PVOID Context, BOOLEAN WriteToDevice, PVOID ScatterGatherBuffer, ULONG ScatterGatherLength, PDMA_COMPLETION_ROUTINE DmaCompletionRoutine, PVOID CompletionContext, PSCATTER_GATHER_LIST *ScatterGatherList);
/** Ends a transfer of MapTransferEx; once for each, before the next one.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pflush_adapter_buffers_ex
 * @since Windows 8 */
typedef NTSTATUS (NTAPI *PFLUSH_ADAPTER_BUFFERS_EX)(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase, ULONGLONG Offset, ULONG Length, BOOLEAN WriteToDevice);
/** Releases channel and registers as the action says, after a synchronous allocation.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pfree_adapter_object
 * @since Windows 8 */
typedef VOID (NTAPI *PFREE_ADAPTER_OBJECT)(PDMA_ADAPTER DmaAdapter, IO_ALLOCATION_ACTION AllocationAction);
/** Stops a transfer of the system's DMA controller; its completion routine still runs.
 * @irql <= DISPATCH_LEVEL
 * @page nc-wdm-pcancel_mapped_transfer
 * @since Windows 8 */
typedef NTSTATUS (NTAPI *PCANCEL_MAPPED_TRANSFER)(PDMA_ADAPTER DmaAdapter, PVOID DmaTransferContext);
/** Allocates a common buffer that all devices of an IOMMU domain see.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pallocate_domain_common_buffer
 * @since Windows 10 */
typedef NTSTATUS (NTAPI *PALLOCATE_DOMAIN_COMMON_BUFFER)(PDMA_ADAPTER DmaAdapter, HANDLE DomainHandle, PPHYSICAL_ADDRESS MaximumAddress, ULONG Length, ULONG Flags, MEMORY_CACHING_TYPE *CacheType, NODE_REQUIREMENT PreferredNode, PPHYSICAL_ADDRESS LogicalAddress, PVOID *VirtualAddress);
/** Flushes cached data of a buffer.
 * @page nc-wdm-pflush_dma_buffer
 * @since Windows 10 */
typedef NTSTATUS (NTAPI *PFLUSH_DMA_BUFFER)(PDMA_ADAPTER DmaAdapter, PMDL Mdl, BOOLEAN ReadOperation);
/** Puts the device into an IOMMU domain.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pjoin_dma_domain
 * @since Windows 10 */
typedef NTSTATUS (NTAPI *PJOIN_DMA_DOMAIN)(PDMA_ADAPTER DmaAdapter, HANDLE DomainHandle);
/** Takes the device out of its IOMMU domain.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pleave_dma_domain
 * @since Windows 10 */
typedef NTSTATUS (NTAPI *PLEAVE_DMA_DOMAIN)(PDMA_ADAPTER DmaAdapter);
/** The device's IOMMU domain.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pget_dma_domain
 * @since Windows 10 */
typedef HANDLE (NTAPI *PGET_DMA_DOMAIN)(PDMA_ADAPTER DmaAdapter);
/** Allocates a common buffer between two logical addresses.
 * @returns system address, or NULL
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pallocate_common_buffer_with_bounds
 * @since Windows 10 1803 */
typedef PVOID (NTAPI *PALLOCATE_COMMON_BUFFER_WITH_BOUNDS)(PDMA_ADAPTER DmaAdapter, PPHYSICAL_ADDRESS MinimumAddress, PPHYSICAL_ADDRESS MaximumAddress, ULONG Length, ULONG Flags, MEMORY_CACHING_TYPE *CacheType, NODE_REQUIREMENT PreferredNode, PPHYSICAL_ADDRESS LogicalAddress);
/** Allocates several common buffers of one size.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pallocate_common_buffer_vector
 * @since Windows 10 1903 */
typedef NTSTATUS (NTAPI *PALLOCATE_COMMON_BUFFER_VECTOR)(PDMA_ADAPTER DmaAdapter, PHYSICAL_ADDRESS LowAddress, PHYSICAL_ADDRESS HighAddress, MEMORY_CACHING_TYPE CacheType, ULONG IdealNode, ULONG Flags, ULONG NumberOfElements, ULONGLONG SizeOfElements, PDMA_COMMON_BUFFER_VECTOR *VectorOut);
/** Addresses of one buffer of a vector.
 * @since Windows 10 1903 */
typedef VOID (NTAPI *PGET_COMMON_BUFFER_FROM_VECTOR_BY_INDEX)(PDMA_ADAPTER DmaAdapter, PDMA_COMMON_BUFFER_VECTOR Vector, ULONG Index, PVOID *VirtualAddressOut, PPHYSICAL_ADDRESS LogicalAddressOut);
/** Frees one buffer of a vector.
 * @since Windows 10 1903 */
typedef VOID (NTAPI *PFREE_COMMON_BUFFER_FROM_VECTOR)(PDMA_ADAPTER DmaAdapter, PDMA_COMMON_BUFFER_VECTOR Vector, ULONG Index);
/** Frees a vector whose buffers have all been freed.
 * @since Windows 10 1903 */
typedef VOID (NTAPI *PFREE_COMMON_BUFFER_VECTOR)(PDMA_ADAPTER DmaAdapter, PDMA_COMMON_BUFFER_VECTOR Vector);
/** Makes a common buffer of the driver's own locked pages. FreeCommonBuffer undoes it; the pages stay.
 * @irql = PASSIVE_LEVEL
 * @page nc-wdm-pcreate-common-buffer-from-mdl
 * @since Windows 11 */
typedef NTSTATUS (NTAPI *PCREATE_COMMON_BUFFER_FROM_MDL)(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PDMA_COMMON_BUFFER_EXTENDED_CONFIGURATION ExtendedConfigs, ULONG ExtendedConfigsCount, PPHYSICAL_ADDRESS LogicalAddress);

/** Table of an adapter's routines. Size tells how many of them there are.
 * @page ns-wdm-_dma_operations */
typedef struct _DMA_OPERATIONS {
    ULONG                               Size;
    PPUT_DMA_ADAPTER                    PutDmaAdapter;
    PALLOCATE_COMMON_BUFFER             AllocateCommonBuffer;
    PFREE_COMMON_BUFFER                 FreeCommonBuffer;
    PALLOCATE_ADAPTER_CHANNEL           AllocateAdapterChannel;
    PFLUSH_ADAPTER_BUFFERS              FlushAdapterBuffers;
    PFREE_ADAPTER_CHANNEL               FreeAdapterChannel;
    PFREE_MAP_REGISTERS                 FreeMapRegisters;
    PMAP_TRANSFER                       MapTransfer;
    PGET_DMA_ALIGNMENT                  GetDmaAlignment;
    PREAD_DMA_COUNTER                   ReadDmaCounter;
    PGET_SCATTER_GATHER_LIST            GetScatterGatherList;
    PPUT_SCATTER_GATHER_LIST            PutScatterGatherList;
    PCALCULATE_SCATTER_GATHER_LIST_SIZE CalculateScatterGatherList;
    PBUILD_SCATTER_GATHER_LIST          BuildScatterGatherList;
    PBUILD_MDL_FROM_SCATTER_GATHER_LIST BuildMdlFromScatterGatherList;
    PGET_DMA_ADAPTER_INFO               GetDmaAdapterInfo;
    PGET_DMA_TRANSFER_INFO              GetDmaTransferInfo;
    PINITIALIZE_DMA_TRANSFER_CONTEXT    InitializeDmaTransferContext;
    PALLOCATE_COMMON_BUFFER_EX          AllocateCommonBufferEx;
    PALLOCATE_ADAPTER_CHANNEL_EX        AllocateAdapterChannelEx;
    PCONFIGURE_ADAPTER_CHANNEL          ConfigureAdapterChannel;
    PCANCEL_ADAPTER_CHANNEL             CancelAdapterChannel;
    PMAP_TRANSFER_EX                    MapTransferEx;
    PGET_SCATTER_GATHER_LIST_EX         GetScatterGatherListEx;
    PBUILD_SCATTER_GATHER_LIST_EX       BuildScatterGatherListEx;
    PFLUSH_ADAPTER_BUFFERS_EX           FlushAdapterBuffersEx;
    PFREE_ADAPTER_OBJECT                FreeAdapterObject;
    PCANCEL_MAPPED_TRANSFER             CancelMappedTransfer;
    PALLOCATE_DOMAIN_COMMON_BUFFER      AllocateDomainCommonBuffer;
    PFLUSH_DMA_BUFFER                   FlushDmaBuffer;
    PJOIN_DMA_DOMAIN                    JoinDmaDomain;
    PLEAVE_DMA_DOMAIN                   LeaveDmaDomain;
    PGET_DMA_DOMAIN                     GetDmaDomain;
    PALLOCATE_COMMON_BUFFER_WITH_BOUNDS AllocateCommonBufferWithBounds;
    PALLOCATE_COMMON_BUFFER_VECTOR      AllocateCommonBufferVector;
    PGET_COMMON_BUFFER_FROM_VECTOR_BY_INDEX GetCommonBufferFromVectorByIndex;
    PFREE_COMMON_BUFFER_FROM_VECTOR     FreeCommonBufferFromVector;
    PFREE_COMMON_BUFFER_VECTOR          FreeCommonBufferVector;
    PCREATE_COMMON_BUFFER_FROM_MDL      CreateCommonBufferFromMdl;
} DMA_OPERATIONS;

/** Makes the adapter object of a device. Zero the description before filling it.
 * @param PhysicalDeviceObject the bottom of the device's stack
 * @param DeviceDescription what the device can do; its Version selects the table of routines
 * @param NumberOfMapRegisters receives the most registers that one transfer may use; may be less than asked
 * @returns the adapter, or NULL when memory is short or the version is not supported
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iogetdmaadapter */
NTKERNELAPI PDMA_ADAPTER NTAPI IoGetDmaAdapter(PDEVICE_OBJECT PhysicalDeviceObject, PDEVICE_DESCRIPTION DeviceDescription, PULONG NumberOfMapRegisters);

/** Cache line size that DMA buffers should respect.
 * @irql any */
NTKERNELAPI ULONG NTAPI KeGetRecommendedSharedDataAlignment(VOID);

/** Writes caches back before, or drops them after, a transfer. Expands to nothing on x64.
 * @page nf-wdm-keflushiobuffers */
#define KeFlushIoBuffers(Mdl, ReadOperation, DmaOperation)

#ifndef NO_LEGACY_DRIVERS
/* Older names: each calls through the adapter's table. */
/** AllocateCommonBuffer through the adapter's table. */
FORCEINLINE PVOID HalAllocateCommonBuffer(PDMA_ADAPTER DmaAdapter, ULONG Length, PPHYSICAL_ADDRESS LogicalAddress, BOOLEAN CacheEnabled)
{
    PALLOCATE_COMMON_BUFFER allocate = *(DmaAdapter)->DmaOperations->AllocateCommonBuffer;

    return allocate(DmaAdapter, Length, LogicalAddress, CacheEnabled);
}

/** FreeCommonBuffer through the adapter's table. */
FORCEINLINE VOID HalFreeCommonBuffer(PDMA_ADAPTER DmaAdapter, ULONG Length, PHYSICAL_ADDRESS LogicalAddress, PVOID VirtualAddress, BOOLEAN CacheEnabled)
{
    PFREE_COMMON_BUFFER release = *(DmaAdapter)->DmaOperations->FreeCommonBuffer;

    release(DmaAdapter, Length, LogicalAddress, VirtualAddress, CacheEnabled);
}

/** AllocateAdapterChannel through the adapter's table. */
FORCEINLINE NTSTATUS IoAllocateAdapterChannel(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, ULONG NumberOfMapRegisters, PDRIVER_CONTROL ExecutionRoutine, PVOID Context)
{
    PALLOCATE_ADAPTER_CHANNEL allocate = *(DmaAdapter)->DmaOperations->AllocateAdapterChannel;

    return allocate(DmaAdapter, DeviceObject, NumberOfMapRegisters, ExecutionRoutine, Context);
}

/** FlushAdapterBuffers through the adapter's table. */
FORCEINLINE BOOLEAN IoFlushAdapterBuffers(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase, PVOID CurrentVa, ULONG Length, BOOLEAN WriteToDevice)
{
    PFLUSH_ADAPTER_BUFFERS flush = *(DmaAdapter)->DmaOperations->FlushAdapterBuffers;

    return flush(DmaAdapter, Mdl, MapRegisterBase, CurrentVa, Length, WriteToDevice);
}

/** FreeAdapterChannel through the adapter's table. */
FORCEINLINE VOID IoFreeAdapterChannel(PDMA_ADAPTER DmaAdapter)
{
    PFREE_ADAPTER_CHANNEL release = *(DmaAdapter)->DmaOperations->FreeAdapterChannel;

    release(DmaAdapter);
}

/** FreeMapRegisters through the adapter's table. */
FORCEINLINE VOID IoFreeMapRegisters(PDMA_ADAPTER DmaAdapter, PVOID MapRegisterBase, ULONG NumberOfMapRegisters)
{
    PFREE_MAP_REGISTERS release = *(DmaAdapter)->DmaOperations->FreeMapRegisters;

    release(DmaAdapter, MapRegisterBase, NumberOfMapRegisters);
}

/** MapTransfer through the adapter's table. */
FORCEINLINE PHYSICAL_ADDRESS IoMapTransfer(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase, PVOID CurrentVa, PULONG Length, BOOLEAN WriteToDevice)
{
    PMAP_TRANSFER map = *(DmaAdapter)->DmaOperations->MapTransfer;

    return map(DmaAdapter, Mdl, MapRegisterBase, CurrentVa, Length, WriteToDevice);
}

/** GetDmaAlignment through the adapter's table. */
FORCEINLINE ULONG HalGetDmaAlignment(PDMA_ADAPTER DmaAdapter)
{
    PGET_DMA_ALIGNMENT alignment = *(DmaAdapter)->DmaOperations->GetDmaAlignment;

    return alignment(DmaAdapter);
}

/** ReadDmaCounter through the adapter's table. */
FORCEINLINE ULONG HalReadDmaCounter(PDMA_ADAPTER DmaAdapter)
{
    PREAD_DMA_COUNTER counter = *(DmaAdapter)->DmaOperations->ReadDmaCounter;

    return counter(DmaAdapter);
}
#endif

/* ------------------------------------------------- contiguous memory, MDLs */

/** Address of the first byte of a page.
 * @page nf-wdm-page_align */
#define PAGE_ALIGN(Va) ((PVOID)((ULONG_PTR)(Va) & ~(PAGE_SIZE - 1)))
/** Offset of an address in its page.
 * @page nf-wdm-byte_offset */
#define BYTE_OFFSET(Va) ((ULONG)((LONG_PTR)(Va) & (PAGE_SIZE - 1)))
/** Number of pages that hold so many bytes from the start of a page.
 * @page nf-wdm-bytes_to_pages */
#define BYTES_TO_PAGES(Size) (((Size) >> PAGE_SHIFT) + (((Size) & (PAGE_SIZE - 1)) != 0))
/** Number of pages that a range touches.
 * @page nf-wdm-address_and_size_to_span_pages */
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(Va, Size) \
    ((ULONG)((((ULONG_PTR)(Va) & (PAGE_SIZE - 1)) + (Size) + (PAGE_SIZE - 1)) >> PAGE_SHIFT))
#define COMPUTE_PAGES_SPANNED(Va, Size) ADDRESS_AND_SIZE_TO_SPAN_PAGES(Va, Size)
#define IS_ALIGNED(Value, Alignment) (((Value) & ((Alignment) - 1)) == 0)

/** Length in bytes of the range that an MDL describes.
 * @page nf-wdm-mmgetmdlbytecount */
#define MmGetMdlByteCount(Mdl)      ((Mdl)->ByteCount)
/** Offset of the range in its first page.
 * @page nf-wdm-mmgetmdlbyteoffset */
#define MmGetMdlByteOffset(Mdl)     ((Mdl)->ByteOffset)
#define MmGetMdlBaseVa(Mdl)         ((Mdl)->StartVa)
/** Address that the MDL was made for: an index for DMA routines, not to be dereferenced.
 * @page nf-wdm-mmgetmdlvirtualaddress */
#define MmGetMdlVirtualAddress(Mdl) ((PVOID)((PCHAR)((Mdl)->StartVa) + (Mdl)->ByteOffset))
/** The page frame numbers of the range, valid once it is locked or built.
 * @page nf-wdm-mmgetmdlpfnarray */
#define MmGetMdlPfnArray(Mdl)       ((PPFN_NUMBER)((Mdl) + 1))
/** Fills an MDL in the caller's storage for a range; the page frame numbers stay undefined.
 * @page nf-wdm-mminitializemdl */
#define MmInitializeMdl(MemoryDescriptorList, BaseVa, Length) { \
    (MemoryDescriptorList)->Next = (PMDL)NULL; \
    (MemoryDescriptorList)->Size = (CSHORT)(sizeof(MDL) + \
        (sizeof(PFN_NUMBER) * ADDRESS_AND_SIZE_TO_SPAN_PAGES((BaseVa), (Length)))); \
    (MemoryDescriptorList)->MdlFlags = 0; \
    (MemoryDescriptorList)->StartVa = (PVOID)PAGE_ALIGN((BaseVa)); \
    (MemoryDescriptorList)->ByteOffset = BYTE_OFFSET((BaseVa)); \
    (MemoryDescriptorList)->ByteCount = (ULONG)(Length); \
    }
/** Makes a partial MDL ready for another IoBuildPartialMdl: drops its own mapping.
 * @page nf-wdm-mmpreparemdlforreuse */
#define MmPrepareMdlForReuse(MDL) \
    if (((MDL)->MdlFlags & MDL_PARTIAL_HAS_BEEN_MAPPED) != 0) { \
        ASSERT(((MDL)->MdlFlags & MDL_PARTIAL) != 0); \
        MmUnmapLockedPages((MDL)->MappedSystemVa, (MDL)); \
    } else if (((MDL)->MdlFlags & MDL_PARTIAL) == 0) { \
        ASSERT(((MDL)->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA) == 0); \
    }

/** Allocates physically contiguous, cached, nonpaged memory; whole pages, not zeroed.
 * @param NumberOfBytes size in bytes
 * @param HighestAcceptableAddress last physical address that may be used (inclusive)
 * @returns system address, or NULL
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmallocatecontiguousmemory */
NTKERNELAPI PVOID NTAPI MmAllocateContiguousMemory(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS HighestAcceptableAddress);
/** Allocates physically contiguous nonpaged memory within a physical range; whole pages, not zeroed.
 * @param LowestAcceptableAddress first physical address that may be used
 * @param HighestAcceptableAddress last physical address that may be used (inclusive)
 * @param BoundaryAddressMultiple 0, or a power of two whose multiples the block must not cross
 * @param CacheType MmNonCached, MmCached or MmWriteCombined
 * @returns system address, or NULL
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmallocatecontiguousmemoryspecifycache */
NTKERNELAPI PVOID NTAPI MmAllocateContiguousMemorySpecifyCache(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS LowestAcceptableAddress, PHYSICAL_ADDRESS HighestAcceptableAddress, PHYSICAL_ADDRESS BoundaryAddressMultiple, MEMORY_CACHING_TYPE CacheType);
/** As MmAllocateContiguousMemorySpecifyCache, on one memory node only.
 * @param PreferredNode node number, or MM_ANY_NODE_OK; no other node is tried
 * @returns system address, or NULL
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmallocatecontiguousmemoryspecifycachenode
 * @since Windows Vista */
NTKERNELAPI PVOID NTAPI MmAllocateContiguousMemorySpecifyCacheNode(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS LowestAcceptableAddress, PHYSICAL_ADDRESS HighestAcceptableAddress, PHYSICAL_ADDRESS BoundaryAddressMultiple, MEMORY_CACHING_TYPE CacheType, NODE_REQUIREMENT PreferredNode);
/** Allocates physically contiguous nonpaged memory with a page protection, so that it need not be executable.
 * @param Protect PAGE_READWRITE or PAGE_EXECUTE_READWRITE, with PAGE_NOCACHE or PAGE_WRITECOMBINE if wanted
 * @param PreferredNode node number, or MM_ANY_NODE_OK
 * @returns system address, or NULL
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmallocatecontiguousnodememory
 * @since Windows 8 */
NTKERNELAPI PVOID NTAPI MmAllocateContiguousNodeMemory(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS LowestAcceptableAddress, PHYSICAL_ADDRESS HighestAcceptableAddress, PHYSICAL_ADDRESS BoundaryAddressMultiple, ULONG Protect, NODE_REQUIREMENT PreferredNode);
/** Allocates physically contiguous memory with a tag, optionally from a memory partition.
 * @param NumberOfBytes in: size in bytes; out: size allocated
 * @param Flags 0 or MM_ALLOCATE_CONTIGUOUS_MEMORY_FAST_ONLY
 * @param BaseAddress receives the system address
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmallocatecontiguousmemoryex
 * @since Windows 10 2004 */
NTKERNELAPI NTSTATUS NTAPI MmAllocateContiguousMemoryEx(PSIZE_T NumberOfBytes, PHYSICAL_ADDRESS LowestAcceptableAddress, PHYSICAL_ADDRESS HighestAcceptableAddress, PHYSICAL_ADDRESS BoundaryAddressMultiple, NODE_REQUIREMENT PreferredNode, ULONG Protect, PVOID PartitionObject, ULONG Tag, ULONG Flags, PVOID *BaseAddress);
/** Frees a block of any of the contiguous memory routines.
 * @param BaseAddress exactly what the allocation returned
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmfreecontiguousmemory */
NTKERNELAPI VOID NTAPI MmFreeContiguousMemory(PVOID BaseAddress);
/** Frees a block of MmAllocateContiguousMemorySpecifyCache; all three values as at its allocation.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmfreecontiguousmemoryspecifycache */
NTKERNELAPI VOID NTAPI MmFreeContiguousMemorySpecifyCache(PVOID BaseAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType);

/** Makes an MDL with room for the page frames of a range; neither locks nor fills them.
 * @param VirtualAddress start of the range
 * @param Length bytes
 * @param SecondaryBuffer TRUE to append it to the MDL chain of Irp
 * @param ChargeQuota FALSE
 * @param Irp request that the MDL is for, or NULL
 * @returns the MDL, or NULL
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-ioallocatemdl */
NTKERNELAPI PMDL NTAPI IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota, PIRP Irp);
/** Frees one MDL, not its chain. Its pages must have been unlocked.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-iofreemdl */
NTKERNELAPI VOID NTAPI IoFreeMdl(PMDL Mdl);
/** Makes the target describe part of a locked or nonpaged source.
 * @param VirtualAddress start of the part, in the source's range
 * @param Length bytes; 0 means up to the end
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-iobuildpartialmdl */
NTKERNELAPI VOID NTAPI IoBuildPartialMdl(PMDL SourceMdl, PMDL TargetMdl, PVOID VirtualAddress, ULONG Length);
/** Bytes that an MDL for a range needs, its page frames included.
 * @irql any
 * @page nf-wdm-mmsizeofmdl */
NTKERNELAPI SIZE_T NTAPI MmSizeOfMdl(PVOID Base, SIZE_T Length);
/** Makes the pages of an MDL resident, checks access, locks them. Raises an exception on failure: call it inside __try.
 * @param AccessMode whose rights are checked: KernelMode or UserMode
 * @param Operation what will be done with the memory
 * @irql <= APC_LEVEL for pageable addresses, <= DISPATCH_LEVEL for others
 * @page nf-wdm-mmprobeandlockpages */
NTKERNELAPI VOID NTAPI MmProbeAndLockPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode, LOCK_OPERATION Operation);
/** As MmProbeAndLockPages, with the addresses of another process.
 * @irql <= APC_LEVEL
 * @page nf-wdm-mmprobeandlockprocesspages */
NTKERNELAPI VOID NTAPI MmProbeAndLockProcessPages(PMDL MemoryDescriptorList, PEPROCESS Process, KPROCESSOR_MODE AccessMode, LOCK_OPERATION Operation);
/** One page of a scattered buffer. */
typedef union _FILE_SEGMENT_ELEMENT {
    /** Address of the page. */
    PVOID64   Buffer;
    ULONGLONG Alignment;
} FILE_SEGMENT_ELEMENT, *PFILE_SEGMENT_ELEMENT;

/** Locks single pages of the current process, which need not be adjacent; the MDL then describes them in the order of the list.
 * @param SegmentArray for each page its address; the list ends with the pages that the MDL has room for
 * @irql <= APC_LEVEL
 * @page nf-wdm-mmprobeandlockselectedpages */
NTKERNELAPI VOID NTAPI MmProbeAndLockSelectedPages(PMDL MemoryDescriptorList, PFILE_SEGMENT_ELEMENT SegmentArray, KPROCESSOR_MODE AccessMode, LOCK_OPERATION Operation);
/** Unlocks what MmProbeAndLockPages locked, and drops a system mapping.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmunlockpages */
NTKERNELAPI VOID NTAPI MmUnlockPages(PMDL MemoryDescriptorList);
/** Fills the page frames of an MDL of nonpaged pool or contiguous memory. Never lock or unlock such an MDL.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmbuildmdlfornonpagedpool */
NTKERNELAPI VOID NTAPI MmBuildMdlForNonPagedPool(PMDL MemoryDescriptorList);
/** Allocates zeroed pages from a physical range, without a mapping; usually not contiguous, perhaps fewer than asked for.
 * @param SkipBytes added to the start of the range for each further attempt
 * @returns MDL of what was obtained, or NULL; release it by MmFreePagesFromMdl and ExFreePool
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmallocatepagesformdl */
NTKERNELAPI PMDL NTAPI MmAllocatePagesForMdl(PHYSICAL_ADDRESS LowAddress, PHYSICAL_ADDRESS HighAddress, PHYSICAL_ADDRESS SkipBytes, SIZE_T TotalBytes);
/** As MmAllocatePagesForMdl, with a cache type and MM_ALLOCATE_x flags.
 * @returns MDL of what was obtained, or NULL; release it by MmFreePagesFromMdl and ExFreePool
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmallocatepagesformdlex
 * @since Windows Server 2003 SP1 */
NTKERNELAPI PMDL NTAPI MmAllocatePagesForMdlEx(PHYSICAL_ADDRESS LowAddress, PHYSICAL_ADDRESS HighAddress, PHYSICAL_ADDRESS SkipBytes, SIZE_T TotalBytes, MEMORY_CACHING_TYPE CacheType, ULONG Flags);
/** As MmAllocatePagesForMdlEx, preferring a memory node.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmallocatenodepagesformdlex
 * @since Windows 8 */
NTKERNELAPI PMDL NTAPI MmAllocateNodePagesForMdlEx(PHYSICAL_ADDRESS LowAddress, PHYSICAL_ADDRESS HighAddress, PHYSICAL_ADDRESS SkipBytes, SIZE_T TotalBytes, MEMORY_CACHING_TYPE CacheType, ULONG IdealNode, ULONG Flags);
/** Frees the pages of an MDL of MmAllocatePagesForMdl; the MDL itself needs ExFreePool.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmfreepagesfrommdl */
NTKERNELAPI VOID NTAPI MmFreePagesFromMdl(PMDL MemoryDescriptorList);
/** Moves the start of an MDL forward and unlocks the pages passed over.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmadvancemdl
 * @since Windows XP */
NTKERNELAPI NTSTATUS NTAPI MmAdvanceMdl(PMDL Mdl, ULONG NumberOfBytes);
/** Makes an MDL of ranges of device memory.
 * @param NewMdl receives the MDL; free it by IoFreeMdl
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmallocatemdlforiospace
 * @since Windows 8 */
NTKERNELAPI NTSTATUS NTAPI MmAllocateMdlForIoSpace(PMM_PHYSICAL_ADDRESS_LIST PhysicalAddressList, SIZE_T NumberOfEntries, PMDL *NewMdl);
/** Maps locked pages. A user mapping that fails raises an exception; a kernel one gives NULL.
 * @param AccessMode KernelMode: system space; UserMode: the current process
 * @param RequestedAddress only for UserMode, or NULL
 * @param BugCheckOnFailure FALSE
 * @param Priority MM_PAGE_PRIORITY, with MdlMappingNoWrite or MdlMappingNoExecute if wanted
 * @returns address of the first byte that the MDL describes, or NULL
 * @irql <= DISPATCH_LEVEL for KernelMode, <= APC_LEVEL for UserMode
 * @page nf-wdm-mmmaplockedpagesspecifycache */
NTKERNELAPI PVOID NTAPI MmMapLockedPagesSpecifyCache(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode, MEMORY_CACHING_TYPE CacheType, PVOID RequestedAddress, ULONG BugCheckOnFailure, ULONG Priority);
/** Maps locked pages; obsolete: a kernel mapping that fails stops the system.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmmaplockedpages */
NTKERNELAPI PVOID NTAPI MmMapLockedPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode);
/** Drops a mapping of MmMapLockedPagesSpecifyCache.
 * @param BaseAddress what the mapping routine returned
 * @irql <= DISPATCH_LEVEL for system addresses, <= APC_LEVEL for user addresses
 * @page nf-wdm-mmunmaplockedpages */
NTKERNELAPI VOID NTAPI MmUnmapLockedPages(PVOID BaseAddress, PMDL MemoryDescriptorList);
/** Changes the protection of an MDL's system mapping.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmprotectmdlsystemaddress
 * @since Windows XP */
NTKERNELAPI NTSTATUS NTAPI MmProtectMdlSystemAddress(PMDL MemoryDescriptorList, ULONG NewProtect);
/** Reserves system address space for later mappings.
 * @irql <= APC_LEVEL
 * @page nf-wdm-mmallocatemappingaddress
 * @since Windows XP */
NTKERNELAPI PVOID NTAPI MmAllocateMappingAddress(SIZE_T NumberOfBytes, ULONG PoolTag);
/** Releases address space of MmAllocateMappingAddress; unmap it first.
 * @irql <= APC_LEVEL
 * @page nf-wdm-mmfreemappingaddress
 * @since Windows XP */
NTKERNELAPI VOID NTAPI MmFreeMappingAddress(PVOID BaseAddress, ULONG PoolTag);
/** Maps locked pages into reserved address space; does not fail for lack of resources.
 * @returns address of the first byte that the MDL describes
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmmaplockedpageswithreservedmapping
 * @since Windows XP */
NTKERNELAPI PVOID NTAPI MmMapLockedPagesWithReservedMapping(PVOID MappingAddress, ULONG PoolTag, PMDL MemoryDescriptorList, MEMORY_CACHING_TYPE CacheType);
/** Drops a mapping of MmMapLockedPagesWithReservedMapping.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmunmapreservedmapping
 * @since Windows XP */
NTKERNELAPI VOID NTAPI MmUnmapReservedMapping(PVOID BaseAddress, ULONG PoolTag, PMDL MemoryDescriptorList);
/** Maps device registers or locked frames into system space.
 * @param PhysicalAddress start; need not be page aligned
 * @returns system address, or NULL
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmmapiospace */
NTKERNELAPI PVOID NTAPI MmMapIoSpace(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType);
/** As MmMapIoSpace, with a page protection.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmmapiospaceex
 * @since Windows 10 */
NTKERNELAPI PVOID NTAPI MmMapIoSpaceEx(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, ULONG Protect);
/** Drops a mapping of MmMapIoSpace; the size as at mapping.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmunmapiospace */
NTKERNELAPI VOID NTAPI MmUnmapIoSpace(PVOID BaseAddress, SIZE_T NumberOfBytes);
/** Tells whether the system counts as small, medium or large.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI MM_SYSTEMSIZE NTAPI MmQuerySystemSize(VOID);
/** Locks a pageable section of the driver's code that holds the address.
 * @returns handle for MmUnlockPagableImageSection
 * @irql <= APC_LEVEL */
NTKERNELAPI PVOID NTAPI MmLockPagableDataSection(PVOID AddressWithinSection);
#define MmLockPagableCodeSection(Address) MmLockPagableDataSection(Address)
/** Unlocks a section of MmLockPagableDataSection.
 * @irql <= APC_LEVEL */
NTKERNELAPI VOID NTAPI MmUnlockPagableImageSection(PVOID ImageSectionHandle);
/** Makes all of a driver pageable.
 * @irql <= APC_LEVEL */
NTKERNELAPI PVOID NTAPI MmPageEntireDriver(PVOID AddressWithinSection);
/** Undoes MmPageEntireDriver.
 * @irql <= APC_LEVEL */
NTKERNELAPI VOID NTAPI MmResetDriverPaging(PVOID AddressWithinSection);
/** Looks up a kernel or HAL routine by name.
 * @returns its address, or NULL when this Windows does not export it
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-mmgetsystemroutineaddress */
NTKERNELAPI PVOID NTAPI MmGetSystemRoutineAddress(PUNICODE_STRING SystemRoutineName);
/** Tells whether Driver Verifier checks the driver that holds the address.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI ULONG NTAPI MmIsDriverVerifying(PDRIVER_OBJECT DriverObject);

/** TRUE when physical addresses may need 64 bits. */
extern NTKERNELAPI BOOLEAN Mm64BitPhysicalAddress;
/** Number of processors; use KeQueryActiveProcessorCount. */
extern NTSYSAPI volatile CCHAR KeNumberProcessors;
/** First address that user code cannot use for a buffer. */
extern NTKERNELAPI ULONG_PTR MmUserProbeAddress;
/** Last address that user code can use. */
extern NTKERNELAPI PVOID MmHighestUserAddress;
/** First address of system space. */
extern NTKERNELAPI PVOID MmSystemRangeStart;
#define MM_HIGHEST_USER_ADDRESS MmHighestUserAddress
#define MM_SYSTEM_RANGE_START   MmSystemRangeStart
#define MM_USER_PROBE_ADDRESS   MmUserProbeAddress
#define MM_LOWEST_USER_ADDRESS  ((PVOID)0x10000)

/** System address of a locked buffer; maps it when there is no mapping yet.
 * @param Mdl locked or built MDL, not NULL
 * @param Priority MM_PAGE_PRIORITY, with MdlMappingNoWrite or MdlMappingNoExecute if wanted
 * @returns the address, or NULL when no mapping can be made
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-mmgetsystemaddressformdlsafe */
FORCEINLINE PVOID MmGetSystemAddressForMdlSafe(PMDL Mdl, ULONG Priority)
{
    if (Mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)) {
        return Mdl->MappedSystemVa;
    }
    return MmMapLockedPagesSpecifyCache(Mdl, KernelMode, MmCached, NULL, FALSE, Priority);
}
/** As MmGetSystemAddressForMdlSafe, but a failure stops the system; obsolete. */
#define MmGetSystemAddressForMdl(MDL) \
    (((MDL)->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)) \
        ? ((MDL)->MappedSystemVa) : (MmMapLockedPages((MDL), KernelMode)))

/* ---------------------------------------------------------------- pools */

/** Allocates pool memory, not zeroed; deprecated since Windows 10 2004.
 * @param NumberOfBytes bytes, not 0
 * @param Tag one to four characters, written backwards
 * @returns address, or NULL
 * @irql <= DISPATCH_LEVEL; paged pool <= APC_LEVEL
 * @page nf-wdm-exallocatepoolwithtag */
NTKERNELAPI PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
/** Allocates pool memory without a tag; deprecated.
 * @irql <= DISPATCH_LEVEL; paged pool <= APC_LEVEL
 * @page nf-wdm-exallocatepool */
NTKERNELAPI PVOID NTAPI ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes);
/** As ExAllocatePoolWithTag, charged to the current process; raises an exception on failure.
 * @irql <= DISPATCH_LEVEL; paged pool <= APC_LEVEL
 * @page nf-wdm-exallocatepoolwithquotatag */
NTKERNELAPI PVOID NTAPI ExAllocatePoolWithQuotaTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
/** As ExAllocatePool, charged to the current process; deprecated.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI PVOID NTAPI ExAllocatePoolWithQuota(POOL_TYPE PoolType, SIZE_T NumberOfBytes);
/** As ExAllocatePoolWithTag, with a priority.
 * @irql <= DISPATCH_LEVEL; paged pool <= APC_LEVEL */
NTKERNELAPI PVOID NTAPI ExAllocatePoolWithTagPriority(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag, EX_POOL_PRIORITY Priority);
/** Allocates zeroed pool memory.
 * @param Flags POOL_FLAG_x: the kind of pool and options
 * @param Tag not 0
 * @returns address, or NULL
 * @irql <= DISPATCH_LEVEL; paged pool <= APC_LEVEL
 * @page nf-wdm-exallocatepool2
 * @since Windows 10 2004 */
NTKERNELAPI PVOID NTAPI ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag);
/** As ExAllocatePool2, with priority, memory node or secure pool as extended parameters.
 * @irql <= DISPATCH_LEVEL; paged pool <= APC_LEVEL
 * @page nf-wdm-exallocatepool3
 * @since Windows 10 2004 */
NTKERNELAPI PVOID NTAPI ExAllocatePool3(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag, PCPOOL_EXTENDED_PARAMETER ExtendedParameters, ULONG ExtendedParametersCount);
/** Frees pool memory.
 * @irql <= DISPATCH_LEVEL; paged pool <= APC_LEVEL
 * @page nf-wdm-exfreepool */
NTKERNELAPI VOID NTAPI ExFreePool(PVOID P);
/** Frees pool memory and checks its tag.
 * @irql <= DISPATCH_LEVEL; paged pool <= APC_LEVEL
 * @page nf-wdm-exfreepoolwithtag */
NTKERNELAPI VOID NTAPI ExFreePoolWithTag(PVOID P, ULONG Tag);
/** Frees pool memory of ExAllocatePool2 or 3, with extended parameters.
 * @irql <= DISPATCH_LEVEL
 * @since Windows 10 2004 */
NTKERNELAPI VOID NTAPI ExFreePool2(PVOID P, ULONG Tag, PCPOOL_EXTENDED_PARAMETER ExtendedParameters, ULONG ExtendedParametersCount);

/** Makes ExAllocatePoolZero zero the memory on older systems, too. */
#define ExInitializeDriverRuntime(RuntimeFlags) ((VOID)(RuntimeFlags))
#define DrvRtPoolNxOptIn 0x00000001

/** Allocates zeroed pool memory on every Windows.
 * @irql <= DISPATCH_LEVEL; paged pool <= APC_LEVEL
 * @page nf-wdm-exallocatepoolzero */
FORCEINLINE PVOID NTAPI ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    PVOID Allocation;

    Allocation = ExAllocatePoolWithTag((POOL_TYPE)(PoolType | POOL_ZERO_ALLOCATION), NumberOfBytes, Tag);
    if (Allocation != NULL) {
        memset(Allocation, 0, NumberOfBytes);
    }
    return Allocation;
}

/** Allocates pool memory with whatever was in it.
 * @irql <= DISPATCH_LEVEL; paged pool <= APC_LEVEL
 * @page nf-wdm-exallocatepooluninitialized */
FORCEINLINE PVOID NTAPI ExAllocatePoolUninitialized(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    return ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
}

/** Allocates zeroed pool memory and charges it to the process.
 * Raises STATUS_INSUFFICIENT_RESOURCES unless PoolType has POOL_QUOTA_FAIL_INSTEAD_OF_RAISE.
 * @irql <= DISPATCH_LEVEL; paged pool <= APC_LEVEL
 * @page nf-wdm-exallocatepoolquotazero */
FORCEINLINE PVOID NTAPI ExAllocatePoolQuotaZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    PVOID Allocation;

    Allocation = ExAllocatePoolWithQuotaTag((POOL_TYPE)(PoolType | POOL_ZERO_ALLOCATION), NumberOfBytes, Tag);
    if (Allocation != NULL) {
        memset(Allocation, 0, NumberOfBytes);
    }
    return Allocation;
}

/** Allocates pool memory with whatever was in it, and charges it to the process.
 * @irql <= DISPATCH_LEVEL; paged pool <= APC_LEVEL
 * @page nf-wdm-exallocatepoolquotauninitialized */
FORCEINLINE PVOID NTAPI ExAllocatePoolQuotaUninitialized(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    return ExAllocatePoolWithQuotaTag(PoolType, NumberOfBytes, Tag);
}

/** Allocates zeroed pool memory with a priority. */
FORCEINLINE PVOID NTAPI ExAllocatePoolPriorityZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag, EX_POOL_PRIORITY Priority)
{
    PVOID Allocation;

    Allocation = ExAllocatePoolWithTagPriority((POOL_TYPE)(PoolType | POOL_ZERO_ALLOCATION), NumberOfBytes, Tag, Priority);
    if (Allocation != NULL) {
        memset(Allocation, 0, NumberOfBytes);
    }
    return Allocation;
}

/** Prepares a look-aside list of nonpaged entries of one size.
 * @param Lookaside resident, 16-byte aligned storage
 * @param Allocate routine that makes an entry, or NULL
 * @param Free routine that frees an entry, or NULL
 * @param Flags 0, POOL_RAISE_IF_ALLOCATION_FAILURE, POOL_NX_ALLOCATION
 * @param Depth 0
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-exinitializenpagedlookasidelist */
NTKERNELAPI VOID NTAPI ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate, PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth);
/** Frees the entries that the list keeps. Before the driver unloads.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-exdeletenpagedlookasidelist */
NTKERNELAPI VOID NTAPI ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside);
/** Takes an entry from the list, or allocates one.
 * @returns the entry, not zeroed, or NULL
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-exallocatefromnpagedlookasidelist */
NTKERNELAPI PVOID NTAPI ExAllocateFromNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside);
/** Gives an entry back to the list, or to pool when the list is full.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-exfreetonpagedlookasidelist */
NTKERNELAPI VOID NTAPI ExFreeToNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry);
/** Prepares a look-aside list of pageable entries.
 * @irql <= APC_LEVEL
 * @page nf-wdm-exinitializepagedlookasidelist */
NTKERNELAPI VOID NTAPI ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate, PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth);
/** Frees the entries that the list keeps.
 * @irql <= APC_LEVEL
 * @page nf-wdm-exdeletepagedlookasidelist */
NTKERNELAPI VOID NTAPI ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside);
/** Takes an entry from the list, or allocates one.
 * @irql <= APC_LEVEL */
NTKERNELAPI PVOID NTAPI ExAllocateFromPagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside);
/** Gives an entry back to the list.
 * @irql <= APC_LEVEL */
NTKERNELAPI VOID NTAPI ExFreeToPagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry);
/** Prepares a look-aside list of any pool type, with callbacks that get the list.
 * @param Flags 0, EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL or EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE
 * @returns STATUS_SUCCESS, STATUS_INVALID_PARAMETER_4 (pool type), STATUS_INVALID_PARAMETER_5 (flags)
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-exinitializelookasidelistex
 * @since Windows Vista */
NTKERNELAPI NTSTATUS NTAPI ExInitializeLookasideListEx(PLOOKASIDE_LIST_EX Lookaside, PALLOCATE_FUNCTION_EX Allocate, PFREE_FUNCTION_EX Free, POOL_TYPE PoolType, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth);
/** Frees the entries that the list keeps.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Vista */
NTKERNELAPI VOID NTAPI ExDeleteLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);
/** Frees the entries that the list keeps; the list stays usable.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Vista */
NTKERNELAPI VOID NTAPI ExFlushLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);
/** Takes an entry from the list, or allocates one.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Vista */
NTKERNELAPI PVOID NTAPI ExAllocateFromLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);
/** Gives an entry back to the list.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Vista */
NTKERNELAPI VOID NTAPI ExFreeToLookasideListEx(PLOOKASIDE_LIST_EX Lookaside, PVOID Entry);

/** Checks that a user range lies in user space and is aligned; raises an exception otherwise. Length 0 checks nothing.
 * @irql <= APC_LEVEL
 * @page nf-wdm-probeforread */
NTKERNELAPI VOID NTAPI ProbeForRead(const volatile VOID *Address, SIZE_T Length, ULONG Alignment);
/** Checks that a user range can be written; raises an exception otherwise. Length 0 checks nothing.
 * @irql <= APC_LEVEL
 * @page nf-wdm-probeforwrite */
NTKERNELAPI VOID NTAPI ProbeForWrite(volatile VOID *Address, SIZE_T Length, ULONG Alignment);

/* ------------------------------------------------- interlocked operations */

/** Adds one; returns the new value.
 * @irql any
 * @page nf-wdm-interlockedincrement */
LONG InterlockedIncrement(LONG volatile *Addend);
/** Subtracts one; returns the new value.
 * @irql any
 * @page nf-wdm-interlockeddecrement */
LONG InterlockedDecrement(LONG volatile *Addend);
/** Stores a value; returns the previous one.
 * @irql any
 * @page nf-wdm-interlockedexchange */
LONG InterlockedExchange(LONG volatile *Target, LONG Value);
/** Adds a value; returns the previous one.
 * @irql any
 * @page nf-wdm-interlockedexchangeadd */
LONG InterlockedExchangeAdd(LONG volatile *Addend, LONG Value);
/** Adds a value; returns the new one.
 * @irql any */
LONG InterlockedAdd(LONG volatile *Addend, LONG Value);
/** Stores Exchange if the variable equals Comparand; returns the previous value.
 * @irql any
 * @page nf-wdm-interlockedcompareexchange */
LONG InterlockedCompareExchange(LONG volatile *Destination, LONG Exchange, LONG Comparand);
/** Bitwise AND; returns the previous value.
 * @irql any
 * @page nf-wdm-interlockedand */
LONG InterlockedAnd(LONG volatile *Destination, LONG Value);
/** Bitwise OR; returns the previous value.
 * @irql any
 * @page nf-wdm-interlockedor */
LONG InterlockedOr(LONG volatile *Destination, LONG Value);
/** Bitwise exclusive OR; returns the previous value.
 * @irql any
 * @page nf-wdm-interlockedxor */
LONG InterlockedXor(LONG volatile *Destination, LONG Value);
/** Adds one; returns the new value.
 * @irql any */
LONG64 InterlockedIncrement64(LONG64 volatile *Addend);
/** Subtracts one; returns the new value.
 * @irql any */
LONG64 InterlockedDecrement64(LONG64 volatile *Addend);
/** Stores a value; returns the previous one.
 * @irql any */
LONG64 InterlockedExchange64(LONG64 volatile *Target, LONG64 Value);
/** Adds a value; returns the previous one.
 * @irql any */
LONG64 InterlockedExchangeAdd64(LONG64 volatile *Addend, LONG64 Value);
/** Adds a value; returns the new one.
 * @irql any */
LONG64 InterlockedAdd64(LONG64 volatile *Addend, LONG64 Value);
/** Stores Exchange if the variable equals Comparand; returns the previous value.
 * @irql any */
LONG64 InterlockedCompareExchange64(LONG64 volatile *Destination, LONG64 Exchange, LONG64 Comparand);
/** Bitwise AND; returns the previous value.
 * @irql any */
LONG64 InterlockedAnd64(LONG64 volatile *Destination, LONG64 Value);
/** Bitwise OR; returns the previous value.
 * @irql any */
LONG64 InterlockedOr64(LONG64 volatile *Destination, LONG64 Value);
/** Bitwise exclusive OR; returns the previous value.
 * @irql any */
LONG64 InterlockedXor64(LONG64 volatile *Destination, LONG64 Value);
/** Adds one to a 16-bit variable; returns the new value.
 * @irql any */
SHORT InterlockedIncrement16(SHORT volatile *Addend);
/** Subtracts one from a 16-bit variable; returns the new value.
 * @irql any */
SHORT InterlockedDecrement16(SHORT volatile *Addend);
/** Stores Exchange in a 16-bit variable if it equals Comparand; returns the previous value.
 * @irql any */
SHORT InterlockedCompareExchange16(SHORT volatile *Destination, SHORT Exchange, SHORT Comparand);
/** Sets a bit; returns its previous state.
 * @irql any */
BOOLEAN InterlockedBitTestAndSet(LONG volatile *Base, LONG Bit);
/** Clears a bit; returns its previous state.
 * @irql any */
BOOLEAN InterlockedBitTestAndReset(LONG volatile *Base, LONG Bit);
/** Stores a pointer; returns the previous one.
 * @irql any
 * @page nf-wdm-interlockedexchangepointer */
PVOID InterlockedExchangePointer(PVOID volatile *Target, PVOID Value);
/** Stores Exchange if the pointer equals Comperand; returns the previous pointer.
 * @irql any
 * @page nf-wdm-interlockedcompareexchangepointer */
PVOID InterlockedCompareExchangePointer(PVOID volatile *Destination, PVOID Exchange, PVOID Comperand);
#define InterlockedIncrementAcquire        InterlockedIncrement
#define InterlockedIncrementRelease        InterlockedIncrement
#define InterlockedDecrementAcquire        InterlockedDecrement
#define InterlockedDecrementRelease        InterlockedDecrement
#define InterlockedCompareExchangeAcquire  InterlockedCompareExchange
#define InterlockedCompareExchangeRelease  InterlockedCompareExchange
#define InterlockedExchangeAddSizeT(a, b)  InterlockedExchangeAdd64((LONG64 volatile *)(a), b)
#define InterlockedIncrementSizeT(a)       InterlockedIncrement64((LONG64 volatile *)(a))
#define InterlockedDecrementSizeT(a)       InterlockedDecrement64((LONG64 volatile *)(a))
#define _InterlockedIncrement              InterlockedIncrement
#define _InterlockedDecrement              InterlockedDecrement
#define _InterlockedExchange               InterlockedExchange
#define _InterlockedExchangeAdd            InterlockedExchangeAdd
#define _InterlockedCompareExchange        InterlockedCompareExchange
#define _InterlockedAnd                    InterlockedAnd
#define _InterlockedOr                     InterlockedOr
#define _InterlockedXor                    InterlockedXor
#define _InterlockedExchangePointer        InterlockedExchangePointer
#define _InterlockedCompareExchangePointer InterlockedCompareExchangePointer

/** Adds under a spin lock, interrupts masked; returns the previous value.
 * @irql any
 * @page nf-wdm-exinterlockedaddulong */
NTKERNELAPI ULONG NTAPI ExInterlockedAddUlong(PULONG Addend, ULONG Increment, PKSPIN_LOCK Lock);
#define ExfInterlockedAddUlong ExInterlockedAddUlong
/** Adds to a 64-bit value under a spin lock; returns the previous value.
 * @irql any */
NTKERNELAPI LARGE_INTEGER NTAPI ExInterlockedAddLargeInteger(PLARGE_INTEGER Addend, LARGE_INTEGER Increment, PKSPIN_LOCK Lock);
/** Inserts at the front under a spin lock.
 * @returns the previous first entry, or NULL when the list was empty
 * @irql any
 * @page nf-wdm-exinterlockedinsertheadlist */
NTKERNELAPI PLIST_ENTRY NTAPI ExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock);
/** Inserts at the end under a spin lock.
 * @returns the previous last entry, or NULL when the list was empty
 * @irql any
 * @page nf-wdm-exinterlockedinserttaillist */
NTKERNELAPI PLIST_ENTRY NTAPI ExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock);
/** Removes the first entry under a spin lock.
 * @returns the entry, or NULL when the list is empty
 * @irql any
 * @page nf-wdm-exinterlockedremoveheadlist */
NTKERNELAPI PLIST_ENTRY NTAPI ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock);
/** Removes the first entry of a singly linked list under a spin lock.
 * @returns the entry, or NULL
 * @irql any */
NTKERNELAPI PSINGLE_LIST_ENTRY NTAPI ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead, PKSPIN_LOCK Lock);
/** Inserts at the front of a singly linked list under a spin lock.
 * @returns the previous first entry, or NULL
 * @irql any */
NTKERNELAPI PSINGLE_LIST_ENTRY NTAPI ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY ListEntry, PKSPIN_LOCK Lock);
/** Prepares a sequenced list.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI InitializeSListHead(PSLIST_HEADER SListHead);
#define ExInitializeSListHead InitializeSListHead
/** Removes the first entry of a sequenced list.
 * @returns the entry, or NULL
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI PSLIST_ENTRY NTAPI ExpInterlockedPopEntrySList(PSLIST_HEADER ListHead);
/** Inserts at the front of a sequenced list.
 * @returns the previous first entry, or NULL
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI PSLIST_ENTRY NTAPI ExpInterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry);
/** Empties a sequenced list.
 * @returns its first entry, or NULL
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI PSLIST_ENTRY NTAPI ExpInterlockedFlushSList(PSLIST_HEADER ListHead);
/** Number of entries of a sequenced list.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI USHORT NTAPI ExQueryDepthSList(PSLIST_HEADER SListHead);
#define ExInterlockedPopEntrySList(Head, Lock)         ExpInterlockedPopEntrySList(Head)
#define ExInterlockedPushEntrySList(Head, Entry, Lock) ExpInterlockedPushEntrySList(Head, Entry)
#define ExInterlockedFlushSList(Head)                  ExpInterlockedFlushSList(Head)
#define InterlockedPopEntrySList(Head)                 ExpInterlockedPopEntrySList(Head)
#define InterlockedPushEntrySList(Head, Entry)         ExpInterlockedPushEntrySList(Head, Entry)
#define InterlockedFlushSList(Head)                    ExpInterlockedFlushSList(Head)
#define QueryDepthSList(Head)                          ExQueryDepthSList(Head)

/** Orders memory accesses on both sides of it; the emulated processors never reorder any. */
#define KeMemoryBarrier() ((VOID)0)
#define KeMemoryBarrierWithoutFence() ((VOID)0)
#define _ReadWriteBarrier() ((VOID)0)
#define _ReadBarrier() ((VOID)0)
#define _WriteBarrier() ((VOID)0)
#define MemoryBarrier() ((VOID)0)
#define YieldProcessor() ((VOID)0)

/* ---------------------------------------------------- assertions, output */

/** Called by NT_ASSERT and PAGED_CODE; do not call it directly. */
VOID _dms_assertion_failed(PCSTR Kind, PCSTR Expression, PCSTR File, ULONG Line);
/** Reports a failed ASSERT to the debugger and breaks in.
 * @irql any */
NTSYSAPI VOID NTAPI RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber, PSTR Message);
/** Stops in the debugger.
 * @irql any
 * @page nf-wdm-dbgbreakpoint */
VOID NTAPI DbgBreakPoint(VOID);
/** Stops in the debugger, with a status.
 * @irql any */
VOID NTAPI DbgBreakPointWithStatus(ULONG Status);
/** Ends at once with bug check KERNEL_SECURITY_CHECK_FAILURE; parameter 1 is the code.
 * @irql any */
DECLSPEC_NORETURN VOID __fastfail(unsigned int Code);
#define FAST_FAIL_CORRUPT_LIST_ENTRY 3
#define FAST_FAIL_INVALID_ARG        5
#define FAST_FAIL_FATAL_APP_EXIT     7
#define FAST_FAIL_UNEXPECTED_CALL    23
#define RtlFailFast(Code) __fastfail(Code)

/** Formats a text for the debugger: at most 512 bytes a call, no floating point.
 * Sent as component DEFAULT at DPFLTR_INFO_LEVEL. Unicode conversions only at PASSIVE_LEVEL.
 * @irql any
 * @page nf-wdm-dbgprint */
ULONG __cdecl DbgPrint(PCSTR Format, ...);
/** As DbgPrint, with component and level, which filters select.
 * @param Level 0 to 31 (bit number) or a mask of bits
 * @irql any
 * @page nf-wdm-dbgprintex
 * @since Windows XP */
ULONG __cdecl DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...);
/** As DbgPrintEx, with the arguments as a va_list.
 * @irql any
 * @since Windows XP */
ULONG NTAPI vDbgPrintEx(ULONG ComponentId, ULONG Level, PCCH Format, va_list arglist);
/** As vDbgPrintEx, with a prefix.
 * @irql any
 * @since Windows XP */
ULONG NTAPI vDbgPrintExWithPrefix(PCCH Prefix, ULONG ComponentId, ULONG Level, PCCH Format, va_list arglist);
/** Tells whether a component and level pass the filters.
 * @returns TRUE, FALSE or STATUS_INVALID_PARAMETER_1
 * @since Windows XP */
NTSYSAPI NTSTATUS NTAPI DbgQueryDebugFilterState(ULONG ComponentId, ULONG Level);
/** Changes the filters.
 * @since Windows XP */
NTSYSAPI NTSTATUS NTAPI DbgSetDebugFilterState(ULONG ComponentId, ULONG Level, BOOLEAN State);

#define DPFLTR_ERROR_LEVEL   0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL   2
#define DPFLTR_INFO_LEVEL    3
#define DPFLTR_MASK          0x80000000
/** Components that output can be filtered by; IHVx are free for drivers. */
typedef enum _DPFLTR_TYPE {
    DPFLTR_SYSTEM_ID = 0,
    DPFLTR_SMSS_ID = 1,
    DPFLTR_SETUP_ID = 2,
    DPFLTR_NTFS_ID = 3,
    DPFLTR_FSTUB_ID = 4,
    DPFLTR_CRASHDUMP_ID = 5,
    DPFLTR_CDAUDIO_ID = 6,
    DPFLTR_CDROM_ID = 7,
    DPFLTR_CLASSPNP_ID = 8,
    DPFLTR_DISK_ID = 9,
    DPFLTR_REDBOOK_ID = 10,
    DPFLTR_STORPROP_ID = 11,
    DPFLTR_SCSIPORT_ID = 12,
    DPFLTR_SCSIMINIPORT_ID = 13,
    DPFLTR_CONFIG_ID = 14,
    DPFLTR_I8042PRT_ID = 15,
    DPFLTR_SERMOUSE_ID = 16,
    DPFLTR_LSERMOUS_ID = 17,
    DPFLTR_KBDHID_ID = 18,
    DPFLTR_MOUHID_ID = 19,
    DPFLTR_KBDCLASS_ID = 20,
    DPFLTR_MOUCLASS_ID = 21,
    DPFLTR_TWOTRACK_ID = 22,
    DPFLTR_WMILIB_ID = 23,
    DPFLTR_ACPI_ID = 24,
    DPFLTR_AMLI_ID = 25,
    DPFLTR_HALIA64_ID = 26,
    DPFLTR_VIDEO_ID = 27,
    DPFLTR_SVCHOST_ID = 28,
    DPFLTR_VIDEOPRT_ID = 29,
    DPFLTR_TCPIP_ID = 30,
    DPFLTR_DMSYNTH_ID = 31,
    DPFLTR_NTOSPNP_ID = 32,
    DPFLTR_FASTFAT_ID = 33,
    DPFLTR_SAMSS_ID = 34,
    DPFLTR_PNPMGR_ID = 35,
    DPFLTR_NETAPI_ID = 36,
    DPFLTR_SCSERVER_ID = 37,
    DPFLTR_SCCLIENT_ID = 38,
    DPFLTR_SERIAL_ID = 39,
    DPFLTR_SERENUM_ID = 40,
    DPFLTR_UHCD_ID = 41,
    DPFLTR_RPCPROXY_ID = 42,
    DPFLTR_AUTOCHK_ID = 43,
    DPFLTR_DCOMSS_ID = 44,
    DPFLTR_UNIMODEM_ID = 45,
    DPFLTR_SIS_ID = 46,
    DPFLTR_FLTMGR_ID = 47,
    DPFLTR_WMICORE_ID = 48,
    DPFLTR_BURNENG_ID = 49,
    DPFLTR_IMAPI_ID = 50,
    DPFLTR_SXS_ID = 51,
    DPFLTR_FUSION_ID = 52,
    DPFLTR_IDLETASK_ID = 53,
    DPFLTR_SOFTPCI_ID = 54,
    DPFLTR_TAPE_ID = 55,
    DPFLTR_MCHGR_ID = 56,
    DPFLTR_IDEP_ID = 57,
    DPFLTR_PCIIDE_ID = 58,
    DPFLTR_FLOPPY_ID = 59,
    DPFLTR_FDC_ID = 60,
    DPFLTR_TERMSRV_ID = 61,
    DPFLTR_W32TIME_ID = 62,
    DPFLTR_PREFETCHER_ID = 63,
    DPFLTR_RSFILTER_ID = 64,
    DPFLTR_FCPORT_ID = 65,
    DPFLTR_PCI_ID = 66,
    DPFLTR_DMIO_ID = 67,
    DPFLTR_DMCONFIG_ID = 68,
    DPFLTR_DMADMIN_ID = 69,
    DPFLTR_WSOCKTRANSPORT_ID = 70,
    DPFLTR_VSS_ID = 71,
    DPFLTR_PNPMEM_ID = 72,
    DPFLTR_PROCESSOR_ID = 73,
    DPFLTR_DMSERVER_ID = 74,
    DPFLTR_SR_ID = 75,
    DPFLTR_INFINIBAND_ID = 76,
    DPFLTR_IHVDRIVER_ID = 77,
    DPFLTR_IHVVIDEO_ID = 78,
    DPFLTR_IHVAUDIO_ID = 79,
    DPFLTR_IHVNETWORK_ID = 80,
    DPFLTR_IHVSTREAMING_ID = 81,
    DPFLTR_IHVBUS_ID = 82,
    DPFLTR_HPS_ID = 83,
    DPFLTR_RTLTHREADPOOL_ID = 84,
    DPFLTR_LDR_ID = 85,
    DPFLTR_TCPIP6_ID = 86,
    DPFLTR_ISAPNP_ID = 87,
    DPFLTR_SHPC_ID = 88,
    DPFLTR_STORPORT_ID = 89,
    DPFLTR_STORMINIPORT_ID = 90,
    DPFLTR_PRINTSPOOLER_ID = 91,
    DPFLTR_VSSDYNDISK_ID = 92,
    DPFLTR_VERIFIER_ID = 93,
    DPFLTR_VDS_ID = 94,
    DPFLTR_VDSBAS_ID = 95,
    DPFLTR_VDSDYN_ID = 96,
    DPFLTR_VDSDYNDR_ID = 97,
    DPFLTR_VDSLDR_ID = 98,
    DPFLTR_VDSUTIL_ID = 99,
    DPFLTR_DFRGIFC_ID = 100,
    DPFLTR_DEFAULT_ID = 101,
    DPFLTR_MM_ID = 102,
    DPFLTR_DFSC_ID = 103,
    DPFLTR_WOW64_ID = 104
} DPFLTR_TYPE;

#if DBG
/** Stops in the debugger when the expression is false; only in debug builds.
 * @page nf-wdm-assert */
#define ASSERT(exp) \
    ((!(exp)) ? (RtlAssert((PVOID)#exp, (PVOID)__FILE__, __LINE__, NULL), FALSE) : TRUE)
/** As ASSERT, with a text.
 * @page nf-wdm-assertmsg */
#define ASSERTMSG(msg, exp) \
    ((!(exp)) ? (RtlAssert((PVOID)#exp, (PVOID)__FILE__, __LINE__, (PCHAR)(msg)), FALSE) : TRUE)
#define RTL_SOFT_ASSERT(exp) \
    ((!(exp)) ? (DbgPrint("%s(%d): Soft assertion failed\n   Expression: %s\n", __FILE__, __LINE__, #exp), FALSE) : TRUE)
#define RTL_VERIFY(exp)         ASSERT(exp)
#define RTL_VERIFYMSG(msg, exp) ASSERTMSG(msg, exp)
#define RTL_SOFT_VERIFY(exp)    RTL_SOFT_ASSERT(exp)
/** Stops in the debugger when the expression is false; STATUS_ASSERTION_FAILURE without one. Only in debug builds. */
#define NT_ASSERT(exp) \
    ((!(exp)) ? (_dms_assertion_failed("NT_ASSERT", #exp, __FILE__, __LINE__), FALSE) : TRUE)
#define NT_ASSERTMSG(msg, exp) \
    ((!(exp)) ? (_dms_assertion_failed("NT_ASSERTMSG", msg, __FILE__, __LINE__), FALSE) : TRUE)
#define NT_ASSERTMSGW(msg, exp) NT_ASSERT(exp)
/** Fails as an assertion does. */
#define DbgRaiseAssertionFailure() \
    _dms_assertion_failed("DbgRaiseAssertionFailure", "FALSE", __FILE__, __LINE__)
#define NT_VERIFY(exp)          NT_ASSERT(exp)
#define NT_VERIFYMSG(msg, exp)  NT_ASSERTMSG(msg, exp)
/** DbgPrint in debug builds, nothing in others; takes the arguments in a second pair of parentheses.
 * @page nf-wdm-kdprint */
#define KdPrint(_x_)   DbgPrint _x_
/** DbgPrintEx in debug builds; takes the arguments in a second pair of parentheses.
 * @page nf-wdm-kdprintex */
#define KdPrintEx(_x_) DbgPrintEx _x_
#define vKdPrintEx(_x_) vDbgPrintEx _x_
#define KdBreakPoint() DbgBreakPoint()
#define KdBreakPointWithStatus(s) DbgBreakPointWithStatus(s)
/** Says that the code is pageable: fails above APC_LEVEL, in debug builds. */
#define PAGED_CODE() \
    ((KeGetCurrentIrql() > APC_LEVEL) ? _dms_assertion_failed("PAGED_CODE", "KeGetCurrentIrql() <= APC_LEVEL", __FILE__, __LINE__) : (VOID)0);
#else
#define ASSERT(exp)             ((VOID)0)
#define ASSERTMSG(msg, exp)     ((VOID)0)
#define RTL_SOFT_ASSERT(exp)    ((VOID)0)
#define RTL_VERIFY(exp)         ((exp) ? TRUE : FALSE)
#define RTL_VERIFYMSG(msg, exp) ((exp) ? TRUE : FALSE)
#define RTL_SOFT_VERIFY(exp)    ((exp) ? TRUE : FALSE)
#define NT_ASSERT(exp)          ((VOID)0)
#define NT_ASSERTMSG(msg, exp)  ((VOID)0)
#define NT_ASSERTMSGW(msg, exp) ((VOID)0)
#define NT_VERIFY(exp)          ((exp) ? TRUE : FALSE)
#define NT_VERIFYMSG(msg, exp)  ((exp) ? TRUE : FALSE)
#define KdPrint(_x_)
#define KdPrintEx(_x_)
#define vKdPrintEx(_x_)
#define KdBreakPoint()
#define KdBreakPointWithStatus(s)
#define PAGED_CODE() ((VOID)0);
#endif
#define NT_ASSERT_ASSUME(exp) NT_ASSERT(exp)
#define NT_ASSUME(exp)        ((VOID)0)
#define NT_ANALYSIS_ASSUME(exp)
#define ASSUME_NO_ASSERT(exp)
#define PAGED_CODE_LOCKED()   ((VOID)0)
#define PAGED_ASSERT(exp)     NT_ASSERT(exp)
#define RtlPagedCode()        PAGED_CODE()

/* ------------------------------------------------------- memory, numbers */

/** Copies bytes between blocks that do not overlap.
 * @page nf-wdm-rtlcopymemory */
#define RtlCopyMemory(Destination, Source, Length) memcpy((Destination), (Source), (Length))
#define RtlCopyBytes RtlCopyMemory
#define RtlCopyMemoryNonTemporal(Destination, Source, Length) memcpy((Destination), (Source), (Length))
/** Copies bytes; the blocks may overlap.
 * @page nf-wdm-rtlmovememory */
#define RtlMoveMemory(Destination, Source, Length) memmove((Destination), (Source), (Length))
/** Fills a block with a byte; the length comes before the value.
 * @page nf-wdm-rtlfillmemory */
#define RtlFillMemory(Destination, Length, Fill) memset((Destination), (Fill), (Length))
#define RtlFillBytes RtlFillMemory
/** Fills a block with zeros.
 * @page nf-wdm-rtlzeromemory */
#define RtlZeroMemory(Destination, Length) memset((Destination), 0, (Length))
#define RtlZeroBytes RtlZeroMemory
/** Nonzero when two blocks are equal.
 * @page nf-wdm-rtlequalmemory */
#define RtlEqualMemory(Destination, Source, Length) (!memcmp((Destination), (Source), (Length)))

/** Counts the equal bytes at the start of two blocks; Length when all are.
 * @irql any
 * @page nf-wdm-rtlcomparememory */
NTSYSAPI SIZE_T NTAPI RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length);
/** Fills a block with zeros, even if it is not read again.
 * @page nf-wdm-rtlsecurezeromemory */
FORCEINLINE PVOID RtlSecureZeroMemory(PVOID ptr, SIZE_T cnt)
{
    volatile char *vptr = (volatile char *)ptr;

    while (cnt) {
        *vptr = 0;
        vptr++;
        cnt--;
    }
    return ptr;
}

#define RtlCheckBit(BMH, BP)        (((((PULONG)(BMH)->Buffer)[(BP) / 32]) >> ((BP) % 32)) & 0x1)
#define RtlIntPtrToUnicodeString(Value, Base, String) RtlInt64ToUnicodeString((ULONGLONG)(Value), Base, String)
#define Int32x32To64(a, b)          (((__int64)((LONG)(a))) * ((__int64)((LONG)(b))))
#define UInt32x32To64(a, b)         (((unsigned __int64)((ULONG)(a))) * ((unsigned __int64)((ULONG)(b))))
#define Int64ShllMod32(a, b)        (((unsigned __int64)(a)) << (b))
#define Int64ShraMod32(a, b)        (((__int64)(a)) >> (b))
#define Int64ShrlMod32(a, b)        (((unsigned __int64)(a)) >> (b))
#define RtlLargeIntegerGreaterThan(X, Y) ((X).QuadPart > (Y).QuadPart)
#define RtlLargeIntegerEqualTo(X, Y)     ((X).QuadPart == (Y).QuadPart)
#define RtlLargeIntegerLessThan(X, Y)    ((X).QuadPart < (Y).QuadPart)

/** Makes a LARGE_INTEGER of a signed 32-bit value. */
FORCEINLINE LARGE_INTEGER RtlConvertLongToLargeInteger(LONG SignedInteger)
{
    LARGE_INTEGER result;

    result.QuadPart = SignedInteger;
    return result;
}

/** Makes a LARGE_INTEGER of an unsigned 32-bit value. */
FORCEINLINE LARGE_INTEGER RtlConvertUlongToLargeInteger(ULONG UnsignedInteger)
{
    LARGE_INTEGER result;

    result.QuadPart = UnsignedInteger;
    return result;
}

/** Reverses the bytes of a 16-bit value. */
FORCEINLINE USHORT RtlUshortByteSwap(USHORT Source)
{
    return (USHORT)((Source >> 8) | (Source << 8));
}

/** Reverses the bytes of a 32-bit value. */
FORCEINLINE ULONG RtlUlongByteSwap(ULONG Source)
{
    return (Source >> 24) | ((Source >> 8) & 0xFF00) | ((Source << 8) & 0xFF0000) | (Source << 24);
}

/** Reverses the bytes of a 64-bit value. */
FORCEINLINE ULONGLONG RtlUlonglongByteSwap(ULONGLONG Source)
{
    return ((ULONGLONG)RtlUlongByteSwap((ULONG)Source) << 32) | RtlUlongByteSwap((ULONG)(Source >> 32));
}

/* Bitmaps */
/** A bit array of the caller. */
typedef struct _RTL_BITMAP {
    ULONG  SizeOfBitMap;
    PULONG Buffer;
} RTL_BITMAP, *PRTL_BITMAP;
/** Prepares a bitmap over the caller's ULONGs.
 * @page nf-wdm-rtlinitializebitmap */
NTSYSAPI VOID NTAPI RtlInitializeBitMap(PRTL_BITMAP BitMapHeader, PULONG BitMapBuffer, ULONG SizeOfBitMap);
/** Clears every bit.
 * @page nf-wdm-rtlclearallbits */
NTSYSAPI VOID NTAPI RtlClearAllBits(PRTL_BITMAP BitMapHeader);
/** Sets every bit.
 * @page nf-wdm-rtlsetallbits */
NTSYSAPI VOID NTAPI RtlSetAllBits(PRTL_BITMAP BitMapHeader);
/** Clears one bit.
 * @page nf-wdm-rtlclearbit */
NTSYSAPI VOID NTAPI RtlClearBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber);
/** Sets one bit.
 * @page nf-wdm-rtlsetbit */
NTSYSAPI VOID NTAPI RtlSetBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber);
/** Tells whether a bit is set.
 * @page nf-wdm-rtltestbit */
NTSYSAPI BOOLEAN NTAPI RtlTestBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber);
/** Clears a run of bits.
 * @page nf-wdm-rtlclearbits */
NTSYSAPI VOID NTAPI RtlClearBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToClear);
/** Sets a run of bits.
 * @page nf-wdm-rtlsetbits */
NTSYSAPI VOID NTAPI RtlSetBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToSet);
/** Finds a run of clear bits.
 * @returns index of its first bit, or 0xFFFFFFFF
 * @page nf-wdm-rtlfindclearbits */
NTSYSAPI ULONG NTAPI RtlFindClearBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex);
/** Finds a run of set bits.
 * @returns index of its first bit, or 0xFFFFFFFF
 * @page nf-wdm-rtlfindsetbits */
NTSYSAPI ULONG NTAPI RtlFindSetBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex);
/** Finds a run of clear bits and sets them.
 * @returns index of its first bit, or 0xFFFFFFFF
 * @page nf-wdm-rtlfindclearbitsandset */
NTSYSAPI ULONG NTAPI RtlFindClearBitsAndSet(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex);
/** Finds a run of set bits and clears them.
 * @returns index of its first bit, or 0xFFFFFFFF
 * @page nf-wdm-rtlfindsetbitsandclear */
NTSYSAPI ULONG NTAPI RtlFindSetBitsAndClear(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex);
/** Counts the set bits.
 * @page nf-wdm-rtlnumberofsetbits */
NTSYSAPI ULONG NTAPI RtlNumberOfSetBits(PRTL_BITMAP BitMapHeader);
/** Counts the clear bits.
 * @page nf-wdm-rtlnumberofclearbits */
NTSYSAPI ULONG NTAPI RtlNumberOfClearBits(PRTL_BITMAP BitMapHeader);
/** Tells whether a run of bits is clear.
 * @page nf-wdm-rtlarebitsclear */
NTSYSAPI BOOLEAN NTAPI RtlAreBitsClear(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length);
/** Tells whether a run of bits is set.
 * @returns FALSE too when the run is empty or ends behind the bitmap
 * @page nf-wdm-rtlarebitsset */
NTSYSAPI BOOLEAN NTAPI RtlAreBitsSet(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length);
/** A run of clear bits. */
typedef struct _RTL_BITMAP_RUN {
    ULONG StartingIndex;
    ULONG NumberOfBits;
} RTL_BITMAP_RUN, *PRTL_BITMAP_RUN;
/** Finds the first run of clear bits.
 * @returns its length, 0 when every bit is set
 * @page nf-wdm-rtlfindfirstrunclear */
NTSYSAPI ULONG NTAPI RtlFindFirstRunClear(PRTL_BITMAP BitMapHeader, PULONG StartingIndex);
/** Finds the longest run of clear bits.
 * @returns its length, 0 when every bit is set
 * @page nf-wdm-rtlfindlongestrunclear */
NTSYSAPI ULONG NTAPI RtlFindLongestRunClear(PRTL_BITMAP BitMapHeader, PULONG StartingIndex);
/** Finds the next run of clear bits from an index on.
 * @returns its length, 0 when there is none
 * @page nf-wdm-rtlfindnextforwardrunclear */
NTSYSAPI ULONG NTAPI RtlFindNextForwardRunClear(PRTL_BITMAP BitMapHeader, ULONG FromIndex, PULONG StartingRunIndex);
/** Finds the run of clear bits that lies before an index, or around it.
 * @returns its length, 0 when there is none
 * @page nf-wdm-rtlfindlastbackwardrunclear */
NTSYSAPI ULONG NTAPI RtlFindLastBackwardRunClear(PRTL_BITMAP BitMapHeader, ULONG FromIndex, PULONG StartingRunIndex);
/** Lists runs of clear bits.
 * @param LocateLongestRuns TRUE for the longest ones, longest first; FALSE for the first ones
 * @returns how many were found
 * @page nf-wdm-rtlfindclearruns */
NTSYSAPI ULONG NTAPI RtlFindClearRuns(PRTL_BITMAP BitMapHeader, PRTL_BITMAP_RUN RunArray, ULONG SizeOfRunArray, BOOLEAN LocateLongestRuns);
/** Place of the highest set bit; -1 when there is none.
 * @page nf-wdm-rtlfindmostsignificantbit */
NTSYSAPI CCHAR NTAPI RtlFindMostSignificantBit(ULONGLONG Set);
/** Place of the lowest set bit; -1 when there is none.
 * @page nf-wdm-rtlfindleastsignificantbit */
NTSYSAPI CCHAR NTAPI RtlFindLeastSignificantBit(ULONGLONG Set);

/* --------------------------------------------------------------- strings */

/** Makes a counted string of a terminated one, without copying.
 * @param SourceString terminated string, or NULL for an empty one
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-rtlinitunicodestring */
NTSYSAPI VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString);
/** Makes a counted string of a terminated one, without copying.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-rtlinitansistring */
NTSYSAPI VOID NTAPI RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString);
/** Makes a counted string of a terminated one, without copying.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-rtlinitstring */
NTSYSAPI VOID NTAPI RtlInitString(PSTRING DestinationString, PCSZ SourceString);
/** Makes an empty string over a buffer of the caller. */
FORCEINLINE VOID RtlInitEmptyUnicodeString(PUNICODE_STRING UnicodeString, PWCHAR Buffer, USHORT BufferSize)
{
    UnicodeString->Length = 0;
    UnicodeString->MaximumLength = BufferSize;
    UnicodeString->Buffer = Buffer;
}
/** Makes an empty string over a buffer of the caller. */
FORCEINLINE VOID RtlInitEmptyAnsiString(PANSI_STRING AnsiString, PCHAR Buffer, USHORT BufferSize)
{
    AnsiString->Length = 0;
    AnsiString->MaximumLength = BufferSize;
    AnsiString->Buffer = Buffer;
}
/** Copies as much of the source as the destination's buffer holds.
 * @irql <= DISPATCH_LEVEL if resident
 * @page nf-wdm-rtlcopyunicodestring */
NTSYSAPI VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString);
/** Appends a string if it fits.
 * @returns STATUS_SUCCESS or STATUS_BUFFER_TOO_SMALL
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlappendunicodestringtostring */
NTSYSAPI NTSTATUS NTAPI RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PCUNICODE_STRING Source);
/** Appends a terminated string if it fits.
 * @returns STATUS_SUCCESS or STATUS_BUFFER_TOO_SMALL
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlappendunicodetostring */
NTSYSAPI NTSTATUS NTAPI RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source);
/** Compares two strings.
 * @returns negative, 0 or positive
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlcompareunicodestring */
NTSYSAPI LONG NTAPI RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
/** Tells whether two strings are equal.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlequalunicodestring */
NTSYSAPI BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
/** Converts 8-bit characters to UTF-16.
 * @param AllocateDestinationString TRUE to get a buffer that RtlFreeUnicodeString releases
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlansistringtounicodestring */
NTSYSAPI NTSTATUS NTAPI RtlAnsiStringToUnicodeString(PUNICODE_STRING DestinationString, PCANSI_STRING SourceString, BOOLEAN AllocateDestinationString);
/** Converts UTF-16 to 8-bit characters.
 * @param AllocateDestinationString TRUE to get a buffer that RtlFreeAnsiString releases
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlunicodestringtoansistring */
NTSYSAPI NTSTATUS NTAPI RtlUnicodeStringToAnsiString(PANSI_STRING DestinationString, PCUNICODE_STRING SourceString, BOOLEAN AllocateDestinationString);
/** Bytes that a string needs as UTF-16, terminator included.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI ULONG NTAPI RtlxAnsiStringToUnicodeSize(PCANSI_STRING AnsiString);
/** Bytes that a string needs as 8-bit characters, terminator included.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI ULONG NTAPI RtlxUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString);
#define RtlAnsiStringToUnicodeSize(STRING) RtlxAnsiStringToUnicodeSize(STRING)
#define RtlUnicodeStringToAnsiSize(STRING) RtlxUnicodeStringToAnsiSize(STRING)
/** Frees the buffer of a string that an Rtl routine allocated.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlfreeunicodestring */
NTSYSAPI VOID NTAPI RtlFreeUnicodeString(PUNICODE_STRING UnicodeString);
/** Frees the buffer of a string that an Rtl routine allocated.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlfreeansistring */
NTSYSAPI VOID NTAPI RtlFreeAnsiString(PANSI_STRING AnsiString);
/** Writes a number in a base.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlintegertounicodestring */
NTSYSAPI NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG Value, ULONG Base, PUNICODE_STRING String);
/** Writes a 64-bit number in a base.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlint64tounicodestring */
NTSYSAPI NTSTATUS NTAPI RtlInt64ToUnicodeString(ULONGLONG Value, ULONG Base, PUNICODE_STRING String);
/** Reads a number.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlunicodestringtointeger */
NTSYSAPI NTSTATUS NTAPI RtlUnicodeStringToInteger(PCUNICODE_STRING String, ULONG Base, PULONG Value);
/** The capital of a UTF-16 unit.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR SourceCharacter);
/** The small form of a UTF-16 unit.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI WCHAR NTAPI RtlDowncaseUnicodeChar(WCHAR SourceCharacter);
/** Writes a GUID as text in braces; the buffer comes from pool.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlstringfromguid */
NTSYSAPI NTSTATUS NTAPI RtlStringFromGUID(const GUID *Guid, PUNICODE_STRING GuidString);
/** Reads a GUID in braces.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlguidfromstring */
NTSYSAPI NTSTATUS NTAPI RtlGUIDFromString(PCUNICODE_STRING GuidString, GUID *Guid);

/** Version of the running Windows. */
typedef struct _OSVERSIONINFOW {
    ULONG dwOSVersionInfoSize;
    ULONG dwMajorVersion;
    ULONG dwMinorVersion;
    ULONG dwBuildNumber;
    ULONG dwPlatformId;
    WCHAR szCSDVersion[128];
} OSVERSIONINFOW, *POSVERSIONINFOW, *LPOSVERSIONINFOW, RTL_OSVERSIONINFOW, *PRTL_OSVERSIONINFOW;
/** Version of the running Windows, with service pack and product type. */
typedef struct _OSVERSIONINFOEXW {
    ULONG  dwOSVersionInfoSize;
    ULONG  dwMajorVersion;
    ULONG  dwMinorVersion;
    ULONG  dwBuildNumber;
    ULONG  dwPlatformId;
    WCHAR  szCSDVersion[128];
    USHORT wServicePackMajor;
    USHORT wServicePackMinor;
    USHORT wSuiteMask;
    UCHAR  wProductType;
    UCHAR  wReserved;
} OSVERSIONINFOEXW, *POSVERSIONINFOEXW, *LPOSVERSIONINFOEXW, RTL_OSVERSIONINFOEXW, *PRTL_OSVERSIONINFOEXW;
/** Reports the version of the running Windows; set dwOSVersionInfoSize first.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlgetversion */
NTSYSAPI NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW lpVersionInformation);
/** Tells whether this Windows is of a version or newer.
 * @irql any */
NTKERNELAPI BOOLEAN NTAPI RtlIsNtDdiVersionAvailable(ULONG Version);
/** Tells whether this Windows is of a version with a service pack or newer.
 * @irql any */
NTKERNELAPI BOOLEAN NTAPI RtlIsServicePackVersionInstalled(ULONG Version);

/** A system time, split into fields. */
typedef struct _TIME_FIELDS {
    CSHORT Year;
    CSHORT Month;
    CSHORT Day;
    CSHORT Hour;
    CSHORT Minute;
    CSHORT Second;
    CSHORT Milliseconds;
    CSHORT Weekday;
} TIME_FIELDS, *PTIME_FIELDS;
/** Splits a system time into fields.
 * @irql any
 * @page nf-wdm-rtltimetotimefields */
NTSYSAPI VOID NTAPI RtlTimeToTimeFields(PLARGE_INTEGER Time, PTIME_FIELDS TimeFields);
/** Makes a system time of fields.
 * @irql any
 * @page nf-wdm-rtltimefieldstotime */
NTSYSAPI BOOLEAN NTAPI RtlTimeFieldsToTime(PTIME_FIELDS TimeFields, PLARGE_INTEGER Time);

/* Registry helpers */
#define RTL_REGISTRY_ABSOLUTE  0
#define RTL_REGISTRY_SERVICES  1
#define RTL_REGISTRY_CONTROL   2
#define RTL_REGISTRY_WINDOWS_NT 3
#define RTL_REGISTRY_DEVICEMAP 4
#define RTL_REGISTRY_USER      5
#define RTL_REGISTRY_HANDLE    0x40000000
#define RTL_REGISTRY_OPTIONAL  0x80000000
#define RTL_QUERY_REGISTRY_SUBKEY   0x00000001
#define RTL_QUERY_REGISTRY_TOPKEY   0x00000002
#define RTL_QUERY_REGISTRY_REQUIRED 0x00000004
#define RTL_QUERY_REGISTRY_NOVALUE  0x00000008
#define RTL_QUERY_REGISTRY_NOEXPAND 0x00000010
#define RTL_QUERY_REGISTRY_DIRECT   0x00000020
#define RTL_QUERY_REGISTRY_DELETE   0x00000040
#define RTL_QUERY_REGISTRY_TYPECHECK 0x00000100
#define RTL_QUERY_REGISTRY_TYPECHECK_SHIFT 24
/** Gets one value of RtlQueryRegistryValues. */
typedef NTSTATUS NTAPI RTL_QUERY_REGISTRY_ROUTINE(PWSTR ValueName, ULONG ValueType, PVOID ValueData, ULONG ValueLength, PVOID Context, PVOID EntryContext);
typedef RTL_QUERY_REGISTRY_ROUTINE *PRTL_QUERY_REGISTRY_ROUTINE;
/** One value to read by RtlQueryRegistryValues. */
typedef struct _RTL_QUERY_REGISTRY_TABLE {
    PRTL_QUERY_REGISTRY_ROUTINE QueryRoutine;
    ULONG                       Flags;
    PWSTR                       Name;
    PVOID                       EntryContext;
    ULONG                       DefaultType;
    PVOID                       DefaultData;
    ULONG                       DefaultLength;
} RTL_QUERY_REGISTRY_TABLE, *PRTL_QUERY_REGISTRY_TABLE;
/** Reads registry values as a table says.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-rtlqueryregistryvalues */
NTSYSAPI NTSTATUS NTAPI RtlQueryRegistryValues(ULONG RelativeTo, PCWSTR Path, PRTL_QUERY_REGISTRY_TABLE QueryTable, PVOID Context, PVOID Environment);
/** Writes a registry value.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI RtlWriteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName, ULONG ValueType, PVOID ValueData, ULONG ValueLength);
/** Deletes a registry value.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI RtlDeleteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName);
/** Tells whether a registry key exists.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI RtlCheckRegistryKey(ULONG RelativeTo, PWSTR Path);
/** Creates a registry key.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI RtlCreateRegistryKey(ULONG RelativeTo, PWSTR Path);

/* ----------------------------------------------------------------- lists */

/** Makes a list empty: both links lead to the head itself.
 * @page nf-wdm-initializelisthead */
FORCEINLINE VOID InitializeListHead(PLIST_ENTRY ListHead)
{
    ListHead->Flink = ListHead->Blink = ListHead;
}

/** TRUE when a list has no entries.
 * @page nf-wdm-islistempty */
FORCEINLINE BOOLEAN IsListEmpty(const LIST_ENTRY *ListHead)
{
    return (BOOLEAN)(ListHead->Flink == ListHead);
}

/** Stops the system when an entry's neighbours do not lead back to it. */
FORCEINLINE VOID RtlpCheckListEntry(PLIST_ENTRY Entry)
{
    if (Entry->Flink->Blink != Entry || Entry->Blink->Flink != Entry) {
        __fastfail(FAST_FAIL_CORRUPT_LIST_ENTRY);
    }
}

/** Removes an entry, whatever its list; its own links stay as they are.
 * @returns TRUE when the list is empty afterwards
 * @page nf-wdm-removeentrylist */
FORCEINLINE BOOLEAN RemoveEntryList(PLIST_ENTRY Entry)
{
    PLIST_ENTRY previous;
    PLIST_ENTRY next;

    next = Entry->Flink;
    previous = Entry->Blink;
    if (next->Blink != Entry || previous->Flink != Entry) {
        __fastfail(FAST_FAIL_CORRUPT_LIST_ENTRY);
    }
    previous->Flink = next;
    next->Blink = previous;
    return (BOOLEAN)(next == previous);
}

/** Removes the first entry.
 * @returns the entry, or ListHead itself when the list is empty
 * @page nf-wdm-removeheadlist */
FORCEINLINE PLIST_ENTRY RemoveHeadList(PLIST_ENTRY ListHead)
{
    PLIST_ENTRY entry;
    PLIST_ENTRY next;

    entry = ListHead->Flink;
    next = entry->Flink;
    if (entry->Blink != ListHead || next->Blink != entry) {
        __fastfail(FAST_FAIL_CORRUPT_LIST_ENTRY);
    }
    ListHead->Flink = next;
    next->Blink = ListHead;
    return entry;
}

/** Removes the last entry.
 * @returns the entry, or ListHead itself when the list is empty
 * @page nf-wdm-removetaillist */
FORCEINLINE PLIST_ENTRY RemoveTailList(PLIST_ENTRY ListHead)
{
    PLIST_ENTRY entry;
    PLIST_ENTRY previous;

    entry = ListHead->Blink;
    previous = entry->Blink;
    if (entry->Flink != ListHead || previous->Flink != entry) {
        __fastfail(FAST_FAIL_CORRUPT_LIST_ENTRY);
    }
    ListHead->Blink = previous;
    previous->Flink = ListHead;
    return entry;
}

/** Inserts an entry at the front.
 * @page nf-wdm-insertheadlist */
FORCEINLINE VOID InsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)
{
    PLIST_ENTRY next;

    next = ListHead->Flink;
    if (next->Blink != ListHead) {
        __fastfail(FAST_FAIL_CORRUPT_LIST_ENTRY);
    }
    Entry->Flink = next;
    Entry->Blink = ListHead;
    next->Blink = Entry;
    ListHead->Flink = Entry;
}

/** Inserts an entry at the end.
 * @page nf-wdm-inserttaillist */
FORCEINLINE VOID InsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)
{
    PLIST_ENTRY previous;

    previous = ListHead->Blink;
    if (previous->Flink != ListHead) {
        __fastfail(FAST_FAIL_CORRUPT_LIST_ENTRY);
    }
    Entry->Flink = ListHead;
    Entry->Blink = previous;
    previous->Flink = Entry;
    ListHead->Blink = Entry;
}

/** Appends a ring of entries that has no head.
 * @param ListToAppend the first entry of the ring
 * @page nf-wdm-appendtaillist */
FORCEINLINE VOID AppendTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListToAppend)
{
    PLIST_ENTRY end;

    RtlpCheckListEntry(ListHead);
    RtlpCheckListEntry(ListToAppend);
    end = ListHead->Blink;
    end->Flink = ListToAppend;
    ListHead->Blink = ListToAppend->Blink;
    ListToAppend->Blink->Flink = ListHead;
    ListToAppend->Blink = end;
}

/** Removes the first entry of a singly linked list.
 * @returns the entry, or NULL when the list is empty
 * @page nf-wdm-popentrylist */
FORCEINLINE PSINGLE_LIST_ENTRY PopEntryList(PSINGLE_LIST_ENTRY ListHead)
{
    PSINGLE_LIST_ENTRY first;

    first = ListHead->Next;
    if (first != NULL) {
        ListHead->Next = first->Next;
    }
    return first;
}

/** Inserts at the front of a singly linked list.
 * @page nf-wdm-pushentrylist */
FORCEINLINE VOID PushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY Entry)
{
    Entry->Next = ListHead->Next;
    ListHead->Next = Entry;
}

/* ---------------------------------------------------- IRQL and spin locks */

/** The current IRQL.
 * @irql any
 * @page nf-wdm-kegetcurrentirql */
NTHALAPI KIRQL NTAPI KeGetCurrentIrql(VOID);
/** Lowers the IRQL to the value of the matching raise.
 * @irql any
 * @page nf-wdm-kelowerirql */
NTKERNELAPI VOID NTAPI KeLowerIrql(KIRQL NewIrql);
/** Raises the IRQL; returns the previous one. KeRaiseIrql calls it.
 * @irql any */
NTKERNELAPI KIRQL FASTCALL KfRaiseIrql(KIRQL NewIrql);
#define KfLowerIrql(NewIrql) KeLowerIrql(NewIrql)
/** Raises the IRQL and stores the previous one; the new one must not be lower.
 * @page nf-wdm-keraiseirql */
#define KeRaiseIrql(NewIrql, OldIrql) (*(OldIrql) = KfRaiseIrql(NewIrql))
/** Raises the IRQL to DISPATCH_LEVEL; returns the previous one.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-keraiseirqltodpclevel */
NTKERNELAPI KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID);
/** Raises the IRQL to that of the scheduler's synchronization; returns the previous one.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI KIRQL NTAPI KeRaiseIrqlToSynchLevel(VOID);

/** Makes a spin lock free. Keep it in resident memory.
 * @irql any
 * @page nf-wdm-keinitializespinlock */
NTKERNELAPI VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK SpinLock);
/** Raises to DISPATCH_LEVEL and takes a spin lock; returns the previous IRQL.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI KIRQL FASTCALL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock);
/** Raises to DISPATCH_LEVEL, takes a spin lock, then stores the previous IRQL. Not recursive.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-keacquirespinlock */
#define KeAcquireSpinLock(SpinLock, OldIrql) (*(OldIrql) = KeAcquireSpinLockRaiseToDpc(SpinLock))
/** Releases a spin lock and returns to the IRQL before it was taken.
 * @irql = DISPATCH_LEVEL
 * @page nf-wdm-kereleasespinlock */
NTKERNELAPI VOID FASTCALL KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql);
/** Takes a spin lock without changing the IRQL.
 * @irql >= DISPATCH_LEVEL
 * @page nf-wdm-keacquirespinlockatdpclevel */
NTKERNELAPI VOID FASTCALL KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
/** Releases a spin lock without changing the IRQL.
 * @irql >= DISPATCH_LEVEL
 * @page nf-wdm-kereleasespinlockfromdpclevel */
NTKERNELAPI VOID FASTCALL KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock);
/** Takes a spin lock if it is free.
 * @irql >= DISPATCH_LEVEL
 * @since Windows Server 2003 */
NTKERNELAPI BOOLEAN FASTCALL KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
/** Tells whether a spin lock is free.
 * @irql any
 * @since Windows Server 2003 */
NTKERNELAPI BOOLEAN FASTCALL KeTestSpinLock(PKSPIN_LOCK SpinLock);
/** Takes a queued spin lock; LockHandle lives on the caller's stack.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-keacquireinstackqueuedspinlock
 * @since Windows XP */
NTKERNELAPI VOID FASTCALL KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle);
/** Releases a queued spin lock and restores the IRQL.
 * @irql = DISPATCH_LEVEL
 * @since Windows XP */
NTKERNELAPI VOID FASTCALL KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle);
/** Takes a queued spin lock without changing the IRQL.
 * @irql >= DISPATCH_LEVEL
 * @since Windows XP */
NTKERNELAPI VOID FASTCALL KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle);
/** Releases a queued spin lock without changing the IRQL.
 * @irql >= DISPATCH_LEVEL
 * @since Windows XP */
NTKERNELAPI VOID FASTCALL KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle);
/** Takes the spin lock of an interrupt.
 * @irql <= the interrupt's IRQL
 * @since Windows XP */
NTKERNELAPI KIRQL NTAPI KeAcquireInterruptSpinLock(PKINTERRUPT Interrupt);
/** Releases the spin lock of an interrupt.
 * @since Windows XP */
NTKERNELAPI VOID NTAPI KeReleaseInterruptSpinLock(PKINTERRUPT Interrupt, KIRQL OldIrql);
/** Runs a routine at the interrupt's IRQL with its lock held.
 * @irql <= the interrupt's IRQL
 * @page nf-wdm-kesynchronizeexecution */
NTKERNELAPI BOOLEAN NTAPI KeSynchronizeExecution(PKINTERRUPT Interrupt, PKSYNCHRONIZE_ROUTINE SynchronizeRoutine, PVOID SynchronizeContext);

/* ----------------------------------------------------- waits and objects */

/** Prepares an event.
 * @param Type NotificationEvent stays signaled, SynchronizationEvent resets itself
 * @param State TRUE for signaled
 * @irql any
 * @page nf-wdm-keinitializeevent */
NTKERNELAPI VOID NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State);
/** Signals an event.
 * @param Increment priority boost for the threads that wake
 * @param Wait TRUE only if a KeWaitXxx follows at once
 * @returns the previous state
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-kesetevent */
NTKERNELAPI LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait);
/** Makes an event not signaled.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-keclearevent */
NTKERNELAPI VOID NTAPI KeClearEvent(PRKEVENT Event);
/** Makes an event not signaled; returns the previous state.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-keresetevent */
NTKERNELAPI LONG NTAPI KeResetEvent(PRKEVENT Event);
/** State of an event.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-kereadstateevent */
NTKERNELAPI LONG NTAPI KeReadStateEvent(PRKEVENT Event);
/** Prepares a semaphore.
 * @irql any
 * @page nf-wdm-keinitializesemaphore */
NTKERNELAPI VOID NTAPI KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit);
/** Adds to a semaphore; returns the previous count. Raises STATUS_SEMAPHORE_LIMIT_EXCEEDED above the limit.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-kereleasesemaphore */
NTKERNELAPI LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment, LONG Adjustment, BOOLEAN Wait);
/** Count of a semaphore.
 * @irql any */
NTKERNELAPI LONG NTAPI KeReadStateSemaphore(PRKSEMAPHORE Semaphore);
/** Prepares a mutex.
 * @param Level reserved, 0
 * @irql any
 * @page nf-wdm-keinitializemutex */
NTKERNELAPI VOID NTAPI KeInitializeMutex(PRKMUTEX Mutex, ULONG Level);
/** Releases a mutex; returns the previous state.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-kereleasemutex */
NTKERNELAPI LONG NTAPI KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait);
/** State of a mutex: 1 when free.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI LONG NTAPI KeReadStateMutex(PRKMUTEX Mutex);
/** Waits for an object.
 * @param Object event, mutex, semaphore, timer or thread
 * @param WaitReason Executive for drivers
 * @param Timeout NULL: for ever; 0: no wait; negative: 100 ns units from now; positive: system time
 * @returns STATUS_SUCCESS, STATUS_TIMEOUT, STATUS_ALERTED or STATUS_USER_APC, all of which count as success
 * @irql <= APC_LEVEL; <= DISPATCH_LEVEL with a timeout of 0
 * @page nf-wdm-kewaitforsingleobject */
NTKERNELAPI NTSTATUS NTAPI KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout);
/** Waits for one or all of several objects.
 * @param WaitBlockArray required for more than THREAD_WAIT_OBJECTS objects
 * @returns STATUS_WAIT_0 plus the object's index, or as KeWaitForSingleObject
 * @irql <= APC_LEVEL; <= DISPATCH_LEVEL with a timeout of 0
 * @page nf-wdm-kewaitformultipleobjects */
NTKERNELAPI NTSTATUS NTAPI KeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout, PKWAIT_BLOCK WaitBlockArray);
#define KeWaitForMutexObject KeWaitForSingleObject
/** Puts the thread to sleep.
 * @param Interval negative: 100 ns units from now; positive: system time
 * @irql <= APC_LEVEL
 * @page nf-wdm-kedelayexecutionthread */
NTKERNELAPI NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval);
/** Spins for some microseconds; at most 50.
 * @irql any
 * @page nf-wdm-kestallexecutionprocessor */
NTHALAPI VOID NTAPI KeStallExecutionProcessor(ULONG MicroSeconds);
/** Prepares a notification timer.
 * @irql any
 * @page nf-wdm-keinitializetimer */
NTKERNELAPI VOID NTAPI KeInitializeTimer(PKTIMER Timer);
/** Prepares a timer of a kind.
 * @irql any */
NTKERNELAPI VOID NTAPI KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type);
/** Starts a timer.
 * @param DueTime negative: 100 ns units from now; positive: system time
 * @param Dpc deferred routine to run, or NULL
 * @returns TRUE when the timer was already running
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-kesettimer */
NTKERNELAPI BOOLEAN NTAPI KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc);
/** Starts a timer that repeats.
 * @param Period milliseconds, 0 for once
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-kesettimerex */
NTKERNELAPI BOOLEAN NTAPI KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc);
/** Starts a timer that may be late by a tolerance.
 * @irql <= DISPATCH_LEVEL
 * @since Windows 7 */
NTKERNELAPI BOOLEAN NTAPI KeSetCoalescableTimer(PKTIMER Timer, LARGE_INTEGER DueTime, ULONG Period, ULONG TolerableDelay, PKDPC Dpc);
/** Stops a timer; TRUE when it was running.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-kecanceltimer */
NTKERNELAPI BOOLEAN NTAPI KeCancelTimer(PKTIMER Timer);
/** TRUE when a timer has expired.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI BOOLEAN NTAPI KeReadStateTimer(PKTIMER Timer);

/** Prepares a deferred procedure call.
 * @irql any
 * @page nf-wdm-keinitializedpc */
NTKERNELAPI VOID NTAPI KeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext);
/** Prepares a deferred procedure call that runs at PASSIVE_LEVEL where enabled.
 * @irql any
 * @since Windows Server 2003 */
NTKERNELAPI VOID NTAPI KeInitializeThreadedDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext);
/** Queues a deferred procedure call; FALSE when it is already queued.
 * @irql any
 * @page nf-wdm-keinsertqueuedpc */
NTKERNELAPI BOOLEAN NTAPI KeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2);
/** Takes a deferred procedure call out of its queue; FALSE when it is not queued.
 * @irql any
 * @page nf-wdm-keremovequeuedpc */
NTKERNELAPI BOOLEAN NTAPI KeRemoveQueueDpc(PRKDPC Dpc);
/** Sets where in the queue a deferred procedure call goes.
 * @irql any */
NTKERNELAPI VOID NTAPI KeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance);
/** Sets the processor that runs a deferred procedure call.
 * @irql any */
NTKERNELAPI VOID NTAPI KeSetTargetProcessorDpc(PRKDPC Dpc, CCHAR Number);
/** Waits until every queued deferred procedure call has run.
 * @irql = PASSIVE_LEVEL
 * @since Windows XP */
NTKERNELAPI VOID NTAPI KeFlushQueuedDpcs(VOID);
/** Runs a routine on every processor at IPI_LEVEL.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Server 2003 */
NTKERNELAPI ULONG_PTR NTAPI KeIpiGenericCall(PKIPI_BROADCAST_WORKER BroadcastFunction, ULONG_PTR Context);

/** Prepares a device queue.
 * @irql any */
NTKERNELAPI VOID NTAPI KeInitializeDeviceQueue(PKDEVICE_QUEUE DeviceQueue);
/** Appends an entry; FALSE (and the queue becomes busy) when the device was idle.
 * @irql = DISPATCH_LEVEL */
NTKERNELAPI BOOLEAN NTAPI KeInsertDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry);
/** As KeInsertDeviceQueue, ordered by a key.
 * @irql = DISPATCH_LEVEL */
NTKERNELAPI BOOLEAN NTAPI KeInsertByKeyDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry, ULONG SortKey);
/** Takes the next entry; NULL (and the queue becomes idle) when there is none.
 * @irql = DISPATCH_LEVEL */
NTKERNELAPI PKDEVICE_QUEUE_ENTRY NTAPI KeRemoveDeviceQueue(PKDEVICE_QUEUE DeviceQueue);
/** As KeRemoveDeviceQueue, starting at a key.
 * @irql = DISPATCH_LEVEL */
NTKERNELAPI PKDEVICE_QUEUE_ENTRY NTAPI KeRemoveByKeyDeviceQueue(PKDEVICE_QUEUE DeviceQueue, ULONG SortKey);
/** Takes one certain entry out; FALSE when it is not queued.
 * @irql = DISPATCH_LEVEL */
NTKERNELAPI BOOLEAN NTAPI KeRemoveEntryDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry);

/** Holds off normal kernel APCs.
 * @irql <= APC_LEVEL
 * @page nf-wdm-keentercriticalregion */
NTKERNELAPI VOID NTAPI KeEnterCriticalRegion(VOID);
/** Allows normal kernel APCs again.
 * @irql <= APC_LEVEL
 * @page nf-wdm-keleavecriticalregion */
NTKERNELAPI VOID NTAPI KeLeaveCriticalRegion(VOID);
/** Holds off all APCs.
 * @irql <= APC_LEVEL
 * @since Windows Server 2003 */
NTKERNELAPI VOID NTAPI KeEnterGuardedRegion(VOID);
/** Allows all APCs again.
 * @irql <= APC_LEVEL
 * @since Windows Server 2003 */
NTKERNELAPI VOID NTAPI KeLeaveGuardedRegion(VOID);
/** TRUE when APCs are held off.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Server 2003 */
NTKERNELAPI BOOLEAN NTAPI KeAreApcsDisabled(VOID);
/** TRUE when all APCs are held off.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Server 2003 */
NTKERNELAPI BOOLEAN NTAPI KeAreAllApcsDisabled(VOID);

/** Prepares a fast mutex.
 * @page nf-wdm-exinitializefastmutex */
FORCEINLINE VOID ExInitializeFastMutex(PFAST_MUTEX FastMutex)
{
    FastMutex->Count = FM_LOCK_BIT;
    FastMutex->Owner = NULL;
    FastMutex->Contention = 0;
    KeInitializeEvent(&FastMutex->Event, SynchronizationEvent, FALSE);
}
/** Takes a fast mutex and raises to APC_LEVEL; not recursive.
 * @irql <= APC_LEVEL
 * @page nf-wdm-exacquirefastmutex */
NTKERNELAPI VOID FASTCALL ExAcquireFastMutex(PFAST_MUTEX FastMutex);
/** Releases a fast mutex and restores the IRQL.
 * @irql = APC_LEVEL
 * @page nf-wdm-exreleasefastmutex */
NTKERNELAPI VOID FASTCALL ExReleaseFastMutex(PFAST_MUTEX FastMutex);
/** Takes a fast mutex if it is free.
 * @irql <= APC_LEVEL */
NTKERNELAPI BOOLEAN FASTCALL ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex);
/** Takes a fast mutex without changing the IRQL; APCs must be off.
 * @irql <= APC_LEVEL */
NTKERNELAPI VOID FASTCALL ExAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex);
/** Releases a fast mutex without changing the IRQL.
 * @irql <= APC_LEVEL */
NTKERNELAPI VOID FASTCALL ExReleaseFastMutexUnsafe(PFAST_MUTEX FastMutex);
/** Prepares a guarded mutex.
 * @irql <= APC_LEVEL
 * @since Windows Server 2003 */
NTKERNELAPI VOID FASTCALL KeInitializeGuardedMutex(PKGUARDED_MUTEX Mutex);
/** Takes a guarded mutex.
 * @irql <= APC_LEVEL
 * @since Windows Server 2003 */
NTKERNELAPI VOID FASTCALL KeAcquireGuardedMutex(PKGUARDED_MUTEX Mutex);
/** Releases a guarded mutex.
 * @irql <= APC_LEVEL
 * @since Windows Server 2003 */
NTKERNELAPI VOID FASTCALL KeReleaseGuardedMutex(PKGUARDED_MUTEX Mutex);
/** Takes a guarded mutex if it is free.
 * @irql <= APC_LEVEL
 * @since Windows Server 2003 */
NTKERNELAPI BOOLEAN FASTCALL KeTryToAcquireGuardedMutex(PKGUARDED_MUTEX Mutex);

/** Prepares a reader/writer lock.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-exinitializeresourcelite */
NTKERNELAPI NTSTATUS NTAPI ExInitializeResourceLite(PERESOURCE Resource);
/** Takes a resource for writing; normal kernel APCs must be off.
 * @irql <= APC_LEVEL
 * @page nf-wdm-exacquireresourceexclusivelite */
NTKERNELAPI BOOLEAN NTAPI ExAcquireResourceExclusiveLite(PERESOURCE Resource, BOOLEAN Wait);
/** Takes a resource for reading; normal kernel APCs must be off.
 * @irql <= APC_LEVEL
 * @page nf-wdm-exacquireresourcesharedlite */
NTKERNELAPI BOOLEAN NTAPI ExAcquireResourceSharedLite(PERESOURCE Resource, BOOLEAN Wait);
/** Releases a resource of the current thread.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-exreleaseresourcelite */
NTKERNELAPI VOID FASTCALL ExReleaseResourceLite(PERESOURCE Resource);
/** Removes a resource from the system's list; before its memory is freed.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-exdeleteresourcelite */
NTKERNELAPI NTSTATUS NTAPI ExDeleteResourceLite(PERESOURCE Resource);
/** TRUE when the current thread owns the resource for writing.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI BOOLEAN NTAPI ExIsResourceAcquiredExclusiveLite(PERESOURCE Resource);
/** How often the current thread owns the resource.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI ULONG NTAPI ExIsResourceAcquiredSharedLite(PERESOURCE Resource);
/** KeEnterCriticalRegion and ExAcquireResourceExclusiveLite in one.
 * @irql <= APC_LEVEL
 * @since Windows Vista */
NTKERNELAPI PVOID NTAPI ExEnterCriticalRegionAndAcquireResourceExclusive(PERESOURCE Resource);
/** KeEnterCriticalRegion and ExAcquireResourceSharedLite in one.
 * @irql <= APC_LEVEL
 * @since Windows Vista */
NTKERNELAPI PVOID NTAPI ExEnterCriticalRegionAndAcquireResourceShared(PERESOURCE Resource);
/** ExReleaseResourceLite and KeLeaveCriticalRegion in one.
 * @irql <= APC_LEVEL
 * @since Windows Vista */
NTKERNELAPI VOID FASTCALL ExReleaseResourceAndLeaveCriticalRegion(PERESOURCE Resource);

/** Prepares run-down protection.
 * @irql <= APC_LEVEL
 * @since Windows XP */
NTKERNELAPI VOID FASTCALL ExInitializeRundownProtection(PEX_RUNDOWN_REF RunRef);
/** Enters a protected section; FALSE once run-down has begun.
 * @since Windows XP */
NTKERNELAPI BOOLEAN FASTCALL ExAcquireRundownProtection(PEX_RUNDOWN_REF RunRef);
/** Leaves a protected section.
 * @since Windows XP */
NTKERNELAPI VOID FASTCALL ExReleaseRundownProtection(PEX_RUNDOWN_REF RunRef);
/** Begins run-down and waits until every user has left.
 * @irql <= APC_LEVEL
 * @since Windows XP */
NTKERNELAPI VOID FASTCALL ExWaitForRundownProtectionRelease(PEX_RUNDOWN_REF RunRef);

/* --------------------------------------------------- time and processors */

/** The system time: 100 ns units since 1601.
 * @irql any
 * @page nf-wdm-kequerysystemtime */
NTKERNELAPI VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime);
/** The system time with the best resolution of the hardware.
 * @irql any
 * @since Windows 8 */
NTKERNELAPI VOID NTAPI KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime);
/** Clock ticks since the system started.
 * @irql any */
NTKERNELAPI VOID NTAPI KeQueryTickCount(PLARGE_INTEGER CurrentCount);
/** Length of a clock tick in 100 ns units.
 * @irql any */
NTKERNELAPI ULONG NTAPI KeQueryTimeIncrement(VOID);
/** Time since the system started, in 100 ns units.
 * @irql any */
NTKERNELAPI ULONGLONG NTAPI KeQueryInterruptTime(VOID);
/** Value of the performance counter, and its frequency if asked for.
 * @irql any
 * @page nf-wdm-kequeryperformancecounter */
NTKERNELAPI LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency);
/** Converts system time to local time.
 * @irql any
 * @page nf-wdm-exsystemtimetolocaltime */
NTKERNELAPI VOID NTAPI ExSystemTimeToLocalTime(PLARGE_INTEGER SystemTime, PLARGE_INTEGER LocalTime);
/** Converts local time to system time.
 * @irql any
 * @page nf-wdm-exlocaltimetosystemtime */
NTKERNELAPI VOID NTAPI ExLocalTimeToSystemTime(PLARGE_INTEGER LocalTime, PLARGE_INTEGER SystemTime);
/** The set of active processors.
 * @irql any */
NTKERNELAPI KAFFINITY NTAPI KeQueryActiveProcessors(VOID);
/** Number of active processors, and their set if asked for.
 * @irql any
 * @since Windows Vista */
NTKERNELAPI ULONG NTAPI KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors);
/** Number of active processors of a group, or of all (ALL_PROCESSOR_GROUPS).
 * @irql any
 * @since Windows 7 */
NTKERNELAPI ULONG NTAPI KeQueryActiveProcessorCountEx(USHORT GroupNumber);
/** Largest number of processors that can become active.
 * @irql any
 * @since Windows 7 */
NTKERNELAPI ULONG NTAPI KeQueryMaximumProcessorCountEx(USHORT GroupNumber);
/** Number of processor groups in use.
 * @irql any
 * @since Windows 7 */
NTKERNELAPI USHORT NTAPI KeQueryActiveGroupCount(VOID);
/** Highest node number; nodes count from 0.
 * @irql any
 * @since Windows 7 */
NTKERNELAPI USHORT NTAPI KeQueryHighestNodeNumber(VOID);
/** Node of the processor that runs.
 * @irql any
 * @since Windows 7 */
NTKERNELAPI USHORT NTAPI KeGetCurrentNodeNumber(VOID);
/** Processors of a node.
 * @irql any
 * @since Windows 7 */
NTKERNELAPI VOID NTAPI KeQueryNodeActiveAffinity(USHORT NodeNumber, PGROUP_AFFINITY Affinity, PUSHORT Count);
/** Number of the processor that runs.
 * @irql any */
NTKERNELAPI ULONG NTAPI KeGetCurrentProcessorNumber(VOID);
/** Number of the processor that runs, over all groups.
 * @irql any
 * @since Windows 7 */
NTKERNELAPI ULONG NTAPI KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber);
#define KeGetCurrentProcessorIndex() KeGetCurrentProcessorNumberEx(NULL)
/** Restricts the thread to some processors.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI KeSetSystemAffinityThread(KAFFINITY Affinity);
/** As KeSetSystemAffinityThread; returns the previous set.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Vista */
NTKERNELAPI KAFFINITY NTAPI KeSetSystemAffinityThreadEx(KAFFINITY Affinity);
/** Undoes KeSetSystemAffinityThread.
 * @irql <= APC_LEVEL */
NTKERNELAPI VOID NTAPI KeRevertToUserAffinityThread(VOID);
/** Undoes KeSetSystemAffinityThreadEx.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Vista */
NTKERNELAPI VOID NTAPI KeRevertToUserAffinityThreadEx(KAFFINITY Affinity);
/** The thread that runs.
 * @irql any */
NTKERNELAPI PKTHREAD NTAPI KeGetCurrentThread(VOID);
/** Sets the priority of a system thread; returns the previous one.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI KPRIORITY NTAPI KeSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority);
/** Priority of a thread.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI KPRIORITY NTAPI KeQueryPriorityThread(PKTHREAD Thread);

/** Stops the system with a bug check.
 * @irql any
 * @page nf-wdm-kebugcheckex */
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1, ULONG_PTR BugCheckParameter2, ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4);
/** Why a bug check routine runs. */
typedef enum _KBUGCHECK_CALLBACK_REASON {
    KbCallbackInvalid,
    KbCallbackReserved1,
    KbCallbackSecondaryDumpData,
    KbCallbackDumpIo,
    KbCallbackAddPages
} KBUGCHECK_CALLBACK_REASON;
/** Runs during a bug check; may touch only its own memory and hardware. */
typedef VOID NTAPI KBUGCHECK_CALLBACK_ROUTINE(PVOID Buffer, ULONG Length);
typedef KBUGCHECK_CALLBACK_ROUTINE *PKBUGCHECK_CALLBACK_ROUTINE;
/** Registration of a routine that runs during a bug check. */
typedef struct _KBUGCHECK_CALLBACK_RECORD {
    LIST_ENTRY                  Entry;
    PKBUGCHECK_CALLBACK_ROUTINE CallbackRoutine;
    PVOID                       Buffer;
    ULONG                       Length;
    PUCHAR                      Component;
    ULONG_PTR                   Checksum;
    UCHAR                       State;
} KBUGCHECK_CALLBACK_RECORD, *PKBUGCHECK_CALLBACK_RECORD;
#define KeInitializeCallbackRecord(CallbackRecord) ((CallbackRecord)->State = 0)
/** Registers a routine that runs during a bug check.
 * @irql any */
NTKERNELAPI BOOLEAN NTAPI KeRegisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord, PKBUGCHECK_CALLBACK_ROUTINE CallbackRoutine, PVOID Buffer, ULONG Length, PUCHAR Component);
/** Removes a routine of KeRegisterBugCheckCallback.
 * @irql any */
NTKERNELAPI BOOLEAN NTAPI KeDeregisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord);

/** Raises an exception with a status.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-exraisestatus */
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI ExRaiseStatus(NTSTATUS Status);
/** Processor mode that the current system call came from.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-exgetpreviousmode */
NTKERNELAPI KPROCESSOR_MODE NTAPI ExGetPreviousMode(VOID);
/** Tells whether a processor feature is there.
 * @irql any */
NTKERNELAPI BOOLEAN NTAPI ExIsProcessorFeaturePresent(ULONG ProcessorFeature);
/** Prepares an old-style work item. */
#define ExInitializeWorkItem(Item, Routine, Context) \
    (Item)->WorkerRoutine = (Routine); \
    (Item)->Parameter = (Context); \
    (Item)->List.Flink = NULL;
/** Queues an old-style work item; IoQueueWorkItem is preferred.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType);
/** Registered with a callback object. */
typedef VOID NTAPI CALLBACK_FUNCTION(PVOID CallbackContext, PVOID Argument1, PVOID Argument2);
typedef CALLBACK_FUNCTION *PCALLBACK_FUNCTION;
/** Opens or creates a callback object.
 * @param Create TRUE to make it when there is none of that name
 * @param AllowMultipleCallbacks FALSE: a second registration fails; without effect on one that exists
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-excreatecallback */
NTKERNELAPI NTSTATUS NTAPI ExCreateCallback(PCALLBACK_OBJECT *CallbackObject, POBJECT_ATTRIBUTES ObjectAttributes, BOOLEAN Create, BOOLEAN AllowMultipleCallbacks);
/** Registers a routine with a callback object.
 * @returns handle for ExUnregisterCallback, or NULL
 * @irql <= APC_LEVEL
 * @page nf-wdm-exregistercallback */
NTKERNELAPI PVOID NTAPI ExRegisterCallback(PCALLBACK_OBJECT CallbackObject, PCALLBACK_FUNCTION CallbackFunction, PVOID CallbackContext);
/** Removes a routine of ExRegisterCallback; waits while it runs.
 * @irql <= APC_LEVEL
 * @page nf-wdm-exunregistercallback */
NTKERNELAPI VOID NTAPI ExUnregisterCallback(PVOID CallbackRegistration);
/** Calls the routines of a callback object, in the order of registration.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-exnotifycallback */
NTKERNELAPI VOID NTAPI ExNotifyCallback(PVOID CallbackObject, PVOID Argument1, PVOID Argument2);

/* ------------------------------------------------- processes and objects */

/** Starts a system thread.
 * @param ProcessHandle process to run in, or NULL for the system process
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-pscreatesystemthread */
NTKERNELAPI NTSTATUS NTAPI PsCreateSystemThread(PHANDLE ThreadHandle, ULONG DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, HANDLE ProcessHandle, PCLIENT_ID ClientId, PKSTART_ROUTINE StartRoutine, PVOID StartContext);
/** Ends the current system thread.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-psterminatesystemthread */
NTKERNELAPI NTSTATUS NTAPI PsTerminateSystemThread(NTSTATUS ExitStatus);
/** The process whose address space is active.
 * @irql any */
NTKERNELAPI PEPROCESS NTAPI IoGetCurrentProcess(VOID);
#define PsGetCurrentProcess IoGetCurrentProcess
#define PsGetCurrentThread() ((PETHREAD)KeGetCurrentThread())
#define NtCurrentProcess() ((HANDLE)(LONG_PTR)-1)
#define ZwCurrentProcess() NtCurrentProcess()
#define NtCurrentThread()  ((HANDLE)(LONG_PTR)-2)
#define ZwCurrentThread()  NtCurrentThread()

/** The kernel's type objects, for ObReferenceObjectByHandle. */
extern NTKERNELAPI POBJECT_TYPE *IoFileObjectType;
extern NTKERNELAPI POBJECT_TYPE *ExEventObjectType;
extern NTKERNELAPI POBJECT_TYPE *ExSemaphoreObjectType;
extern NTKERNELAPI POBJECT_TYPE *PsThreadType;
extern NTKERNELAPI POBJECT_TYPE *PsProcessType;
extern NTKERNELAPI POBJECT_TYPE *SeTokenObjectType;

/** Object behind a handle, with a reference that ObDereferenceObject returns.
 * @param AccessMode UserMode checks the handle's access
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-obreferenceobjectbyhandle */
NTKERNELAPI NTSTATUS NTAPI ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PVOID *Object, POBJECT_HANDLE_INFORMATION HandleInformation);
/** Adds a reference if the object is of a type.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI NTSTATUS NTAPI ObReferenceObjectByPointer(PVOID Object, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode);
/** Adds a reference to an object.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI LONG_PTR FASTCALL ObfReferenceObject(PVOID Object);
/** Returns a reference; the last one deletes the object.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI LONG_PTR FASTCALL ObfDereferenceObject(PVOID Object);
#define ObReferenceObject(Object)   ObfReferenceObject(Object)
#define ObDereferenceObject(Object) ObfDereferenceObject(Object)
/** Returns a reference; deletion is put off to a worker thread.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Vista */
NTKERNELAPI VOID NTAPI ObDereferenceObjectDeferDelete(PVOID Object);

/* ------------------------------------------------------------ I/O manager */

/** Creates a device object of the driver.
 * @param DeviceExtensionSize bytes of the driver's own, zeroed
 * @param DeviceName name in the object directory, or NULL
 * @param DeviceType FILE_DEVICE_x
 * @param DeviceCharacteristics FILE_DEVICE_SECURE_OPEN and the like
 * @returns STATUS_SUCCESS, STATUS_INSUFFICIENT_RESOURCES, STATUS_OBJECT_NAME_COLLISION
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iocreatedevice */
NTKERNELAPI NTSTATUS NTAPI IoCreateDevice(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize, PUNICODE_STRING DeviceName, DEVICE_TYPE DeviceType, ULONG DeviceCharacteristics, BOOLEAN Exclusive, PDEVICE_OBJECT *DeviceObject);
/** Deletes a device object, once the last reference to it has gone.
 * @irql <= APC_LEVEL
 * @page nf-wdm-iodeletedevice */
NTKERNELAPI VOID NTAPI IoDeleteDevice(PDEVICE_OBJECT DeviceObject);
/** Makes a name for programs lead to a device's name.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iocreatesymboliclink */
NTKERNELAPI NTSTATUS NTAPI IoCreateSymbolicLink(PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName);
/** As IoCreateSymbolicLink, changeable by everyone.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoCreateUnprotectedSymbolicLink(PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName);
/** Removes a name of IoCreateSymbolicLink.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iodeletesymboliclink */
NTKERNELAPI NTSTATUS NTAPI IoDeleteSymbolicLink(PUNICODE_STRING SymbolicLinkName);
/** Puts a device object on top of a stack.
 * @returns the object that was on top, or NULL
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-ioattachdevicetodevicestack */
NTKERNELAPI PDEVICE_OBJECT NTAPI IoAttachDeviceToDeviceStack(PDEVICE_OBJECT SourceDevice, PDEVICE_OBJECT TargetDevice);
/** Puts a device object on top of the stack of a named device.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoAttachDevice(PDEVICE_OBJECT SourceDevice, PUNICODE_STRING TargetDevice, PDEVICE_OBJECT *AttachedDevice);
/** Takes the object above TargetDevice off the stack.
 * @param TargetDevice the lower object
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iodetachdevice */
NTKERNELAPI VOID NTAPI IoDetachDevice(PDEVICE_OBJECT TargetDevice);
/** Top of a device's stack, with a reference.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI PDEVICE_OBJECT NTAPI IoGetAttachedDeviceReference(PDEVICE_OBJECT DeviceObject);
/** Finds a device by name and opens it.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iogetdeviceobjectpointer */
NTKERNELAPI NTSTATUS NTAPI IoGetDeviceObjectPointer(PUNICODE_STRING ObjectName, ACCESS_MASK DesiredAccess, PFILE_OBJECT *FileObject, PDEVICE_OBJECT *DeviceObject);
/** Top of the stack that serves a file object.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI PDEVICE_OBJECT NTAPI IoGetRelatedDeviceObject(PFILE_OBJECT FileObject);
/** Gives the driver memory that is found again by driver and address.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoAllocateDriverObjectExtension(PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress, ULONG DriverObjectExtensionSize, PVOID *DriverObjectExtension);
/** Finds memory of IoAllocateDriverObjectExtension.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI PVOID NTAPI IoGetDriverObjectExtension(PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress);

/** Allocates a request.
 * @param StackSize number of stack locations
 * @param ChargeQuota FALSE for most drivers
 * @returns the request, or NULL
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-ioallocateirp */
NTKERNELAPI PIRP NTAPI IoAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota);
/** Allocates a request for a device.
 * @irql <= DISPATCH_LEVEL
 * @since Windows 10 1803 */
NTKERNELAPI PIRP NTAPI IoAllocateIrpEx(PDEVICE_OBJECT DeviceObject, CCHAR StackSize, BOOLEAN ChargeQuota);
/** Frees a request of IoAllocateIrp.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-iofreeirp */
NTKERNELAPI VOID NTAPI IoFreeIrp(PIRP Irp);
/** Makes a request of memory of the caller.
 * @param PacketSize IoSizeOfIrp(StackSize)
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoInitializeIrp(PIRP Irp, USHORT PacketSize, CCHAR StackSize);
/** Makes a request of IoAllocateIrp ready for another use.
 * @irql any */
NTKERNELAPI VOID NTAPI IoReuseIrp(PIRP Irp, NTSTATUS Iostatus);
/** Builds a read, write, flush or shutdown request that nobody waits for; free it in the completion routine.
 * @irql <= APC_LEVEL
 * @page nf-wdm-iobuildasynchronousfsdrequest */
NTKERNELAPI PIRP NTAPI IoBuildAsynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length, PLARGE_INTEGER StartingOffset, PIO_STATUS_BLOCK IoStatusBlock);
/** Builds a read, write, flush or shutdown request that signals an event and is freed by the system.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iobuildsynchronousfsdrequest */
NTKERNELAPI PIRP NTAPI IoBuildSynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length, PLARGE_INTEGER StartingOffset, PKEVENT Event, PIO_STATUS_BLOCK IoStatusBlock);
/** Builds a device control request that signals an event and is freed by the system.
 * @param InternalDeviceIoControl TRUE for IRP_MJ_INTERNAL_DEVICE_CONTROL
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iobuilddeviceiocontrolrequest */
NTKERNELAPI PIRP NTAPI IoBuildDeviceIoControlRequest(ULONG IoControlCode, PDEVICE_OBJECT DeviceObject, PVOID InputBuffer, ULONG InputBufferLength, PVOID OutputBuffer, ULONG OutputBufferLength, BOOLEAN InternalDeviceIoControl, PKEVENT Event, PIO_STATUS_BLOCK IoStatusBlock);
/** Sends a request to a driver.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-iocalldriver */
NTKERNELAPI NTSTATUS FASTCALL IofCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp);
/** Sends a request to a driver; set up the next stack location first.
 * @page nf-wdm-iocalldriver */
#define IoCallDriver(DeviceObject, Irp) IofCallDriver(DeviceObject, Irp)
/** Ends a request; set Irp->IoStatus first, hold no spin lock.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-iocompleterequest */
NTKERNELAPI VOID FASTCALL IofCompleteRequest(PIRP Irp, CCHAR PriorityBoost);
/** Ends a request; set Irp->IoStatus first, hold no spin lock.
 * @param PriorityBoost IO_NO_INCREMENT, or a boost for the thread that waits
 * @page nf-wdm-iocompleterequest */
#define IoCompleteRequest(Irp, PriorityBoost) IofCompleteRequest(Irp, PriorityBoost)
/** Sends a request down and waits for it.
 * @returns FALSE when no stack location was left
 * @irql = PASSIVE_LEVEL
 * @since Windows 7 */
NTKERNELAPI BOOLEAN NTAPI IoForwardIrpSynchronously(PDEVICE_OBJECT DeviceObject, PIRP Irp);
#define IoForwardAndCatchIrp IoForwardIrpSynchronously
/** Asks for a request to be cancelled; TRUE when it had a cancel routine.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-iocancelirp */
NTKERNELAPI BOOLEAN NTAPI IoCancelIrp(PIRP Irp);
/** Takes the system's cancel spin lock.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoAcquireCancelSpinLock(PKIRQL Irql);
/** Releases the system's cancel spin lock.
 * @irql = DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoReleaseCancelSpinLock(KIRQL Irql);
/** Passes a request to StartIo, or queues it when the device is busy.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoStartPacket(PDEVICE_OBJECT DeviceObject, PIRP Irp, PULONG Key, PDRIVER_CANCEL CancelFunction);
/** Passes the next queued request to StartIo.
 * @irql = DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoStartNextPacket(PDEVICE_OBJECT DeviceObject, BOOLEAN Cancelable);
/** As IoStartNextPacket, ordered by a key.
 * @irql = DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoStartNextPacketByKey(PDEVICE_OBJECT DeviceObject, BOOLEAN Cancelable, ULONG Key);
/** As IoSetCompletionRoutine, for a routine of a driver that may unload.
 * @irql <= DISPATCH_LEVEL
 * @since Windows XP */
NTKERNELAPI NTSTATUS NTAPI IoSetCompletionRoutineEx(PDEVICE_OBJECT DeviceObject, PIRP Irp, PIO_COMPLETION_ROUTINE CompletionRoutine, PVOID Context, BOOLEAN InvokeOnSuccess, BOOLEAN InvokeOnError, BOOLEAN InvokeOnCancel);
/** Initial stack of the thread.
 * @irql any */
NTKERNELAPI PVOID NTAPI IoGetInitialStack(VOID);
/** Bytes of stack that are left.
 * @irql any */
NTKERNELAPI ULONG_PTR NTAPI IoGetRemainingStackSize(VOID);
/** Limits of the stack.
 * @irql any */
NTKERNELAPI VOID NTAPI IoGetStackLimits(PULONG_PTR LowLimit, PULONG_PTR HighLimit);

/** Allocates a work item.
 * @returns the item, or NULL
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-ioallocateworkitem */
NTKERNELAPI PIO_WORKITEM NTAPI IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject);
/** Frees a work item that is not queued.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-iofreeworkitem */
NTKERNELAPI VOID NTAPI IoFreeWorkItem(PIO_WORKITEM IoWorkItem);
/** Has a system thread run a routine at PASSIVE_LEVEL.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-ioqueueworkitem */
NTKERNELAPI VOID NTAPI IoQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE WorkerRoutine, WORK_QUEUE_TYPE QueueType, PVOID Context);
/** As IoQueueWorkItem; the routine gets the item, too.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Vista */
NTKERNELAPI VOID NTAPI IoQueueWorkItemEx(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE_EX WorkerRoutine, WORK_QUEUE_TYPE QueueType, PVOID Context);
/** Bytes of a work item in memory of the caller.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Vista */
NTKERNELAPI ULONG NTAPI IoSizeofWorkItem(VOID);
/** Prepares a work item in memory of the caller.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Vista */
NTKERNELAPI VOID NTAPI IoInitializeWorkItem(PVOID IoObject, PIO_WORKITEM IoWorkItem);
/** Ends the use of a work item in memory of the caller.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Vista */
NTKERNELAPI VOID NTAPI IoUninitializeWorkItem(PIO_WORKITEM IoWorkItem);

/** Sets a routine that runs every second while the timer is started.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoInitializeTimer(PDEVICE_OBJECT DeviceObject, PIO_TIMER_ROUTINE TimerRoutine, PVOID Context);
/** Starts the device's timer.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoStartTimer(PDEVICE_OBJECT DeviceObject);
/** Stops the device's timer.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoStopTimer(PDEVICE_OBJECT DeviceObject);

/** Registers an interrupt service routine.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-ioconnectinterrupt */
NTKERNELAPI NTSTATUS NTAPI IoConnectInterrupt(PKINTERRUPT *InterruptObject, PKSERVICE_ROUTINE ServiceRoutine, PVOID ServiceContext, PKSPIN_LOCK SpinLock, ULONG Vector, KIRQL Irql, KIRQL SynchronizeIrql, KINTERRUPT_MODE InterruptMode, BOOLEAN ShareVector, KAFFINITY ProcessorEnableMask, BOOLEAN FloatingSave);
/** Removes an interrupt service routine.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iodisconnectinterrupt */
NTKERNELAPI VOID NTAPI IoDisconnectInterrupt(PKINTERRUPT InterruptObject);
#define CONNECT_FULLY_SPECIFIED         0x1
#define CONNECT_LINE_BASED              0x2
#define CONNECT_MESSAGE_BASED           0x3
#define CONNECT_FULLY_SPECIFIED_GROUP   0x4
#define CONNECT_CURRENT_VERSION         0x5
/** One message that a device signals an interrupt by. */
typedef struct _IO_INTERRUPT_MESSAGE_INFO_ENTRY {
    PHYSICAL_ADDRESS    MessageAddress;
    KAFFINITY           TargetProcessorSet;
    PKINTERRUPT         InterruptObject;
    ULONG               MessageData;
    ULONG               Vector;
    KIRQL               Irql;
    KINTERRUPT_MODE     Mode;
    KINTERRUPT_POLARITY Polarity;
} IO_INTERRUPT_MESSAGE_INFO_ENTRY, *PIO_INTERRUPT_MESSAGE_INFO_ENTRY;
/** The messages that a device signals interrupts by. */
typedef struct _IO_INTERRUPT_MESSAGE_INFO {
    KIRQL                           UnifiedIrql;
    ULONG                           MessageCount;
    IO_INTERRUPT_MESSAGE_INFO_ENTRY MessageInfo[1];
} IO_INTERRUPT_MESSAGE_INFO, *PIO_INTERRUPT_MESSAGE_INFO;
/** How to connect an interrupt by IoConnectInterruptEx. */
typedef struct _IO_CONNECT_INTERRUPT_PARAMETERS {
    ULONG Version;
    union {
        struct {
            PDEVICE_OBJECT    PhysicalDeviceObject;
            PKINTERRUPT      *InterruptObject;
            PKSERVICE_ROUTINE ServiceRoutine;
            PVOID             ServiceContext;
            PKSPIN_LOCK       SpinLock;
            KIRQL             SynchronizeIrql;
            BOOLEAN           FloatingSave;
            BOOLEAN           ShareVector;
            ULONG             Vector;
            KIRQL             Irql;
            KINTERRUPT_MODE   InterruptMode;
            KAFFINITY         ProcessorEnableMask;
            USHORT            Group;
        } FullySpecified;
        struct {
            PDEVICE_OBJECT    PhysicalDeviceObject;
            PKINTERRUPT      *InterruptObject;
            PKSERVICE_ROUTINE ServiceRoutine;
            PVOID             ServiceContext;
            PKSPIN_LOCK       SpinLock;
            KIRQL             SynchronizeIrql;
            BOOLEAN           FloatingSave;
        } LineBased;
        struct {
            PDEVICE_OBJECT PhysicalDeviceObject;
            union {
                PVOID                      *Generic;
                PIO_INTERRUPT_MESSAGE_INFO *InterruptMessageTable;
                PKINTERRUPT                *InterruptObject;
            } ConnectionContext;
            PKMESSAGE_SERVICE_ROUTINE MessageServiceRoutine;
            PVOID                     ServiceContext;
            PKSPIN_LOCK               SpinLock;
            KIRQL                     SynchronizeIrql;
            BOOLEAN                   FloatingSave;
            PKSERVICE_ROUTINE         FallBackServiceRoutine;
        } MessageBased;
    };
} IO_CONNECT_INTERRUPT_PARAMETERS, *PIO_CONNECT_INTERRUPT_PARAMETERS;
/** What IoDisconnectInterruptEx undoes. */
typedef struct _IO_DISCONNECT_INTERRUPT_PARAMETERS {
    ULONG Version;
    union {
        PVOID                      Generic;
        PKINTERRUPT                InterruptObject;
        PIO_INTERRUPT_MESSAGE_INFO InterruptMessageTable;
    } ConnectionContext;
} IO_DISCONNECT_INTERRUPT_PARAMETERS, *PIO_DISCONNECT_INTERRUPT_PARAMETERS;
/** Registers an interrupt service routine, line or message based.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-ioconnectinterruptex
 * @since Windows Vista */
NTKERNELAPI NTSTATUS NTAPI IoConnectInterruptEx(PIO_CONNECT_INTERRUPT_PARAMETERS Parameters);
/** Undoes IoConnectInterruptEx.
 * @irql = PASSIVE_LEVEL
 * @since Windows Vista */
NTKERNELAPI VOID NTAPI IoDisconnectInterruptEx(PIO_DISCONNECT_INTERRUPT_PARAMETERS Parameters);

/** Stops the system's view of a device and asks for its relations again.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoInvalidateDeviceRelations(PDEVICE_OBJECT DeviceObject, DEVICE_RELATION_TYPE Type);
/** Asks for a device's state again.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoInvalidateDeviceState(PDEVICE_OBJECT PhysicalDeviceObject);
/** Opens the registry key of a device.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoOpenDeviceRegistryKey(PDEVICE_OBJECT DeviceObject, ULONG DevInstKeyType, ACCESS_MASK DesiredAccess, PHANDLE DeviceRegKey);
#define PLUGPLAY_REGKEY_DEVICE 1
#define PLUGPLAY_REGKEY_DRIVER 2
#define PLUGPLAY_REGKEY_CURRENT_HWPROFILE 4
/** Announces an interface of a device, by which programs find it.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-ioregisterdeviceinterface */
NTKERNELAPI NTSTATUS NTAPI IoRegisterDeviceInterface(PDEVICE_OBJECT PhysicalDeviceObject, const GUID *InterfaceClassGuid, PUNICODE_STRING ReferenceString, PUNICODE_STRING SymbolicLinkName);
/** Switches an interface on or off.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iosetdeviceinterfacestate */
NTKERNELAPI NTSTATUS NTAPI IoSetDeviceInterfaceState(PUNICODE_STRING SymbolicLinkName, BOOLEAN Enable);
/** Names of the interfaces of a class.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoGetDeviceInterfaces(const GUID *InterfaceClassGuid, PDEVICE_OBJECT PhysicalDeviceObject, ULONG Flags, PZZWSTR *SymbolicLinkList);
/** Property that IoGetDeviceProperty reads. */
typedef enum {
    DevicePropertyDeviceDescription = 0x0,
    DevicePropertyHardwareID,
    DevicePropertyCompatibleIDs,
    DevicePropertyBootConfiguration,
    DevicePropertyBootConfigurationTranslated,
    DevicePropertyClassName,
    DevicePropertyClassGuid,
    DevicePropertyDriverKeyName,
    DevicePropertyManufacturer,
    DevicePropertyFriendlyName,
    DevicePropertyLocationInformation,
    DevicePropertyPhysicalDeviceObjectName,
    DevicePropertyBusTypeGuid,
    DevicePropertyLegacyBusType,
    DevicePropertyBusNumber,
    DevicePropertyEnumeratorName,
    DevicePropertyAddress,
    DevicePropertyUINumber,
    DevicePropertyInstallState,
    DevicePropertyRemovalPolicy,
    DevicePropertyResourceRequirements,
    DevicePropertyAllocatedResources,
    DevicePropertyContainerID
} DEVICE_REGISTRY_PROPERTY;
/** Reads a property of a device.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoGetDeviceProperty(PDEVICE_OBJECT DeviceObject, DEVICE_REGISTRY_PROPERTY DeviceProperty, ULONG BufferLength, PVOID PropertyBuffer, PULONG ResultLength);
/** Kind of a plug and play event. */
typedef enum _IO_NOTIFICATION_EVENT_CATEGORY {
    EventCategoryReserved,
    EventCategoryHardwareProfileChange,
    EventCategoryDeviceInterfaceChange,
    EventCategoryTargetDeviceChange,
    EventCategoryKernelSoftRestart
} IO_NOTIFICATION_EVENT_CATEGORY;
/** Report the interfaces that are there already, too. */
#define PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES 0x00000001
/** Head of what a notification routine is given. */
typedef struct _PLUGPLAY_NOTIFICATION_HEADER {
    USHORT Version;
    USHORT Size;
    GUID   Event;
} PLUGPLAY_NOTIFICATION_HEADER, *PPLUGPLAY_NOTIFICATION_HEADER;
/** A device interface was switched on or off. */
typedef struct _DEVICE_INTERFACE_CHANGE_NOTIFICATION {
    USHORT          Version;
    USHORT          Size;
    GUID            Event;
    GUID            InterfaceClassGuid;
    PUNICODE_STRING SymbolicLinkName;
} DEVICE_INTERFACE_CHANGE_NOTIFICATION, *PDEVICE_INTERFACE_CHANGE_NOTIFICATION;
/** A device is about to go, stays after all, or has gone. */
typedef struct _TARGET_DEVICE_REMOVAL_NOTIFICATION {
    USHORT       Version;
    USHORT       Size;
    GUID         Event;
    PFILE_OBJECT FileObject;
} TARGET_DEVICE_REMOVAL_NOTIFICATION, *PTARGET_DEVICE_REMOVAL_NOTIFICATION;
/** An event that a driver made up; see IoReportTargetDeviceChange. */
typedef struct _TARGET_DEVICE_CUSTOM_NOTIFICATION {
    USHORT       Version;
    USHORT       Size;
    GUID         Event;
    PFILE_OBJECT FileObject;
    LONG         NameBufferOffset;
    UCHAR        CustomDataBuffer[1];
} TARGET_DEVICE_CUSTOM_NOTIFICATION, *PTARGET_DEVICE_CUSTOM_NOTIFICATION;
/** Runs once an event has been reported. */
typedef VOID NTAPI DEVICE_CHANGE_COMPLETE_CALLBACK(PVOID Context);
typedef DEVICE_CHANGE_COMPLETE_CALLBACK *PDEVICE_CHANGE_COMPLETE_CALLBACK;
/** Registers a routine for plug and play events. It runs at PASSIVE_LEVEL on a thread of the system.
 * @param EventCategoryData the interface class's GUID, or the file object of the device
 * @returns STATUS_SUCCESS, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_PARAMETER
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-ioregisterplugplaynotification */
NTKERNELAPI NTSTATUS NTAPI IoRegisterPlugPlayNotification(IO_NOTIFICATION_EVENT_CATEGORY EventCategory, ULONG EventCategoryFlags, PVOID EventCategoryData, PDRIVER_OBJECT DriverObject, PDRIVER_NOTIFICATION_CALLBACK_ROUTINE CallbackRoutine, PVOID Context, PVOID *NotificationEntry);
/** Removes a routine of IoRegisterPlugPlayNotification.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iounregisterplugplaynotification */
NTKERNELAPI NTSTATUS NTAPI IoUnregisterPlugPlayNotification(PVOID NotificationEntry);
/** As IoUnregisterPlugPlayNotification; waits until the routine does not run any more.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iounregisterplugplaynotificationex
 * @since Windows 7 */
NTKERNELAPI NTSTATUS NTAPI IoUnregisterPlugPlayNotificationEx(PVOID NotificationEntry);
/** Tells everybody who registered for a device of an event of the caller's own, and waits for them.
 * @param NotificationStructure TARGET_DEVICE_CUSTOM_NOTIFICATION
 * @returns STATUS_SUCCESS, or STATUS_INVALID_DEVICE_REQUEST for an event of the system or a wrong size
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-ioreporttargetdevicechange */
NTKERNELAPI NTSTATUS NTAPI IoReportTargetDeviceChange(PDEVICE_OBJECT PhysicalDeviceObject, PVOID NotificationStructure);
/** As IoReportTargetDeviceChange, without waiting.
 * @returns STATUS_PENDING, or STATUS_INVALID_DEVICE_REQUEST
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-ioreporttargetdevicechangeasynchronous */
NTKERNELAPI NTSTATUS NTAPI IoReportTargetDeviceChangeAsynchronous(PDEVICE_OBJECT PhysicalDeviceObject, PVOID NotificationStructure, PDEVICE_CHANGE_COMPLETE_CALLBACK Callback, PVOID Context);
/** Has the driver told of a shutdown by IRP_MJ_SHUTDOWN.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoRegisterShutdownNotification(PDEVICE_OBJECT DeviceObject);
/** Undoes IoRegisterShutdownNotification.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI VOID NTAPI IoUnregisterShutdownNotification(PDEVICE_OBJECT DeviceObject);
/** Allocates an entry of the error log.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI PVOID NTAPI IoAllocateErrorLogEntry(PVOID IoObject, UCHAR EntrySize);
/** Frees an entry that will not be written.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoFreeErrorLogEntry(PVOID ElEntry);
/** Writes an entry of the error log.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoWriteErrorLogEntry(PVOID ElEntry);
/** Checks share access and updates it.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoCheckShareAccess(ACCESS_MASK DesiredAccess, ULONG DesiredShareAccess, PFILE_OBJECT FileObject, PSHARE_ACCESS ShareAccess, BOOLEAN Update);
/** Begins the counts of a file that is opened first.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-iosetshareaccess */
NTKERNELAPI VOID NTAPI IoSetShareAccess(ACCESS_MASK DesiredAccess, ULONG DesiredShareAccess, PFILE_OBJECT FileObject, PSHARE_ACCESS ShareAccess);
/** Counts a file in, after IoCheckShareAccess without update.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-ioupdateshareaccess */
NTKERNELAPI VOID NTAPI IoUpdateShareAccess(PFILE_OBJECT FileObject, PSHARE_ACCESS ShareAccess);
/** Counts a file out.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-ioremoveshareaccess */
NTKERNELAPI VOID NTAPI IoRemoveShareAccess(PFILE_OBJECT FileObject, PSHARE_ACCESS ShareAccess);
/** Opens a file, pipe or mailslot from a driver.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER AllocationSize, ULONG FileAttributes, ULONG ShareAccess, ULONG Disposition, ULONG CreateOptions, PVOID EaBuffer, ULONG EaLength, CREATE_FILE_TYPE CreateFileType, PVOID InternalParameters, ULONG Options);
/** Creates a named notification event that programs can open, too.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI PKEVENT NTAPI IoCreateNotificationEvent(PUNICODE_STRING EventName, PHANDLE EventHandle);
/** Creates a named synchronization event that programs can open, too.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI PKEVENT NTAPI IoCreateSynchronizationEvent(PUNICODE_STRING EventName, PHANDLE EventHandle);
/** TRUE on 32-bit programs' requests.
 * @irql any
 * @since Windows XP */
NTKERNELAPI BOOLEAN NTAPI IoIs32bitProcess(PIRP Irp);
/** Registers a provider of management information.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoWMIRegistrationControl(PDEVICE_OBJECT DeviceObject, ULONG Action);
#define WMIREG_ACTION_REGISTER   1
#define WMIREG_ACTION_DEREGISTER 2

/** Prepares a remove lock. */
#define IoInitializeRemoveLock(Lock, Tag, Maxmin, HighWater) \
    IoInitializeRemoveLockEx(Lock, Tag, Maxmin, HighWater, sizeof(IO_REMOVE_LOCK))
/** Counts a request that is under way.
 * @returns STATUS_SUCCESS, or STATUS_DELETE_PENDING once the device is being removed
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-ioacquireremovelock */
#define IoAcquireRemoveLock(RemoveLock, Tag) \
    IoAcquireRemoveLockEx(RemoveLock, Tag, __FILE__, __LINE__, sizeof(IO_REMOVE_LOCK))
/** Ends what IoAcquireRemoveLock began.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-ioreleaseremovelock */
#define IoReleaseRemoveLock(RemoveLock, Tag) \
    IoReleaseRemoveLockEx(RemoveLock, Tag, sizeof(IO_REMOVE_LOCK))
/** Begins the removal and waits until every request has ended.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-ioreleaseremovelockandwait */
#define IoReleaseRemoveLockAndWait(RemoveLock, Tag) \
    IoReleaseRemoveLockAndWaitEx(RemoveLock, Tag, sizeof(IO_REMOVE_LOCK))
/** Prepares a remove lock; IoInitializeRemoveLock calls it.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI VOID NTAPI IoInitializeRemoveLockEx(PIO_REMOVE_LOCK Lock, ULONG AllocateTag, ULONG MaxLockedMinutes, ULONG HighWatermark, ULONG RemlockSize);
/** Counts a request that is under way; IoAcquireRemoveLock calls it.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoAcquireRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, PCSTR File, ULONG Line, ULONG RemlockSize);
/** Ends what IoAcquireRemoveLock began; IoReleaseRemoveLock calls it.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoReleaseRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, ULONG RemlockSize);
/** Begins the removal and waits for every request; IoReleaseRemoveLockAndWait calls it.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI VOID NTAPI IoReleaseRemoveLockAndWaitEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, ULONG RemlockSize);

/** Bytes of a request with some stack locations. */
#define IoSizeOfIrp(StackSize) ((USHORT)(sizeof(IRP) + ((StackSize) * (sizeof(IO_STACK_LOCATION)))))

/** The caller's own stack location of a request.
 * @irql any
 * @page nf-wdm-iogetcurrentirpstacklocation */
FORCEINLINE PIO_STACK_LOCATION IoGetCurrentIrpStackLocation(PIRP Irp)
{
    return Irp->Tail.Overlay.CurrentStackLocation;
}

/** The stack location of the next lower driver.
 * @irql any
 * @page nf-wdm-iogetnextirpstacklocation */
FORCEINLINE PIO_STACK_LOCATION IoGetNextIrpStackLocation(PIRP Irp)
{
    return Irp->Tail.Overlay.CurrentStackLocation - 1;
}

/** Makes the next stack location the current one, for a driver's own requests.
 * @irql any
 * @page nf-wdm-iosetnextirpstacklocation */
FORCEINLINE VOID IoSetNextIrpStackLocation(PIRP Irp)
{
    Irp->CurrentLocation--;
    Irp->Tail.Overlay.CurrentStackLocation--;
}

/** Lets the next driver see the caller's own parameters; no completion routine then.
 * @irql any
 * @page nf-wdm-ioskipcurrentirpstacklocation */
FORCEINLINE VOID IoSkipCurrentIrpStackLocation(PIRP Irp)
{
    Irp->CurrentLocation++;
    Irp->Tail.Overlay.CurrentStackLocation++;
}

/** Copies the caller's parameters to the next stack location, without the completion routine.
 * @irql any
 * @page nf-wdm-iocopycurrentirpstacklocationtonext */
FORCEINLINE VOID IoCopyCurrentIrpStackLocationToNext(PIRP Irp)
{
    PIO_STACK_LOCATION irpSp;
    PIO_STACK_LOCATION nextIrpSp;

    irpSp = IoGetCurrentIrpStackLocation(Irp);
    nextIrpSp = IoGetNextIrpStackLocation(Irp);
    RtlCopyMemory(nextIrpSp, irpSp, FIELD_OFFSET(IO_STACK_LOCATION, CompletionRoutine));
    nextIrpSp->Control = 0;
}

/** Sets the routine that runs when lower drivers complete the request.
 * @irql any
 * @page nf-wdm-iosetcompletionroutine */
FORCEINLINE VOID IoSetCompletionRoutine(PIRP Irp, PIO_COMPLETION_ROUTINE CompletionRoutine, PVOID Context, BOOLEAN InvokeOnSuccess, BOOLEAN InvokeOnError, BOOLEAN InvokeOnCancel)
{
    PIO_STACK_LOCATION irpSp;

    irpSp = IoGetNextIrpStackLocation(Irp);
    irpSp->CompletionRoutine = CompletionRoutine;
    irpSp->Context = Context;
    irpSp->Control = 0;
    if (InvokeOnSuccess) {
        irpSp->Control = SL_INVOKE_ON_SUCCESS;
    }
    if (InvokeOnError) {
        irpSp->Control |= SL_INVOKE_ON_ERROR;
    }
    if (InvokeOnCancel) {
        irpSp->Control |= SL_INVOKE_ON_CANCEL;
    }
}

/** Says that the request will be completed later; the dispatch routine must return STATUS_PENDING.
 * @irql any
 * @page nf-wdm-iomarkirppending */
FORCEINLINE VOID IoMarkIrpPending(PIRP Irp)
{
    IoGetCurrentIrpStackLocation(Irp)->Control |= SL_PENDING_RETURNED;
}

/** Sets a request's cancel routine; returns the previous one.
 * @irql any
 * @page nf-wdm-iosetcancelroutine */
FORCEINLINE PDRIVER_CANCEL IoSetCancelRoutine(PIRP Irp, PDRIVER_CANCEL CancelRoutine)
{
    return (PDRIVER_CANCEL)InterlockedExchangePointer((PVOID volatile *)&Irp->CancelRoutine, (PVOID)CancelRoutine);
}

/** TRUE for an error that may go away when tried again. */
FORCEINLINE BOOLEAN IoIsErrorUserInduced(NTSTATUS Status)
{
    return (BOOLEAN)((Status == STATUS_DEVICE_NOT_READY) ||
                     (Status == STATUS_IO_TIMEOUT) ||
                     (Status == STATUS_MEDIA_WRITE_PROTECTED) ||
                     (Status == STATUS_NO_MEDIA_IN_DEVICE) ||
                     (Status == STATUS_VERIFY_REQUIRED) ||
                     (Status == STATUS_UNRECOGNIZED_MEDIA) ||
                     (Status == STATUS_WRONG_VOLUME));
}

/** Prepares the DPC that is part of a device object. */
FORCEINLINE VOID IoInitializeDpcRequest(PDEVICE_OBJECT DeviceObject, PIO_DPC_ROUTINE DpcRoutine)
{
    KeInitializeDpc(&DeviceObject->Dpc, (PKDEFERRED_ROUTINE)DpcRoutine, DeviceObject);
}

/** Queues the DPC that is part of a device object. */
#define IoRequestDpc(DeviceObject, Irp, Context) \
    (KeInsertQueueDpc(&(DeviceObject)->Dpc, (Irp), (Context)))
#define IoGetFunctionCodeFromCtlCode(ControlCode) ((ControlCode >> 2) & 0x00000FFF)
#define IoGetDriverObjectFromDevice(DeviceObject) ((DeviceObject)->DriverObject)

/* Cancel-safe queues */
struct _IO_CSQ;
/** Names one request in a cancel-safe queue. */
typedef struct _IO_CSQ_IRP_CONTEXT {
    ULONG           Type;
    struct _IRP    *Irp;
    struct _IO_CSQ *Csq;
} IO_CSQ_IRP_CONTEXT, *PIO_CSQ_IRP_CONTEXT;
/** Inserts a request into the driver's queue. */
typedef VOID NTAPI IO_CSQ_INSERT_IRP(struct _IO_CSQ *Csq, PIRP Irp);
typedef IO_CSQ_INSERT_IRP *PIO_CSQ_INSERT_IRP;
/** Inserts a request into the driver's queue, or refuses it. */
typedef NTSTATUS NTAPI IO_CSQ_INSERT_IRP_EX(struct _IO_CSQ *Csq, PIRP Irp, PVOID InsertContext);
typedef IO_CSQ_INSERT_IRP_EX *PIO_CSQ_INSERT_IRP_EX;
/** Removes a request from the driver's queue. */
typedef VOID NTAPI IO_CSQ_REMOVE_IRP(struct _IO_CSQ *Csq, PIRP Irp);
typedef IO_CSQ_REMOVE_IRP *PIO_CSQ_REMOVE_IRP;
/** Finds the next request that matches, after one or from the start. */
typedef PIRP NTAPI IO_CSQ_PEEK_NEXT_IRP(struct _IO_CSQ *Csq, PIRP Irp, PVOID PeekContext);
typedef IO_CSQ_PEEK_NEXT_IRP *PIO_CSQ_PEEK_NEXT_IRP;
/** Takes the lock of the driver's queue. */
typedef VOID NTAPI IO_CSQ_ACQUIRE_LOCK(struct _IO_CSQ *Csq, PKIRQL Irql);
typedef IO_CSQ_ACQUIRE_LOCK *PIO_CSQ_ACQUIRE_LOCK;
/** Releases the lock of the driver's queue. */
typedef VOID NTAPI IO_CSQ_RELEASE_LOCK(struct _IO_CSQ *Csq, KIRQL Irql);
typedef IO_CSQ_RELEASE_LOCK *PIO_CSQ_RELEASE_LOCK;
/** Completes a request that was cancelled. */
typedef VOID NTAPI IO_CSQ_COMPLETE_CANCELED_IRP(struct _IO_CSQ *Csq, PIRP Irp);
typedef IO_CSQ_COMPLETE_CANCELED_IRP *PIO_CSQ_COMPLETE_CANCELED_IRP;
/** A queue of requests that handles their cancellation. */
typedef struct _IO_CSQ {
    ULONG                         Type;
    PIO_CSQ_INSERT_IRP            CsqInsertIrp;
    PIO_CSQ_REMOVE_IRP            CsqRemoveIrp;
    PIO_CSQ_PEEK_NEXT_IRP         CsqPeekNextIrp;
    PIO_CSQ_ACQUIRE_LOCK          CsqAcquireLock;
    PIO_CSQ_RELEASE_LOCK          CsqReleaseLock;
    PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp;
    PVOID                         ReservePointer;
} IO_CSQ, *PIO_CSQ;
/** Prepares a cancel-safe queue with the driver's routines.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-iocsqinitialize */
NTKERNELAPI NTSTATUS NTAPI IoCsqInitialize(PIO_CSQ Csq, PIO_CSQ_INSERT_IRP CsqInsertIrp, PIO_CSQ_REMOVE_IRP CsqRemoveIrp, PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp, PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock, PIO_CSQ_RELEASE_LOCK CsqReleaseLock, PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp);
/** As IoCsqInitialize, with an insertion routine that may refuse a request.
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-iocsqinitializeex */
NTKERNELAPI NTSTATUS NTAPI IoCsqInitializeEx(PIO_CSQ Csq, PIO_CSQ_INSERT_IRP_EX CsqInsertIrp, PIO_CSQ_REMOVE_IRP CsqRemoveIrp, PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp, PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock, PIO_CSQ_RELEASE_LOCK CsqReleaseLock, PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp);
/** Inserts a request and marks it pending, unless the driver's insertion routine refuses it.
 * @returns what the insertion routine answered
 * @irql <= DISPATCH_LEVEL
 * @page nf-wdm-iocsqinsertirpex */
NTKERNELAPI NTSTATUS NTAPI IoCsqInsertIrpEx(PIO_CSQ Csq, PIRP Irp, PIO_CSQ_IRP_CONTEXT Context, PVOID InsertContext);
/** Inserts a request and marks it pending.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI IoCsqInsertIrp(PIO_CSQ Csq, PIRP Irp, PIO_CSQ_IRP_CONTEXT Context);
/** Removes the next request that matches; NULL when there is none.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI PIRP NTAPI IoCsqRemoveNextIrp(PIO_CSQ Csq, PVOID PeekContext);
/** Removes a certain request; NULL when it has been cancelled.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI PIRP NTAPI IoCsqRemoveIrp(PIO_CSQ Csq, PIO_CSQ_IRP_CONTEXT Context);

/* ----------------------------------------------------------------- power */

/** Tells the power manager of a device's new state; returns the previous one.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI POWER_STATE NTAPI PoSetPowerState(PDEVICE_OBJECT DeviceObject, POWER_STATE_TYPE Type, POWER_STATE State);
/** Sends a power request down; IoCallDriver from Windows Vista on.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI NTSTATUS NTAPI PoCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp);
/** Allows the next power request; does nothing from Windows Vista on.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI PoStartNextPowerIrp(PIRP Irp);
/** Runs when a power request is done. */
typedef VOID NTAPI REQUEST_POWER_COMPLETE(PDEVICE_OBJECT DeviceObject, UCHAR MinorFunction, POWER_STATE PowerState, PVOID Context, PIO_STATUS_BLOCK IoStatus);
typedef REQUEST_POWER_COMPLETE *PREQUEST_POWER_COMPLETE;
/** Asks the power manager to send a power request.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI NTSTATUS NTAPI PoRequestPowerIrp(PDEVICE_OBJECT DeviceObject, UCHAR MinorFunction, POWER_STATE PowerState, PREQUEST_POWER_COMPLETE CompletionFunction, PVOID Context, PIRP *Irp);

/* -------------------------------------------------------------- hardware */

/** Reads an 8-bit device register in memory. */
NTKERNELAPI UCHAR NTAPI READ_REGISTER_UCHAR(volatile UCHAR *Register);
/** Reads a 16-bit device register in memory. */
NTKERNELAPI USHORT NTAPI READ_REGISTER_USHORT(volatile USHORT *Register);
/** Reads a 32-bit device register in memory. */
NTKERNELAPI ULONG NTAPI READ_REGISTER_ULONG(volatile ULONG *Register);
/** Reads a 64-bit device register in memory. */
NTKERNELAPI ULONG64 NTAPI READ_REGISTER_ULONG64(volatile ULONG64 *Register);
/** Writes an 8-bit device register in memory. */
NTKERNELAPI VOID NTAPI WRITE_REGISTER_UCHAR(volatile UCHAR *Register, UCHAR Value);
/** Writes a 16-bit device register in memory. */
NTKERNELAPI VOID NTAPI WRITE_REGISTER_USHORT(volatile USHORT *Register, USHORT Value);
/** Writes a 32-bit device register in memory. */
NTKERNELAPI VOID NTAPI WRITE_REGISTER_ULONG(volatile ULONG *Register, ULONG Value);
/** Writes a 64-bit device register in memory. */
NTKERNELAPI VOID NTAPI WRITE_REGISTER_ULONG64(volatile ULONG64 *Register, ULONG64 Value);
/** Reads several 8-bit values from a device register range. */
NTKERNELAPI VOID NTAPI READ_REGISTER_BUFFER_UCHAR(volatile UCHAR *Register, PUCHAR Buffer, ULONG Count);
/** Reads several 32-bit values from a device register range. */
NTKERNELAPI VOID NTAPI READ_REGISTER_BUFFER_ULONG(volatile ULONG *Register, PULONG Buffer, ULONG Count);
/** Writes several 8-bit values to a device register range. */
NTKERNELAPI VOID NTAPI WRITE_REGISTER_BUFFER_UCHAR(volatile UCHAR *Register, PUCHAR Buffer, ULONG Count);
/** Writes several 32-bit values to a device register range. */
NTKERNELAPI VOID NTAPI WRITE_REGISTER_BUFFER_ULONG(volatile ULONG *Register, PULONG Buffer, ULONG Count);
/** Reads an 8-bit I/O port. */
NTKERNELAPI UCHAR NTAPI READ_PORT_UCHAR(PUCHAR Port);
/** Reads a 16-bit I/O port. */
NTKERNELAPI USHORT NTAPI READ_PORT_USHORT(PUSHORT Port);
/** Reads a 32-bit I/O port. */
NTKERNELAPI ULONG NTAPI READ_PORT_ULONG(PULONG Port);
/** Writes an 8-bit I/O port. */
NTKERNELAPI VOID NTAPI WRITE_PORT_UCHAR(PUCHAR Port, UCHAR Value);
/** Writes a 16-bit I/O port. */
NTKERNELAPI VOID NTAPI WRITE_PORT_USHORT(PUSHORT Port, USHORT Value);
/** Writes a 32-bit I/O port. */
NTKERNELAPI VOID NTAPI WRITE_PORT_ULONG(PULONG Port, ULONG Value);

#define PCI_TYPE0_ADDRESSES 6
#define PCI_TYPE1_ADDRESSES 2
#define PCI_TYPE2_ADDRESSES 5
/** Standard part of the PCI configuration space. */
typedef struct _PCI_COMMON_HEADER {
    USHORT VendorID;
    USHORT DeviceID;
    USHORT Command;
    USHORT Status;
    UCHAR  RevisionID;
    UCHAR  ProgIf;
    UCHAR  SubClass;
    UCHAR  BaseClass;
    UCHAR  CacheLineSize;
    UCHAR  LatencyTimer;
    UCHAR  HeaderType;
    UCHAR  BIST;
    union {
        struct {
            ULONG  BaseAddresses[PCI_TYPE0_ADDRESSES];
            ULONG  CIS;
            USHORT SubVendorID;
            USHORT SubSystemID;
            ULONG  ROMBaseAddress;
            UCHAR  CapabilitiesPtr;
            UCHAR  Reserved1[3];
            ULONG  Reserved2;
            UCHAR  InterruptLine;
            UCHAR  InterruptPin;
            UCHAR  MinimumGrant;
            UCHAR  MaximumLatency;
        } type0;
    } u;
} PCI_COMMON_HEADER, *PPCI_COMMON_HEADER;
/** The PCI configuration space of a device. */
typedef struct _PCI_COMMON_CONFIG {
    USHORT VendorID;
    USHORT DeviceID;
    USHORT Command;
    USHORT Status;
    UCHAR  RevisionID;
    UCHAR  ProgIf;
    UCHAR  SubClass;
    UCHAR  BaseClass;
    UCHAR  CacheLineSize;
    UCHAR  LatencyTimer;
    UCHAR  HeaderType;
    UCHAR  BIST;
    union {
        struct {
            ULONG  BaseAddresses[PCI_TYPE0_ADDRESSES];
            ULONG  CIS;
            USHORT SubVendorID;
            USHORT SubSystemID;
            ULONG  ROMBaseAddress;
            UCHAR  CapabilitiesPtr;
            UCHAR  Reserved1[3];
            ULONG  Reserved2;
            UCHAR  InterruptLine;
            UCHAR  InterruptPin;
            UCHAR  MinimumGrant;
            UCHAR  MaximumLatency;
        } type0;
    } u;
    UCHAR DeviceSpecific[192];
} PCI_COMMON_CONFIG, *PPCI_COMMON_CONFIG;
/** Device and function number on a PCI bus. */
typedef struct _PCI_SLOT_NUMBER {
    union {
        struct {
            ULONG DeviceNumber : 5;
            ULONG FunctionNumber : 3;
            ULONG Reserved : 24;
        } bits;
        ULONG AsULONG;
    } u;
} PCI_SLOT_NUMBER, *PPCI_SLOT_NUMBER;
#define PCI_COMMON_HDR_LENGTH   (FIELD_OFFSET(PCI_COMMON_CONFIG, DeviceSpecific))
#define PCI_ENABLE_IO_SPACE     0x0001
#define PCI_ENABLE_MEMORY_SPACE 0x0002
#define PCI_ENABLE_BUS_MASTER   0x0004
#define PCI_INVALID_VENDORID    0xFFFF
#define PCI_WHICHSPACE_CONFIG   0x0
#define PCI_WHICHSPACE_ROM      0x52696350

/* ------------------------------------------------------ system services */

/** Closes a handle.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-zwclose */
NTSYSAPI NTSTATUS NTAPI ZwClose(HANDLE Handle);
/** Opens or creates a file, or opens a device.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-zwcreatefile */
NTSYSAPI NTSTATUS NTAPI ZwCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER AllocationSize, ULONG FileAttributes, ULONG ShareAccess, ULONG CreateDisposition, ULONG CreateOptions, PVOID EaBuffer, ULONG EaLength);
/** Opens a file or a device.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-zwopenfile */
NTSYSAPI NTSTATUS NTAPI ZwOpenFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock, ULONG ShareAccess, ULONG OpenOptions);
/** Reads from a file.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-zwreadfile */
NTSYSAPI NTSTATUS NTAPI ZwReadFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key);
/** Writes to a file.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-zwwritefile */
NTSYSAPI NTSTATUS NTAPI ZwWriteFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key);
/** Queries a file. Position, mode, alignment and access are answered at once, the rest by the device's driver.
 * @returns also STATUS_INVALID_INFO_CLASS, STATUS_INFO_LENGTH_MISMATCH
 * @irql = PASSIVE_LEVEL
 * @page nf-ntifs-zwqueryinformationfile */
NTSYSAPI NTSTATUS NTAPI ZwQueryInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, ULONG Length, FILE_INFORMATION_CLASS FileInformationClass);
/** Changes a file: its position at once, the rest through the device's driver.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-zwsetinformationfile */
NTSYSAPI NTSTATUS NTAPI ZwSetInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, ULONG Length, FILE_INFORMATION_CLASS FileInformationClass);
/** Creates or opens a registry key.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-zwcreatekey */
NTSYSAPI NTSTATUS NTAPI ZwCreateKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, ULONG TitleIndex, PUNICODE_STRING Class, ULONG CreateOptions, PULONG Disposition);
/** Opens a registry key.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-zwopenkey */
NTSYSAPI NTSTATUS NTAPI ZwOpenKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
/** Deletes a registry key.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwDeleteKey(HANDLE KeyHandle);
/** Deletes a registry value.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwDeleteValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName);
/** Writes a key's changes to disk.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwFlushKey(HANDLE KeyHandle);
/** Reports on a registry key.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwQueryKey(HANDLE KeyHandle, KEY_INFORMATION_CLASS KeyInformationClass, PVOID KeyInformation, ULONG Length, PULONG ResultLength);
/** Reports on a subkey by number.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwEnumerateKey(HANDLE KeyHandle, ULONG Index, KEY_INFORMATION_CLASS KeyInformationClass, PVOID KeyInformation, ULONG Length, PULONG ResultLength);
/** Reads a registry value.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-zwqueryvaluekey */
NTSYSAPI NTSTATUS NTAPI ZwQueryValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName, KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass, PVOID KeyValueInformation, ULONG Length, PULONG ResultLength);
/** Reads a registry value by number.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwEnumerateValueKey(HANDLE KeyHandle, ULONG Index, KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass, PVOID KeyValueInformation, ULONG Length, PULONG ResultLength);
/** Writes a registry value.
 * @irql = PASSIVE_LEVEL
 * @page nf-wdm-zwsetvaluekey */
NTSYSAPI NTSTATUS NTAPI ZwSetValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName, ULONG TitleIndex, ULONG Type, PVOID Data, ULONG DataSize);
/** Opens a section object.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwOpenSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
/** Creates a section object.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwCreateSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, PLARGE_INTEGER MaximumSize, ULONG SectionPageProtection, ULONG AllocationAttributes, HANDLE FileHandle);
/** Maps part of a section into a process.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwMapViewOfSection(HANDLE SectionHandle, HANDLE ProcessHandle, PVOID *BaseAddress, ULONG_PTR ZeroBits, SIZE_T CommitSize, PLARGE_INTEGER SectionOffset, PSIZE_T ViewSize, SECTION_INHERIT InheritDisposition, ULONG AllocationType, ULONG Win32Protect);
/** Removes a view of a section.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwUnmapViewOfSection(HANDLE ProcessHandle, PVOID BaseAddress);
/** Creates a directory of the object namespace.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwCreateDirectoryObject(PHANDLE DirectoryHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
/** Makes an object vanish with its last handle.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwMakeTemporaryObject(HANDLE Handle);
/** Opens a symbolic link of the object namespace.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwOpenSymbolicLinkObject(PHANDLE LinkHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
/** Reads where a symbolic link leads.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwQuerySymbolicLinkObject(HANDLE LinkHandle, PUNICODE_STRING LinkTarget, PULONG ReturnedLength);
/** Loads a driver by its service key.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwLoadDriver(PUNICODE_STRING DriverServiceName);
/** Unloads a driver by its service key.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwUnloadDriver(PUNICODE_STRING DriverServiceName);

/* The kernel's printf family */
/** Formats into a buffer; nothing limits the length.
 * @irql = PASSIVE_LEVEL */
int __cdecl sprintf(char *buffer, const char *format, ...);
/** Formats into a buffer of a size; no terminator when the text fills it.
 * @irql = PASSIVE_LEVEL */
int __cdecl _snprintf(char *buffer, size_t count, const char *format, ...);
/** As _snprintf, with the arguments as a va_list.
 * @irql = PASSIVE_LEVEL */
int __cdecl _vsnprintf(char *buffer, size_t count, const char *format, va_list argptr);
/** Formats wide characters into a buffer of a size.
 * @irql = PASSIVE_LEVEL */
int __cdecl _snwprintf(wchar_t *buffer, size_t count, const wchar_t *format, ...);
/** As _snwprintf, with the arguments as a va_list.
 * @irql = PASSIVE_LEVEL */
int __cdecl _vsnwprintf(wchar_t *buffer, size_t count, const wchar_t *format, va_list argptr);

#endif
