/**
 * Requests for an adapter's channel, for map registers and for scatter/gather lists: granted at once, queued
 * until somebody gives back what they need, or refused. `dma-requests.c` calls the drivers back.
 */
import { hex, unsigned64 } from '../../base/int64.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeResult, NativeTable } from '../../vm/natives.ts';
import { DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import { status } from '../status.ts';
import { type DmaBreach, judgeChannelRelease, judgeRelease } from '../verifier/dma-transfers.ts';
import { type Adapter, type Adapters, dmaViolation } from './adapters.ts';
import type { BufferMapper, Way } from './buffer-mapper.ts';
import type { MapRegisters, RegisterBlock } from './map-registers.ts';
import type { ScatterGatherLists } from './scatter-gather.ts';
import type { SystemDma } from './system-dma.ts';
import type { TransferContexts } from './transfer-contexts.ts';

/** A request, as it waits. Plain data. */
export interface DmaRequest {
  readonly kind: 'channel' | 'list';
  readonly routineName: string;
  readonly adapter: number;
  readonly device: number;
  readonly count: number;
  readonly routine: number;
  readonly context: number;
  /** The transfer context; 0: none. */
  readonly transfer: number;
  readonly flags: number;
  readonly mdl: number;
  readonly offset: number;
  readonly length: number;
  readonly way: Way;
  readonly writeToDevice: boolean;
  /** The list's memory, whose it is, and its size. */
  readonly list: number;
  readonly callerBuffer: boolean;
  readonly listBytes: number;
}

/** Flags of the extended routines. */
const SYNCHRONOUS = 0x1;
const ZERO_BUFFERS = 0x2;
const FAIL_ON_BOUNCE = 0x4;
/** IO_ALLOCATION_ACTION. */
const KEEP_OBJECT = 1;
const DEALLOCATE_OBJECT_KEEP_REGISTERS = 3;
const leaveChannel = (adapter: Adapter): Adapter => ({
  ...adapter,
  channel: false,
  channelBase: 0,
});
const TYPE = 'HALP_REQUEST';
const CHANNEL_PAGE = 'nc-wdm-pallocate_adapter_channel';

type Verdict = 'granted' | 'later' | 'never';

export interface DmaRequestParts {
  readonly adapters: Adapters;
  readonly registers: MapRegisters;
  readonly mapper: BufferMapper;
  readonly lists: ScatterGatherLists;
  readonly contexts: TransferContexts;
  readonly controller: SystemDma;
}

export class DmaRequests {
  private readonly queue: Table<number, DmaRequest>;
  private readonly ticket: number;
  /** The thread that serves the queue. */
  private readonly server: number;

  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: DmaRequestParts,
  ) {
    const { store, host } = kernel;
    this.queue = store.table(`${host.name}.dmaQueue`);
    this.ticket = store.cell();
    this.server = store.cell();
  }

  /** Requests that wait, in their order. */
  get waiting(): OrderedMap<number, DmaRequest> {
    return this.kernel.store.all(this.queue);
  }

  natives(): NativeTable {
    return {
      HalpRequest: (call) => this.request(call),
      HalpNextGrant: (call) => this.nextGrant(call),
      HalpBeginServing: (call) => this.beginServing(call),
      HalpFinishControl: (call) => this.finishControl(call),
      HalpFreeChannel: (call) => this.freeChannel(call),
      HalpFreeObject: (call) => this.freeObject(call),
      HalpFreeRegisters: (call) => this.freeRegisters(call),
      HalpCancelRequest: (call) => this.cancel(call),
    };
  }

  // ---- Asking --------------------------------------------------------------------------------------

  /** HalpRequest(DmaAdapter, Request). */
  private request(call: NativeCall): NativeResult {
    return this.read(call, 'List') === 0 ? this.requestChannel(call) : this.requestList(call);
  }

  private requestChannel(call: NativeCall): NativeResult {
    const extended = this.read(call, 'Extended') !== 0;
    const routineName = extended ? 'AllocateAdapterChannelEx' : 'AllocateAdapterChannel';
    const adapter = this.parts.adapters.check(call, { exact: DISPATCH_LEVEL }, routineName);
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const transfer = this.read(call, 'DmaTransferContext');
    if (extended) {
      const taken = this.parts.contexts.take(call, transfer, adapter.address, routineName);
      if (taken !== 0) return taken;
    }
    if (this.fails(call, adapter, routineName)) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    const count = this.read(call, 'NumberOfMapRegisters');
    if (count > adapter.granted) return this.tooMany(call, adapter, count, routineName);
    this.checkTotal(call, adapter, count, routineName);
    const device = this.read(call, 'DeviceObject');
    if (!extended) this.checkSecond(call, adapter, device);
    return this.grantOrQueue(call, {
      ...this.common(call, adapter, routineName),
      kind: 'channel',
      count,
      mdl: 0,
      offset: 0,
      length: 0,
      way: { single: false, packed: false },
      list: 0,
      callerBuffer: false,
      listBytes: 0,
    });
  }

  private requestList(call: NativeCall): NativeResult {
    const { adapters, mapper, lists, contexts } = this.parts;
    const extended = this.read(call, 'Extended') !== 0;
    const buffer = this.read(call, 'Buffer');
    const routineName = `${buffer === 0 ? 'Get' : 'Build'}ScatterGatherList${extended ? 'Ex' : ''}`;
    const irql =
      routineName === 'GetScatterGatherListEx'
        ? { highest: DISPATCH_LEVEL }
        : { exact: DISPATCH_LEVEL };
    const adapter = adapters.check(call, irql, routineName);
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    if (extended && !adapter.description.Master) return status.STATUS_INVALID_PARAMETER | 0;
    const transfer = this.read(call, 'DmaTransferContext');
    if (extended && call.progress === 0) {
      const taken = contexts.take(call, transfer, adapter.address, routineName);
      if (taken !== 0) return taken;
    }
    if (call.progress === 0 && this.fails(call, adapter, routineName)) {
      return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    }
    const length = this.read(call, 'Length');
    const mdl = this.read(call, 'Mdl');
    const range = extended
      ? mapper.rangeFromOffset(call, mdl, { offset: this.offset(call), length }, routineName)
      : mapper.rangeFromVa(call, mdl, { va: this.read(call, 'CurrentVa'), length }, routineName);
    if (range === undefined) {
      return (extended ? status.STATUS_INVALID_PARAMETER : status.STATUS_BUFFER_TOO_SMALL) | 0;
    }
    if (length === 0) return status.STATUS_INVALID_PARAMETER | 0;
    const survey = mapper.survey(call, adapter, range);
    if (survey === undefined) return call.again(call.progress + 1);
    const count = mapper.registersFor(adapter, range, survey);
    if (count > adapter.granted) return this.tooMany(call, adapter, count, routineName);
    const flags = this.read(call, 'Flags');
    const way = mapper.wayOf(adapter, survey);
    if ((flags & FAIL_ON_BOUNCE) !== 0 && (way.packed || survey.bounces)) {
      this.kernel.explain(
        call,
        `${routineName} fails: the buffer does not get to the device without a copy, and DMA_FAIL_ON_BOUNCE is set.`,
        `nc-wdm-p${buffer === 0 ? 'get' : 'build'}_scatter_gather_list_ex`,
      );
      return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    }
    const storage = lists.storage(call, {
      elements: way.single ? 1 : survey.pieces,
      buffer,
      bufferLength: this.read(call, 'BufferLength'),
      withPrivate: extended,
    });
    if (typeof storage === 'number') return storage;
    const answer = this.grantOrQueue(call, {
      ...this.common(call, adapter, routineName),
      kind: 'list',
      count,
      mdl,
      offset: range.offset,
      length,
      way,
      list: storage.address,
      callerBuffer: buffer !== 0,
      listBytes: storage.bytes,
    });
    if (answer < 0) lists.discard(storage.address, buffer !== 0);
    return answer;
  }

  /** Whether the scenario, or low resources simulation, makes the call fail. */
  private fails(call: NativeCall, adapter: Adapter, routineName: string): boolean {
    const driverCall = this.parts.adapters.asDriverCall(call, adapter, routineName);
    return this.kernel.injectFault(driverCall, 'allocation');
  }

  /** What every request has. */
  private common(call: NativeCall, adapter: Adapter, routineName: string) {
    return {
      routineName,
      adapter: adapter.address,
      device: this.read(call, 'DeviceObject'),
      routine: this.read(call, 'Routine'),
      context: this.read(call, 'Context'),
      transfer: this.read(call, 'DmaTransferContext'),
      flags: this.read(call, 'Flags'),
      writeToDevice: this.read(call, 'WriteToDevice') !== 0,
    };
  }

  private tooMany(call: NativeCall, adapter: Adapter, count: number, name: string): number {
    const text = `${name} asks for ${count} map registers; IoGetDmaAdapter granted ${adapter.granted}.`;
    if (this.parts.adapters.verified(call)) {
      throw dmaViolation([0x0c, count, adapter.granted, 0], text);
    }
    this.kernel.explain(call, `${name} fails: ${text}`, CHANNEL_PAGE);
    return status.STATUS_INSUFFICIENT_RESOURCES | 0;
  }

  /** What packets keep of an adapter's registers, together with what is asked for, is no more than was granted. */
  private checkTotal(call: NativeCall, adapter: Adapter, count: number, name: string): void {
    const { adapters, registers } = this.parts;
    if (!adapters.verified(call)) return;
    let total = count;
    for (const block of registers.all.values()) {
      if (block.adapter === adapter.address && !block.ofList) total += block.count;
    }
    if (total <= adapter.granted) return;
    throw dmaViolation(
      [0x15, total, adapter.granted, 0],
      `${name} asks for ${count} map registers, which makes ${total} with those that ${adapters.driverOf(call)} holds; IoGetDmaAdapter granted ${adapter.granted}.`,
    );
  }

  /** One channel for an adapter, and one request that waits for a device object. */
  private checkSecond(call: NativeCall, adapter: Adapter, device: number): void {
    const { adapters } = this.parts;
    if (adapter.channel && adapters.verified(call)) {
      throw dmaViolation(
        [0x0b, 1, 0, 0],
        `${adapters.driverOf(call)} asks for the channel of the DMA adapter at ${hex(adapter.address, 16)} while it holds it.`,
      );
    }
    for (const waiting of this.waiting.values()) {
      if (waiting.kind !== 'channel' || waiting.device !== device || waiting.transfer !== 0)
        continue;
      call.violation(
        'dma_request_queued',
        `AllocateAdapterChannel is called for the device object at ${hex(device, 16)} while an earlier request of it still waits: a device object has room for one.`,
        CHANNEL_PAGE,
      );
      return;
    }
  }

  // ---- Granting ------------------------------------------------------------------------------------

  /** Fills the request and answers success, or queues it and answers STATUS_PENDING. */
  private grantOrQueue(call: NativeCall, request: DmaRequest): number {
    const { store } = this.kernel;
    const { contexts } = this.parts;
    const verdict = this.mayOvertake(request)
      ? this.tryGrant(call, request, call.number(1))
      : 'later';
    if (verdict === 'granted') return 0;
    if (verdict === 'never') return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    if ((request.flags & SYNCHRONOUS) !== 0) {
      this.kernel.explain(
        call,
        `${request.routineName} fails: ${this.missing(request)}, and DMA_SYNCHRONOUS_CALLBACK does not let it wait.`,
        'nc-wdm-pallocate_adapter_channel_ex',
      );
      return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    }
    const ticket = (store.cells[this.ticket] ?? 0) + 1;
    store.cells[this.ticket] = ticket;
    store.set(this.queue, ticket, request);
    if (request.transfer !== 0) contexts.change(request.transfer, 'waiting', ticket);
    return status.STATUS_PENDING;
  }

  /** First come, first served: for the channel among requests of an adapter, for registers among all. */
  private mayOvertake(request: DmaRequest): boolean {
    const { adapters } = this.parts;
    const needs = this.needsRegisters(request);
    for (const earlier of this.waiting.values()) {
      if (earlier.adapter === request.adapter) return false;
      const { live, channel: blocked } = adapters.find(earlier.adapter) ?? {};
      if (live !== true) continue;
      if (needs && !blocked && this.needsRegisters(earlier)) return false;
    }
    return true;
  }

  private needsRegisters(request: DmaRequest): boolean {
    const adapter = this.parts.adapters.find(request.adapter);
    return (
      adapter !== undefined && request.count > 0 && this.parts.adapters.needsRegisters(adapter)
    );
  }

  private missing(request: DmaRequest): string {
    const adapter = this.parts.adapters.find(request.adapter);
    if (adapter?.channel === true) return "the adapter's channel is held";
    const { mapRegisters } = this.kernel.host.machine;
    return `${request.count} map registers are asked for, and ${this.parts.registers.inUse} of ${mapRegisters} are in use`;
  }

  private tryGrant(call: NativeCall, request: DmaRequest, at: number): Verdict {
    const { adapters, registers, contexts } = this.parts;
    const adapter = adapters.find(request.adapter);
    // Whoever released the adapter does not get its channel any more.
    if (adapter?.live !== true) return 'never';
    if (adapter.channel) return 'later';
    // A list without a routine is handed over together with the channel.
    const channel = request.kind === 'channel' || request.routine === 0;
    const block = registers.allocate(call, adapter, {
      count: request.count,
      routine: request.routineName,
      ofChannel: request.kind === 'channel',
      ofList: request.kind === 'list',
      context: request.transfer,
      device: request.device,
      zeroed: (request.flags & ZERO_BUFFERS) !== 0,
    });
    if (typeof block === 'string') return block;
    if (channel) {
      const channelBase = request.kind === 'channel' ? block.base : 0;
      adapters.update(adapter.address, (record) => ({ ...record, channel: true, channelBase }));
    }
    if (request.transfer !== 0) contexts.grant(request.transfer, block.base);
    this.writeGrant(call, request, block, at);
    return 'granted';
  }

  private writeGrant(
    call: NativeCall,
    request: DmaRequest,
    block: RegisterBlock,
    at: number,
  ): void {
    const { layouts } = this.kernel;
    const write = (member: string, value: number): void =>
      layouts.write(call.memory, at, TYPE, member, value);
    write('DmaAdapter', request.adapter);
    write('DeviceObject', request.device);
    write('DmaTransferContext', request.transfer);
    write('List', request.kind === 'list' ? 1 : 0);
    write('WriteToDevice', request.writeToDevice ? 1 : 0);
    write('Routine', request.routine);
    write('Context', request.context);
    write('Mdl', request.mdl);
    write('MapRegisterBase', block.base);
    write('ScatterGather', request.list);
    if (request.kind === 'list') this.parts.lists.enter(call, request, block);
  }

  /** HalpNextGrant(*Request): the first request of the queue that can be served now. */
  private nextGrant(call: NativeCall): number {
    const { store } = this.kernel;
    const { adapters } = this.parts;
    const passed = new Set<number>();
    let short = false;
    for (const [ticket, request] of this.waiting.entries()) {
      if (passed.has(request.adapter)) continue;
      passed.add(request.adapter);
      if (adapters.find(request.adapter)?.channel === true) continue;
      if (short && this.needsRegisters(request)) continue;
      const verdict = this.tryGrant(call, request, call.number(0));
      if (verdict === 'later') {
        short = true;
        continue;
      }
      store.delete(this.queue, ticket);
      if (verdict === 'granted') return 1;
      this.parts.lists.discard(request.list, request.callerBuffer);
    }
    // In one go with the search: nobody can give something back in between and find the queue being served.
    store.cells[this.server] = 0;
    return 0;
  }

  private beginServing(call: NativeCall): number {
    const { store, vm } = this.kernel;
    if (this.waiting.size === 0) return 0;
    const server = store.cells[this.server] ?? 0;
    const busy = server !== 0 && vm.thread(server - 1)?.state !== 'ended';
    if (busy && vm.thread(server - 1) !== undefined) return 0;
    store.cells[this.server] = call.thread + 1;
    return 1;
  }

  // ---- Giving back ---------------------------------------------------------------------------------

  /** HalpFinishControl(DmaAdapter, MapRegisterBase, Action): what AdapterControl wants to keep. */
  private finishControl(call: NativeCall): undefined {
    const [address, base, action] = [call.number(0), call.number(1), call.number(2)];
    if (action === KEEP_OBJECT) return undefined;
    this.parts.adapters.update(address, leaveChannel);
    if (action === DEALLOCATE_OBJECT_KEEP_REGISTERS) {
      this.parts.registers.update(base, (block) => ({ ...block, ofChannel: false }));
      return undefined;
    }
    const block = this.parts.registers.find(base);
    if (block !== undefined) this.release(block, call);
    return undefined;
  }

  private freeChannel(call: NativeCall): undefined {
    const { adapters } = this.parts;
    const name = 'FreeAdapterChannel';
    const adapter = adapters.check(call, { exact: DISPATCH_LEVEL }, name);
    if (adapter === undefined) return undefined;
    if (!adapter.channel) {
      const text = `FreeAdapterChannel is called for the DMA adapter at ${hex(adapter.address, 16)}, whose channel nobody holds. It belongs to an AdapterControl routine that returned KeepObject.`;
      if (adapters.verified(call)) throw dmaViolation([0x04, 1, 0, 0], text);
      call.violation('dma_channel', text, 'nc-wdm-pfree_adapter_channel');
      return undefined;
    }
    this.releaseChannel(call, adapter);
    return undefined;
  }

  /** HalpFreeObject(DmaAdapter, Action). */
  private freeObject(call: NativeCall): undefined {
    const { adapters, registers } = this.parts;
    const adapter = adapters.check(call, { highest: DISPATCH_LEVEL }, 'FreeAdapterObject');
    if (adapter === undefined) return undefined;
    const action = call.number(1);
    // Its page: no effect.
    if (action === KEEP_OBJECT) return undefined;
    if (!adapter.channel) {
      const text = `FreeAdapterObject is called for the DMA adapter at ${hex(adapter.address, 16)}, whose channel nobody holds.`;
      if (adapters.verified(call)) throw dmaViolation([0x04, 1, 0, 0], text);
      call.violation('dma_channel', text, 'nc-wdm-pfree_adapter_object');
      return undefined;
    }
    if (action !== DEALLOCATE_OBJECT_KEEP_REGISTERS) {
      this.releaseChannel(call, adapter);
      return undefined;
    }
    registers.update(adapter.channelBase, (record) => ({ ...record, ofChannel: false }));
    adapters.update(adapter.address, leaveChannel);
    return undefined;
  }

  private releaseChannel(call: NativeCall, adapter: Adapter): void {
    const block = this.parts.registers.find(adapter.channelBase);
    if (block !== undefined) {
      this.checkFlushed(call, judgeChannelRelease(this.judged(block), block.count));
      this.release(block, call);
    }
    this.parts.adapters.update(adapter.address, leaveChannel);
  }

  /** HalpFreeRegisters(DmaAdapter, MapRegisterBase, NumberOfMapRegisters). */
  private freeRegisters(call: NativeCall): undefined {
    const { adapters, registers } = this.parts;
    const adapter = adapters.check(call, { exact: DISPATCH_LEVEL }, 'FreeMapRegisters');
    if (adapter === undefined) return undefined;
    const found = registers.find(call.number(1));
    const block = found?.ofList === true ? undefined : found;
    if (block === undefined || block.count !== call.number(2)) {
      const text =
        block === undefined
          ? `FreeMapRegisters is given ${hex(call.number(1), 16)}, which holds no map registers (any more).`
          : `FreeMapRegisters is told of ${call.number(2)} map registers; ${block.count} were allocated.`;
      if (adapters.verified(call)) throw dmaViolation([0x05, 1, 0, 0], text);
      call.violation('map_registers', text, 'nc-wdm-pfree_map_registers');
      if (block === undefined) return undefined;
    }
    this.checkFlushed(call, judgeRelease(this.judged(block)));
    this.release(block, call);
    return undefined;
  }

  /** A block of registers as the rules of DMA verification look at it. */
  private judged(block: RegisterBlock) {
    const pieces = [...this.parts.registers.piecesOf(block.base)];
    return { base: block.base, everMapped: block.everMapped, pieces };
  }

  private checkFlushed(call: NativeCall, breach: DmaBreach | undefined): void {
    if (breach === undefined) return;
    if (this.parts.adapters.verified(call)) throw dmaViolation(breach.parameters, breach.text);
    call.violation('dma_not_flushed', breach.text, 'nc-wdm-pflush_adapter_buffers');
  }

  private release(block: RegisterBlock, call: NativeCall): void {
    const { adapters, registers, controller } = this.parts;
    const adapter = adapters.find(block.adapter);
    // A channel of the controller stops with its registers.
    if (adapter !== undefined && controller.stop(adapter, block.base) !== undefined) {
      controller.forget(adapter);
    }
    registers.release(block, call);
    if (block.context !== 0) this.parts.contexts.change(block.context, 'used');
  }

  // ---- Cancelling ----------------------------------------------------------------------------------

  /** HalpCancelRequest(DmaAdapter, DeviceObject, DmaTransferContext). */
  private cancel(call: NativeCall): number {
    const { adapters, contexts, lists } = this.parts;
    const adapter = adapters.check(call, { highest: DISPATCH_LEVEL }, 'CancelAdapterChannel');
    const address = call.number(2);
    const context = contexts.find(address);
    if (adapter === undefined || context?.adapter !== adapter.address) return 0;
    switch (context.state) {
      case 'ready':
        // The allocation that comes later finds itself cancelled.
        contexts.change(address, 'cancelled');
        return 1;
      case 'waiting': {
        const request = this.waiting.get(context.ticket);
        this.kernel.store.delete(this.queue, context.ticket);
        if (request !== undefined) lists.discard(request.list, request.callerBuffer);
        contexts.change(address, 'used');
        return 1;
      }
      default:
        return 0;
    }
  }

  /** An offset of any size. */
  private offset(call: NativeCall): number {
    const { layouts } = this.kernel;
    return Number(unsigned64(call.memory.read64(call.number(1) + layouts.offset(TYPE, 'Offset'))));
  }

  private read(call: NativeCall, member: string): number {
    return this.kernel.layouts.read(call.memory, call.number(1), TYPE, member);
  }
}
