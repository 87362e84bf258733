/**
 * Who waits for whom: from a thread that waits over what it waits for to whoever holds that. A chain that comes back
 * to where it began is a deadlock, and is reported when it closes, whatever else still runs.
 */
import { hex } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import type { Site } from '../../vm/reports.ts';
import type { KernelContext } from '../context.ts';
import { placeOf } from '../mm/describe.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { IrqlManager } from './irql.ts';

/** One step of a chain. */
export interface WaitLink {
  /** What the thread waits for: `the mutex at 0x..`. */
  readonly what: string;
  /** Who could end the wait, as far as it is known, and since where it holds what is waited for. */
  readonly holders: readonly { readonly thread: number; readonly since: Site | undefined }[];
  /** Only a holder can end the wait: no time limit does, and no other object. */
  readonly isFirm: boolean;
}

export class WaitChains {
  /** Threads of deadlocks that have been reported. */
  private readonly reported: Table<number, true>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: { readonly dispatcher: Dispatcher; readonly irql: IrqlManager },
  ) {
    this.reported = kernel.store.table(`${kernel.host.name}.deadlocks`);
  }

  /** What a thread waits for; undefined when it does not wait for an object or a lock. */
  linkOf(thread: number): WaitLink | undefined {
    const spin = this.parts.irql.spinOf(thread);
    if (spin === undefined) return this.parts.dispatcher.linkOf(thread);
    const owner = this.parts.irql.ownerOf(spin.lock);
    return {
      what: `the spin lock at ${hex(spin.lock, 16)}`,
      holders: owner === undefined ? [] : [{ thread: owner.thread, since: owner.site }],
      isFirm: true,
    };
  }

  /** A thread has begun to wait: reports the deadlock that this closes, if it does. */
  check(thread: number): void {
    const path = this.cycleFrom(thread, thread, new Set());
    const [first] = path ?? [];
    if (path === undefined || first === undefined) return;
    const { kernel } = this;
    for (const { thread: member } of path) kernel.store.set(this.reported, member, true);
    kernel.reports.add('failure', {
      host: kernel.host.name,
      kind: 'deadlock',
      subject: kernel.vm.thread(thread)?.name ?? `${thread}`,
      status: undefined,
      message: `Deadlock: ${this.describePath(path)}`,
      site: kernel.vm.siteOf(thread, true) ?? kernel.vm.siteOf(thread),
    });
  }

  /** Whether a thread is part of a deadlock that has been reported. */
  isReported(thread: number): boolean {
    return this.kernel.store.get(this.reported, thread) === true;
  }

  /** `the mutex at .., held by thread 7 (System) since a.c:3, which waits for ..`, as far as it is known. */
  describe(thread: number, seen: ReadonlySet<number> = new Set()): string | undefined {
    const link = this.linkOf(thread);
    if (link === undefined) return undefined;
    const known = new Set([...seen, thread]);
    const holders = link.holders.map((holder) => {
      const text = `held by ${this.name(holder.thread)}${sinceText(holder.since)}`;
      const further = known.has(holder.thread) ? undefined : this.describe(holder.thread, known);
      return further === undefined ? text : `${text}, which waits for ${further}`;
    });
    return [link.what, ...holders].join(', ');
  }

  /** `thread 7 (System)`, with its processor where there are several. */
  private name(thread: number): string {
    const state = this.kernel.vm.thread(thread);
    const place =
      this.kernel.host.machine.processors > 1 && state !== undefined
        ? ` on processor ${state.processor}`
        : '';
    return `thread ${thread} (${state?.name ?? 'ended'}${place})`;
  }

  private describePath(path: readonly PathStep[]): string {
    const [first] = path;
    const steps = path.map(
      ({ link, holder }) =>
        `waits for ${link.what}, held by ${this.name(holder.thread)}${sinceText(holder.since)}`,
    );
    return `${this.name(first?.thread ?? 0)} ${steps.join(', which ')}`;
  }

  /** The steps from a thread back to another one, each to the first holder that leads there. */
  private cycleFrom(
    thread: number,
    target: number,
    seen: Set<number>,
  ): readonly PathStep[] | undefined {
    if (seen.has(thread)) return undefined;
    seen.add(thread);
    const link = this.linkOf(thread);
    if (link === undefined || !link.isFirm) return undefined;
    for (const holder of link.holders) {
      if (holder.thread === target) return [{ thread, link, holder }];
      const rest = this.cycleFrom(holder.thread, target, seen);
      if (rest !== undefined) return [{ thread, link, holder }, ...rest];
    }
    return undefined;
  }
}

interface PathStep {
  readonly thread: number;
  readonly link: WaitLink;
  readonly holder: WaitLink['holders'][number];
}

const sinceText = (since: Site | undefined): string =>
  since === undefined ? '' : ` since ${placeOf(since)}`;
