/** Finds the brace that closes a block, also in a text where some brace is missing or one too many. */
import type { SourceToken } from '../tokenizer.ts';

export interface Block {
  /** Index of the closing brace; else of the token before which the block must end. */
  readonly end: number;
  readonly close: SourceToken | undefined;
}

/**
 * The end of the block whose `{` stands at `open`. Braces in branches of a conditional count once. A line that
 * begins with `scenario "` ends any block: no C looks like that.
 */
export function bracketBlock(tokens: readonly SourceToken[], open: number): Block {
  let depth = 0;
  const conditionals: number[] = [];
  for (let index = open; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.kind === 'punctuator') {
      if (token.text === '{') {
        depth++;
      } else if (token.text === '}') {
        depth--;
        if (depth === 0) return { end: index, close: token };
      } else if (token.text === '#' && token.firstInLine) {
        const word = tokens[index + 1]?.text;
        if (word === 'if' || word === 'ifdef' || word === 'ifndef') conditionals.push(depth);
        else if (word === 'else' || word === 'elif') depth = conditionals.at(-1) ?? depth;
        else if (word === 'endif') conditionals.pop();
      }
    } else if (beginsScenario(tokens, index)) {
      return { end: index, close: undefined };
    }
  }
  return { end: tokens.length, close: undefined };
}

/** Whether a line begins here with `scenario "..`. */
export function beginsScenario(tokens: readonly SourceToken[], index: number): boolean {
  const token = tokens[index];
  return (
    token?.text === 'scenario' &&
    token.kind === 'identifier' &&
    token.firstInLine &&
    tokens[index + 1]?.kind === 'string'
  );
}

/**
 * The end of a block by its layout: the first `}` that begins a line and is indented no deeper than the line
 * on which the block was opened. The guess for texts whose braces do not match.
 */
export function indentedBlock(tokens: readonly SourceToken[], open: number): Block | undefined {
  let lineStart = open;
  while (lineStart > 0 && tokens[lineStart]?.firstInLine !== true) lineStart--;
  const first = tokens[lineStart];
  if (first === undefined) return undefined;
  const limit = indentation(first);
  for (let index = open + 1; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined || beginsScenario(tokens, index)) return undefined;
    if (token.firstInLine && token.text === '}' && indentation(token) <= limit) {
      return indentation(token) === limit ? { end: index, close: token } : undefined;
    }
  }
  return undefined;
}

/** Columns before the first token of a line; a tab goes to the next multiple of four. */
function indentation(token: SourceToken): number {
  const { text } = token.range.file;
  let start = token.range.start;
  while (start > 0 && (text[start - 1] === ' ' || text[start - 1] === '\t')) start--;
  let column = 0;
  for (let index = start; index < token.range.start; index++) {
    column = text[index] === '\t' ? column + 4 - (column % 4) : column + 1;
  }
  return column;
}
