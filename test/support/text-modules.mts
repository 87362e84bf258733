import type { Plugin } from 'vitest/config';

/** Loads `.h` and `.c` files as text, as the build does. */
export function textModules(): Plugin {
  return {
    name: 'text-modules',
    enforce: 'pre',
    transform(code, id) {
      if (!/\.[ch](\?.*)?$/.test(id)) {
        return undefined;
      }
      return { code: `export default ${JSON.stringify(code)};`, map: null };
    },
  };
}
