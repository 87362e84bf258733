/** What all parts of the C front end share while they work on one translation unit. */
import type { CheckedHeaders } from '../checked-headers.ts';
import type { Diagnostic, Diagnostics } from '../diagnostics.ts';
import type { Expression, FunctionSymbol, MacroSymbol, Reference, Variable } from '../program.ts';
import type { SourceRange } from '../source.ts';
import type { MacroUse, Token } from '../tokens.ts';
import type { EnumDefinition, RecordDefinition } from '../types.ts';
import type { Place } from './cursor.ts';
import { Cursor } from './cursor.ts';
import { Scopes } from './scopes.ts';
import { nearest } from './suggestions.ts';

/** Suggestions search all names; past so many errors nobody reads them. */
const MAXIMUM_SUGGESTIONS = 60;
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
  /** Names already reported as undeclared in this function. */
  readonly undeclared: Set<string>;
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
interface Undeclared {
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
}

export class Context {
  readonly cursor: Cursor;
  readonly scopes: Scopes;
  readonly watch: boolean;
  readonly mode: 'kernel' | 'user';
  readonly functions: FunctionSymbol[];
  readonly variables: Variable[];
  readonly references: MutableReference[] = [];
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
  /** Functions with errors in their bodies. */
  readonly faulty = new Set<FunctionSymbol>();
  /** Inside `sizeof` and the like: nothing is run there. */
  unevaluated = 0;
  /** Nothing more is reported once the text was given up. */
  private aborted = false;
  private depth = 0;
  private suggestions = 0;
  private lastSyntaxError = -1;
  private readonly diagnostics: Diagnostics;
  private readonly headerOf: ContextOptions['headerOf'];
  private readonly macros: ReadonlyMap<string, MacroSymbol>;
  private readonly undeclared: Undeclared[] = [];
  private readonly undeclaredAtFileScope = new Set<string>();
  private readonly unknownTypes = new Set<string>();
  private readonly referenceOf = new Map<Expression, MutableReference>();
  private readonly headers: CheckedHeaders | undefined;

  constructor(options: ContextOptions) {
    const { headers } = options;
    this.headers = headers;
    this.scopes = new Scopes(headers?.scope);
    this.functions = [...(headers?.functions ?? [])];
    this.variables = [...(headers?.variables ?? [])];
    this.cursor = new Cursor(options.tokens, options.fallback);
    this.diagnostics = options.diagnostics;
    this.watch = options.watch;
    this.mode = options.mode ?? 'user';
    this.headerOf = options.headerOf;
    this.macros = options.macros;
    this.aborted = options.muted ?? false;
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

  /** The nearest of the candidates, while the findings are few. */
  suggest(name: string, candidates: Iterable<string>): string | undefined {
    this.suggestions++;
    return this.suggestions > MAXIMUM_SUGGESTIONS ? undefined : nearest(name, candidates);
  }

  /** Reports a name that is not declared here: once for each function. */
  undeclaredName(token: Token, called: boolean): void {
    const known = this.open?.undeclared ?? this.undeclaredAtFileScope;
    if (this.aborted || known.has(token.text) || this.unknownTypes.has(token.text)) return;
    known.add(token.text);
    if (this.open !== undefined) this.faulty.add(this.open.symbol);
    // Searched now, since locals go out of scope.
    const suggestion = this.suggest(token.text, this.valueNames(called));
    this.undeclared.push({ token, called, suggestion });
  }

  /** A name where a type is needed; each is reported once. */
  unknownTypeName(token: Token): void {
    if (this.open !== undefined) this.faulty.add(this.open.symbol);
    if (this.unknownTypes.has(token.text)) return;
    this.unknownTypes.add(token.text);
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
