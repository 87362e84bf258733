/** The symbols of a scenario or C file as an editor lists them. */
import type { Unit } from './program.ts';
import type { ScenarioProgram } from './scenario.ts';
import type {
  DeviceNode,
  DriverNode,
  HostNode,
  Name,
  ProcessNode,
  ScenarioMember,
} from './scenario-parser/tree.ts';
import type { SourceFile, SourceRange } from './source.ts';

export type OutlineKind =
  | 'scenario'
  | 'machine'
  | 'nic'
  | 'device'
  | 'host'
  | 'driver'
  | 'process'
  | 'function'
  | 'variable'
  | 'type';

export interface OutlineSymbol {
  readonly name: string;
  readonly kind: OutlineKind;
  /** The whole declaration. */
  readonly range: SourceRange;
  /** Its name; inside `range`. */
  readonly selectionRange: SourceRange;
  readonly children: readonly OutlineSymbol[];
}

/** The outline of a program's own file, in text order. */
export function outline(program: ScenarioProgram): OutlineSymbol[] {
  const { file, tree } = program;
  const units = unitsOf(program);
  if (tree === undefined) return codeOutline(units, file, undefined);
  const symbols: OutlineSymbol[] = [];
  for (const node of [...tree.machines, ...tree.nics]) {
    symbols.push(symbol(node.name.text, node.kind, node.range, node.name.range, []));
  }
  for (const device of tree.devices) symbols.push(programOutline(device, units, file));
  for (const scenario of tree.scenarios) {
    const children = scenario.members.flatMap((member) => memberOutline(member, units, file));
    symbols.push(
      symbol(scenario.name.text, 'scenario', scenario.range, scenario.name.range, children),
    );
  }
  return inOrder(symbols);
}

/** The outline of a C file that units of the program read. */
export function fileOutline(program: ScenarioProgram, file: SourceFile): OutlineSymbol[] {
  return file === program.file ? outline(program) : codeOutline(unitsOf(program), file, undefined);
}

function unitsOf(program: ScenarioProgram): readonly Unit[] {
  const programs = program.scenarios
    .flatMap((scenario) => scenario.hosts)
    .flatMap((host) => [
      ...host.drivers,
      ...host.processes,
      ...host.nics.flatMap(({ program }) => program ?? []),
    ]);
  return [...new Set(programs.flatMap(({ units }) => units))];
}

function memberOutline(
  member: ScenarioMember,
  units: readonly Unit[],
  file: SourceFile,
): OutlineSymbol[] {
  switch (member.kind) {
    case 'host':
      return [hostOutline(member, units, file)];
    case 'driver':
    case 'process':
    case 'device':
      return [programOutline(member, units, file)];
    default:
      return [];
  }
}

function hostOutline(host: HostNode, units: readonly Unit[], file: SourceFile): OutlineSymbol {
  const children = host.members.flatMap((member) => memberOutline(member, units, file));
  return symbol(host.name.text, 'host', host.range, host.name.range, children);
}

function programOutline(
  node: DriverNode | ProcessNode | DeviceNode,
  units: readonly Unit[],
  file: SourceFile,
): OutlineSymbol {
  const shown: Name = node.name ?? node.sources[0] ?? { text: node.kind, range: node.keyword };
  const children = node.block === undefined ? [] : codeOutline(units, file, node.block);
  return symbol(shown.text, node.kind, node.range, shown.range, children);
}

/** Functions, file-scope variables and named types that stand in a file, or in one block of it. */
function codeOutline(
  units: readonly Unit[],
  file: SourceFile,
  block: SourceRange | undefined,
): OutlineSymbol[] {
  const found = new Map<number, OutlineSymbol>();
  const add = (name: string, kind: OutlineKind, range: SourceRange, whole = range): void => {
    if (range.file !== file || found.has(range.start)) return;
    if (block !== undefined && (range.start < block.start || range.end > block.end)) return;
    found.set(range.start, symbol(name, kind, whole, range, []));
  };
  for (const unit of units) {
    for (const { name, range, body } of unit.functions) {
      if (body !== undefined) add(name, 'function', range, body.range);
    }
    for (const { name, range, owner, defined } of unit.variables) {
      if (owner === undefined && defined && name !== '') add(name, 'variable', range);
    }
    for (const { name, range } of unit.typedefs.values()) add(name, 'type', range);
    for (const [tag, type] of unit.tags) {
      const range =
        type.kind === 'record' || type.kind === 'enum' ? type.definition.range : undefined;
      if (range !== undefined) add(tag, 'type', range);
    }
  }
  return inOrder([...found.values()]);
}

function inOrder(symbols: OutlineSymbol[]): OutlineSymbol[] {
  return symbols.sort((left, right) => left.range.start - right.range.start);
}

/** A symbol whose range is made to hold its name: editors refuse any other. */
function symbol(
  name: string,
  kind: OutlineKind,
  range: SourceRange,
  selectionRange: SourceRange,
  children: readonly OutlineSymbol[],
): OutlineSymbol {
  const whole =
    range.file === selectionRange.file
      ? {
          file: range.file,
          start: Math.min(range.start, selectionRange.start),
          end: Math.max(range.end, selectionRange.end),
        }
      : selectionRange;
  return { name: name === '' ? kind : name, kind, range: whole, selectionRange, children };
}
