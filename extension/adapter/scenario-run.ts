/** One running scenario: drives the engine in slices, between which the adapter answers requests. */
import type {
  Found,
  Progress,
  Query,
  ResumeKind,
  Session,
  SessionResult,
  Stop,
} from '../../engine/index.ts';
import { cancelledError, quietError } from './errors.ts';

/** What drives the slices: a clock in milliseconds, and a way to let waiting messages in first. */
export interface Host {
  now(): number;
  /** Runs the callback soon, after messages that wait already. */
  schedule(callback: () => void): void;
}

export interface RunListener {
  stopped(stop: Stop): void;
  ended(result: SessionResult): void;
  /** Output, violations and bug checks may be waiting in the session. */
  reports(): void;
  /** The engine threw: a fault of ours. The run is over. */
  failed(error: unknown): void;
}

/**
 * A slice's length. It ends with the instruction that is being executed, so a routine that runs for the first time, on
 * a cold engine, still leaves it below 10 ms.
 */
export const sliceMilliseconds = 4;

export type RunState = 'ready' | 'running' | 'stopped' | 'over';

export class ScenarioRun {
  private current: RunState = 'ready';
  private last: Stop | undefined;
  private searching = false;

  constructor(
    readonly session: Session,
    /** The scenario's name. */
    readonly name: string,
    private readonly host: Host,
    private readonly listener: RunListener,
  ) {}

  get state(): RunState {
    return this.current;
  }

  /** The stop that the user looks at; undefined while running. */
  get stop(): Stop | undefined {
    return this.current === 'stopped' ? this.last : undefined;
  }

  /** Sets the goal and works on it at once: a step is over within the first slice. */
  resume(kind: ResumeKind, thread: number | undefined): void {
    if (this.current === 'over') return;
    this.session.resume(kind, thread);
    this.work();
  }

  goTo(tick: number): void {
    if (this.current === 'over') return;
    this.session.goTo(tick);
    this.work();
  }

  /**
   * Looks for moments of the past while the scenario stands. `pause`, the end of the run and the signal end it
   * early; it then rejects as cancelled.
   */
  search(query: Query, signal: AbortSignal): Promise<Found> {
    if (this.current !== 'stopped') {
      return Promise.reject(quietError('The scenario is not stopped.'));
    }
    this.session.search(query);
    this.searching = true;
    return new Promise<Found>((resolve, reject) => {
      const slice = (): void => {
        if (this.current === 'over') {
          reject(cancelledError());
          return;
        }
        if (signal.aborted) this.session.pause();
        const progress = this.session.work(sliceMilliseconds, () => this.host.now());
        if (progress.kind === 'running') this.host.schedule(() => attempt());
        else if (progress.kind === 'found') resolve(progress);
        else reject(cancelledError());
      };
      const attempt = (): void => {
        try {
          slice();
        } catch (error) {
          reject(error);
        }
      };
      attempt();
    }).finally(() => {
      this.searching = false;
    });
  }

  pause(): void {
    if (this.current === 'running' || this.searching) this.session.pause();
  }

  /** No more slices and no more news, whatever is still scheduled. */
  abandon(): void {
    this.current = 'over';
  }

  private work(): void {
    this.current = 'running';
    this.slice();
  }

  private slice(): void {
    // A scheduled slice may find the run stopped or abandoned meanwhile.
    if (this.current !== 'running') return;
    let progress: Progress;
    try {
      progress = this.session.work(sliceMilliseconds, () => this.host.now());
      this.listener.reports();
      if (progress.kind === 'ended') {
        this.current = 'over';
        this.listener.ended(this.session.result());
        return;
      }
    } catch (error) {
      this.current = 'over';
      this.listener.failed(error);
      return;
    }
    if (progress.kind === 'stop') {
      this.current = 'stopped';
      this.last = progress;
      this.listener.stopped(progress);
      return;
    }
    this.host.schedule(() => this.slice());
  }
}
