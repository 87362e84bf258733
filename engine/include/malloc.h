/* The heap routines of stdlib.h. */
#include <stdlib.h>
