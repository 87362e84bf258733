/** Parts of messages that several readers of the scenario language share. */
import { nearest } from '../c/suggestions.ts';

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

/** `'a', 'b' or 'c'`. */
export function oneOf(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}
