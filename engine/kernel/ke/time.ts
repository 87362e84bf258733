/** Clocks of the emulated machine. Every look at one takes 100 ns of virtual time. */
import { int64 } from '../../base/int64.ts';
import type { NativeTable } from '../../vm/natives.ts';
import type { KernelContext } from '../context.ts';

/** KeQueryPerformanceCounter counts 100 ns units. */
const PERFORMANCE_FREQUENCY = 10_000_000;
/** Units of 100 ns in a clock tick of 15.625 ms. */
const TIME_INCREMENT = 156_250;

export function timeNatives(kernel: KernelContext): NativeTable {
  const { clock } = kernel;
  const processors = (): number => kernel.host.machine.processors;
  const systemTime = (): bigint => {
    clock.look();
    return clock.systemTime;
  };
  return {
    KeQuerySystemTimePrecise: (call) => {
      call.memory.write64(call.number(0), int64(systemTime()));
      return undefined;
    },
    KeQuerySystemTime: (call) => {
      call.memory.write64(call.number(0), int64(systemTime()));
      return undefined;
    },
    KeQueryInterruptTime: () => clock.look(),
    KeQueryTickCount: (call) => {
      call.memory.write64(call.number(0), Math.floor(clock.look() / TIME_INCREMENT));
      return undefined;
    },
    KeQueryTimeIncrement: () => TIME_INCREMENT,
    KeQueryPerformanceCounter: (call) => {
      const frequency = call.number(0);
      if (frequency !== 0) call.memory.write64(frequency, PERFORMANCE_FREQUENCY);
      return clock.look();
    },
    KeStallExecutionProcessor: (call) => {
      clock.advance(call.number(0) * 10);
      return undefined;
    },
    KeQueryActiveProcessorCount: (call) => {
      const mask = call.number(0);
      if (mask !== 0) call.memory.write64(mask, int64((1n << BigInt(processors())) - 1n));
      return processors();
    },
    KeQueryActiveProcessorCountEx: () => processors(),
    KeGetCurrentProcessorNumber: () => kernel.host.processor,
    KeGetCurrentProcessorNumberEx: (call) => {
      const number = call.number(0);
      if (number !== 0) {
        call.memory.write(number, 2, 0);
        call.memory.write(number + 2, 1, kernel.host.processor);
        call.memory.write(number + 3, 1, 0);
      }
      return kernel.host.processor;
    },
    KeQueryHighestNodeNumber: () => kernel.host.machine.nodes - 1,
    KeQueryActiveProcessors: () => int64((1n << BigInt(processors())) - 1n),
    KeQueryMaximumProcessorCountEx: () => processors(),
    KeGetCurrentNodeNumber: () =>
      Math.floor((kernel.host.processor * kernel.host.machine.nodes) / processors()),
  };
}
