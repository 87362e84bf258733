/** Where the WDK and the Windows SDK document what findings, reports and doc comments name. */
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

/** The address of a page by its name (`nf-wdm-mmunlockpages`); undefined when it is no page of these. */
export function webPageAddress(page: string): string | undefined {
  const header = /^n[a-z]-([a-z0-9]+)-/.exec(page)?.[1];
  if (header !== undefined) {
    return sdkHeaders.has(header)
      ? `${web}/windows/win32/api/${header}/${page}`
      : `${web}/windows-hardware/drivers/ddi/${header}/${page}`;
  }
  const section = sections.find(([names]) => names.test(page))?.[1];
  return section && `${web}/windows-hardware/drivers/${section}/${page}`;
}
