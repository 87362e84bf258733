/**
 * Expressions without side effects and without undefined behaviour: signed results stay in their type because the
 * ranges of the operands say so, divisors and shift counts are in bounds, floating values are guarded before they
 * become integers.
 */
import type { Choices } from './choices.ts';
import {
  anyOf,
  commonType,
  double,
  type FloatValue,
  fits,
  float,
  highest,
  type IntegerKind,
  type IntegerValue,
  int32,
  int64,
  integerKinds,
  isInteger,
  literal,
  lowest,
  promoted,
  rangeIn,
  type ScalarKind,
  uint32,
  uint64,
  type Value,
} from './types.ts';

/** A function that changes nothing. */
export interface PureFunction {
  readonly name: string;
  readonly result: ScalarKind;
  readonly parameters: readonly ScalarKind[];
}

/** What an expression may read. */
export interface Readable {
  /** A scalar object; `index` makes the text of an index below a length. */
  readInteger(index: (length: number) => string): IntegerValue | undefined;
  readFloat(index: (length: number) => string): FloatValue | undefined;
  pureFunction(): PureFunction | undefined;
  /** Type names and object names for `sizeof`; their sizes are the same everywhere. */
  sizeofOperand(): string;
  /** Two pointers into one array, as texts. */
  pointerPair(): readonly [string, string, number] | undefined;
}

const comparisons = ['<', '>', '<=', '>=', '==', '!='] as const;

export class Expressions {
  constructor(
    private readonly choices: Choices,
    private readonly scope: Readable,
  ) {}

  any(depth: number): Value {
    return this.choices.chance(12) ? this.floating(depth) : this.integer(depth);
  }

  /** Text that a scalar of the type can be initialised with or assigned from. */
  of(type: ScalarKind, depth: number): string {
    if (type.kind === 'float') {
      return this.choices.chance(70) ? this.floating(depth).text : this.integer(depth).text;
    }
    if (this.choices.chance(6)) return this.floatToInteger(depth, type).text;
    return this.integer(depth).text;
  }

  /** An index below `length`. */
  index(length: number, depth: number): string {
    const { choices } = this;
    if (depth < -2 || choices.chance(40)) return choices.below(length).toString();
    const value = this.integer(depth);
    if (value.low >= 0n && value.high < BigInt(length)) return value.text;
    const mask = (length & (length - 1)) === 0;
    if (mask) return `(${value.text} & ${length - 1})`;
    return `((uint32_t)${value.text} % ${length}u)`;
  }

  condition(depth: number): string {
    const { choices } = this;
    return choices.weighted<string>(
      [6, () => this.comparison(depth).text],
      [2, () => this.integer(depth).text],
      [1, () => `!${this.integer(depth).text}`],
      [1, () => this.floating(depth).text],
      [2, () => `(${this.condition(depth - 1)} ${choices.of(['&&', '||'])} ${this.leaf(depth)})`],
    );
  }

  integer(depth: number): IntegerValue {
    const { choices } = this;
    if (depth <= 0) return this.simple(depth - 1);
    return choices.weighted<IntegerValue>(
      [16, () => this.binary(depth)],
      [5, () => this.simple()],
      [3, () => this.unary(depth)],
      [3, () => this.cast(this.integer(depth - 1), choices.of(integerKinds))],
      [3, () => this.shift(depth)],
      [3, () => this.division(depth)],
      [2, () => this.comparison(depth)],
      [2, () => this.conditional(depth)],
      [2, () => this.logical(depth)],
      [1, () => this.comma(depth)],
      [2, () => this.call(depth, 'integer') ?? this.simple()],
      [1, () => this.floatToInteger(depth - 1, choices.of(integerKinds))],
      [1, () => this.sizeof()],
      [1, () => this.pointers() ?? this.simple()],
    );
  }

  floating(depth: number): FloatValue {
    const { choices, scope } = this;
    const read = (): FloatValue =>
      scope.readFloat((length) => this.index(length, 0)) ?? this.floatLiteral();
    if (depth <= 0) return choices.chance(60) ? read() : this.floatLiteral();
    return choices.weighted<FloatValue>(
      [3, read],
      [1, () => this.floatLiteral()],
      [6, () => this.floatBinary(depth)],
      [1, () => ({ text: `(-${this.floating(depth - 1).text})`, type: double })],
      [
        2,
        () => {
          const type = choices.of([float, double]);
          return { text: `((${type.name})${this.any(depth - 1).text})`, type };
        },
      ],
      [1, () => this.call(depth, 'float') ?? read()],
      [
        1,
        () => ({
          text: `(${this.condition(depth - 1)} ? ${this.floating(depth - 1).text} : ${this.floating(depth - 1).text})`,
          type: double,
        }),
      ],
    );
  }

