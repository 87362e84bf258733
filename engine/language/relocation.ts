/**
 * Moves what was made of a file's text into the next version of the text, which differs in one stretch. Places are
 * moved where they are: copying them would mean to copy every node, symbol and type that has one.
 */
import type { Diagnostic } from './diagnostics.ts';
import type { Macro } from './macros.ts';
import type {
  Symbol as AnySymbol,
  Expression,
  FunctionBody,
  FunctionSymbol,
  Initializer,
  Reference,
  Statement,
  Variable,
} from './program.ts';
import type { SourceFile, SourceRange } from './source.ts';
import type { MacroUse, Token } from './tokens.ts';
import { operandsOf } from './traverse.ts';
import type { CType } from './types.ts';

/** One stretch of text in place of another. */
export interface TextEdit {
  readonly start: number;
  /** Behind the stretch in the old text, and behind its replacement in the new one. */
  readonly end: number;
  readonly newEnd: number;
}

/** The stretch in which two texts differ; undefined when they do not. */
export function differenceOf(before: string, after: string): TextEdit | undefined {
  if (before === after) return undefined;
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let end = before.length;
  let newEnd = after.length;
  while (
    end > start &&
    newEnd > start &&
    before.charCodeAt(end - 1) === after.charCodeAt(newEnd - 1)
  ) {
    end--;
    newEnd--;
  }
  return { start, end, newEnd };
}

/** A range as its owner may change it. */
type Movable = { -readonly [Key in keyof SourceRange]: SourceRange[Key] };

export class Relocation {
  private readonly shift: number;
  /** Symbols, and types with places in them, that were seen: they refer to each other in circles. */
  private readonly seen = new Set<object>();

  constructor(
    private readonly before: SourceFile,
    private readonly after: SourceFile,
    private readonly edit: TextEdit,
  ) {
    this.shift = edit.newEnd - edit.end;
  }

  /** Where an offset of the old text is now. */
  offset(offset: number): number {
    return offset >= this.edit.end ? offset + this.shift : offset;
  }

  /** Moves a place. Many share one range object: it is in the new file once it was moved. */
  range(range: SourceRange | undefined): void {
    if (range === undefined || range.file !== this.before) return;
    const movable: Movable = range;
    const { end } = this.edit;
    movable.file = this.after;
    // What ends where the edit does ends before it: the text that was edited is read anew.
    if (range.start >= end) movable.start += this.shift;
    if (range.end > end) movable.end += this.shift;
  }

  token(token: Token): void {
    this.range(token.range);
    this.range(token.spelling);
    this.macroUse(token.macro);
  }

  macroUse(innermost: MacroUse | undefined): void {
    for (let use = innermost; use !== undefined; use = use.outer) {
      this.range(use.range);
      this.range(use.definition);
    }
  }

  /** A macro, with the tokens of its replacement. */
  macro(macro: Macro): void {
    if (macro.range === undefined || macro.range.file.origin === 'builtin') return;
    this.range(macro.range);
    for (const { token } of macro.body) this.token(token);
  }

  finding({ range, related = [], fix }: Diagnostic): void {
    this.range(range);
    for (const note of related) this.range(note.range);
    for (const change of fix?.edits ?? []) this.range(change.range);
  }

  reference({ range, symbol }: Reference): void {
    this.range(range);
    this.symbol(symbol);
  }

  /** A symbol with its types; not a function's body. Macros have their own way. */
  symbol(symbol: AnySymbol): void {
    if (symbol.kind === 'macro') return;
    if (symbol.kind === 'member') {
      this.range(symbol.member.range);
      this.type(symbol.record);
      return;
    }
    if (symbol.range.file.origin === 'builtin' || this.seen.has(symbol)) return;
    this.seen.add(symbol);
    this.range(symbol.range);
    this.type(symbol.type);
    if (symbol.kind !== 'variable') return;
    this.range(symbol.scope);
    if (symbol.initializer !== undefined) this.initializer(symbol.initializer);
  }

  /** A value that a symbol or type once had. */
  value(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if ('file' in value) this.range(value as SourceRange);
    else if ('range' in value) this.symbol(value as AnySymbol);
    else if ('kind' in value && !('items' in value)) this.type(value as CType);
  }

