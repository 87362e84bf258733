/** Machines and NICs from their options, with what contradicts itself reported. */
import { PAGE_SIZE } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { AddressRange, FreeMemory, MachineDeclaration, NicDeclaration } from '../scenario.ts';
import type { LocatedRange, OptionNode } from '../scenario-parser/tree.ts';
import type { SourceRange } from '../source.ts';

/** Physical addresses of x64 end here. */
const ADDRESS_LIMIT = 2 ** 52;
const PROCESSOR_LIMIT = 64;
const RUN_LIMIT = 2 ** 24;
/** All ranges of registers of a machine lie in a part of the hole below 4 GB. */
const BAR_LIMIT = 2 ** 24;
/** MSI-X has no more. */
const MESSAGE_LIMIT = 2048;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class HardwareResolver {
  constructor(private readonly diagnostics: Diagnostics) {}

  /** A machine with options applied. `place` stands for an inherited value that no longer fits. */
  machine(
    base: MachineDeclaration,
    name: string,
    options: readonly OptionNode[],
    place: SourceRange | undefined,
  ): MachineDeclaration {
    const machine: Writable<MachineDeclaration> = { ...base, name, range: place };
    const seen = new Map<string, OptionNode>();
    for (const option of options) {
      this.checkRepeated(seen, option);
      this.applyToMachine(machine, option);
    }
    this.checkFreeMemory(machine, seen.get('free_memory') ?? seen.get('memory'));
    const crowd = seen.get('nodes') ?? seen.get('processors');
    if (crowd !== undefined && machine.processors < machine.nodes) {
      this.error(
        'contradiction',
        crowd.valueRange,
        `Each of the ${machine.nodes} nodes needs a processor; the machine has ${machine.processors}`,
      );
    }
    return machine;
  }

  /** A NIC with options applied. */
  nic(
    base: NicDeclaration,
    name: string,
    options: readonly OptionNode[],
    place: SourceRange | undefined,
  ): NicDeclaration {
    const nic: Writable<NicDeclaration> = { ...base, name, range: place };
    const seen = new Map<string, OptionNode>();
    for (const option of options) {
      this.checkRepeated(seen, option);
      this.applyToNic(nic, option);
    }
    return nic;
  }

  private error(code: string, range: SourceRange, message: string): void {
    this.diagnostics.error(code, range, message, { documentation: 'language.md' });
  }

  private checkRepeated(seen: Map<string, OptionNode>, option: OptionNode): void {
    const { value } = option;
    // A device has several ranges of registers, and a program several definitions and folders.
    const several = value.kind === 'definition' || option.word.text === 'include';
    const key = value.kind === 'bar' ? `bar ${value.index}` : option.word.text;
    const earlier = several ? undefined : seen.get(key);
    if (earlier !== undefined) {
      this.diagnostics.error('repeated-option', option.word.range, `'${key}' is given twice`, {
        related: [{ message: 'It is given here first', range: earlier.word.range }],
        documentation: 'language.md',
      });
    }
    seen.set(key, option);
  }

  private applyToMachine(machine: Writable<MachineDeclaration>, option: OptionNode): void {
    const { value, valueRange, word } = option;
    switch (value.kind) {
      case 'flag':
        if (word.text === 'nolowmem') machine.nolowmem = value.on;
        else if (word.text === 'merge_pages') machine.mergePages = value.on;
        else if (word.text === 'trim') machine.trim = value.on;
        else machine.iommu = value.on;
        break;
      case 'number':
        if (word.text === 'map_registers') {
          machine.mapRegisters = this.within(value.value, 0, 2 ** 20, valueRange, 'map registers');
        } else if (word.text === 'nodes') {
          machine.nodes = this.within(value.value, 1, PROCESSOR_LIMIT, valueRange, 'nodes');
        } else {
          machine.processors = this.within(
            value.value,
            1,
            PROCESSOR_LIMIT,
            valueRange,
            'processors',
          );
        }
        break;
      case 'ranges': {
        const ranges = this.checkRanges(value.ranges);
        if (word.text === 'memory') {
          if (ranges.length > 0) machine.memory = ranges;
        } else {
          machine.freeMemory = { kind: 'exact', ranges };
        }
        break;
      }
      case 'all':
        machine.freeMemory = { kind: 'all' };
        break;
      case 'fragmented':
        machine.freeMemory = this.fragmented(value, valueRange);
        break;
      case 'windows':
        machine.windows = value.version;
        break;
      case 'verifier':
        machine.verifier = { flags: value.flags, lowMemoryRequests: value.lowMemoryRequests };
        break;
      default:
    }
  }

  private applyToNic(nic: Writable<NicDeclaration>, option: OptionNode): void {
    const { value, valueRange, word } = option;
    switch (value.kind) {
      case 'flag':
        nic.scatterGather = value.on;
        break;
      case 'number':
        if (word.text === 'address_bits') {
          nic.addressBits = this.within(value.value, 1, 64, valueRange, 'address bits');
        } else {
          nic.maximumLength = this.within(
            value.value,
            1,
            2 ** 32 - 1,
            valueRange,
            'bytes in a transfer',
          );
        }
        break;
      case 'text':
        if (word.text === 'interface') {
          nic.interface = value.text;
        } else if (word.text === 'include') {
          break;
        } else if (isAddress(value.text)) {
          nic.address = value.text;
        } else {
          this.error(
            'bad-address',
            valueRange,
            `"${value.text}" is no IP address: expected four numbers up to 255, as in "10.0.0.1"`,
          );
        }
        break;
      case 'bar':
        nic.bars = this.withBar(nic.bars, value, valueRange);
        break;
      case 'interrupt':
        nic.interruptMessages = this.within(
          value.messages,
          0,
          MESSAGE_LIMIT,
          valueRange,
          'interrupt messages',
        );
        break;
      default:
    }
  }

  /** The ranges of registers with one of them added or replaced, by number. */
  private withBar(
    bars: NicDeclaration['bars'],
    { index, size }: { readonly index: number; readonly size: number },
    range: SourceRange,
  ): NicDeclaration['bars'] {
    const bar = {
      index: this.within(index, 0, 5, range, 'as the number of a base address register'),
      size: this.within(size, PAGE_SIZE, BAR_LIMIT, range, 'bytes of registers'),
    };
    if ((bar.size & (bar.size - 1)) !== 0) {
      this.error(
        'bad-bar',
        range,
        `A range of registers is a power of two of bytes, at least ${hex(PAGE_SIZE)}; found ${hex(size)}`,
      );
      return bars;
    }
    return [...bars.filter((one) => one.index !== bar.index), bar].sort(
      (one, other) => one.index - other.index,
    );
  }

  /** The value, or the nearest one allowed. */
  private within(
    value: number,
    least: number,
    most: number,
    range: SourceRange,
    what: string,
  ): number {
    if (value >= least && value <= most) return value;
    this.error('out-of-range', range, `Expected ${least} to ${most} ${what}, found ${value}`);
    return Math.min(Math.max(value, least), most);
  }

  private fragmented(
    value: { readonly percent: number; readonly runs: number; readonly seed: number },
    range: SourceRange,
  ): FreeMemory {
    const percent = this.within(value.percent, 0, 100, range, 'per cent');
    const runs = this.within(value.runs, 1, RUN_LIMIT, range, 'runs');
    return { kind: 'fragmented', percent, runs, seed: value.seed };
  }

  /** Sorted ranges that can be; those that cannot are reported and left out. */
  private checkRanges(ranges: readonly LocatedRange[]): AddressRange[] {
    const good: LocatedRange[] = [];
    for (const candidate of ranges) {
      const { start, end, range } = candidate;
      const odd = [start, end].find((address) => address % PAGE_SIZE !== 0);
      const other = good.find((earlier) => start < earlier.end && earlier.start < end);
      if (end <= start) {
        this.error(
          'bad-range',
          range,
          `The range ends at ${hex(end)}, not above its start ${hex(start)}`,
        );
      } else if (end > ADDRESS_LIMIT) {
        this.error('bad-range', range, `Physical addresses end below ${hex(ADDRESS_LIMIT)}`);
      } else if (odd !== undefined) {
        this.error(
          'unaligned-range',
          range,
          `${hex(odd)} is no page boundary: expected a multiple of ${hex(PAGE_SIZE)}`,
        );
      } else if (other !== undefined) {
        this.error(
          'overlapping-ranges',
          range,
          `${show(candidate)} overlaps ${show(other)} of the same list`,
        );
      } else {
        good.push(candidate);
      }
    }
    return good
      .sort((left, right) => left.start - right.start)
      .map(({ start, end }) => ({ start, end }));
  }

  private checkFreeMemory(machine: MachineDeclaration, option: OptionNode | undefined): void {
    if (machine.freeMemory.kind !== 'exact' || option === undefined) return;
    const outside = machine.freeMemory.ranges.find(
      (free) => !machine.memory.some(({ start, end }) => start <= free.start && free.end <= end),
    );
    if (outside === undefined) return;
    const written =
      option.value.kind === 'ranges'
        ? option.value.ranges.find(({ start }) => start === outside.start)?.range
        : undefined;
    this.error(
      'contradiction',
      written ?? option.valueRange,
      `Free memory ${show(outside)} lies outside the machine's memory (${machine.memory.map(show).join(', ')})`,
    );
  }
}

const show = ({ start, end }: AddressRange): string => `${hex(start)} .. ${hex(end)}`;

function isAddress(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}
