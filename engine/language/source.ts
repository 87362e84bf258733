/** Source texts and places in them. Offsets count UTF-16 units; lines and columns are 1-based where shown. */

export interface SourceFile {
  /** The path as the front end knows it: the scenario's folder plus the name, or `dms:/include/wdm.h`. */
  readonly path: string;
  readonly text: string;
  /** `user` files are the workspace's; `builtin` ones (headers, reference components) are read-only. */
  readonly origin: 'user' | 'builtin';
}

export interface SourceRange {
  readonly file: SourceFile;
  /** Offset of the first character. */
  readonly start: number;
  /** Offset behind the last character. */
  readonly end: number;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Reads workspace files; answers undefined when there is none. Paths use `/`. */
export interface SourceReader {
  read(path: string): string | undefined;
}

const lineStartsOf = new WeakMap<SourceFile, readonly number[]>();

/** Offsets at which each line of the file begins. */
export function lineStarts(file: SourceFile): readonly number[] {
  let starts = lineStartsOf.get(file);
  if (starts === undefined) {
    const found = [0];
    for (let index = 0; index < file.text.length; index++) {
      const code = file.text.charCodeAt(index);
      if (code === 10 || (code === 13 && file.text.charCodeAt(index + 1) !== 10)) {
        found.push(index + 1);
      }
    }
    starts = found;
    lineStartsOf.set(file, starts);
  }
  return starts;
}

/** The 1-based line and column of an offset. */
export function positionAt(file: SourceFile, offset: number): Position {
  const starts = lineStarts(file);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

/** The offset of a 1-based line and column, clipped to the file. */
export function offsetAt(file: SourceFile, position: Position): number {
  const starts = lineStarts(file);
  const start = starts[Math.min(Math.max(position.line, 1), starts.length) - 1] ?? 0;
  const end = starts[Math.min(Math.max(position.line, 1), starts.length)] ?? file.text.length;
  return Math.min(start + Math.max(position.column - 1, 0), end);
}

/** Folder of a path, without the last separator; empty for a bare name. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** Joins a folder and a relative path, resolving `.` and `..`; an absolute path or URI wins. */
export function joinPath(folder: string, path: string): string {
  const normalised = path.replaceAll('\\', '/');
  if (/^(\/|[A-Za-z][A-Za-z0-9+.-]*:)/.test(normalised) || folder === '') return normalised;
  const parts = folder.split('/');
  for (const part of normalised.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
