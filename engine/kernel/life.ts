/**
 * A scenario's life: boot, drivers and their devices, processes, and all the way back. A state machine whose
 * state is in the store; threads that end and an idle machine move it on. One for all hosts, because
 * processes start in one order.
 */
import type { Int64 } from '../base/int64.ts';
import type { Store, Table } from '../base/store.ts';
import type { ExceptionRecord } from '../vm/natives.ts';
import type { ThreadState } from '../vm/system.ts';
import type { Clock, Timer } from './clock.ts';

/** What the life asks of one host. Routines that start a thread answer its number, others undefined. */
export interface LifeHost {
  readonly index: number;
  readonly name: string;
  /** Names of the drivers in the order of loading, each with the NICs that it is bound to. */
  readonly drivers: readonly { readonly name: string; readonly nics: readonly string[] }[];
  boot(): void;
  loadDriver(driver: string): number | undefined;
  driverEntered(driver: string, result: Int64): void;
  addDevice(driver: string, nic: string): number | undefined;
  deviceAdded(driver: string, nic: string, result: Int64): void;
  startDevice(driver: string, nic: string): number | undefined;
  /** Answers whether the start failed, so that the device has to be removed at once. */
  deviceStarted(driver: string, nic: string, result: Int64): boolean;
  removeDevice(nic: string): number | undefined;
  deviceRemoved(nic: string): void;
  unloadDriver(driver: string): number | undefined;
  driverUnloaded(driver: string): void;
  /** The host has nothing left to do. */
  shutDown(): void;
  /** Answers a thread, or undefined when the process could not start (it was reported). */
  startProcess(process: string): number | undefined;
  /** Starts closing what the process left; undefined when there is nothing to run. */
  cleanUpProcess(process: string): number | undefined;
  processGone(process: string, code: number): void;
  threads(): readonly ThreadState[];
  /** A timer came due; answers whether it was one of this host's. */
  timerDue(timer: Timer): void;
  /** What happens to its devices while processes run: units of 100 ns from then on. */
  readonly events: readonly { readonly after: number }[];
  /** Begins an event; undefined when there is nothing to run. */
  startEvent(index: number): number | undefined;
  eventDone(index: number, result: Int64): void;
  /** Looks whether a thread can go on after all; answers whether one can. */
  recheck(): boolean;
  reportDeadlock(): void;
}

/** One step of the plan. */
type Step = { readonly host: number } & (
  | { readonly kind: 'boot' | 'shutDown' }
  | { readonly kind: 'load' | 'unload'; readonly driver: string }
  | { readonly kind: 'add' | 'start'; readonly driver: string; readonly nic: string }
  | { readonly kind: 'remove'; readonly nic: string }
  | { readonly kind: 'run' }
);

/** A process in the order of starting. */
export interface ProcessPlace {
  readonly host: number;
  readonly name: string;
}

/** Where a process is in its life. Plain data. */
interface ProcessLife {
  readonly state: 'running' | 'closing' | 'ended';
  /** Exit code, unsigned, once it is known. */
  readonly code: number | undefined;
}

/** Where the machine is. Plain data. */
interface Position {
  /** Index into the plan. */
  readonly step: number;
  /** The thread that the step waits for; 0: none. */
  readonly thread: number;
  /** The step's device failed to start and is being removed. */
  readonly undoing: boolean;
  /** Nothing goes on: a deadlock was reported. */
  readonly stuck: boolean;
}

const EVENT = 'event:';

export class Life {
  private readonly hosts: LifeHost[] = [];
  private readonly position: Table<number, Position>;
  private readonly processLives: Table<number, ProcessLife>;
  private readonly stopped: Table<number, true>;
  /** Events that have not ended, by host and number. */
  private readonly events: Table<string, true>;
  private plan: readonly Step[] = [];

  /** `order` lists the processes of all hosts as the scenario is written. */
  constructor(
    private readonly store: Store,
    readonly clock: Clock,
    private readonly order: readonly ProcessPlace[],
  ) {
    this.position = store.table('life.position');
    this.processLives = store.table('life.processes');
    this.stopped = store.table('life.stoppedHosts');
    this.events = store.table('life.events');
    clock.whenDue((timer) => this.timerDue(timer));
  }

  /** Enters a host; all of them, in order, before the machine runs. */
  add(host: LifeHost): void {
    this.hosts.push(host);
    this.plan = planOf(this.hosts);
  }

  /** Exit codes by process name; undefined for one that has not ended. */
  get exits(): ReadonlyMap<string, number | undefined> {
    return new Map(
      this.order.map(({ name }, index) => {
        const life = this.store.get(this.processLives, index);
        return [name, life?.state === 'ended' ? life.code : undefined];
      }),
    );
  }

  /** Everything was done that there is to do. */
  get finished(): boolean {
    const { step, stuck } = this.now;
    return stuck || step >= this.plan.length;
  }

