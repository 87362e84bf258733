/**
 * Between the protocol's URIs and the engine's paths. A path is what stands behind `file://`, with `/` and without
 * escapes; files of another file system keep their scheme and are plain text otherwise (`memfs:/a b/c.dms`).
 */

const withScheme = /^([A-Za-z][A-Za-z0-9+.-]+:)(\/\/[^/]*)?(.*)$/s;
const windowsDrive = /^\/?([A-Za-z]):(?=\/|$)/;

/** The engine's path of a URI. */
export function pathOf(uri: string): string {
  const [, scheme = '', authority = '', path = ''] = withScheme.exec(uri) ?? [];
  if (scheme !== 'file:') return decoded(uri);
  const host = decoded(authority.slice(2));
  const plain = decoded(path);
  if (host !== '' && host !== 'localhost') return `//${host}${plain}`;
  return plain.replace(windowsDrive, (_drive, letter: string) => `${letter.toLowerCase()}:`);
}

/** The URI of an engine path. */
export function uriOf(path: string): string {
  const [, scheme, authority = '', rest = ''] = withScheme.exec(path) ?? [];
  if (scheme !== undefined) {
    return scheme + authority.replace(/[^/]/gu, hostCharacter) + escaped(rest);
  }
  if (path.startsWith('//')) return `file:${escaped(path)}`;
  return `file://${escaped(path.startsWith('/') ? path : `/${path}`)}`;
}

/** `file`, `untitled`, `memfs`: where a document lives. */
export function schemeOf(uri: string): string {
  return withScheme.exec(uri)?.[1]?.slice(0, -1) ?? 'file';
}

/** Whether a path lies below a folder; both are engine paths. */
export function isBelow(path: string, folder: string): boolean {
  const base = folder.endsWith('/') ? folder : `${folder}/`;
  return path.startsWith(base) && !/\/\.\.(\/|$)/.test(path);
}

/** Text that was not escaped after all stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function escaped(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function hostCharacter(character: string): string {
  return /[:@[\]]/.test(character) ? character : encodeURIComponent(character);
}
