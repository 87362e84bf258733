/** What is said of names that are declared again, as something that they cannot be. */
import type { Token } from '../tokens.ts';
import type { Context } from './context.ts';
import type { Place } from './cursor.ts';

/** Reports the second definition of a name, with a note at the first. */
export function reportRedefinition(
  context: Context,
  name: Token,
  range: Place['range'],
  what: string,
): void {
  context.error('redefinition', name, `'${what}' is defined twice`, {
    related: [{ message: 'the first definition is here', range }],
  });
}

/** Reports a tag of two kinds: `struct x` and `union x` cannot both exist in a scope. */
export function reportTagKind(
  context: Context,
  word: Token,
  tag: Token,
  kind: string,
  range: Place['range'],
): void {
  context.error(
    'conflicting-types',
    word,
    `'${tag.text}' is ${kind === 'enum' ? 'an enum' : `a ${kind}`}, not ${word.text === 'enum' ? 'an enum' : `a ${word.text}`}`,
    { related: [{ message: `'${tag.text}' is declared here`, range }] },
  );
}
