/**
 * The C preprocessor: files in, tokens out. Directives, conditionals and includes are here; macro
 * replacement is in macro-expander.ts. Every error is reported where it stands and preprocessing goes on.
 */
import { isBuiltinHeader } from './builtin-headers.ts';
import { nearest } from './c/suggestions.ts';
import type { CheckedHeaders } from './checked-headers.ts';
import { evaluateCondition } from './conditions.ts';
import type { Diagnostics } from './diagnostics.ts';
import {
  headerName,
  includeGuard,
  lineRange,
  protectDefined,
  restOfLine,
} from './directive-lines.ts';
import { documentationBefore } from './documentation.ts';
import { givenMacro, isOwnMacro, predefinedMacros } from './given-macros.ts';
import { headerMode, insteadOf, type Mode } from './header-modes.ts';
import { MacroExpander, type TokenSource } from './macro-expander.ts';
import type { MacroChange, MacroHistory } from './macro-history.ts';
import { compileBody, Macro, type MacroParts, sameDefinition, spellingOf } from './macros.ts';
import type { Reference } from './program.ts';
import type { Definition } from './scenario.ts';
import { positionAt, type SourceFile, type SourceRange } from './source.ts';
import { SourceToken, type TokenList, tokenize, tokensOf } from './tokenizer.ts';
import type { Token } from './tokens.ts';
import { LINE_END, traceHeader, traceMessage } from './trace-headers.ts';

export interface PreprocessInput {
  readonly file: SourceFile;
  /** A C block inside the file: its tokens keep the file's offsets. */
  readonly range?: { readonly start: number; readonly end: number };
  /** Preprocessor lines that stand before the block. */
  readonly prelude?: readonly SourceRange[];
  readonly definitions: readonly Definition[];
  resolveInclude(name: string, quoted: boolean, from: SourceFile): SourceFile | undefined;
  /** Names of the built-in headers, for the message about a missing one. */
  readonly knownHeaders: readonly string[];
  readonly mode: Mode;
  readonly diagnostics: Diagnostics;
  /** Preprocessing begins behind these: predefined macros are among theirs. */
  readonly behind?: MacroState;
  /**
   * Headers that were checked before, asked for at an `#include` of a built-in header that nothing but such headers
   * and directives stands before. Undefined: the header is read.
   */
  readonly headers?: (request: HeaderRequest) => CheckedHeaders | undefined;
}

/** Macros and what else decides about an `#include`, at one place of a unit. */
export interface MacroState {
  readonly macros: ReadonlyMap<string, Macro>;
  readonly once: ReadonlySet<SourceFile>;
}

export interface HeaderRequest extends MacroState {
  readonly file: SourceFile;
  /** The headers before it. */
  readonly behind: CheckedHeaders | undefined;
}

export interface PreprocessResult {
  /** Ends with a token of kind `end`. */
  readonly tokens: Token[];
  /** As they are at the end of the unit, the predefined ones too. */
  readonly macros: ReadonlyMap<string, Macro>;
  /** Uses of macros in the user's files. */
  readonly macroReferences: readonly Reference[];
  /** The files read, the unit's own first. */
  readonly files: readonly SourceFile[];
  /** Headers in front of the tokens, which are not among them. */
  readonly headers: CheckedHeaders | undefined;
  /** Files that say `#pragma once`. */
  readonly once: ReadonlySet<SourceFile>;
  readonly history: MacroHistory;
}

/**
 * Preprocesses one translation unit.
 *
 * A token that stands in a file is given with its own place, also when it went through a macro as an argument.
 * A token out of a macro's replacement has the outermost use as its range, from the macro's name to the end
 * of its arguments; two tokens in order may therefore have ranges that overlap or run backwards.
 */
export function preprocess(input: PreprocessInput): PreprocessResult {
  return new Preprocessor(input).run();
}

type Branch = 'elif' | 'else' | 'endif';

interface Conditional {
  /** The line of the `#if`. */
  readonly range: SourceRange;
  readonly word: string;
  /** Whether a branch has been taken, so that the others are left out. */
  taken: boolean;
  otherwise: boolean;
}

