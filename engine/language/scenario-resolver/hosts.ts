/** The hosts of a scenario: who runs where, with every default filled in, and as a variant changes them. */
import { Diagnostics } from '../diagnostics.ts';
import type {
  Definition,
  DeviceEvent,
  DeviceProgram,
  DriverDeclaration,
  HostDeclaration,
  MachineDeclaration,
  NicDeclaration,
  ProcessDeclaration,
  VaryDimension,
  VerifierOptions,
} from '../scenario.ts';
import type {
  DeviceNode,
  DriverNode,
  EventNode,
  HostMember,
  HostNode,
  Name,
  OptionNode,
  ProcessNode,
  ScenarioNode,
  UseNode,
} from '../scenario-parser/tree.ts';
import type { SourceFile, SourceRange } from '../source.ts';
import { dimensionName, type Variant } from '../variants.ts';
import { optionFromValue } from './dimensions.ts';
import { HardwareResolver } from './hardware.ts';
import type { Names } from './names.ts';
import type { ProgramCompiler, ProgramText } from './programs.ts';

interface MachinePlan {
  readonly base: MachineDeclaration;
  readonly options: readonly OptionNode[];
  readonly range: SourceRange | undefined;
}

interface NicPlan {
  readonly base: NicDeclaration;
  /** The C of a device that the scenario declares itself. */
  readonly device: DeviceNode | undefined;
  readonly options: readonly OptionNode[];
  readonly range: SourceRange | undefined;
}

interface ProgramPlan {
  readonly name: string;
  /** Where messages about the whole program point. */
  readonly place: SourceRange;
  readonly range: SourceRange;
  readonly sources: readonly Name[];
  readonly block: SourceRange | undefined;
  readonly definitions: readonly Definition[];
  readonly folders: readonly Name[];
  readonly verifier: VerifierOptions | undefined;
}

interface DriverPlan extends ProgramPlan {
  /** Indices of the host's NICs. */
  readonly nics: readonly number[];
}

export interface HostPlan {
  readonly name: string;
  readonly range: SourceRange | undefined;
  readonly machine: MachinePlan;
  readonly nics: readonly NicPlan[];
  readonly drivers: readonly DriverPlan[];
  readonly processes: readonly ProgramPlan[];
  readonly events: readonly DeviceEvent[];
}

const eventKinds: readonly DeviceEvent['kind'][] = ['surprise_removal', 'removal', 'rebalance'];

export const localHost = 'local';

/** Reads a scenario's hosts from its declarations; reports names that do not exist or exist twice. */
export class HostPlanner {
  private readonly hostRanges = new Map<string, SourceRange>();

  constructor(
    private readonly names: Names,
    private readonly diagnostics: Diagnostics,
  ) {}

  plan(scenario: ScenarioNode): HostPlan[] {
    const hostNodes = this.distinctHosts(scenario);
    const loose: readonly HostMember[] = scenario.members.filter(isHostMember);
    const known = hostNodes.length === 0 ? [localHost] : hostNodes.map(({ name }) => name.text);
    const shared = this.choices(loose);
    if (hostNodes.length === 0) {
      for (const member of loose) this.checkPlace(member, known);
      return [this.host(localHost, undefined, loose, shared)];
    }
    const placed = new Map<string, HostMember[]>(known.map((name) => [name, []]));
    for (const member of loose) {
      if (member.kind === 'event') {
        this.diagnostics.error(
          'ambiguous-host',
          member.range,
          `The scenario has ${known.length} hosts: an event stands in the host whose device it happens to`,
          { documentation: 'language.md' },
        );
      }
      if (member.kind !== 'driver' && member.kind !== 'process') continue;
      for (const host of this.hostsOf(member, known)) placed.get(host)?.push(member);
    }
    return hostNodes.map((node) => {
      for (const member of node.members) this.checkPlace(member, [node.name.text]);
      const members = [...node.members, ...(placed.get(node.name.text) ?? [])];
      return this.host(node.name.text, node.range, members, shared);
    });
  }

