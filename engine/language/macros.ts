/** Macros: their definitions, and what a use of one is replaced by (C11 6.10.3.1 to 6.10.3.3). */
import type { MacroSymbol } from './program.ts';
import type { SourceFile, SourceRange } from './source.ts';
import { SourceToken, tokenize } from './tokenizer.ts';
import type { MacroUse } from './tokens.ts';

/** Macros whose replacement depends on the place of use. */
export type DynamicMacro = 'file' | 'line' | 'counter';

export interface BodyItem {
  readonly token: SourceToken;
  /** Index of the parameter that stands here, or -1. */
  readonly parameter: number;
  /** `#parameter`, or the Microsoft compiler's `#@parameter`. */
  readonly quote: 'string' | 'character' | undefined;
  /** A `##` stands behind it. */
  readonly pastes: boolean;
}

/** What a macro has, or how to find it out once somebody asks: of a header's thousands most are never used. */
export interface MacroParts {
  readonly body: readonly BodyItem[];
  readonly documentation: string | undefined;
}

export class Macro implements MacroSymbol {
  readonly kind = 'macro';
  private items: readonly BodyItem[] | undefined;

  constructor(
    readonly name: string,
    readonly parameters: readonly string[] | undefined,
    readonly variadic: boolean,
    readonly replacement: string,
    readonly range: SourceRange | undefined,
    readonly dynamic: DynamicMacro | undefined,
    private readonly parts: MacroParts,
  ) {}

  /** The replacement list. */
  get body(): readonly BodyItem[] {
    this.items ??= this.parts.body;
    return this.items;
  }

  /** The comment before the definition. */
  get documentation(): string | undefined {
    return this.parts.documentation;
  }
}

/** Same parameters and same replacement up to white space: a second definition that changes nothing. */
export function sameDefinition(left: Macro, right: Macro): boolean {
  return (
    left.variadic === right.variadic &&
    (left.parameters === undefined) === (right.parameters === undefined) &&
    (left.parameters ?? []).join() === (right.parameters ?? []).join() &&
    left.body.length === right.body.length &&
    left.body.every((item, index) => {
      const other = right.body[index];
      return (
        item.token.text === other?.token.text &&
        item.quote === other.quote &&
        item.pastes === other.pastes
      );
    })
  );
}

/** What a finding in a definition is reported with. */
export type ReportAt = (code: string, range: SourceRange, message: string) => void;

/** The replacement list as items. `tokens` are those behind the name and parameters. */
export function compileBody(
  tokens: readonly SourceToken[],
  parameters: readonly string[] | undefined,
  variadic: boolean,
  report: ReportAt,
): BodyItem[] {
  const items: BodyItem[] = [];
  const parameterOf = (token: SourceToken | undefined): number => {
    if (parameters === undefined || token?.kind !== 'identifier') return -1;
    const index = parameters.indexOf(token.text);
    if (index < 0 && variadic && token.text === '__VA_ARGS__') return parameters.length - 1;
    return index;
  };
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    const next = tokens[index + 1];
    if (token.text === '##' && token.kind === 'punctuator') {
      const last = items.at(-1);
      if (last === undefined || next === undefined) {
        report(
          'misplaced-paste',
          token.range,
          `'##' joins two tokens; it cannot ${last === undefined ? 'begin' : 'end'} a macro's replacement`,
        );
      } else {
        items[items.length - 1] = { ...last, pastes: true };
      }
      continue;
    }
    if (parameters !== undefined && token.text === '#' && token.kind === 'punctuator') {
      const charize = next?.text === '@' && !next.spaceBefore;
      const operand = charize ? tokens[index + 2] : next;
      const parameter = parameterOf(operand);
      if (operand !== undefined && parameter >= 0) {
        items.push({
          token,
          parameter,
          quote: charize ? 'character' : 'string',
          pastes: false,
        });
        index += charize ? 2 : 1;
        continue;
      }
      report(
        'misplaced-stringize',
        token.range,
        `'#' in a macro with parameters must stand before a parameter, found ${
          operand === undefined ? 'the end of the line' : `'${operand.text}'`
        }`,
      );
      continue;
    }
    items.push({ token, parameter: parameterOf(token), quote: undefined, pastes: false });
  }
  return items;
}

/** One argument of a call, expanded at most once and only when a parameter asks for it. */
export class MacroArgument {
  private complete: readonly SourceToken[] | undefined;

  constructor(
    readonly tokens: readonly SourceToken[],
    private readonly expand: (tokens: readonly SourceToken[]) => readonly SourceToken[],
  ) {}

  get expanded(): readonly SourceToken[] {
    this.complete ??= this.expand(this.tokens);
    return this.complete;
  }
}

/** A use of a macro: what its replacement tokens say about where they come from. */
export interface Expansion {
  readonly use: MacroUse;
  readonly range: SourceRange;
  /** The macro's name, from which the first token takes its place in the line. */
  readonly name: SourceToken;
}

