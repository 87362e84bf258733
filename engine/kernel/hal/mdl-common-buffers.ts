/**
 * Common buffers out of memory that a driver has: CreateCommonBufferFromMdl. FreeCommonBuffer takes only the
 * device's view of it away. Documentation: nc-wdm-pcreate-common-buffer-from-mdl.
 */
import { PAGE_SIZE, virtual } from '../../base/addresses.ts';
import { hex, int64 } from '../../base/int64.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import { Mdl, mdlFlags } from '../mm/mdl.ts';
import { status } from '../status.ts';
import { type Adapter, type Adapters, highestAddress } from './adapters.ts';
import type { CommonBuffers } from './common-buffers.ts';
import type { DeviceRights, LogicalSpace } from './logical-space.ts';
import { isResident, readMdl } from './mdl-pieces.ts';

/** What the extended configurations of a call say. */
interface Configuration {
  readonly lowest: number;
  readonly highest: number;
  readonly section: { readonly offset: number; readonly length: number } | undefined;
  readonly rights: DeviceRights | undefined;
}

const TYPE = 'DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION';
const PAGE = 'nc-wdm-pcreate-common-buffer-from-mdl';
/** DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_TYPE. */
const ADDRESS_LIMITS = 0;
const SUB_SECTION = 1;
const HARDWARE_ACCESS = 2;
/** By DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_ACCESS_TYPE, from 1 on. */
const accessRights: readonly (DeviceRights | undefined)[] = [
  undefined,
  'read',
  'write',
  'readWrite',
];
const MAPPED = mdlFlags.MDL_MAPPED_TO_SYSTEM_VA | mdlFlags.MDL_SOURCE_IS_NONPAGED_POOL;

export class MdlCommonBuffers {
  constructor(
    private readonly kernel: KernelContext,
    private readonly adapters: Adapters,
    private readonly buffers: CommonBuffers,
    private readonly logical: LogicalSpace,
  ) {}

  natives(): NativeTable {
    return { CreateCommonBufferFromMdl: (call) => this.create(call) };
  }

  /** CreateCommonBufferFromMdl(DmaAdapter, Mdl, ExtendedConfigs, ExtendedConfigsCount, *LogicalAddress). */
  private create(call: NativeCall): number {
    const adapter = this.adapters.check(call, { exact: PASSIVE_LEVEL });
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const configuration = this.configurationOf(call);
    if (typeof configuration === 'string') return this.refuse(call, configuration);
    const { iommu } = this.kernel.host.machine;
    if (configuration.rights !== undefined && !iommu) {
      this.refuse(call, 'only an IOMMU can limit what the device does with the memory');
      return status.STATUS_NOT_SUPPORTED | 0;
    }
    const view = readMdl(call, this.kernel.layouts, call.number(1));
    const mdl = new Mdl(call.memory, virtual(view.address));
    const { section } = configuration;
    if (section === undefined && view.next !== 0) {
      return this.refuse(call, 'the MDL is chained, and no section of one MDL was chosen');
    }
    const offset = section?.offset ?? 0;
    const length = section?.length ?? view.length;
    const bad = [
      isResident(view) ? undefined : 'its pages are neither locked nor nonpaged',
      (view.flags & MAPPED) === 0 ? 'it is not mapped into system space' : undefined,
      (view.start + offset) % PAGE_SIZE === 0 ? undefined : 'it does not start at a page boundary',
      length > 0 && length % PAGE_SIZE === 0 ? undefined : `${length} bytes are no whole pages`,
      offset + length <= view.length ? undefined : 'the section is longer than the MDL',
    ].find((text) => text !== undefined);
    if (bad !== undefined) return this.refuse(call, `the MDL does not fit: ${bad}`);
    const pages = length / PAGE_SIZE;
    const first = offset / PAGE_SIZE;
    const runs = cut(mdl.readFrames(mdl.read().pages), first, pages);
    const place = iommu
      ? this.placeBehindIommu(adapter, runs, pages, configuration)
      : this.placeInMemory(adapter, runs, length, configuration);
    if (typeof place === 'string') {
      this.refuse(call, place);
      return (iommu ? status.STATUS_INSUFFICIENT_RESOURCES : status.STATUS_INVALID_PARAMETER) | 0;
    }
    this.buffers.record(call, adapter, {
      address: mdl.mappedSystemVa + offset,
      logical: place,
      length,
      cached: undefined,
      mapping: mdl.mappedSystemVa,
      runs,
      guarded: false,
      ofMdl: true,
      pages,
      domain: adapter.domain,
    });
    call.memory.write64(call.number(4), int64(place));
    this.adapters.checkReach(call, adapter, place, length);
    return 0;
  }

