/**
 * Checks a unit again after an edit inside functions of its own file: what the edit is about is read anew, everything
 * else stays as it was found. What was known of the unit moves with the text, so earlier answers are used up.
 */
import type { CheckedBody, Span } from './c/checked-bodies.ts';
import { bodyLists } from './c/checked-bodies.ts';
import { MAXIMUM_SUGGESTIONS } from './c/context.ts';
import { Declarations } from './c/declarations.ts';
import { Statements } from './c/statements.ts';
import { concludeAnew, type KeptCheck } from './check.ts';
import { unitOf } from './checked-unit.ts';
import { type Diagnostic, Diagnostics } from './diagnostics.ts';
import type { Mode } from './header-modes.ts';
import { TOKEN_LIMIT } from './macro-expander.ts';
import { type MacroHistory, macrosAt } from './macro-history.ts';
import { type PreprocessResult, preprocess } from './preprocess.ts';
import type { FunctionSymbol, Unit } from './program.ts';
import {
  differenceOf,
  Relocation,
  relocateFunctions,
  relocateVariables,
  type TextEdit,
} from './relocation.ts';
import type { SourceFile, SourceRange } from './source.ts';
import type { Token, TokenKind } from './tokens.ts';

/** A checked unit with what a check of some of its functions needs. */
export interface KeptUnit {
  readonly file: SourceFile;
  readonly mode: Mode;
  readonly preprocessed: Omit<PreprocessResult, 'tokens'>;
  readonly check: KeptCheck;
}

export interface RecheckedUnit {
  readonly unit: Unit;
  readonly diagnostics: readonly Diagnostic[];
  readonly kept: KeptUnit;
}

/**
 * The unit with its file's new text. Undefined when the edit is about more than bodies of functions: then the unit must
 * be checked from the start, and `kept` is of no use any more.
 */
export function recheckUnit(kept: KeptUnit, file: SourceFile): RecheckedUnit | undefined {
  const edit = differenceOf(kept.file.text, file.text);
  if (edit === undefined || !isSound(kept)) return undefined;
  const anew = bodiesToRead(kept, file, edit);
  if (anew === undefined) return undefined;
  const relocation = new Relocation(kept.file, file, edit);
  const moved = relocate(kept, file, relocation, new Set(anew.map(({ symbol }) => symbol)));
  let { preprocessed } = moved;
  for (const body of anew) {
    const reread = readBody({ ...moved, preprocessed }, body);
    if (reread === undefined) return undefined;
    preprocessed = reread;
  }
  const now: KeptUnit = { ...moved, preprocessed };
  const { all: diagnostics } = concludeAnew(now.check);
  return { unit: unitOf({ file, ...preprocessed }, now.check.context), diagnostics, kept: now };
}

/** Whether functions of the unit can be looked at by themselves at all. */
function isSound({ preprocessed, check }: KeptUnit): boolean {
  const { context } = check;
  return (
    preprocessed.history.isPlain &&
    !check.hasFileScopeErrors &&
    !context.isAborted &&
    !context.completesHeaderType &&
    context.suggestions <= MAXIMUM_SUGGESTIONS
  );
}

// ---- Which functions -------------------------------------------------------------------------------

/** The functions that an edit is about: the one around it, and those behind it that know their lines. */
function bodiesToRead(
  kept: KeptUnit,
  file: SourceFile,
  edit: TextEdit,
): readonly CheckedBody[] | undefined {
  const edited = bodyAround(kept, edit.start, edit.end);
  if (edited === undefined) return undefined;
  const found = new Set([edited]);
  const linesBefore = lineEnds(kept.file.text, edit.start, edit.end);
  if (linesBefore !== lineEnds(file.text, edit.start, edit.newEnd)) {
    for (const use of kept.preprocessed.history.lineUses) {
      if (use < edit.end) continue;
      const body = bodyAround(kept, use, use);
      if (body === undefined) return undefined;
      found.add(body);
    }
  }
  const bodies = [...found];
  return bodies.every((body) => canBeReadAlone(kept, body)) ? bodies : undefined;
}

