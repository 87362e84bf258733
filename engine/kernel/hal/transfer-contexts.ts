/**
 * Transfer contexts of version 3: storage of the driver that names one request while it waits and while its
 * resources are held. The bytes are opaque; what they stand for is kept here.
 */
import { hex } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import { status } from '../status.ts';
import type { Adapters } from './adapters.ts';

/** One context. Plain data. */
export interface TransferContext {
  readonly adapter: number;
  readonly state: 'ready' | 'waiting' | 'granted' | 'cancelled' | 'used';
  /** In the queue while it waits, otherwise 0. */
  readonly ticket: number;
  /** Its map registers while it holds them, otherwise 0. */
  readonly base: number;
}

/** DMA_TRANSFER_CONTEXT_SIZE_V1 and DMA_TRANSFER_CONTEXT_VERSION1. */
const BYTES = 128;
const VERSION = 1;
const PAGE = 'nc-wdm-pinitialize_dma_transfer_context';

export class TransferContexts {
  private readonly table: Table<number, TransferContext>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly adapters: Adapters,
  ) {
    this.table = kernel.store.table(`${kernel.host.name}.dmaTransferContexts`);
  }

  natives(): NativeTable {
    return { InitializeDmaTransferContext: (call) => this.initialise(call) };
  }

  find(address: number): TransferContext | undefined {
    return this.kernel.store.get(this.table, address);
  }

  /** STATUS_SUCCESS when a new request may use the context, or why it may not. */
  take(call: NativeCall, address: number, adapter: number, routine: string): number {
    if (address === 0) return status.STATUS_INVALID_PARAMETER | 0;
    const version = call.memory.readUnsigned(address, 4, '*DmaTransferContext');
    const context = this.find(address);
    if (context === undefined || context.adapter !== adapter || version !== VERSION) {
      call.violation(
        'dma_context',
        `${routine} is given the transfer context at ${hex(address, 16)}, which InitializeDmaTransferContext has not prepared for this adapter.`,
        PAGE,
      );
      return status.STATUS_INVALID_PARAMETER | 0;
    }
    switch (context.state) {
      case 'cancelled':
        this.change(address, 'used');
        return status.STATUS_CANCELLED | 0;
      case 'waiting':
      case 'granted':
        call.violation(
          'dma_context',
          `${routine} is given the transfer context at ${hex(address, 16)} while another request ${context.state === 'waiting' ? 'waits' : 'holds resources'} with it: each outstanding request needs one of its own.`,
          PAGE,
        );
        return status.STATUS_INVALID_PARAMETER | 0;
      case 'used':
        call.violation(
          'dma_context',
          `${routine} is given the transfer context at ${hex(address, 16)}, which an earlier request has used up: InitializeDmaTransferContext prepares it for each request.`,
          PAGE,
        );
        return status.STATUS_SUCCESS;
      case 'ready':
        return status.STATUS_SUCCESS;
    }
  }

  change(address: number, state: TransferContext['state'], ticket = 0): void {
    this.kernel.store.update(this.table, address, (context) => ({
      ...context,
      state,
      ticket,
      base: 0,
    }));
  }

  grant(address: number, base: number): void {
    const change = (context: TransferContext): TransferContext => ({
      ...context,
      state: 'granted',
      ticket: 0,
      base,
    });
    this.kernel.store.update(this.table, address, change);
  }

  private initialise(call: NativeCall): number {
    const adapter = this.adapters.check(call, { highest: DISPATCH_LEVEL });
    const address = call.number(1);
    if (adapter === undefined || address === 0) return status.STATUS_INVALID_PARAMETER | 0;
    const context = this.find(address);
    if (context?.state === 'waiting' || context?.state === 'granted') {
      call.violation(
        'dma_context',
        `InitializeDmaTransferContext is given the transfer context at ${hex(address, 16)}, which a request is still using.`,
        PAGE,
      );
      return status.STATUS_INVALID_PARAMETER | 0;
    }
    call.memory.fill(address, BYTES, 0);
    call.memory.write(address, 4, VERSION);
    const ready: TransferContext = { adapter: adapter.address, state: 'ready', ticket: 0, base: 0 };
    this.kernel.store.set(this.table, address, ready);
    return status.STATUS_SUCCESS;
  }
}