  /** No thread can run: moves on. Answers whether there is more to run. */
  idle(): boolean {
    if (this.finished) return false;
    if (this.isRunnable()) return true;
    const { thread } = this.now;
    if (thread === 0 && this.current?.kind !== 'run') {
      this.advance();
      return !this.finished;
    }
    if (thread === 0) {
      if (this.startNextProcess()) return true;
      if (this.order.every((_, index) => this.isOver(index)) && !this.hasEvents) {
        this.moveOn();
        return !this.finished;
      }
    } else if (this.isStopped(this.current?.host)) {
      this.moveOn();
      return !this.finished;
    }
    if (this.nextTimer()) return true;
    if (this.hosts.some((host) => !this.isStopped(host.index) && host.recheck())) return true;
    this.deadlock();
    return false;
  }

  /** A thread of a host has ended. */
  threadEnded(
    host: LifeHost,
    thread: ThreadState,
    result: Int64,
    exception?: ExceptionRecord,
  ): void {
    const process = this.processOf(thread.purpose, host);
    if (process !== undefined) {
      const code = exception?.code ?? Number(result) >>> 0;
      if (thread.purpose.startsWith('main:')) this.exitProcess(host, process, code);
      else this.finishProcess(host, process);
      return;
    }
    if (thread.purpose.startsWith(EVENT)) {
      this.finishEvent(host, thread.purpose, result);
      return;
    }
    if (thread.id !== this.now.thread) return;
    this.finishStep(host, result);
  }

  /** A process asks to end (or its first thread has returned). */
  exitProcess(host: LifeHost, name: string, code: number): void {
    const index = this.indexOf(host, name);
    if (this.store.get(this.processLives, index)?.state !== 'running') return;
    this.store.set(this.processLives, index, { state: 'closing', code: code >>> 0 });
    if (host.cleanUpProcess(name) === undefined) this.finishProcess(host, name);
  }

  /** A host has stopped with a bug check: its processes and steps are over. */
  hostStopped(host: LifeHost): void {
    this.store.set(this.stopped, host.index, true);
    const { current, now } = this;
    if (now.thread !== 0 && current?.host === host.index) {
      this.put({ ...now, step: now.step + 1, thread: 0, undoing: false });
    }
  }

  private get now(): Position {
    return this.store.get(this.position, 0) ?? { step: 0, thread: 0, undoing: false, stuck: false };
  }

  private put(position: Position): void {
    this.store.set(this.position, 0, position);
  }

  private get current(): Step | undefined {
    return this.plan[this.now.step];
  }

  private isStopped(host: number | undefined): boolean {
    return host !== undefined && this.store.get(this.stopped, host) === true;
  }

  private hostAt(index: number): LifeHost | undefined {
    return this.hosts.find((host) => host.index === index);
  }

  private isRunnable(): boolean {
    return this.hosts.some(
      (host) =>
        !this.isStopped(host.index) && host.threads().some((thread) => thread.state === 'runnable'),
    );
  }

  /** Takes the next step and those behind it that start no thread; a machine that boots gets a moment of its own. */
  private advance(): void {
    for (;;) {
      const step = this.current;
      if (step?.kind === 'run') this.planEvents();
      if (step === undefined || step.kind === 'run') return;
      const host = this.hostAt(step.host);
      const thread =
        host === undefined || this.isStopped(step.host) ? undefined : this.begin(host, step);
      if (thread !== undefined) {
        this.put({ ...this.now, thread });
        return;
      }
      this.put({ ...this.now, step: this.now.step + 1, thread: 0, undoing: false });
      if (step.kind === 'boot') return;
    }
  }

  private begin(host: LifeHost, step: Step): number | undefined {
    switch (step.kind) {
      case 'boot':
        host.boot();
        return undefined;
      case 'load':
        return host.loadDriver(step.driver);
      case 'add':
        return host.addDevice(step.driver, step.nic);
      case 'start':
        return host.startDevice(step.driver, step.nic);
      case 'remove':
        return host.removeDevice(step.nic);
      case 'unload':
        return host.unloadDriver(step.driver);
      case 'shutDown':
        host.shutDown();
        return undefined;
      case 'run':
        return undefined;
    }
  }

  /** The thread of the current step has ended. */
  private finishStep(host: LifeHost, result: Int64): void {
    const step = this.current;
    if (step === undefined) return;
    if (this.now.undoing && step.kind === 'start') {
      host.deviceRemoved(step.nic);
    } else if (step.kind === 'load') {
      host.driverEntered(step.driver, result);
    } else if (step.kind === 'add') {
      host.deviceAdded(step.driver, step.nic, result);
    } else if (step.kind === 'start') {
      if (host.deviceStarted(step.driver, step.nic, result)) {
        const thread = host.removeDevice(step.nic);
        if (thread !== undefined) {
          this.put({ ...this.now, thread, undoing: true });
          return;
        }
      }
    } else if (step.kind === 'remove') {
      host.deviceRemoved(step.nic);
    } else if (step.kind === 'unload') {
      host.driverUnloaded(step.driver);
    }
    this.moveOn();
  }

