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
import violations from '../../docs/violations.md';
import { webPageAddress } from '../../engine/index.ts';

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
  ['docs/violations.md', violations],
]);

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
  return webPageAddress(page);
}
