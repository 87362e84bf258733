/**
 * One host's Windows: composes memory manager, executive, I/O manager, HAL and the rest, and is the vm's
 * `System` for that host.
 *
 * How a session is built:
 *
 *     const clock = new Clock(store);
 *     const faults = new FaultInjection(store, scenario.faults);
 *     const life = new Life(store, clock, order);          // processes of all hosts as written
 *     const kernels = hosts.map((declaration, index) =>
 *       new Kernel({ store, host: new Host(store, index, ...), declaration, reports, seed, clock, faults, life }));
 *     const vm = new VirtualMachine({ systems: kernels, modules, ... });
 *     for (const kernel of kernels) kernel.attach(vm);
 *
 * Modules of a host: `ntoskrnl` with the units of `kernelSources`, one for each driver (named as it is
 * declared), and for each process (number `kernel.processId(name)`) its own and those of its libraries.
 */
import type { VirtualAddress } from '../base/addresses.ts';
import { hex, type Int64, low32 } from '../base/int64.ts';
import type { Store } from '../base/store.ts';
import type { Unit } from '../language/program.ts';
import type { HostDeclaration } from '../language/scenario.ts';
import type { AddressSpace } from '../machine/address-space.ts';
import type { Host, NicConfiguration } from '../machine/host.ts';
import type { Fault } from '../vm/access.ts';
import type { BugCheck, ExceptionRecord, NativeCall, NativeTable } from '../vm/natives.ts';
import type { RegisterAccess } from '../vm/register-accesses.ts';
import type { Reports } from '../vm/reports.ts';
import type { System, ThreadState, VmServices } from '../vm/system.ts';
import { bugCheckName } from './bug-check-codes.ts';
import type { Clock } from './clock.ts';
import type { KernelContext, LiveObject } from './context.ts';
import { LookasideLists } from './ex/lookaside.ts';
import { poolRoutines } from './ex/pool-routines.ts';
import { slistNatives } from './ex/slists.ts';
import type { FaultInjection } from './fault-injection.ts';
import { judgeFault, unhandledInKernel } from './faults.ts';
import { Adapters } from './hal/adapters.ts';
import { BusMaster } from './hal/bus-master.ts';
import { CommonBufferVectors } from './hal/common-buffer-vectors.ts';
import { CommonBuffers } from './hal/common-buffers.ts';
import { DeviceCode } from './hal/device-code.ts';
import { DmaDomains } from './hal/dma-domains.ts';
import { LogicalSpace } from './hal/logical-space.ts';
import { MapRegisters } from './hal/map-registers.ts';
import { MdlCommonBuffers } from './hal/mdl-common-buffers.ts';
import { StrayAccesses } from './hal/stray-accesses.ts';
import { Transfers } from './hal/transfers.ts';
import { ANNOUNCE, HostLife } from './host-life.ts';
import { Bus } from './io/bus.ts';
import { DeviceProperties } from './io/device-properties.ts';
import { Devices } from './io/devices.ts';
import { DriverLoader } from './io/driver-loader.ts';
import { DriverObjects } from './io/driver-objects.ts';
import { Files } from './io/files.ts';
import { Irps } from './io/irps.ts';
import { ObjectNames } from './io/object-names.ts';
import { Registry } from './io/registry.ts';
import { Deferred } from './ke/deferred.ts';
import { Dispatcher } from './ke/dispatcher.ts';
import { exceptionNatives } from './ke/exceptions.ts';
import { interlockedNatives } from './ke/interlocked.ts';
import { interlockedListNatives } from './ke/interlocked-lists.ts';
import { Interrupts } from './ke/interrupts.ts';
import { IrqlManager } from './ke/irql.ts';
import { Regions } from './ke/regions.ts';
import { timeNatives } from './ke/time.ts';
import { WaitChains } from './ke/wait-chains.ts';
import { Layouts } from './layouts.ts';
import { Ledger } from './ledger.ts';
import type { Life } from './life.ts';
import { MemoryManager } from './mm/memory-manager.ts';
import { memoryRoutines } from './mm/routines.ts';
import { consoleNatives, heapNatives } from './ps/console.ts';
import { type ProcessEntry, Processes, processIdOf } from './ps/processes.ts';
import { Threads } from './ps/threads.ts';
import { UserServices } from './ps/user-services.ts';
import { assertionNatives } from './rtl/assertions.ts';
import { bitmapNatives } from './rtl/bitmaps.ts';
import { stringNatives } from './rtl/c-strings.ts';
import { characterNatives } from './rtl/character-classes.ts';
import { countedStringNatives } from './rtl/counted-strings.ts';
import { DebugOutput } from './rtl/debug-print.ts';
import { dosErrorNatives } from './rtl/dos-errors.ts';
import { memoryNatives } from './rtl/memory.ts';
import { printingNatives } from './rtl/printing.ts';
import { timeFieldNatives } from './rtl/time-fields.ts';
import { standardVerifier, type VerifierSettings } from './services.ts';
import { statusName } from './status.ts';
import { SystemMemory } from './system-memory.ts';
import { DeadlockDetection } from './verifier/deadlock-rules.ts';
import { ForcedPending } from './verifier/forced-pending.ts';
import { InvariantBuffers } from './verifier/invariant-buffers.ts';
import { IoRules } from './verifier/io-rules.ts';
import { IrpLog } from './verifier/irp-log.ts';
import { LowResources } from './verifier/low-resources.ts';
import { LiveResources } from './verifier/resource-rules.ts';
import { withRoutineRules } from './verifier/routine-rules.ts';
import { serviceRules } from './verifier/service-rules.ts';
import { isAtLeast } from './windows-versions.ts';