  /** Places of members, enumerators and parameters. */
  type(type: CType): void {
    switch (type.kind) {
      case 'pointer':
        this.type(type.target);
        return;
      case 'array':
        this.type(type.element);
        return;
      case 'function':
        if (this.seen.has(type)) return;
        this.seen.add(type);
        this.type(type.result);
        for (const parameter of type.parameters) {
          this.range(parameter.range);
          this.type(parameter.type);
        }
        return;
      case 'record': {
        const { definition } = type;
        if (definition.range?.file.origin === 'builtin' || this.seen.has(definition)) return;
        this.seen.add(definition);
        this.range(definition.range);
        for (const member of definition.members ?? []) {
          this.range(member.range);
          this.type(member.type);
        }
        return;
      }
      case 'enum': {
        const { definition } = type;
        if (this.seen.has(definition)) return;
        this.seen.add(definition);
        this.range(definition.range);
        for (const enumerator of definition.enumerators ?? []) this.range(enumerator.range);
        return;
      }
      default:
    }
  }

  // ---- Bodies --------------------------------------------------------------------------------------

  /** A function's parameters, locals and statements. */
  body(body: FunctionBody): void {
    this.range(body.range);
    for (const parameter of body.parameters) this.symbol(parameter);
    for (const local of body.locals) this.symbol(local);
    this.statement(body.block);
  }

  private statement(statement: Statement): void {
    this.range(statement.range);
    switch (statement.kind) {
      case 'block':
        for (const inner of statement.statements) this.statement(inner);
        return;
      case 'expression':
        this.expression(statement.expression);
        return;
      case 'declaration':
        for (const { range, initializer } of statement.variables) {
          this.range(range);
          if (initializer !== undefined) this.initializer(initializer);
        }
        return;
      case 'if':
        this.expression(statement.condition);
        this.statement(statement.whenTrue);
        if (statement.whenFalse !== undefined) this.statement(statement.whenFalse);
        return;
      case 'while':
      case 'do':
        this.expression(statement.condition);
        this.statement(statement.body);
        return;
      case 'for':
        if (statement.initial !== undefined) this.statement(statement.initial);
        if (statement.condition !== undefined) this.expression(statement.condition);
        if (statement.step !== undefined) this.expression(statement.step);
        this.statement(statement.body);
        return;
      case 'switch':
        this.expression(statement.value);
        this.statement(statement.body);
        return;
      case 'case':
      case 'default':
      case 'label':
        this.statement(statement.body);
        return;
      case 'goto':
        this.range(statement.labelRange);
        return;
      case 'return':
        if (statement.value !== undefined) this.expression(statement.value);
        return;
      case 'tryExcept':
        this.statement(statement.body);
        this.expression(statement.filter);
        this.statement(statement.handler);
        return;
      case 'tryFinally':
        this.statement(statement.body);
        this.statement(statement.handler);
        return;
      default:
    }
  }

  private initializer(initializer: Initializer): void {
    switch (initializer.kind) {
      case 'value':
        this.expression(initializer.value);
        return;
      case 'bytes':
        this.range(initializer.range);
        return;
      case 'list':
        this.range(initializer.range);
        for (const item of initializer.items) this.initializer(item.initializer);
    }
  }

  private expression(expression: Expression): void {
    this.range(expression.range);
    if (expression.macro !== undefined) this.macroUse(expression.macro);
    switch (expression.kind) {
      case 'convert':
        // A type written in a cast may have names of its own, and is nowhere else.
        if (!expression.implicit) this.type(expression.type);
        this.expression(expression.operand);
        return;
      case 'vaArg':
        this.type(expression.type);
        this.expression(expression.list);
        return;
      case 'compoundLiteral':
        this.symbol(expression.variable);
        this.initializer(expression.initializer);
        return;
      default:
        for (const operand of operandsOf(expression)) this.expression(operand);
    }
  }
}

/** Moves functions with their bodies, but for bodies that are read anew. */
export function relocateFunctions(
  relocation: Relocation,
  functions: readonly FunctionSymbol[],
  anew: ReadonlySet<FunctionSymbol>,
): void {
  for (const symbol of functions) {
    relocation.symbol(symbol);
    if (symbol.body !== undefined && !anew.has(symbol) && symbol.range.file.origin === 'user') {
      relocation.body(symbol.body);
    }
  }
}

/** Moves objects of the file scope and static ones of functions. */
export function relocateVariables(relocation: Relocation, variables: readonly Variable[]): void {
  for (const variable of variables) relocation.symbol(variable);
}
