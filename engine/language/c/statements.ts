/** Statements and function bodies. */
import type { Int64 } from '../../base/int64.ts';
import type {
  BlockStatement,
  Expression,
  FunctionBody,
  FunctionSymbol,
  Statement,
  Variable,
} from '../program.ts';
import type { SourceRange } from '../source.ts';
import type { MacroUse, Token } from '../tokens.ts';
import type { CType } from '../types.ts';
import { integerTypes, isInteger, typeName } from '../types.ts';
import { assigned } from './assignability.ts';
import { numberOf, wrap } from './constants.ts';
import type { Context, OpenFunction } from './context.ts';
import { replacement } from './context.ts';
import { isComplete, isUnknown, unknownType } from './conversions.ts';
import { spanning } from './cursor.ts';
import type { Declarations } from './declarations.ts';
import { describe } from './describe.ts';
import { isOwnText } from './narrowing.ts';
import { convert, decayed, promote } from './nodes.ts';
import { nearest } from './suggestions.ts';
import { contains, rangeOf, type ValueRange } from './value-range.ts';

/** A `switch` around the place. */
interface OpenSwitch {
  /** The promoted type of its value; undefined when that could not be checked. */
  readonly type: CType | undefined;
  /** What its value can be. */
  readonly range: ValueRange | undefined;
  readonly cases: Map<string, SourceRange>;
  fallback: SourceRange | undefined;
}

export class Statements {
  private loops = 0;
  private readonly switches: OpenSwitch[] = [];

  constructor(
    private readonly context: Context,
    private readonly declarations: Declarations,
  ) {}

  /** Parses a function's body at its `{`. `start` is where the whole definition begins. */
  body(symbol: FunctionSymbol, start: Token): FunctionBody {
    const { context } = this;
    const open: OpenFunction = {
      symbol,
      locals: [],
      labels: new Map(),
      gotos: [],
      undeclared: new Set(),
      unknownTypes: new Set(),
      filters: 0,
      handlers: 0,
      terminations: 0,
      guarded: 0,
      returns: 0,
    };
    context.open = open;
    context.scopes.enter();
    const parameters = this.parameters(symbol);
    const block = this.block(false);
    context.scopes.leave();
    context.open = undefined;
    this.loops = 0;
    this.switches.length = 0;
    for (const parameter of parameters) parameter.scope = block.range;
    this.checkGotos(open);
    const range = spanning(start.range, context.cursor.previous.range);
    return { parameters, locals: open.locals, block, range };
  }

  /** The parameters as variables of the function's scope, which the body shares. */
  private parameters(symbol: FunctionSymbol): Variable[] {
    const { scopes } = this.context;
    return symbol.type.parameters.map((parameter, index) => {
      const range = parameter.range ?? symbol.range;
      if (parameter.name === undefined) {
        this.context.error(
          'parameter-name',
          { range },
          `parameter ${index + 1} of '${symbol.name}' has no name`,
        );
      }
      let { type } = parameter;
      if (!isComplete(type) && !isUnknown(type)) {
        this.context.error(
          'incomplete-type',
          { range },
          `the parameter '${parameter.name ?? ''}' has the type ${typeName(type)}, which is not defined here`,
        );
        type = unknownType;
      }
      const variable: Variable = {
        kind: 'variable',
        name: parameter.name ?? '',
        type,
        storage: 'parameter',
        external: false,
        defined: true,
        range,
        alignment: 0,
        initializer: undefined,
        owner: symbol,
        scope: undefined,
      };
      if (parameter.name !== undefined) {
        const known = scopes.ordinary.findHere(parameter.name);
        if (known !== undefined) {
          this.context.error('redefinition', { range }, `'${parameter.name}' is defined twice`, {
            related: [{ message: 'the first definition is here', range: known.range }],
          });
        }
        scopes.ordinary.declare(parameter.name, variable);
        if (parameter.range !== undefined) {
          this.context.references.push({ range, symbol: variable, use: 'definition' });
        }
      }
      return variable;
    });
  }

