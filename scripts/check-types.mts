// Checks the types of every project that tsconfig.json refers to, two at a time.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface Solution {
  readonly references: readonly { readonly path: string }[];
}

const solution = JSON.parse(readFileSync('tsconfig.json', 'utf8')) as Solution;
const queue = solution.references.map((reference) => reference.path);
let failed = false;

async function work(): Promise<void> {
  for (let project = queue.shift(); project; project = queue.shift()) {
    const { code, output } = await check(project);
    if (code !== 0) {
      failed = true;
      console.error(`${project}:\n${output}`);
    }
  }
}

function check(project: string): Promise<{ code: number | null; output: string }> {
  return new Promise((done, fail) => {
    const compiler = spawn(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project]);
    let output = '';
    compiler.stdout.on('data', (text: Buffer) => {
      output += text.toString();
    });
    compiler.stderr.on('data', (text: Buffer) => {
      output += text.toString();
    });
    compiler.on('error', fail);
    compiler.on('close', (code) => done({ code, output }));
  });
}

await Promise.all([work(), work()]);
process.exit(failed ? 1 : 0);