export interface KernelOptions {
  readonly store: Store;
  readonly host: Host;
  readonly declaration: HostDeclaration;
  readonly reports: Reports;
  readonly seed: number;
  /** Shared by all hosts of the session, made before the first kernel. */
  readonly clock: Clock;
  readonly faults: FaultInjection;
  readonly life: Life;
  /** Overrides the verifier setting of every driver. */
  readonly verifier?: boolean | undefined;
  /** The checked C of the built-in network card. */
  readonly nicUnits: () => readonly Unit[];
  /** Natives of other subsystems (the C library, Winsock), made for this kernel. */
  readonly extensions?: readonly ((kernel: KernelContext) => NativeTable)[];
}

const KERNEL = 'ntoskrnl';
const notVerified: VerifierSettings = { flags: 0, lowMemoryRequests: false };

/** Intrinsics of the compiler, and the run-time library that is linked into each driver. */
const inlined =
  /^(mem|str|wcs|_?Interlocked|Rtl(Zero|SecureZero|Fill|Copy|CopyVolatile|Move|Compare|Equal)Memory)/;

export class Kernel implements System, KernelContext {
  readonly store: Store;
  readonly host: Host;
  readonly declaration: HostDeclaration;
  readonly reports: Reports;
  readonly seed: number;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly memory: MemoryManager;
  readonly system: SystemMemory;
  readonly natives: NativeTable;
  readonly adapters: Adapters;
  readonly commonBuffers: CommonBuffers;
  readonly logicalSpace: LogicalSpace;
  readonly mapRegisters: MapRegisters;
  readonly transfers: Transfers;
  readonly dmaDomains: DmaDomains;
  /** What devices touched that nobody had given them. */
  readonly strayAccesses: StrayAccesses;
  /** The devices whose behaviour is C. */
  readonly deviceCode: DeviceCode;
  readonly devices: Devices;
  readonly irps: Irps;
  readonly files: Files;
  readonly processes: Processes;
  readonly debugOutput: DebugOutput;
  /** Where devices raise their interrupts. */
  readonly interrupts: Interrupts;

  private readonly options: KernelOptions;
  private readonly dispatcher: Dispatcher;
  private readonly irqlManager: IrqlManager;
  private readonly registry: Registry;
  private readonly deviceProperties: DeviceProperties;
  private readonly waitChains: WaitChains;
  private readonly threads: Threads;
  private readonly bus: Bus;
  private readonly deferred: Deferred;
  private readonly userServices: UserServices;
  private readonly lowResources: LowResources;
  private readonly regions: Regions;
  private readonly irpLog: IrpLog;
  private readonly ioRules: IoRules;
  private readonly deadlocks: DeadlockDetection;
  private lookaside: LookasideLists | undefined;
  private readonly liveResources: LiveResources;
  private readonly settings: ReadonlyMap<string, VerifierSettings>;
  private readonly life: HostLife;
  private attached: { readonly vm: VmServices; readonly layouts: Layouts } | undefined;

