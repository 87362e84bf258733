/** The Windows API of processes that is written in C, by file name. */
import kernel32 from './kernel32.c';
import ntTypes from './nt-types.h';

/** Units and private headers of the module `kernel32`. */
export const kernel32Sources: ReadonlyMap<string, string> = new Map([
  ['kernel32.c', kernel32],
  ['nt-types.h', ntTypes],
]);
