/** Which macros there are at each place of a unit's own file, so that part of the file can be preprocessed by itself. */
import type { Macro } from './macros.ts';

/** A definition taken in or taken back. */
export interface MacroChange {
  /** Offset of the directive in the unit's own file; for one in a header, of the `#include`. */
  at: number;
  readonly name: string;
  /** What the name stood for before. */
  readonly before: Macro | undefined;
}

/** What the preprocessor did on its way through a unit's own file. */
export interface MacroHistory {
  /** In text order, behind the headers that were checked before. */
  readonly changes: readonly MacroChange[];
  /** Offsets of the lines that were obeyed. */
  readonly directives: readonly number[];
  /** Offsets of uses whose replacement depends on their line, such as `__LINE__`. */
  readonly lineUses: readonly number[];
  /** Where calls with braces among their arguments begin and end. */
  readonly bracedCalls: readonly (readonly [start: number, end: number])[];
  /** Offsets of findings. */
  readonly findings: readonly number[];
  /** Tokens of replacements; there is a limit for a unit. */
  readonly produced: number;
  /** No `#line`, no `__COUNTER__`, no trace header: nothing but definitions reaches from one line to another. */
  readonly isPlain: boolean;
}

/** The macros in force at an offset. */
export function macrosAt(
  offset: number,
  last: ReadonlyMap<string, Macro>,
  { changes }: MacroHistory,
): ReadonlyMap<string, Macro> {
  const macros = new Map(last);
  for (let index = changes.length - 1; index >= 0; index--) {
    const change = changes[index];
    if (change === undefined || change.at < offset) break;
    if (change.before === undefined) macros.delete(change.name);
    else macros.set(change.name, change.before);
  }
  return macros;
}
