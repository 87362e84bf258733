// Writes the list of routines that run into docs/emulated-behaviour.md: what a built-in header declares and the
// engine has, natively or in C. `--check` only says whether the list is current.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const document = 'docs/emulated-behaviour.md';
const begin = '<!-- routines: begin -->';
const end = '<!-- routines: end -->';

/** Loads the engine and answers `[header, routine]` for every routine that runs. */
const collector = `
import { compileScenarioFile } from './engine/index.ts';
import { buildMachine } from './engine/session/build.ts';

const kernel = ['ntddk.h', 'ntifs.h', 'wdmsec.h', 'ntstrsafe.h', 'wchar.h', 'ctype.h'];
const user = ['winsock2.h', 'windows.h', 'stdio.h', 'stdlib.h', 'string.h'];
const include = (names) => names.map((name) => '#include <' + name + '>').join('\\n');
const text = \`scenario "x" {
driver D {
\${include(kernel)}
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath) { return STATUS_SUCCESS; }
}
process p {
\${include(user)}
int main(void) { return 0; }
} }\`;
const program = compileScenarioFile('x.dms', { read: (path) => (path === 'x.dms' ? text : undefined) });
const [scenario] = program.scenarios;
const { vm, kernels } = buildMachine(scenario, scenario.hostsFor({}), {}, { program });
const functions = vm.images(0).flatMap(({ declaration }) => declaration.units.flatMap((unit) => unit.functions));
const bodies = new Set(
  functions.filter(({ body, internal }) => body && !internal).map(({ name }) => name),
);
const natives = new Set(Object.keys(kernels[0].natives));
const found = new Map();
for (const { name, range, inline, body } of functions) {
  if (/^_(?:_|dms|Dms)/.test(name) || name === '_errno') continue;
  const runs = natives.has(name) || bodies.has(name) || (inline && body);
  if (runs && range.file.path.startsWith('dms:/include/')) found.set(name, range.file.path.slice(13));
}
// A routine whose C is in the engine is known by its definition: its header is where it is declared.
for (const unit of new Set(vm.images(0).flatMap(({ declaration }) => declaration.units))) {
  for (const { symbol, range, use } of unit.references) {
    if (symbol.kind !== 'function' || use !== 'declaration' || !bodies.has(symbol.name)) continue;
    if (range.file.path.startsWith('dms:/include/')) found.set(symbol.name, range.file.path.slice(13));
  }
}
export const routines = [...found].map(([name, header]) => [header, name]);
`;

/** The list as Markdown, by header. */
export async function routineList(): Promise<string> {
  const built = await esbuild.build({
    stdin: { contents: collector, resolveDir: '.', loader: 'ts' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    loader: { '.h': 'text', '.c': 'text', '.md': 'text' },
    logLevel: 'silent',
  });
  const module = { exports: {} as { routines: readonly (readonly [string, string])[] } };
  const code = built.outputFiles[0]?.text ?? '';
  new Function('module', 'exports', 'require', code)(
    module,
    module.exports,
    createRequire(import.meta.url),
  );
  const byHeader = new Map<string, string[]>();
  for (const [header, name] of module.exports.routines) {
    byHeader.set(header, [...(byHeader.get(header) ?? []), name]);
  }
  return [...byHeader]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([header, names]) => `**${header}**: ${names.sort().join(', ')}`)
    .join('\n\n');
}

/** The document with a list between its marks. */
export function withList(text: string, list: string): string {
  const start = text.indexOf(begin);
  const stop = text.indexOf(end);
  if (start < 0 || stop < start) throw new Error(`${document} lacks its marks for the list.`);
  return `${text.slice(0, start + begin.length)}\n\n${list}\n\n${text.slice(stop)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(document, 'utf8');
  const current = withList(text, await routineList());
  if (!process.argv.includes('--check')) {
    writeFileSync(document, current);
  } else if (current !== text) {
    console.error(`${document} is not current: run node scripts/emulated-routines.mts`);
    process.exitCode = 1;
  }
}
