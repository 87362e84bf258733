/** One translation unit from text to checked program; the built-in headers in front of it are checked once. */
import { builtinHeaders, isBuiltinHeader, knownHeaders } from './builtin-headers.ts';
import { isBalanced } from './c/pragmas.ts';
import { type CheckedText, checkBehindHeaders, checkHeaders, checkWhole } from './check.ts';
import type { CheckedHeaders } from './checked-headers.ts';
import { type Diagnostic, Diagnostics } from './diagnostics.ts';
import { isOwnMacro } from './given-macros.ts';
import type { Mode } from './header-modes.ts';
import type { Macro } from './macros.ts';
import {
  type HeaderRequest,
  type PreprocessInput,
  type PreprocessResult,
  preprocess,
} from './preprocess.ts';
import type { Unit } from './program.ts';
import type { KeptUnit } from './recheck.ts';
import type { Definition } from './scenario.ts';
import type { SourceFile, SourceRange } from './source.ts';
import type { Token } from './tokens.ts';

export interface CompileUnitInput {
  readonly file: SourceFile;
  /** A C block inside the file. */
  readonly range?: SourceRange | undefined;
  /** Preprocessor lines that stand before the block. */
  readonly prelude?: readonly SourceRange[];
  readonly definitions: readonly Definition[];
  readonly mode: Mode;
  resolveInclude(name: string, quoted: boolean, from: SourceFile): SourceFile | undefined;
  /** The built-in header that declares a name, for the message about an undeclared one. */
  readonly headerOf?: (name: string) => string | undefined;
}

export interface CompiledUnit {
  readonly unit: Unit;
  readonly diagnostics: readonly Diagnostic[];
  /** For `recheckUnit`; undefined for a block of a scenario file, which is short. */
  readonly kept: KeptUnit | undefined;
}

/** Preprocesses and checks a unit. Never throws for what the text says. */
export function compileUnit(input: CompileUnitInput): CompiledUnit {
  const diagnostics = new Diagnostics();
  const { headers, ...rest } = preprocessUnit(input, diagnostics, (request) =>
    checkedHeaders(request, input),
  );
  if (headers !== undefined) {
    const found = checkBehindHeaders({ ...input, ...rest, headers, diagnostics });
    if (found !== undefined) return answer(input, { ...rest, headers }, found, diagnostics);
    const anew = new Diagnostics();
    return checked(input, preprocessUnit(input, anew, undefined), anew);
  }
  return checked(input, { ...rest, headers }, diagnostics);
}

function preprocessUnit(
  input: CompileUnitInput,
  diagnostics: Diagnostics,
  headers: PreprocessInput['headers'] | undefined,
): PreprocessResult {
  const { range, prelude } = input;
  return preprocess({
    file: input.file,
    definitions: input.definitions,
    mode: input.mode,
    knownHeaders,
    diagnostics,
    resolveInclude: (name, quoted, from) => input.resolveInclude(name, quoted, from),
    ...(range === undefined ? {} : { range }),
    ...(prelude === undefined ? {} : { prelude }),
    ...(headers === undefined ? {} : { headers }),
  });
}

const checked = (
  input: CompileUnitInput,
  preprocessed: PreprocessResult,
  diagnostics: Diagnostics,
): CompiledUnit =>
  answer(
    input,
    preprocessed,
    checkWhole({ ...input, ...preprocessed, headers: undefined, diagnostics }),
    diagnostics,
  );

function answer(
  { file, mode, range }: CompileUnitInput,
  { tokens: _, ...preprocessed }: PreprocessResult,
  { unit, check }: CheckedText,
  diagnostics: Diagnostics,
): CompiledUnit {
  const kept = range === undefined ? { file, mode, preprocessed, check } : undefined;
  return { unit, diagnostics: diagnostics.all, kept };
}

/** Checked headers by what they were made from; null for those that have to be read with each unit. */
const known = new WeakMap<SourceFile, Map<string, CheckedHeaders | null>>();

/** Sets of definitions for which one header is kept. */
const KEPT = 8;

function checkedHeaders(
  request: HeaderRequest,
  { mode, resolveInclude }: CompileUnitInput,
): CheckedHeaders | undefined {
  const { file, behind } = request;
  const key = `${mode} ${behind?.key ?? ''} <${file.path}> ${definitionsKey(request.macros)}`;
  let byKey = known.get(file);
  if (byKey === undefined) {
    byKey = new Map();
    known.set(file, byKey);
  }
  let found = byKey.get(key);
  if (found === undefined) found = checkOnce(request, mode, resolveInclude, key) ?? null;
  // The one used last stands last.
  byKey.delete(key);
  byKey.set(key, found);
  const [oldest] = byKey.keys();
  if (byKey.size > KEPT && oldest !== undefined) byKey.delete(oldest);
  return found ?? undefined;
}

/** Checks a header by itself; undefined when it has findings, which belong to the unit that they came with. */
function checkOnce(
  { file, behind, macros, once }: HeaderRequest,
  mode: Mode,
  resolveInclude: CompileUnitInput['resolveInclude'],
  key: string,
): CheckedHeaders | undefined {
  const diagnostics = new Diagnostics();
  let foreign = false;
  const preprocessed = preprocess({
    file,
    definitions: [],
    mode,
    knownHeaders,
    diagnostics,
    behind: { macros, once },
    resolveInclude: (name, quoted, from) => {
      const included = resolveInclude(name, quoted, from);
      foreign ||= included === undefined || !isBuiltinHeader(included);
      return included;
    },
  });
  if (foreign || diagnostics.all.length > 0 || changesPacking(preprocessed.tokens))
    return undefined;
  const own = [...macros].filter(([, macro]) => isOwnMacro(macro));
  const headers = checkHeaders(
    { file, ...preprocessed, mode, diagnostics, headers: behind },
    {
      key,
      mode,
      macros: new Map([...preprocessed.macros].filter(([, macro]) => !isOwnMacro(macro))),
      undefined: new Set(own.flatMap(([name]) => (preprocessed.macros.has(name) ? [] : [name]))),
      // A file of the unit that came first is not behind the next unit that takes these headers.
      once: new Set([...preprocessed.once].filter(isBuiltinHeader)),
      files: [...new Set([...(behind?.files ?? []), ...preprocessed.files])],
    },
  );
  return diagnostics.all.length > 0 ? undefined : headers;
}

/** Whether packing is not what it was before the tokens. */
const changesPacking = (tokens: readonly Token[]): boolean =>
  !isBalanced(tokens.filter(({ kind }) => kind === 'pragma').map(({ text }) => text));

/** Names by whether the text of any built-in header has them. */
const mentioned = new WeakMap<typeof builtinHeaders, Map<string, boolean>>();

function isMentioned(name: string): boolean {
  let byName = mentioned.get(builtinHeaders);
  if (byName === undefined) {
    byName = new Map();
    mentioned.set(builtinHeaders, byName);
  }
  let answer = byName.get(name);
  if (answer === undefined) {
    answer = [...builtinHeaders.values()].some(({ text }) => text.includes(name));
    byName.set(name, answer);
  }
  return answer;
}

/** The unit's own definitions that a header may look at. */
function definitionsKey(macros: ReadonlyMap<string, Macro>): string {
  const parts: string[] = [];
  for (const macro of macros.values()) {
    if (!isOwnMacro(macro) || !isMentioned(macro.name)) continue;
    const { name, parameters, variadic, replacement } = macro;
    parts.push(JSON.stringify([name, parameters, variadic, replacement]));
  }
  return parts.sort().join();
}
