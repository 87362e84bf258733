/** Names that a text declares and never uses. */
import type { FunctionSymbol, Reference, Variable } from '../program.ts';
import type { SourceRange } from '../source.ts';
import type { Context } from './context.ts';

/**
 * Reports locals and static functions and variables without a use. As the Microsoft compiler has
 * it, a local that nothing is done with is a warning (C4101), one that is only set is information (C4189), a function that
 * nobody calls a hint (C4505). Parameters are left alone: the form of a callback asks for more than its body needs. So is
 * text with errors: its uses are not all known.
 */
export function checkUnused(context: Context): void {
  const used = new Set<Reference['symbol']>();
  const set = new Set<Reference['symbol']>();
  for (const { symbol, use } of context.references) {
    if (use === 'read' || use === 'update' || use === 'call' || use === 'address') used.add(symbol);
    else if (use === 'write') set.add(symbol);
  }
  const statics = new Map<FunctionSymbol, Variable[]>();
  for (const variable of context.variables) {
    const { owner } = variable;
    if (owner === undefined) continue;
    const others = statics.get(owner);
    if (others === undefined) statics.set(owner, [variable]);
    else others.push(variable);
  }
  let isWhole = true;
  for (const symbol of context.functions) {
    if (symbol.body === undefined || symbol.range.file.origin !== 'user') continue;
    if (context.faulty.has(symbol)) isWhole = false;
    else checkBody(context, symbol, statics.get(symbol) ?? [], used, set);
  }
  // The call of a static function may stand where the mistake is.
  if (!isWhole || context.hasFileScopeErrors) return;
  for (const symbol of context.functions) {
    if (!symbol.internal || symbol.inline || symbol.body === undefined || used.has(symbol))
      continue;
    hint(
      context,
      'unused-function',
      symbol.range,
      `the static function '${symbol.name}' is never called`,
    );
  }
  for (const variable of context.variables) {
    const isStatic = !variable.external && variable.owner === undefined && variable.name !== '';
    if (!isStatic || used.has(variable) || variable.type.const === true) continue;
    report(context, variable, set.has(variable) || variable.initializer !== undefined);
  }
}

function checkBody(
  context: Context,
  symbol: FunctionSymbol,
  statics: readonly Variable[],
  used: ReadonlySet<Reference['symbol']>,
  set: ReadonlySet<Reference['symbol']>,
): void {
  const { body } = symbol;
  if (body === undefined) return;
  for (const local of [...body.locals, ...statics]) {
    if (local.name === '' || used.has(local)) continue;
    report(context, local, set.has(local) || context.initialised.has(local));
  }
}

/** @param isSet whether it gets a value, so that somebody may have meant to use it. */
function report(context: Context, variable: Variable, isSet: boolean): void {
  if (variable.range.file.origin !== 'user') return;
  context.report(
    isSet ? 'information' : 'warning',
    'unused-variable',
    { range: variable.range },
    `'${variable.name}' is ${isSet ? 'set, but never read' : 'never used'}`,
  );
}

function hint(context: Context, code: string, range: SourceRange, message: string): void {
  if (range.file.origin === 'user') context.report('hint', code, { range }, message);
}
