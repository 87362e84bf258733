/** A small operating system for tests of the virtual machine: images, stacks, a handful of routines. */
import { frame, PAGE_SIZE, virtual } from '../../../engine/base/addresses.ts';
import { hex, type Int64 } from '../../../engine/base/int64.ts';
import { Store } from '../../../engine/base/store.ts';
import { headers } from '../../../engine/include/headers.ts';
import { checkUnit } from '../../../engine/language/check.ts';
import { Diagnostics } from '../../../engine/language/diagnostics.ts';
import { preprocess } from '../../../engine/language/preprocess.ts';
import type { Unit } from '../../../engine/language/program.ts';
import { positionAt, type SourceFile } from '../../../engine/language/source.ts';
import type { AddressSpace, MappingUse } from '../../../engine/machine/address-space.ts';
import { Host } from '../../../engine/machine/host.ts';
import type { Found, Progress, Query, ResumeKind } from '../../../engine/session-types.ts';
import type { Fault } from '../../../engine/vm/access.ts';
import type { Generation } from '../../../engine/vm/codegen/generated-code.ts';
import { Debugger, type DebuggerOptions } from '../../../engine/vm/debug/debugger.ts';
import {
  BugCheck,
  type ExceptionRecord,
  type NativeTable,
  RaiseException,
} from '../../../engine/vm/natives.ts';
import { Reports } from '../../../engine/vm/reports.ts';
import type { ModuleDeclaration, System, ThreadState } from '../../../engine/vm/system.ts';
import { VirtualMachine } from '../../../engine/vm/virtual-machine.ts';

const headerFiles = new Map<string, SourceFile>(
  [...headers].map(([name, text]) => [
    name,
    { path: `dms:/include/${name}`, text, origin: 'builtin' },
  ]),
);

/** Prototypes of the routines below; every test program includes them. */
const TEST_HEADER = `
#include <ntddk.h>
int emit(long long Value);
int emitPair(LARGE_INTEGER Pair, int Other);
int text(const char *Text);
void raise(unsigned long Code);
int countdown(int Steps);
int yieldOnce(void);
int waitFor(const char *What);
int wakeThread(int Id);
int spawn(void (*Entry)(long long), long long Argument);
int formatted(const char *Format, ...);
void stop(unsigned long Code);
int readInt(int *Address);
NTSTATUS failing(void);
`;

export function compileC(
  source: string,
  path = 'test.c',
  mode: 'kernel' | 'user' = 'kernel',
): Unit {
  const file: SourceFile = { path, text: source, origin: 'user' };
  const diagnostics = new Diagnostics();
  const { tokens, macros, macroReferences, files } = preprocess({
    file,
    definitions: [],
    resolveInclude: (name) =>
      name === 'test.h'
        ? { path: 'test.h', text: TEST_HEADER, origin: 'builtin' }
        : headerFiles.get(name),
    knownHeaders: [...headers.keys()],
    mode,
    diagnostics,
  });
  const unit = checkUnit({ file, tokens, macros, macroReferences, files, mode, diagnostics });
  const errors = diagnostics.all.filter((one) => one.severity === 'error');
  if (errors.length > 0) {
    throw new Error(
      errors
        .map((one) => {
          const { line, column } = positionAt(one.range.file, one.range.start);
          return `${one.range.file.path}:${line}:${column}: ${one.message}`;
        })
        .join('\n'),
    );
  }
  return unit;
}

const STACK_PAGES = 6;
/** Frames of the stacks of spawned threads. */
const SPAWNED_FRAMES = 50_000;
const STATUS_ACCESS_VIOLATION = 0xc0000005;

/** Emitted values are output reports, so that they belong to history like everything else. */
export class TestSystem implements System {
  readonly host: Host;
  readonly natives: NativeTable;
  machine: VirtualMachine | undefined;
  private nextFrame = 16;
  private readonly spaces = new Map<number, AddressSpace>();
  /** Threads to start, one for each time that nothing else runs. */
  private readonly startedCell: number;
  private readonly spawnedCell: number;

