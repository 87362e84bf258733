/**
 * Macro replacement with rescanning (C11 6.10.3.4). Tokens being rescanned lie on a stack of contexts; a macro
 * is active while its context is there, and its name met meanwhile is painted for good.
 */
import type { Diagnostics } from './diagnostics.ts';
import { type Macro, MacroArgument, type ReportAt, substitute } from './macros.ts';
import type { Reference } from './program.ts';
import type { SourceRange } from './source.ts';
import { SourceToken } from './tokenizer.ts';
import type { MacroUse } from './tokens.ts';

/** The tokens of the files, with directives already obeyed. */
export interface TokenSource {
  next(): SourceToken | undefined;
  /** The token that `next` would answer; undefined also when a directive or another file is in between. */
  peek(): SourceToken | undefined;
  /** Line and file name at a place, as `#line` has changed them. */
  presumed(range: SourceRange): { readonly line: number; readonly file: string };
}

interface Context {
  readonly tokens: readonly SourceToken[];
  index: number;
  readonly macro: Macro | undefined;
  /** Reading stops at its end instead of going on below: an argument or a directive's line. */
  readonly barrier: boolean;
}

/** Nested calls in arguments deeper than this end in an error, not in a full JavaScript stack. */
const NESTING_LIMIT = 200;
/** Replacement tokens of one unit; a few macros that double each other would otherwise never end. */
export const TOKEN_LIMIT = 500_000;

export class MacroExpander {
  /** By name; replaced as a whole by headers that were preprocessed before. */
  macros = new Map<string, Macro>();
  readonly references: Reference[] = [];
  /** Uses whose replacement depends on their line. */
  readonly lineUses: SourceRange[] = [];
  /** Calls that stand in a file, with braces among their arguments. */
  readonly bracedCalls: SourceRange[] = [];
  private readonly contexts: Context[] = [];
  /** Macros whose replacement is on the stack: their own names are left alone meanwhile. */
  private readonly active = new Set<Macro>();
  private nesting = 0;
  /** Tokens of replacements so far. */
  produced = 0;
  /** What `__COUNTER__` says next. */
  counter = 0;
  /** A limit was met: from here on macros stay as they are. */
  private exhausted = false;
  /** Calls whose arguments are being read. */
  private collecting = 0;
  /** Inside `#if`: the operand of `defined` is not expanded. */
  private condition = false;

  constructor(
    private readonly source: TokenSource,
    private readonly diagnostics: Diagnostics,
  ) {}

  /** The next token after all replacement; undefined at the end. */
  next(): SourceToken | undefined {
    for (;;) {
      const token = this.read();
      if (token === undefined || token.kind !== 'identifier' || token.painted) return token;
      const macro = this.macros.get(token.text);
      if (macro === undefined) {
        if (this.condition && token.text === 'defined') this.protectOperand();
        return token;
      }
      if (this.active.has(macro)) return painted(token);
      if (!this.enter(macro, token)) return token;
    }
  }

  /** The next token as it stands, unreplaced. */
  read(): SourceToken | undefined {
    for (let top = this.contexts.at(-1); top !== undefined; top = this.contexts.at(-1)) {
      const token = top.tokens[top.index];
      if (token !== undefined) {
        top.index++;
        return token;
      }
      if (top.barrier) return undefined;
      this.contexts.pop();
      if (top.macro !== undefined) this.active.delete(top.macro);
    }
    return this.source.next();
  }

  /** Replaces all macros in tokens that stand alone: a directive's line or an argument. */
  expand(tokens: readonly SourceToken[], condition = false): readonly SourceToken[] {
    if (!tokens.some((token) => token.kind === 'identifier' && this.macros.has(token.text))) {
      return tokens;
    }
    if (this.exhausted) return tokens;
    if (this.nesting >= NESTING_LIMIT) {
      this.exhaust('macro-nesting', tokens, `Macro calls are nested over ${NESTING_LIMIT} deep`);
      return tokens;
    }
    const outerCondition = this.condition;
    this.condition = condition;
    this.nesting++;
    this.contexts.push({ tokens, index: 0, macro: undefined, barrier: true });
    const result: SourceToken[] = [];
    for (let token = this.next(); token !== undefined; token = this.next()) result.push(token);
    this.contexts.pop();
    this.nesting--;
    this.condition = outerCondition;
    this.produced += result.length;
    // An argument that was doubled over and over is given as it was written.
    return this.overLimit(tokens) && result.length > tokens.length ? tokens : result;
  }