  /** Labels may stand behind the jumps to them, so jumps are checked at the end. */
  private checkGotos(open: OpenFunction): void {
    const targets = new Set(open.gotos.map(({ label }) => label));
    for (const [label, token] of open.labels) {
      if (targets.has(label) || !isOwnText(token) || token.macro !== undefined) continue;
      this.context.warning('unused-label', token, `nothing jumps to the label '${label}'`);
    }
    for (const { label, token } of open.gotos) {
      if (open.labels.has(label)) continue;
      const suggestion = nearest(label, open.labels.keys());
      const hint = suggestion === undefined ? '' : `; did you mean '${suggestion}'?`;
      this.context.error(
        'undefined-label',
        token,
        `there is no label '${label}' in '${open.symbol.name}'${hint}`,
        replacement(token, suggestion),
      );
    }
  }

  // ---- Blocks --------------------------------------------------------------------------------------

  /** `{ .. }` at the cursor; with a scope of its own unless it is a function's. */
  private block(hasScope = true): BlockStatement {
    const { cursor, scopes, open: fn } = this.context;
    const open = cursor.token;
    if (!cursor.accept('{')) {
      this.context.syntaxError('syntax', `expected '{', found ${describe(open)}`);
      return { kind: 'block', statements: [], range: open.range };
    }
    if (!this.context.deeper()) {
      this.context.shallower();
      return { kind: 'block', statements: [], range: open.range };
    }
    if (hasScope) scopes.enter();
    const firstLocal = fn?.locals.length ?? 0;
    const firstStatic = this.context.variables.length;
    const statements: Statement[] = [];
    while (!cursor.at('}') && !cursor.atEnd && this.context.unclosedAt === undefined) {
      const before = cursor.index;
      statements.push(this.statement());
      // Whatever could not be read must not hold up the rest.
      if (cursor.index === before && this.context.unclosedAt === undefined) cursor.advance();
    }
    if (this.context.unclosedAt === undefined && !cursor.accept('}')) {
      this.context.syntaxError(
        'unbalanced-brace',
        `expected '}', found ${describe(cursor.token)}`,
        cursor.token,
        { related: [{ message: "to match the '{' here", range: open.range }] },
      );
    }
    if (hasScope) scopes.leave();
    this.context.shallower();
    const range = spanning(open.range, cursor.previous.range);
    for (const local of fn?.locals.slice(firstLocal) ?? []) local.scope ??= range;
    for (const local of this.context.variables.slice(firstStatic)) {
      if (local.owner !== undefined) local.scope ??= range;
    }
    return { kind: 'block', statements, range };
  }

  /** A statement, or a declaration among statements. */
  private statement(): Statement {
    const { cursor } = this.context;
    const { token } = cursor;
    this.context.settleUses();
    if (token.kind === 'punctuator') {
      if (token.text === '{') return this.block();
      if (token.text === ';') {
        cursor.advance();
        return { kind: 'empty', range: token.range };
      }
    } else if (token.kind === 'identifier') {
      return this.wordStatement(token);
    }
    return this.expressionStatement();
  }

  /** A statement inside another one, which counts as deeper. */
  private substatement(): Statement {
    const { cursor } = this.context;
    const { token } = cursor;
    if (!this.context.deeper()) {
      this.context.shallower();
      return { kind: 'empty', range: token.range };
    }
    const before = cursor.index;
    const statement =
      this.declarations.atDeclaration && !this.isLabel()
        ? this.declarationAsStatement()
        : cursor.at('}')
          ? this.missingStatement()
          : this.statement();
    if (cursor.index === before && !cursor.at('}') && this.context.unclosedAt === undefined) {
      cursor.advance();
    }
    this.context.shallower();
    return statement;
  }

  /** `if (x) }`: the brace is left to its block. */
  private missingStatement(): Statement {
    const { token } = this.context.cursor;
    this.context.syntaxError('syntax', `expected a statement, found ${describe(token)}`);
    return { kind: 'empty', range: token.range };
  }