  constructor(
    readonly store: Store,
    readonly reports: Reports,
    index: number,
    private readonly starts: readonly ThreadStart[],
    processes: readonly number[],
  ) {
    this.host = new Host(
      store,
      index,
      `host${index}`,
      {
        memory: [{ start: 0, end: 2 ** 30 }],
        nolowmem: false,
        freeMemory: { kind: 'all' },
        mapRegisters: 0,
        iommu: false,
        mergePages: true,
        nodes: 1,
        processors: 1,
        windows: 'Windows 11',
      },
      [],
    );
    for (const process of processes) {
      this.spaces.set(process, this.host.userSpace(`p${process}`));
    }
    this.startedCell = store.cell();
    this.spawnedCell = store.cell();
    this.natives = this.makeNatives();
  }

  userSpace(process: number): AddressSpace | undefined {
    return this.spaces.get(process);
  }

  /** Maps fresh zeroed frames. */
  map(space: AddressSpace, start: number, pages: number, use: MappingUse, user: boolean): void {
    this.put(space, start, pages, use, user, this.nextFrame);
    this.nextFrame += pages;
  }

  private put(
    space: AddressSpace,
    start: number,
    pages: number,
    use: MappingUse,
    user: boolean,
    first: number,
  ): void {
    space.put({
      start: virtual(start),
      pages,
      use,
      runs: [{ page: 0, frame: frame(first), count: pages }],
      protection: use === 'image' ? 'executeReadWrite' : 'readWrite',
      user,
      cache: 'cached',
      pageable: false,
    });
  }

  boot(machine: VirtualMachine): void {
    this.machine = machine;
    for (const image of machine.images(this.host.index)) {
      const { process, mode } = image.declaration;
      const space = process === 0 ? this.host.system : this.userSpace(process);
      if (space === undefined) continue;
      for (const section of image.sections) {
        const pages = section.size / PAGE_SIZE;
        const first = this.nextFrame;
        this.map(space, section.start, pages, 'image', mode === 'user');
        if (section.bytes !== undefined) {
          this.host.memory.poke((first * PAGE_SIZE) as never, section.bytes);
        }
      }
    }
    let address = this.host.system.first as number;
    let userAddress = 0x10_0000;
    this.starts.forEach((start, index) => {
      this.map(this.host.system, address + PAGE_SIZE, STACK_PAGES, 'kernelStack', false);
      this.stacks[index] = {
        kernelStack: range(address + PAGE_SIZE, STACK_PAGES),
      };
      address += (STACK_PAGES + 2) * PAGE_SIZE;
      const space = start.process === undefined ? undefined : this.userSpace(start.process);
      if (space !== undefined) {
        this.map(space, userAddress + PAGE_SIZE, STACK_PAGES * 4, 'userStack', true);
        this.stacks[index] = {
          kernelStack: this.stacks[index].kernelStack,
          userStack: range(userAddress + PAGE_SIZE, STACK_PAGES * 4),
        };
        userAddress += (STACK_PAGES * 4 + 2) * PAGE_SIZE;
      }
    });
  }

  private readonly stacks: {
    kernelStack: ReturnType<typeof range>;
    userStack?: ReturnType<typeof range>;
  }[] = [];

  idle(): boolean {
    const started = this.store.cells[this.startedCell] ?? 0;
    const start = this.starts[started];
    const stacks = this.stacks[started];
    if (start === undefined || stacks === undefined || this.machine === undefined) return false;
    this.store.cells[this.startedCell] = started + 1;
    const entry = this.machine.addressOf(this.host.index, start.module, start.routine);
    if (entry === undefined) throw new Error(`no routine ${start.routine}`);
    this.machine.createThread({
      host: this.host.index,
      process: start.process ?? 0,
      mode: start.process === undefined ? 'kernel' : 'user',
      name: start.routine,
      entry,
      arguments: start.arguments ?? [],
      ...stacks,
      purpose: start.routine,
    });
    return true;
  }

