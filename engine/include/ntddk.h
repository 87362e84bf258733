/* Kernel routines beyond those of wdm.h. */
#ifndef _NTDDK_
#define _NTDDK_

#ifdef _DMS_USER_MODE
#error ntddk.h is a kernel header; a process includes windows.h
#endif

#include <wdm.h>

/* ---------------------------------------------------------------- memory */

/** Allocates nonpaged, non-cached memory: whole pages, usually not contiguous, not zeroed.
 * @returns system address, or NULL
 * @irql <= APC_LEVEL
 * @page nf-ntddk-mmallocatenoncachedmemory */
NTKERNELAPI PVOID NTAPI MmAllocateNonCachedMemory(SIZE_T NumberOfBytes);
/** Frees memory of MmAllocateNonCachedMemory; the size as at its allocation.
 * @irql <= APC_LEVEL
 * @page nf-ntddk-mmfreenoncachedmemory */
NTKERNELAPI VOID NTAPI MmFreeNonCachedMemory(PVOID BaseAddress, SIZE_T NumberOfBytes);
/** Physical address of a valid system address. For DMA use an adapter's logical address instead.
 * @param BaseAddress nonpaged or locked memory
 * @irql any
 * @page nf-ntddk-mmgetphysicaladdress */
NTKERNELAPI PHYSICAL_ADDRESS NTAPI MmGetPhysicalAddress(PVOID BaseAddress);
/** System address of a physical one, where there is one.
 * @irql any */
NTKERNELAPI PVOID NTAPI MmGetVirtualForPhysical(PHYSICAL_ADDRESS PhysicalAddress);
/** Lists the ranges of RAM; an entry of zeros ends the list. Free it by ExFreePool.
 * @returns array in nonpaged pool, or NULL
 * @irql = PASSIVE_LEVEL
 * @page nf-ntddk-mmgetphysicalmemoryrangesex2 */
NTKERNELAPI PPHYSICAL_MEMORY_RANGE NTAPI MmGetPhysicalMemoryRanges(VOID);
/** Lists the ranges of RAM of a memory partition, or of the system.
 * @irql = PASSIVE_LEVEL
 * @page nf-ntddk-mmgetphysicalmemoryrangesex2
 * @since Windows 10 2004 */
NTKERNELAPI PPHYSICAL_MEMORY_RANGE NTAPI MmGetPhysicalMemoryRangesEx2(PVOID PartitionObject, ULONG Flags);
/** TRUE when an address can be touched without a page fault just now.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI BOOLEAN NTAPI MmIsAddressValid(PVOID VirtualAddress);
/** Keeps a user range from being freed or more tightly protected. Does not lock its pages.
 * @param ProbeMode PAGE_READWRITE or PAGE_READONLY
 * @returns handle for MmUnsecureVirtualMemory, or NULL
 * @irql <= APC_LEVEL
 * @page nf-ntddk-mmsecurevirtualmemory */
NTKERNELAPI HANDLE NTAPI MmSecureVirtualMemory(PVOID Address, SIZE_T Size, ULONG ProbeMode);
/** As MmSecureVirtualMemory, with flags.
 * @irql <= APC_LEVEL
 * @since Windows 10 */
NTKERNELAPI HANDLE NTAPI MmSecureVirtualMemoryEx(PVOID Address, SIZE_T Size, ULONG ProbeMode, ULONG Flags);
/** Ends the protection of MmSecureVirtualMemory; in the same process.
 * @irql <= APC_LEVEL
 * @page nf-ntddk-mmunsecurevirtualmemory */
NTKERNELAPI VOID NTAPI MmUnsecureVirtualMemory(HANDLE SecureHandle);
/** Maps a section object into system space.
 * @irql <= APC_LEVEL */
NTKERNELAPI NTSTATUS NTAPI MmMapViewInSystemSpace(PVOID Section, PVOID *MappedBase, PSIZE_T ViewSize);
/** Undoes MmMapViewInSystemSpace.
 * @irql <= APC_LEVEL */
NTKERNELAPI NTSTATUS NTAPI MmUnmapViewInSystemSpace(PVOID MappedBase);
/** Tells the memory manager of RAM that was added.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI MmAddPhysicalMemory(PPHYSICAL_ADDRESS StartAddress, PLARGE_INTEGER NumberOfBytes);

/* ------------------------------------------------------------- processes */

/** Why a process starts, and as what. */
typedef struct _PS_CREATE_NOTIFY_INFO {
    SIZE_T Size;
    union {
        ULONG Flags;
        struct {
            ULONG FileOpenNameAvailable : 1;
            ULONG IsSubsystemProcess : 1;
            ULONG Reserved : 30;
        };
    };
    HANDLE               ParentProcessId;
    CLIENT_ID            CreatingThreadId;
    struct _FILE_OBJECT *FileObject;
    PCUNICODE_STRING     ImageFileName;
    PCUNICODE_STRING     CommandLine;
    NTSTATUS             CreationStatus;
} PS_CREATE_NOTIFY_INFO, *PPS_CREATE_NOTIFY_INFO;
/** Runs when a process starts or ends; on its end in its last thread.
 * @irql = PASSIVE_LEVEL
 * @page nc-ntddk-pcreate_process_notify_routine */
