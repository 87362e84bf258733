/** Statements of generated functions. Every loop has a bound, every jump goes forward. */
import type { Choices } from './choices.ts';
import { Expressions, type PureFunction, type Readable } from './expressions.ts';
import {
  declare,
  type Place,
  type RecordShape,
  type Shape,
  scalar,
  scalarIn,
  scalarKind,
} from './shapes.ts';
import {
  anyOf,
  type FloatValue,
  type IntegerValue,
  integerKinds,
  promoted,
  type ScalarKind,
} from './types.ts';

/** A parameter of a function that may change things. */
export type Parameter =
  | { readonly kind: 'scalar'; readonly type: ScalarKind }
  | { readonly kind: 'record'; readonly record: RecordShape }
  | { readonly kind: 'recordPointer'; readonly record: RecordShape }
  | { readonly kind: 'scalarPointer'; readonly type: ScalarKind };

/** A function that may change things: called in statements of its own. */
export interface Procedure {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: Shape | undefined;
  /** Calls itself: its first parameter counts down. */
  readonly recursive: boolean;
}

/** What all functions of a program see. */
export interface ProgramScope {
  readonly prefix: string;
  readonly globals: readonly Place[];
  readonly records: readonly RecordShape[];
  readonly pure: readonly PureFunction[];
  readonly procedures: readonly Procedure[];
  readonly enumerators: readonly string[];
}

/** One function body. */
export class Body implements Readable {
  readonly expressions: Expressions;
  private readonly places: Place[];
  private readonly readOnly: Place[] = [];
  private text = '';
  private indent = 1;
  private names = 0;
  private labels = 0;
  private loops = 0;
  /** A counter with its bound, readable but never written. */
  private readonly counters: IntegerValue[] = [];
  private budget: number;

  constructor(
    private readonly choices: Choices,
    private readonly scope: ProgramScope,
    parameters: readonly Place[],
    /** No writes beyond the function's own variables. */
    private readonly pure: boolean,
    size: number,
  ) {
    this.places = [...parameters];
    if (pure) this.readOnly.push(...scope.globals);
    else this.places.push(...scope.globals);
    this.expressions = new Expressions(choices, this);
    this.budget = size;
  }

  // ---- What expressions read -------------------------------------------------------------------------

  readInteger(index: (length: number) => string): IntegerValue | undefined {
    const { choices } = this;
    if (this.counters.length > 0 && choices.chance(25)) return choices.of(this.counters);
    if (this.scope.enumerators.length > 0 && choices.chance(4)) {
      return {
        text: choices.of(this.scope.enumerators),
        type: integerKinds[4] ?? fail(),
        low: -1000n,
        high: 1000n,
      };
    }
    for (let attempt = 0; attempt < 8; attempt++) {
      const found = this.randomScalar(index, false);
      if (found?.type.kind === 'integer') return anyOf(found.text, found.type);
    }
    return undefined;
  }

  readFloat(index: (length: number) => string): FloatValue | undefined {
    for (let attempt = 0; attempt < 12; attempt++) {
      const found = this.randomScalar(index, false);
      if (found?.type.kind === 'float') return { text: found.text, type: found.type };
    }
    return undefined;
  }

  pureFunction(): PureFunction | undefined {
    const { pure } = this.scope;
    return pure.length === 0 || this.pure ? undefined : this.choices.of(pure);
  }

  sizeofOperand(): string {
    const all = [...this.places, ...this.readOnly].filter(({ shape }) => shape.kind !== 'pointer');
    const { records } = this.scope;
    if (records.length > 0 && this.choices.chance(50)) return this.choices.of(records).name;
    return all.length === 0 ? 'int32_t' : this.choices.of(all).text;
  }

  pointerPair(): readonly [string, string, number] | undefined {
    const arrays = [...this.places, ...this.readOnly].filter(({ shape }) => shape.kind === 'array');
    if (arrays.length === 0) return undefined;
    const { text, shape } = this.choices.of(arrays);
    if (shape.kind !== 'array') return undefined;
    const { length } = shape;
    const end = (): string =>
      this.choices.chance(20)
        ? `(${text} + ${length})`
        : `&${text}[${this.expressions.index(length, 0)}]`;
    return [end(), end(), length];
  }

  // ---- Statements ------------------------------------------------------------------------------------

  /** A block's statements with declarations of its own. */
  statements(count: number, depth: number): void {
    const visible = this.places.length;
    for (let index = this.choices.below(3); index > 0; index--) this.declaration();
    for (let index = 0; index < count && this.budget > 0; index++) this.statement(depth);
    this.places.length = Math.min(this.places.length, visible);
  }

