/** Parts of messages that several readers of the scenario language share. */
import { nearest } from '../c/suggestions.ts';
import type { Fix } from '../diagnostics.ts';
import type { SourceRange } from '../source.ts';

/**
 * The end of a message about a name that is not known: `; did you mean 'x'?` when a candidate is near, and a
 * further sentence if there is one.
 */
export function didYouMean(name: string, candidates: Iterable<string>, sentence = ''): string {
  const meant = nearest(name, candidates);
  const further = sentence === '' ? '' : ` ${sentence}`;
  if (meant !== undefined) return `; did you mean '${meant}'?${further}`;
  return sentence === '' ? '' : `.${further}`;
}

/** The change that puts the near candidate in place of an unknown name; nothing when none is near. */
export function meantInstead(
  range: SourceRange,
  name: string,
  candidates: Iterable<string>,
): { readonly fix?: Fix } {
  const meant = nearest(name, candidates);
  if (meant === undefined) return {};
  return { fix: { title: `Change to '${meant}'`, edits: [{ range, text: meant }] } };
}

/** `'a', 'b' or 'c'`. */
export function oneOf(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}