typedef VOID (NTAPI *PCREATE_PROCESS_NOTIFY_ROUTINE)(HANDLE ParentId, HANDLE ProcessId, BOOLEAN Create);
/** Runs when a process starts or ends; may refuse the start. */
typedef VOID (NTAPI *PCREATE_PROCESS_NOTIFY_ROUTINE_EX)(PEPROCESS Process, HANDLE ProcessId, PPS_CREATE_NOTIFY_INFO CreateInfo);
/** Runs when a thread starts or ends. */
typedef VOID (NTAPI *PCREATE_THREAD_NOTIFY_ROUTINE)(HANDLE ProcessId, HANDLE ThreadId, BOOLEAN Create);
/** Registers or removes a routine that hears of processes. Remove it before unloading.
 * @param Remove TRUE to remove
 * @returns STATUS_SUCCESS, or STATUS_INVALID_PARAMETER when it is registered already or the table is full
 * @irql = PASSIVE_LEVEL
 * @page nf-ntddk-pssetcreateprocessnotifyroutine */
NTKERNELAPI NTSTATUS NTAPI PsSetCreateProcessNotifyRoutine(PCREATE_PROCESS_NOTIFY_ROUTINE NotifyRoutine, BOOLEAN Remove);
/** As PsSetCreateProcessNotifyRoutine, with more information.
 * @irql = PASSIVE_LEVEL
 * @since Windows Vista SP1 */
NTKERNELAPI NTSTATUS NTAPI PsSetCreateProcessNotifyRoutineEx(PCREATE_PROCESS_NOTIFY_ROUTINE_EX NotifyRoutine, BOOLEAN Remove);
/** Registers a routine that hears of threads.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI PsSetCreateThreadNotifyRoutine(PCREATE_THREAD_NOTIFY_ROUTINE NotifyRoutine);
/** Removes a routine of PsSetCreateThreadNotifyRoutine.
 * @irql = PASSIVE_LEVEL
 * @since Windows XP */
NTKERNELAPI NTSTATUS NTAPI PsRemoveCreateThreadNotifyRoutine(PCREATE_THREAD_NOTIFY_ROUTINE NotifyRoutine);
/** Identifier of the current process.
 * @irql any */
NTKERNELAPI HANDLE NTAPI PsGetCurrentProcessId(VOID);
/** Identifier of the current thread.
 * @irql any */
NTKERNELAPI HANDLE NTAPI PsGetCurrentThreadId(VOID);
/** Identifier of a process.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI HANDLE NTAPI PsGetProcessId(PEPROCESS Process);
/** Identifier of a thread.
 * @irql <= DISPATCH_LEVEL
 * @since Windows Vista */
NTKERNELAPI HANDLE NTAPI PsGetThreadId(PETHREAD Thread);
/** Process of a thread.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI PEPROCESS NTAPI PsGetThreadProcess(PETHREAD Thread);
/** Version of Windows; RtlGetVersion is preferred.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI BOOLEAN NTAPI PsGetVersion(PULONG MajorVersion, PULONG MinorVersion, PULONG BuildNumber, PUNICODE_STRING CSDVersion);
/** The system process. */
extern NTKERNELAPI PEPROCESS PsInitialSystemProcess;

/* -------------------------------------------------------- kernel, I/O, HAL */

/** Marks a request whose target must be checked for errors.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI VOID NTAPI IoSetHardErrorOrVerifyDevice(PIRP Irp, PDEVICE_OBJECT DeviceObject);
/** Makes a request that is part of another one.
 * @irql <= DISPATCH_LEVEL */
NTKERNELAPI PIRP NTAPI IoMakeAssociatedIrp(PIRP Irp, CCHAR StackSize);
/** Makes a GUID.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI ExUuidCreate(GUID *Uuid);
/** Raises STATUS_DATATYPE_MISALIGNMENT.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI ExRaiseDatatypeMisalignment(VOID);
/** Raises STATUS_ACCESS_VIOLATION.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI ExRaiseAccessViolation(VOID);
/** Locks a section again by its handle.
 * @irql <= APC_LEVEL */
