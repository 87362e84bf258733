/** The user-mode libraries that are written in C, by file name. */
import cLibrary from './c-library.c';
import cLibraryHeader from './c-library.h';

export const libraryHeaders: ReadonlyMap<string, string> = new Map([
  ['c-library.h', cLibraryHeader],
]);

export const cLibrarySources: ReadonlyMap<string, string> = new Map([['c-library.c', cLibrary]]);
