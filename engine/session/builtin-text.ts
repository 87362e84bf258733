/** The texts behind `dms:` paths: headers, reference components, the kernel's and the libraries' C. */
import { kernelSources } from '../kernel/sources.ts';
import { builtinHeaders } from '../language/builtin-headers.ts';
import { pipelineSources } from '../pipeline/sources.ts';
import { kernel32Sources } from '../winsock/kernel32-sources.ts';
import { cLibrarySources, libraryHeaders } from '../winsock/sources.ts';

/** Undefined for a path that no built-in file has. */
export function builtinText(path: string): string | undefined {
  const match = /^dms:\/(include|pipeline|kernel|library)\/(.+)$/.exec(path);
  const name = match?.[2];
  if (name === undefined) return undefined;
  switch (match?.[1]) {
    case 'include':
      return builtinHeaders.get(name.toLowerCase())?.text;
    case 'pipeline':
      return pipelineSources.get(name);
    case 'kernel':
      return kernelSources.get(name);
    default:
      return cLibrarySources.get(name) ?? kernel32Sources.get(name) ?? libraryHeaders.get(name);
  }
}
