/* Variables that the kernel exports. Those that depend on the machine get their value when it boots. */
#include <ntddk.h>

BOOLEAN Mm64BitPhysicalAddress;
volatile CCHAR KeNumberProcessors;
ULONG_PTR MmUserProbeAddress = 0x7FFFFFFF0000;
PVOID MmHighestUserAddress = (PVOID)0x7FFFFFFEFFFF;
PVOID MmSystemRangeStart = (PVOID)0xFFFF800000000000;
PEPROCESS PsInitialSystemProcess;