  /** `if (x) int y;`: only a block may hold a declaration. */
  private declarationAsStatement(): Statement {
    const { cursor, scopes } = this.context;
    this.context.syntaxError(
      'declaration-as-statement',
      'expected a statement, found a declaration; put it in braces',
      cursor.token,
    );
    scopes.enter();
    const statement = this.declarations.local();
    scopes.leave();
    return statement;
  }

  /**
   * Whether a name at the cursor is followed by a colon. `default` and `case` are told apart
   * before.
   */
  private isLabel(): boolean {
    return this.context.cursor.peek(1).text === ':';
  }

  /** What begins with a word: keyword, label, declaration or expression. */
  private wordStatement(token: Token): Statement {
    const { cursor } = this.context;
    switch (token.text) {
      case 'if':
        return this.ifStatement();
      case 'while':
        return this.whileStatement();
      case 'do':
        return this.doStatement();
      case 'for':
        return this.forStatement();
      case 'switch':
        return this.switchStatement();
      case 'case':
        return this.caseStatement();
      case 'default':
        if (cursor.peek(1).text === ':') return this.defaultStatement();
        break;
      case 'break':
      case 'continue':
      case '__leave':
        return this.jump(token.text);
      case 'goto':
        return this.gotoStatement();
      case 'return':
        return this.returnStatement();
      case '__try':
        return this.tryStatement();
      case 'else':
        return this.strayElse();
      case '__except':
      case '__finally':
        return this.strayHandler();
      case '__debugbreak':
        if (cursor.peek(1).text === '(') return this.breakpoint();
        break;
      case '__asm':
      case '_asm':
      case 'asm':
        if (token.text !== 'asm' || this.context.scopes.ordinary.find('asm') === undefined) {
          return this.assembly();
        }
        break;
      case '_Static_assert':
      case 'static_assert':
        if (this.declarations.staticAssertion()) return { kind: 'empty', range: token.range };
        break;
      default:
        break;
    }
    if (this.isLabel()) return this.label();
    if (this.declarations.atDeclaration) return this.declarations.local();
    return this.expressionStatement();
  }

  // ---- Simple statements ---------------------------------------------------------------------------

  /** An expression and its semicolon. */
  private expressionStatement(): Statement {
    const { cursor } = this.context;
    const start = cursor.token;
    const before = cursor.index;
    const expression = decayed(this.declarations.expressions.expression());
    if (cursor.index === before) {
      // Nothing was read: the token that stands here was reported.
      this.declarations.skipStatement();
      return { kind: 'empty', range: start.range };
    }
    if (start.macro === undefined) this.checkUsed(expression);
    this.context.discard(expression);
    this.declarations.expectSemicolon('the expression');
    const range = spanning(expression.range, cursor.previous.range);
    return { kind: 'expression', expression, range };
  }

  /** Values that are computed and thrown away. */
  private checkUsed(expression: Expression): void {
    if (expression.macro !== undefined) return;
    const warn = (message: string): void =>
      this.context.warning('unused-result', expression, message);
    switch (expression.kind) {
      case 'compare':
        if (expression.operator === '==') {
          warn("the result of '==' is not used; an assignment is written '='");
        } else warn(`the result of '${expression.operator}' is not used`);
        break;
      case 'binary':
        warn(`the result of '${expression.operator}' is not used`);
        break;
      case 'pointerAdd':
      case 'pointerDifference':
      case 'negate':
      case 'complement':
      case 'not':
        warn('the result is not used');
        break;
      case 'variable':
      case 'member':
      case 'integer':
        if (expression.type.volatile !== true) warn('this statement does nothing');
        break;
      case 'convert':
        if (expression.operand.kind === 'function') {
          warn(
            `'${expression.operand.function.name}' is not called: write '${expression.operand.function.name}()'`,
          );
        }
        break;
      default:
        break;
    }
  }

