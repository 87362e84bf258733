// Compiles one file in a process that has compiled nothing before; bundled with the engine, as the product is.
import { readFileSync } from 'node:fs';
import { compileScenarioFile } from '../../engine/index.ts';

const [path = ''] = process.argv.slice(2);
const { diagnostics } = compileScenarioFile(path, {
  read: (wanted) => (wanted === path ? readFileSync(path, 'utf8') : undefined),
});
const finding = diagnostics.find(({ severity }) => severity === 'error');
if (finding !== undefined) throw new Error(finding.message);
