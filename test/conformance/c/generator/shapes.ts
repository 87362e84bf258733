/** Objects of generated programs: scalars, arrays, structures, unions, pointers. */
import type { Choices } from './choices.ts';
import { double, float, integerKinds, type ScalarKind, uint32, uint64 } from './types.ts';

export type Shape =
  | { readonly kind: 'scalar'; readonly type: ScalarKind }
  | { readonly kind: 'array'; readonly element: Shape; readonly length: number }
  | { readonly kind: 'record'; readonly record: RecordShape }
  /** Points at a living scalar whenever it is looked at. */
  | { readonly kind: 'pointer'; readonly target: ScalarKind };

export interface Field {
  /** Empty for a member without a name. */
  readonly name: string;
  readonly shape: Shape;
}

export interface RecordShape {
  readonly name: string;
  readonly union: boolean;
  readonly fields: readonly Field[];
}

/** Something that can be named. */
export interface Place {
  readonly text: string;
  readonly shape: Shape;
}

export const scalar = (type: ScalarKind): Shape => ({ kind: 'scalar', type });

export function scalarKind(choices: Choices): ScalarKind {
  return choices.chance(14) ? choices.of([double, double, float]) : choices.of(integerKinds);
}

/** A declarator: `int8_t a[3][2]`. */
export function declare(shape: Shape, name: string): string {
  switch (shape.kind) {
    case 'scalar':
      return `${shape.type.name} ${name}`;
    case 'array':
      return declare(shape.element, `${name}[${shape.length}]`);
    case 'record':
      return `${shape.record.name} ${name}`;
    case 'pointer':
      return `${shape.target.name} *${name}`;
  }
}

/** A structure of what was declared so far. */
export function makeRecord(
  choices: Choices,
  name: string,
  known: readonly RecordShape[],
): RecordShape {
  const fields: Field[] = [];
  const count = choices.between(1, 6);
  for (let index = 0; index < count; index++) {
    const field = `f${index}`;
    const nested = known.filter((one) => !one.union || choices.chance(50));
    fields.push({
      name: field,
      shape: choices.weighted<Shape>(
        [6, () => scalar(scalarKind(choices))],
        [
          2,
          () => ({
            kind: 'array',
            element: scalar(scalarKind(choices)),
            length: choices.between(1, 5),
          }),
        ],
        [
          2,
          () =>
            nested.length === 0
              ? scalar(scalarKind(choices))
              : { kind: 'record', record: choices.of(nested) },
        ],
      ),
    });
  }
  return { name, union: false, fields };
}

/** One value in several readings; all of its members have the same size, so that none has stale bytes. */
export function makeUnion(choices: Choices, name: string): RecordShape {
  const [byte, , half, , , word] = integerKinds;
  if (byte === undefined || half === undefined || word === undefined) throw new RangeError();
  const views: readonly Shape[] = [
    scalar(uint64),
    { kind: 'array', element: scalar(uint32), length: 2 },
    { kind: 'array', element: scalar(half), length: 4 },
    { kind: 'array', element: scalar(byte), length: 8 },
    scalar(double),
  ];
  const fields = views
    .filter(() => choices.chance(70))
    .filter((shape) => shape.kind !== 'scalar' || shape.type.kind === 'integer')
    .map((shape, index) => ({ name: `v${index}`, shape }));
  return {
    name,
    union: true,
    fields: fields.length === 0 ? [{ name: 'v', shape: scalar(uint64) }] : fields,
  };
}

/** Text of a record's definition. */
export function defineRecord({ name, union, fields }: RecordShape): string {
  const members = fields
    .map(({ name: field, shape }) => `    ${declare(shape, field)};\n`)
    .join('');
  return `typedef ${union ? 'union' : 'struct'} {\n${members}} ${name};\n`;
}

/** A random scalar inside an object; `index` makes the text of an index. */
export function scalarIn(
  choices: Choices,
  place: Place,
  index: (length: number) => string,
): { readonly text: string; readonly type: ScalarKind } {
  let { text, shape } = place;
  for (;;) {
    switch (shape.kind) {
      case 'scalar':
        return { text, type: shape.type };
      case 'pointer':
        return { text: `(*${text})`, type: shape.target };
      case 'array':
        text = choices.chance(15)
          ? `(*(${text} + ${index(shape.length)}))`
          : `${text}[${index(shape.length)}]`;
        shape = shape.element;
        break;
      case 'record': {
        const field = choices.of(shape.record.fields);
        // p->f instead of (*p).f
        const pointed = /^\(\*(\w+)\)$/.exec(text);
        text = pointed === null ? `${text}.${field.name}` : `${pointed[1]}->${field.name}`;
        shape = field.shape;
      }
    }
  }
}

/** Text that hashes all of an object. */
export function hashOf(prefix: string, place: Place, depth = 0): string {
  const pad = '    '.repeat(depth + 1);
  const { text, shape } = place;
  switch (shape.kind) {
    case 'scalar':
      return shape.type.kind === 'float'
        ? `${pad}${prefix}hash_float(${text});\n`
        : `${pad}${prefix}hash((uint64_t)${text});\n`;
    case 'pointer':
      return hashOf(prefix, { text: `(*${text})`, shape: scalar(shape.target) }, depth);
    case 'array': {
      const counter = `h${depth}`;
      const body = hashOf(prefix, { text: `${text}[${counter}]`, shape: shape.element }, depth + 1);
      return `${pad}for (int ${counter} = 0; ${counter} < ${shape.length}; ${counter}++) {\n${body}${pad}}\n`;
    }
    case 'record': {
      const fields = shape.record.union ? shape.record.fields.slice(0, 1) : shape.record.fields;
      return fields
        .map(({ name, shape: inner }) =>
          hashOf(prefix, { text: `${text}.${name}`, shape: inner }, depth),
        )
        .join('');
    }
  }
}
