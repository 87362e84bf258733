/**
 * What the adapter advertises, and the requests behind each promise. `initialize` answers from this table, and a test
 * compares it with the handlers and with the test files: what is advertised is tested.
 */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { CallClass, ExceptionFilter } from '../../engine/index.ts';
import type { RequestName } from './protocol.ts';

type Flag = Exclude<
  keyof Dap.Capabilities,
  | 'exceptionBreakpointFilters'
  | 'completionTriggerCharacters'
  | 'additionalModuleColumns'
  | 'supportedChecksumAlgorithms'
  | 'breakpointModes'
>;

/** Each advertised flag with the requests that make it true. */
export const capabilityRequests = {
  supportsConfigurationDoneRequest: ['configurationDone'],
  supportsFunctionBreakpoints: ['setFunctionBreakpoints'],
  supportsConditionalBreakpoints: ['setBreakpoints', 'setFunctionBreakpoints'],
  supportsHitConditionalBreakpoints: ['setBreakpoints', 'setFunctionBreakpoints'],
  supportsLogPoints: ['setBreakpoints'],
  supportsBreakpointLocationsRequest: ['breakpointLocations'],
  supportsExceptionFilterOptions: ['setExceptionBreakpoints'],
  supportsExceptionInfoRequest: ['exceptionInfo'],
  supportsDataBreakpoints: ['dataBreakpointInfo', 'setDataBreakpoints'],
  supportsDataBreakpointBytes: ['dataBreakpointInfo', 'setDataBreakpoints'],
  supportsStepBack: ['stepBack', 'reverseContinue'],
  supportsDelayedStackTraceLoading: ['stackTrace'],
  supportsEvaluateForHovers: ['evaluate'],
  supportsClipboardContext: ['evaluate'],
  supportsSetVariable: ['setVariable'],
  supportsSetExpression: ['setExpression'],
  supportsCompletionsRequest: ['completions'],
  supportsReadMemoryRequest: ['readMemory'],
  supportsWriteMemoryRequest: ['writeMemory'],
  supportsLoadedSourcesRequest: ['loadedSources', 'source'],
  supportsRestartRequest: ['restart'],
  supportsTerminateRequest: ['terminate'],
  supportsCancelRequest: ['cancel'],
} as const satisfies Partial<Record<Flag, readonly RequestName[]>>;

interface Tick {
  readonly label: string;
  readonly description: string;
  readonly byDefault: boolean;
  /** What a condition may say, with an example. */
  readonly condition: string;
}

function callTick(label: string, description: string): Tick {
  const condition = 'C over the call\u2019s parameters: NumberOfBytes > 0x10000';
  return { label, description, byDefault: false, condition };
}

function failureTick(
  label: string,
  description: string,
  byDefault: boolean,
  condition: string,
): Tick {
  return { label, description, byDefault, condition };
}

/** The ticks of the Breakpoints view. */
const ticks: Readonly<Record<ExceptionFilter['filter'], Tick>> = {
  contiguousMemory: callTick(
    'Contiguous memory calls',
    'Stops on every call that allocates or frees contiguous memory.',
  ),
  commonBuffers: callTick(
    'Common buffer calls',
    'Stops on every call that gets or puts a DMA adapter, or allocates or frees a common buffer.',
  ),
  mdl: callTick(
    'MDL and page locking calls',
    'Stops on every call that allocates, builds, locks, maps, unlocks or frees an MDL.',
  ),
  pool: callTick('Pool calls', 'Stops on every call that allocates or frees pool memory.'),
  registration: callTick(
    'Memory registration calls',
    'Stops on every call that registers memory with the NIC or releases it.',
  ),
  bugCheck: failureTick(
    'Bug checks',
    'Stops where a host bug-checks.',
    true,
    'Codes or names, or C over code, parameter1 to parameter4: 0xE6, 0xC4 or code == 0xE6 && parameter1 == 0x1',
  ),
  violation: failureTick(
    'Violations',
    'Stops where only the emulator can know that something is wrong: never-written bytes used, memory of somebody else touched.',
    true,
    'Rules, or C with rule, module, function: uninitialized_*, mdl_state or rule != "mdl_state" && module == "Proxy"',
  ),
  assertion: failureTick(
    'Failed assertions',
    'Stops where NT_ASSERT fails.',
    true,
    'C with module, function, line: function == "AddDevice" && line > 40',
  ),
  status: failureTick(
    'Failing NTSTATUS',
    'Stops where a call of the scenario\u2019s own code returns a failure.',
    false,
    'Values or names, or C over status, with routine, module, function: STATUS_NO_MEMORY or status == 0xC0000001 && routine == "Bad*"',
  ),
};

const callClasses: Readonly<Record<CallClass, true>> = {
  contiguousMemory: true,
  commonBuffers: true,
  mdl: true,
  pool: true,
  registration: true,
};

/** A filter by the name on the wire; undefined when there is no such tick. */
export function exceptionFilter(
  name: string,
  condition: string | undefined,
): ExceptionFilter | undefined {
  if (!isFilterName(name)) return undefined;
  return condition === undefined || condition.trim() === ''
    ? { filter: name }
    : { filter: name, condition };
}

/** Whether a tick stands for a class of calls rather than for a failure. */
export function isCallClass(name: string): name is CallClass {
  return Object.hasOwn(callClasses, name);
}

function isFilterName(name: string): name is ExceptionFilter['filter'] {
  return Object.hasOwn(ticks, name);
}

/** The answer to `initialize`. */
export function capabilities(): Dap.Capabilities {
  const flags = Object.keys(capabilityRequests).map((flag) => [flag, true] as const);
  return {
    ...Object.fromEntries(flags),
    exceptionBreakpointFilters: Object.entries(ticks).map(([filter, tick]) => ({
      filter,
      label: tick.label,
      description: tick.description,
      default: tick.byDefault,
      supportsCondition: true,
      conditionDescription: tick.condition,
    })),
  };
}
