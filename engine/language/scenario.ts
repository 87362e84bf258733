/** The scenario language's declarations after checking: what a .dms file means, with every default filled in. */
import type { Diagnostic } from './diagnostics.ts';
import type { Unit } from './program.ts';
import type { ScenarioTree } from './scenario-parser/tree.ts';
import type { SourceFile, SourceRange } from './source.ts';

/** Half-open, in bytes. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

export type WindowsVersion =
  | 'Windows 2000'
  | 'Windows XP'
  | 'Server 2003'
  | 'Vista'
  | 'Windows 7'
  | 'Windows 8'
  | 'Windows 8.1'
  | 'Windows 10'
  | 'Windows 11';

export type FreeMemory =
  /** Everything in `memory` but what the boot takes. */
  | { readonly kind: 'all' }
  | { readonly kind: 'exact'; readonly ranges: readonly AddressRange[] }
  | {
      readonly kind: 'fragmented';
      /** Per cent of memory taken away. */
      readonly percent: number;
      /** Into how many runs the taken memory falls. */
      readonly runs: number;
      readonly seed: number;
    };

export interface MachineDeclaration {
  readonly name: string;
  readonly memory: readonly AddressRange[];
  readonly nolowmem: boolean;
  readonly freeMemory: FreeMemory;
  /** Map registers that all adapters share (pages of low memory kept for bouncing). */
  readonly mapRegisters: number;
  readonly iommu: boolean;
  /** Adjacent pages are one element of a scatter/gather list. */
  readonly mergePages: boolean;
  /** Pageable pages are taken away as soon as their last lock is gone. */
  readonly trim?: boolean;
  readonly nodes: number;
  readonly processors: number;
  readonly windows: WindowsVersion;
  /** For drivers that have no setting of their own; `DriverDeclaration.verifier` has taken it up. */
  readonly verifier?: VerifierOptions | undefined;
  readonly range: SourceRange | undefined;
}

/** The range of registers behind a base address register. Bytes, whole pages. */
export interface BarDeclaration {
  readonly index: number;
  readonly size: number;
}

/** A network card, or a device of the scenario's own. */
export interface NicDeclaration {
  readonly name: string;
  /** INTERFACE_TYPE member's name: `PCIBus`. */
  readonly interface: string;
  readonly addressBits: number;
  readonly scatterGather: boolean;
  readonly maximumLength: number;
  /** Empty: of a device that is on no network, or not numbered yet. */
  readonly address: string;
  readonly bars: readonly BarDeclaration[];
  /** Undefined: it has none; 0: a line; else the number of message-signalled interrupts. */
  readonly interruptMessages: number | undefined;
  /** The C of a `device`; undefined for a network card, whose code is built in. */
  readonly program: DeviceProgram | undefined;
  readonly range: SourceRange | undefined;
}

/** What answers the accesses to a device's registers. */
export interface DeviceProgram {
  readonly sources: readonly { readonly path: string; readonly range: SourceRange }[];
  readonly block: SourceRange | undefined;
  readonly definitions: readonly Definition[];
  readonly includeFolders: readonly string[];
  readonly range: SourceRange;
  readonly units: readonly Unit[];
}

export interface Definition {
  readonly name: string;
  readonly value: string;
}

/** Settings by option name as `verifier on` or `verifier special_pool, dma`. */
export interface VerifierOptions {
  /** Bits as in reference: 0x1 special pool ... 0x80 DMA verification. */
  readonly flags: number;
  /** 0xC4/141 has an option of its own. */
  readonly lowMemoryRequests: boolean;
}

export interface DriverDeclaration {
  /** The block's name (`driver Proxy { .. }`), else the first file's base name. */
  readonly name: string;
  readonly host: string;
  /** Files as written, resolved against the scenario's folder; or the block itself. */
  readonly sources: readonly { readonly path: string; readonly range: SourceRange }[];
  readonly block: SourceRange | undefined;
  readonly definitions: readonly Definition[];
  readonly includeFolders: readonly string[];
  readonly verifier: VerifierOptions | undefined;
  /** The NIC (or device) whose AddDevice is called; the first of `devices`. */
  readonly device: string | undefined;
  /** All NICs that the driver is bound to. */
  readonly devices: readonly string[];
  /** A reference component that no text of the user declares. */
  readonly builtin: boolean;
  readonly range: SourceRange;
  /** Checked C, one for each source. */
  readonly units: readonly Unit[];
}

export interface ProcessDeclaration {
  readonly name: string;
  readonly host: string;
  readonly sources: readonly { readonly path: string; readonly range: SourceRange }[];
  readonly block: SourceRange | undefined;
  readonly definitions: readonly Definition[];
  readonly includeFolders: readonly string[];
  /** It includes a Winsock header: the switch and a provider are loaded into it. */
  readonly usesWinsock: boolean;
  readonly range: SourceRange;
  readonly units: readonly Unit[];
}