  private distinctHosts(scenario: ScenarioNode): HostNode[] {
    const hosts: HostNode[] = [];
    for (const member of scenario.members) {
      if (member.kind !== 'host') continue;
      const earlier = hosts.find(({ name }) => name.text === member.name.text);
      if (earlier !== undefined) {
        this.names.duplicate('host', member.name, earlier.name.range);
        continue;
      }
      this.names.refer('host', member.name, member.name.range);
      this.hostRanges.set(member.name.text, member.name.range);
      hosts.push(member);
    }
    return hosts;
  }

  /** The hosts that a program outside of all hosts runs on: `on` one, else a driver on all. */
  private hostsOf(program: DriverNode | ProcessNode, known: readonly string[]): readonly string[] {
    if (program.host !== undefined && this.checkPlace(program, known)) return [program.host.text];
    if (program.kind === 'driver' || known.length === 1) return known;
    this.diagnostics.error(
      'ambiguous-host',
      program.name?.range ?? program.keyword,
      `The scenario has ${known.length} hosts: say where the process runs, 'on ${known.join("' or 'on ")}'`,
      { documentation: 'language.md' },
    );
    return known.slice(0, 1);
  }

  /** Whether the `on` of a program names one of the hosts it can be on; reported when not. */
  private checkPlace(member: HostMember, hosts: readonly string[]): boolean {
    const place = member.kind === 'driver' || member.kind === 'process' ? member.host : undefined;
    if (place === undefined) return true;
    if (!hosts.includes(place.text)) {
      this.names.unknown('host', place, hosts);
      return false;
    }
    this.names.refer('host', place, this.hostRanges.get(place.text));
    return true;
  }

  /** The machine and the NICs chosen among some declarations. */
  private choices(members: readonly HostMember[]): {
    machine: MachinePlan | undefined;
    nics: NicPlan[];
  } {
    let machine: MachinePlan | undefined;
    let machineUse: UseNode | undefined;
    const nics: NicPlan[] = [];
    const nicNames = new Map<string, SourceRange>();
    for (const member of members) {
      if (member.kind === 'useMachine') {
        const base = this.names.machine(member.name);
        if (machineUse !== undefined) {
          this.diagnostics.error('repeated-declaration', member.range, 'A host has one machine', {
            related: [{ message: 'It is chosen here', range: machineUse.range }],
            documentation: 'language.md',
          });
        }
        machineUse = member;
        machine = { base, options: member.options, range: member.range };
      } else if (member.kind === 'useNic') {
        const base = this.names.nic(member.name);
        const earlier = nicNames.get(base.name);
        if (earlier !== undefined && member.name !== undefined) {
          this.names.duplicate('nic', member.name, earlier);
          continue;
        }
        nicNames.set(base.name, member.name?.range ?? member.range);
        nics.push({ base, device: undefined, options: member.options, range: member.range });
      } else if (member.kind === 'device') {
        const { name, range } = member;
        const earlier = nicNames.get(name.text) ?? this.names.nicNamed(name.text)?.range;
        if (earlier !== undefined) {
          this.names.duplicate('nic', name, earlier);
          continue;
        }
        this.names.refer('nic', name, name.range);
        nicNames.set(name.text, name.range);
        nics.push({ base: this.names.deviceNic(member), device: member, options: [], range });
      }
    }
    return { machine, nics };
  }

  private host(
    name: string,
    range: SourceRange | undefined,
    members: readonly HostMember[],
    shared: { machine: MachinePlan | undefined; nics: readonly NicPlan[] },
  ): HostPlan {
    // In a scenario without hosts its own choices are the host's.
    const own = range === undefined ? { machine: undefined, nics: [] } : this.choices(members);
    const machine = own.machine ??
      shared.machine ?? { base: this.names.machine(undefined), options: [], range: undefined };
    const selected = own.nics.length > 0 ? own.nics : shared.nics;
    const nics =
      selected.length > 0
        ? selected
        : [{ base: this.names.nic(undefined), device: undefined, options: [], range: undefined }];
    const hardware = new HardwareResolver(this.diagnostics);
    hardware.machine(machine.base, machine.base.name, machine.options, machine.range);
    for (const nic of nics) hardware.nic(nic.base, nic.base.name, nic.options, nic.range);
    return {
      name,
      range,
      machine,
      nics,
      drivers: this.drivers(
        members.filter((member) => member.kind === 'driver'),
        nics,
      ),
      processes: this.distinct(
        'process',
        members.filter((member) => member.kind === 'process'),
      ).map((node) => programPlan(node)),
      events: this.events(
        members.filter((member) => member.kind === 'event'),
        nics,
      ),
    };
  }

