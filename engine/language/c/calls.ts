/** Calls: what is called, and its arguments beside the prototype. */
import type { Expression } from '../program.ts';
import type { Token } from '../tokens.ts';
import type { FunctionType } from '../types.ts';
import { integerTypes, isArithmetic, pointerTo, typeName } from '../types.ts';
import { assigned } from './assignability.ts';
import { checkBlockSize } from './block-sizes.ts';
import type { Context } from './context.ts';
import { isUnknown, sameType, unqualified } from './conversions.ts';
import type { Place } from './cursor.ts';
import type { Expressions } from './expressions.ts';
import { checkFormat } from './formats.ts';
import { convert, decayed, errorNode, span } from './nodes.ts';

/** Arguments are converted as by assignment; those of printf-like routines are held against the format. */
export class Calls {
  constructor(
    private readonly context: Context,
    private readonly expressions: Expressions,
  ) {}

  /**
   * A call. Arguments are read even when the callee is wrong, so that names in them count as used.
   */
  parse(callee: Expression): Expression {
    const { cursor } = this.context;
    const open = cursor.advance();
    const given: Expression[] = [];
    this.context.usedFor(callee, 'call');
    const failedBefore = callee.kind === 'error';
    while (!cursor.at(')') && !cursor.atEnd) {
      const before = cursor.index;
      if (cursor.at(',')) {
        this.context.syntaxError('syntax', `expected an argument, found ','`);
        cursor.advance();
        continue;
      }
      given.push(this.expressions.assignment());
      if (!cursor.accept(',')) break;
      if (cursor.at(')'))
        this.context.syntaxError('syntax', "expected an argument after ',', found ')'");
      if (cursor.index === before) break;
    }
    const isClosed = this.expressions.expect(')', open, "the '('");
    const close = cursor.previous;
    const place = span(callee, close);
    if (failedBefore || !isClosed) return errorNode(place);
    const target = this.called(callee);
    if (target === undefined) return errorNode(place);
    if (this.context.watch) {
      this.context.error('watch-call', place, 'a watch cannot call a routine');
      return errorNode(place);
    }
    const type = (
      target.type.kind === 'pointer' ? target.type.target : target.type
    ) as FunctionType;
    if (isUnknown(type.result)) return errorNode(place);
    const values = this.arguments(target, type, given, close);
    return {
      kind: 'call',
      callee: target,
      arguments: values,
      type: unqualified(type.result),
      ...place,
    };
  }

  /** A function designator or a pointer to a function; reports anything else. */
  private called(callee: Expression): Expression | undefined {
    const value = decayed(callee);
    if (value.kind === 'error') return undefined;
    if (
      (value.kind === 'convert' || value.kind === 'addressOf') &&
      value.operand.kind === 'function' &&
      sameType(value.type, pointerTo(value.operand.type))
    ) {
      return value.operand;
    }
    if (value.type.kind === 'pointer' && value.type.target.kind === 'function') return value;
    if (isUnknown(value.type)) return undefined;
    this.context.error(
      'not-a-function',
      callee,
      `${nameOf(callee)} is no function: its type is ${typeName(unqualified(callee.type))}`,
    );
    return undefined;
  }

  /** Checks the arguments against the prototype and converts them. */
  private arguments(
    callee: Expression,
    type: FunctionType,
    given: readonly Expression[],
    close: Token,
  ): Expression[] {
    const name = nameOf(callee);
    const { parameters } = type;
    if (!type.unprototyped) {
      const needed = parameters.length;
      if (given.length < needed || (given.length > needed && !type.variadic)) {
        const extra = given[needed];
        const last = given.at(-1);
        const place: Place = extra !== undefined && last !== undefined ? span(extra, last) : close;
        const count = needed === 1 ? '1 argument' : `${needed} arguments`;
        const missing = parameters
          .slice(given.length)
          .map((parameter) => parameter.name ?? typeName(parameter.type));
        this.context.error(
          'argument-count',
          place,
          `${name} takes ${type.variadic ? `at least ${count}` : count}, ${given.length} given${missing.length > 0 ? `: missing ${missing.join(', ')}` : ''}`,
          callee.kind === 'function'
            ? { related: [{ message: `${name} is declared here`, range: callee.function.range }] }
            : {},
        );
      }
    }
    const values = given.map((argument, index) => {
      const parameter = parameters[index];
      if (parameter === undefined) return this.promotedArgument(argument, name, index);
      return assigned(this.context, argument, parameter.type, () => {
        const label = parameter.name === undefined ? '' : ` ('${parameter.name}')`;
        return `argument ${index + 1}${label} of ${name}`;
      });
    });
    if (callee.kind === 'function') {
      if (type.variadic) checkFormat(this.context, callee.function, values);
      checkBlockSize(this.context, callee.function.name, given);
    }
    return values;
  }

  /** Default promotions of an argument beyond the prototype. */
  private promotedArgument(argument: Expression, name: string, index: number): Expression {
    const value = decayed(argument);
    if (value.kind === 'error') return value;
    if (value.type.kind === 'void') {
      this.context.error(
        'void-value',
        value,
        `argument ${index + 1} of ${name} needs a value, found none (void)`,
      );
      return errorNode(value);
    }
    if (!isArithmetic(value.type)) return value;
    if (value.type.kind === 'floating') return convert(value, { kind: 'floating', size: 8 });
    if (value.type.kind === 'enum' || value.type.size < 4) return convert(value, integerTypes.int);
    return value;
  }
}

/** What messages call the thing that is called. */
function nameOf(callee: Expression): string {
  switch (callee.kind) {
    case 'function':
      return `'${callee.function.name}'`;
    case 'variable':
      return `'${callee.variable.name}'`;
    case 'member':
      return `'${callee.member.name ?? ''}'`;
    case 'dereference':
    case 'convert':
      return nameOf(callee.operand);
    default:
      return 'the expression';
  }
}
