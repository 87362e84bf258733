/** The Windows API of processes that is written in C, by file name. */
import ntServices from '../kernel/io/nt-services.h';

export const kernel32Sources: ReadonlyMap<string, string> = new Map([
  ['nt-services.h', ntServices],
]);