export interface HostDeclaration {
  readonly name: string;
  readonly machine: MachineDeclaration;
  readonly nics: readonly NicDeclaration[];
  readonly drivers: readonly DriverDeclaration[];
  readonly processes: readonly ProcessDeclaration[];
  readonly events: readonly DeviceEvent[];
  readonly range: SourceRange | undefined;
}

/** What Plug and Play does to a device while the processes run. */
export interface DeviceEvent {
  readonly kind: 'surprise_removal' | 'removal' | 'rebalance';
  readonly nic: string;
  /** From the start of the processes, in units of 100 ns. */
  readonly after: number;
  readonly range: SourceRange;
}

/** `fault.allocation == 2`: compares a variant's value. */
export interface Condition {
  readonly variable: string;
  readonly operator: '==' | '!=';
  readonly value: string;
}

export type Expectation = {
  readonly range: SourceRange;
  /** `expect ... when ...`: counts only in variants for which it holds. */
  readonly when: Condition | undefined;
} & (
  | { readonly kind: 'output'; readonly text: string; readonly negated: boolean }
  | { readonly kind: 'noLeaks' }
  /** Undefined bytes: any leak. */
  | { readonly kind: 'leak'; readonly bytes: number | undefined }
  | { readonly kind: 'noBugcheck' }
  /** `expect bugcheck 0xE6;` `expect bugcheck DRIVER_VERIFIER_DMA_VIOLATION (0x0F, ..)`. */
  | {
      readonly kind: 'bugcheck';
      readonly code: number | undefined;
      /** Undefined places match anything. */
      readonly parameters: readonly (bigint | undefined)[];
    }
  | { readonly kind: 'violation'; readonly rule: string }
  | { readonly kind: 'noViolation'; readonly rule: string | undefined }
  | { readonly kind: 'processExits'; readonly process: string; readonly code: number }
  | { readonly kind: 'assertion' }
  /** A driver's DriverEntry, AddDevice or start that fails, with this NTSTATUS if given. */
  | { readonly kind: 'loadFails'; readonly driver: string; readonly status: number | undefined }
);

/** One injected failure: the `ordinal`-th call (from 1) of a fault point, or every call. */
export interface Fault {
  /** `allocation`, or a routine's name. */
  readonly point: string;
  /** 0: every call. */
  readonly ordinal: number;
  readonly range: SourceRange;
}

export type VaryDimension = { readonly range: SourceRange } & (
  | {
      readonly kind: 'nic';
      /** A NIC's name, or `nic` for all of the scenario. */
      readonly name: string;
      /** Empty: the NIC itself (`vary nic = A, B`). */
      readonly option: string;
      readonly values: readonly string[];
    }
  /** An empty option: the machine itself (`vary machine = A, B`). */
  | { readonly kind: 'machine'; readonly option: string; readonly values: readonly string[] }
  | { readonly kind: 'define'; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: 'seed'; readonly values: readonly string[] }
  /** Values are `none`, `each`, `every`, or ordinals. */
  | { readonly kind: 'fault'; readonly point: string; readonly values: readonly string[] }
);

export interface ScenarioDeclaration {
  readonly name: string;
  readonly range: SourceRange;
  readonly nameRange: SourceRange;
  /** With the first value of every dimension. */
  readonly hosts: readonly HostDeclaration[];
  readonly expectations: readonly Expectation[];
  readonly vary: readonly VaryDimension[];
  readonly faults: readonly Fault[];
  /**
   * Hosts for one variant: names as in the JSON output (`nic.address_bits`, `define NAME`, `seed`,
   * `fault.allocation`), missing ones take their first value. C is checked again where a definition differs.
   */
  hostsFor(variant: Readonly<Record<string, string>>): readonly HostDeclaration[];
  /** What checking a variant's C finds; for the first variant it is among the program's diagnostics too. */
  diagnosticsFor(variant: Readonly<Record<string, string>>): readonly Diagnostic[];
}

/** A use of a name in scenario text: for definition, references, rename and hover. */
export interface NameReference {
  readonly kind: 'machine' | 'nic' | 'host' | 'driver' | 'process';
  readonly name: string;
  readonly range: SourceRange;
  /** The declared name; undefined for a built-in machine or NIC. */
  readonly declaration: SourceRange | undefined;
}

/** A .dms (or a lone .c with DriverEntry) with everything it reaches. */
export interface ScenarioProgram {
  readonly file: SourceFile;
  readonly scenarios: readonly ScenarioDeclaration[];
  readonly machines: readonly MachineDeclaration[];
  readonly nics: readonly NicDeclaration[];
  readonly diagnostics: readonly Diagnostic[];
  /** All files read, the user's and built-in ones. */
  readonly files: readonly SourceFile[];
  /** Paths that were asked for and not there, so that an asynchronous front end can fetch and try again. */
  readonly missing: readonly string[];
  /** The scenario text as it is written; undefined for a lone C file. */
  readonly tree: ScenarioTree | undefined;
  /** Names in the scenario text, in text order; declarations refer to themselves. */
  readonly names: readonly NameReference[];
}
