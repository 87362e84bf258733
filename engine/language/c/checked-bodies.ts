/** What is kept of each function definition, so that its body can be checked again by itself. */
import type { FunctionSymbol } from '../program.ts';
import type { Token } from '../tokens.ts';
import type { Context } from './context.ts';

/** Part of a list: from one index up to another. */
export interface Span {
  from: number;
  to: number;
}

/** The lists that a body adds to, in the order of the text. */
export const bodyLists = ['references', 'findings', 'undeclared', 'variables'] as const;
export type BodyLists = Readonly<Record<(typeof bodyLists)[number], Span>>;

export interface CheckedBody {
  readonly symbol: FunctionSymbol;
  /** The first token of the whole definition. */
  readonly start: Token;
  /** Offsets of the opening brace, and behind the closing one. */
  open: number;
  end: number;
  /** The file scope that the body sees. */
  readonly moment: number;
  /** The packing in force where it begins. */
  readonly pack: number;
  /** What the body added to the lists of the unit. */
  readonly lists: BodyLists;
  /** How many names were suggested in messages about it. */
  suggestions: number;
  /** Nothing outside depends on what the body says, and its braces stand in the file as they are. */
  readonly isSelfContained: boolean;
}

/** Lengths of the lists that a body adds to. */
const lengths = (context: Context): Readonly<Record<(typeof bodyLists)[number], number>> => ({
  references: context.references.length,
  findings: context.findings,
  undeclared: context.undeclared.length,
  variables: context.variables.length,
});

/** Reads the body at the cursor by `read`, and keeps what a later check of it needs. */
export function recordBody(
  context: Context,
  { symbol, start, pack }: Pick<CheckedBody, 'symbol' | 'start' | 'pack'>,
  read: () => void,
): void {
  const { cursor, history } = context;
  if (history === undefined) {
    read();
    return;
  }
  const { moment } = history;
  const { token: brace, index } = cursor;
  const before = lengths(context);
  const functions = context.functions.length;
  const { suggestions } = context;
  context.reachesOut = false;
  read();
  const after = lengths(context);
  const { previous: last } = cursor;
  const span = (list: keyof typeof before): Span => ({ from: before[list], to: after[list] });
  context.bodies.push({
    symbol,
    start,
    open: brace.range.start,
    end: last.range.end,
    moment,
    pack,
    lists: {
      references: span('references'),
      findings: span('findings'),
      undeclared: span('undeclared'),
      variables: span('variables'),
    },
    suggestions: context.suggestions - suggestions,
    isSelfContained:
      isOwnBrace(context, brace, '{') &&
      isOwnBrace(context, last, '}') &&
      brace.range.start < last.range.start &&
      context.unclosedAt === undefined &&
      !context.reachesOut &&
      context.functions.length === functions &&
      context.variables.slice(before.variables).every(({ owner }) => owner === symbol) &&
      !cursor.pragmas.some((pragma) => pragma.index > index && pragma.index < cursor.index),
  });
}

/** A brace that stands in the unit's own file, and is not made by a macro. */
const isOwnBrace = ({ mainFile }: Context, { text, macro, range }: Token, brace: string): boolean =>
  text === brace && macro === undefined && range.file === mainFile;
