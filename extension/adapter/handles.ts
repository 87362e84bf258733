/**
 * Numbers for frames and variables on the wire. The same path (thread, depth, function, scope, names) gets the same
 * number after every stop, so that clients keep trees open; what a number stands for is retired by a resume.
 */
export class Handles<T> {
  private readonly numbers = new Map<string, number>();
  private readonly targets = new Map<number, { readonly path: string; readonly target: T }>();

  /** The number of a path, which from now on stands for `target`. */
  assign(path: string, target: T): number {
    let number = this.numbers.get(path);
    if (number === undefined) {
      number = this.numbers.size + 1;
      this.numbers.set(path, number);
    }
    this.targets.set(number, { path, target });
    return number;
  }

  /** Undefined for a number of an earlier stop, or one never given. */
  resolve(number: number): { readonly path: string; readonly target: T } | undefined {
    return this.targets.get(number);
  }

  /** Forgets what the numbers stand for, never the numbers. */
  retire(): void {
    this.targets.clear();
  }
}