  declaration(): void {
    const { choices } = this;
    const name = `v${this.names++}`;
    const shape = choices.weighted<Shape>(
      [6, () => scalar(scalarKind(choices))],
      [
        2,
        () => ({
          kind: 'array',
          element: scalar(scalarKind(choices)),
          length: choices.between(2, 6),
        }),
      ],
      [2, () => this.recordShape()],
      [2, () => this.pointerShape()],
    );
    const isStatic = !this.pure && choices.chance(8) && shape.kind !== 'pointer';
    const value = isStatic ? this.constantInitializer(shape) : this.initializer(shape);
    this.line(`${isStatic ? 'static ' : ''}${declare(shape, name)} = ${value};`);
    this.places.push({ text: name, shape });
  }

  statement(depth: number): void {
    const { choices } = this;
    this.budget--;
    const nest = depth > 0 ? 1 : 0;
    choices.weighted<void>(
      [10, () => this.assignment()],
      [6, () => this.compoundAssignment()],
      [4, () => this.increment()],
      [4 * nest, () => this.conditional(depth)],
      [3 * nest, () => this.forLoop(depth)],
      [1 * nest, () => this.whileLoop(depth)],
      [1 * nest, () => this.doLoop(depth)],
      [2 * nest, () => this.switchStatement(depth)],
      [1 * nest, () => this.forwardJump(depth)],
      [1 * nest, () => this.block(depth)],
      [2, () => this.recordCopy()],
      [2, () => this.retarget()],
      [4, () => this.procedureCall()],
      [1, () => this.loopExit()],
      [2, () => this.trace()],
      [1, () => this.memory()],
    );
  }

  line(text: string): void {
    this.text += `${'    '.repeat(this.indent)}${text}\n`;
  }

  /** The text so far. */
  finish(): string {
    return this.text;
  }

  // ---- Kinds of statements ---------------------------------------------------------------------------

  private assignment(): void {
    const target = this.target();
    if (target === undefined) return;
    this.line(`${target.text} = ${this.expressions.of(target.type, this.choices.between(1, 3))};`);
  }

  private compoundAssignment(): void {
    const { choices } = this;
    const target = this.target();
    if (target === undefined) return;
    const { text, type } = target;
    if (type.kind === 'float') {
      this.line(`${text} ${choices.of(['+=', '-=', '*=', '/='])} ${this.expressions.any(2).text};`);
      return;
    }
    const operator = choices.of(['+=', '-=', '*=', '&=', '|=', '^=', '/=', '%=', '<<=', '>>=']);
    const wide = promoted(type);
    if (operator === '<<=' || operator === '>>=') {
      if (operator === '<<=' && wide.signed) {
        this.line(`${text} = (${type.name})((uint64_t)${text} << ${choices.below(63)});`);
        return;
      }
      const count = choices.chance(50)
        ? choices.below(wide.bits).toString()
        : `(${this.expressions.integer(1).text} & ${wide.bits - 1})`;
      this.line(`${text} ${operator} ${count};`);
      return;
    }
    if (operator === '/=' || operator === '%=') {
      this.line(
        `${text} ${operator} ((${this.expressions.integer(1).text} & ${choices.of([1, 7, 255, 4095])}) | 1);`,
      );
      return;
    }
    if ('+-*'.includes(operator.charAt(0))) {
      // The computation is unsigned, or in int with an operand that keeps it there.
      const operand = this.expressions.integer(2).text;
      this.line(
        type.bits >= 32
          ? `${text} ${operator} (uint${type.bits}_t)${operand};`
          : `${text} ${operator} (int16_t)(${operand} & 16383);`,
      );
      return;
    }
    this.line(`${text} ${operator} ${this.expressions.integer(2).text};`);
  }

  private increment(): void {
    const { choices } = this;
    const target = this.target();
    if (target === undefined) return;
    const { text, type } = target;
    if (type.kind === 'integer' && type.signed && type.bits >= 32) {
      this.line(`if (${text} < 1000000 && ${text} > -1000000) ${text}${choices.of(['++', '--'])};`);
      return;
    }
    const change = choices.of(['++', '--']);
    const into = this.places.find(
      (one) => one.shape.kind === 'scalar' && /^v\d+$/.test(one.text) && !text.includes(one.text),
    );
    if (
      into === undefined ||
      into.shape.kind !== 'scalar' ||
      text.includes('*') ||
      choices.chance(40)
    ) {
      this.line(choices.chance(50) ? `${text}${change};` : `${change}${text};`);
      return;
    }
    this.line(`${into.text} = ${choices.chance(50) ? `${text}${change}` : `${change}${text}`};`);
  }

