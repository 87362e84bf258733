/** DMA transfers of one host: its parts, tied together. */
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { NativeTable } from '../../vm/natives.ts';
import type { RegisterAccess } from '../../vm/register-accesses.ts';
import type { KernelContext } from '../context.ts';
import type { Processes } from '../ps/processes.ts';
import { AdapterInformation } from './adapter-information.ts';
import type { Adapters } from './adapters.ts';
import { BufferMapper } from './buffer-mapper.ts';
import { DmaRequests } from './dma-requests.ts';
import type { MapRegisters } from './map-registers.ts';
import { Packets } from './packets.ts';
import { type ListRecord, ScatterGatherLists } from './scatter-gather.ts';
import { SystemDma } from './system-dma.ts';
import { TransferContexts } from './transfer-contexts.ts';

export class Transfers {
  readonly requests: DmaRequests;
  readonly controller: SystemDma;
  private readonly mapper: BufferMapper;
  private readonly contexts: TransferContexts;
  private readonly lists: ScatterGatherLists;
  private readonly packets: Packets;
  private readonly information: AdapterInformation;

  constructor(
    kernel: KernelContext,
    adapters: Adapters,
    registers: MapRegisters,
    processes: Processes,
    access: (access: RegisterAccess) => number | undefined,
  ) {
    this.mapper = new BufferMapper(kernel, adapters, registers);
    this.contexts = new TransferContexts(kernel, adapters);
    const { mapper, contexts } = this;
    this.controller = new SystemDma(kernel, {
      adapters,
      registers,
      contexts,
      processes,
      access,
    });
    this.lists = new ScatterGatherLists(kernel, { adapters, registers, mapper, contexts });
    const { lists, controller } = this;
    this.requests = new DmaRequests(kernel, {
      adapters,
      registers,
      mapper,
      lists,
      contexts,
      controller,
    });
    this.packets = new Packets(kernel, { adapters, registers, mapper, lists, controller });
    this.information = new AdapterInformation(kernel, { adapters, mapper, lists });
  }

  get allLists(): OrderedMap<number, ListRecord> {
    return this.lists.all;
  }

  natives(): NativeTable {
    return {
      ...this.requests.natives(),
      ...this.contexts.natives(),
      ...this.lists.natives(),
      ...this.packets.natives(),
      ...this.controller.natives(),
      ...this.information.natives(),
    };
  }
}
