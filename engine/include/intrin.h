/* Intrinsics of the Microsoft compiler for x64, in C: what each computes, not how. */
#ifndef _DMS_INTRIN_H_
#define _DMS_INTRIN_H_

#include <stddef.h>

/** Finds the lowest set bit.
 * @param Index Receives its number; stays as it is when no bit is set.
 * @returns 0 when Mask is 0, else 1.
 * @page bitscanforward-bitscanforward64 */
__forceinline unsigned char _BitScanForward(unsigned long *Index, unsigned long Mask)
{
    unsigned long bit = 0;

    if (Mask == 0) {
        return 0;
    }
    while ((Mask & 1) == 0) {
        Mask >>= 1;
        bit++;
    }
    *Index = bit;
    return 1;
}

/** As _BitScanForward, of 64 bits.
 * @page bitscanforward-bitscanforward64 */
__forceinline unsigned char _BitScanForward64(unsigned long *Index, unsigned __int64 Mask)
{
    if ((unsigned long)Mask != 0) {
        return _BitScanForward(Index, (unsigned long)Mask);
    }
    if (!_BitScanForward(Index, (unsigned long)(Mask >> 32))) {
        return 0;
    }
    *Index += 32;
    return 1;
}

/** Finds the highest set bit.
 * @param Index Receives its number; stays as it is when no bit is set.
 * @returns 0 when Mask is 0, else 1.
 * @page bitscanreverse-bitscanreverse64 */
__forceinline unsigned char _BitScanReverse(unsigned long *Index, unsigned long Mask)
{
    unsigned long bit = 31;

    if (Mask == 0) {
        return 0;
    }
    while ((Mask & 0x80000000) == 0) {
        Mask <<= 1;
        bit--;
    }
    *Index = bit;
    return 1;
}

/** As _BitScanReverse, of 64 bits.
 * @page bitscanreverse-bitscanreverse64 */
__forceinline unsigned char _BitScanReverse64(unsigned long *Index, unsigned __int64 Mask)
{
    if (_BitScanReverse(Index, (unsigned long)(Mask >> 32))) {
        *Index += 32;
        return 1;
    }
    return _BitScanReverse(Index, (unsigned long)Mask);
}

#define BitScanForward   _BitScanForward
#define BitScanForward64 _BitScanForward64
#define BitScanReverse   _BitScanReverse
#define BitScanReverse64 _BitScanReverse64

/** Rotates to the left; the count is taken modulo the bits.
 * @page rotl-rotl64-rotr-rotr64 */
__forceinline unsigned char _rotl8(unsigned char Value, unsigned char Shift)
{
    return (unsigned char)(Value << (Shift & 7) | Value >> (-Shift & 7));
}

/** Rotates to the right; the count is taken modulo the bits.
 * @page rotl-rotl64-rotr-rotr64 */
__forceinline unsigned char _rotr8(unsigned char Value, unsigned char Shift)
{
    return (unsigned char)(Value >> (Shift & 7) | Value << (-Shift & 7));
}

/** Rotates to the left; the count is taken modulo the bits.
 * @page rotl-rotl64-rotr-rotr64 */
__forceinline unsigned short _rotl16(unsigned short Value, unsigned char Shift)
{
    return (unsigned short)(Value << (Shift & 15) | Value >> (-Shift & 15));
}

/** Rotates to the right; the count is taken modulo the bits.
 * @page rotl-rotl64-rotr-rotr64 */
__forceinline unsigned short _rotr16(unsigned short Value, unsigned char Shift)
{
    return (unsigned short)(Value >> (Shift & 15) | Value << (-Shift & 15));
}

/** Rotates to the left; the count is taken modulo the bits.
 * @page rotl-rotl64-rotr-rotr64 */
__forceinline unsigned int _rotl(unsigned int Value, int Shift)
{
    return Value << (Shift & 31) | Value >> (-Shift & 31);
}

/** Rotates to the right; the count is taken modulo the bits.
 * @page rotl-rotl64-rotr-rotr64 */
__forceinline unsigned int _rotr(unsigned int Value, int Shift)
{
    return Value >> (Shift & 31) | Value << (-Shift & 31);
}

/** Rotates to the left; the count is taken modulo the bits.
 * @page rotl-rotl64-rotr-rotr64 */
__forceinline unsigned __int64 _rotl64(unsigned __int64 Value, int Shift)
{
    return Value << (Shift & 63) | Value >> (-Shift & 63);
}

