/** The built-in headers as source files, and what their text says without being parsed. */
import { headers } from '../include/headers.ts';
import { headerMode, type Mode } from './header-modes.ts';
import type { SourceFile } from './source.ts';

/** By file name in lower case. One object for each header: what is derived from it can be kept. */
export const builtinHeaders: ReadonlyMap<string, SourceFile> = new Map(
  [...headers].map(([name, text]): [string, SourceFile] => [
    name,
    { path: `dms:/include/${name}`, text, origin: 'builtin' },
  ]),
);

const headerFiles: ReadonlySet<SourceFile> = new Set(builtinHeaders.values());

/** Whether a file is one of the built-in headers, and not a reference component or a user's file. */
export const isBuiltinHeader = (file: SourceFile): boolean => headerFiles.has(file);

export const knownHeaders: readonly string[] = [...builtinHeaders.keys()].sort();

/** Headers that nobody includes for what they declare. */
const inner: ReadonlySet<string> = new Set(['sal.h', 'specstrings.h', 'driverspecs.h']);

/** The built-in header for code of `mode` that declares a name; undefined when none does. */
export function headerOf(name: string, mode: Mode): string | undefined {
  if (!/^\w+$/.test(name)) return undefined;
  const declared = new RegExp(
    `#define\\s+${name}\\b|\\b${name}\\s*\\(|[}*\\s]${name}\\s*[;,]|\\b${name}\\s*=`,
  );
  for (const [header, { text }] of builtinHeaders) {
    const side = headerMode(header);
    if (inner.has(header) || (side !== undefined && side !== mode)) continue;
    if (text.includes(name) && declared.test(uncommented(text))) {
      return header;
    }
  }
  return undefined;
}

const uncommented = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');

/** The number that a header defines a macro as: `((NTSTATUS)0xC000009AL)` is 0xC000009A. */
export function constantIn(header: string, name: string): number | undefined {
  if (!/^\w+$/.test(name)) return undefined;
  const text = builtinHeaders.get(header)?.text ?? '';
  const match = new RegExp(
    `^#define\\s+${name}\\s+\\(?\\s*(?:\\(\\w+\\))?\\s*(0[xX][0-9a-fA-F]+|\\d+)[uUlL]*\\s*\\)?\\s*(?:/[/*]|$)`,
    'm',
  ).exec(text);
  return match === null ? undefined : Number(match[1]);
}

/** The macros that a header defines. */
export function constantNames(header: string): string[] {
  const text = builtinHeaders.get(header)?.text ?? '';
  return [...text.matchAll(/^#define\s+(\w+)\s+\(?\s*(?:\(\w+\))?\s*(?:0[xX]|\d)/gm)].map(
    (match) => match[1] ?? '',
  );
}