  /** Events of devices that the host has; a kind that does not exist was reported by the parser. */
  private events(nodes: readonly EventNode[], nics: readonly NicPlan[]): DeviceEvent[] {
    const names = nics.map(({ base }) => base.name);
    return nodes.flatMap(({ what, nic, after, range }) => {
      const kind = eventKinds.find((one) => one === what.text);
      if (!names.includes(nic.text)) this.names.unknown('nic', nic, names);
      else this.names.refer('nic', nic);
      return kind === undefined || !names.includes(nic.text)
        ? []
        : [{ kind, nic: nic.text, after, range }];
    });
  }

  private distinct<N extends DriverNode | ProcessNode>(
    kind: 'driver' | 'process',
    nodes: readonly N[],
  ): N[] {
    const seen = new Map<string, SourceRange>();
    return nodes.filter((node) => {
      const name = programName(node);
      const range = node.name?.range ?? node.sources[0]?.range ?? node.keyword;
      const earlier = seen.get(name);
      if (earlier !== undefined) {
        this.names.duplicate(kind, { text: name, range }, earlier);
        return false;
      }
      seen.set(name, range);
      if (node.name !== undefined) this.names.refer(kind, node.name, node.name.range);
      return true;
    });
  }

  /** Drivers with the NICs they are bound to: those of `for`, else the only driver gets them all. */
  private drivers(nodes: readonly DriverNode[], nics: readonly NicPlan[]): DriverPlan[] {
    const drivers = this.distinct('driver', nodes);
    const named = new Set<number>();
    const bound = drivers.map(({ nics: wanted }) =>
      wanted.flatMap((nic) => {
        const index = nics.findIndex(({ base }) => base.name === nic.text);
        if (index < 0) {
          this.names.unknown(
            'nic',
            nic,
            nics.map(({ base }) => base.name),
          );
          return [];
        }
        this.names.refer('nic', nic);
        named.add(index);
        return [index];
      }),
    );
    const unbound = nics.map((_, index) => index).filter((index) => !named.has(index));
    const silent = drivers.findIndex(({ nics: wanted }) => wanted.length === 0);
    return drivers.map((node, index) => ({
      ...programPlan(node),
      nics: index === silent ? unbound : (bound[index] ?? []),
    }));
  }
}

function isHostMember(member: ScenarioNode['members'][number]): member is HostMember {
  return (
    member.kind === 'useMachine' ||
    member.kind === 'useNic' ||
    member.kind === 'device' ||
    member.kind === 'driver' ||
    member.kind === 'process' ||
    member.kind === 'event'
  );
}

/** The name that a program goes by: its own, else its first file's without folder and ending. */
function programName(node: DriverNode | ProcessNode | DeviceNode): string {
  if (node.name !== undefined) return node.name.text;
  const path = node.sources[0]?.text ?? node.kind;
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.[A-Za-z]+$/, '');
}

function programPlan(node: DriverNode | ProcessNode | DeviceNode): ProgramPlan {
  const definitions: Definition[] = [];
  const folders: Name[] = [];
  let verifier: VerifierOptions | undefined;
  for (const { word, value, valueRange } of node.options) {
    if (value.kind === 'definition') definitions.push({ name: value.name, value: value.value });
    else if (word.text === 'include' && value.kind === 'text')
      folders.push({ text: value.text, range: valueRange });
    else if (value.kind === 'verifier') {
      verifier = { flags: value.flags, lowMemoryRequests: value.lowMemoryRequests };
    }
  }
  return {
    name: programName(node),
    place: node.name?.range ?? node.sources[0]?.range ?? node.keyword,
    range: node.range,
    sources: node.sources,
    block: node.block,
    definitions,
    folders,
    verifier,
  };
}

