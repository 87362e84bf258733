/** What the command says about itself, and checks of its options. */

/** A whole number of at least `least`. */
export function whole(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least) {
    throw new UsageError(`${option} takes a whole number from ${least} on, not ${text}`);
  }
  return value;
}

/** One of the listed words. */
export function choose<T extends string>(option: string, text: string, words: readonly T[]): T {
  const found = words.find((word) => word === text);
  if (found === undefined) throw new UsageError(`${option} takes ${words.join(', ')}, not ${text}`);
  return found;
}

/** Bad usage: the message goes to standard error, the exit code is 2. */
export class UsageError extends Error {}

export const usage = `dms: driver memory scenarios

  dms run PATH... [--scenario NAME] [--format text|json|junit] [--output FILE]
                  [--seed N] [--shard I/N] [--jobs N] [--max-statements N]
                  [--stop-on RULES]
      Runs every scenario and variant of .dms files (folders are searched).
      --stop-on ends a run at the first violation of these rules ('*' for any): signed_overflow, heap*
      Exit code 0: all expectations held; 1: some did not; 2: bad usage, or a file does not compile.
  dms lint PATH... [--format text|json|sarif] [--fix]
      Finds mistakes in scenarios and drivers; --fix makes the changes that findings suggest.
      Exit code 0: clean; 1: findings of severity error or warning; 2: bad usage.
  dms debug-adapter [--port N]
      The Debug Adapter Protocol on standard streams, or on a TCP port of the loopback interface.
  dms language-server --stdio
      The Language Server Protocol on standard streams.
  dms --help, dms --version
`;