  constructor(options: KernelOptions) {
    this.options = options;
    const { store, host, declaration } = options;
    this.store = store;
    this.host = host;
    this.declaration = declaration;
    this.reports = options.reports;
    this.seed = options.seed;
    this.clock = options.clock;
    this.ledger = new Ledger(store, host.name);
    this.system = new SystemMemory(host);
    this.liveResources = new LiveResources(this);
    this.lowResources = new LowResources(store, host.name, options.seed, (version) =>
      this.atLeast(version),
    );
    this.settings = new Map(
      declaration.drivers.map((driver) => [driver.name, this.settingsOf(driver.verifier)]),
    );
    const entries = declaration.processes.map(
      (process, index): ProcessEntry => ({
        id: processIdOf(index),
        declaration: process,
        space: host.userSpace(process.name),
      }),
    );
    this.memory = new MemoryManager({
      store,
      host,
      ledger: this.ledger,
      userSpace: (process) => this.userSpace(process),
      processes: () => entries.map(({ id }) => id),
      processObject: (process) => this.processObject(process),
    });
    this.processes = new Processes(this, entries);
    const blocked = (thread: number): void => this.waitChains.check(thread);
    this.dispatcher = new Dispatcher(this, {
      blocked,
      threadOf: (object) => this.threads.threadOf(object),
    });
    this.irqlManager = new IrqlManager(this, blocked);
    this.waitChains = new WaitChains(this, { dispatcher: this.dispatcher, irql: this.irqlManager });
    this.interrupts = new Interrupts(this, this.processes);
    this.debugOutput = new DebugOutput(this);
    const names = new ObjectNames(this);
    this.devices = new Devices(this, names);
    this.irps = new Irps(this, this.processes);
    this.files = new Files(this, names, this.devices, this.irps, (event) =>
      this.dispatcher.signal(event),
    );
    this.threads = new Threads(this, {
      processes: this.processes,
      files: this.files,
      dispatcher: this.dispatcher,
    });
    const drivers = new DriverObjects(this);
    this.regions = new Regions(this, (thread) => this.dispatcher.ownsMutex(thread));
    this.irpLog = new IrpLog(this);
    this.ioRules = new IoRules(this, {
      log: this.irpLog,
      invariants: new InvariantBuffers(this),
      irps: this.irps,
      devices: this.devices,
      drivers,
      regionDepth: (thread) => this.regions.depthOf(thread),
      heldSpinLock: (thread) => this.deadlocks.holdsSpinLock(thread),
    });
    this.bus = new Bus(this, drivers, this.devices, this.interrupts);
    this.registry = new Registry(this, this.files);
    this.deviceProperties = new DeviceProperties(this, {
      bus: this.bus,
      devices: this.devices,
      names,
      registry: this.registry,
      processes: this.processes,
    });
    const loader = new DriverLoader(this, {
      drivers,
      devices: this.devices,
      irps: this.irps,
      files: this.files,
      bus: this.bus,
      processes: this.processes,
    });
    this.logicalSpace = new LogicalSpace(this);
    this.adapters = new Adapters(this);
    this.commonBuffers = new CommonBuffers(this, this.adapters, this.logicalSpace);
    this.mapRegisters = new MapRegisters(this, this.adapters, this.logicalSpace);
    this.transfers = new Transfers(
      this,
      this.adapters,
      this.mapRegisters,
      this.processes,
      (access) => this.registerAccess(access),
    );
    const { adapters, commonBuffers, mapRegisters, logicalSpace, interrupts } = this;
    this.dmaDomains = new DmaDomains(this, {
      adapters,
      buffers: commonBuffers,
      registers: mapRegisters,
      logical: logicalSpace,
    });
    this.strayAccesses = new StrayAccesses(store, host.name);
    const busMaster = new BusMaster(this, {
      adapters,
      commonBuffers,
      mapRegisters,
      domains: this.dmaDomains,
      strayAccesses: this.strayAccesses,
    });
    this.deviceCode = new DeviceCode(this, {
      busMaster,
      controller: this.transfers.controller,
      interrupts,
      nicUnits: options.nicUnits,
    });
    this.deferred = new Deferred(this, {
      dispatcher: this.dispatcher,
      processes: this.processes,
      devices: this.devices,
    });
    this.userServices = new UserServices(this, {
      processes: this.processes,
      files: this.files,
      dispatcher: this.dispatcher,
      debugOutput: this.debugOutput,
    });
    this.deadlocks = new DeadlockDetection(this, (thread) => this.threads.objectOf(thread));
    this.natives = this.deadlocks.guard(
      withRoutineRules(this, this.ioRules.guard(this.allNatives(options.extensions ?? []))),
    );
    this.life = new HostLife(this, {
      loader,
      processes: this.processes,
      dispatcher: this.dispatcher,
      irql: this.irqlManager,
      waitChains: this.waitChains,
      deferred: this.deferred,
      deviceCode: this.deviceCode,
      dmaController: this.transfers.controller,
      debugOutput: this.debugOutput,
      ioRules: this.ioRules,
      irpLog: this.irpLog,
    });
    options.life.add(this.life);
  }

