/**
 * What file-scope declarations changed, in order. A function that is checked again sees the names and types of its own
 * place in the text: later declarations are taken back meanwhile.
 */

/** One change, and the way back and forth over it. */
export interface Change {
  /** What `undo` brings back. */
  readonly before: unknown;
  undo(): void;
  redo(): void;
}

export class FileScopeHistory {
  private readonly changes: Change[] = [];

  /** A point in the history, for `at`. */
  get moment(): number {
    return this.changes.length;
  }

  /** Notes a change that has just been made. */
  record(change: Change): void {
    this.changes.push(change);
  }

  /** What going back brings back: values of symbols and types that are not in force any more. */
  get earlier(): readonly unknown[] {
    return this.changes.map(({ before }) => before);
  }

  /** Does some work in the state of an earlier moment. The work must not change the file scope. */
  at<T>(moment: number, work: () => T): T {
    const later = this.changes.slice(moment);
    for (const change of later.toReversed()) change.undo();
    try {
      return work();
    } finally {
      for (const change of later) change.redo();
    }
  }
}
