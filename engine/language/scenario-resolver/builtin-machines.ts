/** Machines and the NIC that every scenario may use without declaring them. */
import type { MachineDeclaration, NicDeclaration } from '../scenario.ts';

const K = 2 ** 10;
const M = 2 ** 20;
const G = 2 ** 30;

/** The hole below 1 MB is the firmware's, the one below 4 GB belongs to devices. */
const memoryUpTo = (end: number): MachineDeclaration['memory'] =>
  end <= 3 * G
    ? [
        { start: 0, end: 640 * K },
        { start: M, end },
      ]
    : [
        { start: 0, end: 640 * K },
        { start: M, end: 3 * G },
        { start: 4 * G, end },
      ];

const usual = {
  nolowmem: false,
  freeMemory: { kind: 'all' },
  iommu: false,
  mergePages: true,
  nodes: 1,
  range: undefined,
} as const;

export interface BuiltinMachine {
  readonly machine: MachineDeclaration;
  /** One sentence for hover and completion. */
  readonly documentation: string;
}

/** The machine of a scenario that names none, and what a declared one starts from when it derives from none. */
export const defaultMachine: MachineDeclaration = {
  ...usual,
  name: 'Default',
  memory: memoryUpTo(9 * G),
  mapRegisters: 1024,
  processors: 4,
  windows: 'Windows 11',
};

export const builtinMachines: readonly BuiltinMachine[] = [
  {
    machine: defaultMachine,
    documentation: 'Current Windows on 8 GB and four processors; what a scenario has by itself.',
  },
  {
    machine: {
      ...usual,
      name: 'Small',
      memory: memoryUpTo(64 * M),
      mapRegisters: 16,
      processors: 1,
      windows: 'Windows 7',
    },
    documentation: 'One processor, 64 MB and few map registers: memory runs out soon.',
  },
  {
    machine: {
      ...usual,
      name: 'Server2003',
      memory: memoryUpTo(6 * G),
      mapRegisters: 64,
      processors: 2,
      windows: 'Server 2003',
    },
    documentation: 'Windows Server 2003 x64 on 5 GB, two of them above the 4 GB line.',
  },
  {
    machine: {
      ...usual,
      name: 'NumaServer',
      memory: memoryUpTo(65 * G),
      mapRegisters: 1024,
      nodes: 4,
      processors: 16,
      windows: 'Windows 10',
    },
    documentation: 'Four NUMA nodes with 16 GB and four processors each.',
  },
  {
    machine: {
      ...usual,
      name: 'Laptop',
      memory: memoryUpTo(17 * G),
      mapRegisters: 1024,
      iommu: true,
      processors: 8,
      windows: 'Windows 11',
    },
    documentation: 'Current Windows on 16 GB, behind an IOMMU.',
  },
];

/** The NIC of a scenario that names none. */
export const builtinNic: NicDeclaration = {
  name: 'Nic',
  interface: 'PCIBus',
  addressBits: 64,
  scatterGather: true,
  maximumLength: M,
  address: '',
  bars: [{ index: 0, size: 64 * K }],
  interruptMessages: 0,
  program: undefined,
  range: undefined,
};

/** What a declared NIC has before its options. */
export const plainNic: NicDeclaration = {
  ...builtinNic,
  scatterGather: false,
  maximumLength: 64 * K,
};

/** What a declared device has before its options. */
export const plainDevice: NicDeclaration = {
  ...plainNic,
  name: 'device',
  bars: [],
  interruptMessages: undefined,
};
