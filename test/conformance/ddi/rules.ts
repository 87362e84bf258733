/** Rows of the tables in this folder: a rule of the WDK's documentation, and what a driver sees of it. */

/** `any`: not told in advance. `{ seen }`: what the row printed as its number so much, from 0. */
export type Expected = number | bigint | 'any' | { readonly seen: number };

export interface Scene {
  /** Options of the machine; otherwise the default one. */
  readonly machine?: string;
  /** What `verifier` says, `on` for example. */
  readonly verifier?: string;
  /** C before the function. */
  readonly declarations?: string;
  /**
   * The code runs for a request of a process: `Buffer` is its buffer of four pages, whose first bytes are 1 to 4, the
   * last page read-only.
   */
  readonly inProcess?: boolean;
  /** Violations by name, in order. */
  readonly violations?: readonly string[];
  /** Kinds of what is left at the end. */
  readonly leaks?: readonly string[];
  /** Failures that the machine reports, an assertion for example. */
  readonly failures?: readonly string[];
  /** Parts of what the machine says why. */
  readonly says?: readonly string[];
  /** Rows that the view of physical memory shows at the end. */
  readonly map?: readonly string[];
  /** Where the documentation contradicts itself: the subject of the row in docs/emulated-behaviour.md. */
  readonly choice?: string;
}

export interface Rule {
  readonly section: string;
  readonly rule: string;
  /** Statements of a driver; undefined: nothing that a driver could see. */
  readonly code: string | undefined;
  /** What `SEE` prints, in order. */
  readonly sees: readonly Expected[];
  /** Code and parameters of the bug check that ends it. */
  readonly bugCheck: readonly [number, Expected, Expected, Expected, Expected] | undefined;
  readonly scene: Scene;
  /** Why nothing can be seen of it. */
  readonly reason: string | undefined;
}

const plain = { bugCheck: undefined, reason: undefined };

/** A rule whose keeping shows in values. */
export const shows = (
  section: string,
  rule: string,
  code: string,
  sees: readonly Expected[],
  scene: Scene = {},
): Rule => ({ ...plain, section, rule, code, sees, scene });

/** A rule whose breach stops the system; what is printed before can be referred to and is not compared. */
export const stops = (
  section: string,
  rule: string,
  code: string,
  bugCheck: NonNullable<Rule['bugCheck']>,
  scene: Scene = {},
): Rule => ({ ...plain, section, rule, code, sees: [], bugCheck, scene });

/** Advice, or a fact about machines that are not emulated. */
export const unseen = (section: string, rule: string, reason: string): Rule => ({
  ...plain,
  section,
  rule,
  code: undefined,
  sees: [],
  scene: {},
  reason,
});

export const seen = (index: number): Expected => ({ seen: index });
export const any: Expected = 'any';

/** Status codes by name, as 32 bits. */
export const status = {
  SUCCESS: 0,
  ACCESS_VIOLATION: 0xc0000005,
  INVALID_PARAMETER: 0xc000000d,
  CONFLICTING_ADDRESSES: 0xc0000018,
  NOT_MAPPED_VIEW: 0xc0000019,
  OBJECT_TYPE_MISMATCH: 0xc0000024,
  INVALID_PAGE_PROTECTION: 0xc0000045,
  SECTION_PROTECTION: 0xc000004e,
  INSUFFICIENT_RESOURCES: 0xc000009a,
  INVALID_PARAMETER_1: 0xc00000ef,
  INVALID_PARAMETER_2: 0xc00000f0,
  INVALID_PARAMETER_4: 0xc00000f2,
  INVALID_PARAMETER_5: 0xc00000f3,
} as const;

/** Flags of an MDL. */
export const mdl = {
  MAPPED: 0x1,
  LOCKED: 0x2,
  NONPAGED: 0x4,
  FIXED: 0x8,
  PARTIAL: 0x10,
  PARTIAL_MAPPED: 0x20,
  WRITE: 0x80,
  PARENT_MAPPED: 0x100,
  IO_SPACE: 0x800,
} as const;
