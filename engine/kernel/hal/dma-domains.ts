/**
 * IOMMU domains: which devices see the same logical addresses. Each device starts in one of its own.
 * Documentation: nc-wdm-pjoin_dma_domain, nc-wdm-pleave_dma_domain, nc-wdm-pget_dma_domain.
 */
import { formatPhysical, PAGE_SIZE, type PhysicalAddress, physical } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import { BugCheck, type NativeCall, type NativeTable } from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { DISPATCH_LEVEL, type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import { verifierFlags } from '../services.ts';
import { status } from '../status.ts';
import type { Adapter, Adapters } from './adapters.ts';
import type { CommonBuffers } from './common-buffers.ts';
import type { LogicalSpace } from './logical-space.ts';
import type { MapRegisters } from './map-registers.ts';
import { isResident, readMdl } from './mdl-pieces.ts';

/** What a device finds at a logical address. */
export type DeviceTarget =
  | {
      readonly kind: 'memory';
      readonly physical: PhysicalAddress;
      /** Bytes from there on that the same translation covers. */
      readonly length: number;
    }
  /** The IOMMU refuses the access; it stops the system. */
  | { readonly kind: 'refused'; readonly bugCheck: BugCheck };

/** Hardware fault types of 0xE6/26, as the IOMMU of this machine numbers them. */
const NO_TRANSLATION = 1;
const NO_RIGHT = 2;
const WHOLE = 2 ** 52;

export class DmaDomains {
  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: {
      readonly adapters: Adapters;
      readonly buffers: CommonBuffers;
      readonly registers: MapRegisters;
      readonly logical: LogicalSpace;
    },
  ) {}

  natives(): NativeTable {
    return {
      GetDmaDomain: (call) => {
        const adapter = this.parts.adapters.check(call, { exact: PASSIVE_LEVEL });
        if (adapter === undefined || !this.kernel.host.machine.iommu) return 0;
        return this.parts.adapters.domainHandle(adapter.domain);
      },
      JoinDmaDomain: (call) => this.join(call),
      LeaveDmaDomain: (call) => this.leave(call),
      FlushDmaBuffer: (call) => this.flush(call),
    };
  }

  /**
   * Where a device's access goes: what devices, and nobody else, have to ask. Without an IOMMU a logical
   * address is physical, whether memory is there or not.
   *
   * @param device the device by its name in the scenario
   */
  translate(device: string, logical: number, write: boolean): DeviceTarget {
    if (!this.kernel.host.machine.iommu) {
      return { kind: 'memory', physical: physical(logical), length: WHOLE - logical };
    }
    const found = this.parts.logical.at(logical);
    const domains = this.domainsOf(device);
    const right = write ? 'write' : 'read';
    if (found === undefined || !domains.has(found.domain)) {
      const whose = found === undefined ? 'nothing is mapped' : 'another domain has its memory';
      return this.refused(
        device,
        logical,
        NO_TRANSLATION,
        `a ${right} at ${hex(logical)}, where ${whose}`,
      );
    }
    const offset = logical - found.start;
    const target = physical(found.frame * PAGE_SIZE + offset);
    if (found.rights !== 'readWrite' && found.rights !== right) {
      return this.refused(
        device,
        logical,
        NO_RIGHT,
        `a ${right} at ${hex(logical)} (memory at ${formatPhysical(target)}), which is mapped for the other direction`,
      );
    }
    return { kind: 'memory', physical: target, length: found.pages * PAGE_SIZE - offset };
  }

  /** Whether a driver that has an adapter for a device is checked with DMA verification. */
  isVerified(device: string): boolean {
    return this.adaptersOf(device).some(({ holding }) => {
      const module = this.kernel.ledger.get(holding)?.module ?? '';
      return this.kernel.verifiedModule(module, verifierFlags.dma);
    });
  }

  private adaptersOf(device: string): readonly Adapter[] {
    return [...this.parts.adapters.all.values()].filter(({ live, nic }) => live && nic === device);
  }

  private refused(device: string, logical: number, type: number, what: string): DeviceTarget {
    const pdo = this.adaptersOf(device)[0]?.pdo ?? 0;
    return {
      kind: 'refused',
      bugCheck: new BugCheck(
        bugCheckCodes.DRIVER_VERIFIER_DMA_VIOLATION,
        [0x26, pdo, logical, type],
        `The IOMMU refuses ${device} ${what}. A device may use only logical addresses that a DMA routine has given out for it and that are still mapped.`,
        'bug-check-0xe6--driver-verifier-dma-violation',
      ),
    };
  }

  private domainsOf(device: string): ReadonlySet<number> {
    return new Set(this.adaptersOf(device).map(({ domain }) => domain));
  }

  /** JoinDmaDomain(DmaAdapter, DomainHandle). */
  private join(call: NativeCall): number {
    const { adapters } = this.parts;
    const adapter = adapters.check(call, { exact: PASSIVE_LEVEL });
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    if (!this.kernel.host.machine.iommu) return status.STATUS_NOT_SUPPORTED | 0;
    const domain = adapters.domainOf(call.number(1));
    if (domain === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    return this.move(call, adapter, domain);
  }

  private leave(call: NativeCall): number {
    const { adapters } = this.parts;
    const adapter = adapters.check(call, { exact: PASSIVE_LEVEL });
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    if (!this.kernel.host.machine.iommu) return status.STATUS_NOT_SUPPORTED | 0;
    const own = adapters.ownDomain(adapter.pdo);
    if (own === adapter.domain) return status.STATUS_INVALID_DEVICE_STATE | 0;
    return this.move(call, adapter, own);
  }

  /** What is mapped in the old domain would be out of the device's sight. */
  private move(call: NativeCall, adapter: Adapter, domain: number): number {
    const { adapters, buffers, registers } = this.parts;
    const held =
      adapter.registersHeld > 0 ||
      [...registers.all.values()].some((block) => block.adapter === adapter.address) ||
      [...buffers.all.values()].some(
        (buffer) =>
          buffer.live && buffer.adapter === adapter.address && buffer.domain === adapter.domain,
      );
    if (held && domain !== adapter.domain) {
      this.kernel.explain(
        call,
        `${call.routine} fails: the adapter still has memory mapped in its present domain.`,
        'nc-wdm-pjoin_dma_domain',
      );
      return status.STATUS_INVALID_DEVICE_STATE | 0;
    }
    adapters.update(adapter.address, (record) => ({ ...record, domain }));
    return 0;
  }

  /** FlushDmaBuffer(DmaAdapter, Mdl, ReadOperation): caches of x64 are coherent with devices. */
  private flush(call: NativeCall): number {
    const adapter = this.parts.adapters.check(call, { highest: DISPATCH_LEVEL });
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const mdl = readMdl(call, this.kernel.layouts, call.number(1));
    if (isResident(mdl)) return 0;
    call.violation(
      'dma_transfer',
      `FlushDmaBuffer is given the MDL at ${hex(mdl.address, 16)}, whose pages are neither locked nor nonpaged.`,
      'nc-wdm-pflush_dma_buffer',
    );
    return status.STATUS_INVALID_PARAMETER | 0;
  }
}