interface FileState {
  readonly file: SourceFile;
  readonly tokens: readonly SourceToken[];
  index: number;
  readonly conditionals: Conditional[];
  /** What `#line` added to line numbers, and the name it gave. */
  lineShift: number;
  presumedName: string | undefined;
  /** The `#include` that opened it. */
  readonly includedBy: SourceRange | undefined;
}

const INCLUDE_LIMIT = 100;

/** The macro whose definition makes reading the file again useless; null when there is none. */
const guards = new WeakMap<SourceFile, string | null>();

/** Macros of built-in headers by the `#` of their definition: read once, not once for each unit. */
const builtinMacros = new WeakMap<SourceToken, Macro>();

class Preprocessor implements TokenSource {
  private readonly expander: MacroExpander;
  private readonly diagnostics: Diagnostics;
  private readonly states: FileState[] = [];
  private readonly files: SourceFile[];
  private readonly once: Set<SourceFile>;
  private readonly out: Token[] = [];
  private headers: CheckedHeaders | undefined;
  /** A trace header was asked for: its messages are to be put as DbgPrint takes them. */
  private traces = false;
  private readonly changes: MacroChange[] = [];
  private readonly directives: number[] = [];
  private renumbers = false;
  /** A `#pragma` line just read that goes to the parser. */
  private meant: SourceToken | undefined;

  constructor(private readonly input: PreprocessInput) {
    this.diagnostics = input.diagnostics;
    this.expander = new MacroExpander(this, input.diagnostics);
    this.files = [input.file];
    this.once = new Set(input.behind?.once);
  }

  run(): PreprocessResult {
    const { file, range, prelude = [] } = this.input;
    const { expander, out } = this;
    if (this.input.behind === undefined) this.predefine();
    else expander.macros = new Map(this.input.behind.macros);
    if (prelude.length > 0) {
      const lines = prelude.flatMap((line) => tokenize(file, line.start, line.end).tokens);
      this.enter(file, lines, undefined);
      this.drain();
    }
    const list = range === undefined ? tokensOf(file) : tokenize(file, range.start, range.end);
    this.checkComments(file, list);
    this.enter(file, list.tokens, undefined);
    this.drain();
    const end = range?.end ?? file.text.length;
    const place: SourceRange = { file, start: end, end };
    out.push(new SourceToken('end', '', place, place, undefined, true, true, false, undefined));
    const { macros, references, counter, produced } = expander;
    const isOwn = (place: SourceRange): boolean => place.file === file;
    return {
      tokens: out,
      macros,
      macroReferences: references,
      files: this.files,
      headers: this.headers,
      once: this.once,
      history: {
        changes: this.changes,
        directives: this.directives,
        lineUses: expander.lineUses.filter(isOwn).map(({ start }) => start),
        bracedCalls: expander.bracedCalls.filter(isOwn).map(({ start, end: to }) => [start, to]),
        findings: this.diagnostics.all.flatMap(({ range: at }) => (isOwn(at) ? [at.start] : [])),
        produced,
        isPlain: counter === 0 && !this.traces && !this.renumbers,
      },
    };
  }

  // ---- Tokens --------------------------------------------------------------------------------------

  /** Reads everything that was entered; what the parser gets is in `out`. */
  private drain(): void {
    const { expander, out } = this;
    for (;;) {
      this.copyPlain();
      const token = expander.next();
      if (token === undefined) return;
      if (token.flaw !== undefined && !this.accept(token)) continue;
      if (token.kind === 'identifier' && pragmaWords.has(token.text)) {
        const pragma = this.pragmaOperator(token);
        if (pragma !== undefined) out.push(pragma);
        continue;
      }
      if (this.traces && token.kind === 'string') this.pushMessage(token);
      else out.push(token);
    }
  }

  /** A literal of a unit that traces: with the conversions of DbgPrint, and one line end. */
  private pushMessage(token: SourceToken): void {
    const { out } = this;
    const isEnd = token.text === LINE_END && token.macro !== undefined;
    if (isEnd && out.at(-1)?.text.endsWith('\\n"')) return;
    const parts = traceMessage(token.text);
    if (parts === undefined) {
      out.push(token);
      return;
    }
    for (const text of parts) {
      const { range, spelling, macro, spaceBefore, firstInLine } = token;
      const kind = text === '__FUNCTION__' ? 'identifier' : 'string';
      out.push({ kind, text, range, spelling, macro, spaceBefore, firstInLine });
    }
  }

