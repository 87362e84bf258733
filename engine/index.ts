/** The engine's one public entry: what adapter, language server, command line and tests may use. */
import { type CompileCache, compileScenarioFile as compile } from './language/compile.ts';
import type { ScenarioProgram } from './language/scenario.ts';
import type { SourceReader } from './language/source.ts';
import { pipelineSources } from './pipeline/sources.ts';

export { knownHeaders } from './language/builtin-headers.ts';
export { CompileCache } from './language/compile.ts';
export type { Diagnostic, Fix, RelatedInformation, Severity } from './language/diagnostics.ts';
export { fileOutline, type OutlineKind, type OutlineSymbol } from './language/outline.ts';
export {
  type CountCalls,
  type FaultCall,
  type PlannedRun,
  planRuns,
} from './language/plan-runs.ts';
export type {
  BinaryOperator,
  FunctionSymbol,
  Reference,
  Symbol,
  Unit,
  Variable,
} from './language/program.ts';
export type {
  DeviceProgram,
  DriverDeclaration,
  NameReference,
  ProcessDeclaration,
  ScenarioDeclaration,
  ScenarioProgram,
} from './language/scenario.ts';
export { scenarioFindings } from './language/scenario-findings.ts';
export { scenarioPositionAt, wordsAt } from './language/scenario-position.ts';
export { type SyntaxEntry, type SyntaxValue, scenarioSyntax } from './language/scenario-syntax.ts';
export {
  offsetAt,
  type Position,
  positionAt,
  type SourceFile,
  type SourceRange,
  type SourceReader,
} from './language/source.ts';
export { type CType, declarationOf, findMember, type Member, typeName } from './language/types.ts';
export type { Variant } from './language/variants.ts';
export { webPageAddress } from './language/web-pages.ts';
export { lintRules } from './lint/catalogue.ts';
export { lintProgram } from './lint/lint.ts';
export { builtinText } from './session/builtin-text.ts';
export { createSession } from './session.ts';
export type * from './session-types.ts';
export type {
  BugCheckReport,
  FailureReport,
  LeakReport,
  OutputReport,
  Site,
  ViolationReport,
} from './vm/reports.ts';

/**
 * Compiles a `.dms` file, or a `.c` file with DriverEntry, with everything it reaches. Never throws for what
 * the text says; a reader that has to wait looks at `missing` and tries again.
 * @param cache kept by front ends that compile again and again.
 */
export function compileScenarioFile(
  path: string,
  reader: SourceReader,
  cache?: CompileCache,
): ScenarioProgram {
  return compile({
    path,
    reader,
    builtins: pipelineSources,
    ...(cache === undefined ? {} : { cache }),
  });
}