function lineEnds(text: string, start: number, end: number): number {
  return text.slice(start, end).split(/\r\n|\r|\n/).length;
}

/** The function between whose braces a stretch of text lies. */
function bodyAround({ check }: KeptUnit, start: number, end: number): CheckedBody | undefined {
  return check.context.bodies.find((body) => body.open < start && end < body.end);
}

/** Whether nothing but the macros and the file scope before it tells what a body means. */
function canBeReadAlone(kept: KeptUnit, body: CheckedBody): boolean {
  const { directives, bracedCalls, findings } = kept.preprocessed.history;
  const isInside = (offset: number): boolean => offset >= body.open && offset < body.end;
  return (
    body.isSelfContained &&
    !directives.some(isInside) &&
    !findings.some(isInside) &&
    !bracedCalls.some(([start, end]) => start < body.open && end > body.open)
  );
}

// ---- Moving ----------------------------------------------------------------------------------------

/** Moves all that is known into the new text. */
function relocate(
  kept: KeptUnit,
  file: SourceFile,
  relocation: Relocation,
  anew: ReadonlySet<FunctionSymbol>,
): KeptUnit {
  const { check, preprocessed } = kept;
  const { context } = check;
  const { history } = preprocessed;
  for (const macro of preprocessed.macros.values()) relocation.macro(macro);
  for (const change of history.changes) {
    if (change.before !== undefined) relocation.macro(change.before);
    change.at = relocation.offset(change.at);
  }
  const offset = (at: number): number => relocation.offset(at);
  for (const { range } of preprocessed.macroReferences) relocation.range(range);
  for (const finding of check.preprocessed) relocation.finding(finding);
  for (const finding of check.parsed) relocation.finding(finding);
  for (const findings of check.flow.values()) {
    for (const finding of findings) relocation.finding(finding);
  }
  for (const reference of context.references) relocation.reference(reference);
  for (const value of context.history?.earlier ?? []) relocation.value(value);
  relocateFunctions(relocation, context.functions, anew);
  relocateVariables(relocation, context.variables);
  for (const { token } of context.undeclared) relocation.token(token);
  for (const body of context.bodies) {
    relocation.token(body.start);
    body.open = relocation.offset(body.open);
    body.end = relocation.offset(body.end);
  }
  context.mainFile = file;
  return {
    ...kept,
    file,
    preprocessed: {
      ...preprocessed,
      files: preprocessed.files.map((known) => (known === kept.file ? file : known)),
      history: {
        ...history,
        directives: history.directives.map(offset),
        lineUses: history.lineUses.map(offset),
        bracedCalls: history.bracedCalls.map(([start, end]) => [offset(start), offset(end)]),
        findings: history.findings.map(offset),
      },
    },
  };
}

// ---- Reading a body anew ---------------------------------------------------------------------------

/** Ends the tokens of a body. Whoever asks what it is wants to know what stands behind the body. */
class Fence implements Token {
  touched = false;
  readonly macro = undefined;
  readonly spaceBefore = true;
  readonly firstInLine = true;

  constructor(private readonly place: SourceRange) {}

  get kind(): TokenKind {
    this.touched = true;
    return 'end';
  }

  get text(): string {
    this.touched = true;
    return '';
  }

  get range(): SourceRange {
    this.touched = true;
    return this.place;
  }

  get spelling(): SourceRange {
    return this.range;
  }
}

