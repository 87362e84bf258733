/** Where documentation is found: the WDK's pages on the web, this product's own as built-in documents. */
import language from '../../docs/language.md';
import allocationUnchecked from '../../docs/lint/allocation-unchecked.md';
import boundaryNotPowerOfTwo from '../../docs/lint/boundary-not-power-of-two.md';
import commonBufferOutlivesAdapter from '../../docs/lint/common-buffer-outlives-adapter.md';
import descriptionClaimsReach from '../../docs/lint/description-claims-reach.md';
import descriptionNotZeroed from '../../docs/lint/description-not-zeroed.md';
import lockWithoutTry from '../../docs/lint/lock-without-try.md';
import mdlFreedWhileLocked from '../../docs/lint/mdl-freed-while-locked.md';
import neverReleased from '../../docs/lint/never-released.md';
import nolowmemIgnored from '../../docs/lint/nolowmem-ignored.md';
import pageableAtRaisedIrql from '../../docs/lint/pageable-at-raised-irql.md';
import physicalAddressTruncated from '../../docs/lint/physical-address-truncated.md';
import releasedOtherwise from '../../docs/lint/released-otherwise.md';
import releasedTwice from '../../docs/lint/released-twice.md';
import scenarioContradicts from '../../docs/lint/scenario-contradicts.md';

const pages: ReadonlyMap<string, string> = new Map([
  ['docs/language.md', language],
  ['docs/lint/allocation-unchecked.md', allocationUnchecked],
  ['docs/lint/boundary-not-power-of-two.md', boundaryNotPowerOfTwo],
  ['docs/lint/common-buffer-outlives-adapter.md', commonBufferOutlivesAdapter],
  ['docs/lint/description-claims-reach.md', descriptionClaimsReach],
  ['docs/lint/description-not-zeroed.md', descriptionNotZeroed],
  ['docs/lint/lock-without-try.md', lockWithoutTry],
  ['docs/lint/mdl-freed-while-locked.md', mdlFreedWhileLocked],
  ['docs/lint/never-released.md', neverReleased],
  ['docs/lint/nolowmem-ignored.md', nolowmemIgnored],
  ['docs/lint/pageable-at-raised-irql.md', pageableAtRaisedIrql],
  ['docs/lint/physical-address-truncated.md', physicalAddressTruncated],
  ['docs/lint/released-otherwise.md', releasedOtherwise],
  ['docs/lint/released-twice.md', releasedTwice],
  ['docs/lint/scenario-contradicts.md', scenarioContradicts],
]);

const web = 'https://learn.microsoft.com';

/** Headers that the Windows SDK documents; all others are the WDK's. */
const sdkHeaders = new Set([
  'errhandlingapi',
  'fileapi',
  'handleapi',
  'ioapiset',
  'memoryapi',
  'processthreadsapi',
  'synchapi',
  'winsock',
  'winsock2',
  'ws2spi',
  'ws2tcpip',
]);

/** Topics by the section of the WDK's documentation that has them. */
const sections: readonly (readonly [RegExp, string])[] = [
  [/^bug-check-/, 'debugger'],
  [/^(bcdedit|special-pool|pool-tracking|dma-verification)/, 'devtest'],
  [/^(defining-i-o-control-codes|using-mdls)$/, 'kernel'],
];

/** Turns the name of a page of this product (`docs/lint/x.md`) into something that a client can open. */
export type ProductPages = (page: string) => string | undefined;

/** Clients that show built-in documents get these pages from the server. */
export const builtinPages: ProductPages = (page) => (pages.has(page) ? `dms:/${page}` : undefined);

/** The text of a `dms:/docs/..` document. */
export function pageText(path: string): string | undefined {
  return pages.get(path.replace(/^dms:\//, ''));
}

/** The address of a page by the name that a finding or a doc comment gives; undefined when there is none. */
export function documentationAddress(page: string, product: ProductPages): string | undefined {
  if (page.endsWith('.md')) return product(page.startsWith('docs/') ? page : `docs/${page}`);
  const header = /^n[a-z]-([a-z0-9]+)-/.exec(page)?.[1];
  if (header !== undefined) {
    return sdkHeaders.has(header)
      ? `${web}/windows/win32/api/${header}/${page}`
      : `${web}/windows-hardware/drivers/ddi/${header}/${page}`;
  }
  const section = sections.find(([names]) => names.test(page))?.[1];
  return section && `${web}/windows-hardware/drivers/${section}/${page}`;
}
