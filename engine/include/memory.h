/* The memory routines of string.h. */
#include <string.h>
