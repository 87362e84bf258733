/** Which of a file's findings concern one scenario: a mistake in another one does not keep it from running. */
import type { Diagnostic } from './diagnostics.ts';
import type { ScenarioDeclaration, ScenarioProgram } from './scenario.ts';
import type { SourceRange } from './source.ts';
import type { Variant } from './variants.ts';

/**
 * What is wrong with a scenario in one variant: what its own text and C say, and what stands in the file outside of
 * every scenario. An error among them means that it must not be run.
 */
export function scenarioFindings(
  program: ScenarioProgram,
  scenario: ScenarioDeclaration,
  variant: Variant = {},
): readonly Diagnostic[] {
  // The C that scenarios load, which may stand anywhere: each of them answers for its own.
  const loaded = new Set(program.scenarios.flatMap((other) => other.diagnosticsFor({})));
  const others = program.scenarios.filter((other) => other !== scenario);
  const written = program.diagnostics.filter(
    (finding) => !loaded.has(finding) && !others.some(({ range }) => within(finding.range, range)),
  );
  return [...written, ...scenario.diagnosticsFor(variant)];
}

const within = (inner: SourceRange, outer: SourceRange): boolean =>
  inner.file === outer.file && inner.start >= outer.start && inner.start <= outer.end;
