/** From a scenario in one variant to a machine that stands at its first moment. */
import { PAGE_SIZE, type PageFrame } from '../base/addresses.ts';
import { hash32 } from '../base/random.ts';
import { Store } from '../base/store.ts';
import { Clock } from '../kernel/clock.ts';
import { FaultInjection } from '../kernel/fault-injection.ts';
import { Kernel } from '../kernel/kernel.ts';
import { Life } from '../kernel/life.ts';
import { verifierFlags } from '../kernel/services.ts';
import { kernelSources } from '../kernel/sources.ts';
import type {
  HostDeclaration,
  ProcessDeclaration,
  ScenarioDeclaration,
} from '../language/scenario.ts';
import { faultsOf, seedOf, type Variant } from '../language/variants.ts';
import { sanNicSources } from '../machine/devices/sources.ts';
import { Host } from '../machine/host.ts';
import { pipelineSources } from '../pipeline/sources.ts';
import type { SessionOptions } from '../session-types.ts';
import { Reports } from '../vm/reports.ts';
import type { ModuleDeclaration } from '../vm/system.ts';
import { VirtualMachine } from '../vm/virtual-machine.ts';
import { kernel32Sources } from '../winsock/kernel32-sources.ts';
import { cLibrarySources, libraryHeaders } from '../winsock/sources.ts';
import { type BuiltinSources, builtinUnits } from './builtin-units.ts';

/** Everything that a running scenario consists of. */
export interface BuiltMachine {
  readonly store: Store;
  readonly reports: Reports;
  readonly vm: VirtualMachine;
  readonly kernels: readonly Kernel[];
  readonly life: Life;
  readonly faults: FaultInjection;
  /** A fault is injected in this variant, or may be. */
  readonly faulted: boolean;
}

const DEFAULT_SEED = 1;
const KERNEL = 'ntoskrnl';

export function buildMachine(
  scenario: ScenarioDeclaration,
  hosts: readonly HostDeclaration[],
  variant: Variant,
  options: SessionOptions,
): BuiltMachine {
  const seed = options.seed ?? seedOf(scenario, variant) ?? DEFAULT_SEED;
  const store = new Store(fillPattern(seed));
  const reports = new Reports(store);
  const clock = new Clock(store);
  const injected = faultsOf(scenario, variant);
  const faults = new FaultInjection(store, injected);
  const life = new Life(store, clock, processOrder(hosts));
  const kernels = hosts.map((declaration, index) => {
    const host = new Host(store, index, declaration.name, declaration.machine, declaration.nics);
    return new Kernel({
      store,
      host,
      declaration,
      reports,
      seed,
      clock,
      faults,
      life,
      verifier: options.verifier,
      nicUnits: () => builtinUnits(sanNic),
    });
  });
  const modules = kernels.flatMap((kernel, index) => hostModules(kernel, hosts[index], index));
  const vm = new VirtualMachine({
    store,
    systems: kernels,
    modules,
    reports,
    seed,
    ...(options.generatedCode === undefined ? {} : { generatedCode: options.generatedCode }),
    describeFreed: (host, process, address) =>
      process === 0 ? kernels[host]?.memory.pool.describeFreed(address) : undefined,
    describeOrigin: (host, process, address) => kernels[host]?.memory.originOf(process, address),
  });
  for (const kernel of kernels) kernel.attach(vm);
  const simulatesLowResources = hosts.some(({ drivers }) =>
    drivers.some(
      ({ verifier }) =>
        ((verifier?.flags ?? 0) &
          (verifierFlags.lowResources | verifierFlags.systematicLowResources)) !==
        0,
    ),
  );
  return {
    store,
    reports,
    vm,
    kernels,
    life,
    faults,
    faulted: injected.length > 0 || simulatesLowResources,
  };
}

