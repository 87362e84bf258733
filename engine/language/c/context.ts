/** What all parts of the C front end share while they work on one translation unit. */
import type { CheckedHeaders } from '../checked-headers.ts';
import type { Diagnostic, Diagnostics } from '../diagnostics.ts';
import type { Expression, FunctionSymbol, MacroSymbol, Reference, Variable } from '../program.ts';
import type { SourceFile, SourceRange } from '../source.ts';
import type { MacroUse, Token } from '../tokens.ts';
import type { EnumDefinition, RecordDefinition } from '../types.ts';
import type { CheckedBody } from './checked-bodies.ts';
import type { Place } from './cursor.ts';
import { Cursor } from './cursor.ts';
import { FileScopeHistory } from './file-scope-history.ts';
import { Scopes } from './scopes.ts';
import { nearest } from './suggestions.ts';

/** Suggestions search all names; past so many errors nobody reads them. */
export const MAXIMUM_SUGGESTIONS = 60;
/** Blocks and parentheses within each other, as other compilers limit them. */
const MAXIMUM_DEPTH = 200;

export interface Goto {
  readonly label: string;
  readonly token: Token;
}

/** The function whose body is being read. */
export interface OpenFunction {
  readonly symbol: FunctionSymbol;
  readonly locals: Variable[];
  readonly labels: Map<string, Token>;
  readonly gotos: Goto[];
  /** Names already reported in this function: as undeclared, and as unknown types. */
  readonly undeclared: Set<string>;
  readonly unknownTypes: Set<string>;
  /** Exception handling around the place: filters, handlers, termination handlers, guarded blocks. */
  filters: number;
  handlers: number;
  terminations: number;
  guarded: number;
  returns: number;
}

interface MutableReference {
  range: SourceRange;
  symbol: Reference['symbol'];
  use: Reference['use'];
}

/** An undeclared name, reported at the end when it is known whether a declaration follows. */
export interface Undeclared {
  readonly token: Token;
  readonly called: boolean;
  readonly suggestion: string | undefined;
}

export interface ContextOptions {
  readonly tokens: readonly Token[];
  readonly fallback: SourceRange;
  readonly diagnostics: Diagnostics;
  /** A debugger's expression: calls are refused. */
  readonly watch: boolean;
  /** Default `user`. */
  readonly mode?: 'kernel' | 'user';
  /** A header is missing: what would be found now are its consequences, and nothing is reported. */
  readonly muted?: boolean;
  /** Macros are names too when a misspelt one is looked for. */
  readonly macros: ReadonlyMap<string, MacroSymbol>;
  /** The header that declares a name, where one is known. */
  readonly headerOf: ((name: string) => string | undefined) | undefined;
  /** Headers in front of the tokens that were checked before. */
  readonly headers?: CheckedHeaders | undefined;
  /** Functions will be checked again by themselves: what the file scope is at each place is kept. */
  readonly keepsHistory?: boolean;
  /** The text around, whose file scope is this one's too: the tokens are those of one function's body. */
  readonly around?: Context;
  /** The packing in force at the first token, where it is not the compiler's own. */
  readonly pack?: number | undefined;
}

export class Context {
  readonly cursor: Cursor;
  readonly scopes: Scopes;
  readonly watch: boolean;
  readonly mode: 'kernel' | 'user';
  readonly functions: FunctionSymbol[];
  /** Objects of the file scope and static ones of functions, by their place in the text. */
  variables: Variable[];
  references: MutableReference[] = [];
  /** Undeclared names so far; `reportUndeclared` tells them. */
  undeclared: Undeclared[] = [];
  /** Changes of the file scope; undefined where nobody goes back. */
  readonly history: FileScopeHistory | undefined;
  readonly pack: number | undefined;
  /** The file that the unit is made of. */
  mainFile: SourceFile;
  /** What is written in parentheses in the statement being read: its operator binds as its writer meant. */
  readonly parenthesised = new Set<Expression>();
  /** Operands of `sizeof` by its value, in the statement being read. */
  readonly measured = new Map<Expression, Expression>();
  /** Changes of objects in the full expression being read. */
  changes = 0;
  /** Locals that get a value where they are declared. */
  readonly initialised = new Set<Variable>();
  /** There are errors outside of functions. */
  hasFileScopeErrors = false;
  open: OpenFunction | undefined;
  /**
   * Where a function definition begins inside a body that was not closed: blocks end quietly and reading goes
   * on there.
   */
  unclosedAt: number | undefined;
  /**
   * The text completes a type that a header announces. What was checked before cannot take that up: the headers must be
   * checked again with the text.
   */
  completesHeaderType = false;
  /** A declaration in a block was about something of the file scope. */
  reachesOut = false;
  /** How often a name was looked for that may have been meant. */
  suggestions = 0;
  /** Definitions in the unit's own file, in text order; kept where there is a history. */
  readonly bodies: CheckedBody[] = [];
  /** Functions with errors in their bodies. */
  readonly faulty = new Set<FunctionSymbol>();
  /** Inside `sizeof` and the like: nothing is run there. */
  unevaluated = 0;
  /** Nothing more is reported once the text was given up. */
  private aborted = false;
  private depth = 0;
  private lastSyntaxError = -1;
  private diagnostics: Diagnostics;
  private readonly headerOf: ContextOptions['headerOf'];
  private readonly macros: ReadonlyMap<string, MacroSymbol>;
  private readonly undeclaredAtFileScope = new Set<string>();
  private readonly unknownTypes: Set<string>;
  private readonly referenceOf = new Map<Expression, MutableReference>();
  private readonly headers: CheckedHeaders | undefined;

