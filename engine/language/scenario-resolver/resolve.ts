/** From a scenario file's tree to its declarations: names looked up, defaults filled in, C checked. */
import { constantIn, constantNames } from '../builtin-headers.ts';
import { type Diagnostic, Diagnostics } from '../diagnostics.ts';
import type {
  Expectation,
  HostDeclaration,
  ScenarioDeclaration,
  VaryDimension,
} from '../scenario.ts';
import { didYouMean, meantInstead } from '../scenario-parser/messages.ts';
import type { ExpectedNode, Name, ScenarioNode, ScenarioTree } from '../scenario-parser/tree.ts';
import type { SourceRange } from '../source.ts';
import { completeVariant, type Variant } from '../variants.ts';
import { isViolationRule, violationRules } from '../violations.ts';
import { DimensionResolver } from './dimensions.ts';
import { HostBuilder, HostPlanner } from './hosts.ts';
import type { Names } from './names.ts';
import type { ProgramCompiler } from './programs.ts';

/** Resolves every scenario of a file. */
export function resolveScenarios(
  tree: ScenarioTree,
  names: Names,
  compiler: ProgramCompiler,
  diagnostics: Diagnostics,
): ScenarioDeclaration[] {
  const seen = new Map<string, SourceRange>();
  return tree.scenarios.map((node) => {
    const earlier = seen.get(node.name.text);
    if (earlier !== undefined) names.duplicate('scenario', node.name, earlier);
    else seen.set(node.name.text, node.name.range);
    return resolveScenario(node, tree, names, compiler, diagnostics);
  });
}

/** One scenario. Its findings are those of the first variant; the others are built when they are asked for. */
function resolveScenario(
  node: ScenarioNode,
  tree: ScenarioTree,
  names: Names,
  compiler: ProgramCompiler,
  diagnostics: Diagnostics,
): ScenarioDeclaration {
  const plans = new HostPlanner(names, diagnostics).plan(node);
  const nics = new Set(plans.flatMap((plan) => plan.nics.map(({ base }) => base.name)));
  const dimensions = new DimensionResolver(names, diagnostics, nics);
  const vary = dimensions.vary(node.members.filter((member) => member.kind === 'vary'));
  const faults = dimensions.faults(node.members.filter((member) => member.kind === 'fault'));
  const builder = new HostBuilder(tree.file, names, compiler);
  const scenario = new ResolvedScenario(node, vary, faults, (variant, findings) =>
    builder.build(plans, vary, variant, findings),
  );
  for (const finding of scenario.diagnosticsFor({})) diagnostics.report(finding);
  checkContents(scenario, diagnostics);
  const expectations = new ExpectationResolver(names, diagnostics, scenario.hosts);
  for (const member of node.members) {
    if (member.kind !== 'expect') continue;
    const when = dimensions.condition(member.when, vary);
    const what = expectations.resolve(member.what);
    if (what !== undefined) scenario.expectations.push({ ...what, when, range: member.range });
  }
  return scenario;
}

