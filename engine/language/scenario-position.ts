/** What may be written at a place in scenario text, and what the word there belongs to. */
import type { ScenarioTree } from './scenario-parser/tree.ts';
import {
  faultValues,
  type SyntaxContext,
  type SyntaxEntry,
  type SyntaxValue,
  wordsIn,
} from './scenario-syntax.ts';
import { tokenize } from './tokenizer.ts';

export interface ScenarioPosition {
  /** The braces around the place: `c` in a block of C. */
  readonly context: SyntaxContext | 'c';
  /** The word that the declaration or option around the place begins with; undefined at its beginning. */
  readonly entry: SyntaxEntry | undefined;
  /** What stands before the place, from the beginning of that declaration or option on. */
  readonly before: readonly string[];
}

/** Where an offset is in a scenario file. */
export function scenarioPositionAt(tree: ScenarioTree, offset: number): ScenarioPosition {
  const region = tree.regions.findLast(({ start, end }) => start <= offset && offset <= end);
  const context = region?.context ?? 'file';
  if (context === 'c') return { context, entry: undefined, before: [] };
  const before = begun(tree, region?.start ?? 0, offset, wordsIn(context));
  const [first] = before;
  return { context, entry: first === undefined ? undefined : wordsIn(context).get(first), before };
}

/** The tokens of the declaration that has begun between two offsets and not ended. */
function begun(
  tree: ScenarioTree,
  start: number,
  end: number,
  starters: ReadonlyMap<string, unknown>,
): string[] {
  let words: string[] = [];
  let preprocessor = false;
  for (const { text, firstInLine } of tokenize(tree.file, start, end, 'scenario').tokens) {
    if (firstInLine) {
      if (preprocessor || starters.has(text)) words = [];
      preprocessor = text === '#';
    }
    if (text === ';' || text === '{' || text === '}') words = [];
    else if (!preprocessor) words.push(text);
  }
  return words;
}

/**
 * Keywords, options or values that may follow at a place. The word being typed is not part of `before`: give
 * the offset at which it begins.
 */
export function wordsAt({
  context,
  entry,
  before,
}: ScenarioPosition): readonly (SyntaxEntry | SyntaxValue)[] {
  if (context === 'c') return [];
  if (before.length === 0) return [...wordsIn(context).values()];
  const last = before.at(-1);
  switch (entry?.word) {
    case 'expect':
      return before.length === 1 ? [...wordsIn('expect').values()] : [];
    case 'vary':
      if (before.length === 1) return [...wordsIn('vary').values()];
      if (before[1] !== 'fault') return varied(before);
      if (before.length === 2) return [...wordsIn('fault').values()];
      return before.includes('=') ? faultValues : [];
    case 'event':
      return before.length === 1 ? [...wordsIn('event').values()] : [];
    case 'fault':
      return before.length === 1 ? [...wordsIn('fault').values()] : [];
    default:
      return before.length === 1 || last === ',' ? (entry?.values ?? []) : [];
  }
}

/** Behind `vary nic.` and `vary machine.`: the options; behind `=`: the values of the option. */
function varied(before: readonly string[]): readonly (SyntaxEntry | SyntaxValue)[] {
  const [, owner, dot, option] = before;
  if (dot !== '.') return [];
  const options = wordsIn(owner === 'machine' ? 'machine' : 'nic');
  if (option === undefined) return [...options.values()];
  return before.includes('=') ? (options.get(option)?.values ?? []) : [];
}
