/** The C front end: preprocessed tokens in, a checked program out. */
import { Context } from './c/context.ts';
import { unknownType } from './c/conversions.ts';
import { Declarations } from './c/declarations.ts';
import { describe } from './c/describe.ts';
import { checkFlow } from './c/flow.ts';
import { decayed, errorNode } from './c/nodes.ts';
import { assignSections } from './c/pragmas.ts';
import { namedTypedef } from './c/scopes.ts';
import { TranslationUnit } from './c/translation-unit.ts';
import { checkUnused } from './c/unused.ts';
import type { CheckedHeaders, PreprocessedHeaders } from './checked-headers.ts';
import { type UnitParts, unitOf } from './checked-unit.ts';
import { type Diagnostic, Diagnostics } from './diagnostics.ts';
import type { Expression, FunctionSymbol, Unit, Variable } from './program.ts';
import type { Token } from './tokens.ts';
import type { EnumDefinition, RecordDefinition } from './types.ts';

export interface CheckUnitInput extends UnitParts {
  readonly tokens: readonly Token[];
  readonly mode: 'kernel' | 'user';
  readonly diagnostics: Diagnostics;
  /** The built-in header that declares a name, for the message about an undeclared one. */
  readonly headerOf?: (name: string) => string | undefined;
}

export interface CheckedText {
  readonly unit: Unit;
  readonly check: KeptCheck;
}

/** Findings of the preprocessor after which most names are unknown: other compilers stop there. */
const missingHeader: ReadonlySet<string> = new Set([
  'unknown-header',
  'kernel-header-in-process',
  'user-header-in-driver',
]);

/**
 * Checks one translation unit. Every mistake is reported and reading goes on; no input makes it throw. The
 * program of a unit with errors is whole, but holds `error` nodes where text could not be checked.
 */
export function checkUnit(input: CheckUnitInput): Unit {
  return unitOf(input, checkText(input, false).context);
}

/** As `checkUnit`, with what it takes to check functions of the unit again. */
export function checkWhole(input: CheckUnitInput): CheckedText {
  return checked(input, checkText(input, true));
}

/**
 * As `checkWhole`, but undefined when the unit completes a type that its headers announce: then they must be checked
 * again, together with it.
 */
export function checkBehindHeaders(input: CheckUnitInput): CheckedText | undefined {
  const check = checkText(input, true);
  return check.context.completesHeaderType ? undefined : checked(input, check);
}

const checked = (input: CheckUnitInput, check: KeptCheck): CheckedText => ({
  unit: unitOf(input, check.context),
  check,
});

/** Checks headers for the units that begin with them. */
export function checkHeaders(
  input: CheckUnitInput,
  preprocessed: PreprocessedHeaders,
): CheckedHeaders {
  const { context } = checkText(input, false);
  const unit = unitOf(input, context);
  const { ordinary, tags } = context.scopes;
  const incomplete = new Set<RecordDefinition | EnumDefinition>();
  for (const type of unit.tags.values()) {
    if (type.kind === 'record' && type.definition.members === undefined)
      incomplete.add(type.definition);
    else if (type.kind === 'enum' && type.definition.enumerators === undefined)
      incomplete.add(type.definition);
  }
  return {
    ...preprocessed,
    scope: { ordinary: ordinary.snapshot, tags: tags.snapshot },
    functions: unit.functions,
    variables: unit.variables,
    shared: new Set([...unit.functions, ...unit.variables]),
    incomplete,
    typedefs: unit.typedefs,
    enumerators: unit.enumerators,
    tags: unit.tags,
    references: unit.references,
  };
}

/** A unit whose functions can be checked again one by one. */
export interface KeptCheck {
  readonly context: Context;
  /** What the preprocessor found, and what reading the tokens found. */
  readonly preprocessed: readonly Diagnostic[];
  parsed: readonly Diagnostic[];
  /** What the order of statements told about functions. */
  readonly flow: Map<FunctionSymbol, readonly Diagnostic[]>;
  /** There were errors outside of functions when the tokens had been read. */
  readonly hasFileScopeErrors: boolean;
}

