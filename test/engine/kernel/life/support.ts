/** Runs scenario texts on the whole engine below the session: compiler, machine, vm, kernel. */
import { readFileSync } from 'node:fs';
import type { FaultInjection, InjectedFault } from '../../../../engine/kernel/fault-injection.ts';
import type { Kernel } from '../../../../engine/kernel/kernel.ts';
import type { Life } from '../../../../engine/kernel/life.ts';
import { compileScenarioFile } from '../../../../engine/language/compile.ts';
import type { ScenarioDeclaration } from '../../../../engine/language/scenario.ts';
import { positionAt } from '../../../../engine/language/source.ts';
import { pipelineSources } from '../../../../engine/pipeline/sources.ts';
import { buildMachine } from '../../../../engine/session/build.ts';
import type { Reports } from '../../../../engine/vm/reports.ts';
import type { VirtualMachine } from '../../../../engine/vm/virtual-machine.ts';

export interface Run {
  readonly reports: Reports;
  readonly life: Life;
  readonly kernels: readonly Kernel[];
  readonly vm: VirtualMachine;
  readonly faults: FaultInjection;
  /** Lines of output without those of the emulator itself. */
  readonly output: readonly string[];
}

export interface RunOptions {
  readonly scenario?: string;
  readonly variant?: Readonly<Record<string, string>>;
  readonly faults?: readonly InjectedFault[];
  readonly seed?: number;
  readonly verifier?: boolean;
  readonly maximum?: number;
  /** Instructions to run instead of all. */
  readonly until?: number;
}

/** Runs a scenario file of the samples folder. */
export function runSample(path: string, options: RunOptions = {}): Run {
  return runFiles(path, (name) => readOrUndefined(name), options);
}

/** A scenario given as text that has not run yet; `go` runs it until something is the case, or to its end. */
export function startText(
  text: string,
  options: RunOptions = {},
): { readonly run: Run; readonly go: (until: () => boolean) => void } {
  const run = build('test.dms', (name) => (name === 'test.dms' ? text : undefined), options);
  return {
    run,
    go: (until) => {
      for (let steps = 0; !until(); steps++) {
        if (run.vm.run(1) === 'ended') return;
        if (steps > 2_000_000) throw new Error('the scenario does not end');
      }
    },
  };
}

/** Runs a scenario given as text. */
export function runText(text: string, options: RunOptions = {}): Run {
  return runFiles('test.dms', (name) => (name === 'test.dms' ? text : undefined), options);
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function runFiles(
  path: string,
  read: (path: string) => string | undefined,
  options: RunOptions,
): Run {
  const run = build(path, read, options);
  if (options.until !== undefined) {
    run.vm.run(options.until);
    return run;
  }
  const outcome = run.vm.run(options.maximum ?? 5_000_000);
  if (outcome === 'budget') throw new Error('the scenario does not end');
  return { ...run, output: run.reports.list('output').map(({ text }) => text) };
}

function build(path: string, read: (path: string) => string | undefined, options: RunOptions): Run {
  const program = compileScenarioFile({ path, reader: { read }, builtins: pipelineSources });
  const errors = program.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new Error(
      errors
        .map(({ message, range }) => {
          const { line } = positionAt(range.file, range.start);
          return `${range.file.path}:${line}: ${message}`;
        })
        .join('\n'),
    );
  }
  const scenario =
    program.scenarios.find(({ name }) => name === options.scenario) ?? program.scenarios[0];
  if (scenario === undefined) throw new Error('there is no scenario');
  const variant = options.variant ?? {};
  const { reports, vm, kernels, life, faults } = buildMachine(
    options.faults === undefined ? scenario : withFaults(scenario, options.faults),
    scenario.hostsFor(variant),
    variant,
    {
      program,
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      ...(options.verifier === undefined ? {} : { verifier: options.verifier }),
    },
  );
  return { reports, life, kernels, vm, faults, output: [] };
}

/** The same scenario with other injected failures. */
function withFaults(
  scenario: ScenarioDeclaration,
  faults: readonly InjectedFault[],
): ScenarioDeclaration {
  return Object.create(scenario, {
    faults: { value: faults.map((fault) => ({ ...fault, range: scenario.range })) },
  });
}

/** Runs one driver, called `Proxy`, on a machine with a NIC that it is bound to. */
export function runDriver(
  body: string,
  options: RunOptions & {
    readonly machine?: string;
    readonly nic?: string;
    readonly with?: string;
    readonly process?: string;
    readonly includes?: string;
  } = {},
): Run {
  const nic = options.nic ?? 'address_bits 32; scatter_gather;';
  const settings = options.with === undefined ? '' : `with { ${options.with} }`;
  return runText(
    `machine Test : Server2003 { ${options.machine ?? ''} }
nic SanNic { interface PCIBus; ${nic} maximum_length 64K; }
scenario "test" {
  machine Test;
  nic SanNic;
  driver Proxy ${settings} {
#include <ntddk.h>
${body}
  }
${options.process === undefined ? '' : `process client {\n${options.process}\n}`}
}`,
    options,
  );
}

/** A driver whose DriverEntry is the given statements and which unloads. */
export function entry(statements: string, declarations = ''): string {
  return `${declarations}
static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    {
${statements}
    }
    return STATUS_SUCCESS;
}`;
}

/** `0xD1 [0x.., ..]` of the run's only bug check; fails when there is none. */
export function bugCheckOf(run: Run): {
  readonly code: number;
  readonly parameters: readonly bigint[];
  readonly explanation: string;
} {
  const [report, ...others] = run.reports.list('bugCheck');
  if (report === undefined || others.length > 0) {
    throw new Error(`${others.length + (report ? 1 : 0)} bug checks instead of one`);
  }
  return {
    code: report.code,
    parameters: report.parameters.map(BigInt),
    explanation: report.explanation,
  };
}

/** Rules of the violations that a run reported. */
export const violationsOf = (run: Run): readonly string[] =>
  run.reports.list('violation').map(({ rule }) => rule);

/** Messages of the failures that a run reported. */
export const failuresOf = (run: Run): readonly string[] =>
  run.reports.list('failure').map(({ message }) => message);
