/**
 * Random C programs of the supported subset: fixed-width types, no undefined and no unspecified behaviour, no
 * bit-fields (their layout differs between Windows and Linux). A program answers a hash of all that it computed.
 */
import { Choices } from './choices.ts';
import type { PureFunction } from './expressions.ts';
import {
  declare,
  defineRecord,
  hashOf,
  makeRecord,
  makeUnion,
  type Place,
  type RecordShape,
  type Shape,
  scalar,
  scalarIn,
  scalarKind,
} from './shapes.ts';
import { Body, type Parameter, type Procedure, type ProgramScope, tracing } from './statements.ts';
import { int32, type ScalarKind, uint32 } from './types.ts';

export interface GeneratedProgram {
  readonly seed: number;
  /** Answers the hash as `uint64_t`. */
  readonly entry: string;
  readonly text: string;
}

/** What every file of generated programs begins with. */
export const preamble =
  '#include <stdint.h>\n#include <string.h>\n#include <stdio.h>\n#include <stdarg.h>\n';

/** A file that runs programs and prints `SEED HASH` for each. */
export function fileOf(programs: readonly GeneratedProgram[]): string {
  const calls = programs.map(({ seed, entry }) => `    report(${seed}, ${entry}());\n`).join('');
  return `${preamble}
static void report(int seed, uint64_t hash)
{
    printf("%d %08x%08x\\n", seed, (unsigned)(hash >> 32), (unsigned)hash);
}

${programs.map(({ text }) => text).join('\n')}
int main(void)
{
${calls}    return 0;
}
`;
}

/** The same seed gives the same program. */
export function generateProgram(seed: number): GeneratedProgram {
  return new ProgramBuilder(seed).build();
}

class ProgramBuilder {
  private readonly choices: Choices;
  private readonly prefix: string;
  private readonly records: RecordShape[] = [];
  private readonly globals: Place[] = [];
  private readonly pure: PureFunction[] = [];
  private readonly procedures: Procedure[] = [];
  private readonly enumerators: string[] = [];
  private readonly scope: ProgramScope;
  private text = '';

  constructor(private readonly seed: number) {
    this.choices = new Choices(seed);
    this.prefix = `p${seed}_`;
    const { prefix, records, globals, pure, procedures, enumerators } = this;
    this.scope = { prefix, records, globals, pure, procedures, enumerators };
  }

  build(): GeneratedProgram {
    const { choices, prefix } = this;
    this.support();
    this.declareEnumeration();
    for (let index = choices.below(4); index > 0; index--) this.declareRecord();
    for (let index = choices.between(4, 9); index > 0; index--) this.declareGlobal();
    for (let index = choices.below(3); index > 0; index--) this.declarePointer();
    for (let index = choices.between(0, 3); index > 0; index--) this.definePure();
    this.defineTable();
    for (let index = choices.between(1, 4); index > 0; index--) this.defineProcedure();
    if (choices.chance(50)) this.defineVariadic();
    const entry = `${prefix}main`;
    this.defineEntry(entry);
    return { seed: this.seed, entry, text: this.text };
  }

  private support(): void {
    const { prefix } = this;
    this.text += `/* ---- ${this.seed} ---- */
static uint64_t ${prefix}state;
static int32_t ${prefix}fuel;
static void ${prefix}hash(uint64_t value)
{
    ${prefix}state = (${prefix}state ^ value) * 1099511628211u;
    ${prefix}state ^= ${prefix}state >> 29;
}
static void ${prefix}trace(uint64_t value)
{
    ${prefix}hash(value + 3);
}
static void ${prefix}hash_float(double value)
{
    uint64_t bits = 0;

    if (value == value) memcpy(&bits, &value, sizeof(bits));
    ${prefix}hash(bits);
}
`;
  }

  private declareEnumeration(): void {
    if (!this.choices.chance(40)) return;
    const items: string[] = [];
    for (let index = 0; index < 4; index++) {
      const name = `${this.prefix}e${index}`;
      const value = this.choices.chance(40) ? ` = ${this.choices.between(-900, 900)}` : '';
      items.push(`${name}${value}`);
      this.enumerators.push(name);
    }
    this.text += `enum { ${items.join(', ')} };\n`;
  }

  private declareRecord(): void {
    const name = `${this.prefix}r${this.records.length}`;
    const record = this.choices.chance(20)
      ? makeUnion(this.choices, name)
      : makeRecord(this.choices, name, this.records);
    this.records.push(record);
    this.text += defineRecord(record);
  }