  /** Copies the tokens of the innermost file up to one that is more than itself: a directive, a macro. */
  private copyPlain(): void {
    const state = this.states.at(-1);
    if (state === undefined || !this.expander.isIdle) return;
    const { tokens } = state;
    const { macros } = this.expander;
    const { out } = this;
    for (let { index } = state; ; index++) {
      const token = tokens[index];
      const isPlain =
        token !== undefined &&
        token.flaw === undefined &&
        !(this.traces && token.kind === 'string') &&
        (token.kind === 'identifier'
          ? !macros.has(token.text) && !pragmaWords.has(token.text)
          : !(token.firstInLine && token.text === '#'));
      if (!isPlain) {
        state.index = index;
        return;
      }
      out.push(token);
    }
  }

  /** Reports what is wrong with a token; false when it must not reach the parser. */
  private accept(token: SourceToken): boolean {
    const { range, flaw, text } = token;
    if (flaw === 'stray-character') {
      const code = text.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
      this.diagnostics.error(
        'stray-character',
        range,
        `The character '${text}' (U+${code}) has no meaning in C`,
      );
      return false;
    }
    const [what, quote] =
      flaw === 'unterminated-string' ? ['string', '"'] : ['character constant', "'"];
    this.diagnostics.error(
      flaw ?? 'unterminated-string',
      range,
      `The ${what} is not closed: expected ${quote} before the end of the line`,
    );
    return true;
  }

  /** The next token of the files; directives on the way are obeyed. */
  next(): SourceToken | undefined {
    for (let state = this.states.at(-1); state !== undefined; state = this.states.at(-1)) {
      const token = state.tokens[state.index];
      if (token === undefined) {
        this.leave(state);
        continue;
      }
      state.index++;
      if (!token.firstInLine || token.text !== '#') return token;
      this.directive(state, token);
      const { meant } = this;
      if (meant !== undefined) {
        this.meant = undefined;
        return meant;
      }
    }
    return undefined;
  }

  /** A directive in the way ends a look ahead: what it does must not be done early. */
  peek(): SourceToken | undefined {
    const state = this.states.at(-1);
    const token = state?.tokens[state.index];
    return token?.firstInLine && token.text === '#' ? undefined : token;
  }

  presumed(range: SourceRange): { readonly line: number; readonly file: string } {
    const state = this.states.findLast((candidate) => candidate.file === range.file);
    const { line } = positionAt(range.file, range.start);
    const name = state?.presumedName ?? range.file.path.slice(range.file.path.lastIndexOf('/') + 1);
    return { line: line + (state?.lineShift ?? 0), file: name };
  }

  /** Puts a file, or lines of one, in front of what is being read. */
  private enter(
    file: SourceFile,
    tokens: readonly SourceToken[],
    includedBy: SourceRange | undefined,
  ): void {
    this.states.push({
      file,
      tokens,
      index: 0,
      conditionals: [],
      lineShift: 0,
      presumedName: undefined,
      includedBy,
    });
  }

  /** Conditionals end with their file. */
  private leave(state: FileState): void {
    for (const { range, word } of state.conditionals) {
      this.diagnostics.error(
        'unterminated-conditional',
        range,
        `'#${word}' has no '#endif' in ${state.includedBy === undefined ? 'this text' : 'this file'}`,
      );
    }
    this.states.pop();
  }

  private checkComments(
    file: SourceFile,
    { unterminatedComment: open, strangeComments }: TokenList,
  ): void {
    if (open !== undefined) {
      this.diagnostics.error(
        'unterminated-comment',
        { file, start: open, end: open + 2 },
        "The comment is not closed: expected '*/'",
      );
    }
    if (file.origin === 'builtin') return;
    for (const { what, start, end } of strangeComments) {
      this.diagnostics.warning(
        what === 'nested' ? 'nested-comment' : 'continued-comment',
        { file, start, end },
        what === 'nested'
          ? "'/*' within a comment: is the '*/' of the comment before it missing?"
          : 'The backslash takes the next line into the comment',
      );
    }
  }

  // ---- Directives ----------------------------------------------------------------------------------