  literal(type = this.choices.of(integerKinds)): IntegerValue {
    const { choices } = this;
    const pick = choices.weighted<bigint>(
      [5, () => BigInt(choices.between(-9, 9))],
      [2, () => highest(type) - BigInt(choices.below(3))],
      [2, () => lowest(type) + BigInt(choices.below(3))],
      [2, () => BigInt(choices.below(0x1_0000))],
      [2, () => (1n << BigInt(choices.below(type.bits))) - BigInt(choices.below(2))],
      [
        2,
        () => (BigInt(choices.below(0x1_0000_0000)) << 32n) | BigInt(choices.below(0x1_0000_0000)),
      ],
    );
    const cut = type.signed ? BigInt.asIntN(type.bits, pick) : BigInt.asUintN(type.bits, pick);
    return literal(cut, type, choices.chance(30));
  }

  // ---- Parts -----------------------------------------------------------------------------------------

  private simple(depth = 0): IntegerValue {
    const { choices } = this;
    if (choices.chance(25)) return this.literal();
    return this.scope.readInteger((length) => this.index(length, depth)) ?? this.literal();
  }

  private leaf(depth: number): string {
    return this.choices.chance(50) ? this.comparison(depth - 1).text : this.simple().text;
  }

  /** A value whose conversion to its own promoted type is in the text, so that ranges are those of C. */
  private narrowed(value: IntegerValue, bits: number): IntegerValue {
    const { choices } = this;
    const limit = 1n << BigInt(bits);
    if (value.low > -limit && value.high < limit) return value;
    return choices.weighted<IntegerValue>(
      [
        3,
        () => ({
          text: `(${value.text} & ${(limit - 1n).toString()})`,
          type: promoted(value.type),
          low: 0n,
          high: limit - 1n,
        }),
      ],
      [
        2,
        () => {
          const by = limit - BigInt(choices.below(3));
          return {
            text: `(${value.text} % ${by.toString()})`,
            // An unsigned dividend makes the whole unsigned.
            type: promoted(value.type),
            low: value.low < 0n ? 1n - by : 0n,
            high: by - 1n,
          };
        },
      ],
      [
        1,
        () =>
          bits >= 15
            ? this.cast(value, choices.of(integerKinds.slice(0, 3)))
            : this.masked(value, limit),
      ],
    );
  }

  private masked(value: IntegerValue, limit: bigint): IntegerValue {
    return {
      text: `(${value.text} & ${(limit - 1n).toString()})`,
      type: promoted(value.type),
      low: 0n,
      high: limit - 1n,
    };
  }

  private binary(depth: number): IntegerValue {
    const { choices } = this;
    const operator = choices.of(['+', '-', '*', '&', '|', '^', '+', '-', '*'] as const);
    let left = this.integer(depth - 1);
    let right = this.integer(depth - 1);
    let type = commonType(left.type, right.type);
    if ('&|^'.includes(operator)) {
      return anyOf(`(${left.text} ${operator} ${right.text})`, type);
    }
    for (let attempt = 0; ; attempt++) {
      const [low, high] = resultRange(operator, rangeIn(left, type), rangeIn(right, type));
      if (!type.signed) {
        return fits(low, high, type)
          ? { text: `(${left.text} ${operator} ${right.text})`, type, low, high }
          : anyOf(`(${left.text} ${operator} ${right.text})`, type);
      }
      if (fits(low, high, type)) {
        return { text: `(${left.text} ${operator} ${right.text})`, type, low, high };
      }
      if (attempt === 0 && choices.chance(35)) {
        left = this.cast(left, type.bits === 64 ? uint64 : uint32);
        type = commonType(left.type, right.type);
        continue;
      }
      const bits = operator === '*' ? type.bits / 2 - 1 : type.bits - 2;
      left = this.narrowed(left, bits);
      right = this.narrowed(right, bits);
      type = commonType(left.type, right.type);
    }
  }

