/** Compares by content, as JSON writes it. */
export function equal(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) {
    throw new Error(`expected ${wanted}, got ${got}`);
  }
}

export function ok(value: unknown, what: string): asserts value {
  if (!value) {
    throw new Error(`expected ${what}`);
  }
}

/** Asks again until the answer is good; says what was missing when it never is. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T> | T,
  good: (value: T) => boolean,
): Promise<T> {
  const end = Date.now() + 15_000;
  for (;;) {
    const value = await ask();
    if (good(value)) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`waited in vain for ${what}; last: ${JSON.stringify(value)}`);
    }
    await new Promise<void>((done) => {
      setTimeout(done, 50);
    });
  }
}