/** What never-written memory holds: noise that depends on nothing but the seed and the place. */
function fillPattern(seed: number): (page: PageFrame, bytes: Uint8Array) => void {
  return (page, bytes) => {
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let word = hash32(seed, page % 0x1_0000_0000, Math.floor(page / 0x1_0000_0000)) | 1;
    for (let offset = 0; offset < PAGE_SIZE; offset += 4) {
      word ^= word << 13;
      word ^= word >>> 17;
      word ^= word << 5;
      words.setUint32(offset, word >>> 0, true);
    }
  };
}

/** Processes of all hosts as the scenario is written. */
function processOrder(hosts: readonly HostDeclaration[]): { host: number; name: string }[] {
  return hosts
    .flatMap(({ processes }, host) =>
      processes.map(({ name, range }) => ({ host, name, place: range.start })),
    )
    .sort((one, other) => one.place - other.place)
    .map(({ host, name }) => ({ host, name }));
}

// ---- Modules ---------------------------------------------------------------------------------------

const sanNic: BuiltinSources = { folder: 'machine', mode: 'kernel', texts: sanNicSources };
const kernelC: BuiltinSources = { folder: 'kernel', mode: 'kernel', texts: kernelSources };
const headers: BuiltinSources = { folder: 'library', mode: 'user', texts: libraryHeaders };
const cLibrary: BuiltinSources = {
  folder: 'library',
  mode: 'user',
  texts: cLibrarySources,
  headers: [headers],
};
const kernel32: BuiltinSources = {
  folder: 'library',
  mode: 'user',
  texts: kernel32Sources,
  headers: [kernelC],
};
const switchC = pipelinePart('switch.c');
const providerC = pipelinePart('provider.c');

function pipelinePart(name: string): BuiltinSources {
  const text = pipelineSources.get(name) ?? '';
  return {
    folder: 'pipeline',
    mode: 'user',
    texts: new Map([[name, text]]),
    headers: [{ folder: 'pipeline', mode: 'user', texts: pipelineSources }],
  };
}

function hostModules(
  kernel: Kernel,
  declaration: HostDeclaration | undefined,
  host: number,
): readonly ModuleDeclaration[] {
  if (declaration === undefined) return [];
  const modules: ModuleDeclaration[] = [
    {
      name: KERNEL,
      host,
      process: 0,
      mode: 'kernel',
      units: builtinUnits(kernelC),
      own: false,
      imports: [],
    },
  ];
  for (const driver of declaration.drivers) {
    modules.push({
      name: driver.name,
      host,
      process: 0,
      mode: 'kernel',
      units: driver.units,
      own: true,
      imports: [KERNEL],
    });
  }
  modules.push(...kernel.deviceCode.modules());
  for (const process of declaration.processes) {
    const id = kernel.processId(process.name);
    if (id === undefined) continue;
    modules.push(...processModules(process, id, host, declaration.processes.length > 1));
  }
  return modules;
}

/** A process with the libraries that are loaded into it. */
function processModules(
  process: ProcessDeclaration,
  id: number,
  host: number,
  several: boolean,
): readonly ModuleDeclaration[] {
  // Images have names of their own on a host: with several processes a library says whose it is.
  const named = (library: string): string => (several ? `${library} (${process.name})` : library);
  const base: readonly [string, BuiltinSources][] = [
    ['msvcrt', cLibrary],
    ['kernel32', kernel32],
    ...(process.usesWinsock
      ? ([
          ['mswsock', switchC],
          ['sanprov', providerC],
        ] as [string, BuiltinSources][])
      : []),
  ];
  const libraries = base.map(([library]) => named(library));
  const module = (
    name: string,
    units: ModuleDeclaration['units'],
    own: boolean,
  ): ModuleDeclaration => ({
    name,
    host,
    process: id,
    mode: 'user',
    units,
    own,
    imports: [...libraries.filter((library) => library !== name), KERNEL],
  });
  return [
    module(process.name, process.units, true),
    ...base.map(([library, sources]) => module(named(library), builtinUnits(sources), false)),
  ];
}
