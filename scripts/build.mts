// Builds every bundle under dist/. `--watch` keeps building; `--tests` adds the suite for VS Code;
// `--minify` is for the package.
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import { type Bundle, bundles, esbuildOptions, hostSuite } from './bundles.mts';

const { values: options } = parseArgs({
  options: {
    watch: { type: 'boolean', default: false },
    tests: { type: 'boolean', default: false },
    minify: { type: 'boolean', default: false },
  },
});

const wanted = options.tests ? [...bundles, hostSuite] : [...bundles];
const missing = wanted.filter((bundle) => !existsSync(bundle.entry));
if (missing.length > 0) {
  console.error(`No such entry file: ${missing.map((bundle) => bundle.entry).join(', ')}`);
  process.exit(1);
}

if (options.watch) {
  await watch(wanted);
} else {
  rmSync('dist', { recursive: true, force: true });
  const built = await Promise.all(wanted.map(build));
  if (built.includes(false)) {
    process.exit(1);
  }
}

/** Builds one bundle and says how large it is; false when it does not build or is too large. */
async function build(bundle: Bundle): Promise<boolean> {
  try {
    const result = await esbuild.build({ ...esbuildOptions(bundle), minify: options.minify });
    return finish(bundle, result);
  } catch (error) {
    await report(error);
    return false;
  }
}

function finish(bundle: Bundle, result: esbuild.BuildResult): boolean {
  const bytes = result.metafile?.outputs[bundle.output]?.bytes ?? 0;
  const kilobytes = Math.ceil(bytes / 1024);
  writeFileSync(`${bundle.output}.meta.json`, JSON.stringify(result.metafile));
  if (bundle.executable) {
    chmodSync(bundle.output, 0o755);
  }
  console.log(`${bundle.output.padEnd(32)} ${String(kilobytes).padStart(6)} KB`);
  if (kilobytes > bundle.capKilobytes) {
    console.error(`${bundle.output} is larger than the ${bundle.capKilobytes} KB it may have.`);
    return false;
  }
  return true;
}

async function report(error: unknown): Promise<void> {
  const failure = error as Partial<esbuild.BuildFailure>;
  if (!failure.errors) {
    console.error(error);
    return;
  }
  const lines = await esbuild.formatMessages(failure.errors, { kind: 'error', color: false });
  console.error(lines.join('\n'));
}

/** Prints the two lines that the problem matcher of `.vscode/tasks.json` waits for. */
async function watch(list: readonly Bundle[]): Promise<void> {
  for (const bundle of list) {
    const progress: esbuild.Plugin = {
      name: 'progress',
      setup(build) {
        build.onStart(() => console.log('[watch] build started'));
        build.onEnd((result) => {
          for (const { text, location } of result.errors) {
            console.error(
              `> ${location?.file}:${location?.line}:${location?.column}: error: ${text}`,
            );
          }
          if (result.errors.length === 0) {
            finish(bundle, result);
          }
          console.log('[watch] build finished');
        });
      },
    };
    const context = await esbuild.context({ ...esbuildOptions(bundle), plugins: [progress] });
    await context.watch();
  }
}
