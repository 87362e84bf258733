// Going forwards and back, as an editor sees it and as the engine does it, behind 10 million statements of history.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { loadEngine } from '../load-engine.mts';
import { table } from '../statistics.mts';
import { recordingRows } from './recording.mts';
import { roundTripRows } from './round-trips.mts';

const STATEMENTS = 10_000_000;

execFileSync(process.execPath, ['scripts/build.mts'], { stdio: 'inherit' });
const lines: string[] = [];
const print = (text: string): void => {
  lines.push(text);
  process.stdout.write(text);
};

print(
  'One step over DAP: from the request to the last `variables` answer, ms. Behind ' +
    `${STATEMENTS.toLocaleString('en-US')} statements of history.\n\n`,
);
print(`${table(await roundTripRows(STATEMENTS))}\n\n`);
print(
  'Recording, by program: what it costs a run, what it holds, and running back over all of it.\n\n',
);
print(`${table(recordingRows(await loadEngine(), STATEMENTS))}\n`);
const [output] = process.argv.slice(2);
if (output !== undefined) writeFileSync(output, lines.join(''));
