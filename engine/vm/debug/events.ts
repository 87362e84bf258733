/**
 * Happenings that stop the program when the user ticks them: bug checks, violations, failed assertions and
 * failing NTSTATUS values; with conditions over what happened.
 */
import { hex, type Int64 } from '../../base/int64.ts';
import { codeFlags } from '../module.ts';
import type { ReportTypes } from '../reports.ts';
import type { VirtualMachine } from '../virtual-machine.ts';
import type { DataWatch } from './data-watch.ts';
import type { EvaluationScope, Evaluator } from './evaluation.ts';
import { matchesName } from './names.ts';
import type { StopDetails, StopReason } from './requests.ts';

export type EventFilter = 'bugCheck' | 'violation' | 'assertion' | 'status';

/** A tick in the Breakpoints view; see `EventConditions` for what a condition may say. */
export interface EventBreakpoint {
  readonly filter: EventFilter;
  readonly condition?: string;
}

/** Why a moment is worth a stop. */
export interface Reason {
  readonly reason: StopReason;
  readonly description: string;
  readonly details: StopDetails | undefined;
  readonly breakpoints: readonly string[];
}

/** What a condition can ask about. */
interface Happening {
  /** The name that a bare word in a condition means, and the number that a bare number means. */
  readonly name: string;
  readonly number: Int64 | undefined;
  readonly texts: Readonly<Record<string, string>>;
  /** `0x` strings or numbers. */
  readonly numbers: Readonly<Record<string, string>>;
}

/** A happening of each kind, to see whether a condition means anything. */
const examples: Readonly<Record<EventFilter, Happening>> = {
  bugCheck: bugCheckHappening(
    { code: 1, name: '', parameters: ['0x1', '0x1', '0x1', '0x1'], host: '' },
    undefined,
  ),
  violation: { name: '', number: undefined, texts: { rule: '', ...noPlace() }, numbers: {} },
  assertion: { name: '', number: undefined, texts: noPlace(), numbers: { line: '1' } },
  status: {
    name: '',
    number: 1,
    texts: { name: '', routine: '', ...noPlace() },
    numbers: { status: '0xC0000001UL' },
  },
};

/**
 * A condition is a list of names or numbers (`uninitialized_memory, mdl_*`; `0xE6, 0xC4`; `STATUS_NO_MEMORY`),
 * or C over the values of the happening (`code == 0xE6 && parameter1 == 0x1`), where its texts can be compared
 * with strings (`rule != "mdl_state" && module == "Proxy"`).
 */
export class EventConditions {
  constructor(
    private readonly machine: VirtualMachine,
    private readonly evaluator: Evaluator,
  ) {}

  /** Why a condition can never be judged; undefined when it can. */
  problem({ filter, condition }: EventBreakpoint): string | undefined {
    if (condition === undefined || isList(condition)) return undefined;
    const text = filledIn(condition, examples[filter]);
    let problem: string | undefined;
    for (const host of this.machine.hosts) {
      for (const module of this.machine.modulesOf(host)) {
        const scope = { host, process: 0, module, routine: undefined, index: -1, fp: 0 };
        const compilation = this.evaluator.compile(text, scope);
        if (compilation.ok) {
          return compilation.compiled.assigns ? 'The condition must not assign.' : undefined;
        }
        // What is wrong in the scenario's own code is nearest to what was meant.
        if (problem === undefined || module.declaration.own) problem = compilation.message;
      }
    }
    return `The condition is not C that holds here: ${problem ?? 'there is no code'}`;
  }

  /** Whether a happening fulfils a condition. An error stops: better once too often than never. */
  holds(condition: string | undefined, happening: Happening): boolean {
    if (condition === undefined) return true;
    if (isList(condition)) return isListed(condition, happening);
    const { module, index, fp, host, process } = this.machine.processor;
    const scope: EvaluationScope = {
      host,
      process,
      module,
      routine: module.routineAt(index),
      index,
      fp,
    };
    const outcome = this.evaluator.evaluate(filledIn(condition, happening), scope);
    return !outcome.ok || outcome.result.value !== 0;
  }
}

const isList = (condition: string): boolean => /^\s*[\w*?]+(\s*,\s*[\w*?]+)*\s*$/.test(condition);

function isListed(condition: string, { name, number }: Happening): boolean {
  return condition.split(',').some((part) => {
    const word = part.trim();
    if (!/^\d/.test(word)) return matchesName(word, name);
    return number !== undefined && BigInt.asUintN(32, BigInt(number)) === BigInt(word);
  });
}

/** The condition with what happened put in, so that it is plain C. */
function filledIn(condition: string, { texts, numbers }: Happening): string {
  return condition
    .replaceAll(/\b([a-z]+)\s*(==|!=)\s*"([^"]*)"/g, (whole, key: string, operator, text) => {
      const value = Object.hasOwn(texts, key) ? texts[key] : undefined;
      if (value === undefined) return whole;
      return matchesName(text, value) === (operator === '==') ? '1' : '0';
    })
    .replaceAll(/\b[A-Za-z_]\w*/g, (word) =>
      Object.hasOwn(numbers, word) ? (numbers[word] ?? word) : word,
    );
}

/** Compares what was reported since it was made with what the user wants to stop at. */
export class Watcher {
  private readonly seen: Record<'bugCheck' | 'violation' | 'failure', number>;