  constructor(options: ContextOptions) {
    const { headers, around } = options;
    this.headers = headers;
    this.history = options.keepsHistory === true ? new FileScopeHistory() : undefined;
    this.scopes = around?.scopes ?? new Scopes(headers?.scope, this.history);
    // A body is to add nothing to the file scope, so lists of its own begin empty.
    this.functions = around === undefined ? [...(headers?.functions ?? [])] : [];
    this.variables = around === undefined ? [...(headers?.variables ?? [])] : [];
    this.unknownTypes = around?.unknownTypes ?? new Set();
    this.pack = options.pack;
    this.mainFile = options.fallback.file;
    this.cursor = new Cursor(options.tokens, options.fallback);
    this.diagnostics = options.diagnostics;
    this.watch = options.watch;
    this.mode = options.mode ?? 'user';
    this.headerOf = options.headerOf;
    this.macros = options.macros;
    this.aborted = options.muted ?? false;
  }

  // ---- Checking functions again ---------------------------------------------------------------------

  /** A context for the body of one function of this text, which is being checked again. */
  forBody(tokens: readonly Token[], diagnostics: Diagnostics, pack: number): Context {
    const [first] = tokens;
    return new Context({
      tokens,
      fallback: first?.range ?? this.cursor.token.range,
      diagnostics,
      watch: false,
      mode: this.mode,
      macros: this.macros,
      headerOf: this.headerOf,
      headers: this.headers,
      around: this,
      pack,
    });
  }

  /** From here on findings go elsewhere. */
  reportTo(diagnostics: Diagnostics): void {
    this.diagnostics = diagnostics;
  }

  /** Whether the text was given up, or nothing was to be said about it. */
  get isAborted(): boolean {
    return this.aborted;
  }

  /** How much was found so far. */
  get findings(): number {
    return this.diagnostics.all.length;
  }

  /**
   * Changes what is known of a symbol or type that other places may have seen before. In the file scope the change can
   * be taken back.
   */
  change<T extends object, K extends keyof T>(target: T, key: K, value: T[K]): void {
    const before = target[key];
    target[key] = value;
    if (this.history === undefined || this.open !== undefined) return;
    this.history.record({
      before,
      undo: () => {
        target[key] = before;
      },
      redo: () => {
        target[key] = value;
      },
    });
  }

  // ---- Findings ------------------------------------------------------------------------------------

  /** Reports a mistake: the program cannot be run. */
  error(code: string, place: Place, message: string, extra: Partial<Diagnostic> = {}): void {
    this.report('error', code, place, message, extra);
  }

  /** Reports what is allowed, but most likely not meant. */
  warning(code: string, place: Place, message: string, extra: Partial<Diagnostic> = {}): void {
    this.report('warning', code, place, message, extra);
  }

  /**
   * Reports with any severity. What comes out of a macro is shown at the outermost use, with notes
   * that lead into the macros.
   */
  report(
    severity: Diagnostic['severity'],
    code: string,
    place: Place,
    message: string,
    extra: Partial<Diagnostic> = {},
  ): void {
    if (severity === 'error') {
      if (this.open === undefined) this.hasFileScopeErrors = true;
      else this.faulty.add(this.open.symbol);
    }
    if (this.aborted) return;
    const related = [...(extra.related ?? []), ...expansionNotes(place.macro)];
    const notes = related.length > 0 ? { related } : {};
    const text = message.charAt(0).toUpperCase() + message.slice(1);
    this.diagnostics.report({
      code,
      severity,
      message: text,
      range: place.range,
      ...extra,
      ...notes,
    });
  }