  /** `break`, `continue`, `__leave`. */
  private jump(word: 'break' | 'continue' | '__leave'): Statement {
    const { cursor, open } = this.context;
    const token = cursor.advance();
    const allowed =
      word === 'break'
        ? this.loops > 0 || this.switches.length > 0
        : word === 'continue'
          ? this.loops > 0
          : (open?.guarded ?? 0) > 0;
    if (!allowed) {
      const where =
        word === 'break' ? 'a loop or switch' : word === 'continue' ? 'a loop' : 'a __try block';
      this.context.error('stray-jump', token, `'${token.text}' outside of ${where}`);
    }
    this.declarations.expectSemicolon(`'${token.text}'`);
    const range = spanning(token.range, cursor.previous.range);
    if (!allowed) return { kind: 'empty', range };
    return { kind: word === '__leave' ? 'leave' : word, range };
  }

  private gotoStatement(): Statement {
    const { cursor, open } = this.context;
    const word = cursor.advance();
    const name = cursor.token;
    if (name.kind !== 'identifier') {
      this.context.syntaxError('syntax', `expected a label after 'goto', found ${describe(name)}`);
      this.declarations.skipStatement();
      return { kind: 'empty', range: word.range };
    }
    cursor.advance();
    open?.gotos.push({ label: name.text, token: name });
    this.declarations.expectSemicolon("'goto'");
    return {
      kind: 'goto',
      label: name.text,
      labelRange: name.range,
      range: spanning(word.range, cursor.previous.range),
    };
  }

  /** A label, and what it stands before. */
  private label(): Statement {
    const { cursor, open } = this.context;
    const name = cursor.advance();
    cursor.advance();
    const known = open?.labels.get(name.text);
    if (known !== undefined) {
      this.context.error('redefinition', name, `the label '${name.text}' is defined twice`, {
        related: [{ message: 'the first definition is here', range: known.range }],
      });
    }
    open?.labels.set(name.text, name);
    const body = this.labelled();
    return { kind: 'label', name: name.text, body, range: spanning(name.range, body.range) };
  }

  /** What a label or case stands before; nothing, at the end of a block. */
  private labelled(): Statement {
    const { cursor } = this.context;
    if (cursor.at('}')) return { kind: 'empty', range: cursor.previous.range };
    if (this.declarations.atDeclaration && !this.isLabel()) {
      // Scoped to the enclosing block, as newer C has it.
      return this.declarations.local();
    }
    return this.substatement();
  }

  /** `return`, with a value exactly where the function returns one. */
  private returnStatement(): Statement {
    const { cursor, open } = this.context;
    const word = cursor.advance();
    if (open !== undefined) open.returns++;
    const result = open?.symbol.type.result;
    const name = open?.symbol.name ?? '';
    let value: Expression | undefined;
    if (!cursor.at(';') && !cursor.at('}')) {
      const given = this.declarations.expressions.expression();
      value = result === undefined ? given : this.returned(given, result, name);
    } else if (result !== undefined && result.kind !== 'void' && !isUnknown(result)) {
      this.context.error(
        'missing-return-value',
        word,
        `'${name}' returns ${typeName(result)}: 'return' needs a value`,
      );
    }
    this.declarations.expectSemicolon("'return'");
    return { kind: 'return', value, range: spanning(word.range, cursor.previous.range) };
  }

  /** The value converted to the result type. A void function may return a call of another one. */
  private returned(given: Expression, result: CType, name: string): Expression {
    if (result.kind !== 'void') {
      this.checkLocalAddress(given);
      return assigned(this.context, given, result, () => `the return value of '${name}'`);
    }
    const value = decayed(given);
    if (value.kind !== 'error' && value.type.kind !== 'void') {
      this.context.error(
        'unexpected-return-value',
        given,
        `'${name}' returns nothing (void), found a value of ${typeName(value.type)}`,
      );
    }
    return value;
  }