  /** Gives the kernel the virtual machine that it runs on. Once, before the first instruction. */
  attach(vm: VmServices): void {
    const units = vm.image(this.host.index, KERNEL)?.declaration.units ?? [];
    this.attached = { vm, layouts: new Layouts(units) };
  }

  /** The parts that know of DMA, for views. */
  get dma() {
    const { adapters, commonBuffers, mapRegisters, transfers } = this;
    return { adapters, commonBuffers, mapRegisters, transfers };
  }

  /** The vm's number of a declared process. */
  processId(name: string): number | undefined {
    return this.processes.named(name)?.id;
  }

  // ---- KernelContext -------------------------------------------------------------------------------

  get vm(): VmServices {
    return this.require().vm;
  }

  get layouts(): Layouts {
    return this.require().layouts;
  }

  verifier(call: NativeCall): VerifierSettings {
    return this.settings.get(this.driverBehind(call)) ?? notVerified;
  }

  verified(call: NativeCall, flags: number): boolean {
    return this.verifiedModule(this.driverBehind(call), flags);
  }

  verifiedModule(module: string, flags: number): boolean {
    const enabled = this.settings.get(module)?.flags ?? 0;
    return enabled !== 0 && (enabled & flags) === flags;
  }

  injectFault(call: NativeCall, point: 'allocation' | 'lock' | 'mapping'): boolean {
    if (!call.caller.own || call.mode !== 'kernel') return false;
    const injected = this.options.faults.count(point, call.routine) !== undefined;
    return injected || this.lowResources.fails(call, this.verifier(call).flags);
  }

  explain(call: NativeCall, text: string, page?: string): void {
    const see = page === undefined ? '' : ` [${page}]`;
    this.reports.add('output', {
      host: this.host.name,
      source: call.caller.module,
      text: `${text}${see}`,
      site: call.site,
    });
  }

  atLeast(version: string): boolean {
    return isAtLeast(this.host.machine.windows, version);
  }

  userSpace(process: number): AddressSpace | undefined {
    return this.processes.find(process)?.space ?? this.deviceCode.spaceOf(process);
  }

  objectWithin(start: number, bytes: number): LiveObject | undefined {
    const list = this.lookaside?.within(start, bytes);
    if (list !== undefined) return { kind: 'look-aside list', address: list };
    const resource = this.liveResources.within(start, bytes);
    if (resource !== undefined) return { kind: 'resource', address: resource };
    const timer = this.deferred.timerWithin(start, bytes);
    return timer === undefined ? undefined : { kind: 'timer', address: timer };
  }

  processObject(process: number): VirtualAddress {
    return this.processes.processObject(process);
  }

  nicOf(physicalDeviceObject: number): NicConfiguration | undefined {
    return this.bus.nicOf(physicalDeviceObject);
  }

  moduleAt(address: number): string | undefined {
    return this.vm.routineAt(this.host.index, address)?.module;
  }

  stopWith(bugCheck: BugCheck): void {
    this.bugCheck(bugCheck, undefined);
  }

  // ---- System --------------------------------------------------------------------------------------

