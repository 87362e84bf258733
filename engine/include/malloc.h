/* The heap routines of stdlib.h. */
#ifdef _DMS_KERNEL_MODE
#error malloc.h is a header of processes; a driver allocates by ExAllocatePool2
#endif
#include <stdlib.h>
