/**
 * What stands in for a header that the trace preprocessor (WPP) makes at build time: its macros print their message by
 * DbgPrint. Levels and flags are passed over, since nobody sets a filter.
 * @see https://learn.microsoft.com/windows-hardware/drivers/devtest/wpp-software-tracing
 */
import type { Mode } from './header-modes.ts';

/** A trace routine: where its message is among the parameters, and what is added in front and behind. */
interface TraceRoutine {
  readonly name: string;
  readonly parameters: readonly string[];
  prefix: string;
  suffix: string;
}

const usual: readonly string[] = [
  'DoTraceMessage(FLAGS, MSG, ...)',
  'DoTraceLevelMessage(LEVEL, FLAGS, MSG, ...)',
  'TraceEvents(LEVEL, FLAGS, MSG, ...)',
];

/** Macros around the trace session; they use their arguments and do nothing. */
const idle = ['WPP_INIT_TRACING', 'WPP_CLEANUP', 'WPP_SYSTEMCONTROL', 'WPP_SYSTEMCONTROL2'];
const enabled = ['WPP_LEVEL_ENABLED', 'WPP_FLAG_ENABLED', 'WPP_LEVEL_FLAGS_ENABLED'];

/**
 * The text of such a header.
 * @param texts of the unit's files so far, whose comments say in `begin_wpp config` which routines trace.
 */
export function traceHeader(texts: readonly string[], mode: Mode): string {
  const lines = [
    ...idle.map((name) => definition(name, '(...)', '((void)(0, __VA_ARGS__))')),
    ...enabled.map((name) => definition(name, '(...)', '1')),
    ...[...configured(texts), ...usual.map(routineOf)].flatMap((routine) =>
      routine === undefined ? [] : tracing(routine, mode),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const definition = (name: string, parameters: string, body: string): string =>
  `#ifndef ${name}\n#define ${name}${parameters} ${body}\n#endif`;

function tracing({ name, parameters, prefix, suffix }: TraceRoutine, mode: Mode): string {
  const list = `(${parameters.join(', ')})`;
  if (mode === 'user') return definition(name, '(...)', '((void)0)');
  const isOpen = parameters.includes('...');
  const message = [prefix, parameters.includes('MSG') ? 'MSG' : '', suffix, LINE_END]
    .filter((part) => part !== '')
    .join(' ');
  return definition(name, list, `DbgPrint(${message}${isOpen ? ', __VA_ARGS__' : ''})`);
}

/** `FUNC TraceEvents(LEVEL, FLAGS, MSG, ...);` and `USESUFFIX (TraceEntry, "Enter %!FUNC!");` in comments. */
function configured(texts: readonly string[]): readonly TraceRoutine[] {
  const routines = new Map<string, TraceRoutine>();
  for (const text of texts) {
    for (const [, config = ''] of text.matchAll(/begin_wpp\s+config([\s\S]*?)end_wpp/g)) {
      for (const [, declaration = ''] of config.matchAll(/\bFUNC\s+(\w+[^;\n]*)/g)) {
        const routine = routineOf(declaration);
        if (routine !== undefined) routines.set(routine.name, routine);
      }
      const additions = config.matchAll(/\bUSE(PREFIX|SUFFIX)\s*\(\s*(\w+)\s*,\s*("[^"\n]*")/g);
      for (const [, where, name = '', literal = ''] of additions) {
        const routine = routines.get(name);
        if (routine === undefined) continue;
        // Prefixes name the standard one, which is the trace's own header.
        if (where === 'PREFIX') routine.prefix = literal.replace('%!STDPREFIX!', '');
        else routine.suffix = literal;
      }
    }
  }
  return [...routines.values()];
}

/** Constants in braces, as in `Trace{FLAG=ALL}(LEVEL, MSG, ...)`, are no parameters. */
function routineOf(declaration: string): TraceRoutine | undefined {
  const match = /^(\w+)\s*(?:\{[^}]*\})?\s*\(([^)]*)\)/.exec(declaration);
  if (match === null) return undefined;
  const [, name = '', list = ''] = match;
  const parameters = list.split(',').map((parameter) => parameter.trim());
  const isList = parameters.every((parameter) => /^(\w+|\.\.\.)$/.test(parameter));
  return isList ? { name, parameters, prefix: '', suffix: '' } : undefined;
}

/** The literal behind each message, which trace messages do without. */
export const LINE_END = '"\\n"';

/** Conversions of trace messages that are none of DbgPrint's, by what prints the same argument. */
const conversions: Readonly<Record<string, string>> = {
  bool: '%d',
  BOOLEAN: '%d',
  irql: '%d',
  sys: '%s',
  GUID: '%p',
  CLSID: '%p',
  IID: '%p',
  PNPMN: '%d',
  WINERROR: '%u',
};

/**
 * The literals that a trace message is for the compiler: `"%!FUNC! gave %!STATUS!"` becomes `""`, `__FUNCTION__` and
 * `" gave %08X"`. Undefined when it has no conversion of its own kind.
 */
export function traceMessage(literal: string): readonly string[] | undefined {
  if (!literal.includes('%!')) return undefined;
  const parts: string[] = [''];
  let end = 1;
  for (const match of literal.matchAll(/%!(\w+)!/g)) {
    const [whole, name = ''] = match;
    parts[parts.length - 1] += literal.slice(end, match.index);
    end = match.index + whole.length;
    if (name === 'FUNC') parts.push('__FUNCTION__', '');
    else if (!['FILE', 'LINE', 'LEVEL', 'FLAGS', 'COMPNAME', 'STDPREFIX'].includes(name)) {
      parts[parts.length - 1] += conversions[name] ?? '%08X';
    }
  }
  parts[parts.length - 1] += literal.slice(end, -1);
  return parts.map((part) => (part === '__FUNCTION__' ? part : `"${part}"`));
}
