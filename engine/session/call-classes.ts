/** The routines behind each class of calls that the Breakpoints view lists. */
import { callClassRoutines } from '../kernel/mm/call-classes.ts';
import type { CallClass } from '../session-types.ts';

export const routinesOfClass: Readonly<Record<CallClass, readonly string[]>> = {
  ...callClassRoutines,
  commonBuffers: [
    'IoGetDmaAdapter',
    'PutDmaAdapter',
    'AllocateCommonBuffer',
    'AllocateCommonBufferEx',
    'FreeCommonBuffer',
  ],
  registration: [
    'WSPRegisterMemory',
    'WSPDeregisterMemory',
    'WSPRegisterRdmaMemory',
    'WSPDeregisterRdmaMemory',
  ],
};
