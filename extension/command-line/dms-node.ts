/** The `dms` command. */
import { version } from '../../package.json';
import { serveLanguage } from '../language-server/serve-node.ts';
import { debugAdapterCommand } from './debug-adapter-command-node.ts';
import { lintCommand } from './lint-command-node.ts';
import { runCommand } from './run/run-command-node.ts';
import { isRunWorker, serveRuns } from './run/run-worker-node.ts';
import { UsageError, usage } from './usage.ts';

async function main(words: readonly string[]): Promise<number | undefined> {
  const [command, ...rest] = words;
  if (rest.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  switch (command) {
    case 'run':
      return runCommand(rest);
    case 'lint':
      return lintCommand(rest, version);
    case 'debug-adapter':
      return debugAdapterCommand(rest);
    case 'language-server':
      if (rest.length !== 1 || rest[0] !== '--stdio') {
        throw new UsageError('language-server takes --stdio and nothing else');
      }
      serveLanguage();
      return undefined;
    case '--version':
      process.stdout.write(`${version}\n`);
      return 0;
    case '--help':
    case 'help':
      process.stdout.write(usage);
      return 0;
    case undefined:
      process.stderr.write(usage);
      return 2;
    default:
      throw new UsageError(`there is no command "${command}"`);
  }
}

function complain(error: unknown): number {
  // parseArgs throws plain TypeErrors with a code for what it does not understand.
  const isUsage =
    error instanceof UsageError ||
    (error instanceof TypeError && String(Reflect.get(error, 'code')).startsWith('ERR_PARSE_ARGS'));
  if (!isUsage) throw error;
  process.stderr.write(`dms: ${error.message}\nTry "dms --help".\n`);
  return 2;
}

async function start(): Promise<void> {
  // `dms run .. | head` has read enough: that is no error.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit();
  });
  try {
    const code = await main(process.argv.slice(2));
    // A server sets no code: it ends with its streams.
    if (code !== undefined) process.exitCode = code;
  } catch (error) {
    process.exitCode = complain(error);
  }
}

if (isRunWorker()) serveRuns();
else void start();
