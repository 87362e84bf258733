/**
 * What the comparisons with other compilers leave out, by name and reason. A test keeps the list from growing: whoever
 * makes a comparison wider takes an entry away.
 */
export interface Skip {
  readonly name: string;
  readonly comparison: 'gcc' | 'mingw-w64';
  readonly reason: string;
}

export const skips: readonly Skip[] = [
  {
    name: 'bit-fields',
    comparison: 'gcc',
    reason: 'Linux packs them otherwise; their layout is compared with mingw-w64',
  },
  {
    name: 'long, wchar_t',
    comparison: 'gcc',
    reason:
      'Linux is LP64 with wide characters of 4 bytes; their sizes are compared with mingw-w64',
  },
  {
    name: 'structured exceptions, Interlocked routines',
    comparison: 'gcc',
    reason: 'gcc has none; features.test.ts runs them',
  },
  {
    name: '%n',
    comparison: 'gcc',
    reason: "the Microsoft compiler's library refuses it",
  },
  {
    name: 'results of rand, texts of strerror',
    comparison: 'gcc',
    reason: 'each library has its own',
  },
  {
    name: 'long double',
    comparison: 'mingw-w64',
    reason: 'it has 16 bytes there, 8 for the Microsoft compiler',
  },
  {
    name: 'bit-fields of a union',
    comparison: 'mingw-w64',
    reason: 'the Microsoft compiler gives them no alignment, and a union the size of their type',
  },
  {
    name: 'aligned members of packed records',
    comparison: 'mingw-w64',
    reason: 'the Microsoft compiler keeps an alignment that was asked for',
  },
];
