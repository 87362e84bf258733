/** What a scenario file says, as it is written: names are not looked up yet. */

import type { AddressRange, WindowsVersion } from '../scenario.ts';
import type { SyntaxContext } from '../scenario-syntax.ts';
import type { SourceFile, SourceRange } from '../source.ts';

/** A word or the contents of a string, and where it stands. */
export interface Name {
  readonly text: string;
  readonly range: SourceRange;
}

export interface LocatedRange extends AddressRange {
  readonly range: SourceRange;
}

export type OptionValue =
  | { readonly kind: 'flag'; readonly on: boolean }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'ranges'; readonly ranges: readonly LocatedRange[] }
  | { readonly kind: 'all' }
  | {
      readonly kind: 'fragmented';
      readonly percent: number;
      readonly runs: number;
      readonly seed: number;
    }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'windows'; readonly version: WindowsVersion }
  | { readonly kind: 'verifier'; readonly flags: number; readonly lowMemoryRequests: boolean }
  | { readonly kind: 'definition'; readonly name: string; readonly value: string }
  | { readonly kind: 'bar'; readonly index: number; readonly size: number }
  /** 0: a line, else the number of messages. */
  | { readonly kind: 'interrupt'; readonly messages: number };

export interface OptionNode {
  readonly word: Name;
  readonly value: OptionValue;
  /** Of the value; of the word when there is none. */
  readonly valueRange: SourceRange;
}

export interface MachineNode {
  readonly kind: 'machine';
  readonly name: Name;
  readonly base: Name | undefined;
  readonly options: readonly OptionNode[];
  readonly range: SourceRange;
}

export interface NicNode {
  readonly kind: 'nic';
  readonly name: Name;
  readonly base: Name | undefined;
  readonly options: readonly OptionNode[];
  readonly range: SourceRange;
}

/** `device NAME with { .. } { C }`: at file level a declaration, in a scenario or host a choice at once. */
export interface DeviceNode {
  readonly kind: 'device';
  readonly name: Name;
  readonly options: readonly OptionNode[];
  readonly sources: readonly Name[];
  /** The C between the braces. */
  readonly block: SourceRange | undefined;
  readonly keyword: SourceRange;
  readonly range: SourceRange;
}

/** `machine NAME with { .. };`, `nic NAME with { .. };` and `device NAME;` inside a scenario or host. */
export interface UseNode {
  readonly kind: 'useMachine' | 'useNic';
  /** Undefined: the default one, changed by the options. */
  readonly name: Name | undefined;
  readonly options: readonly OptionNode[];
  readonly range: SourceRange;
}

interface ProgramNode {
  readonly name: Name | undefined;
  readonly sources: readonly Name[];
  /** The C between the braces. */
  readonly block: SourceRange | undefined;
  readonly options: readonly OptionNode[];
  readonly host: Name | undefined;
  readonly keyword: SourceRange;
  readonly range: SourceRange;
}

export interface DriverNode extends ProgramNode {
  readonly kind: 'driver';
  /** `for NIC, ..`. */
  readonly nics: readonly Name[];
}

export interface ProcessNode extends ProgramNode {
  readonly kind: 'process';
}

export interface HostNode {
  readonly kind: 'host';
  readonly name: Name;
  readonly members: readonly HostMember[];
  readonly range: SourceRange;
}

/** `event surprise_removal NIC after 5 ms;` */
export interface EventNode {
  readonly kind: 'event';
  readonly what: Name;
  readonly nic: Name;
  /** From the start of the processes, in units of 100 ns. */
  readonly after: number;
  readonly range: SourceRange;
}

export type HostMember = UseNode | DeviceNode | DriverNode | ProcessNode | EventNode;

/** `when fault.allocation == 2`. */
export interface ConditionNode {
  readonly variable: Name;
  readonly operator: '==' | '!=';
  readonly value: Name;
  readonly range: SourceRange;
}

export type ExpectedNode =
  | { readonly kind: 'output'; readonly text: string; readonly negated: boolean }
  | { readonly kind: 'noLeaks' }
  | { readonly kind: 'leak'; readonly bytes: number | undefined }
  | { readonly kind: 'noBugcheck' }
  | {
      readonly kind: 'bugcheck';
      readonly code: Name | undefined;
      readonly parameters: readonly (bigint | undefined)[];
    }
  | { readonly kind: 'violation'; readonly rule: Name }
  | { readonly kind: 'noViolation'; readonly rule: Name | undefined }
  | { readonly kind: 'processExits'; readonly process: Name; readonly code: number }
  | { readonly kind: 'assertion' }
  | {
      readonly kind: 'loadFails';
      readonly driver: Name | undefined;
      readonly status: Name | undefined;
    };

export interface ExpectNode {
  readonly kind: 'expect';
  readonly what: ExpectedNode;
  readonly when: ConditionNode | undefined;
  readonly range: SourceRange;
}

export type VariedNode =
  /** `nic.address_bits`, `SanNic.address_bits`, `machine.map_registers`; without option `machine` itself. */
  | { readonly kind: 'member'; readonly owner: Name; readonly option: Name | undefined }
  | { readonly kind: 'define'; readonly name: Name }
  | { readonly kind: 'seed' }
  | { readonly kind: 'fault'; readonly point: Name };

export interface VaryNode {
  readonly kind: 'vary';
  readonly what: VariedNode;
  /** Ranges with `to` are already counted out. */
  readonly values: readonly Name[];
  readonly range: SourceRange;
}

export interface FaultNode {
  readonly kind: 'fault';
  readonly point: Name;
  /** From 1; 0 for every call. */
  readonly ordinals: readonly number[];
  readonly range: SourceRange;
}

export type ScenarioMember = HostMember | HostNode | ExpectNode | VaryNode | FaultNode;

export interface ScenarioNode {
  readonly kind: 'scenario';
  readonly name: Name;
  readonly members: readonly ScenarioMember[];
  readonly range: SourceRange;
}

/** A stretch of text in which the words of one context may begin something; `c` is a block of C. */
export interface Region {
  readonly context: SyntaxContext | 'c';
  readonly start: number;
  readonly end: number;
}

export interface ScenarioTree {
  readonly file: SourceFile;
  readonly machines: readonly MachineNode[];
  readonly nics: readonly NicNode[];
  readonly devices: readonly DeviceNode[];
  readonly scenarios: readonly ScenarioNode[];
  /** Preprocessor lines at file level: they stand before every C block. */
  readonly prelude: readonly SourceRange[];
  /** In text order; an inner one behind the one around it. */
  readonly regions: readonly Region[];
}
