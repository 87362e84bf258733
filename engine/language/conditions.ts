/** The integer constant expressions of `#if` and `#elif` (C11 6.10.1): 64 bits wide, signed or unsigned. */
import {
  add64,
  and64,
  compare64,
  divide64,
  type Int64,
  multiply64,
  not64,
  or64,
  remainder64,
  shiftLeft64,
  shiftRight64,
  subtract64,
  xor64,
} from '../base/int64.ts';
import { characterLiteral, integerLiteral } from './c/literals.ts';
import type { SourceRange } from './source.ts';
import type { SourceToken } from './tokenizer.ts';

export interface ConditionProblem {
  readonly range: SourceRange;
  readonly message: string;
}

interface Value {
  readonly value: Int64;
  readonly unsigned: boolean;
}

const precedences: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ['|', 3],
  ['^', 4],
  ['&', 5],
  ['==', 6],
  ['!=', 6],
  ['<', 7],
  ['>', 7],
  ['<=', 7],
  ['>=', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['%', 10],
]);

/** Parentheses and operators nested deeper than this are refused. */
const DEPTH_LIMIT = 200;

/**
 * Evaluates a condition whose macros have been replaced.
 * @param line stands for the place when the expression ends too early.
 * @returns whether it holds, or what is wrong with it.
 */
export function evaluateCondition(
  tokens: readonly SourceToken[],
  line: SourceRange,
  isDefined: (name: SourceToken) => boolean,
): boolean | ConditionProblem {
  const evaluator = new Evaluator(tokens, line, isDefined);
  const value = evaluator.evaluate();
  return evaluator.problem ?? value.value !== 0;
}

/** A recursive descent that computes on its way, in 64 bits as C11 6.10.1 asks for; each value knows its signedness. */
class Evaluator {
  problem: ConditionProblem | undefined;
  private index = 0;
  private depth = 0;
  private readonly zero: Value = { value: 0, unsigned: false };

  constructor(
    private readonly tokens: readonly SourceToken[],
    private readonly line: SourceRange,
    private readonly isDefined: (name: SourceToken) => boolean,
  ) {}

  /** The whole line: what follows the condition is a mistake. */
  evaluate(): Value {
    const value = this.conditional(true);
    const rest = this.tokens[this.index];
    if (rest !== undefined) {
      this.fail(
        rest.text === '='
          ? "'=' assigns; a condition compares with '=='"
          : `Expected an operator or the end of the condition, found '${rest.text}'`,
        rest,
      );
    }
    return value;
  }

  /** Keeps the first problem: those behind it are its consequences. */
  private fail(message: string, token: SourceToken | undefined): Value {
    this.problem ??= { message, range: token?.range ?? this.line };
    this.index = this.tokens.length;
    return this.zero;
  }

  /** @param live false in the operand that the result does not depend on: it may divide by zero. */
  private conditional(live: boolean): Value {
    const condition = this.binary(1, live);
    if (this.tokens[this.index]?.text !== '?') return condition;
    if (++this.depth > DEPTH_LIMIT) return this.fail('The condition is nested too deep', undefined);
    this.index++;
    const holds = condition.value !== 0;
    const whenTrue = this.conditional(live && holds);
    const colon = this.tokens[this.index];
    if (colon?.text !== ':') {
      return this.fail(`Expected ':' of the conditional operator, found ${found(colon)}`, colon);
    }
    this.index++;
    const whenFalse = this.conditional(live && !holds);
    this.depth--;
    // Both branches make the type, also the one that is not taken.
    return {
      value: (holds ? whenTrue : whenFalse).value,
      unsigned: whenTrue.unsigned || whenFalse.unsigned,
    };
  }

  /** Operators that bind as tightly as `least`, or tighter. */
  private binary(least: number, live: boolean): Value {
    let left = this.unary(live);
    for (;;) {
      const operator = this.tokens[this.index];
      const precedence =
        operator?.kind === 'punctuator' ? precedences.get(operator.text) : undefined;
      if (operator === undefined || precedence === undefined || precedence < least) return left;
      this.index++;
      const decided =
        (operator.text === '&&' && left.value === 0) ||
        (operator.text === '||' && left.value !== 0);
      const right = this.binary(precedence + 1, live && !decided);
      left = this.apply(operator, left, right, live);
    }
  }

