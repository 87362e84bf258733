/** Data breakpoints: virtual or physical ranges whose accesses stop the program. */
import { PAGE_SIZE } from '../../base/addresses.ts';
import type { AccessWatch } from '../door.ts';
import type { VirtualMachine } from '../virtual-machine.ts';
import { parseReference } from './memory-reference.ts';
import type { BoundBreakpoint, DataBreakpoint } from './requests.ts';

interface Watched {
  readonly id: string;
  readonly isPhysical: boolean;
  readonly host: number;
  readonly process: number;
  readonly start: number;
  readonly end: number;
  readonly access: DataBreakpoint['access'];
}

/**
 * Pages with a watched byte are left out of the doors' caches, so that each access to them comes by here and
 * all others cost nothing. What native routines write without a door is found by comparing the bytes.
 */
export class DataWatch {
  readonly bound: readonly BoundBreakpoint[];
  private readonly ranges: readonly Watched[];
  private readonly touchedIds = new Set<string>();
  private contents: readonly (string | undefined)[] = [];

  constructor(
    private readonly machine: VirtualMachine,
    breakpoints: readonly DataBreakpoint[],
  ) {
    const ranges: Watched[] = [];
    const bound: BoundBreakpoint[] = [];
    for (const { id, reference, bytes, access } of breakpoints) {
      const place = parseReference(reference);
      const host = machine.hosts.find((one) => machine.hostName(one) === place?.host);
      if (place === undefined || host === undefined || bytes <= 0) {
        bound.push({ id, verified: false, message: `${reference} is no place in memory.` });
        continue;
      }
      ranges.push({
        id,
        isPhysical: place.space === 'physical',
        host,
        process: place.process,
        start: place.address,
        end: place.address + bytes,
        access,
      });
      bound.push({ id, verified: true });
    }
    this.ranges = ranges;
    this.bound = bound;
    machine.watchAccesses(
      ranges.length === 0 ? undefined : (host, process) => this.watchFor(host, process),
    );
    this.reset();
  }

  get isActive(): boolean {
    return this.ranges.length > 0;
  }

  /** Breakpoints touched since the last call; also those whose bytes a native routine changed otherwise. */
  take(): readonly string[] {
    if (this.ranges.length === 0) return [];
    const contents = this.ranges.map((range) => this.read(range));
    this.ranges.forEach((range, index) => {
      const isChanged = contents[index] !== this.contents[index];
      if (isChanged && range.access !== 'read') this.touchedIds.add(range.id);
    });
    this.contents = contents;
    const ids = [...this.touchedIds];
    this.touchedIds.clear();
    return ids;
  }

  /** After the state was replaced: what differs now was not touched. */
  reset(): void {
    this.touchedIds.clear();
    this.contents = this.ranges.map((range) => this.read(range));
  }

  /** What the door of a process has to look at. */
  private watchFor(host: number, process: number): AccessWatch {
    const own = this.ranges.filter(
      (range) =>
        range.host === host &&
        // Kernel addresses are the same in all processes.
        (range.isPhysical || range.start < 0 || range.process === process),
    );
    return {
      covers: (address, frame) => {
        const page = address - (address & (PAGE_SIZE - 1));
        return own.some((range) => {
          const first = range.isPhysical ? frame * PAGE_SIZE : page;
          return range.start < first + PAGE_SIZE && range.end > first;
        });
      },
      touched: (address, frame, size, access) => {
        for (const range of own) {
          const first = range.isPhysical
            ? frame * PAGE_SIZE + (address & (PAGE_SIZE - 1))
            : address;
          if (first >= range.end || first + size <= range.start) continue;
          if (range.access !== 'readWrite' && range.access !== access) continue;
          this.touchedIds.add(range.id);
          this.machine.processor.attention = true;
        }
      },
    };
  }

  /** The bytes as text, for comparison; undefined while they are not mapped. */
  private read(range: Watched): string | undefined {
    return this.machine
      .peekBytes(range.isPhysical, range.host, range.process, range.start, range.end - range.start)
      ?.join(',');
  }
}
