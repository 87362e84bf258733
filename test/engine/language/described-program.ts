/** Everything that a checked program says, as text: two programs that say the same have the same text. */
import { fileOutline, type ScenarioProgram } from '../../../engine/index.ts';
import type { Unit } from '../../../engine/language/program.ts';
import type { SourceRange } from '../../../engine/language/source.ts';

const isRange = (value: object): value is SourceRange => 'file' in value && 'start' in value;

/** Objects whose identity means something: each is written once and named from then on. */
const isNamed = (value: object): boolean =>
  ('kind' in value && 'range' in value && 'name' in value && 'type' in value) ||
  ('alignment' in value && 'members' in value) ||
  'enumerators' in value;

class Description {
  private readonly known = new Map<object, string>();

  of(value: unknown): string {
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
    if (isRange(value)) return `${value.file.path}@${value.start}-${value.end}`;
    if (value instanceof Uint8Array) return `<${value.join()}>`;
    if (value instanceof Map) return this.of([...value]);
    if (Array.isArray(value)) return `[${value.map((item) => this.of(item)).join(', ')}]`;
    if ('path' in value && 'origin' in value) return String(value.path);
    const name = isNamed(value) ? this.known.get(value) : undefined;
    if (name !== undefined) return name;
    if ('range' in value && typeof value.range === 'object' && value.range !== null) {
      const { range } = value;
      // What stands in the built-in headers is the same for all.
      if (isRange(range) && range.file.origin === 'builtin' && 'name' in value) {
        return `${range.file.path}:${String(value.name)}`;
      }
    }
    if ('range' in value && 'members' in value && 'tag' in value) {
      const range = value.range as SourceRange | undefined;
      if (range?.file.origin === 'builtin') return `${range.file.path}:${range.start}`;
    }
    if (isNamed(value)) this.known.set(value, `#${this.known.size}`);
    const parts = Object.entries(value)
      .filter(([, part]) => part !== undefined && typeof part !== 'function')
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, part]) => `${key}: ${this.of(part)}`);
    return `${this.known.get(value) ?? ''}{${parts.join(', ')}}`;
  }
}

function unitLines(unit: Unit): readonly string[] {
  const description = new Description();
  const isOwn = ({ range }: { readonly range: SourceRange | undefined }): boolean =>
    range?.file.origin === 'user';
  return [
    `unit ${unit.file.path} of ${unit.files.map(({ path }) => path).join()}`,
    ...unit.functions.filter(isOwn).map((symbol) => description.of(symbol)),
    ...unit.variables.filter(isOwn).map((symbol) => description.of(symbol)),
    ...[...unit.typedefs.values()].filter(isOwn).map((symbol) => description.of(symbol)),
    ...[...unit.enumerators.values()].filter(isOwn).map((symbol) => description.of(symbol)),
    ...[...unit.tags].map((tag) => description.of(tag)),
    ...[...unit.macros.values()].filter(isOwn).map((macro) => description.of(macro)),
    ...unit.references.filter(isOwn).map((reference) => description.of(reference)),
  ];
}

/** Diagnostics, outlines and all units. */
export function described(program: ScenarioProgram): readonly string[] {
  const description = new Description();
  const units = new Set<Unit>();
  for (const { hosts } of program.scenarios) {
    for (const { drivers, processes } of hosts) {
      for (const { units: own } of [...drivers, ...processes])
        for (const unit of own) units.add(unit);
    }
  }
  return [
    ...program.diagnostics.map((diagnostic) => description.of(diagnostic)),
    ...[...new Set([program.file, ...[...units].flatMap(({ files }) => files)])]
      .filter(({ origin }) => origin === 'user')
      .map((file) => description.of(fileOutline(program, file))),
    ...[...units].filter(({ file }) => file.origin === 'user').flatMap(unitLines),
  ];
}
