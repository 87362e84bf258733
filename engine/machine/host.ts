/** One emulated computer: its memory, its processor's IRQL, its system address space. */
import { type VirtualAddress, virtual } from '../base/addresses.ts';
import type { Store, Table } from '../base/store.ts';
import { AddressSpace } from './address-space.ts';
import { PhysicalMemory } from './physical-memory.ts';
import { placeRegisters, RegisterMap } from './registers.ts';

/** What the scenario says about the hardware and Windows. Sizes in bytes. */
export interface MachineConfiguration {
  readonly memory: readonly { readonly start: number; readonly end: number }[];
  readonly nolowmem: boolean;
  readonly freeMemory:
    | { readonly kind: 'all' }
    | {
        readonly kind: 'exact';
        readonly ranges: readonly { readonly start: number; readonly end: number }[];
      }
    | {
        readonly kind: 'fragmented';
        readonly percent: number;
        readonly runs: number;
        readonly seed: number;
      };
  readonly mapRegisters: number;
  readonly iommu: boolean;
  /** Adjacent pages are one element of a scatter/gather list. */
  readonly mergePages: boolean;
  readonly nodes: number;
  readonly processors: number;
  readonly windows: string;
  /** Pageable pages are taken away as soon as their last lock is gone. */
  readonly trim?: boolean;
}

export interface NicConfiguration {
  readonly name: string;
  readonly interface: string;
  readonly addressBits: number;
  readonly scatterGather: boolean;
  readonly maximumLength: number;
  readonly address: string;
  /** Its ranges of registers, in bytes. */
  readonly bars: readonly { readonly index: number; readonly size: number }[];
  /** Undefined: no interrupt; 0: a line; else the number of messages. */
  readonly interruptMessages: number | undefined;
}

/** Virtual address layout: the ranges that x64 Windows uses for each purpose. */
export const layout = {
  /** Nonpaged and paged pool, stacks, contiguous memory, MDL mappings. */
  systemFirst: virtual(-0x5000_0000_0000),
  systemLast: virtual(-0x2000_0000_0001),
  /** Kernel and driver images. */
  imagesFirst: virtual(-0x0800_0000_0000),
  imagesLast: virtual(-0x0780_0000_0001),
  userFirst: virtual(0x1_0000),
  userLast: virtual(0x7fff_fffe_ffff),
} as const;

export class Host {
  readonly memory: PhysicalMemory;
  /** The system half; process 0. */
  readonly system: AddressSpace;
  /** Where the registers of its devices lie. */
  readonly registers: RegisterMap;
  /** The spaces of its processes, in the order of their declaration. */
  readonly userSpaces: AddressSpace[] = [];
  /** Fetches pages from the page file; the memory manager puts itself in here while the session is built. */
  pager: (space: AddressSpace, address: number) => boolean = () => false;
  private readonly movedRegisters: Table<string, true>;
  private readonly irqlCell: number;
  private readonly processorCell: number;

  constructor(
    readonly store: Store,
    readonly index: number,
    readonly name: string,
    readonly machine: MachineConfiguration,
    readonly nics: readonly NicConfiguration[],
  ) {
    this.memory = new PhysicalMemory(store, index);
    this.movedRegisters = store.table(`${name}.movedRegisters`);
    this.registers = new RegisterMap(
      placeRegisters(machine.memory, nics),
      (device) => store.get(this.movedRegisters, device) === true,
    );
    this.system = new AddressSpace(
      store,
      `${name}.system`,
      layout.systemFirst,
      layout.systemLast,
      (space, address) => this.pager(space, address),
    );
    this.irqlCell = store.cell();
    this.processorCell = store.cell();
  }

  /** Puts a device's registers at the other of its two places. */
  moveRegisters(device: string): void {
    if (this.store.get(this.movedRegisters, device) === true) {
      this.store.delete(this.movedRegisters, device);
    } else {
      this.store.set(this.movedRegisters, device, true);
    }
    this.store.invalidate();
  }

  /** The processor whose turn it is: the running thread's, by number from 0 on. */
  get processor(): number {
    return this.store.cells[this.processorCell] ?? 0;
  }

  set processor(value: number) {
    this.store.cells[this.processorCell] = value;
  }

  /** The NUMA node of that processor: where its memory is nearest. */
  get currentNode(): number {
    const { nodes, processors } = this.machine;
    return Math.floor((this.processor * nodes) / Math.max(1, processors));
  }

  /** IRQL of the processor whose turn it is, 0 to 15; each thread keeps its own while others run. */
  get irql(): number {
    return this.store.cells[this.irqlCell] ?? 0;
  }

  set irql(value: number) {
    this.store.cells[this.irqlCell] = value;
  }

  /** A user address space for a process; declared while the session is built. */
  userSpace(process: string): AddressSpace {
    const space = new AddressSpace(
      this.store,
      `${this.name}.process.${process}`,
      layout.userFirst,
      layout.userLast as VirtualAddress,
      (one, address) => this.pager(one, address),
    );
    this.userSpaces.push(space);
    return space;
  }
}
