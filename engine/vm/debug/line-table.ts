/** Places of statements in source files: where breakpoints bind and the program can stop. */
import { positionAt } from '../../language/source.ts';
import { codeFlags, type Module, type Routine } from '../module.ts';
import type { VirtualMachine } from '../virtual-machine.ts';

export interface StatementPlace {
  readonly module: Module;
  readonly routine: Routine;
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

export class LineTable {
  private readonly byFile = new Map<string, StatementPlace[]>();

  constructor(machine: VirtualMachine) {
    for (const host of machine.hosts) {
      for (const module of machine.modulesOf(host)) {
        for (const routine of module.routines) this.addRoutine(module, routine);
      }
    }
  }

  /** All statements of a file, in the order of modules and code. */
  statements(file: string): readonly StatementPlace[] {
    return this.byFile.get(file) ?? [];
  }

  /**
   * Where a breakpoint on a line stops: in each function around the line, at its first statement at or
   * behind it; between functions, at the next statement of the file.
   */
  bind(file: string, line: number, column = 1): readonly StatementPlace[] {
    const all = this.statements(file);
    const around = new Map<Routine, StatementPlace>();
    for (const place of all) {
      const body = place.routine.symbol?.body?.range;
      if (body === undefined || body.file.path !== file) continue;
      const first = positionAt(body.file, body.start).line;
      const last = positionAt(body.file, body.end).line;
      if (line < first || line > last || !isAtOrBehind(place, line, column)) continue;
      const known = around.get(place.routine);
      if (known === undefined || isBefore(place, known)) around.set(place.routine, place);
    }
    if (around.size > 0) return [...around.values()];
    let next: StatementPlace | undefined;
    for (const place of all) {
      if (isAtOrBehind(place, line, column) && (next === undefined || isBefore(place, next))) {
        next = place;
      }
    }
    if (next === undefined) return [];
    const { line: bound, column: at } = next;
    // The same text may be built into several modules.
    const seen = new Set<Routine>();
    return all.filter((place) => {
      if (place.line !== bound || place.column !== at || seen.has(place.routine)) return false;
      seen.add(place.routine);
      return true;
    });
  }

  private addRoutine(module: Module, routine: Routine): void {
    for (let index = routine.first; index < routine.first + routine.count; index++) {
      if (((module.flags[index] ?? 0) & codeFlags.statement) === 0) continue;
      const range = module.instructions[index]?.range;
      if (range === undefined) continue;
      const { line, column } = positionAt(range.file, range.start);
      const list = this.byFile.get(range.file.path);
      const place = { module, routine, index, line, column };
      if (list === undefined) this.byFile.set(range.file.path, [place]);
      else list.push(place);
    }
  }
}

const isAtOrBehind = (place: StatementPlace, line: number, column: number): boolean =>
  place.line > line || (place.line === line && place.column >= column);

const isBefore = (place: StatementPlace, other: StatementPlace): boolean =>
  place.line < other.line || (place.line === other.line && place.column < other.column);