  /** The address of what ends with the function (C4172). */
  private checkLocalAddress(given: Expression): void {
    let object: Expression | undefined =
      given.kind === 'addressOf' ? given.operand : given.type.kind === 'array' ? given : undefined;
    while (object?.kind === 'member') object = object.object;
    if (object?.kind !== 'variable' || object.variable.storage === 'static') return;
    const { name, range } = object.variable;
    this.context.warning(
      'local-address-returned',
      given,
      `'${name}' ends with the function, and its address with it`,
      { related: [{ message: `'${name}' is declared here`, range }] },
    );
  }

  /** `__debugbreak();` */
  private breakpoint(): Statement {
    const { cursor } = this.context;
    const word = cursor.advance();
    const open = cursor.advance();
    this.declarations.expressions.expect(')', open, "the '('");
    this.declarations.expectSemicolon("'__debugbreak()'");
    return { kind: 'breakpoint', range: spanning(word.range, cursor.previous.range) };
  }

  /** `__asm { .. }` or `__asm` up to the end of the line. */
  private assembly(): Statement {
    const { cursor } = this.context;
    const word = cursor.advance();
    this.context.notSupported(word, 'inline assembly is');
    if (cursor.at('{')) {
      this.declarations.expressions.skipBraces();
    } else {
      while (!cursor.atEnd && !cursor.token.firstInLine && !cursor.at(';') && !cursor.at('}')) {
        cursor.advance();
      }
    }
    cursor.accept(';');
    return { kind: 'empty', range: spanning(word.range, cursor.previous.range) };
  }

  /** The body is read all the same, so that what follows is in place. */
  private strayElse(): Statement {
    const { cursor } = this.context;
    const word = cursor.advance();
    this.context.error(
      'stray-else',
      word,
      "'else' without 'if': a ';' too many, or braces missing, before it",
    );
    return this.substatement();
  }

  private strayHandler(): Statement {
    const { cursor } = this.context;
    const word = cursor.advance();
    this.context.error('stray-handler', word, `'${word.text}' without a __try block before it`);
    this.declarations.expressions.skipParentheses();
    return this.substatement();
  }

  /** A macro of several statements behind `if`, `for` or `while`: only the first one belongs to it. */
  private checkMacroBody(word: Token, body: Token): void {
    const { token } = this.context.cursor;
    const use = outermost(body.macro);
    if (use === undefined || outermost(word.macro) === use || !isOwnText(body)) return;
    // An argument of the macro stands where its use does.
    const isInside =
      outermost(token.macro) === use ||
      (token.range.file === body.range.file &&
        token.range.start >= body.range.start &&
        token.range.end <= body.range.end);
    if (!isInside || ['}', ';', 'else'].includes(token.text)) return;
    this.context.warning(
      'multistatement-macro',
      body,
      `'${use.name}' stands for several statements, and only the first one belongs to the '${word.text}'; 'do { .. } while (0)' makes one of them`,
    );
  }

  // ---- Selection -----------------------------------------------------------------------------------

  private ifStatement(): Statement {
    const { cursor } = this.context;
    const word = cursor.advance();
    const condition = this.declarations.expressions.parenthesisedCondition("the condition of 'if'");
    this.checkEmptyBody(word);
    const body = cursor.token;
    const whenTrue = this.substatement();
    this.checkMacroBody(word, body);
    if (whenTrue.kind === 'if') this.checkDangling(body, whenTrue);
    if (!cursor.at('else')) this.checkIndentation(word, body);
    const isElse = cursor.accept('else');
    const whenFalse = isElse ? this.substatement() : undefined;
    const range = spanning(word.range, (whenFalse ?? whenTrue).range);
    return { kind: 'if', condition, whenTrue, whenFalse, range };
  }

  /** `if (a) if (b) x; else y;`: the `else` belongs to the inner one. */
  private checkDangling(word: Token, inner: Statement & { kind: 'if' }): void {
    if (inner.whenFalse === undefined || word.macro !== undefined || !isOwnText(word)) return;
    this.context.report(
      'information',
      'dangling-else',
      word,
      "the 'else' belongs to this 'if'; braces would show it",
    );
  }

