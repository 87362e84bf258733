/**
 * Reading a DEVICE_DESCRIPTION: exactly the fields that its version uses, so that only those have to have a
 * value. Documentation: ns-wdm-_device_description.
 */
import { virtual } from '../../base/addresses.ts';
import type { NativeCall } from '../../vm/natives.ts';
import type { Layouts } from '../layouts.ts';

const TYPE = 'DEVICE_DESCRIPTION';

/** The fields in their order, and the versions that read them. */
const fields = {
  Master: [0, 1, 2, 3],
  ScatterGather: [0, 1, 2, 3],
  DemandMode: [2],
  AutoInitialize: [0, 1, 2, 3],
  Dma32BitAddresses: [0, 1, 2],
  IgnoreCount: [1, 2, 3],
  Dma64BitAddresses: [0, 1, 2],
  DmaChannel: [0, 1, 2, 3],
  InterfaceType: [0, 1, 2, 3],
  DmaWidth: [0, 1, 2, 3],
  DmaSpeed: [0, 1, 2],
  MaximumLength: [0, 1, 2, 3],
  DmaAddressWidth: [3],
  DmaRequestLine: [3],
  DeviceAddress: [3],
} as const satisfies Readonly<Record<string, readonly number[]>>;

type FieldName = keyof typeof fields;

/** Values of the fields that the version reads; the others are absent. Plain data. */
export type DeviceDescription = { readonly Version: number } & Readonly<
  Partial<Record<FieldName, number>>
>;

/** INTERFACE_TYPE members by value, from -1 on. */
export const interfaceTypes: readonly string[] = [
  'InterfaceTypeUndefined',
  'Internal',
  'Isa',
  'Eisa',
  'MicroChannel',
  'TurboChannel',
  'PCIBus',
  'VMEBus',
  'NuBus',
  'PCMCIABus',
  'CBus',
  'MPIBus',
  'MPSABus',
  'ProcessorInternal',
  'InternalPowerBus',
  'PNPISABus',
  'PNPBus',
  'Vmcs',
  'ACPIBus',
];

export function interfaceName(type: number): string {
  return interfaceTypes[type + 1] ?? `INTERFACE_TYPE ${type}`;
}

const PCI_BUS = 5;
const ISA = 1;

/** The version alone, before anything else is looked at. */
export function readVersion(call: NativeCall, layouts: Layouts, address: number): number {
  return layouts.read(call.memory, address, TYPE, 'Version', 'DeviceDescription->Version');
}

/** All fields that a known version reads. */
export function readDescription(
  call: NativeCall,
  layouts: Layouts,
  address: number,
  version: number,
): DeviceDescription {
  const values: Partial<Record<FieldName, number>> = {};
  for (const [name, versions] of Object.entries(fields) as [FieldName, readonly number[]][]) {
    if (!versions.includes(version)) continue;
    const value = layouts.read(call.memory, address, TYPE, name, `DeviceDescription->${name}`);
    // INTERFACE_TYPE is an enumeration: -1 asks the device's bus.
    values[name] = name === 'InterfaceType' ? value | 0 : value;
  }
  return { Version: version, ...values };
}

/** The description with its bus: InterfaceTypeUndefined asks the device for it, by its INTERFACE_TYPE's name. */
export function withBus(
  description: DeviceDescription,
  bus: string | undefined,
): DeviceDescription {
  if ((description.InterfaceType ?? 0) >= 0) return description;
  const type = interfaceTypes.indexOf(bus ?? 'PCIBus') - 1;
  return { ...description, InterfaceType: type >= 0 ? type : PCI_BUS };
}

/** Whether a field that the version reads was never written. */
export function hasUnwrittenFields(
  call: NativeCall,
  layouts: Layouts,
  address: number,
  version: number,
): boolean {
  return Object.entries(fields).some(([name, versions]) => {
    if (!(versions as readonly number[]).includes(version)) return false;
    const { offset, size } = layouts.field(TYPE, name);
    return call.peek.isWritten(virtual(address + offset), size) === false;
  });
}

/** How many address bits the description claims, and the rule that says so. */
export function claimedReach(description: DeviceDescription): {
  readonly bits: number;
  readonly because: string;
} {
  if (!description.Master) return controllerReach(description);
  if (description.Version >= 3) {
    const width = description.DmaAddressWidth ?? 0;
    const bits = Math.min(Math.max(width, 1), 64);
    return { bits, because: `DmaAddressWidth is ${width}` };
  }
  if (description.Dma64BitAddresses) return { bits: 64, because: 'Dma64BitAddresses is TRUE' };
  if (isPci(description) && description.Master && description.ScatterGather) {
    return { bits: 32, because: 'a PCI bus master with scatter/gather has 32 bits' };
  }
  if (description.Dma32BitAddresses) return { bits: 32, because: 'Dma32BitAddresses is TRUE' };
  return {
    bits: 24,
    because: 'neither Dma32BitAddresses nor Dma64BitAddresses is TRUE',
  };
}

/** A device that is no bus master reaches what the machine's DMA controller reaches. */
function controllerReach(description: DeviceDescription): {
  readonly bits: number;
  readonly because: string;
} {
  if (description.Version >= 3) {
    return { bits: 32, because: 'the DMA controller behind a request line has 32 bits' };
  }
  if (description.InterfaceType !== ISA && description.Dma32BitAddresses) {
    return { bits: 32, because: 'Dma32BitAddresses is TRUE for a channel that is not ISA' };
  }
  return { bits: 24, because: "the channels of the machine's DMA controller have 24 bits" };
}

/** Bytes that a channel of the DMA controller moves at a time (DmaWidth). */
export function transferWidth(description: DeviceDescription): number {
  return 2 ** Math.min(description.DmaWidth ?? 0, 3);
}

/** Channels 0 to 3 move bytes and 5 to 7 words; 4 ties both controllers together. */
const FIRST_WORD_CHANNEL = 5;
const LAST_CHANNEL = 7;
const CASCADE = 4;

/** Why the machine's DMA controller cannot do what a description asks for; undefined: it can. */
export function controllerRefusal(description: DeviceDescription): string | undefined {
  // The members of the controller mean nothing for a bus master, whatever they hold.
  if (description.Master) return undefined;
  const width = description.DmaWidth ?? 0;
  if (width > 3) return `DmaWidth ${width} is no DMA_WIDTH`;
  if (description.Version >= 3) return undefined;
  const channel = description.DmaChannel ?? 0;
  if (channel > LAST_CHANNEL || channel === CASCADE) {
    return `the DMA controller has the channels 0 to 3 and 5 to 7, DmaChannel is ${channel}`;
  }
  const wide = channel >= FIRST_WORD_CHANNEL;
  if (width === (wide ? 1 : 0)) return undefined;
  return `channel ${channel} moves ${wide ? 16 : 8} bits at a time, DmaWidth asks for ${8 * 2 ** width}`;
}

/** Lines that a channel's address counter does not carry over, in bytes; undefined: none below 4 GB. */
export function controllerLine(description: DeviceDescription): number | undefined {
  if (description.Master || description.Version >= 3) return undefined;
  return (description.DmaChannel ?? 0) >= FIRST_WORD_CHANNEL ? 0x2_0000 : 0x1_0000;
}

export function isPci(description: DeviceDescription): boolean {
  return description.InterfaceType === PCI_BUS;
}

export function isIsa(description: DeviceDescription): boolean {
  return description.InterfaceType === ISA;
}
