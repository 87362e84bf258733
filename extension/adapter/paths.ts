/**
 * The client's spelling of a path and the engine's. The engine uses `/` throughout and plain text; a client sends what
 * its system uses (`c:\drivers\a.c`), or a URI with escapes where the folder is not on a disk.
 */
const uriScheme = /^[A-Za-z][A-Za-z0-9+.-]+:\//;
const windowsDrive = /^[A-Za-z]:[\\/]/;

/** A path as the engine knows it. */
export function toEnginePath(path: string): string {
  if (windowsDrive.test(path)) {
    return path.charAt(0).toLowerCase() + path.slice(1).replaceAll('\\', '/');
  }
  if (!uriScheme.test(path)) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a lone percent sign: not escaped after all
  }
}

/** A path as the client can open it. */
export function toClientPath(path: string): string {
  if (windowsDrive.test(path)) return path.replaceAll('/', '\\');
  if (!uriScheme.test(path)) return path;
  return path.replace(/[%#? ]/g, (character) => encodeURIComponent(character));
}

/** Whether two engine paths name one file; Windows ignores case. */
export function samePath(left: string, right: string): boolean {
  if (left === right) return true;
  return windowsDrive.test(left) && left.toLowerCase() === right.toLowerCase();
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