NTKERNELAPI VOID NTAPI MmLockPagableSectionByHandle(PVOID ImageSectionHandle);
/** Stops the system with a bug check without parameters.
 * @irql any */
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI KeBugCheck(ULONG BugCheckCode);
/** Runs with some room on the stack. */
typedef VOID NTAPI EXPAND_STACK_CALLOUT(PVOID Parameter);
typedef EXPAND_STACK_CALLOUT *PEXPAND_STACK_CALLOUT;
/** Calls a routine on a stack with some room.
 * @irql <= APC_LEVEL */
NTKERNELAPI NTSTATUS NTAPI KeExpandKernelStackAndCallout(PEXPAND_STACK_CALLOUT Callout, PVOID Parameter, SIZE_T Size);
/** Registers a routine that runs once a device's driver has reinitialised.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI VOID NTAPI IoRegisterDriverReinitialization(PDRIVER_OBJECT DriverObject, PDRIVER_REINITIALIZE DriverReinitializationRoutine, PVOID Context);
/** Adds the driver to the hardware that a legacy driver claims.
 * @irql = PASSIVE_LEVEL */
NTKERNELAPI NTSTATUS NTAPI IoReportDetectedDevice(PDRIVER_OBJECT DriverObject, INTERFACE_TYPE LegacyBusType, ULONG BusNumber, ULONG SlotNumber, PCM_RESOURCE_LIST ResourceList, PIO_RESOURCE_REQUIREMENTS_LIST ResourceRequirements, BOOLEAN ResourceAssigned, PDEVICE_OBJECT *DeviceObject);
/** Reads the configuration data of a bus or slot.
 * @irql <= DISPATCH_LEVEL */
NTHALAPI ULONG NTAPI HalGetBusData(BUS_DATA_TYPE BusDataType, ULONG BusNumber, ULONG SlotNumber, PVOID Buffer, ULONG Length);
/** As HalGetBusData, from an offset.
 * @irql <= DISPATCH_LEVEL */
NTHALAPI ULONG NTAPI HalGetBusDataByOffset(BUS_DATA_TYPE BusDataType, ULONG BusNumber, ULONG SlotNumber, PVOID Buffer, ULONG Offset, ULONG Length);
/** Writes the configuration data of a bus or slot.
 * @irql <= DISPATCH_LEVEL */
NTHALAPI ULONG NTAPI HalSetBusData(BUS_DATA_TYPE BusDataType, ULONG BusNumber, ULONG SlotNumber, PVOID Buffer, ULONG Length);
/** As HalSetBusData, from an offset.
 * @irql <= DISPATCH_LEVEL */
NTHALAPI ULONG NTAPI HalSetBusDataByOffset(BUS_DATA_TYPE BusDataType, ULONG BusNumber, ULONG SlotNumber, PVOID Buffer, ULONG Offset, ULONG Length);
/** Translates a bus address to a system one; the translated resources of the device hold it already.
 * @irql any */
NTHALAPI BOOLEAN NTAPI HalTranslateBusAddress(INTERFACE_TYPE InterfaceType, ULONG BusNumber, PHYSICAL_ADDRESS BusAddress, PULONG AddressSpace, PPHYSICAL_ADDRESS TranslatedAddress);
/** Adapter object of the old kind. Driver Verifier reports its use; call IoGetDmaAdapter.
 * @irql = PASSIVE_LEVEL */
NTHALAPI PADAPTER_OBJECT NTAPI HalGetAdapter(PDEVICE_DESCRIPTION DeviceDescription, PULONG NumberOfMapRegisters);

/* -------------------------------------------------------- system services */

/** Sends a control code to a device.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwDeviceIoControlFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, ULONG IoControlCode, PVOID InputBuffer, ULONG InputBufferLength, PVOID OutputBuffer, ULONG OutputBufferLength);
/** Opens a process.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwOpenProcess(PHANDLE ProcessHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, PCLIENT_ID ClientId);
/** Ends a process.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwTerminateProcess(HANDLE ProcessHandle, NTSTATUS ExitStatus);
/** Creates a timer object.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwCreateTimer(PHANDLE TimerHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, TIMER_TYPE TimerType);

/* --------------------------------------------------------------- strings */

/** Tells whether one string starts another.
 * @irql = PASSIVE_LEVEL
 * @since Windows XP */
NTSYSAPI BOOLEAN NTAPI RtlPrefixUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
/** Compares two counted strings.
 * @returns negative, 0 or positive */
NTSYSAPI LONG NTAPI RtlCompareString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive);
/** Tells whether two counted strings are equal. */
NTSYSAPI BOOLEAN NTAPI RtlEqualString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive);
/** Copies as much of the source as the destination's buffer holds. */
NTSYSAPI VOID NTAPI RtlCopyString(PSTRING DestinationString, const STRING *SourceString);
/** Converts a string to capitals.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI RtlUpcaseUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString, BOOLEAN AllocateDestinationString);
/** The capital of an 8-bit character. */
NTSYSAPI CHAR NTAPI RtlUpperChar(CHAR Character);

#endif
