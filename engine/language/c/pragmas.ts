/** Pragmas that mean something to the checker: `pack`, `alloc_text`, `code_seg`. */
import type { FunctionSymbol } from '../program.ts';
import type { Pragma } from './cursor.ts';

/** The limit that the x64 compiler sets by itself. */
const DEFAULT_PACK = 16;

interface PackChange {
  readonly index: number;
  readonly pack: number;
}

/** The packing in force at each place. */
export class Packing {
  private readonly changes: readonly PackChange[];

  /** @param first the packing before the first pragma. */
  constructor(
    pragmas: readonly Pragma[],
    private readonly first: number = DEFAULT_PACK,
  ) {
    const changes: PackChange[] = [];
    const stack: { readonly label: string | undefined; readonly pack: number }[] = [];
    let pack = first;
    for (const { token, index } of pragmas) {
      const match = /^\s*pack\s*\(([^)]*)\)/.exec(token.text);
      if (match === null) continue;
      const words = (match[1] ?? '').split(',').map((word) => word.trim());
      const number = words.map(Number).find((value) => [1, 2, 4, 8, 16].includes(value));
      const label = words.slice(1).find((word) => /^[A-Za-z_]/.test(word));
      if (words[0] === 'push') {
        stack.push({ label, pack });
      } else if (words[0] === 'pop') {
        pack = popped(stack, label) ?? pack;
      } else if (words[0] === '') {
        pack = DEFAULT_PACK;
      }
      if (number !== undefined) pack = number;
      changes.push({ index, pack });
    }
    this.changes = changes;
  }

  /** The limit for a record that begins at the token with this index. */
  at(index: number): number {
    let low = 0;
    let high = this.changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.changes[middle]?.index ?? 0) <= index) low = middle + 1;
      else high = middle;
    }
    return this.changes[low - 1]?.pack ?? this.first;
  }
}

/** Whether the packing behind some pragmas is what it was before them. */
export function isBalanced(pragmas: readonly string[]): boolean {
  let depth = 0;
  for (const text of pragmas) {
    const words = /^\s*pack\s*\(([^)]*)\)/.exec(text)?.[1];
    if (words === undefined) continue;
    const first = words.split(',')[0]?.trim();
    if (first === 'push') depth++;
    else if (first === 'pop') depth--;
    else if (depth === 0) return false;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Takes the top entry, or all down to the labelled one. */
function popped(
  stack: { readonly label: string | undefined; readonly pack: number }[],
  label: string | undefined,
): number | undefined {
  if (label === undefined) return stack.pop()?.pack;
  const found = stack.findLastIndex((entry) => entry.label === label);
  return found < 0 ? undefined : stack.splice(found)[0]?.pack;
}

/** Puts functions into the sections that `alloc_text` and `code_seg` name. */
export function assignSections(
  pragmas: readonly Pragma[],
  find: (name: string) => FunctionSymbol | undefined,
): void {
  for (const { token } of pragmas) {
    const match = /^\s*alloc_text\s*\(([^)]*)\)/.exec(token.text);
    if (match === null) continue;
    const [section = '', ...names] = (match[1] ?? '')
      .split(',')
      .map((word) => word.trim().replace(/^"(.*)"$/, '$1'));
    for (const name of names) {
      const symbol = find(name);
      if (symbol !== undefined) symbol.section = section;
    }
  }
}

/** The section that `#pragma code_seg("NAME")` sets for functions defined at a place. */
export class CodeSections {
  private readonly changes: { readonly index: number; readonly section: string | undefined }[] = [];

  constructor(pragmas: readonly Pragma[]) {
    const stack: (string | undefined)[] = [];
    let section: string | undefined;
    for (const { token, index } of pragmas) {
      const match = /^\s*code_seg\s*\(([^)]*)\)/.exec(token.text);
      if (match === null) continue;
      const text = match[1] ?? '';
      const name = /"([^"]*)"/.exec(text)?.[1];
      if (/^\s*push/.test(text)) stack.push(section);
      if (/^\s*pop/.test(text)) section = stack.pop();
      else if (name !== undefined || text.trim() === '') section = name === '' ? undefined : name;
      this.changes.push({ index, section });
    }
  }

  /** The section in force at the token with this index. */
  at(index: number): string | undefined {
    return this.changes.findLast((change) => change.index <= index)?.section;
  }
}
