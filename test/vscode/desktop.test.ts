// The runner for desktop VS Code, with a stand-in for VS Code: what it is called with, and how its
// results are counted. `npm run test:desktop` takes the real one.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'dms-desktop-test-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the desktop suite against a VS Code that prints these lines and ends with this code. */
function runDesktop(lines: readonly string[], code: number) {
  const path = join(folder, 'code');
  const record = join(folder, 'arguments.txt');
  const printed = lines.map((line) => `echo '${line}'`).join('\n');
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" > '${record}'\n${printed}\nexit ${code}\n`);
  chmodSync(path, 0o755);
  const results = join(folder, 'desktop.json');
  const { status } = spawnSync(
    process.execPath,
    ['test/vscode/host/desktop.mts', '--output', results],
    { env: { ...process.env, VSCODE_PATH: path } },
  );
  return {
    status,
    called: readFileSync(record, 'utf8'),
    count: JSON.parse(readFileSync(results, 'utf8')) as unknown,
  };
}

test.skipIf(process.platform === 'win32')('counts what VS Code reports', () => {
  const run = runDesktop(
    [
      'noise',
      '[main] [test] {"name":"one","milliseconds":1}',
      '[test] {"name":"two","milliseconds":1,"error":"why"}',
    ],
    1,
  );
  expect(run.count).toEqual({ passed: 1, failed: 1 });
  expect(run.status).toBe(1);
  expect(run.called).toContain(`--extensionDevelopmentPath=${process.cwd()}\n`);
  expect(run.called).toContain(
    `--extensionTestsPath=${join(process.cwd(), 'dist/test/suite.js')}\n`,
  );
});