  constructor(
    private readonly machine: VirtualMachine,
    private readonly events: ReadonlyMap<EventFilter, string | undefined>,
    private readonly data: DataWatch,
    private readonly conditions: EventConditions,
    private readonly statusName: (status: number) => string | undefined,
  ) {
    const { reports } = machine;
    this.seen = {
      bugCheck: reports.count('bugCheck'),
      violation: reports.count('violation'),
      failure: reports.count('failure'),
    };
  }

  happened(): Reason | undefined {
    const touched = this.data.take();
    const bugCheck = this.fresh('bugCheck').find((one) =>
      this.wants('bugCheck', () => bugCheckHappening(one, one.site)),
    );
    const violation = this.fresh('violation').find((one) =>
      this.wants('violation', () => ({
        name: one.rule,
        number: undefined,
        texts: { rule: one.rule, ...placeOf(one.host, one.site) },
        numbers: {},
      })),
    );
    const assertion = this.fresh('failure').find(
      (one) =>
        one.kind === 'assertion' &&
        this.wants('assertion', () => ({
          name: one.subject,
          number: undefined,
          texts: placeOf(one.host, one.site),
          numbers: { line: String(one.site?.line ?? 0) },
        })),
    );
    if (bugCheck !== undefined) {
      const { code, name, explanation, page, site } = bugCheck;
      const id = `${hex(code)} ${name}`.trim();
      return exception('bugCheck', id, explanation, page, site);
    }
    if (violation !== undefined) {
      const { rule, message, page, site } = violation;
      return exception('violation', rule, message, page, site);
    }
    if (assertion !== undefined) {
      const { message, site } = assertion;
      return exception('assertion', 'STATUS_ASSERTION_FAILURE', message, undefined, site);
    }
    if (touched.length > 0) {
      return {
        reason: 'dataBreakpoint',
        description: 'A watched byte was touched',
        details: undefined,
        breakpoints: touched,
      };
    }
    return undefined;
  }

  /** A call by own code just came back with a failing NTSTATUS. */
  failingStatus(flags: number): Reason | undefined {
    if (!this.events.has('status') || (flags & codeFlags.returnSite) === 0) return undefined;
    const { processor } = this.machine;
    const { module } = processor;
    const call = module.instructions[processor.index - 1];
    if (call?.op !== 'call' || call.result?.kind !== 'scalar') return undefined;
    if (processor.returnedAt !== processor.tick - 1 || !module.declaration.own) return undefined;
    if (call.type.result.alias !== 'NTSTATUS') return undefined;
    const status: Int64 = processor.returned;
    if (typeof status !== 'number' || status >= 0) return undefined;
    const code = hex(status >>> 0, 8);
    const name = this.statusName(status >>> 0);
    const { callee } = call;
    const isNamed = callee.op === 'symbol' && callee.symbol.kind === 'function';
    const routine = isNamed ? callee.symbol.function.name : '';
    const isWanted = this.wants('status', () => ({
      name: name ?? '',
      number: status,
      texts: {
        name: name ?? '',
        routine,
        host: this.machine.hostName(processor.host),
        module: module.name,
        function: module.routineAt(processor.index)?.name ?? '',
      },
      numbers: { status: `${code}UL` },
    }));
    if (!isWanted) return undefined;
    const id = name === undefined ? code : `${code} ${name}`;
    const message = `${routine === '' ? 'The call' : routine} failed with NTSTATUS ${id}.`;
    return exception('status', id, message, undefined, undefined);
  }

  private wants(filter: EventFilter, happening: () => Happening): boolean {
    if (!this.events.has(filter)) return false;
    const condition = this.events.get(filter);
    return condition === undefined || this.conditions.holds(condition, happening());
  }

  private fresh<K extends keyof Watcher['seen']>(kind: K): ReportTypes[K][] {
    const { reports } = this.machine;
    const count = reports.count(kind);
    if (count === this.seen[kind]) return [];
    const list = reports.list(kind, this.seen[kind]);
    this.seen[kind] = count;
    return list;
  }
}

type Place = { readonly module: string; readonly function: string } | undefined;

function bugCheckHappening(
  report: Pick<ReportTypes['bugCheck'], 'code' | 'name' | 'parameters' | 'host'>,
  site: Place,
): Happening {
  const { code, name, parameters, host } = report;
  const [one, two, three, four] = parameters.map((parameter) => `${parameter}ULL`);
  return {
    name,
    number: code,
    texts: { name, ...placeOf(host, site) },
    numbers: {
      code: `${hex(code)}UL`,
      parameter1: one ?? '0',
      parameter2: two ?? '0',
      parameter3: three ?? '0',
      parameter4: four ?? '0',
    },
  };
}

function placeOf(host: string, site: Place): Readonly<Record<string, string>> {
  return { host, module: site?.module ?? '', function: site?.function ?? '' };
}

function noPlace(): Readonly<Record<string, string>> {
  return placeOf('', undefined);
}

/** A reason without details. */
export const plain = (reason: StopReason, description: string): Reason => ({
  reason,
  description,
  details: undefined,
  breakpoints: [],
});

/** A reason that the debugger shows as an exception. */
function exception(
  reason: StopReason,
  id: string,
  message: string,
  page: string | undefined,
  site: StopDetails['site'],
): Reason {
  return { reason, description: id, details: { id, message, page, site }, breakpoints: [] };
}