  /** The rest of the directive's line; the state then stands at the next line. */
  private takeLine(state: FileState): SourceToken[] {
    const { tokens } = state;
    let end = state.index;
    for (let token = tokens[end]; token !== undefined && !token.firstInLine; token = tokens[end]) {
      end++;
    }
    const line = tokens.slice(state.index, end);
    state.index = end;
    return line;
  }

  /** Obeys one line; what is unknown is reported and passed over. */
  private directive(state: FileState, hash: SourceToken): void {
    const line = this.takeLine(state);
    const word = line[0];
    if (state.file === this.input.file) this.directives.push(hash.range.start);
    if (word === undefined) return;
    const range = lineRange(hash, line);
    const rest = line.slice(1);
    const { text } = word;
    switch (word.kind === 'integer' ? 'line' : text) {
      case 'define':
        this.define(hash, rest, range);
        break;
      case 'undef':
        this.undefine(rest, range);
        break;
      case 'include':
        this.include(state, rest, range);
        break;
      case 'if':
        this.openConditional(state, text, range, this.holds(rest, range));
        break;
      case 'ifdef':
      case 'ifndef': {
        const name = this.macroName(rest, range, text);
        const defined = name !== undefined && this.isDefined(name);
        this.checkExtra(rest, 1, text);
        this.openConditional(
          state,
          text,
          range,
          name !== undefined && defined === (text === 'ifdef'),
        );
        break;
      }
      case 'elif':
      case 'else':
      case 'endif':
        this.nextBranch(state, text as Branch, rest, range);
        break;
      case 'error':
        this.diagnostics.error('error-directive', range, `#error: ${restOfLine(word, rest)}`);
        break;
      case 'warning':
        this.diagnostics.warning('warning-directive', range, `#warning: ${restOfLine(word, rest)}`);
        break;
      case 'line':
        this.line(state, word.kind === 'integer' ? line : rest, range);
        break;
      case 'pragma':
        this.pragma(state, hash, rest, range);
        break;
      case 'ident':
        break;
      default: {
        const meant = nearest(text, directives);
        this.diagnostics.error(
          'unknown-directive',
          { file: range.file, start: hash.range.start, end: word.range.end },
          `'#${text}' is no preprocessor directive${
            meant === undefined ? '' : `; did you mean '#${meant}'?`
          }`,
        );
      }
    }
  }

  /** Text behind the end of a directive, which compilers ignore and its writer did not mean. */
  private checkExtra(rest: readonly SourceToken[], from: number, word: string): void {
    const extra = rest[from];
    if (extra === undefined || extra.range.file.origin === 'builtin') return;
    this.diagnostics.warning(
      'extra-tokens',
      extra.range,
      `Expected the end of the line after '#${word}', found '${extra.text}'`,
    );
  }

  // ---- Conditionals --------------------------------------------------------------------------------

  /** Asking counts as a use, so that hover and rename know the place. */
  private isDefined(name: SourceToken): boolean {
    const macro = this.expander.macros.get(name.text);
    if (macro === undefined) return false;
    this.expander.refer(macro, name, 'read');
    return true;
  }

  /** Whether the condition of `#if` or `#elif` is true; a broken one counts as false. */
  private holds(tokens: readonly SourceToken[], range: SourceRange): boolean {
    if (tokens.length === 0) {
      this.diagnostics.error('bad-condition', range, "Expected a condition after '#if'");
      return false;
    }
    const expanded = this.expander.expand(protectDefined(tokens), true);
    const result = evaluateCondition(expanded, range, (name) => this.isDefined(name));
    if (typeof result === 'boolean') return result;
    this.diagnostics.error('bad-condition', result.range, result.message);
    return false;
  }

  private openConditional(
    state: FileState,
    word: string,
    range: SourceRange,
    holds: boolean,
  ): void {
    state.conditionals.push({ range, word, taken: holds, otherwise: false });
    if (!holds) this.skip(state);
  }

  /** A `#elif`, `#else` or `#endif` met while reading: the branch before it was taken. */
  private nextBranch(
    state: FileState,
    word: Branch,
    rest: readonly SourceToken[],
    range: SourceRange,
  ): void {
    if (word !== 'elif') this.checkExtra(rest, 0, word);
    const conditional = state.conditionals.at(-1);
    if (conditional === undefined) {
      this.diagnostics.error('unmatched-conditional', range, `'#${word}' without '#if' before it`);
      return;
    }
    if (word === 'endif') {
      state.conditionals.pop();
      return;
    }
    this.checkOrder(conditional, word, range);
    this.skip(state);
  }

