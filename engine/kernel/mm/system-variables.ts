/** Values of the variables that the kernel exports and that depend on the machine: `system-variables.c` defines them. */
import type { KernelContext } from '../context.ts';

const KERNEL = 'ntoskrnl';
/** The first frame at 4 GiB: addresses from there on need more than 32 bits. */
const FRAME_4G = 0x10_0000;

/** Writes them into the mapped image of the kernel, once, at boot. */
export function setSystemVariables(kernel: KernelContext): void {
  const { index, machine } = kernel.host;
  const at = (name: string): number => kernel.vm.addressOf(index, KERNEL, name) ?? 0;
  const needs64 = kernel.memory.frames.highest >= FRAME_4G;
  kernel.system.write(at('Mm64BitPhysicalAddress'), 1, needs64 ? 1 : 0);
  kernel.system.write(at('KeNumberProcessors'), 1, machine.processors);
  kernel.system.write64(at('PsInitialSystemProcess'), kernel.processObject(0));
}