  private overLimit(tokens: readonly SourceToken[]): boolean {
    if (this.produced > TOKEN_LIMIT) {
      this.exhaust(
        'macro-expansion-limit',
        tokens,
        `Macros of this file expand to more than ${TOKEN_LIMIT} tokens; the rest is left as it is`,
      );
    }
    return this.exhausted;
  }

  private exhaust(code: string, tokens: readonly SourceToken[], message: string): void {
    const [first] = tokens;
    if (first !== undefined && !this.exhausted) this.diagnostics.error(code, first.range, message);
    this.exhausted = true;
  }

  /** Nothing of a replacement or a call is left to be read: what comes next comes from the files. */
  get isIdle(): boolean {
    return this.collecting === 0 && this.contexts.length === 0;
  }

  /** Puts tokens in front of what comes next. */
  inject(tokens: readonly SourceToken[]): void {
    this.push(tokens, undefined);
  }

  /** Records a use of a macro's name where it stands in a file. */
  refer(macro: Macro, name: SourceToken, use: Reference['use']): void {
    if (name.macro === undefined && name.range.file.origin === 'user') {
      this.references.push({ range: name.range, symbol: macro, use });
    }
  }

  private push(tokens: readonly SourceToken[], macro: Macro | undefined): void {
    this.produced += tokens.length;
    if (tokens.length === 0) return;
    if (macro !== undefined) this.active.add(macro);
    this.contexts.push({ tokens, index: 0, macro, barrier: false });
  }

  /** Starts the replacement of a macro; false when the name is not a use of it. */
  private enter(macro: Macro, name: SourceToken): boolean {
    if (this.overLimit([name])) return false;
    if (macro.parameters === undefined) {
      this.refer(macro, name, 'read');
      if (macro.dynamic !== undefined) {
        this.push([this.dynamicToken(macro, name)], undefined);
        return true;
      }
      if (macro.body.length === 0) return true;
      this.push(
        substitute(macro, [], { use: useOf(macro, name), range: name.range, name }, this.report),
        macro,
      );
      return true;
    }
    if (!this.parenthesisFollows()) return false;
    this.refer(macro, name, 'call');
    this.collecting++;
    const open = this.read();
    const call = this.collect(macro, macro.parameters.length);
    this.collecting--;
    if (call.close === undefined) {
      this.recover(macro, name, open, call.all);
      return true;
    }
    const range = spanOf(name, call.close);
    if (name.macro === undefined && call.all.some(({ text }) => text === '{')) {
      this.bracedCalls.push(range);
    }
    const args = this.fit(macro, call.args, range);
    if (macro.body.length === 0) return true;
    this.push(
      substitute(macro, args, { use: useOf(macro, name), range, name }, this.report),
      macro,
    );
    return true;
  }

  private readonly report: ReportAt = (code, range, message) => {
    this.diagnostics.warning(code, range, message);
  };

  private parenthesisFollows(): boolean {
    for (let depth = this.contexts.length - 1; depth >= 0; depth--) {
      const context = this.contexts[depth];
      const token = context?.tokens[context.index];
      if (token !== undefined) return token.text === '(' && token.kind === 'punctuator';
      if (context?.barrier === true) return false;
    }
    const token = this.source.peek();
    return token !== undefined && token.text === '(' && token.kind === 'punctuator';
  }

  /** Reads the arguments of a call, its opening parenthesis already read. */
  private collect(
    macro: Macro,
    wanted: number,
  ): {
    readonly args: SourceToken[][];
    readonly all: SourceToken[];
    readonly close: SourceToken | undefined;
  } {
    let current: SourceToken[] = [];
    const args = [current];
    const all: SourceToken[] = [];
    let depth = 1;
    for (let token = this.read(); token !== undefined; token = this.read()) {
      all.push(token);
      if (token.kind === 'punctuator') {
        if (token.text === '(') {
          depth++;
        } else if (token.text === ')') {
          depth--;
          if (depth === 0) return { args, all, close: token };
        } else if (token.text === ',' && depth === 1) {
          if (!(macro.variadic && args.length === wanted)) {
            current = [];
            args.push(current);
            continue;
          }
        }
      }
      current.push(token);
    }
    return { args, all, close: undefined };
  }

