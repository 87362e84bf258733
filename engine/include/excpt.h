/* Words and macros of structured exception handling. */
#ifndef _DMS_EXCPT_H_
#define _DMS_EXCPT_H_

/** What a frame's handler told the dispatcher to do next. */
typedef enum _EXCEPTION_DISPOSITION {
    ExceptionContinueExecution,
    ExceptionContinueSearch,
    ExceptionNestedException,
    ExceptionCollidedUnwind
} EXCEPTION_DISPOSITION;

/** Filter result: run the __except block. */
#define EXCEPTION_EXECUTE_HANDLER     1
/** Filter result: not ours, look for an outer __try. */
#define EXCEPTION_CONTINUE_SEARCH     0
/** Filter result: resume where the exception happened. */
#define EXCEPTION_CONTINUE_EXECUTION (-1)

/** The NTSTATUS of the exception; only inside a filter or an __except block. */
#define GetExceptionCode         _exception_code
/** Pointers to the exception record and the context; only inside a filter expression. */
#define GetExceptionInformation() ((struct _EXCEPTION_POINTERS *)_exception_info())
/** Nonzero when a __finally block runs because of an exception or a jump out of its __try. */
#define AbnormalTermination      _abnormal_termination
#define exception_code           _exception_code
#define exception_info()         ((struct _EXCEPTION_POINTERS *)_exception_info())
#define abnormal_termination     _abnormal_termination

#ifdef _DMS_KERNEL_MODE
#define try     __try
#define except  __except
#define finally __finally
#define leave   __leave
#endif

#endif
