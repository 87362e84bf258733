/** From what the engine reports to the client's events: stops, output, the end. */
import type { Session, SessionResult, Site, Stop, StopReason } from '../../engine/index.ts';
import type { AdapterContext } from './context.ts';
import { toClientPath } from './paths.ts';
import type { RunOutcome } from './protocol.ts';
import type { RunListener } from './scenario-run.ts';
import { summaryLines } from './summary.ts';

const stoppedReasons: Readonly<Record<StopReason, string>> = {
  entry: 'entry',
  step: 'step',
  breakpoint: 'breakpoint',
  functionBreakpoint: 'function breakpoint',
  callClass: 'function breakpoint',
  dataBreakpoint: 'data breakpoint',
  bugCheck: 'exception',
  violation: 'exception',
  assertion: 'exception',
  status: 'exception',
  pause: 'pause',
  goto: 'goto',
  start: 'entry',
  end: 'goto',
  budget: 'pause',
};

/** Beyond this many output events of one slice the client would only freeze. */
const maximumEventsPerSlice = 500;

/** An event carries at most about this many characters. */
const maximumEventText = 4096;

interface Line {
  readonly category: 'stdout' | 'stderr' | 'important';
  readonly text: string;
  readonly site: Site | undefined;
}

export class RunEvents implements RunListener {
  /** The number of stops before this run's first. */
  private readonly firstStop: number;

  constructor(private readonly context: AdapterContext) {
    this.firstStop = context.stopNumber;
  }

  stopped(stop: Stop): void {
    const { context } = this;
    if (context.launch?.noDebug === true) {
      // Nothing but a budget stops a run without debugger: there is nobody who could go on.
      context.run?.abandon();
      this.ended(context.session.result());
      return;
    }
    const isEntry = context.stopNumber === this.firstStop && context.launch?.stopOnEntry === true;
    if (isEntry && stop.reason === 'step' && !this.standsInUserCode(stop)) {
      // The boot is the kernel's; the user's entry is their own first statement.
      const { run } = context;
      context.options.host.schedule(() => run?.resume('stepIn', stop.thread));
      return;
    }
    context.retireHandles();
    this.compareThreads();
    const reason = isEntry ? 'entry' : stoppedReasons[stop.reason];
    const hit = stop.breakpoints
      .map((id) => context.breakpoints.numberOf(id))
      .filter((id) => id !== undefined);
    const description = stop.inThePast ? `${stop.description} (in the past)` : stop.description;
    context.emit('stopped', {
      reason,
      description,
      threadId: stop.thread,
      allThreadsStopped: true,
      ...(stop.details === undefined ? {} : { text: stop.details.message }),
      ...(hit.length === 0 ? {} : { hitBreakpointIds: hit }),
    });
    if (stop.reason === 'budget') context.output('important', stop.description);
    context.emitState(stop.thread);
  }

  ended(result: SessionResult): void {
    const { context } = this;
    const host = (name: string) => context.onHost(name);
    for (const line of summaryLines(context.run?.name ?? '', result, host)) {
      context.emit('output', {
        category: line.category,
        output: `${line.text}\n`,
        ...context.place(line.site),
      });
    }
    context.emit('dms/result', runOutcome(result));
    context.emit('exited', { exitCode: result.outcome === 'passed' ? 0 : 1 });
    terminate(context);
  }

  reports(): void {
    emitReports(this.context, this.context.session);
  }

  failed(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.context.output('stderr', `Internal error of the engine, the run ends here.\n${text}`);
    this.context.emit('exited', { exitCode: 2 });
    terminate(this.context);
  }

  private standsInUserCode(stop: Stop): boolean {
    const [top] = this.context.session.stack(stop.thread, 0, 1).frames;
    return top?.origin === 'user';
  }

  private compareThreads(): void {
    const { context } = this;
    const now = new Set(context.session.threads().map((thread) => thread.id));
    const before = context.knownThreads;
    context.knownThreads = now;
    for (const threadId of now) {
      if (!before.has(threadId)) context.emit('thread', { reason: 'started', threadId });
    }
    for (const threadId of before) {
      if (!now.has(threadId)) context.emit('thread', { reason: 'exited', threadId });
    }
  }
}

/** Sends what a session has reported since the last time to the Debug Console, in the order of the run. */
export function emitReports(context: AdapterContext, session: Session): void {
  const { output, violations, bugChecks } = session.takeReports();
  const lines: Line[] = [
    ...output.map((report) => ({
      category: 'stdout' as const,
      text: context.atHost(report.host) + report.text,
      site: report.site,
    })),
    ...violations.map((report) => ({
      category: 'stderr' as const,
      text: `${context.atHost(report.host)}violation ${report.rule}: ${report.message}`,
      site: report.site,
    })),
    ...bugChecks.map((report) => ({
      category: 'important' as const,
      text:
        `${context.atHost(report.host)}bug check 0x${report.code.toString(16).toUpperCase()} ${report.name} ` +
        `(${report.parameters.join(', ')})\n${report.explanation}`,
      site: report.site,
    })),
  ];
  if (violations.length + bugChecks.length > 0) {
    lines.sort((left, right) => (left.site?.tick ?? 0) - (right.site?.tick ?? 0));
  }
  const events = batch(lines);
  for (const { category, text, site } of events.slice(0, maximumEventsPerSlice)) {
    context.emit('output', { category, output: text, ...context.place(site) });
  }
  const dropped = events.length - maximumEventsPerSlice;
  if (dropped > 0) {
    context.output('console', `${dropped} more blocks of output are not shown here.`);
  }
}

/** A result in the client's spelling of paths. */
export function runOutcome(result: SessionResult): RunOutcome {
  return {
    outcome: result.outcome,
    failures: result.failures.map(({ message, site }) => ({
      message,
      place:
        site === undefined
          ? undefined
          : { path: toClientPath(site.file), line: site.line, column: site.column },
    })),
  };
}

/** Sends `terminated`, once for each run. */
export function terminate(context: AdapterContext): void {
  context.run?.abandon();
  if (context.terminatedSent) return;
  context.terminatedSent = true;
  context.emit('terminated', undefined);
}

/** Lines that one statement printed in a row go as one event. */
function batch(lines: readonly Line[]): { -readonly [K in keyof Line]: Line[K] }[] {
  const events: { category: Line['category']; text: string; site: Site | undefined }[] = [];
  for (const line of lines) {
    const last = events.at(-1);
    if (
      last !== undefined &&
      line.category === 'stdout' &&
      last.category === 'stdout' &&
      samePlace(last.site, line.site) &&
      last.text.length + line.text.length < maximumEventText
    ) {
      last.text += `${line.text}\n`;
    } else {
      events.push({ ...line, text: `${line.text}\n` });
    }
  }
  return events;
}

function samePlace(left: Site | undefined, right: Site | undefined): boolean {
  return left?.file === right?.file && left?.line === right?.line && left?.column === right?.column;
}
