// Compiles one file in a process that has compiled nothing before; the engine was bundled for it.
import { readFileSync } from 'node:fs';
import type * as Engine from '../../engine/index.ts';

const [bundle = '', path = ''] = process.argv.slice(2);
const engine = (await import(bundle)) as typeof Engine;
const { diagnostics } = engine.compileScenarioFile(path, {
  read: (wanted) => (wanted === path ? readFileSync(path, 'utf8') : undefined),
});
const finding = diagnostics.find(({ severity }) => severity === 'error');
if (finding !== undefined) throw new Error(finding.message);