  /** Nothing but `#endif` may follow an `#else`. */
  private checkOrder(conditional: Conditional, word: 'elif' | 'else', range: SourceRange): void {
    if (conditional.otherwise) {
      this.diagnostics.error('unmatched-conditional', range, `'#${word}' after '#else'`, {
        related: [
          { message: `This '#${conditional.word}' has its '#else'`, range: conditional.range },
        ],
      });
    }
    if (word === 'else') conditional.otherwise = true;
  }

  /** Passes over text to the next branch that is taken, or behind the `#endif`. */
  private skip(state: FileState): void {
    const { tokens } = state;
    let depth = 0;
    for (let token = tokens[state.index]; token !== undefined; token = tokens[state.index]) {
      state.index++;
      if (!token.firstInLine || token.text !== '#') continue;
      const word = tokens[state.index];
      if (word === undefined || word.firstInLine) continue;
      switch (word.text) {
        case 'if':
        case 'ifdef':
        case 'ifndef':
          depth++;
          break;
        case 'endif':
          if (depth > 0) {
            depth--;
            break;
          }
          this.checkExtra(this.takeLine(state), 1, 'endif');
          state.conditionals.pop();
          return;
        case 'elif':
        case 'else':
          if (depth === 0 && this.takesBranch(state, word.text, token)) return;
          break;
        default:
      }
    }
  }

  /** Whether reading goes on behind a branch that `skip` has met. */
  private takesBranch(state: FileState, word: 'elif' | 'else', hash: SourceToken): boolean {
    const conditional = state.conditionals.at(-1);
    const line = this.takeLine(state);
    if (conditional === undefined) return true;
    const range = lineRange(hash, line);
    const rest = line.slice(1);
    this.checkOrder(conditional, word, range);
    if (word === 'else') this.checkExtra(rest, 0, word);
    if (conditional.taken) return false;
    if (word === 'elif' && !this.holds(rest, range)) return false;
    conditional.taken = true;
    return true;
  }

  // ---- Macros --------------------------------------------------------------------------------------

  private predefine(): void {
    const { macros } = this.expander;
    for (const [name, macro] of predefinedMacros[this.input.mode]) macros.set(name, macro);
    for (const definition of this.input.definitions) {
      macros.set(definition.name, givenMacro(definition));
    }
  }

  private macroName(
    rest: readonly SourceToken[],
    range: SourceRange,
    word: string,
  ): SourceToken | undefined {
    const name = rest[0];
    if (name?.kind === 'identifier') return name;
    this.diagnostics.error(
      'expected-macro-name',
      name?.range ?? range,
      `Expected a name after '#${word}', found ${name === undefined ? 'the end of the line' : `'${name.text}'`}`,
    );
    return undefined;
  }

  /** A definition of a built-in header is parsed once and shared: its text never changes. */
  private define(hash: SourceToken, rest: readonly SourceToken[], range: SourceRange): void {
    const { macros } = this.expander;
    const known = builtinMacros.get(hash);
    if (known !== undefined && !macros.has(known.name)) {
      this.setMacro(known.name, known);
      return;
    }
    const name = this.macroName(rest, range, 'define');
    if (name === undefined) return;
    if (reserved.has(name.text)) {
      this.diagnostics.error('reserved-macro', name.range, `'${name.text}' cannot be defined`);
      return;
    }
    const macro = known ?? this.parseMacro(name, hash, rest, range);
    if (macro === undefined) return;
    const earlier = macros.get(name.text);
    if (earlier !== undefined && !sameDefinition(earlier, macro)) {
      this.diagnostics.warning(
        'macro-redefinition',
        name.range,
        `'${name.text}' is already defined, with another replacement`,
        earlier.range === undefined
          ? {}
          : { related: [{ message: 'The earlier definition', range: earlier.range }] },
      );
    }
    this.setMacro(name.text, macro);
    if (range.file.origin === 'builtin') builtinMacros.set(hash, macro);
    this.expander.refer(macro, name, 'definition');
  }

