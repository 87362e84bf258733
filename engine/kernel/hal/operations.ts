/**
 * The tables of DMA routines: which version has which members. Documentation: ns-wdm-_dma_operations.
 */
import { isAtLeast } from '../windows-versions.ts';

const version1 = [
  'PutDmaAdapter',
  'AllocateCommonBuffer',
  'FreeCommonBuffer',
  'AllocateAdapterChannel',
  'FlushAdapterBuffers',
  'FreeAdapterChannel',
  'FreeMapRegisters',
  'MapTransfer',
  'GetDmaAlignment',
  'ReadDmaCounter',
  'GetScatterGatherList',
  'PutScatterGatherList',
] as const;

const version2 = [
  'CalculateScatterGatherList',
  'BuildScatterGatherList',
  'BuildMdlFromScatterGatherList',
] as const;

const version3 = [
  'GetDmaAdapterInfo',
  'GetDmaTransferInfo',
  'InitializeDmaTransferContext',
  'AllocateCommonBufferEx',
  'AllocateAdapterChannelEx',
  'ConfigureAdapterChannel',
  'CancelAdapterChannel',
  'MapTransferEx',
  'GetScatterGatherListEx',
  'BuildScatterGatherListEx',
  'FlushAdapterBuffersEx',
  'FreeAdapterObject',
  'CancelMappedTransfer',
] as const;

const windows10 = [
  'AllocateDomainCommonBuffer',
  'FlushDmaBuffer',
  'JoinDmaDomain',
  'LeaveDmaDomain',
  'GetDmaDomain',
  'AllocateCommonBufferWithBounds',
  'AllocateCommonBufferVector',
  'GetCommonBufferFromVectorByIndex',
  'FreeCommonBufferFromVector',
  'FreeCommonBufferVector',
] as const;

const windows11 = ['CreateCommonBufferFromMdl'] as const;

/** Members of the table that a description's version selects on a Windows, and its size in bytes. */
export function operationsTable(
  windows: string,
  version: number,
): { readonly members: readonly string[]; readonly size: number } {
  const members: string[] = [...version1];
  if (version >= 2) members.push(...version2);
  if (version >= 3) {
    members.push(...version3);
    if (isAtLeast(windows, 'Windows 10')) members.push(...windows10);
    if (isAtLeast(windows, 'Windows 11')) members.push(...windows11);
  }
  return { members, size: 8 + 8 * members.length };
}