  /** The arguments made to match the parameters, with an error when they do not. */
  private fit(
    macro: Macro,
    given: readonly (readonly SourceToken[])[],
    range: SourceRange,
  ): readonly MacroArgument[] {
    const wanted = macro.parameters?.length ?? 0;
    const count = wanted === 0 && given.length === 1 && given[0]?.length === 0 ? 0 : given.length;
    const least = macro.variadic ? wanted - 1 : wanted;
    if (count < least || count > wanted) {
      this.diagnostics.error(
        'macro-argument-count',
        range,
        `Macro '${macro.name}' takes ${macro.variadic ? `at least ${least}` : wanted} ${
          least === 1 ? 'argument' : 'arguments'
        }, found ${count}`,
        macro.range === undefined
          ? {}
          : { related: [{ message: `'${macro.name}' is defined here`, range: macro.range }] },
      );
    }
    const expand = (tokens: readonly SourceToken[]): readonly SourceToken[] => this.expand(tokens);
    return Array.from(
      { length: wanted },
      (_, index) => new MacroArgument(given[index] ?? [], expand),
    );
  }

  /** A call that never closes: its tokens go on as they stand, without calls of macros among them. */
  private recover(
    macro: Macro,
    name: SourceToken,
    open: SourceToken | undefined,
    rest: readonly SourceToken[],
  ): void {
    this.diagnostics.error(
      'unterminated-macro-call',
      open === undefined ? name.range : spanOf(name, open),
      `The call of macro '${macro.name}' is not closed: expected ')'`,
    );
    const tokens = [painted(name), ...(open === undefined ? [] : [open]), ...rest];
    this.push(
      tokens.map((token) =>
        token.kind === 'identifier' && this.macros.get(token.text)?.parameters !== undefined
          ? painted(token)
          : token,
      ),
      undefined,
    );
  }

  private dynamicToken(macro: Macro, name: SourceToken): SourceToken {
    const use = useOf(macro, name);
    const { line, file } = this.source.presumed(name.range);
    if (macro.dynamic === 'line') this.lineUses.push(name.range);
    const text =
      macro.dynamic === 'file'
        ? `"${file.replace(/[\\"]/g, '\\$&')}"`
        : String(macro.dynamic === 'line' ? line : this.counter++);
    return new SourceToken(
      macro.dynamic === 'file' ? 'string' : 'integer',
      text,
      name.range,
      name.spelling,
      use,
      name.spaceBefore,
      name.firstInLine,
      false,
      undefined,
    );
  }

  /** Paints the name behind `defined`, which asks about the macro and does not use it. */
  private protectOperand(): void {
    const top = this.contexts.at(-1);
    if (top === undefined) return;
    const { tokens, index } = top;
    const at = tokens[index]?.text === '(' ? index + 1 : index;
    const operand = tokens[at];
    if (operand?.kind !== 'identifier') return;
    const protectedTokens = [...tokens];
    protectedTokens[at] = painted(operand);
    this.contexts[this.contexts.length - 1] = { ...top, tokens: protectedTokens };
  }
}

function useOf(macro: Macro, name: SourceToken): MacroUse {
  return { name: macro.name, range: name.spelling, definition: macro.range, outer: name.macro };
}

/** From a macro's name to the end of its call, as far as both stand in one file. */
function spanOf(name: SourceToken, close: SourceToken): SourceRange {
  const { file, start, end } = name.range;
  if (close.range.file !== file || close.range.end <= end) return name.range;
  return { file, start, end: close.range.end };
}

function painted(token: SourceToken): SourceToken {
  return new SourceToken(
    token.kind,
    token.text,
    token.range,
    token.spelling,
    token.macro,
    token.spaceBefore,
    token.firstInLine,
    true,
    token.flaw,
  );
}