/** Rotates to the right; the count is taken modulo the bits.
 * @page rotl-rotl64-rotr-rotr64 */
__forceinline unsigned __int64 _rotr64(unsigned __int64 Value, int Shift)
{
    return Value >> (Shift & 63) | Value << (-Shift & 63);
}

#define _lrotl        _rotl
#define _lrotr        _rotr
#define RotateLeft8   _rotl8
#define RotateLeft16  _rotl16
#define RotateLeft32  _rotl
#define RotateLeft64  _rotl64
#define RotateRight8  _rotr8
#define RotateRight16 _rotr16
#define RotateRight32 _rotr
#define RotateRight64 _rotr64

/** Reverses the order of bytes.
 * @page byteswap-uint64-byteswap-ulong-byteswap-ushort */
__forceinline unsigned short _byteswap_ushort(unsigned short Value)
{
    return (unsigned short)(Value << 8 | Value >> 8);
}

/** Reverses the order of bytes.
 * @page byteswap-uint64-byteswap-ulong-byteswap-ushort */
__forceinline unsigned long _byteswap_ulong(unsigned long Value)
{
    return Value << 24 | (Value & 0xff00) << 8 | (Value >> 8 & 0xff00) | Value >> 24;
}

/** Reverses the order of bytes.
 * @page byteswap-uint64-byteswap-ulong-byteswap-ushort */
__forceinline unsigned __int64 _byteswap_uint64(unsigned __int64 Value)
{
    return (unsigned __int64)_byteswap_ulong((unsigned long)Value) << 32 | _byteswap_ulong((unsigned long)(Value >> 32));
}

/** Counts the set bits.
 * @page popcnt16-popcnt-popcnt64 */
__forceinline unsigned __int64 __popcnt64(unsigned __int64 Value)
{
    unsigned __int64 count = 0;

    for (; Value != 0; Value &= Value - 1) {
        count++;
    }
    return count;
}

/** Counts the set bits.
 * @page popcnt16-popcnt-popcnt64 */
__forceinline unsigned int __popcnt(unsigned int Value)
{
    return (unsigned int)__popcnt64(Value);
}

/** Counts the set bits.
 * @page popcnt16-popcnt-popcnt64 */
__forceinline unsigned short __popcnt16(unsigned short Value)
{
    return (unsigned short)__popcnt64(Value);
}

/** Answers a bit of memory; Position may be outside the first 32.
 * @page bittest-bittest64 */
__forceinline unsigned char _bittest(const long *Base, long Position)
{
    return (unsigned char)(((const unsigned char *)Base)[Position >> 3] >> (Position & 7) & 1);
}

/** Answers a bit of memory and sets it.
 * @page bittestandset-bittestandset64 */
__forceinline unsigned char _bittestandset(long *Base, long Position)
{
    unsigned char old = _bittest(Base, Position);

    ((unsigned char *)Base)[Position >> 3] |= 1 << (Position & 7);
    return old;
}

/** Answers a bit of memory and clears it.
 * @page bittestandreset-bittestandreset64 */
__forceinline unsigned char _bittestandreset(long *Base, long Position)
{
    unsigned char old = _bittest(Base, Position);

    ((unsigned char *)Base)[Position >> 3] &= ~(1 << (Position & 7));
    return old;
}

/** The product of two signed numbers, in full.
 * @page emul-emulu */
__forceinline __int64 __emul(int Left, int Right)
{
    return (__int64)Left * Right;
}

/** The product of two unsigned numbers, in full.
 * @page emul-emulu */
__forceinline unsigned __int64 __emulu(unsigned int Left, unsigned int Right)
{
    return (unsigned __int64)Left * Right;
}

/** Fills bytes (`rep stosb`).
 * @page stosb */
__forceinline void __stosb(unsigned char *Destination, unsigned char Value, size_t Count)
{
    while (Count-- != 0) {
        *Destination++ = Value;
    }
}

/** Copies bytes upwards (`rep movsb`).
 * @page movsb */
__forceinline void __movsb(unsigned char *Destination, const unsigned char *Source, size_t Count)
{
    while (Count-- != 0) {
        *Destination++ = *Source++;
    }
}

#define _mm_pause() ((void)0)
#define __nop()     ((void)0)
#define _mm_mfence() ((void)0)
#define _mm_lfence() ((void)0)
#define _mm_sfence() ((void)0)

#endif