  private placeBehindIommu(
    adapter: Adapter,
    runs: readonly FrameRunGrant[],
    pages: number,
    configuration: Configuration,
  ): number | string {
    const highest = Math.min(configuration.highest, highestAddress(adapter.bits), 2 ** 52 - 1);
    const start = this.logical.reserve(pages, { lowest: configuration.lowest, highest });
    if (start === undefined) {
      return `no ${pages} pages of logical addresses from ${hex(configuration.lowest)} to ${hex(highest)} are free`;
    }
    this.logical.mapRuns(start, runs, adapter.domain, configuration.rights ?? 'readWrite');
    return start;
  }

  /** Without translation the device sees the pages where they are. */
  private placeInMemory(
    adapter: Adapter,
    runs: readonly FrameRunGrant[],
    length: number,
    configuration: Configuration,
  ): number | string {
    const [run, other] = runs;
    if (run === undefined || other !== undefined) {
      return 'without an IOMMU its pages have to be adjacent in memory';
    }
    const start = run.frame * PAGE_SIZE;
    const highest = Math.min(configuration.highest, highestAddress(adapter.bits));
    return start >= configuration.lowest && start + length - 1 <= highest
      ? start
      : `its memory from ${hex(start)} on does not lie between ${hex(configuration.lowest)} and ${hex(highest)}, and there is no IOMMU`;
  }

  /** The extended configurations, or what is wrong with them. */
  private configurationOf(call: NativeCall): Configuration | string {
    const { layouts } = this.kernel;
    const [array, count] = [call.number(2), call.number(3)];
    let result: Configuration = {
      lowest: 0,
      highest: Number.POSITIVE_INFINITY,
      section: undefined,
      rights: undefined,
    };
    const seen = new Set<number>();
    for (let index = 0; index < count; index++) {
      const at = array + index * layouts.size(TYPE);
      const read = (member: string): number =>
        layouts.read(call.memory, at, TYPE, member, `ExtendedConfigs[${index}].${member}`);
      const type = read('ConfigType');
      if (seen.has(type)) return `configuration type ${type} is given twice`;
      seen.add(type);
      switch (type) {
        case ADDRESS_LIMITS:
          result = {
            ...result,
            lowest: read('LogicalAddressLimits.MinimumAddress.QuadPart'),
            highest: read('LogicalAddressLimits.MaximumAddress.QuadPart'),
          };
          break;
        case SUB_SECTION:
          result = {
            ...result,
            section: { offset: read('SubSection.Offset'), length: read('SubSection.Length') },
          };
          break;
        case HARDWARE_ACCESS: {
          const rights = accessRights[read('HardwareAccessType')];
          if (rights === undefined) return 'HardwareAccessType is none of its values';
          result = { ...result, rights };
          break;
        }
        default:
          return `configuration type ${type} is unknown`;
      }
    }
    return result;
  }

  private refuse(call: NativeCall, text: string): number {
    this.kernel.explain(call, `CreateCommonBufferFromMdl fails: ${text}.`, PAGE);
    return status.STATUS_INVALID_PARAMETER | 0;
  }
}

/** Pages `first` to `first + count` of runs. */
function cut(
  runs: readonly FrameRunGrant[],
  first: number,
  count: number,
): readonly FrameRunGrant[] {
  const found: FrameRunGrant[] = [];
  let at = 0;
  for (const run of runs) {
    const from = Math.max(first, at);
    const to = Math.min(first + count, at + run.count);
    if (to > from) {
      found.push({ frame: (run.frame + from - at) as FrameRunGrant['frame'], count: to - from });
    }
    at += run.count;
  }
  return found;
}