  fault(fault: Fault, thread: ThreadState, pc: VirtualAddress): ExceptionRecord | BugCheck {
    return judgeFault(fault, {
      host: this.host,
      mode: pc < 0 ? 'kernel' : 'user',
      space: this.userSpace(this.vm.process),
      pc,
      module: this.touchingModule(thread, pc),
      byKernel: this.kernelRoutineAt(pc) !== undefined,
      pageFaultBits: this.atLeast('Windows 10'),
      describe: (address) => this.memory.describeAddress(this.vm.process, address),
    });
  }

  unhandledException(
    exception: ExceptionRecord,
    thread: ThreadState,
    mode: 'kernel' | 'user',
  ): BugCheck | undefined {
    if (mode === 'kernel') {
      const where =
        thread.level === 'thread' ? (thread.process !== 0 ? 'service' : 'thread') : 'dpc';
      return unhandledInKernel(exception, where, {
        module: this.runningModule(thread, exception.address),
        exceptionRecord: exception.pointers?.record ?? 0,
        contextRecord: exception.pointers?.context ?? 0,
      });
    }
    const name = this.processes.find(thread.process)?.declaration.name ?? `${thread.process}`;
    const [access, address] = exception.parameters;
    const details =
      address === undefined
        ? ''
        : ` (${access === 1 ? 'a write to' : access === 8 ? 'a jump to' : 'a read of'} ${hex(address, 16)})`;
    if (thread.level === 'device') {
      this.deviceCode.failed(thread, `${statusName(exception.code)}${details}`);
      return undefined;
    }
    this.reports.add('failure', {
      host: this.host.name,
      kind: 'process',
      subject: name,
      status: exception.code >>> 0,
      message: `Process ${name} was ended by ${statusName(exception.code)}${details}, which it does not handle`,
      site: this.vm.siteOf(thread.id),
    });
    return undefined;
  }

  threadEnded(thread: ThreadState, result: Int64, exception: ExceptionRecord | undefined): void {
    if (thread.level === 'device') {
      this.transfers.controller.answered(thread.id, exception === undefined ? result : -1);
      return;
    }
    const left = thread.purpose === 'system' ? this.deadlocks.threadEnding(thread.id) : undefined;
    if (left !== undefined) {
      this.stopWith(left);
      return;
    }
    this.userServices.threadOver(thread.id, exception?.code ?? low32(result));
    this.deferred.threadOver(thread.id);
    this.dispatcher.threadOver(thread.id);
    this.threads.threadOver(thread);
    // An exception that nobody takes ends the whole process, whichever thread it is.
    const process = this.processes.find(thread.process)?.declaration.name;
    if (thread.purpose.startsWith('thread:') && exception !== undefined && process !== undefined) {
      this.processes.endThreads(thread.process, thread.id);
      this.options.life.exitProcess(this.life, process, exception.code);
      return;
    }
    if (thread.purpose.startsWith(ANNOUNCE)) {
      if (this.life.announced(thread.purpose, result) === undefined) {
        this.options.life.exitProcess(this.life, thread.purpose.slice(ANNOUNCE.length), 0);
      }
      return;
    }
    this.options.life.threadEnded(this.life, thread, result, exception);
  }

  bugCheck(bugCheck: BugCheck, thread: ThreadState | undefined): void {
    const [one, two, three, four] = bugCheck.parameters;
    this.debugOutput.flush();
    this.irpLog.print();
    this.reports.add('bugCheck', {
      host: this.host.name,
      code: bugCheck.code,
      name: bugCheckName(bugCheck.code),
      parameters: [hex(one), hex(two), hex(three), hex(four)],
      explanation: bugCheck.explanation,
      page: bugCheck.page,
      site: thread && (this.vm.siteOf(thread.id, true) ?? this.vm.siteOf(thread.id)),
    });
    this.options.life.hostStopped(this.life);
  }

  registerAccess(access: RegisterAccess): number | undefined {
    return this.bus.isGone(access.device) ? undefined : this.deviceCode.access(access);
  }

  elapse(units: number): void {
    this.clock.advance(units);
  }

  idle(): boolean {
    return this.options.life.idle();
  }

  // ---- Building ------------------------------------------------------------------------------------

  private require() {
    if (this.attached === undefined) throw new RangeError('the kernel is not attached to a vm');
    return this.attached;
  }

