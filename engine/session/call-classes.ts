/** The routines behind each class of calls that the Breakpoints view lists. */
import { dmaCallClassRoutines } from '../kernel/hal/call-classes.ts';
import { callClassRoutines } from '../kernel/mm/call-classes.ts';
import type { CallClass } from '../session-types.ts';

export const routinesOfClass: Readonly<Record<CallClass, readonly string[]>> = {
  ...callClassRoutines,
  ...dmaCallClassRoutines,
  registration: [
    'WSPRegisterMemory',
    'WSPDeregisterMemory',
    'WSPRegisterRdmaMemory',
    'WSPDeregisterRdmaMemory',
  ],
};
