/**
 * Interrupts of devices: which vector a device has, who serves it, and what is asserted. A vector that has to be
 * served becomes a thread at its IRQL on a processor (`interrupts.c` calls the routines), so IRQL decides what
 * it interrupts. Documentation: "Introduction to Interrupt Service Routines", "Registering an ISR".
 */
import { hash32 } from '../../base/random.ts';
import type { Table } from '../../base/store.ts';
import { BugCheck, type NativeCall, type NativeTable } from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { irqlName, type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import type { Processes } from '../ps/processes.ts';
import { verifierFlags } from '../services.ts';
import { status } from '../status.ts';
import { checkExactIrql, verifierViolation } from '../verifier/irql-rules.ts';

/** How a device interrupts. Plain data. */
export interface InterruptLine {
  readonly device: string;
  /** The first vector; messages have the ones behind it. */
  readonly vector: number;
  readonly irql: number;
  /** 0: a level-triggered line; else the number of message-signalled interrupts. */
  readonly messages: number;
}

/** What a vector does now. Plain data. */
interface VectorState {
  /** The device holds its line, or a message has not been served. */
  readonly asserted: boolean;
  /** A thread serves it or is about to. */
  readonly serving: boolean;
  /** Calls of the chain in a row that left the line asserted. */
  readonly storm: number;
  /** Given up: nobody makes the device let go of its line. */
  readonly masked: boolean;
  /** Interrupts of a line that falls by itself: one to serve, and one more that came meanwhile. */
  readonly pulses: 0 | 1 | 2;
}

const idle: VectorState = { asserted: false, serving: false, storm: 0, masked: false, pulses: 0 };
/** On x64 the IRQL of a vector is its upper half. */
const FIRST_VECTOR = 0x61;
const LAST_VECTOR = 0xcf;
const VECTORS_PER_LEVEL = 16;
/** A line that stays asserted through so many calls of its service routines is a driver's mistake. */
const STORM = 200;
/** With a varied schedule an interrupt arrives up to so many instructions after the device has sent it. */
const LATENCY = 400;
const INTERRUPTS = 0x1a7;

export class Interrupts {
  private readonly lines: Table<string, InterruptLine>;
  private readonly states: Table<number, VectorState>;
  /** Interrupt objects by vector, in the order of connecting. */
  private readonly chains: Table<number, readonly number[]>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly processes: Processes,
  ) {
    this.lines = kernel.store.table(`${kernel.host.name}.interruptLines`);
    this.states = kernel.store.table(`${kernel.host.name}.interruptStates`);
    this.chains = kernel.store.table(`${kernel.host.name}.interruptChains`);
  }

  // ---- For devices ---------------------------------------------------------------------------------

  /**
   * A device interrupts: it sends a message, or asserts its line, which stays asserted until `lower`. Serves a
   * device of this host by its name in the scenario; does nothing for one without an interrupt. The service
   * routine runs as soon as the IRQL of a processor allows. May be called from a native or while nothing runs.
   */
  raise(device: string, message = 0): void {
    const line = this.kernel.store.get(this.lines, device);
    if (line === undefined || message < 0 || message >= Math.max(line.messages, 1)) return;
    this.assert(line.vector + message);
  }

  /** As `raise`; the device lets go of its line by itself when a service routine claims the interrupt. */
  pulse(device: string, message = 0): void {
    const line = this.kernel.store.get(this.lines, device);
    if (line?.messages === 0) {
      this.change(line.vector, { pulses: this.state(line.vector).serving ? 2 : 1 });
    }
    this.raise(device, message);
  }

  /** The device lets go of its line. Messages cannot be taken back. */
  lower(device: string): void {
    const line = this.kernel.store.get(this.lines, device);
    if (line === undefined || line.messages > 0) return;
    this.change(line.vector, { asserted: false, storm: 0, masked: false });
  }

  /** Whether a device's line is asserted, or one of its messages has not been served. */
  isAsserted(device: string, message = 0): boolean {
    const line = this.kernel.store.get(this.lines, device);
    return line !== undefined && this.state(line.vector + message).asserted;
  }

  /** Gives a device its vectors; `messages` 0: a line. For the bus, once for each device. */
  assign(device: string, messages: number): InterruptLine | undefined {
    const known = this.kernel.store.get(this.lines, device);
    if (known !== undefined) return known;
    let vector = FIRST_VECTOR;
    for (const line of this.kernel.store.all(this.lines).values()) {
      vector = Math.max(vector, line.vector + Math.max(line.messages, 1));
    }
    // All messages of a device are on one level.
    const room = VECTORS_PER_LEVEL - (vector % VECTORS_PER_LEVEL);
    if (messages > room) vector += room;
    if (vector + Math.max(messages, 1) - 1 > LAST_VECTOR) return undefined;
    const line = { device, vector, irql: Math.floor(vector / VECTORS_PER_LEVEL), messages };
    this.kernel.store.set(this.lines, device, line);
    return line;
  }

  lineOf(device: string): InterruptLine | undefined {
    return this.kernel.store.get(this.lines, device);
  }

  /** The device is gone, and its interrupt with it. */
  release(device: string): void {
    const line = this.kernel.store.get(this.lines, device);
    if (line === undefined) return;
    for (let index = 0; index < Math.max(line.messages, 1); index++) {
      this.change(line.vector + index, { asserted: false, storm: 0, masked: false });
    }
    this.kernel.store.delete(this.lines, device);
  }

  /** One bit for each processor of the host. */
  get allProcessors(): bigint {
    return (1n << BigInt(this.kernel.host.machine.processors)) - 1n;
  }

  // ---- For the kernel's C --------------------------------------------------------------------------

  natives(deviceOf: (physicalDeviceObject: number) => string | undefined): NativeTable {
    return {
      KiFindVector: (call) => {
        const device = deviceOf(call.number(0));
        const line = device === undefined ? undefined : this.lineOf(device);
        if (line === undefined) return 0;
        const { layouts } = this.kernel;
        const write = (member: string, value: number): void =>
          layouts.write(call.memory, call.number(1), 'KI_VECTOR', member, value);
        write('Vector', line.vector);
        write('Irql', line.irql);
        write('Mode', line.messages === 0 ? 0 : 1);
        write('MessageCount', line.messages);
        write('Affinity', Number(this.allProcessors));
        return 1;
      },
      KiConnectVector: (call) => this.connect(call),
      KiDisconnectVector: (call) => this.disconnect(call),
      KiInterruptAt: (call) => this.chain(call.number(0))[call.number(1)] ?? 0,
      KiNoteServiced: (call) => this.noteServiced(call),
      KiEndInterrupt: (call) => this.end(call, call.number(0), call.boolean(1)),
    };
  }

  private connect(call: NativeCall): number {
    const interrupt = call.number(0);
    const read = (member: string): number =>
      this.kernel.layouts.read(call.memory, interrupt, 'KI_INTERRUPT', member);
    checkExactIrql(this.kernel, call, PASSIVE_LEVEL, 'nf-wdm-ioconnectinterrupt');
    const vector = read('Vector');
    const line = this.lineAt(vector);
    const irql = read('Irql');
    const refuse = (why: string): number => {
      this.kernel.explain(
        call,
        `The interrupt cannot be connected: ${why}.`,
        'nf-wdm-ioconnectinterrupt',
      );
      return status.STATUS_INVALID_PARAMETER | 0;
    };
    if (line === undefined) {
      return refuse(
        `no device has the vector ${vector}; it is the translated one of IRP_MN_START_DEVICE that counts`,
      );
    }
    if (irql !== line.irql) {
      return refuse(`the vector ${vector} belongs to IRQL ${line.irql}, not ${irql}`);
    }
    if (read('SynchronizeIrql') < irql) {
      return refuse(`SynchronizeIrql is ${read('SynchronizeIrql')}, below the interrupt's ${irql}`);
    }
    const mode = line.messages === 0 ? 0 : 1;
    if (read('Mode') !== mode) {
      return refuse(mode === 0 ? 'the line is LevelSensitive' : 'messages are Latched');
    }
    const affinity = BigInt.asUintN(
      64,
      BigInt(
        call.memory.read64(
          interrupt + this.kernel.layouts.offset('KI_INTERRUPT', 'ProcessorEnableMask'),
        ),
      ),
    );
    if ((affinity & this.allProcessors) === 0n) {
      return refuse('ProcessorEnableMask names no processor of this machine');
    }
    const chain = this.chain(vector);
    const [first] = chain;
    const isShared =
      read('ShareVector') !== 0 &&
      (first === undefined ||
        this.kernel.layouts.read(call.memory, first, 'KI_INTERRUPT', 'ShareVector') !== 0);
    if (first !== undefined && !isShared) {
      return refuse(`the vector ${vector} is connected already, and not both share it`);
    }
    this.kernel.layouts.write(call.memory, interrupt, 'KI_INTERRUPT', 'Connected', 1);
    this.kernel.store.set(this.chains, vector, [...chain, interrupt]);
    // A line that was asserted before anybody listened is served now.
    this.change(vector, { masked: false, storm: 0 });
    this.serve(vector);
    return 0;
  }

  private disconnect(call: NativeCall): number {
    const interrupt = call.number(0);
    for (const [vector, chain] of this.kernel.store.all(this.chains).entries()) {
      if (!chain.includes(interrupt)) continue;
      this.kernel.store.set(
        this.chains,
        vector,
        chain.filter((one) => one !== interrupt),
      );
      this.kernel.layouts.write(call.memory, interrupt, 'KI_INTERRUPT', 'Connected', 0);
      return 1;
    }
    call.violation(
      'interrupt_object',
      'IoDisconnectInterrupt is given an interrupt object that is not connected.',
      'nf-wdm-iodisconnectinterrupt',
    );
    return 0;
  }

  private serviceRoutine(call: NativeCall): number {
    const read = (member: string): number =>
      this.kernel.layouts.read(call.memory, call.number(0), 'KI_INTERRUPT', member);
    return read('MessageServiceRoutine') || read('ServiceRoutine');
  }

  /** A service routine has to come back at the IRQL that it was called at. */
  private noteServiced(call: NativeCall): undefined {
    const { host } = this.kernel;
    const wanted = call.number(1);
    const { irql } = host;
    if (irql === wanted) return undefined;
    const vector = this.kernel.layouts.read(call.memory, call.number(0), 'KI_INTERRUPT', 'Vector');
    host.irql = wanted;
    const text = `The service routine of vector ${vector} was called at ${irqlName(wanted)} and returned at ${irqlName(irql)}.`;
    const routine = this.serviceRoutine(call);
    const driver = this.kernel.moduleAt(routine);
    if (driver !== undefined && this.kernel.verifiedModule(driver, verifierFlags.io)) {
      throw verifierViolation([0x111, routine, wanted, irql], text);
    }
    throw new BugCheck(
      bugCheckCodes.IRQL_UNEXPECTED_VALUE,
      [irql * 0x10000 + wanted, 0, 0, 0],
      text,
      'bug-check-0xc8--irql-unexpected-value',
    );
  }

  /** Answers whether the chain has to be called again. */
  private end(call: NativeCall, vector: number, claimed: boolean): number {
    const state = this.state(vector);
    const line = this.lineAt(vector);
    if (state.pulses > 0) {
      // What nobody claims is gone as well.
      const again = state.pulses === 2 && claimed;
      this.change(vector, { serving: again, asserted: again, pulses: again ? 1 : 0, storm: 0 });
      return again ? 1 : 0;
    }
    if (!state.asserted || line === undefined) {
      this.change(vector, { serving: false, storm: 0 });
      return 0;
    }
    if (line.messages > 0) {
      // It was sent again while it was being served.
      this.change(vector, { asserted: false });
      return 1;
    }
    if (this.chain(vector).length === 0) {
      this.change(vector, { serving: false });
      return 0;
    }
    if (state.storm + 1 < STORM) {
      this.change(vector, { storm: state.storm + 1 });
      return 1;
    }
    this.change(vector, { serving: false, storm: 0, masked: true });
    call.violation(
      'interrupt_storm',
      `The interrupt line of ${line.device} is still asserted after its service routines have been called ${STORM} times: ` +
        (claimed
          ? 'they claim the interrupt, but do not make the device let go of its line.'
          : 'none of them claims the interrupt.') +
        ' A real machine would go on calling them; here the line is masked.',
      'nc-wdm-kservice_routine',
    );
    return 0;
  }

  // ---- Vectors -------------------------------------------------------------------------------------

  private assert(vector: number): void {
    this.change(vector, { asserted: true });
    this.serve(vector);
  }

  /** Sends a processor to serve a vector, unless one is on its way. */
  private serve(vector: number): void {
    const { kernel } = this;
    const state = this.state(vector);
    const line = this.lineAt(vector);
    const entry = kernel.vm.addressOf(kernel.host.index, 'ntoskrnl', 'KiDispatchInterrupt');
    if (!state.asserted || state.serving || state.masked || line === undefined) return;
    if (this.chain(vector).length === 0 || entry === undefined) return;
    const thread = this.processes.startSystemThread({
      name: `interrupt of ${line.device}`,
      process: 0,
      entry,
      arguments: [vector],
      purpose: 'interrupt',
      level: 'interrupt',
      irql: line.irql,
      ...this.placeOf(vector),
    });
    if (thread === undefined) return;
    // A message is taken by being served; a line stays as the device holds it.
    this.change(vector, { serving: true, ...(line.messages > 0 ? { asserted: false } : {}) });
  }

  /** The processor that takes an interrupt, and when: at once on the running one, or by the schedule's seed. */
  private placeOf(vector: number): { readonly processor: number; readonly notBefore: number } {
    const { host, vm, seed } = this.kernel;
    const enabled = this.enabledProcessors(vector);
    if (!vm.varied) {
      const processor = enabled.includes(host.processor) ? host.processor : (enabled[0] ?? 0);
      return { processor, notBefore: vm.tick };
    }
    const random = hash32(seed, INTERRUPTS, vm.tick, vector);
    return {
      processor: enabled[(random >>> 12) % enabled.length] ?? 0,
      notBefore: vm.tick + (random % LATENCY),
    };
  }

  private enabledProcessors(vector: number): readonly number[] {
    const { layouts, system, host } = this.kernel;
    const [first] = this.chain(vector);
    const mask =
      first === undefined
        ? this.allProcessors
        : BigInt(system.readNumber(first + layouts.offset('KI_INTERRUPT', 'ProcessorEnableMask')));
    return Array.from({ length: host.machine.processors }, (_, index) => index).filter(
      (index) => ((mask >> BigInt(index)) & 1n) === 1n,
    );
  }

  private lineAt(vector: number): InterruptLine | undefined {
    for (const line of this.kernel.store.all(this.lines).values()) {
      if (vector >= line.vector && vector < line.vector + Math.max(line.messages, 1)) return line;
    }
    return undefined;
  }

  private chain(vector: number): readonly number[] {
    return this.kernel.store.get(this.chains, vector) ?? [];
  }

  private state(vector: number): VectorState {
    return this.kernel.store.get(this.states, vector) ?? idle;
  }

  private change(vector: number, changes: Partial<VectorState>): void {
    this.kernel.store.set(this.states, vector, { ...this.state(vector), ...changes });
  }
}
