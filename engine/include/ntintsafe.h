/* Integer arithmetic that reports overflow, for drivers. */
#ifndef _NTINTSAFE_H_INCLUDED_
#define _NTINTSAFE_H_INCLUDED_

#ifdef _DMS_USER_MODE
#error ntintsafe.h is a kernel header
#endif

#include <ntdef.h>
#include <ntstatus.h>

/** Adds; STATUS_INTEGER_OVERFLOW when the sum does not fit. */
FORCEINLINE NTSTATUS RtlULongAdd(ULONG ulAugend, ULONG ulAddend, ULONG *pulResult)
{
    *pulResult = ulAugend + ulAddend;
    if (*pulResult < ulAugend) {
        *pulResult = MAXULONG;
        return STATUS_INTEGER_OVERFLOW;
    }
    return STATUS_SUCCESS;
}

/** Subtracts; STATUS_INTEGER_OVERFLOW when the difference is negative. */
FORCEINLINE NTSTATUS RtlULongSub(ULONG ulMinuend, ULONG ulSubtrahend, ULONG *pulResult)
{
    if (ulMinuend < ulSubtrahend) {
        *pulResult = MAXULONG;
        return STATUS_INTEGER_OVERFLOW;
    }
    *pulResult = ulMinuend - ulSubtrahend;
    return STATUS_SUCCESS;
}

/** Multiplies; STATUS_INTEGER_OVERFLOW when the product does not fit. */
FORCEINLINE NTSTATUS RtlULongMult(ULONG ulMultiplicand, ULONG ulMultiplier, ULONG *pulResult)
{
    ULONGLONG product = (ULONGLONG)ulMultiplicand * ulMultiplier;

    if (product > MAXULONG) {
        *pulResult = MAXULONG;
        return STATUS_INTEGER_OVERFLOW;
    }
    *pulResult = (ULONG)product;
    return STATUS_SUCCESS;
}

/** Adds; STATUS_INTEGER_OVERFLOW when the sum does not fit. */
FORCEINLINE NTSTATUS RtlSIZETAdd(SIZE_T Augend, SIZE_T Addend, SIZE_T *pResult)
{
    *pResult = Augend + Addend;
    if (*pResult < Augend) {
        *pResult = MAXSIZE_T;
        return STATUS_INTEGER_OVERFLOW;
    }
    return STATUS_SUCCESS;
}

/** Multiplies; STATUS_INTEGER_OVERFLOW when the product does not fit. */
FORCEINLINE NTSTATUS RtlSIZETMult(SIZE_T Multiplicand, SIZE_T Multiplier, SIZE_T *pResult)
{
    if (Multiplicand != 0 && Multiplier > MAXSIZE_T / Multiplicand) {
        *pResult = MAXSIZE_T;
        return STATUS_INTEGER_OVERFLOW;
    }
    *pResult = Multiplicand * Multiplier;
    return STATUS_SUCCESS;
}
#define RtlSizeTAdd  RtlSIZETAdd
#define RtlSizeTMult RtlSIZETMult

/** Narrows; STATUS_INTEGER_OVERFLOW when the value does not fit. */
FORCEINLINE NTSTATUS RtlSIZETToULong(SIZE_T Operand, ULONG *pulResult)
{
    if (Operand > MAXULONG) {
        *pulResult = MAXULONG;
        return STATUS_INTEGER_OVERFLOW;
    }
    *pulResult = (ULONG)Operand;
    return STATUS_SUCCESS;
}
#define RtlSizeTToULong RtlSIZETToULong

#endif
