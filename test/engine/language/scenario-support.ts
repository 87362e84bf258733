import { readFileSync } from 'node:fs';
import { compileScenarioFile } from '../../../engine/language/compile.ts';
import type { Diagnostic } from '../../../engine/language/diagnostics.ts';
import type { ScenarioDeclaration, ScenarioProgram } from '../../../engine/language/scenario.ts';
import type { SourceReader } from '../../../engine/language/source.ts';
import { pipelineSources } from '../../../engine/pipeline/sources.ts';

const fixtures = new URL('./fixtures/', import.meta.url);

export const fixtureText = (name: string): string => readFileSync(new URL(name, fixtures), 'utf8');

/** A reader over texts by path. */
export function readerOf(files: Readonly<Record<string, string>>): SourceReader {
  return { read: (path) => (Object.hasOwn(files, path) ? files[path] : undefined) };
}

/** The smallest driver, so that a test of declarations does not pay for the WDK's headers. */
export const driverText = 'long DriverEntry(void *driver, void *path) { return 0; }';

export interface CompiledText extends ScenarioProgram {
  /** Findings as `code: message @ text they point at`. */
  readonly findings: readonly string[];
}

/** Compiles a scenario text; `a.c` and `b.c` exist beside it unless others are given. */
export function compiled(
  text: string,
  files: Readonly<Record<string, string>> = { 'a.c': driverText, 'b.c': 'int helper;' },
): CompiledText {
  const program = compileScenarioFile({
    path: 'test.dms',
    reader: readerOf({ ...files, 'test.dms': text }),
    builtins: pipelineSources,
  });
  return Object.assign(Object.create(program) as CompiledText, {
    findings: program.diagnostics.map(shown),
  });
}

export function shown({ code, message, range }: Diagnostic): string {
  return `${code}: ${message} @ ${range.file.text.slice(range.start, range.end)}`;
}

/** The only scenario of a text without findings. */
export function scenarioOf(
  text: string,
  files?: Readonly<Record<string, string>>,
): ScenarioDeclaration {
  const program = compiled(text, files);
  if (program.findings.length > 0) throw new Error(program.findings.join('\n'));
  const [scenario] = program.scenarios;
  if (scenario === undefined) throw new Error('no scenario');
  return scenario;
}

/** Without places and checked C, for comparison. */
export function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner) =>
      key === 'range' || key === 'units' || key === 'block'
        ? undefined
        : typeof inner === 'bigint'
          ? `${inner}n`
          : inner,
    ),
  );
}
