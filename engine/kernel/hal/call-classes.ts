/** Routines of DMA by the classes of calls that the Breakpoints view lists. */
export const dmaCallClassRoutines = {
  commonBuffers: [
    'IoGetDmaAdapter',
    'PutDmaAdapter',
    'AllocateCommonBuffer',
    'AllocateCommonBufferEx',
    'AllocateCommonBufferWithBounds',
    'AllocateDomainCommonBuffer',
    'AllocateCommonBufferVector',
    'CreateCommonBufferFromMdl',
    'FreeCommonBuffer',
    'FreeCommonBufferFromVector',
    'FreeCommonBufferVector',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;