  private parseMacro(
    name: SourceToken,
    hash: SourceToken,
    rest: readonly SourceToken[],
    range: SourceRange,
  ): Macro | undefined {
    let parameters: string[] | undefined;
    let variadic = false;
    let bodyStart = 1;
    if (rest[1]?.text === '(' && !rest[1].spaceBefore) {
      const list = this.parameterList(rest, range);
      if (list === undefined) return undefined;
      ({ parameters, variadic, bodyStart } = list);
    }
    const { file } = range;
    const body = rest.slice(bodyStart);
    const first = body[0];
    const last = body.at(-1);
    return new Macro(
      name.text,
      parameters,
      variadic,
      first === undefined || last === undefined
        ? ''
        : file.text.slice(first.range.start, last.range.end),
      name.range,
      undefined,
      this.partsOf(body, parameters, variadic, hash.range),
    );
  }

  /** In the user's files mistakes of a replacement list are to be found, used or not. */
  private partsOf(
    tokens: readonly SourceToken[],
    parameters: readonly string[] | undefined,
    variadic: boolean,
    { file, start }: SourceRange,
  ): MacroParts {
    const { diagnostics } = this;
    const parts: MacroParts = {
      get body() {
        return compileBody(tokens, parameters, variadic, (code, place, message) =>
          diagnostics.error(code, place, message),
        );
      },
      get documentation() {
        return documentationBefore(file, start);
      },
    };
    return isBuiltinHeader(file) ? parts : { ...parts };
  }

  private parameterList(
    rest: readonly SourceToken[],
    range: SourceRange,
  ): { parameters: string[]; variadic: boolean; bodyStart: number } | undefined {
    const parameters: string[] = [];
    let variadic = false;
    let index = 2;
    const fail = (expected: string): undefined => {
      const token = rest[index];
      this.diagnostics.error(
        'macro-parameters',
        token?.range ?? range,
        `Expected ${expected} in the parameters of macro '${rest[0]?.text ?? ''}', found ${
          token === undefined ? 'the end of the line' : `'${token.text}'`
        }`,
      );
      return undefined;
    };
    if (rest[index]?.text === ')') return { parameters, variadic, bodyStart: index + 1 };
    for (;;) {
      const token = rest[index];
      if (token?.text === '...') {
        parameters.push('__VA_ARGS__');
        variadic = true;
        index++;
        if (rest[index]?.text !== ')') return fail("')' after '...'");
        return { parameters, variadic, bodyStart: index + 1 };
      }
      if (token?.kind !== 'identifier') return fail("a name or '...'");
      if (parameters.includes(token.text)) return fail('another name');
      parameters.push(token.text);
      index++;
      const separator = rest[index];
      if (separator?.text === '...') {
        // GNU's named variable arguments: `args...`.
        variadic = true;
        index++;
        if (rest[index]?.text !== ')') return fail("')' after '...'");
        return { parameters, variadic, bodyStart: index + 1 };
      }
      if (separator?.text === ')') return { parameters, variadic, bodyStart: index + 1 };
      if (separator?.text !== ',') return fail("',' or ')'");
      index++;
    }
  }

  /** Undefining what is not defined is no mistake. */
  private undefine(rest: readonly SourceToken[], range: SourceRange): void {
    const name = this.macroName(rest, range, 'undef');
    if (name === undefined) return;
    if (reserved.has(name.text)) {
      this.diagnostics.error('reserved-macro', name.range, `'${name.text}' cannot be undefined`);
      return;
    }
    const macro = this.expander.macros.get(name.text);
    if (macro !== undefined) this.expander.refer(macro, name, 'read');
    this.setMacro(name.text, undefined);
    this.checkExtra(rest, 1, 'undef');
  }

  /** Changes what a name stands for, and notes from where on. */
  private setMacro(name: string, after: Macro | undefined): void {
    const { macros } = this.expander;
    const [main] = this.states;
    const at = main?.tokens[main.index - 1]?.range.start ?? 0;
    this.changes.push({ at, name, before: macros.get(name) });
    if (after === undefined) macros.delete(name);
    else macros.set(name, after);
  }

  // ---- Includes ------------------------------------------------------------------------------------

