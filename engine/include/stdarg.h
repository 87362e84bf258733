#ifndef _DMS_STDARG_H_
#define _DMS_STDARG_H_

/** Cursor over the unnamed arguments of a function. */
typedef char *va_list;

/** Places the cursor behind the last named parameter. */
#define va_start(ap, x) __va_start(&(ap), x)
/** Yields the next argument as a value of the type, and moves on. */
#define va_arg(ap, t)   __va_arg(ap, t)
/** Ends the walk. */
#define va_end(ap)      __va_end(&(ap))
#define va_copy(d, s)   ((d) = (s))

#endif