  /**
   * An unexpected token at the cursor. At one place only the first such finding is of use: the others are
   * consequences.
   */
  syntaxError(
    code: string,
    message: string,
    place: Place = this.cursor.token,
    extra: Partial<Diagnostic> = {},
  ): void {
    if (this.lastSyntaxError === this.cursor.index) return;
    this.lastSyntaxError = this.cursor.index;
    this.error(code, place, message, extra);
  }

  /** Whether a syntax error was reported at the token at the cursor. */
  get isPanicking(): boolean {
    return this.lastSyntaxError === this.cursor.index;
  }

  /** `what` ends in its verb: "inline assembly is". */
  notSupported(place: Place, what: string): void {
    this.error('not-supported', place, `${what} not supported yet`);
  }

  /** Steps into a nested construct; false, and the rest of the text is given up, when it is too deep. */
  deeper(): boolean {
    this.depth++;
    if (this.depth <= MAXIMUM_DEPTH) return true;
    this.giveUp(`nested too deeply: more than ${MAXIMUM_DEPTH} levels`);
    return false;
  }

  /** Steps out of a construct that `deeper` stepped into, whatever that answered. */
  shallower(): void {
    this.depth--;
  }

  /** Stops reading: the cursor goes to the end, and nothing more is reported. */
  giveUp(message: string): void {
    this.error('too-deep', this.cursor.token, message);
    this.aborted = true;
    this.cursor.moveToEnd();
  }

  // ---- Names ---------------------------------------------------------------------------------------

  /**
   * A function as the text may change it. Those of headers that were checked before serve other units too: this one
   * gets its own.
   */
  ownFunction(symbol: FunctionSymbol): FunctionSymbol {
    if (this.headers?.shared.has(symbol) !== true) return symbol;
    const own = { ...symbol };
    this.functions[this.functions.indexOf(symbol)] = own;
    this.scopes.ordinary.replace(symbol.name, own);
    return own;
  }

  /** An object as the text may change it, as `ownFunction` answers a function. */
  ownVariable(symbol: Variable): Variable {
    if (this.headers?.shared.has(symbol) !== true) return symbol;
    const own = { ...symbol };
    this.variables[this.variables.indexOf(symbol)] = own;
    this.scopes.ordinary.replace(symbol.name, own);
    return own;
  }

  /** Whether a type may be completed here; false for one of a header that was checked before. */
  mayComplete(definition: RecordDefinition | EnumDefinition): boolean {
    if (this.headers?.incomplete.has(definition) !== true) return true;
    this.completesHeaderType = true;
    return false;
  }

  /** Records a use of a name where its characters stand. */
  reference(
    token: Token,
    symbol: Reference['symbol'],
    use: Reference['use'],
    expression?: Expression,
  ): void {
    const reference = { range: token.spelling, symbol, use };
    this.references.push(reference);
    if (expression !== undefined) this.referenceOf.set(expression, reference);
  }

  /** To be called between statements: what became of the names before is settled. */
  settleUses(): void {
    if (this.referenceOf.size > 0) this.referenceOf.clear();
    if (this.parenthesised.size > 0) this.parenthesised.clear();
    if (this.measured.size > 0) this.measured.clear();
  }

  /** Tells what became of a name that was recorded as read. */
  usedFor(expression: Expression, use: Reference['use']): void {
    const reference = this.referenceOf.get(expression);
    if (reference !== undefined) reference.use = use;
  }

  /** The value of an expression goes nowhere: what it changes is only written. */
  discard(expression: Expression): void {
    switch (expression.kind) {
      case 'increment':
      case 'assign':
      case 'compoundAssign':
        this.usedFor(expression.target, 'write');
        break;
      case 'comma':
        this.discard(expression.right);
        break;
      case 'convert':
        this.discard(expression.operand);
        break;
      default:
        break;
    }
  }

  /** The nearest of the candidates, while the findings are few. */
  suggest(name: string, candidates: Iterable<string>): string | undefined {
    this.suggestions++;
    return this.suggestions > MAXIMUM_SUGGESTIONS ? undefined : nearest(name, candidates);
  }