  private settingsOf(verifier: VerifierSettings | undefined): VerifierSettings {
    if (this.options.verifier === false) return notVerified;
    if (verifier !== undefined) return verifier;
    return this.options.verifier === true
      ? { flags: standardVerifier, lowMemoryRequests: false }
      : notVerified;
  }

  private allNatives(extensions: KernelOptions['extensions'] & object): NativeTable {
    const memoryContext = { kernel: this, memory: this.memory };
    const pools = poolRoutines(memoryContext);
    return {
      ...memoryRoutines(memoryContext),
      ...pools,
      ...slistNatives(this),
      ...this.liveResources.natives(),
      ...this.lookasideLists(pools).natives(),
      ...memoryNatives(this),
      ...stringNatives,
      ...characterNatives,
      ...countedStringNatives(this),
      ...bitmapNatives,
      ...timeFieldNatives,
      ...printingNatives,
      ...dosErrorNatives,
      ...this.debugOutput.natives(),
      ...assertionNatives(this),
      ...this.irqlManager.natives(),
      ...this.interrupts.natives((device) => this.bus.nicOf(device)?.name),
      ...this.dispatcher.natives(),
      ...exceptionNatives(this),
      ...interlockedNatives,
      ...interlockedListNatives,
      ...timeNatives(this),
      ...this.regions.natives(),
      ...this.deferred.natives(),
      ...this.processes.natives(),
      ...this.threads.natives(),
      ...consoleNatives(this.debugOutput),
      ...heapNatives(this),
      ...this.devices.natives(),
      ...this.registry.natives(),
      ...this.deviceProperties.natives(),
      ...this.bus.natives(),
      ...this.irps.natives(),
      ...this.ioRules.natives(),
      ...new ForcedPending(this).natives(),
      ...serviceRules(this),
      ...this.files.natives(),
      ...this.adapters.natives(),
      ...this.commonBuffers.natives(),
      ...new CommonBufferVectors(this, this.adapters, this.commonBuffers).natives(),
      ...new MdlCommonBuffers(this, this.adapters, this.commonBuffers, this.logicalSpace).natives(),
      ...this.dmaDomains.natives(),
      ...this.transfers.natives(),
      ...this.deviceCode.natives(),
      ...this.userServices.natives(),
      ...this.processNatives(),
      ...Object.assign({}, ...extensions.map((extension) => extension(this))),
    };
  }

  private lookasideLists(pools: NativeTable): LookasideLists {
    this.lookaside = new LookasideLists(this, pools);
    return this.lookaside;
  }

  /** What processes ask of the kernel about themselves. */
  private processNatives(): NativeTable {
    return {
      NtTerminateProcess: (call) => {
        const entry = this.processes.find(call.process);
        if (entry === undefined) return 0;
        const { thread, process } = call;
        const code = call.number(1) >>> 0;
        // Its own stack is still in use until this service has returned; it goes with the process.
        this.processes.endThreads(process, thread);
        this.vm.endThread(thread);
        this.options.life.exitProcess(this.life, entry.declaration.name, code);
        return 0;
      },
    };
  }

  /** Who answers for a call: behind the kernel's own C, the driver that it works for. */
  private driverBehind(call: NativeCall): string {
    const { module } = call.caller;
    return module === KERNEL ? (this.vm.siteOf(call.thread, true)?.module ?? module) : module;
  }

  /** The routine of the kernel that an instruction belongs to; undefined for what compilers put inline. */
  private kernelRoutineAt(pc: number): string | undefined {
    const routine = this.vm.routineAt(this.host.index, pc);
    return routine?.module !== KERNEL || inlined.test(routine.name) ? undefined : routine.name;
  }

  /** Who touches memory, for people: a kernel routine names the driver that called it. */
  private touchingModule(thread: ThreadState, pc: number): string {
    const running = this.runningModule(thread, pc);
    const routine = this.kernelRoutineAt(pc);
    return routine === undefined || running === KERNEL
      ? running
      : `${routine} (called by ${running})`;
  }

  /** The module whose code runs: for a native routine, whoever called it. */
  private runningModule(thread: ThreadState, pc: number): string {
    return this.vm.siteOf(thread.id)?.module ?? this.moduleAt(pc) ?? KERNEL;
  }
}