  private conditional(depth: number): void {
    this.line(`if (${this.expressions.condition(2)}) {`);
    this.nested(() => this.statements(this.choices.between(1, 3), depth - 1));
    if (this.choices.chance(50)) {
      this.line('} else {');
      this.nested(() => this.statements(this.choices.between(1, 3), depth - 1));
    }
    this.line('}');
  }

  /** The counter is `i` of this depth; nobody writes it. */
  private forLoop(depth: number): void {
    const { choices } = this;
    const counter = `i${this.names++}`;
    const bound = choices.between(1, 6);
    const type = choices.of(integerKinds);
    const down = choices.chance(25);
    if (down) {
      this.line(
        `for (${type.name} ${counter} = ${bound}; ${counter} > 0 && ${this.fuel()}; ${counter}--) {`,
      );
    } else {
      this.line(
        `for (${type.name} ${counter} = 0; ${counter} < ${bound} && ${this.fuel()}; ++${counter}) {`,
      );
    }
    this.counters.push({
      text: counter,
      type,
      low: 0n,
      high: BigInt(down ? bound : bound - 1),
    });
    this.loopBody(depth);
    this.counters.pop();
    this.line('}');
  }

  private whileLoop(depth: number): void {
    const { choices } = this;
    const counter = `w${this.names++}`;
    this.line(`int32_t ${counter} = ${choices.between(1, 5)};`);
    this.line(`while (${counter}-- > 0 && ${this.fuel()} && ${this.expressions.condition(1)}) {`);
    this.loopBody(depth);
    this.line('}');
  }

  private doLoop(depth: number): void {
    const { choices } = this;
    const counter = `d${this.names++}`;
    this.line(`int32_t ${counter} = ${choices.between(0, 4)};`);
    this.line('do {');
    this.loopBody(depth);
    this.line(`} while (--${counter} > 0 && ${this.fuel()} && ${this.expressions.condition(1)});`);
  }

  private loopBody(depth: number): void {
    this.loops++;
    this.nested(() => this.statements(this.choices.between(1, 3), depth - 1));
    this.loops--;
  }

  /** Falls through now and then; `default` may stand anywhere. */
  private switchStatement(depth: number): void {
    const { choices } = this;
    const cases = choices.between(1, 5);
    const wide = choices.chance(15);
    const mask = wide ? '' : ' & 7';
    this.line(`switch (${this.expressions.integer(2).text}${mask}) {`);
    const defaultAt = choices.below(cases + 2);
    for (let index = 0; index < cases; index++) {
      if (index === defaultAt) this.line('default:');
      this.line(`case ${wide && index === 0 ? '-1' : index}:`);
      if (choices.chance(20)) continue;
      this.line('{');
      this.nested(() => this.statements(choices.between(1, 2), depth - 1));
      this.line('}');
      if (choices.chance(70)) this.line('    break;');
    }
    if (defaultAt >= cases) this.line('default:');
    this.line('    ;');
    this.line('}');
  }

  /** A jump over statements, out of a block now and then. */
  private forwardJump(depth: number): void {
    const label = `l${this.labels++}`;
    this.line('{');
    this.indent++;
    this.line(`if (${this.expressions.condition(1)}) goto ${label};`);
    this.indent--;
    this.nested(() => {
      this.line('{');
      this.nested(() => this.statements(this.choices.between(1, 2), depth - 1));
      if (this.choices.chance(40))
        this.line(`    if (${this.expressions.condition(1)}) goto ${label};`);
      this.line('}');
    });
    this.line(`${label}: ;`);
    this.line('}');
  }

  private block(depth: number): void {
    this.line('{');
    this.nested(() => this.statements(this.choices.between(1, 3), depth - 1));
    this.line('}');
  }

  private recordCopy(): void {
    const target = this.recordPlace(true);
    if (target === undefined || target.shape.kind !== 'record') return;
    const { record } = target.shape;
    const source = this.recordPlace(false, record);
    const value =
      source === undefined || this.choices.chance(30)
        ? `(${record.name})${this.initializer(target.shape)}`
        : source.text;
    if (value !== target.text) this.line(`${target.text} = ${value};`);
  }

