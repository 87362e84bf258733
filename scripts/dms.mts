// Runs the `dms` command of this checkout, built first when a source is newer than a bundle.
import { spawn } from 'node:child_process';
import { ensureBuilt } from './ensure-built.mts';

ensureBuilt();
const command = spawn(process.execPath, ['dist/dms.js', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
command.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
