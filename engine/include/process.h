/* Threads, as the C library starts them. */
#ifndef _DMS_PROCESS_H_
#define _DMS_PROCESS_H_

#ifdef _DMS_KERNEL_MODE
#error process.h is a header of processes; a driver uses PsCreateSystemThread
#endif

#include <stddef.h>
#include <stdint.h>

/** Starts a thread; its routine's result is its exit code.
 * @returns a handle to close, or 0 */
uintptr_t __cdecl _beginthreadex(void *Security, unsigned StackSize, unsigned(__stdcall *StartAddress)(void *), void *ArgList, unsigned InitFlag, unsigned *ThreadAddress);
/** Ends the calling thread. */
__declspec(noreturn) void __cdecl _endthreadex(unsigned ReturnCode);

#endif