  private apply(operator: SourceToken, a: Value, b: Value, live: boolean): Value {
    const unsigned = a.unsigned || b.unsigned;
    const truth = (holds: boolean): Value => ({ value: holds ? 1 : 0, unsigned: false });
    const order = (): number => compare64(a.value, b.value, !unsigned);
    switch (operator.text) {
      case '||':
        return truth(a.value !== 0 || b.value !== 0);
      case '&&':
        return truth(a.value !== 0 && b.value !== 0);
      case '==':
        return truth(order() === 0);
      case '!=':
        return truth(order() !== 0);
      case '<':
        return truth(order() < 0);
      case '>':
        return truth(order() > 0);
      case '<=':
        return truth(order() <= 0);
      case '>=':
        return truth(order() >= 0);
      case '|':
        return { value: or64(a.value, b.value), unsigned };
      case '^':
        return { value: xor64(a.value, b.value), unsigned };
      case '&':
        return { value: and64(a.value, b.value), unsigned };
      case '+':
        return { value: add64(a.value, b.value), unsigned };
      case '-':
        return { value: subtract64(a.value, b.value), unsigned };
      case '*':
        return { value: multiply64(a.value, b.value), unsigned };
      case '/':
      case '%':
        if (b.value === 0) {
          return live ? this.fail('Division by zero in a condition', operator) : this.zero;
        }
        return {
          value: (operator.text === '/' ? divide64 : remainder64)(a.value, b.value, !unsigned),
          unsigned,
        };
      default: {
        // Shifts keep the left operand's signedness; counts that C leaves undefined wrap as on x64.
        const count = Number(BigInt.asUintN(6, BigInt(b.value)));
        const value =
          operator.text === '<<'
            ? shiftLeft64(a.value, count)
            : shiftRight64(a.value, count, !a.unsigned);
        return { value, unsigned: a.unsigned };
      }
    }
  }

  private unary(live: boolean): Value {
    const token = this.tokens[this.index];
    if (token === undefined) {
      return this.fail('Expected a value in the condition, found the end of the line', undefined);
    }
    this.index++;
    switch (token.kind) {
      case 'integer': {
        const { value, type, problem } = integerLiteral(token.text);
        if (problem !== undefined) return this.fail(problem, token);
        return { value, unsigned: !type.signed && type.size === 8 ? true : /u/i.test(token.text) };
      }
      case 'character': {
        const { value, problem } = characterLiteral(token.text);
        return problem === undefined ? { value, unsigned: false } : this.fail(problem, token);
      }
      case 'identifier':
        // What is still a name after all replacement counts as 0, keywords too.
        return token.text === 'defined' ? this.defined(token) : this.zero;
      case 'punctuator':
        return this.operatorOrParenthesis(token, live);
      default:
        return this.fail(`A condition is made of integers, found '${token.text}'`, token);
    }
  }

  private operatorOrParenthesis(token: SourceToken, live: boolean): Value {
    if (++this.depth > DEPTH_LIMIT) return this.fail('The condition is nested too deep', token);
    let result: Value;
    switch (token.text) {
      case '(': {
        result = this.conditional(live);
        const close = this.tokens[this.index];
        if (close?.text !== ')') {
          return this.fail(`Expected ')' in the condition, found ${found(close)}`, close ?? token);
        }
        this.index++;
        break;
      }
      case '!':
        result = { value: this.unary(live).value === 0 ? 1 : 0, unsigned: false };
        break;
      case '~': {
        const operand = this.unary(live);
        result = { value: not64(operand.value), unsigned: operand.unsigned };
        break;
      }
      case '-': {
        const operand = this.unary(live);
        result = { value: subtract64(0, operand.value), unsigned: operand.unsigned };
        break;
      }
      case '+':
        result = this.unary(live);
        break;
      default:
        return this.fail(`Expected a value in the condition, found '${token.text}'`, token);
    }
    this.depth--;
    return result;
  }

  /** `defined X` or `defined (X)`; the name was kept from being replaced. */
  private defined(word: SourceToken): Value {
    const inParentheses = this.tokens[this.index]?.text === '(';
    if (inParentheses) this.index++;
    const name = this.tokens[this.index];
    if (name?.kind !== 'identifier') {
      return this.fail(`Expected a name after 'defined', found ${found(name)}`, name ?? word);
    }
    this.index++;
    if (inParentheses) {
      const close = this.tokens[this.index];
      if (close?.text !== ')') {
        return this.fail(
          `Expected ')' after 'defined (${name.text}', found ${found(close)}`,
          close ?? name,
        );
      }
      this.index++;
    }
    return { value: this.isDefined(name) ? 1 : 0, unsigned: false };
  }
}

const found = (token: SourceToken | undefined): string =>
  token === undefined ? 'the end of the line' : `'${token.text}'`;