  private division(depth: number): IntegerValue {
    const { choices } = this;
    const operator = choices.of(['/', '%'] as const);
    const left = this.integer(depth - 1);
    let right: IntegerValue;
    if (choices.chance(40)) {
      const by = choices.of([1, 2, 3, 5, 7, 10, 16, 100, 127, 255, 1000, 4096, 65_535]);
      right = literal(
        BigInt(choices.chance(20) && by > 1 ? -by : by),
        choices.of([int32, int64, int32, uint32]),
      );
      if (right.low < 0n && !right.type.signed) right = literal(-right.low, right.type);
    } else {
      const by = this.integer(depth - 1);
      // Never 0 and never -1: odd and positive after the mask.
      const mask = (1n << BigInt(choices.between(1, promoted(by.type).bits - 2))) - 1n;
      right = {
        text: `((${by.text} & ${mask}) | 1)`,
        type: promoted(by.type),
        low: 1n,
        high: mask,
      };
      if (right.high < 1n) right = { ...right, high: 1n };
    }
    const type = commonType(left.type, right.type);
    const text = `(${left.text} ${operator} ${right.text})`;
    const divisor = rangeIn(right, type);
    if (operator === '%' && divisor.low > 0n) {
      const dividend = rangeIn(left, type);
      return {
        text,
        type,
        low: dividend.low < 0n ? 1n - divisor.high : 0n,
        high: divisor.high - 1n,
      };
    }
    return anyOf(text, type);
  }

  private shift(depth: number): IntegerValue {
    const { choices } = this;
    const operator = choices.of(['<<', '>>'] as const);
    let left = this.integer(depth - 1);
    let type = promoted(left.type);
    if (operator === '<<' && type.signed) {
      if (choices.chance(50)) {
        left = this.cast(left, type.bits === 64 ? uint64 : uint32);
        type = left.type;
      } else {
        const bits = choices.between(1, type.bits - 4);
        left = {
          text: `(${left.text} & ${(1n << BigInt(bits)) - 1n})`,
          type,
          low: 0n,
          high: (1n << BigInt(bits)) - 1n,
        };
        const by = choices.below(type.bits - 1 - bits);
        return {
          text: `(${left.text} << ${by})`,
          type,
          low: 0n,
          high: left.high << BigInt(by),
        };
      }
    }
    const count = choices.chance(50)
      ? choices.below(type.bits).toString()
      : `(${this.integer(depth - 2).text} & ${type.bits - 1})`;
    return anyOf(`(${left.text} ${operator} ${count})`, type);
  }

  private unary(depth: number): IntegerValue {
    const { choices } = this;
    const operator = choices.of(['-', '~', '!', '+'] as const);
    let operand = this.integer(depth - 1);
    if (operator === '!') return { text: `(!${operand.text})`, type: int32, low: 0n, high: 1n };
    const type = promoted(operand.type);
    if (operator === '-' && type.signed && operand.low === lowest(type)) {
      operand = this.narrowed(operand, type.bits - 2);
    }
    const within = promoted(operand.type);
    const text = `(${operator}${operand.text})`;
    if (operator === '-' && within.signed) {
      return { text, type: within, low: -operand.high, high: -operand.low };
    }
    if (operator === '+') return { ...operand, text, type: within };
    return anyOf(text, within);
  }

  private cast(value: IntegerValue, type: IntegerKind): IntegerValue {
    return { ...rangeIn(value, type), text: `((${type.name})${value.text})` };
  }

  private comparison(depth: number): IntegerValue {
    const { choices } = this;
    const operator = choices.of(comparisons);
    if (choices.chance(12)) {
      const left = this.floating(depth - 1);
      const right = choices.chance(30) ? this.integer(depth - 1) : this.floating(depth - 1);
      return {
        text: `(${left.text} ${operator} ${right.text})`,
        type: int32,
        low: 0n,
        high: 1n,
      };
    }
    const left = this.integer(depth - 1);
    const right = this.integer(depth - 1);
    return { text: `(${left.text} ${operator} ${right.text})`, type: int32, low: 0n, high: 1n };
  }

  private logical(depth: number): IntegerValue {
    const operator = this.choices.of(['&&', '||']);
    const text = `(${this.leaf(depth)} ${operator} ${this.leaf(depth)})`;
    return { text, type: int32, low: 0n, high: 1n };
  }

