// Which violations end a run is a setting.
import { expect, test } from 'vitest';
import { dms, folderWith } from './support/command.ts';

const folder = (): string =>
  folderWith({
    'mistakes.dms': 'scenario "mistakes" { process p "mistakes.c"; }\n',
    'mistakes.c': `#include <stdio.h>
int main(void)
{
    int big = 0x7fffffff, count = 33;
    printf("%d\\n", big + 1);
    printf("%d\\n", 1 << count);
    puts("end");
    return 0;
}
`,
  });

/** Rules and output lines of a run. */
async function run(
  ...words: string[]
): Promise<{ rules: string[]; output: string[]; text: string }> {
  const { out, code } = await dms(['run', 'mistakes.dms', '--format', 'json', ...words], folder());
  expect(code).toBe(1);
  const [result] = (
    JSON.parse(out) as {
      results: { violations: { rule: string }[]; output: { text: string }[] }[];
    }
  ).results;
  return {
    rules: (result?.violations ?? []).map(({ rule }) => rule),
    output: (result?.output ?? []).map(({ text }) => text),
    text: out,
  };
}

test('without the setting a run goes on', async () => {
  const { rules, output } = await run();
  expect(rules).toEqual(['signed_overflow', 'shift_count']);
  expect(output).toEqual(['-2147483648', '2', 'end']);
});

test('a rule ends the run where it is broken, others do not', async () => {
  const { rules, output, text } = await run('--stop-on', 'shift_count');
  expect(rules).toEqual(['signed_overflow', 'shift_count']);
  expect(output).toEqual(['-2147483648']);
  expect(text).toContain('the run did not come to its end');
});

test('a star stands for every rule', async () => {
  expect((await run('--stop-on', '*')).rules).toEqual(['signed_overflow']);
});