/** Makes a variant's hosts out of the plans, and checks their C. */
export class HostBuilder {
  constructor(
    private readonly file: SourceFile,
    private readonly names: Names,
    private readonly compiler: ProgramCompiler,
  ) {}

  build(
    plans: readonly HostPlan[],
    dimensions: readonly VaryDimension[],
    variant: Variant,
    diagnostics: Diagnostics,
  ): HostDeclaration[] {
    const chosen = (dimension: VaryDimension): string =>
      variant[dimensionName(dimension)] ?? dimension.values[0] ?? '';
    const definitions = dimensions.flatMap((dimension): Definition[] =>
      dimension.kind === 'define' ? [{ name: dimension.name, value: chosen(dimension) }] : [],
    );
    const taken = new Set<string>();
    const hardware = plans.map((plan) => ({
      machine: this.machine(plan.machine, dimensions, chosen, diagnostics),
      nics: plan.nics.map((nic) => this.nic(nic, dimensions, chosen, definitions, diagnostics)),
    }));
    for (const { nics } of hardware) for (const nic of nics) taken.add(nic.address);
    return plans.map((plan, index) => {
      const { machine, nics: unnumbered } = hardware[index] ?? {
        machine: plan.machine.base,
        nics: [],
      };
      const nics = unnumbered.map((nic) =>
        nic.address === '' && nic.program === undefined
          ? { ...nic, address: nextAddress(taken) }
          : nic,
      );
      return this.host(plan, machine, nics, definitions, diagnostics);
    });
  }

  private machine(
    plan: MachinePlan,
    dimensions: readonly VaryDimension[],
    chosen: (dimension: VaryDimension) => string,
    diagnostics: Diagnostics,
  ): MachineDeclaration {
    let { base } = plan;
    const options = [...plan.options];
    for (const dimension of dimensions) {
      if (dimension.kind !== 'machine') continue;
      const value = chosen(dimension);
      if (dimension.option === '') {
        base = this.names.machineNamed(value) ?? base;
      } else {
        replaceOption(
          options,
          optionFromValue('machine', dimension.option, value, dimension.range, diagnostics),
        );
      }
    }
    // What is wrong with the declaration was reported when it was planned.
    return new HardwareResolver(new Diagnostics()).machine(base, base.name, options, plan.range);
  }

  private nic(
    plan: NicPlan,
    dimensions: readonly VaryDimension[],
    chosen: (dimension: VaryDimension) => string,
    varied: readonly Definition[],
    diagnostics: Diagnostics,
  ): NicDeclaration {
    let { base } = plan;
    const options = [...plan.options];
    for (const dimension of dimensions) {
      if (dimension.kind !== 'nic') continue;
      if (dimension.name !== 'nic' && dimension.name !== plan.base.name) continue;
      const value = chosen(dimension);
      if (dimension.option === '') {
        base = this.names.nicNamed(value) ?? base;
      } else {
        replaceOption(
          options,
          optionFromValue('nic', dimension.option, value, dimension.range, diagnostics),
        );
      }
    }
    const inline = base === plan.base ? plan.device : undefined;
    const device = inline ?? this.names.deviceNamed(base.name);
    const nic = new HardwareResolver(new Diagnostics()).nic(base, base.name, options, plan.range);
    return device === undefined
      ? nic
      : { ...nic, program: this.deviceProgram(programPlan(device), varied, diagnostics) };
  }

