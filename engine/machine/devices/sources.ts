/** The text of the built-in network card. */
import sanNic from './san-nic.c';

export const sanNicSources: ReadonlyMap<string, string> = new Map([['san-nic.c', sanNic]]);
