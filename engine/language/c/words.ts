/** The words of C and of the Microsoft compiler that are no names. */

/** Words that begin or continue the specifiers of a declaration, with what they are. */
export type SpecifierWord =
  | 'storage' // typedef, extern, static, register, auto
  | 'qualifier'
  | 'basic' // int, unsigned, __int64 ...
  | 'tagged' // struct, union, enum
  | 'function' // inline and the like
  | 'ignored' // calling conventions and pointer words
  | 'declspec'
  | 'attribute'
  | 'alignas'
  | 'refused'; // known, but not supported yet

const words = (kind: SpecifierWord, list: string): [string, SpecifierWord][] =>
  list.split(' ').map((word) => [word, kind]);

export const specifierWords: ReadonlyMap<string, SpecifierWord> = new Map([
  ...words('storage', 'typedef extern static register auto'),
  ...words('qualifier', 'const volatile restrict __restrict __const __volatile'),
  ...words(
    'basic',
    'void char short int long float double signed unsigned _Bool __signed __int8 __int16 __int32 __int64 __wchar_t',
  ),
  ...words('tagged', 'struct union enum'),
  ...words('function', 'inline __inline __forceinline _Noreturn __inline__'),
  ...words(
    'ignored',
    '__cdecl __stdcall __fastcall __vectorcall __thiscall __pascal _cdecl _stdcall _fastcall __unaligned __ptr64 __ptr32 __sptr __uptr __w64 __extension__ __based',
  ),
  ...words('declspec', '__declspec _declspec'),
  ...words('attribute', '__attribute__ __attribute'),
  ...words('alignas', '_Alignas'),
  ...words(
    'refused',
    '_Complex _Imaginary _Atomic _Thread_local __thread typeof __typeof__ __typeof __m128 __m128i __m64',
  ),
]);

/** Words that may stand between `*` and the name, or before `(*name)`, and mean nothing on x64. */
export const isPointerWord = (text: string): boolean => specifierWords.get(text) === 'ignored';

const others =
  'break case continue default do else for goto if return sizeof switch while _Alignof __alignof _Static_assert _Generic __try __except __finally __leave __asm _asm __debugbreak';

/** Words of statements and operators, and those of specifiers: none of them is a name. */
export const keywords: ReadonlySet<string> = new Set([
  ...specifierWords.keys(),
  ...others.split(' '),
]);

/** Words at which a statement begins: where to go on reading after an error. */
export const statementWords: ReadonlySet<string> = new Set(
  'break case continue default do else for goto if return switch while __try __except __finally __leave'.split(
    ' ',
  ),
);

/** Words of C++ that begin a declaration there. */
export const cPlusPlusWords: ReadonlySet<string> = new Set(
  'class namespace template using public private protected virtual friend constexpr'.split(' '),
);
