/* Gives the routines of the DMA tables their prototypes. */
#include <ntddk.h>
#include "dma-routines.h"
