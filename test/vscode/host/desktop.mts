// Runs the suite of test/vscode/suite inside desktop VS Code: the one that VSCODE_PATH names, else one
// that is downloaded on first use. `--output FILE` names the results file.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { type HostTestResult, resultMarker } from '../suite/runner.ts';

const { values: options } = parseArgs({
  options: { output: { type: 'string', default: 'test-results/desktop.json' } },
});
const executable = process.env['VSCODE_PATH'] ?? (await downloadAndUnzipVSCode());
const state = mkdtempSync(join(tmpdir(), 'dms-desktop-'));
const workspace = join(state, 'samples');
cpSync('samples', workspace, { recursive: true });

const results: HostTestResult[] = [];
const code = await runDesktop();
rmSync(state, { recursive: true, force: true });

for (const { name, error } of results) {
  console.log(error === undefined ? `  ok  ${name}` : `  not ok  ${name}\n${error}`);
}
const failed = results.filter(({ error }) => error !== undefined).length;
mkdirSync(dirname(options.output), { recursive: true });
writeFileSync(options.output, JSON.stringify({ passed: results.length - failed, failed }));
process.exit(code);

function runDesktop(): Promise<number> {
  const vscode = spawn(
    executable,
    [
      workspace,
      `--extensionDevelopmentPath=${resolve('.')}`,
      `--extensionTestsPath=${resolve('dist/test/suite.js')}`,
      `--user-data-dir=${join(state, 'user')}`,
      `--extensions-dir=${join(state, 'extensions')}`,
      '--disable-extensions',
      '--disable-gpu',
      '--disable-updates',
      '--disable-workspace-trust',
      '--no-sandbox',
      '--skip-release-notes',
      '--skip-welcome',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let rest = '';
  vscode.stdout.on('data', (text: Buffer) => {
    const lines = (rest + text.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const at = line.indexOf(resultMarker);
      if (at >= 0) {
        results.push(JSON.parse(line.slice(at + resultMarker.length)) as HostTestResult);
      }
    }
  });
  return new Promise((done, fail) => {
    vscode.once('error', fail);
    vscode.once('close', (exitCode) => done(exitCode ?? 1));
  });
}