  private retarget(): void {
    const pointers = this.places.filter(({ shape }) => shape.kind === 'pointer');
    if (pointers.length === 0) return;
    const { text, shape } = this.choices.of(pointers);
    if (shape.kind !== 'pointer') return;
    const target = this.addressOf(shape.target);
    if (target !== undefined) this.line(`${text} = ${target};`);
  }

  private procedureCall(): void {
    const { choices } = this;
    const { procedures } = this.scope;
    if (procedures.length === 0 || this.pure) return;
    const callee = choices.of(procedures);
    const list: string[] = [];
    callee.parameters.forEach((parameter, index) => {
      if (callee.recursive && index === 0) list.push(choices.between(0, 4).toString());
      else list.push(this.argument(parameter) ?? '');
    });
    if (list.includes('')) return;
    const call = `${callee.name}(${list.join(', ')})`;
    if (callee.result === undefined) {
      this.line(`${call};`);
      return;
    }
    if (callee.result.kind === 'record') {
      const { record } = callee.result;
      const local = this.places.filter(
        ({ text, shape }) =>
          shape.kind === 'record' && shape.record === record && /^v\d+$/.test(text),
      );
      if (local.length > 0) this.line(`${choices.of(local).text} = ${call};`);
      else this.line(`(void)${call};`);
      return;
    }
    // Only into variables whose place the call cannot move.
    const locals = this.places.filter(
      ({ text, shape }) => shape.kind === 'scalar' && /^v\d+$/.test(text),
    );
    choices.weighted<void>(
      [
        3,
        () => this.line(locals.length > 0 ? `${choices.of(locals).text} = ${call};` : `${call};`),
      ],
      [1, () => this.line(`if (${call}) ${this.scope.prefix}trace(${choices.below(100)});`)],
      [1, () => this.line(tracing(this.scope.prefix, callee.result, call))],
      [
        1,
        () =>
          this.line(
            `if (${this.expressions.condition(1)} ${choices.of(['&&', '||'])} ${call}) ${this.scope.prefix}trace(7);`,
          ),
      ],
    );
  }

  private loopExit(): void {
    if (this.loops === 0) return;
    this.line(`if (${this.expressions.condition(1)}) ${this.choices.of(['break', 'continue'])};`);
  }

  private trace(): void {
    if (this.pure) return;
    const value = this.expressions.any(2);
    const call = value.type.kind === 'float' ? 'hash_float' : 'trace';
    this.line(
      `${this.scope.prefix}${call}(${value.type.kind === 'float' ? '' : '(uint64_t)'}${value.text});`,
    );
  }

  /** Library routines that programs of both machines have. */
  private memory(): void {
    const arrays = this.places.filter(({ shape }) => shape.kind === 'array');
    if (arrays.length === 0) return;
    const { text, shape } = this.choices.of(arrays);
    if (shape.kind !== 'array' || shape.element.kind !== 'scalar') return;
    if (shape.element.type.kind === 'float') return;
    if (this.choices.chance(50)) {
      this.line(`memset(${text}, ${this.choices.below(256)}, sizeof(${text}));`);
    } else {
      const count = this.choices.below(shape.length);
      this.line(
        `memmove(&${text}[${shape.length - count}], ${text}, ${count} * sizeof(${text}[0]));`,
      );
    }
  }

  // ---- Parts -----------------------------------------------------------------------------------------

  /** Text of a whole initialiser for a shape. */
  initializer(shape: Shape): string {
    const { choices } = this;
    switch (shape.kind) {
      case 'scalar':
        return this.expressions.of(shape.type, choices.between(0, 2));
      case 'pointer':
        // One was found when the shape was chosen.
        return this.addressOf(shape.target, 1000) ?? fail();
      case 'array': {
        if (choices.chance(20)) return '{ 0 }';
        if (choices.chance(20)) {
          return `{ [${choices.below(shape.length)}] = ${this.initializer(shape.element)} }`;
        }
        const count = choices.between(1, shape.length);
        const items = Array.from({ length: count }, () => this.initializer(shape.element));
        return `{ ${items.join(', ')} }`;
      }
      case 'record': {
        const { fields, union } = shape.record;
        if (choices.chance(15)) return '{ 0 }';
        if (choices.chance(35) || union) {
          const field = choices.of(fields);
          return `{ .${field.name} = ${this.initializer(field.shape)} }`;
        }
        const count = choices.between(1, fields.length);
        return `{ ${fields
          .slice(0, count)
          .map((field) => this.initializer(field.shape))
          .join(', ')} }`;
      }
    }
  }