  private moveOn(): void {
    this.put({ ...this.now, step: this.now.step + 1, thread: 0, undoing: false });
    this.advance();
  }

  // ---- Processes -----------------------------------------------------------------------------------

  /** Starts the next process in the order written; true when a thread runs now. */
  private startNextProcess(): boolean {
    for (const [index, place] of this.order.entries()) {
      if (this.store.get(this.processLives, index) !== undefined) continue;
      const host = this.hostAt(place.host);
      if (host === undefined || this.isStopped(place.host)) continue;
      this.store.set(this.processLives, index, { state: 'running', code: undefined });
      if (host.startProcess(place.name) !== undefined) return true;
      this.store.set(this.processLives, index, { state: 'ended', code: undefined });
    }
    return false;
  }

  private isOver(index: number): boolean {
    const place = this.order[index];
    return (
      this.store.get(this.processLives, index)?.state === 'ended' || this.isStopped(place?.host)
    );
  }

  private finishProcess(host: LifeHost, name: string): void {
    const index = this.indexOf(host, name);
    const life = this.store.get(this.processLives, index);
    if (life === undefined || life.state === 'ended') return;
    const ended: ProcessLife = { ...life, state: 'ended' };
    this.store.set(this.processLives, index, ended);
    host.processGone(name, life.code ?? 0);
  }

  private indexOf(host: LifeHost, name: string): number {
    return this.order.findIndex((place) => place.host === host.index && place.name === name);
  }

  private processOf(purpose: string, host: LifeHost): string | undefined {
    const match = /^(?:main|exit):(.*)$/s.exec(purpose);
    const name = match?.[1];
    return name !== undefined && this.indexOf(host, name) >= 0 ? name : undefined;
  }

  // ---- Time ----------------------------------------------------------------------------------------

  /** Moves time to the next timer of a host that runs. */
  private nextTimer(): boolean {
    for (let timer = this.clock.next(); timer !== undefined; timer = this.clock.next()) {
      if (this.isStopped(timer.host)) continue;
      this.timerDue(timer);
      return true;
    }
    return false;
  }

  private timerDue(timer: Timer): void {
    const host = this.hostAt(timer.host);
    if (host === undefined || this.isStopped(timer.host)) return;
    if (!timer.purpose.startsWith(EVENT)) {
      host.timerDue(timer);
      return;
    }
    const index = Number(timer.purpose.slice(EVENT.length));
    if (host.startEvent(index) === undefined) {
      this.store.delete(this.events, eventKey(host.index, index));
    }
  }

  // ---- Events --------------------------------------------------------------------------------------

  /** The processes are about to start: from here the delays of events count. */
  private planEvents(): void {
    for (const host of this.hosts) {
      if (this.isStopped(host.index)) continue;
      host.events.forEach(({ after }, index) => {
        this.store.set(this.events, eventKey(host.index, index), true);
        const due = this.clock.now + after;
        this.clock.set({ due, host: host.index, purpose: `${EVENT}${index}` });
      });
    }
  }

  private get hasEvents(): boolean {
    return [...this.store.all(this.events).keys()].some(
      (key) => !this.isStopped(Number(key.split('/')[0])),
    );
  }

  private finishEvent(host: LifeHost, purpose: string, result: Int64): void {
    const index = Number(purpose.slice(EVENT.length));
    this.store.delete(this.events, eventKey(host.index, index));
    host.eventDone(index, result);
  }

  /** Nothing can run, nothing will happen: the run ends here, with everything as it is. */
  private deadlock(): void {
    for (const host of this.hosts) {
      if (!this.isStopped(host.index)) host.reportDeadlock();
    }
    this.put({ ...this.now, stuck: true });
  }
}

const eventKey = (host: number, index: number): string => `${host}/${index}`;

/** All steps in their order: hosts come up one after the other, and go down again when all processes ended. */
function planOf(hosts: readonly LifeHost[]): readonly Step[] {
  const up = hosts.flatMap((host): Step[] => [
    { kind: 'boot', host: host.index },
    ...host.drivers.flatMap((driver): Step[] => [
      { kind: 'load', host: host.index, driver: driver.name },
      ...driver.nics.flatMap((nic): Step[] => [
        { kind: 'add', host: host.index, driver: driver.name, nic },
        { kind: 'start', host: host.index, driver: driver.name, nic },
      ]),
    ]),
  ]);
  const down = hosts.flatMap((host): Step[] => {
    const nics = [...new Set(host.drivers.flatMap((driver) => driver.nics))].reverse();
    return [
      ...nics.map((nic): Step => ({ kind: 'remove', host: host.index, nic })),
      ...[...host.drivers]
        .reverse()
        .map((driver): Step => ({ kind: 'unload', host: host.index, driver: driver.name })),
      { kind: 'shutDown', host: host.index },
    ];
  });
  return [...up, { kind: 'run', host: -1 }, ...down];
}
