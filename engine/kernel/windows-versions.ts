/** Versions of Windows in their order, by the names that scenarios and header comments use. */
const order = [
  'Windows 2000',
  'Windows XP',
  'Server 2003',
  'Vista',
  'Windows 7',
  'Windows 8',
  'Windows 8.1',
  'Windows 10',
  'Windows 11',
] as const;

/** Other names of the same releases. */
const aliases: Readonly<Record<string, (typeof order)[number]>> = {
  'windows server 2003': 'Server 2003',
  'server 2008': 'Vista',
  'windows server 2008': 'Vista',
  'windows vista': 'Vista',
  'server 2008 r2': 'Windows 7',
  'windows server 2008 r2': 'Windows 7',
  'server 2012': 'Windows 8',
  'windows server 2012': 'Windows 8',
  'server 2012 r2': 'Windows 8.1',
  'windows server 2012 r2': 'Windows 8.1',
  'server 2016': 'Windows 10',
  'windows server 2016': 'Windows 10',
  'server 2019': 'Windows 10',
  'windows server 2019': 'Windows 10',
  'server 2022': 'Windows 11',
  'windows server 2022': 'Windows 11',
};

function rank(version: string): number | undefined {
  const wanted = version.trim().toLowerCase();
  const name = aliases[wanted] ?? wanted;
  const exact = order.findIndex((known) => known.toLowerCase() === name.toLowerCase());
  if (exact >= 0) return exact;
  // Updates of a release: `Windows Vista SP1`, `Windows 10, version 1803`, `Windows 10 2004`.
  const alias = Object.keys(aliases).find((known) => wanted.startsWith(known));
  if (alias !== undefined) return rank(aliases[alias] ?? '');
  for (let index = order.length - 1; index >= 0; index--) {
    const known = order[index];
    if (known !== undefined && name.toLowerCase().startsWith(known.toLowerCase())) return index;
  }
  return undefined;
}

/** Whether `windows` is `version` or newer; a version that nobody knows counts as the newest. */
export function isAtLeast(windows: string, version: string): boolean {
  return (rank(windows) ?? order.length) >= (rank(version) ?? order.length);
}
