import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dms, repository } from './support/command.ts';

test.each([['--help'], ['help']])('%s shows every command', async (word) => {
  const { code, out, err } = await dms([word]);
  for (const command of ['run', 'lint', 'debug-adapter', 'language-server']) {
    expect(out).toContain(`dms ${command}`);
  }
  expect(err).toBe('');
  expect(code).toBe(0);
});

test.each([['run'], ['lint'], ['debug-adapter']])('%s --help shows it too', async (command) => {
  const { code, out } = await dms([command, '--help']);
  expect(out).toContain(`dms ${command}`);
  expect(code).toBe(0);
});

test('--version is the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(`${repository}/package.json`, 'utf8')) as {
    version: string;
  };
  expect(await dms(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

test('without a command the usage goes to standard error', async () => {
  const { code, out, err } = await dms([]);
  expect(out).toBe('');
  expect(err).toContain('dms run PATH');
  expect(code).toBe(2);
});

test.each<[readonly string[], RegExp]>([
  [['frobnicate'], /there is no command "frobnicate"/],
  [['language-server'], /language-server takes --stdio/],
  [['debug-adapter', '--port', 'x'], /--port takes a whole number/],
])('dms %s is refused in one sentence', async (words, message) => {
  const { code, err } = await dms(words);
  expect(err).toMatch(message);
  expect(err).toMatch(/^dms: .*\nTry "dms --help"\.\n$/);
  expect(code).toBe(2);
});
