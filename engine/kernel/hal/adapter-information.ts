/** What drivers of version 3 ask before they transfer: abilities of the adapter, needs of a transfer. */
import type { NativeCall, NativeResult, NativeTable } from '../../vm/natives.ts';
import { DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import { status } from '../status.ts';
import type { Adapters } from './adapters.ts';
import { type BufferMapper, takesLists } from './buffer-mapper.ts';
import { transferWidth } from './device-description.ts';
import type { ScatterGatherLists } from './scatter-gather.ts';

const ADAPTER_INFO_VERSION = 1;
const TRANSFER_INFO_VERSION1 = 1;
const TRANSFER_INFO_VERSION2 = 2;

export class AdapterInformation {
  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: {
      readonly adapters: Adapters;
      readonly mapper: BufferMapper;
      readonly lists: ScatterGatherLists;
    },
  ) {}

  natives(): NativeTable {
    return {
      GetDmaAdapterInfo: (call) => this.adapterInfo(call),
      GetDmaTransferInfo: (call) => this.transferInfo(call),
    };
  }

  /** GetDmaAdapterInfo(DmaAdapter, *AdapterInfo). */
  private adapterInfo(call: NativeCall): number {
    const adapter = this.parts.adapters.check(call, { highest: DISPATCH_LEVEL });
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const { layouts } = this.kernel;
    const at = call.number(1);
    const version = layouts.read(
      call.memory,
      at,
      'DMA_ADAPTER_INFO',
      'Version',
      'AdapterInfo->Version',
    );
    if (version !== ADAPTER_INFO_VERSION) return status.STATUS_NOT_SUPPORTED | 0;
    const { description } = adapter;
    const write = (member: string, value: number): void =>
      layouts.write(call.memory, at, 'DMA_ADAPTER_INFO', `V1.${member}`, value);
    write('ReadDmaCounterAvailable', description.Master ? 0 : 1);
    write('ScatterGatherLimit', takesLists(adapter) ? adapter.granted : 1);
    write('DmaAddressWidth', adapter.bits);
    write('Flags', 0);
    write('MinimumTransferUnit', description.Master ? 1 : transferWidth(description));
    return 0;
  }

  /** GetDmaTransferInfo(DmaAdapter, Mdl, Offset, Length, WriteOnly, *TransferInfo). */
  private transferInfo(call: NativeCall): NativeResult {
    const { adapters, mapper, lists } = this.parts;
    const adapter = adapters.check(call, { highest: DISPATCH_LEVEL });
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const { layouts } = this.kernel;
    const [mdl, offset, length, at] = [1, 2, 3, 5].map((index) => call.number(index)) as [
      number,
      number,
      number,
      number,
    ];
    const version = layouts.read(
      call.memory,
      at,
      'DMA_TRANSFER_INFO',
      'Version',
      'TransferInfo->Version',
    );
    const newest = this.kernel.atLeast('Windows 10')
      ? TRANSFER_INFO_VERSION2
      : TRANSFER_INFO_VERSION1;
    if (version < TRANSFER_INFO_VERSION1 || version > newest)
      return status.STATUS_NOT_SUPPORTED | 0;
    if (length === 0) return status.STATUS_INVALID_PARAMETER | 0;
    const range = mapper.rangeFromOffset(call, mdl, { offset, length }, 'GetDmaTransferInfo');
    if (range === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const survey = mapper.survey(call, adapter, range);
    if (survey === undefined) return call.again(call.progress + 1);
    const elements = takesLists(adapter) ? survey.pieces : 1;
    const write = (member: string, value: number): void =>
      layouts.write(call.memory, at, 'DMA_TRANSFER_INFO', member, value);
    write('V1.MapRegisterCount', mapper.registersFor(adapter, range, survey));
    write('V1.ScatterGatherElementCount', elements);
    write('V1.ScatterGatherListSize', lists.bytesFor(elements, true));
    if (version === TRANSFER_INFO_VERSION2) write('V2.LogicalPageCount', survey.pages);
    return 0;
  }
}