/** The replacement of one use, before rescanning. */
export function substitute(
  macro: Macro,
  args: readonly MacroArgument[],
  expansion: Expansion,
  report: ReportAt,
): SourceToken[] {
  const result: SourceToken[] = [];
  const { body } = macro;
  const variadicIndex = macro.variadic ? (macro.parameters?.length ?? 0) - 1 : -1;
  let pasting = false;
  /** The left operand of a `##` was an empty argument. */
  let leftEmpty = false;
  for (let index = 0; index < body.length; index++) {
    const item = body[index];
    if (item === undefined) break;
    const next = body[index + 1];
    if (item.token.text === ',' && next !== undefined && next.parameter === variadicIndex) {
      // A comma before empty variable arguments goes with them, as the Microsoft compiler has it.
      if (next.quote === undefined && args[variadicIndex]?.tokens.length === 0) {
        index++;
        pasting = next.pastes;
        leftEmpty = true;
        continue;
      }
      if (item.pastes && next.quote === undefined) {
        result.push(copy(item.token, expansion));
        pasting = false;
        continue;
      }
    }
    const piece = pieceOf(item, args, expansion, pasting);
    if (pasting && !leftEmpty && piece.length > 0) {
      const left = result.pop();
      const right = piece[0];
      if (left !== undefined && right !== undefined) {
        const joined = paste(left, right, expansion);
        if (joined === undefined) {
          report(
            'invalid-paste',
            expansion.range,
            `'##' in '${macro.name}' makes '${left.text}${right.text}', which is no token`,
          );
          result.push(left, right);
        } else {
          result.push(joined);
        }
      }
      for (let rest = 1; rest < piece.length; rest++) {
        const token = piece[rest];
        if (token !== undefined) result.push(token);
      }
    } else {
      for (const token of piece) result.push(token);
    }
    leftEmpty = pasting ? leftEmpty && piece.length === 0 : piece.length === 0;
    pasting = item.pastes;
  }
  const first = result[0];
  if (
    first !== undefined &&
    (first.spaceBefore !== expansion.name.spaceBefore ||
      first.firstInLine !== expansion.name.firstInLine)
  ) {
    result[0] = placed(first, expansion.name.spaceBefore, expansion.name.firstInLine);
  }
  return result;
}

function pieceOf(
  item: BodyItem,
  args: readonly MacroArgument[],
  expansion: Expansion,
  pasting: boolean,
): readonly SourceToken[] {
  if (item.parameter < 0) return [copy(item.token, expansion)];
  const argument = args[item.parameter];
  if (argument === undefined) return [];
  if (item.quote !== undefined) {
    return [quoted(item.quote, argument.tokens, item.token, expansion)];
  }
  const tokens = pasting || item.pastes ? argument.tokens : argument.expanded;
  const first = tokens[0];
  if (first === undefined || first.spaceBefore === item.token.spaceBefore) return tokens;
  return [placed(first, item.token.spaceBefore, false), ...tokens.slice(1)];
}

function copy(token: SourceToken, { use, range }: Expansion): SourceToken {
  return new SourceToken(
    token.kind,
    token.text,
    range,
    token.spelling,
    use,
    token.spaceBefore,
    false,
    false,
    token.flaw,
  );
}

function placed(token: SourceToken, spaceBefore: boolean, firstInLine: boolean): SourceToken {
  return new SourceToken(
    token.kind,
    token.text,
    token.range,
    token.spelling,
    token.macro,
    spaceBefore,
    firstInLine,
    token.painted,
    token.flaw,
  );
}

/** The spelling of tokens with one space where there was white space between them. */
export function spellingOf(tokens: readonly SourceToken[]): string {
  let text = '';
  for (const token of tokens)
    text += token.spaceBefore && text !== '' ? ` ${token.text}` : token.text;
  return text;
}

function quoted(
  kind: 'string' | 'character',
  tokens: readonly SourceToken[],
  operator: SourceToken,
  { use, range }: Expansion,
): SourceToken {
  let text = '';
  for (const token of tokens) {
    if (token.spaceBefore && text !== '') text += ' ';
    text +=
      token.kind === 'string' || token.kind === 'character'
        ? token.text.replace(/[\\"]/g, '\\$&')
        : token.text;
  }
  const mark = kind === 'string' ? '"' : "'";
  return new SourceToken(
    kind,
    mark + text + mark,
    range,
    operator.spelling,
    use,
    operator.spaceBefore,
    false,
    false,
    undefined,
  );
}

function paste(
  left: SourceToken,
  right: SourceToken,
  { use, range }: Expansion,
): SourceToken | undefined {
  const text = left.text + right.text;
  const scratch: SourceFile = { path: '', text, origin: 'builtin' };
  const { tokens } = tokenize(scratch);
  const [joined] = tokens;
  if (joined === undefined || tokens.length !== 1 || joined.flaw !== undefined) return undefined;
  if (joined.range.end !== text.length) return undefined;
  return new SourceToken(
    joined.kind,
    joined.text,
    range,
    left.spelling,
    use,
    left.spaceBefore,
    left.firstInLine,
    false,
    undefined,
  );
}
