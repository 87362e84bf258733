/** Names with `*` and `?`, without regard to case, as breakpoints, conditions and questions take them. */

/** A pattern as a regular expression over whole names. */
export function namePattern(text: string): RegExp {
  const escaped = text.trim().replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i');
}

/** Whether a name fits a pattern. */
export const matchesName = (pattern: string, name: string): boolean =>
  namePattern(pattern).test(name);

/** `name` or `module!name`, with wildcards in both parts. */
export function routinePattern(
  text: string,
): (routine: { readonly name: string; readonly module: { readonly name: string } }) => boolean {
  const mark = text.indexOf('!');
  const module = mark < 0 ? undefined : namePattern(text.slice(0, mark));
  const name = namePattern(text.slice(mark + 1));
  return (routine) => (module?.test(routine.module.name) ?? true) && name.test(routine.name);
}
