import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtinMachines } from '../../../engine/language/scenario-resolver/builtin-machines.ts';
import {
  faultPoints,
  type SyntaxContext,
  scenarioSyntax,
  verifierOptions,
  windowsVersions,
} from '../../../engine/language/scenario-syntax.ts';

const path = new URL('../../../docs/language.md', import.meta.url);

const code = (text: string): string => `\`${text}\``;
const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function size(bytes: number): string {
  const unit = ['', 'K', 'M', 'G', 'T'].findLast((_, power) => bytes % 1024 ** power === 0) ?? '';
  return `${bytes / 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(unit)}${unit}`;
}

function options(context: SyntaxContext): string[] {
  const entries = scenarioSyntax.filter(
    ({ contexts, argument }) => contexts.includes(context) && argument !== undefined,
  );
  return entries.map(({ word, usage, default: usual = '', documentation }) =>
    row(
      code(word),
      usage
        .split(/(?<=;) /)
        .map(code)
        .join(', '),
      usual === '' ? '' : usual.includes(',') ? usual : code(usual),
      documentation,
    ),
  );
}

const statements = (context: SyntaxContext): string[] =>
  scenarioSyntax
    .filter(({ contexts }) => contexts.includes(context))
    .map(({ usage, documentation }) =>
      row(
        usage
          .split(/(?<=;) /)
          .map(code)
          .join(', '),
        documentation,
      ),
    );

/** What stands between the marks of the reference. */
const generated: Readonly<Record<string, readonly string[]>> = {
  machines: builtinMachines.map(({ machine, documentation }) =>
    row(
      code(machine.name),
      `up to ${size(machine.memory.at(-1)?.end ?? 0)}`,
      String(machine.mapRegisters),
      String(machine.nodes),
      String(machine.processors),
      machine.windows,
      documentation,
    ),
  ),
  machine: options('machine'),
  nic: options('nic'),
  device: options('device'),
  driver: options('driver'),
  verifier: verifierOptions.map(({ word, bit, standard, documentation }) =>
    row(
      code(word),
      bit === 0 ? '' : `0x${bit.toString(16).toUpperCase()}`,
      standard ? 'yes' : '',
      documentation,
    ),
  ),
  expect: statements('expect'),
  vary: statements('vary'),
};

const lists: Readonly<Record<string, string>> = {
  windows: windowsVersions.map(({ name, word }) => `\`"${name}"\` (\`${word}\`)`).join(', '),
  faults: faultPoints.map(({ word }) => code(word)).join(', '),
};

function rendered(text: string): string {
  return text
    .replace(
      /(<!-- table: (\w+) -->\n.*\n.*\n)[\s\S]*?(<!-- end -->)/g,
      (_, head: string, name: string, end: string) =>
        `${head}${(generated[name] ?? []).join('\n')}\n${end}`,
    )
    .replace(
      /<!-- list: (\w+) -->[^<]*?(?=\.\n)/g,
      (_, name: string) => `<!-- list: ${name} -->${lists[name] ?? ''}`,
    );
}

/** Tables without the padding that the formatter gives them. */
const unpadded = (text: string): string =>
  text.replace(/^\|.*\|$/gm, (line) => line.replace(/ *\| */g, '|').replace(/-{3,}/g, '---'));

describe('the language reference', () => {
  const text = readFileSync(path, 'utf8');

  it('shows the words that the parser knows', () => {
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, rendered(text));
    expect(unpadded(readFileSync(path, 'utf8'))).toBe(unpadded(rendered(text)));
    for (const name of Object.keys(generated)) expect(text).toContain(`<!-- table: ${name} -->`);
  });
});
