// Random programs compute in the engine what gcc's do. `npm run compare:c -- --count 20000 --seed 5` for more.
import { describe, expect, test } from 'vitest';
import { runProcess } from './engine-run.ts';
import { hasGcc, outputOfGcc } from './gcc.ts';
import { fileOf, generateProgram } from './generator/program.ts';

const count = Number(process.env['C_PROGRAMS'] ?? 1000);
const first = Number(process.env['C_SEED'] ?? 1);
const perFile = 100;

/** Programs that are compiled together. */
const files = Array.from({ length: Math.ceil(count / perFile) }, (_, file) =>
  Array.from(
    { length: Math.min(perFile, count - file * perFile) },
    (_, index) => first + file * perFile + index,
  ),
);

/** gcc works on one file while the engine runs another. */
async function differences(): Promise<readonly string[]> {
  const found: string[] = [];
  const compiled = files.map((seeds) => ({ seeds, source: fileOf(seeds.map(generateProgram)) }));
  let ahead = compiled[0] && outputOfGcc(compiled[0].source);
  for (const [index, { seeds, source }] of compiled.entries()) {
    const expected = ahead;
    const following = compiled[index + 1];
    ahead = following && outputOfGcc(following.source);
    // The compiler starts before the engine takes this thread for itself.
    await new Promise((resolve) => setTimeout(resolve, 5));
    // Half of the programs are interpreted, half run as generated code.
    const generatedCode = index % 2 === 0 ? 'always' : 'never';
    const { output, violations, bugChecks, failures } = runProcess(source, {}, { generatedCode });
    const wanted = (await expected) ?? [];
    found.push(...violations, ...bugChecks, ...failures);
    seeds.forEach((seed, at) => {
      if (output[at] !== wanted[at]) {
        found.push(`program ${seed}: '${output[at]}', with gcc '${wanted[at]}'`);
      }
    });
  }
  return found;
}

describe('random programs', () => {
  test('the same seed gives the same program, another one another', () => {
    expect(generateProgram(7)).toEqual(generateProgram(7));
    expect(generateProgram(7).text).not.toBe(generateProgram(8).text.replaceAll('p8_', 'p7_'));
  });

  test.skipIf(!hasGcc)(
    `${count} programs from seed ${first} on agree with gcc`,
    async () => {
      expect(await differences()).toEqual([]);
    },
    Math.max(120_000, count * 200),
  );
});
