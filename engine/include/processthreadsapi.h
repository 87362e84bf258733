/* Part of winbase.h here. */
#include <windows.h>