  private include(state: FileState, rest: readonly SourceToken[], range: SourceRange): void {
    const header =
      headerName(rest, state.file) ?? headerName(this.expander.expand(rest), undefined);
    if (header === undefined) {
      this.diagnostics.error(
        'bad-include',
        range,
        'Expected "file" or <file> after \'#include\'' +
          (rest[0] === undefined ? ', found the end of the line' : `, found '${rest[0].text}'`),
      );
      return;
    }
    this.checkExtra(rest, header.length, 'include');
    const { name, quoted, place = range } = header;
    const file = this.input.resolveInclude(name, quoted, state.file);
    if (file === undefined) {
      if (/\.tmh$/i.test(name)) this.enterTraceHeader(name, place, range);
      else this.reportMissing(name, place);
      return;
    }
    const side = file.origin === 'builtin' ? headerMode(name) : undefined;
    if (state.file.origin === 'user' && side !== undefined && side !== this.input.mode) {
      this.reportSide(name, side, place);
      return;
    }
    if (this.states.length >= INCLUDE_LIMIT) {
      this.diagnostics.error(
        'include-depth',
        place,
        `'${name}' is included inside itself, or files are included more than ${INCLUDE_LIMIT} deep`,
      );
      return;
    }
    if (!this.files.includes(file)) this.files.push(file);
    if (this.once.has(file) || this.takeChecked(file)) return;
    const list = tokensOf(file);
    let guard = guards.get(file);
    if (guard === undefined) {
      guard = includeGuard(list.tokens) ?? null;
      guards.set(file, guard);
    }
    if (guard !== null && this.expander.macros.has(guard)) return;
    this.checkComments(file, list);
    this.enter(file, list.tokens, range);
  }

  /** Takes a built-in header as it was checked before; false when it is to be read. */
  private takeChecked(file: SourceFile): boolean {
    const { expander, once, headers: behind } = this;
    if (this.input.headers === undefined || !isBuiltinHeader(file)) return false;
    const isFirst = this.out.length === 0 && expander.isIdle;
    if (!isFirst || this.states.some((state) => isBuiltinHeader(state.file))) return false;
    const found = this.input.headers({ file, behind, macros: expander.macros, once });
    if (found === undefined) return false;
    const macros = new Map(found.macros);
    for (const [name, macro] of expander.macros) {
      if (isOwnMacro(macro) && !found.undefined.has(name)) macros.set(name, macro);
    }
    expander.macros = macros;
    // Nothing but directives stands before: nobody asks what macros were there.
    this.changes.length = 0;
    this.headers = found;
    for (const header of found.once) once.add(header);
    for (const header of found.files) if (!this.files.includes(header)) this.files.push(header);
    return true;
  }

  /** A header that only a build has: its macros print. */
  private enterTraceHeader(name: string, place: SourceRange, line: SourceRange): void {
    this.diagnostics.report({
      code: 'missing-trace-header',
      severity: 'information',
      message: `'${name}' is generated by the trace preprocessor and does not exist here; its macros print by DbgPrint`,
      range: place,
    });
    this.traces = true;
    const own = this.files.filter(({ origin }) => origin === 'user');
    const text = traceHeader(
      own.map((file) => file.text),
      this.input.mode,
    );
    const file: SourceFile = { path: `dms:/include/${name}`, text, origin: 'builtin' };
    this.enter(file, tokensOf(file).tokens, line);
  }

  private reportMissing(name: string, place: SourceRange): void {
    const { knownHeaders } = this.input;
    const meant = nearest(name, knownHeaders);
    this.diagnostics.error(
      'unknown-header',
      place,
      `Cannot find '${name}'${meant === undefined ? '.' : `; did you mean '${meant}'?`}` +
        (knownHeaders.length === 0
          ? ''
          : ` Built-in headers: ${[...knownHeaders].sort().join(', ')}`),
    );
  }

  /** Kernel and user headers share names for different things: the wrong side is refused as a whole. */
  private reportSide(name: string, side: Mode, place: SourceRange): void {
    const { mode } = this.input;
    this.diagnostics.error(
      side === 'kernel' ? 'kernel-header-in-process' : 'user-header-in-driver',
      place,
      `'${name}' belongs to ${side === 'kernel' ? 'drivers' : 'processes'}, this is ${
        mode === 'kernel' ? 'a driver' : 'a process'
      }: include ${insteadOf(mode)}, or put the line under '#ifdef ${
        side === 'kernel' ? '_DMS_KERNEL_MODE' : '_DMS_USER_MODE'
      }'`,
    );
  }

