/** Routines of DMA by the classes of calls that the Breakpoints view lists. */
export const dmaCallClassRoutines = {
  commonBuffers: [
    'IoGetDmaAdapter',
    'PutDmaAdapter',
    'AllocateCommonBuffer',
    'AllocateCommonBufferEx',
    'AllocateCommonBufferWithBounds',
    'FreeCommonBuffer',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;
