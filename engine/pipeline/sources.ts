/** The texts of the reference components by file name. */
import provider from './provider.c';
import proxy from './proxy.c';
import sanproxy from './sanproxy.h';
import switchSource from './switch.c';

export const pipelineSources: ReadonlyMap<string, string> = new Map([
  ['switch.c', switchSource],
  ['provider.c', provider],
  ['proxy.c', proxy],
  ['sanproxy.h', sanproxy],
]);