  // ---- #line and #pragma ---------------------------------------------------------------------------

  /** `#line` changes what `__LINE__` and `__FILE__` say, and nothing else: findings stay where the text is. */
  private line(state: FileState, rest: readonly SourceToken[], range: SourceRange): void {
    const [number, name] = this.expander.expand(rest);
    if (number === undefined || !/^[0-9]+$/.test(number.text)) {
      this.diagnostics.error(
        'bad-line',
        number?.range ?? range,
        `Expected a line number after '#line', found ${
          number === undefined ? 'the end of the line' : `'${number.text}'`
        }`,
      );
      return;
    }
    this.renumbers = true;
    const next = positionAt(state.file, range.end).line + 1;
    state.lineShift = Number(number.text) - next;
    if (name?.kind === 'string') state.presumedName = name.text.slice(1, -1);
  }

  /** `once` is for the preprocessor; what else means something goes to the parser. */
  private pragma(
    state: FileState,
    hash: SourceToken,
    rest: readonly SourceToken[],
    range: SourceRange,
  ): void {
    if (rest[0]?.text === 'once') {
      this.once.add(state.file);
      return;
    }
    if (!isMeant(rest)) return;
    this.meant = pragmaToken(this.pragmaText(rest), range, hash);
  }

  /** `__pragma(..)` and `_Pragma("..")`; undefined when it means nothing to the parser. */
  private pragmaOperator(word: SourceToken): SourceToken | undefined {
    const { expander } = this;
    const open = expander.read();
    if (open?.text !== '(') {
      this.diagnostics.error('bad-pragma', word.range, `Expected '(' after '${word.text}'`);
      if (open !== undefined) expander.inject([open]);
      return undefined;
    }
    let tokens: SourceToken[] = [];
    let depth = 1;
    for (let token = expander.read(); ; token = expander.read()) {
      if (token === undefined) {
        this.diagnostics.error(
          'bad-pragma',
          word.range,
          `'${word.text}' is not closed: expected ')'`,
        );
        return undefined;
      }
      if (token.text === '(' && token.kind === 'punctuator') depth++;
      if (token.text === ')' && token.kind === 'punctuator' && --depth === 0) break;
      tokens.push(token);
    }
    const [literal] = tokens;
    if (word.text === '_Pragma' && literal?.kind === 'string') {
      const text = literal.text.replace(/^L?"|"$/g, '').replace(/\\(["\\])/g, '$1');
      tokens = [...tokenize({ path: '', text, origin: 'builtin' }).tokens];
    }
    if (!isMeant(tokens)) return undefined;
    return pragmaToken(this.pragmaText(tokens), word.range, word);
  }

  /** The Microsoft compiler replaces macros in `pack`, whose operand is a number. */
  private pragmaText(tokens: readonly SourceToken[]): string {
    return spellingOf(tokens[0]?.text === 'pack' ? this.expander.expand(tokens) : tokens);
  }
}

const directives: readonly string[] = [
  'define',
  'elif',
  'else',
  'endif',
  'error',
  'if',
  'ifdef',
  'ifndef',
  'include',
  'line',
  'pragma',
  'undef',
  'warning',
];

const pragmaWords: ReadonlySet<string> = new Set(['__pragma', '_Pragma']);

const reserved: ReadonlySet<string> = new Set([
  '__COUNTER__',
  '__FILE__',
  '__LINE__',
  '__VA_ARGS__',
  'defined',
]);

/** Pragmas that change the program; all others are for the compiler's ears. */
const isMeant = (tokens: readonly SourceToken[]): boolean =>
  tokens[0]?.text === 'pack' || tokens[0]?.text === 'alloc_text';

function pragmaToken(text: string, range: SourceRange, at: SourceToken): SourceToken {
  return new SourceToken(
    'pragma',
    text,
    range,
    at.spelling,
    at.macro,
    true,
    at.firstInLine,
    false,
    undefined,
  );
}
