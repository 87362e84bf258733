/** Holdings in words, for reports, fault explanations and views. */
import type { Site } from '../../vm/reports.ts';
import type { Holding } from '../ledger.ts';

/** `proxy.c:12`: file name and line. */
export function placeOf(site: Site | undefined): string {
  if (site === undefined) return 'an unknown place';
  return `${site.file.slice(site.file.lastIndexOf('/') + 1)}:${site.line}`;
}

/** A pool tag as pool tools show it: the four bytes in memory order. */
export function tagText(tag: number): string {
  const bytes = [tag, tag >>> 8, tag >>> 16, tag >>> 24].map((byte) => byte & 0xff);
  return bytes
    .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
    .join('');
}

export const bytesText = (bytes: number): string => (bytes === 1 ? '1 byte' : `${bytes} bytes`);
export const pagesText = (pages: number): string => (pages === 1 ? '1 page' : `${pages} pages`);

/** `48 bytes of nonpaged pool 'LNow'`. */
export function whatIs(holding: Holding): string {
  const { tag, poolType } = holding.details;
  if (holding.kind === 'pool' && typeof poolType === 'string') {
    const named = typeof tag === 'number' && tag !== 0 ? ` '${tagText(tag)}'` : '';
    return `${bytesText(holding.bytes)} of ${poolType} pool${named}`;
  }
  switch (holding.kind) {
    case 'MDL':
      return `an MDL for ${bytesText(holding.bytes)}`;
    case 'mapping':
      return `a mapping of ${bytesText(holding.bytes)}`;
    default:
      return `${bytesText(holding.bytes)} of ${holding.kind}`;
  }
}

/** The same with the calls that made and released it. */
export function describeHolding(holding: Holding): string {
  const made = `${whatIs(holding)}, allocated by ${holding.module} at ${placeOf(holding.site)}`;
  return holding.live ? made : `${made}, freed at ${placeOf(holding.freed)}`;
}

/** `64 KB`, `1.5 GB`, `3071 MB` (what would round to a false whole number stays in the smaller unit). */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  if (unit === 0) return bytesText(bytes);
  if (Number.isInteger(value)) return `${value} ${units[unit]}`;
  const rounded = value.toFixed(1);
  return rounded.endsWith('.0')
    ? `${Math.round(value * 1024)} ${units[unit - 1]}`
    : `${rounded} ${units[unit]}`;
}

/** The same with the call: `Proxy, proxy.c:12`. */
export const callText = (holding: Holding): string => `${holding.module}, ${placeOf(holding.site)}`;
