/** Macros that no text defines, and how they are told from those of headers and of the unit itself. */
import { isBuiltinHeader } from './builtin-headers.ts';
import type { Mode } from './header-modes.ts';
import { compileBody, type DynamicMacro, Macro } from './macros.ts';
import { predefinitions } from './predefined.ts';
import type { Definition } from './scenario.ts';
import type { SourceFile } from './source.ts';
import { tokenize } from './tokenizer.ts';

/** A macro that no text defines: the compiler's own, or a build's option. */
export function givenMacro({ name, value }: Definition, dynamic?: DynamicMacro): Macro {
  const text: SourceFile = { path: 'dms:/predefined', text: value, origin: 'builtin' };
  const body = compileBody(tokenize(text).tokens, undefined, false, () => undefined);
  return new Macro(name, undefined, false, value, undefined, dynamic, {
    body,
    documentation: undefined,
  });
}

const macrosOf = (mode: Mode): ReadonlyMap<string, Macro> =>
  new Map(
    [
      givenMacro({ name: '__FILE__', value: '' }, 'file'),
      givenMacro({ name: '__LINE__', value: '' }, 'line'),
      givenMacro({ name: '__COUNTER__', value: '' }, 'counter'),
      ...predefinitions(mode).map((definition) => givenMacro(definition)),
    ].map((macro) => [macro.name, macro]),
  );

/** The compiler's own macros, one object each: the same for every unit. */
export const predefinedMacros: Readonly<Record<Mode, ReadonlyMap<string, Macro>>> = {
  kernel: macrosOf('kernel'),
  user: macrosOf('user'),
};

/** Whether a macro belongs to one unit: its text or its build's options define it, not the headers. */
export function isOwnMacro(macro: Macro): boolean {
  const { name, range } = macro;
  if (range !== undefined) return !isBuiltinHeader(range.file);
  return [predefinedMacros.kernel, predefinedMacros.user].every((own) => own.get(name) !== macro);
}
