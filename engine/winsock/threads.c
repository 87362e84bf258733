/* Threads, as the C library starts them. */
#include <windows.h>
#include <process.h>

uintptr_t
_beginthreadex(void *security, unsigned stackSize, unsigned(__stdcall *routine)(void *), void *argument, unsigned flags,
               unsigned *thread)
{
    DWORD id = 0;
    HANDLE handle = CreateThread((LPSECURITY_ATTRIBUTES)security, stackSize, (LPTHREAD_START_ROUTINE)routine, argument,
                                 flags, &id);

    if (thread != NULL) {
        *thread = id;
    }
    return (uintptr_t)handle;
}

void
_endthreadex(unsigned code)
{
    ExitThread(code);
}