/** Reads the whole text. */
function checkText(input: CheckUnitInput, keeps: boolean): KeptCheck {
  const { file, tokens, diagnostics } = input;
  const preprocessed = [...diagnostics.all];
  const context = new Context({
    tokens,
    fallback: { file, start: 0, end: 0 },
    diagnostics,
    watch: false,
    mode: input.mode,
    muted: diagnostics.all.some(({ code }) => missingHeader.has(code)),
    macros: input.macros,
    headerOf: input.headerOf,
    headers: input.headers,
    keepsHistory: keeps,
  });
  new TranslationUnit(context).parse();
  const check: KeptCheck = {
    context,
    preprocessed,
    parsed: diagnostics.all.slice(preprocessed.length),
    flow: new Map(),
    hasFileScopeErrors: context.hasFileScopeErrors,
  };
  context.reportUndeclared();
  assignSections(context.cursor.pragmas, (name) => {
    const symbol = context.scopes.ordinary.find(name);
    return symbol?.kind === 'function' ? context.ownFunction(symbol) : undefined;
  });
  followBodies(check, diagnostics);
  checkUnused(context);
  for (const { lists } of context.bodies) {
    lists.findings.from -= preprocessed.length;
    lists.findings.to -= preprocessed.length;
  }
  if (keeps) context.cursor.release();
  return check;
}

/** What a unit is found to be after some of its functions were checked again. */
export function concludeAnew(check: KeptCheck): Diagnostics {
  const { context } = check;
  const diagnostics = new Diagnostics();
  for (const finding of [...check.preprocessed, ...check.parsed]) diagnostics.report(finding);
  context.reportTo(diagnostics);
  context.hasFileScopeErrors = check.hasFileScopeErrors;
  context.reportUndeclared();
  followBodies(check, diagnostics);
  checkUnused(context);
  return diagnostics;
}

/** Walks the bodies of the user's files that were not walked yet; those with errors lack parts, and are left alone. */
function followBodies({ context, flow }: KeptCheck, diagnostics: Diagnostics): void {
  for (const symbol of context.functions) {
    if (symbol.body === undefined || symbol.range.file.origin !== 'user') continue;
    if (context.faulty.has(symbol)) continue;
    const known = flow.get(symbol);
    if (known === undefined) {
      const before = diagnostics.all.length;
      checkFlow(context, symbol);
      flow.set(symbol, diagnostics.all.slice(before));
      continue;
    }
    for (const finding of known) {
      diagnostics.report(finding);
      if (finding.severity === 'error') context.hasFileScopeErrors = true;
    }
  }
}

export interface CheckExpressionInput {
  readonly tokens: readonly Token[];
  /** The unit of the stopped frame first; what it does not know is looked for in the others. */
  readonly unit: Unit | readonly Unit[];
  /** Variables of the stopped frame, which hide the unit's names. */
  readonly variables: ReadonlyMap<string, Variable>;
  readonly diagnostics: Diagnostics;
}

/**
 * Checks an expression that a debugger evaluates in a stopped frame: a hover, a watch, a condition. Assignments
 * are allowed, calls are not. Answers an `error` node when something was reported.
 */
export function checkExpression(input: CheckExpressionInput): Expression {
  const { tokens, variables, diagnostics } = input;
  const units: readonly Unit[] = Array.isArray(input.unit) ? input.unit : [input.unit as Unit];
  const file = tokens[0]?.range.file ?? { path: '', text: '', origin: 'user' as const };
  const context = new Context({
    tokens,
    fallback: { file, start: 0, end: 0 },
    diagnostics,
    watch: true,
    macros: units[0]?.macros ?? new Map(),
    headerOf: undefined,
  });
  for (const unit of [...units].reverse()) declareUnit(context, unit);
  context.scopes.enter();
  for (const [name, variable] of variables) context.scopes.ordinary.declare(name, variable);
  const { expressions } = new Declarations(context);
  const { cursor } = context;
  if (cursor.atEnd) {
    context.error('syntax', cursor.token, 'expected an expression');
    return errorNode(cursor.token);
  }
  const expression = expressions.expression();
  if (!cursor.atEnd) {
    context.syntaxError(
      'syntax',
      `expected the end of the expression, found ${describe(cursor.token)}`,
    );
  }
  context.reportUndeclared();
  if (diagnostics.hasErrors) return { ...errorNode(expression), type: unknownType };
  return expression.type.kind === 'array' || expression.type.kind === 'record'
    ? expression
    : decayed(expression);
}

/** Declares what a unit has at file scope. */
function declareUnit(context: Context, unit: Unit): void {
  const { ordinary, tags } = context.scopes;
  for (const symbol of unit.functions) ordinary.declare(symbol.name, symbol);
  for (const symbol of unit.typedefs.values()) ordinary.declare(symbol.name, namedTypedef(symbol));
  for (const symbol of unit.enumerators.values()) ordinary.declare(symbol.name, symbol);
  for (const symbol of unit.variables) {
    if (symbol.owner === undefined) ordinary.declare(symbol.name, symbol);
  }
  for (const [name, type] of unit.tags) {
    const range =
      type.kind === 'record' || type.kind === 'enum' ? type.definition.range : undefined;
    if (range !== undefined) tags.declare(name, { kind: 'tag', type, range });
  }
}
