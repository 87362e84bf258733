/** Words that the Microsoft compiler knows without a declaration, and that look like calls. */
import type { Expression } from '../program.ts';
import type { Token } from '../tokens.ts';
import { integerTypes, pointerTo, voidType } from '../types.ts';
import type { Context } from './context.ts';
import { isUnknown, unqualified } from './conversions.ts';
import { describe } from './describe.ts';
import type { Expressions, TypeNames } from './expressions.ts';
import { decayed, errorNode, integerNode, isLvalue, span } from './nodes.ts';

export class CompilerWords {
  constructor(
    private readonly context: Context,
    private readonly expressions: Expressions,
    private readonly types: TypeNames,
  ) {}

  /**
   * Words that mean something to the Microsoft compiler without a declaration; undefined for any
   * other.
   */
  parse(token: Token): Expression | undefined {
    const { cursor } = this.context;
    switch (token.text) {
      case '_exception_code':
      case '__exception_code':
        return this.exceptionWord(token, 'exceptionCode');
      case '_exception_info':
      case '__exception_info':
        return this.exceptionWord(token, 'exceptionInformation');
      case '_abnormal_termination':
      case '__abnormal_termination':
        return this.exceptionWord(token, 'abnormalTermination');
      case '__va_start':
      case '__va_end':
        return this.vaWord(token);
      case '__va_arg':
        return this.vaArg(token);
      case '__noop':
      case '__assume':
      case '__annotation':
        return this.noOperation(token);
      case '_Generic':
        this.context.notSupported(token, "'_Generic' is");
        cursor.advance();
        this.expressions.skipParentheses();
        return errorNode(token);
      case '__builtin_offsetof':
        return undefined;
      default:
        return undefined;
    }
  }

  /** Takes an empty argument list. */
  private emptyArguments(): void {
    const { cursor } = this.context;
    const open = cursor.token;
    if (!cursor.accept('(')) {
      this.context.syntaxError('syntax', `expected '(', found ${describe(open)}`);
      return;
    }
    this.expressions.expect(')', open, "the '('");
  }

  /** GetExceptionCode() and the like, which have a meaning only around handlers. */
  private exceptionWord(
    token: Token,
    kind: 'exceptionCode' | 'exceptionInformation' | 'abnormalTermination',
  ): Expression {
    const { cursor, open } = this.context;
    cursor.advance();
    this.emptyArguments();
    const place = span(token, cursor.previous);
    const [allowed, where] =
      kind === 'exceptionCode'
        ? [(open?.filters ?? 0) + (open?.handlers ?? 0), 'an __except filter or its block']
        : kind === 'exceptionInformation'
          ? [open?.filters ?? 0, 'an __except filter']
          : [open?.terminations ?? 0, 'a __finally block'];
    if (allowed === 0) {
      this.context.error('exception-word', place, `'${token.text}' has a meaning only in ${where}`);
      return errorNode(place);
    }
    const type =
      kind === 'exceptionCode'
        ? integerTypes['unsigned long']
        : kind === 'exceptionInformation'
          ? pointerTo(voidType)
          : integerTypes.int;
    return { kind, type, ...place };
  }

  /** `__va_start(&ap, last)` and `__va_end(&ap)`. */
  private vaWord(token: Token): Expression {
    const { cursor } = this.context;
    cursor.advance();
    const open = cursor.token;
    if (!cursor.accept('(')) return this.expressions.missingOperand(cursor.token);
    const list = decayed(this.expressions.assignment());
    if (token.text === '__va_start') {
      if (cursor.accept(',')) this.expressions.assignment();
      else this.expressions.expect(',', open, "the '('");
    }
    this.expressions.expect(')', open, "the '('");
    const place = span(token, cursor.previous);
    if (list.kind === 'error') return errorNode(place);
    if (token.text === '__va_end') {
      return { kind: 'convert', operand: list, implicit: false, type: voidType, ...place };
    }
    if (this.context.open?.symbol.type.variadic !== true) {
      this.context.error(
        'not-variadic',
        place,
        "'va_start' has a meaning only in a function with '...' parameters",
      );
      return errorNode(place);
    }
    return { kind: 'vaStart', list, type: voidType, ...place };
  }

  /** `__va_arg(ap, type)`. */
  private vaArg(token: Token): Expression {
    const { cursor } = this.context;
    cursor.advance();
    const open = cursor.token;
    if (!cursor.accept('(')) return this.expressions.missingOperand(cursor.token);
    const list = this.expressions.assignment();
    this.expressions.expect(',', open, "the '('");
    if (!this.types.startsType(cursor.token)) return this.expressions.missingOperand(cursor.token);
    const type = this.types.typeName();
    this.expressions.expect(')', open, "the '('");
    const place = span(token, cursor.previous);
    if (list.kind === 'error' || isUnknown(type)) return errorNode(place);
    if (!isLvalue(list)) {
      this.context.error('not-an-object', list, "'va_arg' needs a va_list variable");
      return errorNode(place);
    }
    const address: Expression = {
      kind: 'addressOf',
      operand: list,
      type: pointerTo(list.type),
      ...span(list),
    };
    return { kind: 'vaArg', list: address, type: unqualified(type), ...place };
  }

  /** Arguments are read but never run. */
  private noOperation(token: Token): Expression {
    const { cursor } = this.context;
    cursor.advance();
    const open = cursor.token;
    if (cursor.accept('(')) {
      this.context.unevaluated++;
      if (!cursor.at(')')) this.expressions.expression();
      this.context.unevaluated--;
      this.expressions.expect(')', open, "the '('");
    }
    return integerNode(0, span(token, cursor.previous));
  }
}