  /** As `initializer`, of constants alone. */
  constantInitializer(shape: Shape): string {
    const { choices } = this;
    switch (shape.kind) {
      case 'scalar':
        return shape.type.kind === 'float'
          ? choices.of(['0.5', '-2.25', '1e6', '7'])
          : this.expressions.literal().text;
      case 'array':
        return `{ ${Array.from({ length: choices.between(1, shape.length) }, () => this.constantInitializer(shape.element)).join(', ')} }`;
      case 'record': {
        const [first] = shape.record.fields;
        if (first === undefined || shape.record.union) {
          return first === undefined ? '{ 0 }' : `{ ${this.constantInitializer(first.shape)} }`;
        }
        return `{ ${shape.record.fields.map((field) => this.constantInitializer(field.shape)).join(', ')} }`;
      }
      case 'pointer':
        return fail();
    }
  }

  private argument(parameter: Parameter): string | undefined {
    switch (parameter.kind) {
      case 'scalar':
        return this.expressions.of(parameter.type, 2);
      case 'record':
        return (
          this.recordPlace(false, parameter.record)?.text ??
          `(${parameter.record.name})${this.initializer({ kind: 'record', record: parameter.record })}`
        );
      case 'recordPointer': {
        const place = this.recordPlace(true, parameter.record);
        if (place !== undefined) return `&${place.text}`;
        return `&(${parameter.record.name})${this.initializer({ kind: 'record', record: parameter.record })}`;
      }
      case 'scalarPointer':
        return this.addressOf(parameter.type);
    }
  }

  /** A scalar that may be written. */
  private target(): { readonly text: string; readonly type: ScalarKind } | undefined {
    return this.randomScalar((length) => this.expressions.index(length, 1), true);
  }

  private randomScalar(
    index: (length: number) => string,
    writable: boolean,
  ): { readonly text: string; readonly type: ScalarKind } | undefined {
    const all = writable ? this.places : [...this.places, ...this.readOnly];
    if (all.length === 0) return undefined;
    // Recent ones more often: they are the locals.
    const place = writable && this.choices.chance(40) ? all[all.length - 1] : this.choices.of(all);
    if (place === undefined) return undefined;
    if (writable && this.pure && place.shape.kind === 'pointer') return undefined;
    return scalarIn(this.choices, place, index);
  }

  private recordPlace(writable: boolean, record?: RecordShape): Place | undefined {
    const all = (writable ? this.places : [...this.places, ...this.readOnly]).flatMap((place) => {
      const { text, shape } = place;
      if (shape.kind === 'array' && shape.element.kind === 'record') {
        return [{ text: `${text}[${this.choices.below(shape.length)}]`, shape: shape.element }];
      }
      return shape.kind === 'record' ? [place] : [];
    });
    const fitting = all.filter(
      ({ shape }) => shape.kind === 'record' && (record === undefined || shape.record === record),
    );
    return fitting.length === 0 ? undefined : this.choices.of(fitting);
  }

  private recordShape(): Shape {
    const { records } = this.scope;
    return records.length === 0
      ? scalar(scalarKind(this.choices))
      : { kind: 'record', record: this.choices.of(records) };
  }

  private pointerShape(): Shape {
    const target = scalarKind(this.choices);
    return this.pure || this.addressOf(target) === undefined
      ? scalar(target)
      : { kind: 'pointer', target };
  }

  /** A pointer to a global of the type: it outlives whoever keeps it. */
  private addressOf(type: ScalarKind, attempts = 16): string | undefined {
    const { globals } = this.scope;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const place = this.choices.of(globals);
      if (place.shape.kind === 'pointer') {
        if (place.shape.target === type) return place.text;
        continue;
      }
      if (place.shape.kind === 'record' && place.shape.record.union) continue;
      const found = scalarIn(this.choices, place, (length) =>
        this.choices.below(length).toString(),
      );
      if (found.type === type) return `&${found.text}`;
    }
    return undefined;
  }

  /** Loops of functions that change things share a supply, so that a program ends soon. */
  private fuel(): string {
    return this.pure ? '1' : `${this.scope.prefix}fuel-- > 0`;
  }

  private nested(make: () => void): void {
    this.indent++;
    make();
    this.indent--;
  }
}

function fail(): never {
  throw new RangeError('nothing of that kind was declared');
}

/** A statement that puts the scalar result of a call into the hash. */
export function tracing(prefix: string, result: Shape | undefined, call: string): string {
  return result?.kind === 'scalar' && result.type.kind === 'float'
    ? `${prefix}hash_float(${call});`
    : `${prefix}trace((uint64_t)${call});`;
}