  fault(fault: Fault, thread: ThreadState, pc: number): ExceptionRecord | BugCheck {
    const address = typeof fault.address === 'number' ? fault.address : -1;
    if (address < 0 && thread.process === 0) {
      return new BugCheck(0x50, [fault.address, 0, pc, 0], `${fault.access} faults`);
    }
    return {
      code: STATUS_ACCESS_VIOLATION,
      address: virtual(pc),
      parameters: [fault.access === 'write' ? 1 : 0, fault.address],
    };
  }

  unhandledException(
    exception: ExceptionRecord,
    _thread: ThreadState,
    mode: 'kernel' | 'user',
  ): BugCheck | undefined {
    if (mode === 'user') return undefined;
    return new BugCheck(0x7e, [exception.code, exception.address, 0, 0], 'unhandled exception');
  }

  threadEnded(thread: ThreadState, result: Int64, exception: ExceptionRecord | undefined): void {
    const how = exception === undefined ? 'returned' : 'died with';
    this.output(`${thread.name} ${how} ${result}`);
  }

  bugCheck(bugCheck: BugCheck): void {
    const [one, two, three, four] = bugCheck.parameters;
    this.reports.add('bugCheck', {
      host: this.host.name,
      code: bugCheck.code,
      name: '',
      parameters: [hex(one), hex(two), hex(three), hex(four)],
      explanation: bugCheck.explanation,
      page: undefined,
      site: undefined,
    });
    this.output(`bug check 0x${bugCheck.code.toString(16)}`);
  }

  private output(text: string): void {
    this.reports.add('output', { host: this.host.name, source: 'test', text, site: undefined });
  }

  private makeNatives(): NativeTable {
    const machine = (): VirtualMachine => {
      if (this.machine === undefined) throw new Error('not booted');
      return this.machine;
    };
    return {
      emit: (call) => {
        this.output(String(call.integer(0)));
        return 0;
      },
      emitPair: (call) => {
        this.output(`${call.integer(0)}/${call.integer(1)}`);
        return 0;
      },
      NtEmit: (call) => {
        this.output(`${call.mode} ${call.integer(0)}`);
        return 7;
      },
      text: (call) => {
        this.output(call.memory.readString(call.number(0), 100, 'Text'));
        return 0;
      },
      raise: (call) => {
        throw new RaiseException(call.number(0));
      },
      countdown: (call) => {
        this.output(`step ${call.progress}`);
        return call.progress < call.number(0) ? call.again(call.progress + 1) : call.progress;
      },
      waitFor: (call) => {
        machine().block(call.memory.readString(call.number(0)));
        return 1;
      },
      spawn: (call) => {
        const count = this.store.cells[this.spawnedCell] ?? 0;
        this.store.cells[this.spawnedCell] = count + 1;
        const address =
          this.host.system.first + 0x1000_0000 + count * (STACK_PAGES + 2) * PAGE_SIZE;
        const first = SPAWNED_FRAMES + count * STACK_PAGES;
        this.put(this.host.system, address + PAGE_SIZE, STACK_PAGES, 'kernelStack', false, first);
        return machine().createThread({
          host: this.host.index,
          process: 0,
          mode: 'kernel',
          name: 'spawned',
          entry: virtual(call.number(0)),
          arguments: [call.integer(1)],
          kernelStack: range(address + PAGE_SIZE, STACK_PAGES),
          purpose: 'spawned',
        });
      },
      wakeThread: (call) => {
        machine().wake(call.number(0));
        return 0;
      },
      formatted: (call) => {
        const format = call.memory.readString(call.number(0));
        let position = 0;
        this.output(format.replaceAll('%', () => String(call.variadic(position++))));
        return position;
      },
      stop: (call) => {
        throw new BugCheck(call.number(0), [0, 0, 0, 0], 'asked for');
      },
      failing: () => 0xc0000001,
      readInt: (call) => call.memory.readSigned(call.number(0), 4, '*Address'),
    };
  }
}

