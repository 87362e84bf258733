/** `dms debug-adapter`. */
import { parseArgs } from 'node:util';
import { runDebugAdapter } from '../adapter/stdio-node.ts';
import { whole } from './usage.ts';

/** Serves until the client hangs up. */
export async function debugAdapterCommand(words: readonly string[]): Promise<undefined> {
  const { values } = parseArgs({ args: [...words], options: { port: { type: 'string' } } });
  if (values.port === undefined) {
    await runDebugAdapter({});
    return;
  }
  await runDebugAdapter({
    port: whole('--port', values.port, 0),
    listening: (port) => process.stderr.write(`listening on 127.0.0.1:${port}\n`),
  });
}
