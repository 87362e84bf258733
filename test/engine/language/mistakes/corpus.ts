/** The corpus of mistakes: C texts under their names, and what gcc says about them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Snippet {
  /** `types.c: integer where a pointer is needed` */
  readonly name: string;
  readonly text: string;
}

const files = [
  'types.c',
  'conversions.c',
  'sound-conversions.c',
  'qualifiers.c',
  'declarations.c',
  'statements.c',
  'syntax.c',
];

/** `//// name` begins a text, which ends at the next one. */
export const snippets: readonly Snippet[] = files.flatMap((file) => {
  const [, ...parts] = readFileSync(join(import.meta.dirname, file), 'utf8').split(/^\/{4} /m);
  return parts.map((part) => {
    const end = part.indexOf('\n');
    return { name: `${file}: ${part.slice(0, end)}`, text: part.slice(end + 1) };
  });
});

/** One finding: its line, whether the text is refused, and the option that asks for a warning. */
export interface Finding {
  readonly line: number;
  readonly severity: 'error' | 'warning';
  readonly option: string;
}

/** The compiler whose types are those of 64-bit Windows. */
export const compiler = 'x86_64-w64-mingw32-gcc';

export const isInstalled = (): boolean => spawnSync(compiler, ['--version']).status === 0;

const options = ['-fsyntax-only', '-Wall', '-Wextra', '-Wconversion', '-Wstrict-prototypes'];

/** What the compiler finds in each text. */
export function findingsOfCompiler(): Record<string, readonly Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dms-mistakes-'));
  const paths = snippets.map(({ text }, index) => {
    const path = join(folder, `${index}.c`);
    writeFileSync(path, text);
    return path;
  });
  const { stderr } = spawnSync(compiler, [...options, ...paths], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 2 ** 26,
  });
  rmSync(folder, { recursive: true });
  const found: Record<string, Finding[]> = {};
  for (const { name } of snippets) found[name] = [];
  const pattern =
    /(\d+)\.c:(\d+):(?:\d+:)? (?:fatal )?(error|warning): .*?(?:\[-W(?:error=)?([^\]]*)\])?$/gm;
  for (const [, file = '', line, severity, option = ''] of stderr.matchAll(pattern)) {
    const list = found[snippets[Number(file)]?.name ?? ''];
    const finding: Finding = {
      line: Number(line),
      severity: severity as Finding['severity'],
      option,
    };
    const isKnown = list?.some((one) => JSON.stringify(one) === JSON.stringify(finding));
    if (isKnown === false) list?.push(finding);
  }
  return found;
}
