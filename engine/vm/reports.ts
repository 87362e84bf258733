/** What a run reports: part of history, kept in the store, so that going back takes it back. */
import type { Store, Table } from '../base/store.ts';

/** A place in source, as plain data. */
export interface Site {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly function: string;
  readonly module: string;
  /** The moment (vm ticks since the start of the run): where time travel goes. */
  readonly tick: number;
}

export interface OutputReport {
  readonly host: string;
  /** Driver or process that printed. */
  readonly source: string;
  /** One line without its end. */
  readonly text: string;
  readonly site: Site | undefined;
}

export interface BugCheckReport {
  readonly host: string;
  readonly code: number;
  readonly name: string;
  /** `0x` strings. */
  readonly parameters: readonly [string, string, string, string];
  readonly explanation: string;
  readonly page: string | undefined;
  readonly site: Site | undefined;
}

export interface ViolationReport {
  readonly host: string;
  readonly rule: string;
  readonly message: string;
  readonly page: string | undefined;
  readonly site: Site | undefined;
}

export interface LeakReport {
  readonly host: string;
  /** `pool`, `contiguous memory`, `common buffer`, `MDL`, `locked pages`, `DMA adapter`, ... */
  readonly kind: string;
  readonly bytes: number;
  readonly message: string;
  /** The call that allocated. */
  readonly site: Site | undefined;
  /** Held by a driver that has no DriverUnload: listed, not a failure. */
  readonly resident: boolean;
}

/** A failure of the scenario itself: a failed load, a deadlock, a process that ended non-zero, ... */
export interface FailureReport {
  readonly host: string;
  readonly kind: 'assertion' | 'load' | 'process' | 'device' | 'deadlock' | 'unload' | 'limit';
  /** Driver or process concerned. */
  readonly subject: string;
  /** NTSTATUS or exit code, unsigned, where there is one. */
  readonly status: number | undefined;
  readonly message: string;
  readonly site: Site | undefined;
}

export interface ReportTypes {
  output: OutputReport;
  bugCheck: BugCheckReport;
  violation: ViolationReport;
  leak: LeakReport;
  failure: FailureReport;
}

/** Append-only lists in the store, numbered from 0. */
export class Reports {
  private readonly tables: { readonly [K in keyof ReportTypes]: Table<number, ReportTypes[K]> };
  private readonly origins: Table<string, true>;

  constructor(private readonly store: Store) {
    this.tables = {
      output: store.table('reports.output'),
      bugCheck: store.table('reports.bugCheck'),
      violation: store.table('reports.violation'),
      leak: store.table('reports.leak'),
      failure: store.table('reports.failure'),
    };
    this.origins = store.table('reports.origins');
  }

  add<K extends keyof ReportTypes>(kind: K, report: ReportTypes[K]): void {
    const table: Table<number, ReportTypes[K]> = this.tables[kind];
    this.store.set(table, this.store.all(table).size, report);
  }

  /** Whether a violation of the rule and origin was reported. */
  hasViolation(host: string, rule: string, origin: string): boolean {
    return this.store.get(this.origins, `${host}|${rule}|${origin}`) !== undefined;
  }

  /** Adds a violation unless one of the same rule and origin was reported before. */
  addViolation(report: ViolationReport, origin: string): boolean {
    if (this.hasViolation(report.host, report.rule, origin)) return false;
    this.store.set(this.origins, `${report.host}|${report.rule}|${origin}`, true);
    this.add('violation', report);
    return true;
  }

  count(kind: keyof ReportTypes): number {
    return this.store.all(this.tables[kind] as Table<number, unknown>).size;
  }

  /** Reports of a kind from number `from` on. */
  list<K extends keyof ReportTypes>(kind: K, from = 0): ReportTypes[K][] {
    const table: Table<number, ReportTypes[K]> = this.tables[kind];
    return [...this.store.all(table).entries(from)].map(([, report]) => report);
  }
}