  private host(
    plan: HostPlan,
    machine: MachineDeclaration,
    nics: readonly NicDeclaration[],
    varied: readonly Definition[],
    diagnostics: Diagnostics,
  ): HostDeclaration {
    const { compiler } = this;
    const textOf = (program: ProgramPlan, mode: ProgramText['mode']): ProgramText =>
      this.textOf(program, mode, mode === 'kernel' ? 'driver' : 'process', varied);
    const processes = plan.processes.map((program): ProcessDeclaration => {
      const text = textOf(program, 'user');
      const compiled = compiler.compile(text, diagnostics);
      return {
        name: program.name,
        host: plan.name,
        sources: compiled.sources,
        block: program.block,
        definitions: text.definitions,
        includeFolders: compiled.includeFolders,
        usesWinsock: compiled.units.some((unit) => usesWinsock(unit.files)),
        range: program.range,
        units: compiled.units,
      };
    });
    const drivers = plan.drivers.map((program): DriverDeclaration => {
      const text = textOf(program, 'kernel');
      const compiled = compiler.compile(text, diagnostics);
      const devices = program.nics.flatMap((index) => nics[index]?.name ?? []);
      return {
        name: program.name,
        host: plan.name,
        sources: compiled.sources,
        block: program.block,
        definitions: text.definitions,
        includeFolders: compiled.includeFolders,
        verifier: program.verifier ?? machine.verifier,
        device: devices[0],
        devices,
        builtin: false,
        range: program.range,
        units: compiled.units,
      };
    });
    if (drivers.length === 0 && processes.some((process) => process.usesWinsock)) {
      const proxy = this.referenceDriver(plan, machine, nics, diagnostics);
      if (proxy !== undefined) drivers.push(proxy);
    }
    const { name, events, range } = plan;
    return { name, machine, nics, drivers, processes, events, range };
  }

  private textOf(
    program: ProgramPlan,
    mode: ProgramText['mode'],
    role: ProgramText['role'],
    varied: readonly Definition[],
  ): ProgramText {
    const { place, sources, block, folders, definitions } = program;
    const own = definitions.filter(({ name }) => !varied.some((other) => other.name === name));
    return {
      file: this.file,
      mode,
      role,
      place,
      sources,
      block,
      folders,
      definitions: [...own, ...varied],
    };
  }

  /** A device's C is compiled as a driver's is, so that both share a header of registers. */
  private deviceProgram(
    plan: ProgramPlan,
    varied: readonly Definition[],
    diagnostics: Diagnostics,
  ): DeviceProgram {
    const text = this.textOf(plan, 'kernel', 'device', [
      { name: '_DMS_DEVICE', value: '1' },
      ...varied,
    ]);
    const { sources, includeFolders, units } = this.compiler.compile(text, diagnostics);
    const { definitions } = text;
    return { sources, block: plan.block, definitions, includeFolders, range: plan.range, units };
  }

  /** The proxy driver that the product brings, for a host whose processes use Winsock without a driver. */
  private referenceDriver(
    plan: HostPlan,
    machine: MachineDeclaration,
    nics: readonly NicDeclaration[],
    diagnostics: Diagnostics,
  ): DriverDeclaration | undefined {
    const unit = this.compiler.compileBuiltin('proxy.c', 'kernel', diagnostics);
    if (unit === undefined) return undefined;
    const range: SourceRange = { file: unit.file, start: 0, end: unit.file.text.length };
    const devices = nics.map(({ name }) => name);
    return {
      name: 'proxy',
      host: plan.name,
      sources: [{ path: unit.file.path, range }],
      block: undefined,
      definitions: [],
      includeFolders: [],
      verifier: machine.verifier,
      device: devices[0],
      devices,
      builtin: true,
      range,
      units: [unit],
    };
  }
}

function replaceOption(options: OptionNode[], option: OptionNode | undefined): void {
  if (option === undefined) return;
  const index = options.findIndex(({ word }) => word.text === option.word.text);
  if (index < 0) options.push(option);
  else options[index] = option;
}

function nextAddress(taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const address = `10.0.${number >> 8}.${number & 255}`;
    if (taken.has(address)) continue;
    taken.add(address);
    return address;
  }
}

const winsockHeaders = /^dms:\/include\/(winsock2?|ws2tcpip|ws2spi|ws2san|mswsock)\.h$/;

const usesWinsock = (files: readonly SourceFile[]): boolean =>
  files.some(({ path }) => winsockHeaders.test(path));
