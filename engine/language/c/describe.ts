/** How messages name what stands in the text. */
import type { Token } from '../tokens.ts';

/** A token as messages name it. */
export function describe(token: Token): string {
  return token.kind === 'end' ? 'the end of the file' : `'${token.text}'`;
}