  /** A statement behind a guarded one, indented as if it were guarded too. */
  private checkIndentation(word: Token, body: Token): void {
    const { token } = this.context.cursor;
    const follows =
      token.firstInLine && body.firstInLine && body.text !== '{' && token.kind === 'identifier';
    if (!follows || !isOwnText(word) || word.macro !== undefined) return;
    const column = columnOf(body);
    if (columnOf(token) !== column || columnOf(word) >= column || token.macro !== undefined) return;
    if (['case', 'default', 'else', 'while'].includes(token.text)) return;
    this.context.warning(
      'misleading-indentation',
      word,
      `'${word.text}' guards one statement; the next one is indented as if it were guarded too`,
      { related: [{ message: 'this is not guarded', range: token.range }] },
    );
  }

  /** `if (x);` in one line, followed by a block: the semicolon is a slip. */
  private checkEmptyBody(word: Token): void {
    const { cursor } = this.context;
    const { token } = cursor;
    if (token.text !== ';' || token.firstInLine || token.macro !== undefined) return;
    const between = token.range.file.text.slice(cursor.previous.range.end, token.range.start);
    // A macro that expands to nothing may stand between; a loop may have all its work in its condition.
    const next = cursor.peek(1).text;
    const isEmpty = word.text === 'if' && next !== 'else' && between.trim() === '';
    if ((isEmpty && isOwnText(word)) || next === '{') {
      this.context.warning('empty-body', token, `this ';' is the whole body of the '${word.text}'`);
    }
  }

  /** The value is promoted, and the case values are converted to its type. */
  private switchStatement(): Statement {
    const { cursor } = this.context;
    const word = cursor.advance();
    const scalar = this.declarations.expressions.parenthesisedCondition("the value of 'switch'");
    let value = scalar;
    let type: CType | undefined;
    if (scalar.kind !== 'error') {
      if (isInteger(scalar.type)) {
        value = promote(scalar);
        type = value.type;
      } else {
        this.context.error(
          'wrong-operand',
          scalar,
          `'switch' needs an integer, found ${typeName(scalar.type)}`,
        );
      }
    }
    const range = value.kind === 'error' || type === undefined ? undefined : rangeOf(value);
    const open: OpenSwitch = { type, range, cases: new Map(), fallback: undefined };
    this.switches.push(open);
    const body = this.substatement();
    this.switches.pop();
    this.checkEnumerators(scalar, open);
    return { kind: 'switch', value, body, range: spanning(word.range, body.range) };
  }

  /** A switch over an enumeration without `default`, in which some of its names are missing. */
  private checkEnumerators({ type, range }: Expression, open: OpenSwitch): void {
    if (type.kind !== 'enum' || open.fallback !== undefined || open.cases.size === 0) return;
    if (range.file.origin !== 'user') return;
    const missing = (type.definition.enumerators ?? []).filter(
      ({ value }) => !open.cases.has(String(value)),
    );
    if (missing.length === 0) return;
    const names = missing.slice(0, 3).map(({ name }) => name);
    const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : '';
    this.context.report(
      'hint',
      'switch-misses-case',
      { range },
      `no 'case' for ${names.join(', ')}${more}, and no 'default'`,
    );
  }

