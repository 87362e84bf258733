/** What a lint rule is, and what it gets to look at. */
import type { Diagnostic, Severity } from '../language/diagnostics.ts';
import type { FunctionSymbol, Unit } from '../language/program.ts';
import type {
  DriverDeclaration,
  HostDeclaration,
  ScenarioDeclaration,
  ScenarioProgram,
} from '../language/scenario.ts';
import type { SourceRange } from '../language/source.ts';
import type { OwnershipEvent } from './flow/ownership.ts';

/** A driver with the scenario it runs in; the same driver is looked at once for each distinct set of units. */
export interface DriverUnderLint {
  readonly driver: DriverDeclaration;
  readonly host: HostDeclaration;
  readonly scenario: ScenarioDeclaration;
  readonly units: readonly Unit[];
  /** Functions with a body that stand in the user's files. */
  readonly functions: readonly FunctionSymbol[];
  /** Ownership along the paths of each function. */
  readonly events: ReadonlyMap<FunctionSymbol, readonly OwnershipEvent[]>;
}

/** How a rule says what it found; the engine adds code, severity and documentation. */
export type Report = (
  range: SourceRange,
  message: string,
  extra?: Pick<Diagnostic, 'related' | 'fix'> & { readonly severity?: Severity },
) => void;

interface RuleBase {
  /** Stable, kebab-case; also the name of the rule's page under docs/lint/. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence for lists of rules. */
  readonly title: string;
}

export type LintRule = RuleBase &
  (
    | { readonly subject: 'driver'; check(driver: DriverUnderLint, report: Report): void }
    | { readonly subject: 'program'; check(program: ScenarioProgram, report: Report): void }
  );
