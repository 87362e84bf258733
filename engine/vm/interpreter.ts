/** Turns the instructions of a routine into steps: functions that execute one and answer which is next. */
import type { Int64 } from '../base/int64.ts';
import type { GeneratedCode } from './codegen/generated-code.ts';
import type { Exceptions } from './exceptions.ts';
import { type Argument, argumentOffset, type Instruction, isFloat } from './ir.ts';
import type { Module, Routine } from './module.ts';
import { RaiseException } from './natives.ts';
import type { CompiledArgument, Processor } from './processor.ts';
import { compileAddress, compileCondition, compileValue, type Evaluate } from './values.ts';

/** Executes an instruction; answers the index of the next one in the processor's (new) module. */
export type Step = (processor: Processor) => number;

/** What instructions need beside the processor. */
export interface StepEnvironment {
  readonly exceptions: Exceptions;
  readonly generated: GeneratedCode;
  routineAtEntry(host: number, address: number): Routine | undefined;
  /** Runs a native routine whose frame is on the stack; answers the index to go on at. */
  callNative(routine: Routine, index: number): number;
}

const STATUS_BREAKPOINT = 0x80000003;

/** Compiles all instructions of a routine into the module's table of steps. */
export function compileRoutine(routine: Routine, environment: StepEnvironment): void {
  const { module, first, count } = routine;
  for (let index = first; index < first + count; index++) {
    const instruction = module.instructions[index];
    if (instruction === undefined) continue;
    module.steps[index] = compileStep(instruction, routine, index, environment);
  }
  const { generated } = environment;
  for (const [index, point] of generated.entriesOf(routine)) {
    const step = module.steps[index];
    if (step === undefined) continue;
    module.steps[index] = (processor) => {
      const next = generated.enter(point);
      return next < 0 ? step(processor) : next;
    };
  }
}

/** Fills the table of steps with ones that compile their routine on first use. */
export function prepareSteps(module: Module, environment: StepEnvironment): void {
  while (module.steps.length < module.instructions.length) module.steps.push(undefined);
  for (const routine of module.routines) {
    for (let index = routine.first; index < routine.first + routine.count; index++) {
      module.steps[index] = (processor) => {
        compileRoutine(routine, environment);
        const step = module.steps[index];
        return step === undefined ? index : step(processor);
      };
    }
  }
}

/** One instruction as a closure; indices are those of the module, not of the function. */
function compileStep(
  instruction: Instruction,
  routine: Routine,
  index: number,
  environment: StepEnvironment,
): Step {
  const { module, first } = routine;
  const { resolve } = module;
  const next = index + 1;
  switch (instruction.op) {
    case 'evaluate': {
      const evaluate = compileValue(instruction.value, resolve);
      return (processor) => {
        evaluate(processor);
        processor.door.taint = 0;
        return next;
      };
    }
    case 'branch': {
      const condition = compileCondition(instruction.condition, resolve);
      const target = first + instruction.target;
      return instruction.when
        ? (processor) => (condition(processor) ? target : next)
        : (processor) => (condition(processor) ? next : target);
    }
    case 'jump': {
      const target = first + instruction.target;
      return () => target;
    }
    case 'switch': {
      const evaluate = compileValue(instruction.value, resolve);
      const cases = new Map<Int64, number>();
      for (const one of instruction.cases) cases.set(one.value, first + one.target);
      // Values are in normal form, so that a Map finds them.
      const otherwise = first + instruction.otherwise;
      return (processor) => {
        const value = evaluate(processor);
        if (processor.door.taint !== 0) processor.tainted('branch');
        return cases.get(value) ?? otherwise;
      };
    }
    case 'call':
      return compileCall(instruction, module, next, environment);
    case 'return':
      return compileReturn(instruction, routine);
    case 'native':
      return () => environment.callNative(routine, index);
    case 'filterEnd': {
      const evaluate = compileValue(instruction.value, resolve);
      return (processor) => {
        const answer = evaluate(processor);
        if (processor.door.taint !== 0) processor.tainted('branch');
        environment.exceptions.filtered(Number(answer));
        return processor.index;
      };
    }
    case 'finallyCall': {
      const region = routine.code?.regions[instruction.region];
      const { abnormal } = instruction;
      if (region === undefined) return () => next;
      return () => environment.exceptions.callFinally(region, first, next, abnormal);
    }
    case 'finallyEnd': {
      const region = routine.code?.regions[instruction.region];
      const number = instruction.region;
      if (region === undefined) return () => next;
      return () => environment.exceptions.endFinally(number, region);
    }
    case 'breakpoint':
      return () => {
        throw new RaiseException(STATUS_BREAKPOINT);
      };
  }
}

/**
 * Direct calls find their routine once; calls through pointers look it up each time, since a program may jump
 * anywhere.
 */
function compileCall(
  instruction: Extract<Instruction, { op: 'call' }>,
  module: Module,
  next: number,
  environment: StepEnvironment,
): Step {
  const list = instruction.arguments.map((argument): CompiledArgument => compile(argument, module));
  const { callee } = instruction;
  if (callee.op !== 'symbol') {
    const evaluate = compileAddress(callee, module.resolve);
    return (processor) => {
      const target = evaluate(processor);
      return processor.call(processor.target(target), list, next);
    };
  }
  const address = module.resolve(callee.symbol) + callee.addend;
  const routine = environment.routineAtEntry(module.declaration.host, address);
  if (routine !== undefined) return (processor) => processor.call(routine, list, next);
  return (processor) => processor.call(processor.target(address), list, next);
}

function compile(argument: Argument, module: Module): CompiledArgument {
  return argument.kind === 'scalar'
    ? {
        size: 0,
        evaluate: compileValue(argument.value, module.resolve),
        scalar: argument.scalar,
        isInteger: !isFloat(argument.scalar),
      }
    : {
        size: argument.size,
        evaluate: compileAddress(argument.address, module.resolve),
        scalar: 'u64',
        isInteger: false,
      };
}

/**
 * Scalars and small records go back in a register, others to the place that the caller gave (x64 calling
 * convention).
 */
function compileReturn(
  { value, watch }: Extract<Instruction, { op: 'return' }>,
  routine: Routine,
): Step {
  const { resolve } = routine.module;
  if (watch !== undefined && value?.kind !== 'record') {
    const evaluate = value === undefined ? undefined : compileValue(value.value, resolve);
    const isVoid = routine.symbol?.type.result.kind === 'void';
    return (processor) => {
      const { door } = processor;
      const result = evaluate?.(processor);
      const isTainted = result === undefined ? !isVoid : door.taint !== 0;
      door.taint = 0;
      return processor.return(result ?? 0, processor.leaves(result) || isTainted, undefined);
    };
  }
  if (value === undefined) {
    // Falling off the end of a function with a result leaves the result unwritten.
    const isVoid = routine.symbol?.type.result.kind === 'void';
    return (processor) => processor.return(0, !isVoid, undefined);
  }
  if (value.kind === 'scalar') {
    const evaluate: Evaluate = compileValue(value.value, resolve);
    return (processor) => {
      const { door } = processor;
      const result = evaluate(processor);
      return processor.return(result, door.taint !== 0, undefined);
    };
  }
  const address = compileAddress(value.address, resolve);
  const { size } = value;
  if (routine.code?.hiddenResult !== true) {
    return (processor) => processor.return(0, false, address(processor));
  }
  return (processor) => {
    const { door, fp } = processor;
    const source = address(processor);
    const destination = door.readI64(fp + argumentOffset(0));
    door.copy(destination, source, size);
    return processor.return(destination, false, undefined);
  };
}