interface Built {
  readonly hosts: readonly HostDeclaration[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Variants with other definitions load other programs, so hosts are built for each set of them, once. */
class ResolvedScenario implements ScenarioDeclaration {
  readonly name: string;
  readonly range: SourceRange;
  readonly nameRange: SourceRange;
  readonly expectations: Expectation[] = [];
  private readonly built = new Map<string, Built>();

  constructor(
    node: ScenarioNode,
    readonly vary: readonly VaryDimension[],
    readonly faults: ScenarioDeclaration['faults'],
    private readonly build: (variant: Variant, diagnostics: Diagnostics) => HostDeclaration[],
  ) {
    this.name = node.name.text;
    this.range = node.range;
    this.nameRange = node.name.range;
  }

  get hosts(): readonly HostDeclaration[] {
    return this.hostsFor({});
  }

  hostsFor(variant: Variant): readonly HostDeclaration[] {
    return this.builtFor(variant).hosts;
  }

  diagnosticsFor(variant: Variant): readonly Diagnostic[] {
    return this.builtFor(variant).diagnostics;
  }

  private builtFor(variant: Variant): Built {
    const complete = completeVariant(this, variant);
    // Seeds and faults change the run, not what is loaded.
    const key = JSON.stringify(
      Object.entries(complete).filter(([name]) => name !== 'seed' && !name.startsWith('fault.')),
    );
    let built = this.built.get(key);
    if (built === undefined) {
      const diagnostics = new Diagnostics();
      const hosts = this.build(complete, diagnostics);
      built = { hosts, diagnostics: diagnostics.all };
      this.built.set(key, built);
    }
    return built;
  }
}

/** Findings about the scenario as a whole: what it loads, and addresses on its network. */
function checkContents(scenario: ScenarioDeclaration, diagnostics: Diagnostics): void {
  const programs = scenario.hosts.flatMap((host) => [...host.drivers, ...host.processes]);
  if (programs.length === 0) {
    diagnostics.warning(
      'empty-scenario',
      scenario.nameRange,
      'The scenario loads no driver and starts no process: it passes whatever happens',
      { documentation: 'language.md' },
    );
  }
  const addresses = new Map<string, string>();
  for (const host of scenario.hosts) {
    for (const nic of host.nics) {
      // A device of the scenario's own is on no network.
      if (nic.address === '') continue;
      const other = addresses.get(nic.address);
      if (other !== undefined) {
        diagnostics.error(
          'duplicate-address',
          nic.range ?? scenario.nameRange,
          `The address ${nic.address} belongs to ${other} already`,
          { documentation: 'language.md' },
        );
      }
      addresses.set(nic.address, `NIC '${nic.name}' of host '${host.name}'`);
    }
  }
}

type Resolved<T> = T extends unknown ? Omit<T, 'range' | 'when'> : never;

class ExpectationResolver {
  constructor(
    private readonly names: Names,
    private readonly diagnostics: Diagnostics,
    private readonly hosts: readonly HostDeclaration[],
  ) {}

  resolve(what: ExpectedNode): Resolved<Expectation> | undefined {
    switch (what.kind) {
      case 'bugcheck': {
        const code = this.constant(what.code, 'bugcodes.h', 'bug check', 'bugcheck');
        return { kind: 'bugcheck', code, parameters: what.parameters };
      }
      case 'violation':
        this.rule(what.rule);
        return { kind: 'violation', rule: what.rule.text };
      case 'noViolation':
        if (what.rule !== undefined) this.rule(what.rule);
        return { kind: 'noViolation', rule: what.rule?.text };
      case 'processExits': {
        this.program('process', what.process);
        return { kind: 'processExits', process: what.process.text, code: what.code };
      }
      case 'loadFails': {
        const drivers = this.hosts.flatMap((host) => host.drivers);
        const driver = what.driver?.text ?? drivers[0]?.name;
        if (what.driver !== undefined) this.program('driver', what.driver);
        if (driver === undefined) return undefined;
        const status = this.constant(what.status, 'ntstatus.h', 'NTSTATUS', 'status');
        return { kind: 'loadFails', driver, status };
      }
      default:
        return what;
    }
  }

  private program(kind: 'driver' | 'process', name: Name): void {
    const programs = this.hosts.flatMap(
      (host): readonly { readonly name: string; readonly range: SourceRange }[] =>
        kind === 'driver' ? host.drivers : host.processes,
    );
    const found = programs.find((program) => program.name === name.text);
    if (found === undefined) {
      this.names.unknown(kind, name, new Set(programs.map((program) => program.name)));
    } else {
      const declared = this.names.references.find(
        (reference) =>
          reference.kind === kind &&
          reference.declaration === reference.range &&
          reference.name === name.text &&
          within(reference.range, found.range),
      );
      this.names.refer(kind, name, declared?.range ?? found.range);
    }
  }

  /** A violation that exists; an expectation of any other could never hold, or never fail. */
  private rule(name: Name): void {
    if (isViolationRule(name.text)) return;
    const known = violationRules.map(({ rule }) => rule);
    this.diagnostics.error(
      'unknown-violation',
      name.range,
      `'${name.text}' is no name of a violation${didYouMean(name.text, known)}`,
      { documentation: 'violations.md', ...meantInstead(name.range, name.text, known) },
    );
  }

  /** A number, or the name of one in a built-in header. */
  private constant(
    name: Name | undefined,
    header: string,
    what: string,
    code: string,
  ): number | undefined {
    if (name === undefined) return undefined;
    if (/^[0-9]/.test(name.text)) return Number(name.text);
    const value = constantIn(header, name.text);
    if (value === undefined) {
      this.diagnostics.error(
        `unknown-${code}`,
        name.range,
        `'${name.text}' is no name of a ${what}${didYouMean(name.text, constantNames(header))}`,
        { documentation: 'language.md' },
      );
    }
    return value;
  }
}

const within = (inner: SourceRange, outer: SourceRange): boolean =>
  inner.file === outer.file && inner.start >= outer.start && inner.end <= outer.end;