/** Reads a body in the new text; undefined when it turns out to be about more than itself. */
function readBody(kept: KeptUnit, body: CheckedBody): KeptUnit['preprocessed'] | undefined {
  const { preprocessed, check } = kept;
  const read = tokensOfBody(kept, body);
  if (read === undefined) return undefined;
  const produced = preprocessed.history.produced + read.history.produced;
  if (produced > TOKEN_LIMIT) return undefined;
  const { context } = check;
  const { symbol } = body;
  const end = read.tokens.at(-1)?.range;
  if (end === undefined) return undefined;
  const fence = new Fence(end);
  const diagnostics = new Diagnostics();
  const own = context.forBody([...read.tokens.slice(0, -1), fence], diagnostics, body.pack);
  const statements = new Statements(own, new Declarations(own));
  fence.touched = false;
  const before = symbol.body;
  const inner = context.history?.at(body.moment, () => statements.body(symbol, body.start));
  if (inner === undefined || fence.touched || !own.cursor.atEnd) return undefined;
  // Past the limit of suggestions, messages depend on how many there were before.
  const suggestions = context.suggestions - body.suggestions + own.suggestions;
  const isSelfContained =
    !own.isAborted &&
    !own.reachesOut &&
    !own.completesHeaderType &&
    own.unclosedAt === undefined &&
    own.functions.length === 0 &&
    own.variables.every(({ owner }) => owner === symbol);
  if (!isSelfContained || suggestions > MAXIMUM_SUGGESTIONS) return undefined;

  // From here on the body counts: what the old one had left in the unit's lists gives way to what this one has.
  symbol.body = inner;
  context.faulty.delete(symbol);
  check.flow.delete(symbol);
  if (own.faulty.has(symbol)) context.faulty.add(symbol);
  for (const local of before?.locals ?? []) context.initialised.delete(local);
  for (const local of own.initialised) context.initialised.add(local);
  context.suggestions = suggestions;
  body.suggestions = own.suggestions;
  const { lists } = body;
  const lengths = {
    references: own.references.length,
    findings: diagnostics.all.length,
    undeclared: own.undeclared.length,
    variables: own.variables.length,
  };
  context.references = spliced(context.references, lists.references, own.references);
  check.parsed = spliced(check.parsed, lists.findings, diagnostics.all);
  context.undeclared = spliced(context.undeclared, lists.undeclared, own.undeclared);
  context.variables = spliced(context.variables, lists.variables, own.variables);
  for (const list of bodyLists) {
    const more = lengths[list] - (lists[list].to - lists[list].from);
    lists[list].to += more;
    const later = context.bodies.slice(context.bodies.indexOf(body) + 1);
    for (const { lists: others } of later) {
      others[list].from += more;
      others[list].to += more;
    }
  }
  const isOutside = (at: number): boolean => at < body.open || at >= body.end;
  return {
    ...preprocessed,
    macroReferences: [
      ...preprocessed.macroReferences.filter(
        ({ range }) => range.file !== kept.file || isOutside(range.start),
      ),
      ...read.macroReferences,
    ],
    history: {
      ...preprocessed.history,
      produced,
      lineUses: [...preprocessed.history.lineUses.filter(isOutside), ...read.history.lineUses],
      bracedCalls: [
        ...preprocessed.history.bracedCalls.filter(([start]) => isOutside(start)),
        ...read.history.bracedCalls,
      ],
    },
  };
}

/** A list with other items in the place of some. */
const spliced = <T>(list: readonly T[], { from, to }: Span, items: readonly T[]): T[] => [
  ...list.slice(0, from),
  ...items,
  ...list.slice(to),
];

/** The tokens between and with the braces of a body; undefined when they are not the body alone. */
function tokensOfBody(
  { file, mode, preprocessed }: KeptUnit,
  { open, end }: CheckedBody,
):
  | ({ readonly tokens: readonly Token[]; readonly history: MacroHistory } & Pick<
      PreprocessResult,
      'macroReferences'
    >)
  | undefined {
  const diagnostics = new Diagnostics();
  const macros = macrosAt(open, preprocessed.macros, preprocessed.history);
  const read = preprocess({
    file,
    range: { start: open, end },
    definitions: [],
    mode,
    knownHeaders: [],
    diagnostics,
    behind: { macros, once: new Set() },
    resolveInclude: () => undefined,
  });
  const { tokens, history } = read;
  const last = tokens.at(-2);
  const isAlone =
    diagnostics.all.length === 0 &&
    history.isPlain &&
    history.directives.length === 0 &&
    last?.text === '}' &&
    last.macro === undefined &&
    last.range.end === end &&
    !tokens.some(({ kind }) => kind === 'pragma');
  return isAlone ? read : undefined;
}
