/* Assertions of the C library; may be included again with another NDEBUG. */
#ifdef _DMS_KERNEL_MODE
#error assert.h is a header of processes; a driver has ASSERT and NT_ASSERT from ntddk.h or wdm.h
#endif

#undef assert
#ifdef NDEBUG
#define assert(expression) ((void)0)
#else
/** Ends the process with a message when the expression is false. */
#define assert(expression) \
    ((expression) ? (void)0 : _assert(#expression, __FILE__, __LINE__))
#endif

#ifndef _DMS_ASSERT_H_
#define _DMS_ASSERT_H_
#define static_assert _Static_assert
/** Called by assert; do not call it directly. */
void __cdecl _assert(const char *Message, const char *File, unsigned Line);
#endif
