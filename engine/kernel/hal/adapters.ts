/**
 * Adapter objects: IoGetDmaAdapter and PutDmaAdapter. The driver sees a DMA_ADAPTER and its table of routines
 * as bytes; what lies behind is opaque and kept beside.
 */
import { bytesToPages } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import { BugCheck, type NativeCall, type NativeTable } from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { DISPATCH_LEVEL, irqlName, type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import { verifierFlags } from '../services.ts';
import {
  claimedReach,
  controllerLine,
  controllerRefusal,
  type DeviceDescription,
  hasUnwrittenFields,
  isPci,
  readDescription,
  readVersion,
  withBus,
} from './device-description.ts';
import type { MergeRules } from './mdl-pieces.ts';
import { operationsTable } from './operations.ts';

/** What lies behind a DMA_ADAPTER. Plain data. */
export interface Adapter {
  readonly address: number;
  readonly number: number;
  /** The physical device object that it was got for. */
  readonly pdo: number;
  /** The IOMMU domain that the device is in. */
  readonly domain: number;
  /** With the bus that the device is on, where the driver left that open; and as it was written. */
  readonly description: DeviceDescription;
  readonly written: DeviceDescription;
  /** Address bits that the description claims, and why. */
  readonly bits: number;
  readonly because: string;
  /** The NIC behind the device object, where it is known, and what it can really reach. */
  readonly nic: string | undefined;
  readonly nicBits: number | undefined;
  /** Map registers that the description asks for, and what was granted. */
  readonly wanted: number;
  readonly granted: number;
  readonly live: boolean;
  /** Set when somebody holds the adapter's channel. */
  readonly channel: boolean;
  /** The map registers that go with the channel; 0: none. */
  readonly channelBase: number;
  readonly holding: number;
  /** Counters for Driver Verifier. */
  readonly buffersAllocated: number;
  readonly buffersFreed: number;
  readonly listsAllocated: number;
  readonly listsFreed: number;
  readonly registersHeld: number;
  /** The description has fields that were never written: what it claims is an accident, reported as such. */
  readonly accidental: boolean;
}

/** The most map registers that a device without scatter/gather gets, whatever it asks for. */
const REGISTER_CAP = 64;
/** Bytes of DMA_ADAPTER and of the opaque part behind it. */
const ADAPTER_BYTES = 0x100;
const ADAPTER_TAG = 0x20616d44; // 'Dma '
/** Handles of IOMMU domains: opaque, and no addresses of anything. */
const DOMAIN_HANDLES = 0x7d0_0000;
/** Adapters do not merge pages across a 4 GB line. */
const FOUR_GB = 0x1_0000_0000;
/** What a verified driver's PutDmaAdapter reports of things left. */
const leftCodes = { buffers: 0x07, channels: 0x08, registers: 0x09, lists: 0x0a } as const;

/** The highest address within reach of so many bits. */
export function highestAddress(bits: number): number {
  return 2 ** bits - 1;
}

/** The same as text; 64 bits are beyond a number. */
export function reachText(bits: number): string {
  return hex((1n << BigInt(bits)) - 1n);
}

/** Bug check 0xE6. */
export function dmaViolation(
  parameters: BugCheck['parameters'],
  explanation: string,
  page = 'bug-check-0xe6--driver-verifier-dma-violation',
): BugCheck {
  return new BugCheck(bugCheckCodes.DRIVER_VERIFIER_DMA_VIOLATION, parameters, explanation, page);
}

export class Adapters {
  private readonly table: Table<number, Adapter>;
  /** Tables of routines by version, made once. */
  private readonly operations: Table<number, number>;
  /** IOMMU domains of devices, by physical device object. */
  private readonly domains: Table<number, number>;
  private readonly counter: number;
  /** Common buffer vectors, by address, with their adapters. */
  private readonly vectors: Table<number, number>;

  constructor(readonly kernel: KernelContext) {
    this.table = kernel.store.table(`${kernel.host.name}.dmaAdapters`);
    this.operations = kernel.store.table(`${kernel.host.name}.dmaOperations`);
    this.domains = kernel.store.table(`${kernel.host.name}.dmaDomains`);
    this.counter = kernel.store.cell();
    this.vectors = kernel.store.table(`${kernel.host.name}.commonBufferVectors`);
  }

  get all(): OrderedMap<number, Adapter> {
    return this.kernel.store.all(this.table);
  }

  natives(): NativeTable {
    return {
      IoGetDmaAdapter: (call) => this.get(call),
      PutDmaAdapter: (call) => {
        const adapter = this.check(call, { highest: DISPATCH_LEVEL });
        if (adapter !== undefined) this.put(call, adapter);
        return undefined;
      },
      GetDmaAlignment: (call) => {
        this.check(call, { exact: PASSIVE_LEVEL });
        return 1;
      },
    };
  }

  /** A common buffer vector of an adapter comes, or (without one) goes. */
  noteVector(vector: number, adapter: number | undefined): void {
    const { store } = this.kernel;
    if (adapter === undefined) store.delete(this.vectors, vector);
    else store.set(this.vectors, vector, adapter);
  }

  private vectorsOf(adapter: number): readonly number[] {
    return [...this.kernel.store.all(this.vectors).entries()]
      .filter(([, owner]) => owner === adapter)
      .map(([vector]) => vector);
  }

  update(address: number, change: (adapter: Adapter) => Adapter): void {
    this.kernel.store.update(this.table, address, change);
  }

  find(address: number): Adapter | undefined {
    return this.kernel.store.get(this.table, address);
  }

  /** Whether the driver that works with an adapter is checked with DMA verification. */
  verified(call: NativeCall): boolean {
    return this.kernel.verifiedModule(this.driverOf(call), verifierFlags.dma);
  }

  /** Whether transfers of an adapter are copied for DMA verification; an endless cycle cannot be. */
  doubles({ holding, description }: Pick<Adapter, 'holding' | 'description'>): boolean {
    const module = this.kernel.ledger.get(holding)?.module;
    return (
      module !== undefined &&
      description.AutoInitialize === 0 &&
      this.kernel.verifiedModule(module, verifierFlags.dma)
    );
  }

  /** The driver behind a call: of routines that are C in the kernel, whoever got the adapter. */
  driverOf(call: NativeCall): string {
    if (call.caller.own || call.caller.module !== 'ntoskrnl') return call.caller.module;
    const holding = this.find(call.number(0))?.holding;
    return (
      (holding === undefined ? undefined : this.kernel.ledger.get(holding)?.module) ??
      this.kernel.vm.siteOf(call.thread, true)?.module ??
      call.caller.module
    );
  }

  /**
   * Checks what all adapter routines have in common: the IRQL, and that the first argument is a live adapter.
   * Undefined when there is none to work on; the report was made.
   */
  check(
    call: NativeCall,
    irql: { readonly exact: number } | { readonly highest: number },
    routine: string = call.routine,
  ): Adapter | undefined {
    this.checkIrql(call, irql, routine);
    const address = call.number(0);
    if (address === 0) {
      if (this.verified(call)) {
        throw dmaViolation([0x19, 0, 0, 0], `${routine} is called with a NULL DMA_ADAPTER.`);
      }
      // Faults, as the routine would.
      this.kernel.layouts.read(call.memory, 0, 'DMA_ADAPTER', 'Version', 'DmaAdapter->Version');
      return undefined;
    }
    const adapter = this.find(address);
    if (adapter?.live === true) return adapter;
    const text =
      adapter === undefined
        ? `${routine} is called with ${hex(address, 16)}, which IoGetDmaAdapter never returned.`
        : `${routine} is called with the DMA adapter at ${hex(address, 16)}, which PutDmaAdapter released.`;
    if (this.verified(call)) throw dmaViolation([0x18, address, 0, 0], text);
    call.violation('dma_adapter', text, 'nc-wdm-pput_dma_adapter');
    return undefined;
  }

  /**
   * The call of a driver's routine whose C in the kernel has called a primitive, as fault injection looks at it.
   */
  asDriverCall(call: NativeCall, adapter: Adapter, routine: string): NativeCall {
    const holding = this.kernel.ledger.get(adapter.holding);
    const site = this.kernel.vm.siteOf(call.thread, true) ?? call.site;
    return Object.create(call, {
      routine: { value: routine },
      site: { value: site },
      caller: {
        value: {
          module: holding?.module ?? call.caller.module,
          own: holding?.own ?? false,
          driver: undefined,
        },
      },
    });
  }

  checkIrql(
    call: NativeCall,
    rule: { readonly exact: number } | { readonly highest: number },
    routine: string = call.routine,
  ): void {
    const { irql } = this.kernel.host;
    const exact = 'exact' in rule;
    const limit = exact ? rule.exact : rule.highest;
    if (exact ? irql === limit : irql <= limit) return;
    const text = exact
      ? `${routine} must be called at ${irqlName(limit)}; ${this.driverOf(call)} called it at ${irqlName(irql)}.`
      : `${routine} may be called at ${irqlName(limit)} or below; ${this.driverOf(call)} called it at ${irqlName(irql)}.`;
    if (this.verified(call)) throw dmaViolation([0x13, exact ? 1 : 2, limit, irql], text);
    call.violation('wrong_irql', text, 'dma-verification');
  }

  /** Reports an address that the description allows and the device cannot reach. */
  checkReach(
    call: NativeCall,
    adapter: Adapter,
    start: number,
    length: number,
    routine: string = call.routine,
  ): void {
    const { nicBits } = adapter;
    const last = start + length - 1;
    if (
      adapter.accidental ||
      nicBits === undefined ||
      nicBits >= 64 ||
      last <= highestAddress(nicBits)
    )
      return;
    call.violation(
      'dma_reach',
      `The device ${adapter.nic} has ${nicBits} address bits and reaches ${reachText(nicBits)}; ` +
        `${routine} gave it ${hex(start)} to ${hex(last)}, because its DEVICE_DESCRIPTION claims ${adapter.bits} bits (${adapter.because}). ` +
        'The device would drop the upper bits and use other memory.',
      'ns-wdm-_device_description',
    );
  }

  private get(call: NativeCall): number {
    const { kernel } = this;
    this.checkIrql(call, { exact: PASSIVE_LEVEL });
    const [pdo, descriptionAddress, registersAddress] = [
      call.number(0),
      call.number(1),
      call.number(2),
    ];
    const version = readVersion(call, kernel.layouts, descriptionAddress);
    const newest = kernel.atLeast('Windows 8') ? 3 : 2;
    if (version > newest) return this.refuseVersion(call, version, newest);
    const accidental = hasUnwrittenFields(call, kernel.layouts, descriptionAddress, version);
    const written = readDescription(call, kernel.layouts, descriptionAddress, version);
    const description = withBus(written, kernel.nicOf(pdo)?.interface);
    const refusal = controllerRefusal(description);
    if (refusal !== undefined) {
      kernel.explain(
        call,
        `IoGetDmaAdapter returns NULL: ${refusal}.`,
        'ns-wdm-_device_description',
      );
      return 0;
    }
    if (kernel.injectFault(call, 'allocation')) return 0;
    const address = kernel.memory.allocateSystemPool({
      bytes: ADAPTER_BYTES,
      paged: false,
      executable: false,
      tag: ADAPTER_TAG,
      zeroed: true,
    });
    if (address === undefined) {
      kernel.explain(
        call,
        'IoGetDmaAdapter returns NULL: there is no nonpaged pool for the adapter object.',
        'nf-wdm-iogetdmaadapter',
      );
      return 0;
    }
    const adapter = this.record(call, address, pdo, { description, written, accidental });
    const { layouts } = kernel;
    layouts.write(call.memory, address, 'DMA_ADAPTER', 'Version', 1);
    layouts.write(call.memory, address, 'DMA_ADAPTER', 'Size', layouts.size('DMA_ADAPTER'));
    layouts.write(
      call.memory,
      address,
      'DMA_ADAPTER',
      'DmaOperations',
      this.operationsFor(call, Math.max(version, 1)),
    );
    call.memory.write(registersAddress, 4, adapter.granted);
    return address;
  }

  private record(
    call: NativeCall,
    address: number,
    pdo: number,
    source: Pick<Adapter, 'description' | 'written' | 'accidental'>,
  ): Adapter {
    const { kernel } = this;
    const { description, written, accidental } = source;
    const nic = kernel.nicOf(pdo);
    const { bits, because } = claimedReach(description);
    const wanted = bytesToPages(description.MaximumLength ?? 0) + 1;
    const holding = kernel.ledger.add({
      kind: 'DMA adapter',
      address: address as never,
      bytes: kernel.layouts.size('DMA_ADAPTER'),
      module: call.caller.module,
      own: call.caller.own,
      routine: call.routine,
      site: call.site,
      details: { bits, version: description.Version },
    });
    const number = this.nextNumber();
    const adapter: Adapter = {
      address,
      number,
      pdo,
      domain: this.ownDomain(pdo),
      description,
      written,
      bits,
      because,
      nic: nic?.name,
      nicBits: nic?.addressBits,
      wanted,
      granted: this.grant(description, bits, wanted),
      live: true,
      channel: false,
      channelBase: 0,
      holding,
      buffersAllocated: 0,
      buffersFreed: 0,
      listsAllocated: 0,
      listsFreed: 0,
      registersHeld: 0,
      accidental,
    };
    kernel.store.set(this.table, address, adapter);
    return adapter;
  }

  /** The domain behind a handle of GetDmaDomain; undefined when there is none. */
  domainOf(handle: number): number | undefined {
    const domain = handle - DOMAIN_HANDLES;
    return domain >= 1 && domain <= this.kernel.store.all(this.domains).size ? domain : undefined;
  }

  /** The handle of a domain. */
  domainHandle(domain: number): number {
    return DOMAIN_HANDLES + domain;
  }

  /** The domain that a device starts in; made when it is asked for first. */
  ownDomain(pdo: number): number {
    const { store } = this.kernel;
    const known = store.get(this.domains, pdo);
    if (known !== undefined) return known;
    const domain = store.all(this.domains).size + 1;
    store.set(this.domains, pdo, domain);
    return domain;
  }

  private nextNumber(): number {
    const { cells } = this.kernel.store;
    const number = (cells[this.counter] ?? 0) + 1;
    cells[this.counter] = number;
    return number;
  }

  /** Which pages of a buffer make one piece for a device. */
  mergeRules({ description, bits }: Pick<Adapter, 'description' | 'bits'>): MergeRules {
    const { machine } = this.kernel.host;
    const lists = description.Master !== 0 && description.ScatterGather !== 0;
    return {
      // Who gets one range gets all that is adjacent, whatever lists look like.
      merge: !lists || machine.mergePages,
      boundary: controllerLine(description) ?? FOUR_GB,
      reach: machine.iommu ? Number.POSITIVE_INFINITY : highestAddress(bits),
    };
  }

  /** Lines that a block of map registers does not cross, in bytes; 0: none. */
  registerBoundary({ description }: Pick<Adapter, 'description'>): number {
    return controllerLine(description) ?? 0;
  }

  /** Whether transfers may need map registers: pages out of reach, or no scatter/gather. */
  needsRegisters(adapter: Pick<Adapter, 'description' | 'bits'>): boolean {
    const { machine } = this.kernel.host;
    const { description, bits } = adapter;
    const end = Math.max(...machine.memory.map((range) => range.end), 0);
    const reachesAll = end - 1 <= highestAddress(bits) || machine.iommu;
    return !(description.Master && description.ScatterGather && reachesAll && isPci(description));
  }

  /**
   * How many map registers an adapter gets. A bus master with scatter/gather that reaches all of memory needs
   * none and is told what it asked for; the others share the machine's.
   */
  private grant(description: DeviceDescription, bits: number, wanted: number): number {
    const { machine } = this.kernel.host;
    if (!description.Master) return description.ScatterGather ? 1 : Math.min(wanted, 16);
    if (!this.needsRegisters({ description, bits })) return wanted;
    const available = Math.max(machine.mapRegisters, 1);
    return Math.min(wanted, available, description.ScatterGather ? available : REGISTER_CAP);
  }

  private refuseVersion(call: NativeCall, version: number, newest: number): number {
    const text =
      version === 3
        ? `DeviceDescription->Version is 3, which exists from Windows 8 on; this machine runs ${this.kernel.host.machine.windows}, which knows 0 to ${newest}.`
        : `DeviceDescription->Version is ${version}; known are 0 to ${newest}.`;
    if (this.verified(call) && version > 3) throw dmaViolation([0x25, version, 0, 0], text);
    this.kernel.explain(call, `IoGetDmaAdapter returns NULL: ${text}`, 'nf-wdm-iogetdmaadapter');
    return 0;
  }

  private operationsFor(call: NativeCall, version: number): number {
    const { kernel } = this;
    const known = kernel.store.get(this.operations, version);
    if (known !== undefined) return known;
    const { members, size } = operationsTable(kernel.host.machine.windows, version);
    const address = kernel.memory.allocateSystemPool({
      bytes: size,
      paged: false,
      executable: false,
      tag: ADAPTER_TAG,
      zeroed: true,
    });
    if (address === undefined) return 0;
    const { layouts } = kernel;
    layouts.write(call.memory, address, 'DMA_OPERATIONS', 'Size', size);
    for (const member of members) {
      const routine =
        kernel.vm.addressOf(kernel.host.index, 'ntoskrnl', member) ??
        kernel.vm.nativeAddress(kernel.host.index, member);
      layouts.write(call.memory, address, 'DMA_OPERATIONS', member, routine);
    }
    kernel.store.set(this.operations, version, address);
    return address;
  }

  private put(call: NativeCall, adapter: Adapter): void {
    const { kernel } = this;
    const buffers = adapter.buffersAllocated - adapter.buffersFreed;
    const lists = adapter.listsAllocated - adapter.listsFreed;
    const left: readonly (readonly [keyof typeof leftCodes, number, string])[] = [
      ['buffers', buffers, `${buffers} common buffer${buffers === 1 ? '' : 's'}`],
      ['channels', adapter.channel ? 1 : 0, 'its channel'],
      ['lists', lists, `${lists} scatter/gather list${lists === 1 ? '' : 's'}`],
      ['registers', adapter.registersHeld, `${adapter.registersHeld} map registers`],
    ];
    for (const [what, count, name] of left) {
      if (count <= 0) continue;
      const text = `${call.caller.module} releases the DMA adapter at ${hex(adapter.address, 16)} while ${name} of it ${count === 1 ? 'is' : 'are'} still allocated.`;
      if (this.verified(call)) {
        throw dmaViolation([leftCodes[what], adapter.address, count, 0], text);
      }
      call.violation('dma_adapter_in_use', text, 'nc-wdm-pput_dma_adapter');
    }
    const vectors = this.vectorsOf(adapter.address);
    if (vectors.length > 0) {
      throw new BugCheck(
        bugCheckCodes.DMA_COMMON_BUFFER_VECTOR_ERROR,
        [5, vectors[0] ?? 0, adapter.address, vectors.length],
        `${call.caller.module} releases the DMA adapter at ${hex(adapter.address, 16)} while ${vectors.length} common buffer vector${vectors.length === 1 ? '' : 's'} of it are still there.`,
        'bug-check-0x1dc--dma-common-buffer-vector-error',
      );
    }
    kernel.ledger.release(adapter.holding, call.site);
    this.update(adapter.address, (record) => ({ ...record, live: false }));
    kernel.memory.freeSystemPool(adapter.address as never);
  }
}