  private declareGlobal(): void {
    const { choices } = this;
    const name = `${this.prefix}g${this.globals.length}`;
    const record = (): Shape =>
      this.records.length === 0
        ? scalar(scalarKind(choices))
        : { kind: 'record', record: choices.of(this.records) };
    const shape = choices.weighted<Shape>(
      [6, () => scalar(scalarKind(choices))],
      [
        3,
        () => ({
          kind: 'array',
          element: scalar(scalarKind(choices)),
          length: choices.between(2, 8),
        }),
      ],
      [
        1,
        () => ({
          kind: 'array',
          element: {
            kind: 'array',
            element: scalar(scalarKind(choices)),
            length: choices.between(2, 4),
          },
          length: choices.between(2, 4),
        }),
      ],
      [3, record],
      [1, () => ({ kind: 'array', element: record(), length: choices.between(1, 4) })],
    );
    const start = choices.chance(70)
      ? ` = ${new Body(choices, this.scope, [], true, 0).constantInitializer(shape)}`
      : '';
    this.text += `static ${declare(shape, name)}${start};\n`;
    this.globals.push({ text: name, shape });
  }

  /** A pointer into another global. */
  private declarePointer(): void {
    const { choices } = this;
    const place = choices.of(this.globals.filter(({ shape }) => shape.kind !== 'pointer'));
    if (place.shape.kind === 'record' && place.shape.record.union) return;
    const target = scalarIn(choices, place, (length) => choices.below(length).toString());
    const name = `${this.prefix}g${this.globals.length}`;
    const shape: Shape = { kind: 'pointer', target: target.type };
    this.text += `static ${declare(shape, name)} = &${target.text};\n`;
    this.globals.push({ text: name, shape });
  }

  private definePure(): void {
    const { choices } = this;
    const name = `${this.prefix}f${this.pure.length}`;
    const result = scalarKind(choices);
    const parameters = Array.from({ length: choices.between(0, 3) }, () => scalarKind(choices));
    const body = new Body(choices, this.scope, named(parameters), true, 4);
    body.statements(choices.between(0, 3), 1);
    body.line(`return ${body.expressions.of(result, 3)};`);
    const list = parameters.map((type, index) => `${type.name} a${index}`).join(', ');
    this.text += `static ${result.name} ${name}(${list === '' ? 'void' : list})\n{\n${body.finish()}}\n`;
    this.pure.push({ name, result, parameters });
  }

  /** Functions of one type, called through a table. */
  private defineTable(): void {
    const { choices, prefix } = this;
    if (!choices.chance(50)) return;
    const result = scalarKind(choices);
    const parameter = scalarKind(choices);
    const names: string[] = [];
    for (let index = 0; index < 3; index++) {
      const name = `${prefix}t${index}`;
      const body = new Body(choices, this.scope, named([parameter]), true, 3);
      body.line(`return ${body.expressions.of(result, 2)};`);
      this.text += `static ${result.name} ${name}(${parameter.name} a0)\n{\n${body.finish()}}\n`;
      names.push(choices.chance(50) ? name : `&${name}`);
    }
    this.text += `static ${result.name} (*const ${prefix}table[])(${parameter.name}) = { ${names.join(', ')} };\n`;
    const call = choices.chance(50) ? `(*${prefix}table[a0 % 3u])` : `${prefix}table[a0 % 3u]`;
    const name = `${prefix}f${this.pure.length}`;
    this.text += `static ${result.name} ${name}(uint32_t a0, ${parameter.name} a1)\n{\n    return ${call}(a1);\n}\n`;
    this.pure.push({ name, result, parameters: [uint32, parameter] });
  }

  private defineProcedure(): void {
    const { choices } = this;
    const name = `${this.prefix}q${this.procedures.length}`;
    const recursive = choices.chance(25);
    const parameters: Parameter[] = recursive ? [{ kind: 'scalar', type: int32 }] : [];
    for (let index = choices.below(4); index > 0; index--) parameters.push(this.parameter());
    const result = choices.weighted<Shape | undefined>(
      [4, () => scalar(scalarKind(choices))],
      [2, () => undefined],
      [
        2,
        () =>
          this.records.length === 0
            ? undefined
            : { kind: 'record', record: choices.of(this.records) },
      ],
    );
    const places = parameters.map(placeOf);
    // The first parameter of a recursive one only counts down.
    const body = new Body(choices, this.scope, recursive ? places.slice(1) : places, false, 9);
    body.statements(choices.between(2, 5), 3);
    if (recursive) {
      const rest = parameters.slice(1).map((_, index) => `a${index + 1}`);
      const call = `${name}(${['a0 - 1', ...rest].join(', ')})`;
      body.line(
        result?.kind === 'scalar'
          ? `if (a0 > 0) ${tracing(this.prefix, result, call)}`
          : `if (a0 > 0) (void)${call};`,
      );
    }
    if (result !== undefined) {
      body.line(
        result.kind === 'scalar'
          ? `return ${body.expressions.of(result.type, 3)};`
          : `return (${declare(result, '').trim()})${body.initializer(result)};`,
      );
    }
    const list = parameters.map(declarationOf).join(', ');
    const head = result === undefined ? `void ${name}` : declare(result, name);
    this.text += `static ${head}(${list === '' ? 'void' : list})\n{\n${body.finish()}}\n`;
    this.procedures.push({ name, parameters, result, recursive });
  }