  /** `case` with its statement; several in a row nest. */
  private caseStatement(): Statement {
    const { cursor } = this.context;
    const word = cursor.advance();
    const parsed = this.declarations.expressions.constant("the value of a 'case'");
    if (cursor.at('...')) {
      this.context.notSupported(cursor.token, "a range of 'case' values is");
      cursor.advance();
      this.declarations.expressions.constant("the value of a 'case'");
    }
    this.colon(`'case'`);
    const open = this.switches.at(-1);
    let value: Int64 = parsed?.value ?? 0;
    if (open === undefined) {
      this.context.error('stray-case', word, "'case' outside of a switch");
    } else if (parsed !== undefined && open.type !== undefined) {
      value = wrap(value, open.type);
      const number = numberOf({ ...parsed, value, type: open.type });
      const range = { least: number, greatest: number };
      if (open.range !== undefined && !contains(open.range, range) && isOwnText(parsed)) {
        const { least, greatest } = open.range;
        this.context.warning(
          'case-out-of-range',
          parsed,
          `never reached: the value of the 'switch' lies between ${least} and ${greatest}`,
        );
      }
      const known = open.cases.get(String(value));
      if (known !== undefined) {
        this.context.error('duplicate-case', parsed, `the case ${value} is there twice`, {
          related: [{ message: 'the first one is here', range: known }],
        });
      }
      open.cases.set(String(value), parsed.range);
    }
    const body = this.labelled();
    const range = spanning(word.range, body.range);
    if (open === undefined || parsed === undefined) return body;
    return { kind: 'case', value, body, range };
  }

  private defaultStatement(): Statement {
    const { cursor } = this.context;
    const word = cursor.advance();
    this.colon(`'default'`);
    const open = this.switches.at(-1);
    if (open === undefined) {
      this.context.error('stray-case', word, "'default' outside of a switch");
      return this.labelled();
    }
    if (open.fallback !== undefined) {
      this.context.error('duplicate-case', word, "'default' is there twice", {
        related: [{ message: 'the first one is here', range: open.fallback }],
      });
    }
    open.fallback = word.range;
    const body = this.labelled();
    return { kind: 'default', body, range: spanning(word.range, body.range) };
  }

  private colon(what: string): void {
    const { cursor } = this.context;
    if (cursor.accept(':')) return;
    this.context.syntaxError(
      'syntax',
      `expected ':' after ${what}, found ${describe(cursor.token)}`,
    );
    if (cursor.at(';')) cursor.advance();
  }

  // ---- Loops ---------------------------------------------------------------------------------------

  /** The body, in which `break` and `continue` have a meaning. */
  private loopBody(word: Token): Statement {
    const first = this.context.cursor.token;
    this.loops++;
    const body = this.substatement();
    this.loops--;
    if (word.text !== 'do') this.checkMacroBody(word, first);
    return body;
  }

  private whileStatement(): Statement {
    const word = this.context.cursor.advance();
    const condition = this.declarations.expressions.parenthesisedCondition(
      "the condition of 'while'",
    );
    this.checkEmptyBody(word);
    const body = this.loopBody(word);
    return { kind: 'while', condition, body, range: spanning(word.range, body.range) };
  }

  /** `do .. while`; without the `while` the body counts as run once. */
  private doStatement(): Statement {
    const { cursor } = this.context;
    const word = cursor.advance();
    const body = this.loopBody(word);
    if (!cursor.accept('while')) {
      this.context.syntaxError(
        'syntax',
        `expected 'while' after the body of 'do', found ${describe(cursor.token)}`,
        cursor.token,
        { related: [{ message: "to match the 'do' here", range: word.range }] },
      );
      const condition: Expression = {
        kind: 'integer',
        value: 0,
        type: integerTypes.int,
        range: word.range,
      };
      return { kind: 'do', condition, body, range: spanning(word.range, body.range) };
    }
    const condition = this.declarations.expressions.parenthesisedCondition(
      "the condition of 'while'",
    );
    this.declarations.expectSemicolon("'do .. while'");
    return { kind: 'do', condition, body, range: spanning(word.range, cursor.previous.range) };
  }

