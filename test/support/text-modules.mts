import type { Plugin } from 'vitest/config';

/** Loads `.h`, `.c` and `.md` files as text, as the build does. */
export function textModules(): Plugin {
  return {
    name: 'text-modules',
    enforce: 'pre',
    transform(code, id) {
      if (!/\.(c|h|md)(\?.*)?$/.test(id)) {
        return undefined;
      }
      return { code: `export default ${JSON.stringify(code)};`, map: null };
    },
  };
}