export interface ThreadStart {
  readonly module: string;
  readonly routine: string;
  /** A process makes it a user thread. */
  readonly process?: number;
  readonly arguments?: readonly Int64[];
}

function range(start: number, pages: number) {
  return { limit: virtual(start), base: virtual(start + pages * PAGE_SIZE) };
}

export interface Machine {
  readonly machine: VirtualMachine;
  readonly reports: Reports;
  readonly store: Store;
  output(): string[];
}

/** A machine of one host that runs `main` of one kernel module. */
export function machineFor(source: string, ...more: string[]): Machine {
  const units = [source, ...more].map((text, index) =>
    compileC(`#include "test.h"\n${text}`, index === 0 ? 'test.c' : `test${index + 1}.c`),
  );
  return machineOf(
    [
      {
        name: 'Driver',
        host: 0,
        process: 0,
        mode: 'kernel',
        units,
        own: true,
        imports: [],
      },
    ],
    [{ module: 'Driver', routine: 'main' }],
  );
}

export function machineOf(
  modules: readonly ModuleDeclaration[],
  starts: readonly ThreadStart[],
  generatedCode: Generation = 'hot',
  seed = 1,
): Machine {
  const store = new Store((number, bytes) => bytes.fill(0xa0 ^ (number & 0xf)));
  const reports = new Reports(store);
  const processes = [...new Set(modules.map((one) => one.process))].filter((one) => one !== 0);
  const system = new TestSystem(store, reports, 0, starts, processes);
  const machine = new VirtualMachine({
    store,
    systems: [system],
    modules,
    reports,
    seed,
    generatedCode,
  });
  system.boot(machine);
  return {
    machine,
    reports,
    store,
    output: () => reports.list('output').map((one) => one.text),
  };
}

/** Runs `main` to its end; answers what it emitted. */
export function run(source: string, ...more: string[]): string[] {
  const { machine, output } = machineFor(source, ...more);
  const outcome = machine.run(300_000);
  if (outcome !== 'ended') throw new Error(`the program did not end: ${outcome}`);
  return output();
}

export interface Debugged extends Machine {
  readonly debugger: Debugger;
  /** Works until it stops or ends. */
  go(kind: ResumeKind): Progress;
  goTo(tick: number): Progress;
  /** Asks about the past. */
  search(query: Query): Found;
  /** Where a global of the driver is, as a memory reference. */
  reference(name: string): string;
  /** `function:line` of the running thread's innermost frame, and its tick. */
  place(): string;
}

export function debug(machine: Machine, options: Partial<DebuggerOptions> = {}): Debugged {
  const session = new Debugger(machine.machine, {
    history: true,
    maxStatements: 10_000_000,
    memoryBudget: 2 ** 30,
    ...options,
  });
  const work = (): Progress => {
    for (let slices = 0; slices < 10_000; slices++) {
      const progress = session.work(0, () => 0);
      if (progress.kind !== 'running') return progress;
    }
    throw new Error('never stopped');
  };
  return {
    ...machine,
    debugger: session,
    go: (kind) => {
      session.resume(kind);
      return work();
    },
    goTo: (tick) => {
      session.goTo(tick);
      return work();
    },
    search: (query) => {
      session.search(query);
      const progress = work();
      if (progress.kind !== 'found') throw new Error(`the search came to ${progress.kind}`);
      return progress;
    },
    reference: (name) => {
      const driver = machine.machine.modulesOf(0).find((one) => one.name === 'Driver');
      const address = BigInt.asUintN(64, BigInt(driver?.variablesByName.get(name) ?? 0));
      return `va:host0:0:0x${address.toString(16)}`;
    },
    place: () => {
      const frame = machine.machine.frames(machine.machine.current).next().value;
      const site = frame === undefined ? undefined : machine.machine.siteOfFrame(frame);
      return site === undefined
        ? `native ${frame?.routine?.name}`
        : `${site.function}:${site.line}`;
    },
  };
}