  private conditional(depth: number): IntegerValue {
    const whenTrue = this.integer(depth - 1);
    const whenFalse = this.integer(depth - 1);
    const type = commonType(whenTrue.type, whenFalse.type);
    const one = rangeIn(whenTrue, type);
    const other = rangeIn(whenFalse, type);
    return {
      text: `(${this.condition(depth - 1)} ? ${whenTrue.text} : ${whenFalse.text})`,
      type,
      low: least(one.low, other.low),
      high: -least(-one.high, -other.high),
    };
  }

  private comma(depth: number): IntegerValue {
    const value = this.integer(depth - 1);
    return { ...value, text: `((void)${this.simple().text}, ${value.text})` };
  }

  private call(depth: number, kind: 'integer'): IntegerValue | undefined;
  private call(depth: number, kind: 'float'): FloatValue | undefined;
  private call(depth: number, kind: ScalarKind['kind']): Value | undefined {
    const callee = this.scope.pureFunction();
    if (callee === undefined || callee.result.kind !== kind) return undefined;
    const list = callee.parameters.map((type) => this.of(type, depth - 2));
    const text = `${callee.name}(${list.join(', ')})`;
    return callee.result.kind === 'integer'
      ? anyOf(text, callee.result)
      : { text, type: callee.result };
  }

  private sizeof(): IntegerValue {
    // size_t is unsigned and has 64 bits in both data models.
    return {
      text: `(uint64_t)sizeof(${this.scope.sizeofOperand()})`,
      type: uint64,
      low: 0n,
      high: 4096n,
    };
  }

  /** Order and distance of two pointers into one array. */
  private pointers(): IntegerValue | undefined {
    const pair = this.scope.pointerPair();
    if (pair === undefined) return undefined;
    const [left, right, length] = pair;
    if (this.choices.chance(50)) {
      return {
        text: `((int64_t)(${left} - ${right}))`,
        type: int64,
        low: BigInt(-length),
        high: BigInt(length),
      };
    }
    const text = `(${left} ${this.choices.of(comparisons)} ${right})`;
    return { text, type: int32, low: 0n, high: 1n };
  }

  private floatLiteral(): FloatValue {
    const { choices } = this;
    const text = choices.of([
      '0.0',
      '1.0',
      '0.5',
      '1.5',
      '0.1',
      '3.25',
      '1e10',
      '1e-3',
      '123456.789',
      '2.5e15',
    ]);
    const value = choices.chance(30) ? `(-${text})` : text;
    return choices.chance(30)
      ? { text: value.replace(/(\d)(\)?)$/, '$1f$2'), type: float }
      : { text: value, type: double };
  }

  private floatBinary(depth: number): FloatValue {
    const { choices } = this;
    const operator = choices.of(['+', '-', '*', '/']);
    const left = this.floating(depth - 1);
    const right = choices.chance(25) ? this.integer(depth - 1) : this.floating(depth - 1);
    const type = isInteger(right) || right.type === left.type ? left.type : double;
    const swap = choices.chance(50);
    const [first, second] = swap ? [right, left] : [left, right];
    return { text: `(${first.text} ${operator} ${second.text})`, type };
  }

  /** What does not fit becomes another value first. */
  private floatToInteger(depth: number, type: IntegerKind): IntegerValue {
    const value = this.floating(depth).text;
    const low = type.signed
      ? `-${type.bits === 64 ? '9.0e18' : type.bits === 32 ? '2147483648.0' : ((1 << (type.bits - 1)) - 1).toFixed(1)}`
      : '0.0';
    const high =
      type.bits === 64
        ? type.signed
          ? '9.0e18'
          : '1.8e19'
        : type.bits === 32
          ? type.signed
            ? '2147483647.0'
            : '4294967295.0'
          : ((1 << (type.bits - (type.signed ? 1 : 0))) - 1).toFixed(1);
    return anyOf(
      `((${value}) > ${low} && (${value}) < ${high} ? (${type.name})(${value}) : (${type.name})${this.choices.below(99)})`,
      promoted(type),
    );
  }
}

function least(one: bigint, other: bigint): bigint {
  if (one < other) return one;
  return other;
}

function resultRange(
  operator: '+' | '-' | '*' | '&' | '|' | '^',
  left: IntegerValue,
  right: IntegerValue,
): readonly [bigint, bigint] {
  if (operator === '+') return [left.low + right.low, left.high + right.high];
  if (operator === '-') return [left.low - right.high, left.high - right.low];
  const products = [
    left.low * right.low,
    left.low * right.high,
    left.high * right.low,
    left.high * right.high,
  ];
  return [products.reduce(least), -products.map((one) => -one).reduce(least)];
}
