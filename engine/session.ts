/** A running scenario, as every front end sees it. */
import type { Diagnostic } from './language/diagnostics.ts';
import { completeVariant, type Variant } from './language/variants.ts';
import type { ScenarioDeclaration } from './language/scenario.ts';
import { type BuiltMachine, buildMachine } from './session/build.ts';
import { judge } from './session/expectations.ts';
import type { SessionOptions, SessionResult } from './session-types.ts';

const DEFAULT_STATEMENT_LIMIT = 200_000_000;

/** Instructions between two looks at the clock. */
const CHUNK = 20_000;

export function createSession(options: SessionOptions): RunningScenario {
  return new RunningScenario(options);
}

export class RunningScenario {
  readonly diagnostics: readonly Diagnostic[];
  private readonly scenario: ScenarioDeclaration;
  private readonly variant: Variant;
  private readonly machine: BuiltMachine;

  constructor(private readonly options: SessionOptions) {
    const { program } = options;
    const scenario =
      program.scenarios.find(({ name }) => name === options.scenario) ?? program.scenarios[0];
    if (scenario === undefined) throw new RangeError('the file declares no scenario');
    this.scenario = scenario;
    this.variant = completeVariant(scenario, options.variant ?? {});
    const hosts = scenario.hostsFor(this.variant);
    this.diagnostics = scenario.diagnosticsFor(this.variant);
    this.machine = buildMachine(scenario, hosts, this.variant, options);
  }

  resume(_kind: string): void {}

  setFunctionBreakpoints(_b: unknown): void {}

  // (run-only until the debugger is in)
  work(milliseconds: number, now: () => number): { kind: 'running' | 'ended' } {
    const end = now() + milliseconds;
    const { vm } = this.machine;
    const limit = this.options.maxStatements ?? DEFAULT_STATEMENT_LIMIT;
    do {
      const outcome = vm.run(CHUNK);
      if (outcome === 'ended' || vm.statements > limit) return { kind: 'ended' };
    } while (now() < end);
    return { kind: 'running' };
  }

  result(): SessionResult {
    const { reports, life, faults, faulted, vm } = this.machine;
    const failures = judge(this.scenario, this.variant, { reports, exits: life.exits, faulted });
    return {
      outcome: failures.length === 0 ? 'passed' : 'failed',
      bugChecks: reports.list('bugCheck'),
      violations: reports.list('violation'),
      leaks: reports.list('leak'),
      output: reports.list('output'),
      failures,
      reports: reports.list('failure'),
      statements: vm.statements,
      faultPoints: faults.all,
    };
  }
}
