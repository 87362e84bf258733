/**
 * The machine's DMA controller: channels that move bytes between memory and the data register of a device that
 * is no bus master. It works in virtual time; how far it has come shows when somebody looks (ReadDmaCounter),
 * stops it (a flush, a cancellation), or when it is done.
 */
import { frame, PAGE_SIZE, type PhysicalAddress, physical } from '../../base/addresses.ts';
import { hex, type Int64, int64 } from '../../base/int64.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import type { RegisterAccess } from '../../vm/register-accesses.ts';
import type { Timer } from '../clock.ts';
import { DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import type { Processes } from '../ps/processes.ts';
import { status } from '../status.ts';
import type { Adapter, Adapters } from './adapters.ts';
import { transferWidth } from './device-description.ts';
import type { MapRegisters, RegisterBlock } from './map-registers.ts';
import type { TransferContexts } from './transfer-contexts.ts';

/** A transfer as MapTransfer programs it. */
export interface ControllerOrder {
  readonly base: number;
  readonly va: number;
  readonly length: number;
  readonly writeToDevice: boolean;
  /** Added to the description's DeviceAddress. */
  readonly deviceOffset: number;
  /** DMA_COMPLETION_ROUTINE and its context; 0: none. */
  readonly completion: number;
  readonly context: number;
}

/** A transfer in the controller. Plain data. */
export interface ControllerTransfer extends ControllerOrder {
  readonly adapter: number;
  readonly serial: number;
  readonly device: number;
  /** Virtual time of its start. */
  readonly started: number;
  /** Bytes moved since then; with autoinitialisation more than the length. */
  readonly moved: number;
  readonly state: 'running' | 'complete' | 'cancelled';
}

/** A unit that the controller reads from a device. Plain data. */
interface RegisterRead {
  readonly adapter: number;
  readonly place: number;
  readonly width: number;
}

/** Functions of the controller for ConfigureAdapterChannel. */
const SET_PACE = 1;
const READ_POSITION = 2;
/** DMA_COMPLETION_STATUS. */
const DMA_COMPLETE = 0;
const DMA_ERROR = 2;
const DMA_CANCELLED = 3;
/** 100 ns units for one unit of the bus: about what an ISA cycle takes, and one of a newer controller. */
const ISA_UNIT = 10;
const NEW_UNIT = 1;
/** Reading a counter of the controller takes this long, as ports do. */
const COUNTER_READ = 10;
/** What a bus shows that nobody drives. */
const OPEN_BUS = 0xff;
const TIMER = 'systemDma:';

export class SystemDma {
  /** By adapter: each has one channel. */
  private readonly table: Table<number, ControllerTransfer>;
  /** Registers whose transfer was cancelled before it was mapped. */
  private readonly cancelled: Table<number, true>;
  /** Reads of a device's register that its code answers now, by the thread that does: where the value goes. */
  private readonly reads: Table<number, RegisterRead>;
  /** 100 ns units for one unit of the bus, by adapter, where ConfigureAdapterChannel has set them. */
  private readonly paces: Table<number, number>;
  private readonly serial: number;

  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: {
      readonly adapters: Adapters;
      readonly registers: MapRegisters;
      readonly contexts: TransferContexts;
      readonly processes: Processes;
      /** Starts a device's code for an access to its register; undefined when nothing answers. */
      readonly access: (access: RegisterAccess) => number | undefined;
    },
  ) {
    const { store, host } = kernel;
    this.table = store.table(`${host.name}.systemDma`);
    this.cancelled = store.table(`${host.name}.systemDmaCancelled`);
    this.reads = store.table(`${host.name}.systemDmaReads`);
    this.paces = store.table(`${host.name}.systemDmaPaces`);
    this.serial = store.cell();
  }

  get all(): OrderedMap<number, ControllerTransfer> {
    return this.kernel.store.all(this.table);
  }

  natives(): NativeTable {
    return {
      ReadDmaCounter: (call) => this.readCounter(call),
      ConfigureAdapterChannel: (call) => this.configure(call),
      CancelMappedTransfer: (call) => this.cancel(call),
    };
  }

  /** The channel or request line of an adapter. */
  lineOf({ description }: Adapter): number {
    return (description.Version >= 3 ? description.DmaRequestLine : description.DmaChannel) ?? 0;
  }

  isRunning(adapter: Adapter): boolean {
    return this.look(adapter)?.state === 'running';
  }

  /** Programs a channel and starts it. */
  program(call: NativeCall, adapter: Adapter, order: ControllerOrder): void {
    const { store, clock, host } = this.kernel;
    const earlier = this.look(adapter);
    if (earlier?.state === 'running') {
      call.violation(
        'dma_channel',
        `${call.routine} programs DMA channel ${this.lineOf(adapter)} while it still works on a transfer: that one ends here.`,
        'using-packet-based-system-dma',
      );
    }
    const width = transferWidth(adapter.description);
    if (order.length % width !== 0) {
      call.violation(
        'dma_transfer',
        `${call.routine} maps ${order.length} bytes for a channel that moves ${width} bytes at a time: the rest is not transferred.`,
        'ns-wdm-_device_description',
      );
    }
    const serial = (store.cells[this.serial] ?? 0) + 1;
    store.cells[this.serial] = serial;
    const transfer: ControllerTransfer = {
      ...order,
      adapter: adapter.address,
      serial,
      device: this.parts.registers.find(order.base)?.device ?? 0,
      started: clock.now,
      moved: 0,
      state: 'running',
    };
    store.set(this.table, adapter.address, transfer);
    if (adapter.description.AutoInitialize || this.isPaced(adapter)) return;
    const units = Math.floor(order.length / width);
    clock.set({
      due: clock.now + Math.max(units * this.unitTime(adapter), 1),
      host: host.index,
      purpose: `${TIMER}${adapter.address}:${serial}`,
    });
  }

  /** Whether a transfer was cancelled before MapTransferEx; once. */
  cancelledBefore(block: RegisterBlock): boolean {
    const { store } = this.kernel;
    if (store.get(this.cancelled, block.base) === undefined) return false;
    store.delete(this.cancelled, block.base);
    return true;
  }

  /** Stops the channel for a flush: which bytes from which address on have moved. */
  stop(
    adapter: Adapter,
    base: number,
  ): { readonly va: number; readonly bytes: number } | undefined {
    const transfer = this.look(adapter);
    if (transfer === undefined || transfer.base !== base) return undefined;
    if (transfer.state === 'running') this.change(adapter, { state: 'cancelled' });
    // A counter that cannot be relied on shortens nothing.
    const bytes = adapter.description.IgnoreCount
      ? transfer.length
      : Math.min(transfer.moved, transfer.length);
    return { va: transfer.va, bytes };
  }

  /** Forgets a transfer that was flushed or whose channel was given back. */
  forget(adapter: Pick<Adapter, 'address'>): void {
    this.kernel.store.delete(this.table, adapter.address);
  }

  /** A timer of the controller came due: the transfer is done. */
  timerDue(timer: Timer): boolean {
    if (!timer.purpose.startsWith(TIMER)) return false;
    const [address, serial] = timer.purpose.slice(TIMER.length).split(':').map(Number);
    const adapter = address === undefined ? undefined : this.parts.adapters.find(address);
    if (adapter !== undefined && this.all.get(adapter.address)?.serial === serial) {
      this.look(adapter);
    }
    return true;
  }

  // ---- Routines ------------------------------------------------------------------------------------

  private readCounter(call: NativeCall): number {
    const adapter = this.parts.adapters.check(call, { highest: DISPATCH_LEVEL });
    if (adapter === undefined) return 0;
    if (adapter.description.Master) {
      call.violation(
        'dma_channel',
        'ReadDmaCounter reads a channel of the DMA controller; a bus master has none: the answer is 0.',
        'nc-wdm-pread_dma_counter',
      );
      return 0;
    }
    this.kernel.clock.advance(COUNTER_READ);
    const transfer = this.look(adapter);
    if (transfer === undefined) return 0;
    return transfer.state === 'running'
      ? transfer.length - (transfer.moved % transfer.length)
      : Math.max(transfer.length - transfer.moved, 0);
  }

  /**
   * ConfigureAdapterChannel(DmaAdapter, FunctionNumber, Context): what its page calls custom functions, defined by the
   * controller. This one has two: 1 takes the time of a unit from *(PULONG)Context, in 100 ns; 2 writes the bytes that
   * the transfer has moved to it.
   */
  private configure(call: NativeCall): number {
    const adapter = this.parts.adapters.check(call, { highest: DISPATCH_LEVEL });
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const [number, context] = [call.number(1), call.number(2)];
    const refuse = (why: string, result: number): number => {
      this.kernel.explain(
        call,
        `ConfigureAdapterChannel fails: ${why}.`,
        'nc-wdm-pconfigure_adapter_channel',
      );
      return result | 0;
    };
    if (adapter.description.Master) {
      return refuse(
        'a bus master has no channel of the DMA controller',
        status.STATUS_NOT_IMPLEMENTED,
      );
    }
    switch (number) {
      case SET_PACE: {
        const pace = call.memory.readUnsigned(context, 4, '*FunctionContext');
        if (pace === 0) return refuse('a unit takes some time', status.STATUS_INVALID_PARAMETER);
        this.kernel.store.set(this.paces, adapter.address, pace);
        return 0;
      }
      case READ_POSITION: {
        call.memory.write(context, 4, this.look(adapter)?.moved ?? 0);
        return 0;
      }
      default:
        return refuse(
          `the DMA controller of this machine has no function ${number}`,
          status.STATUS_NOT_IMPLEMENTED,
        );
    }
  }

  /** CancelMappedTransfer(DmaAdapter, DmaTransferContext). */
  private cancel(call: NativeCall): number {
    const { adapters, registers } = this.parts;
    const adapter = adapters.check(call, { highest: DISPATCH_LEVEL });
    const context = call.number(1);
    if (adapter === undefined || adapter.description.Master || context === 0) {
      return status.STATUS_INVALID_PARAMETER | 0;
    }
    const block = registers.find(this.parts.contexts.find(context)?.base ?? 0);
    if (block?.adapter !== adapter.address) return status.STATUS_INVALID_PARAMETER | 0;
    const transfer = this.look(adapter);
    if (transfer === undefined || transfer.base !== block.base) {
      this.kernel.store.set(this.cancelled, block.base, true);
      return 0;
    }
    if (transfer.state !== 'running') return status.STATUS_UNSUCCESSFUL | 0;
    this.change(adapter, { state: 'cancelled' });
    this.complete(transfer, DMA_CANCELLED);
    return 0;
  }

  // ---- Devices -------------------------------------------------------------------------------------

  /** Whether the device asks for each byte: a device of the scenario, whose C does so. */
  private isPaced(adapter: Adapter): boolean {
    if (this.portAt(adapter.description.DeviceAddress ?? 0) !== undefined) return false;
    const { nics } = this.kernel.declaration;
    return nics.find(({ name }) => name === adapter.nic)?.program !== undefined;
  }

  /** DeviceDmaRequest(Line, Buffer, Length) of a device: how many bytes the controller has moved for it. */
  request(call: NativeCall, device: string): number {
    const [line, buffer, length] = [call.number(0), call.number(1), call.number(2)];
    const { adapters } = this.parts;
    const found = [...this.all.values()].find(({ adapter, state }) => {
      const owner = adapters.find(adapter);
      return state === 'running' && owner?.nic === device && this.lineOf(owner) === line;
    });
    const adapter = found && adapters.find(found.adapter);
    if (found === undefined || adapter === undefined) return 0;
    const width = transferWidth(adapter.description);
    const endless = adapter.description.AutoInitialize !== 0;
    const whole = found.length - (found.length % width);
    const bytes = Math.min(length - (length % width), endless ? whole : whole - found.moved);
    const { memory, index } = this.kernel.host;
    const good = this.move(found, found.moved + bytes, (place, part, done) => {
      if (found.writeToDevice) call.memory.writeBytes(buffer + done, memory.peek(place, part));
      else memory.poke(place, call.memory.readBytes(buffer + done, part, 'Buffer'));
      this.kernel.vm.touchedByDevice(index, place, part, found.writeToDevice ? 'read' : 'write');
    });
    this.kernel.store.invalidate();
    const moved = found.moved + bytes;
    const done = !good || (!endless && moved >= whole);
    this.change(adapter, { moved, state: done ? 'complete' : 'running' });
    if (done) this.complete(found, good ? DMA_COMPLETE : DMA_ERROR);
    return bytes;
  }

  // ---- Moving bytes --------------------------------------------------------------------------------

  private unitTime({ address, description }: Adapter): number {
    const pace = this.kernel.store.get(this.paces, address);
    if (pace !== undefined) return pace;
    return description.Version >= 3 ? NEW_UNIT : ISA_UNIT;
  }

  private change(adapter: Adapter, change: Partial<ControllerTransfer>): void {
    this.kernel.store.update(this.table, adapter.address, (record) => ({ ...record, ...change }));
  }

  /** The transfer of an adapter, moved up to now. */
  private look(adapter: Adapter): ControllerTransfer | undefined {
    const transfer = this.all.get(adapter.address);
    if (transfer?.state !== 'running' || this.isPaced(adapter)) return transfer;
    const { clock } = this.kernel;
    const width = transferWidth(adapter.description);
    const units = Math.floor((clock.now - transfer.started) / this.unitTime(adapter));
    const whole = transfer.length - (transfer.length % width);
    const endless = adapter.description.AutoInitialize !== 0;
    const moved = endless ? units * width : Math.min(units * width, whole);
    if (moved === transfer.moved) return transfer;
    const good = this.move(transfer, moved, (place, length) =>
      this.exchange(adapter, transfer, place, length),
    );
    const done = !good || (!endless && moved >= whole);
    const next: ControllerTransfer = { ...transfer, moved, state: done ? 'complete' : 'running' };
    this.kernel.store.set(this.table, adapter.address, next);
    if (done) this.complete(next, good ? DMA_COMPLETE : DMA_ERROR);
    return next;
  }

  /** Moves the bytes up to a count; false when memory of the transfer is gone. */
  private move(
    transfer: ControllerTransfer,
    upTo: number,
    exchange: (place: PhysicalAddress, length: number, done: number) => void,
  ): boolean {
    // A cycle that was passed through more than once leaves what its last round left.
    const from = Math.max(transfer.moved, upTo - transfer.length);
    for (let done = from; done < upTo; ) {
      const at = transfer.va + (done % transfer.length);
      const [piece] = this.parts.registers.piecesIn(transfer.base, at, 1, 1);
      if (piece === undefined) return false;
      const inPiece = at - piece.va;
      const place = (piece.bounce ?? piece.physical) + inPiece;
      const left = transfer.length - (done % transfer.length);
      const length = Math.min(piece.length - inPiece, upTo - done, left);
      exchange(physical(place), length, done - from);
      if (!transfer.writeToDevice) {
        this.parts.registers.noteWrite(piece, transfer.base, { offset: inPiece, length });
      }
      done += length;
    }
    return true;
  }

  private exchange(
    adapter: Adapter,
    transfer: ControllerTransfer,
    place: PhysicalAddress,
    length: number,
  ): void {
    const { memory } = this.kernel.host;
    const port = this.portAt((adapter.description.DeviceAddress ?? 0) + transfer.deviceOffset);
    if (port !== undefined) {
      this.exchangeWithDevice(adapter, transfer, port, place, length);
    } else if (transfer.writeToDevice) {
      this.toDevice(adapter, transfer, memory.peek(place, length));
    } else {
      memory.poke(place, this.fromDevice(adapter, transfer, length));
      this.kernel.store.invalidate();
    }
  }

  /** The register of a device at a physical address. */
  private portAt(address: number): Pick<RegisterAccess, 'device' | 'bar' | 'offset'> | undefined {
    if (address === 0) return undefined;
    const range = this.kernel.host.registers.find(frame(Math.floor(address / PAGE_SIZE)));
    return range && { device: range.device, bar: range.bar, offset: address - range.start };
  }

  /** Each unit is an access to the register, which runs the device's code; what it answers comes a little later. */
  private exchangeWithDevice(
    adapter: Adapter,
    transfer: ControllerTransfer,
    port: Pick<RegisterAccess, 'device' | 'bar' | 'offset'>,
    place: PhysicalAddress,
    length: number,
  ): void {
    const { memory } = this.kernel.host;
    const width = transferWidth(adapter.description);
    for (let done = 0; done + width <= length; done += width) {
      const at = physical(place + done);
      if (transfer.writeToDevice) {
        const value = littleEndian(memory.peek(at, width));
        this.parts.access({ ...port, access: 'write', size: width, value });
        continue;
      }
      const thread = this.parts.access({ ...port, access: 'read', size: width, value: 0 });
      const read = { adapter: adapter.address, place: at, width };
      if (thread === undefined) this.take(read, -1);
      else this.kernel.store.set(this.reads, thread, read);
    }
  }

  /** The code of a device has answered, or failed: then the bus shows nothing. */
  answered(thread: number, result: Int64): void {
    const read = this.kernel.store.get(this.reads, thread);
    if (read === undefined) return;
    this.kernel.store.delete(this.reads, thread);
    this.take(read, result);
  }

  /** Whether a device still has to answer for the transfer of an adapter. */
  isWaiting(adapter: Pick<Adapter, 'address'>): boolean {
    for (const read of this.kernel.store.all(this.reads).values()) {
      if (read.adapter === adapter.address) return true;
    }
    return false;
  }

  private take(read: RegisterRead, value: Int64): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
    this.kernel.host.memory.poke(physical(read.place), bytes.subarray(0, read.width));
    this.kernel.store.invalidate();
  }

  private toDevice(adapter: Adapter, transfer: ControllerTransfer, bytes: Uint8Array): void {
    const register = this.register(adapter, transfer);
    if (register === undefined) return;
    const width = transferWidth(adapter.description);
    const last = bytes.subarray(Math.max(bytes.length - width, 0));
    this.kernel.host.memory.poke(register, last);
    this.kernel.store.invalidate();
  }

  private fromDevice(adapter: Adapter, transfer: ControllerTransfer, length: number): Uint8Array {
    const register = this.register(adapter, transfer);
    if (register === undefined) return new Uint8Array(length).fill(OPEN_BUS);
    const width = transferWidth(adapter.description);
    const unit = this.kernel.host.memory.peek(register, width);
    return Uint8Array.from({ length }, (_, index) => unit[index % width] ?? OPEN_BUS);
  }

  /** The device's data register, where it lies in memory. */
  private register(
    { description }: Adapter,
    transfer: ControllerTransfer,
  ): PhysicalAddress | undefined {
    const address = (description.DeviceAddress ?? 0) + transfer.deviceOffset;
    const isMemory = this.kernel.memory.frames.isMemory(frame(Math.floor(address / PAGE_SIZE)));
    return address !== 0 && isMemory ? physical(address) : undefined;
  }

  /** Schedules the driver's completion routine. */
  private complete(transfer: ControllerTransfer, result: number): void {
    const { kernel } = this;
    if (transfer.completion === 0) return;
    const entry = kernel.vm.addressOf(kernel.host.index, 'ntoskrnl', 'HalpRunCompletion');
    if (entry === undefined) return;
    this.parts.processes.startSystemThread({
      name: 'DMA completion',
      process: 0,
      level: 'dpc',
      processor: kernel.host.processor,
      irql: DISPATCH_LEVEL,
      entry,
      arguments: [transfer.completion, transfer.adapter, transfer.device, transfer.context, result],
      purpose: 'dpc',
    });
  }

  /** Where a channel stands, for people. */
  describe(adapter: Adapter): string | undefined {
    const transfer = this.all.get(adapter.address);
    if (transfer === undefined) return undefined;
    const direction = transfer.writeToDevice ? 'to the device' : 'from the device';
    const moved = Math.min(transfer.moved, transfer.length);
    return `channel ${this.lineOf(adapter)} ${transfer.state}: ${moved} of ${transfer.length} bytes at ${hex(transfer.va, 16)} ${direction}`;
  }
}

/** The value of so many bytes as a register takes it. */
function littleEndian(bytes: Uint8Array): Int64 {
  const whole = new Uint8Array(8);
  whole.set(bytes);
  return int64(new DataView(whole.buffer).getBigUint64(0, true));
}