  /** Reports a name that is not declared here: once for each function. */
  undeclaredName(token: Token, called: boolean): void {
    const known = this.open?.undeclared ?? this.undeclaredAtFileScope;
    if (this.aborted || known.has(token.text) || this.isUnknownType(token.text)) return;
    known.add(token.text);
    if (this.open !== undefined) this.faulty.add(this.open.symbol);
    // Searched now, since locals go out of scope.
    const suggestion = this.suggest(token.text, this.valueNames(called));
    this.undeclared.push({ token, called, suggestion });
  }

  /** Whether a name was reported as a type that is not known, in this function or outside of all. */
  private isUnknownType(name: string): boolean {
    return this.unknownTypes.has(name) || this.open?.unknownTypes.has(name) === true;
  }

  /** A name where a type is needed; each is reported once in a function. */
  unknownTypeName(token: Token): void {
    if (this.open !== undefined) this.faulty.add(this.open.symbol);
    if (this.isUnknownType(token.text)) return;
    (this.open?.unknownTypes ?? this.unknownTypes).add(token.text);
    const suggestion = this.suggest(token.text, this.typeNames());
    const tag = this.scopes.tags.find(token.text);
    const keyword = tag?.type.kind === 'record' ? tag.type.definition.kind : 'enum';
    const hint =
      tag !== undefined
        ? `: '${token.text}' is a tag, write '${keyword} ${token.text}'`
        : this.hintFor(token.text, suggestion);
    this.error('unknown-type', token, `unknown type name '${token.text}'${hint}`, {
      ...replacement(token, tag === undefined ? suggestion : `${keyword} ${token.text}`),
    });
  }

  /** Whether a macro with parameters has this name: it was then meant, and not expanded. */
  isFunctionMacro(name: string): boolean {
    return this.macros.get(name)?.parameters !== undefined;
  }

  /** Names that may stand in an expression, or be called. */
  private *valueNames(called: boolean): Generator<string> {
    for (const name of this.scopes.ordinary.names()) {
      if (this.scopes.ordinary.find(name)?.kind !== 'typedef') yield name;
    }
    for (const { name, parameters } of this.macros.values()) {
      if ((parameters !== undefined) === called) yield name;
    }
  }

  /** Names that may stand where a type is needed. */
  private *typeNames(): Generator<string> {
    for (const name of this.scopes.ordinary.names()) {
      if (this.scopes.ordinary.find(name)?.kind === 'typedef') yield name;
    }
  }

  /**
   * What a message about an unknown name ends in: where it is declared, or what may have been
   * meant.
   */
  private hintFor(name: string, suggestion: string | undefined): string {
    const header = this.headerOf?.(name);
    if (header !== undefined) return `: it is declared in <${header}>, which is not included`;
    return suggestion === undefined ? '' : `; did you mean '${suggestion}'?`;
  }

  /** To be called when the whole text has been read. */
  reportUndeclared(): void {
    for (const { token, called, suggestion } of this.undeclared) {
      const later = this.scopes.ordinary.findOutermost(token.text);
      if (later !== undefined && later.kind !== 'typedef') {
        this.error(
          'use-before-declaration',
          token,
          `'${token.text}' is used before its declaration`,
          {
            related: [{ message: `'${token.text}' is declared here`, range: later.range }],
          },
        );
        continue;
      }
      const hint = this.hintFor(token.text, suggestion);
      const fix = replacement(token, suggestion);
      if (called) {
        const message = `'${token.text}' is called but not declared${hint}`;
        this.error('implicit-declaration', token, message, fix);
      } else {
        this.error('undeclared-name', token, `'${token.text}' is not declared${hint}`, fix);
      }
    }
  }
}

/** A fix that puts a suggested name in place of the token's. */
export const replacement = (
  token: Token,
  suggestion: string | undefined,
): Pick<Diagnostic, 'fix'> | Record<string, never> =>
  suggestion === undefined
    ? {}
    : {
        fix: {
          title: `Change to '${suggestion}'`,
          edits: [{ range: token.spelling, text: suggestion }],
        },
      };

/** Where the macros are defined out of which a place came, from the innermost outwards. */
function expansionNotes(macro: MacroUse | undefined): { message: string; range: SourceRange }[] {
  const notes: { message: string; range: SourceRange }[] = [];
  for (let use = macro; use !== undefined; use = use.outer) {
    if (use.definition !== undefined) {
      notes.push({ message: `in the expansion of macro '${use.name}'`, range: use.definition });
    }
  }
  return notes;
}