  private parameter(): Parameter {
    const { choices } = this;
    const { records } = this;
    return choices.weighted<Parameter>(
      [4, () => ({ kind: 'scalar', type: scalarKind(choices) })],
      [2 * Math.sign(records.length), () => ({ kind: 'record', record: choices.of(records) })],
      [
        2 * Math.sign(records.length),
        () => ({ kind: 'recordPointer', record: choices.of(records) }),
      ],
      [
        1,
        () => {
          const scalars = this.globals.flatMap(({ shape }) =>
            shape.kind === 'scalar' ? [shape.type] : [],
          );
          return scalars.length === 0
            ? { kind: 'scalar', type: int32 }
            : { kind: 'scalarPointer', type: choices.of(scalars) };
        },
      ],
    );
  }

  /** Sums whatever it is given by a description. */
  private defineVariadic(): void {
    const { prefix } = this;
    this.text += `static uint64_t ${prefix}sum(const char *kinds, ...)
{
    va_list list;
    uint64_t sum = 0;

    va_start(list, kinds);
    for (; *kinds != 0; kinds++) {
        switch (*kinds) {
        case 'i': sum = sum * 31 + (uint64_t)va_arg(list, int32_t); break;
        case 'u': sum = sum * 31 + va_arg(list, uint32_t); break;
        case 'q': sum = sum * 31 + (uint64_t)va_arg(list, int64_t); break;
        case 'd': ${prefix}hash_float(va_arg(list, double)); break;
        default: return sum;
        }
    }
    va_end(list);
    return sum;
}
`;
    const kinds: string[] = [];
    const list: string[] = [];
    const body = new Body(this.choices, this.scope, [], true, 0);
    for (let index = this.choices.between(0, 6); index > 0; index--) {
      const kind = this.choices.of(['i', 'u', 'q', 'd']);
      kinds.push(kind);
      const cast = { i: 'int32_t', u: 'uint32_t', q: 'int64_t', d: 'double' }[kind] ?? 'int32_t';
      list.push(`(${cast})${body.expressions.integer(2).text}`);
    }
    const call = `${prefix}sum(${[`"${kinds.join('')}"`, ...list].join(', ')})`;
    this.text += `static void ${prefix}q${this.procedures.length}(void)\n{\n    ${prefix}trace(${call});\n}\n`;
    this.procedures.push({
      name: `${prefix}q${this.procedures.length}`,
      parameters: [],
      result: undefined,
      recursive: false,
    });
  }

  private defineEntry(entry: string): void {
    const { choices, prefix } = this;
    const body = new Body(choices, this.scope, [], false, 16);
    body.line(`${prefix}fuel = 1500;`);
    body.statements(choices.between(4, 9), 3);
    const hashes = this.globals.map((place) => hashOf(prefix, place)).join('');
    this.text += `static uint64_t ${entry}(void)\n{\n${body.finish()}${hashes}    return ${prefix}state;\n}\n`;
  }
}

const named = (types: readonly ScalarKind[]): readonly Place[] =>
  types.map((type, index) => ({ text: `a${index}`, shape: scalar(type) }));

/** What a function's body sees of its parameter. */
function placeOf(parameter: Parameter, index: number): Place {
  const text = `a${index}`;
  switch (parameter.kind) {
    case 'scalar':
      return { text, shape: scalar(parameter.type) };
    case 'record':
      return { text, shape: { kind: 'record', record: parameter.record } };
    case 'recordPointer':
      return { text: `(*${text})`, shape: { kind: 'record', record: parameter.record } };
    case 'scalarPointer':
      return { text, shape: { kind: 'pointer', target: parameter.type } };
  }
}

function declarationOf(parameter: Parameter, index: number): string {
  switch (parameter.kind) {
    case 'scalar':
      return `${parameter.type.name} a${index}`;
    case 'record':
      return `${parameter.record.name} a${index}`;
    case 'recordPointer':
      return `${parameter.record.name} *a${index}`;
    case 'scalarPointer':
      return `${parameter.type.name} *a${index}`;
  }
}
