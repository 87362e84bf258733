// The smallest runner that works in every extension host, the web worker's included: no Node
// modules, and results that travel as lines of the console.

export interface HostTest {
  readonly name: string;
  run(): Promise<void> | void;
}

export interface HostTestResult {
  readonly name: string;
  readonly milliseconds: number;
  readonly error?: string;
}

/** Starts each line that carries a result. */
export const resultMarker = '[test] ';

const allowedMilliseconds = 30_000;

/** Runs the tests one after the other, reports each, and rejects when any failed. */
export async function runTests(tests: readonly HostTest[]): Promise<void> {
  let failures = 0;
  for (const test of tests) {
    const result = await runTest(test);
    if (result.error !== undefined) {
      failures += 1;
    }
    // biome-ignore lint/suspicious/noConsole: the console is the way out of the extension host
    console.log(resultMarker + JSON.stringify(result));
  }
  if (failures > 0) {
    throw new Error(`${failures} of ${tests.length} tests failed`);
  }
}

async function runTest(test: HostTest): Promise<HostTestResult> {
  const start = Date.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error('took too long')), allowedMilliseconds);
  });
  try {
    await Promise.race([test.run(), late]);
    return { name: test.name, milliseconds: Date.now() - start };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { name: test.name, milliseconds: Date.now() - start, error: text };
  } finally {
    clearTimeout(timer);
  }
}
