/** The host's gcc, where there is one: what it computes is right. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** No optimisation, no fused operations; the warnings are about code that nobody would write. */
const flags = ['-w', '-std=c11', '-O0', '-ffp-contract=off'];

export const hasGcc = spawnSync('gcc', ['--version']).status === 0;

/** Compiles a program and answers what it prints, line by line. */
export async function outputOfGcc(source: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dms-c-'));
  try {
    const program = join(folder, 'program');
    writeFileSync(`${program}.c`, source);
    await run('gcc', [...flags, '-o', program, `${program}.c`, '-lm']);
    const { stdout } = await run(program, [], { maxBuffer: 2 ** 28 });
    return stdout.split('\n').slice(0, -1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