  /** `for`, with a scope of its own for what its first part declares. */
  private forStatement(): Statement {
    const { cursor, scopes, open: fn } = this.context;
    const { expressions } = this.declarations;
    const word = cursor.advance();
    const open = cursor.token;
    scopes.enter();
    const firstLocal = fn?.locals.length ?? 0;
    if (!cursor.accept('(')) {
      this.context.syntaxError('syntax', `expected '(' after 'for', found ${describe(open)}`);
    }
    let initial: Statement | undefined;
    if (!cursor.accept(';')) {
      if (this.declarations.atDeclaration) {
        initial = this.declarations.local();
      } else {
        const expression = decayed(expressions.expression());
        this.checkUsed(expression);
        this.context.discard(expression);
        initial = { kind: 'expression', expression, range: expression.range };
        this.forSemicolon();
      }
    }
    let condition: Expression | undefined;
    if (!cursor.at(';') && !cursor.at(')')) {
      condition = expressions.operators.condition(
        expressions.expression(),
        "the condition of 'for'",
      );
    }
    this.forSemicolon();
    let step: Expression | undefined;
    if (!cursor.at(')')) {
      step = decayed(expressions.expression());
      this.checkUsed(step);
      this.context.discard(step);
    }
    expressions.expect(')', open, "the '('");
    this.checkEmptyBody(word);
    const body = this.loopBody(word);
    scopes.leave();
    const range = spanning(word.range, body.range);
    for (const local of fn?.locals.slice(firstLocal) ?? []) local.scope ??= range;
    return { kind: 'for', initial, condition, step, body, range };
  }

  private forSemicolon(): void {
    const { cursor } = this.context;
    if (cursor.accept(';')) return;
    const hint = cursor.at(',') || cursor.at(')') ? "; 'for' takes three parts" : '';
    this.context.syntaxError(
      'missing-semicolon',
      `expected ';' in 'for', found ${describe(cursor.token)}${hint}`,
      { range: { ...cursor.previous.range, start: cursor.previous.range.end } },
    );
    if (cursor.at(',')) cursor.advance();
  }

  // ---- Structured exception handling ---------------------------------------------------------------

  /** `__try` with one handler: an `__except` or a `__finally`. */
  private tryStatement(): Statement {
    const { cursor, open } = this.context;
    const word = cursor.advance();
    const guard = (change: number): void => {
      if (open !== undefined) open.guarded += change;
    };
    guard(1);
    const body = this.block();
    guard(-1);
    const { token } = cursor;
    if (cursor.accept('__except')) return this.exceptPart(word, body);
    if (cursor.accept('__finally')) {
      if (open !== undefined) open.terminations++;
      const handler = this.block();
      if (open !== undefined) open.terminations--;
      const range = spanning(word.range, handler.range);
      return { kind: 'tryFinally', body, handler, range };
    }
    if (this.context.unclosedAt === undefined) {
      this.context.syntaxError(
        'missing-handler',
        `expected '__except' or '__finally' after the __try block, found ${describe(token)}`,
        token,
        { related: [{ message: "to match the '__try' here", range: word.range }] },
      );
    }
    return body;
  }

  /** The filter is evaluated while the exception is handled, before anything is unwound. */
  private exceptPart(word: Token, body: BlockStatement): Statement {
    const { cursor, open } = this.context;
    const parenthesis = cursor.token;
    if (open !== undefined) open.filters++;
    if (!cursor.accept('(')) {
      this.context.syntaxError(
        'syntax',
        `expected '(' after '__except', found ${describe(parenthesis)}`,
      );
    }
    const { expressions } = this.declarations;
    const parsed = expressions.operators.scalar(
      expressions.expression(),
      "the filter of '__except'",
    );
    expressions.expect(')', parenthesis, "the '('");
    if (open !== undefined) {
      open.filters--;
      open.handlers++;
    }
    const handler = this.block();
    if (open !== undefined) open.handlers--;
    const filter = convert(parsed, integerTypes.int);
    const range = spanning(word.range, handler.range);
    return { kind: 'tryExcept', body, filter, handler, range };
  }
}

/** Where a token stands in its line; tabs count as one. */
const columnOf = ({ range }: Token): number =>
  range.start - range.file.text.lastIndexOf('\n', range.start - 1);

/** The macro that stands in the text, of those that a token came out of. */
function outermost(macro: MacroUse | undefined): MacroUse | undefined {
  let use = macro;
  while (use?.outer !== undefined) use = use.outer;
  return use;
}
