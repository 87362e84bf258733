/** Names of machines and NICs: what a file declares, what is built in, and every use for the editor. */
import type { Diagnostics } from '../diagnostics.ts';
import type { MachineDeclaration, NameReference, NicDeclaration } from '../scenario.ts';
import { didYouMean, meantInstead } from '../scenario-parser/messages.ts';
import type {
  DeviceNode,
  MachineNode,
  Name,
  NicNode,
  ScenarioTree,
} from '../scenario-parser/tree.ts';
import type { SourceRange } from '../source.ts';
import {
  builtinMachines,
  builtinNic,
  defaultMachine,
  plainDevice,
  plainNic,
} from './builtin-machines.ts';
import { HardwareResolver } from './hardware.ts';

export class Names {
  readonly references: NameReference[] = [];
  private readonly machines = new Map<string, MachineDeclaration>();
  private readonly nics = new Map<string, NicDeclaration>();
  /** Devices that the file declares, by name: they are among `nics` too. */
  private readonly devices = new Map<string, DeviceNode>();
  private readonly declarations = new Map<string, SourceRange>();

  constructor(
    tree: ScenarioTree,
    private readonly diagnostics: Diagnostics,
  ) {
    for (const { machine } of builtinMachines) this.machines.set(machine.name, machine);
    this.nics.set(builtinNic.name, builtinNic);
    const hardware = new HardwareResolver(diagnostics);
    this.declareAll('machine', tree.machines, this.machines, (node, base) => {
      this.machines.set(
        node.name.text,
        hardware.machine(base ?? defaultMachine, node.name.text, node.options, node.range),
      );
    });
    this.declareAll('nic', tree.nics, this.nics, (node, base) => {
      this.nics.set(
        node.name.text,
        hardware.nic(base ?? plainNic, node.name.text, node.options, node.range),
      );
    });
    for (const node of tree.devices) this.declareDevice(node);
  }

  /** All that a scenario may name: built-in ones first. */
  get allMachines(): readonly MachineDeclaration[] {
    return [...this.machines.values()];
  }

  get allNics(): readonly NicDeclaration[] {
    return [...this.nics.values()];
  }

  /** The machine of that name; reported and the default one when there is none. */
  machine(name: Name | undefined): MachineDeclaration {
    const found = this.machines.get(name?.text ?? defaultMachine.name);
    if (found !== undefined) {
      if (name !== undefined) this.refer('machine', name);
      return found;
    }
    if (name !== undefined) this.unknown('machine', name, this.machines.keys());
    return defaultMachine;
  }

  /** The NIC of that name; reported and the default one when there is none. */
  nic(name: Name | undefined): NicDeclaration {
    const found = this.nics.get(name?.text ?? builtinNic.name);
    if (found !== undefined) {
      if (name !== undefined) this.refer('nic', name);
      return found;
    }
    if (name !== undefined) this.unknown('nic', name, this.nics.keys());
    return { ...builtinNic, name: name?.text ?? builtinNic.name };
  }

  /** What a device's options say; its C is another matter. */
  deviceNic(node: DeviceNode): NicDeclaration {
    const { name, options, range } = node;
    return new HardwareResolver(this.diagnostics).nic(plainDevice, name.text, options, range);
  }

  /** The declaration of a device that the file declares; undefined for a network card. */
  deviceNamed(name: string): DeviceNode | undefined {
    return this.devices.get(name);
  }

  /** The same without a report or a reference. */
  machineNamed(name: string): MachineDeclaration | undefined {
    return this.machines.get(name);
  }

  nicNamed(name: string): NicDeclaration | undefined {
    return this.nics.get(name);
  }

  /** Records a use of a name; `declaration` is looked up for machines and NICs. */
  refer(kind: NameReference['kind'], name: Name, declaration?: SourceRange): void {
    if (name.text === '') return;
    this.references.push({
      kind,
      name: name.text,
      range: name.range,
      declaration: declaration ?? this.declarations.get(`${kind} ${name.text}`),
    });
  }

  unknown(kind: NameReference['kind'], name: Name, known: Iterable<string>): void {
    const names = [...known];
    this.diagnostics.error(
      `unknown-${kind}`,
      name.range,
      `There is no ${titles[kind]} '${name.text}'${didYouMean(name.text, names, names.length === 0 ? '' : `Known: ${names.join(', ')}`)}`,
      { documentation: 'language.md', ...meantInstead(name.range, name.text, names) },
    );
  }

  duplicate(kind: NameReference['kind'] | 'scenario', name: Name, earlier: SourceRange): void {
    this.diagnostics.error(
      'duplicate-name',
      name.range,
      `${kind === 'scenario' ? `A scenario "${name.text}"` : `A ${titles[kind]} '${name.text}'`} is declared already`,
      {
        related: [{ message: 'It is declared here', range: earlier }],
        documentation: 'language.md',
      },
    );
  }

  /** Devices and network cards share their names: a scenario binds a driver to either by `for`. */
  private declareDevice(node: DeviceNode): void {
    const { text, range } = node.name;
    const earlier = this.declarations.get(`nic ${text}`);
    if (earlier !== undefined || this.nics.has(text)) {
      this.duplicate('nic', node.name, earlier ?? range);
      return;
    }
    this.declarations.set(`nic ${text}`, range);
    this.refer('nic', node.name);
    this.nics.set(text, this.deviceNic(node));
    this.devices.set(text, node);
  }

  /** Declares in an order in which every base is there before what derives from it. */
  private declareAll<N extends MachineNode | NicNode, D>(
    kind: 'machine' | 'nic',
    nodes: readonly N[],
    known: ReadonlyMap<string, D>,
    declare: (node: N, base: D | undefined) => void,
  ): void {
    const open = new Map<string, N>();
    for (const node of nodes) {
      const earlier = open.get(node.name.text);
      const key = `${kind} ${node.name.text}`;
      if (earlier !== undefined) {
        this.duplicate(kind, node.name, earlier.name.range);
      } else if (known.has(node.name.text)) {
        this.diagnostics.error(
          'duplicate-name',
          node.name.range,
          `'${node.name.text}' is a built-in ${titles[kind]}; derive from it under another name: '${kind} NAME : ${node.name.text}'`,
          { documentation: 'language.md' },
        );
      } else {
        open.set(node.name.text, node);
        this.declarations.set(key, node.name.range);
        this.refer(kind, node.name);
      }
    }
    while (open.size > 0) {
      const before = open.size;
      for (const [name, node] of open) {
        const { base } = node;
        if (base !== undefined && open.has(base.text)) continue;
        if (base !== undefined) {
          if (known.has(base.text)) this.refer(kind, base);
          else this.unknown(kind, base, [...known.keys(), ...open.keys()]);
        }
        open.delete(name);
        declare(node, base === undefined ? undefined : known.get(base.text));
      }
      if (open.size < before) continue;
      for (const node of open.values()) {
        this.diagnostics.error(
          'circular-base',
          node.base?.range ?? node.name.range,
          `${titles[kind] === 'NIC' ? 'NIC' : 'Machine'} '${node.name.text}' derives from itself`,
          { documentation: 'language.md' },
        );
        declare(node, undefined);
      }
      open.clear();
    }
  }
}

const titles: Readonly<Record<NameReference['kind'], string>> = {
  machine: 'machine',
  nic: 'NIC',
  host: 'host',
  driver: 'driver',
  process: 'process',
};
