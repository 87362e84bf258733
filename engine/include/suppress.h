/* Nothing here is needed beyond specstrings.h. */
#include <specstrings.h>
