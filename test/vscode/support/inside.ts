import { appendFileSync, mkdirSync } from 'node:fs';
import { type HostTestResult, resultMarker } from '../suite/runner.ts';
import { type ExtensionHost, openPage } from './open-page.ts';

const allowedMilliseconds = 120_000;

/** Runs the suite inside VS Code and answers what it reported, test by test. */
export async function runInside(
  extensionHost: ExtensionHost,
  workspace: string,
): Promise<readonly HostTestResult[]> {
  const results: HostTestResult[] = [];
  let finish: (code: number) => void;
  const finished = new Promise<number>((done) => {
    finish = done;
  });
  mkdirSync('test-results', { recursive: true });
  const { close } = await openPage({
    extensionHost,
    workspace,
    tests: 'dist/test/suite.js',
    prepare: async (page) => {
      // The workbench is noisy: its log is for whoever looks for a lost test.
      await page.exposeFunction('codeAutomationLog', (level: string, words: string[]) => {
        const line = words.join(' ');
        appendFileSync(`test-results/inside-${extensionHost}.log`, `${level}: ${line}\n`);
        if (line.startsWith(resultMarker)) {
          results.push(JSON.parse(line.slice(resultMarker.length)) as HostTestResult);
        }
      });
      await page.exposeFunction('codeAutomationExit', (code: number) => finish(code));
    },
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((done) => {
    timer = setTimeout(() => done('late'), allowedMilliseconds);
  });
  const code = await Promise.race([finished, late]);
  clearTimeout(timer);
  await close();
  const failed = results.some(({ error }) => error !== undefined);
  if (code === 'late' || results.length === 0 || (code !== 0 && !failed)) {
    throw new Error(
      `The suite inside VS Code (${extensionHost}) ended with '${code}' after ${results.length} tests; ` +
        `see test-results/inside-${extensionHost}.log.`,
    );
  }
  return results;
}
