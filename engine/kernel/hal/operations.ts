/**
 * The tables of DMA routines: which version has which members. Documentation: ns-wdm-_dma_operations.
 */
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { status } from '../status.ts';
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

/** What a routine that does not exist yet answers. */
const answers: Readonly<Record<string, number | undefined>> = {
  GetDmaAdapterInfo: status.STATUS_NOT_SUPPORTED | 0,
  InitializeDmaTransferContext: status.STATUS_NOT_SUPPORTED | 0,
  BuildMdlFromScatterGatherList: status.STATUS_NOT_SUPPORTED | 0,
  GetDmaTransferInfo: status.STATUS_NOT_SUPPORTED | 0,
  AllocateAdapterChannelEx: status.STATUS_NOT_SUPPORTED | 0,
  ConfigureAdapterChannel: status.STATUS_NOT_IMPLEMENTED | 0,
  CancelAdapterChannel: 0,
  MapTransferEx: status.STATUS_NOT_SUPPORTED | 0,
  GetScatterGatherListEx: status.STATUS_NOT_SUPPORTED | 0,
  BuildScatterGatherListEx: status.STATUS_NOT_SUPPORTED | 0,
  FlushAdapterBuffersEx: status.STATUS_NOT_SUPPORTED | 0,
  FreeAdapterObject: undefined,
  CancelMappedTransfer: status.STATUS_NOT_SUPPORTED | 0,
  AllocateDomainCommonBuffer: status.STATUS_NOT_SUPPORTED | 0,
  FlushDmaBuffer: 0,
  JoinDmaDomain: status.STATUS_NOT_SUPPORTED | 0,
  LeaveDmaDomain: status.STATUS_NOT_SUPPORTED | 0,
  GetDmaDomain: 0,
  AllocateCommonBufferWithBounds: 0,
  AllocateCommonBufferVector: status.STATUS_NOT_SUPPORTED | 0,
  GetCommonBufferFromVectorByIndex: undefined,
  FreeCommonBufferFromVector: undefined,
  FreeCommonBufferVector: undefined,
  CreateCommonBufferFromMdl: status.STATUS_NOT_SUPPORTED | 0,
};

/** Routines of the tables that the emulator does not have yet: each says so and fails. */
export const unsupportedDmaNatives: NativeTable = Object.fromEntries(
  Object.entries(answers).map(([name, answer]) => [
    name,
    (call: NativeCall) => {
      call.violation('unsupported', `${name} is not supported yet: the call fails.`, name);
      return answer;
    },
  ]),
);
