/** The user-mode libraries that are written in C, by file name. */
import cLibrary from './c-library.c';
import cLibraryHeader from './c-library.h';
import scanning from './scanning.c';
import secureStrings from './secure-strings.c';
import threads from './threads.c';

export const libraryHeaders: ReadonlyMap<string, string> = new Map([
  ['c-library.h', cLibraryHeader],
]);

export const cLibrarySources: ReadonlyMap<string, string> = new Map([
  ['c-library.c', cLibrary],
  ['scanning.c', scanning],
  ['secure-strings.c', secureStrings],
  ['threads.c', threads],
]);
