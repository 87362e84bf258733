/**
 * Who may open a device: the part of SDDL that device objects use. Processes run as an administrator with all rights
 * that the account has; requests of the kernel are not checked.
 */

/** One entry of a list of access control. Plain data. */
export interface AccessEntry {
  readonly allows: boolean;
  readonly rights: number;
  /** SY, BA, WD and so on. */
  readonly account: string;
}

/** Accounts that a process of the scenario belongs to. */
const ownAccounts: ReadonlySet<string> = new Set(['BA', 'WD', 'AU', 'BU', 'IU']);
const ALL = 0x1f_01ff;
const READ = 0x12_0089;
const WRITE = 0x12_0116;
const EXECUTE = 0x12_00a0;
const rights: Readonly<Record<string, number>> = {
  GA: ALL,
  GR: READ,
  GW: WRITE,
  GX: EXECUTE,
  FA: ALL,
  FR: READ,
  FW: WRITE,
  FX: EXECUTE,
  RC: 0x2_0000,
  SD: 0x1_0000,
  WD: 0x4_0000,
  WO: 0x8_0000,
};

/** The entries of `D:P(A;;GA;;;SY)...`; undefined when the text is not of that form. */
export function parseDescriptor(text: string): readonly AccessEntry[] | undefined {
  const list = /^(?:[OG]:[^:]*)*D:(?:P|AI|AR)*((?:\([^()]*\))*)$/.exec(text);
  if (list === null) return undefined;
  const entries = (list[1] ?? '').match(/\([^()]*\)/g) ?? [];
  const parsed = entries.map(parseEntry);
  return parsed.every((entry) => entry !== undefined) ? parsed : undefined;
}

function parseEntry(text: string): AccessEntry | undefined {
  const [type, , mask = '', , , account] = text.slice(1, -1).split(';');
  if ((type !== 'A' && type !== 'D') || account === undefined || account === '') return undefined;
  const value = rightsOf(mask);
  return value === undefined ? undefined : { allows: type === 'A', rights: value, account };
}

function rightsOf(text: string): number | undefined {
  if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text, 16);
  const names = text.match(/../g) ?? [];
  if (names.join('') !== text) return undefined;
  let value = 0;
  for (const name of names) {
    const right = rights[name];
    if (right === undefined) return undefined;
    value |= right;
  }
  return value;
}

/** Rights by the generic ones: what a caller asks for, in the rights of a file. */
export function specificRights(access: number): number {
  let specific = access & 0x01ff_ffff;
  if ((access & 0x8000_0000) !== 0) specific |= READ;
  if ((access & 0x4000_0000) !== 0) specific |= WRITE;
  if ((access & 0x2000_0000) !== 0) specific |= EXECUTE;
  if ((access & 0x1000_0000) !== 0) specific |= ALL;
  return specific;
}

/** Whether a process is granted everything that it asks for. Entries count in their order. */
export function mayOpen(entries: readonly AccessEntry[], access: number): boolean {
  let left = specificRights(access);
  for (const entry of entries) {
    if (!ownAccounts.has(entry.account)) continue;
    if (entry.allows) left &= ~entry.rights;
    else if ((left & entry.rights) !== 0) return false;
  }
  return left === 0 && entries.some(({ account }) => ownAccounts.has(account));
}
