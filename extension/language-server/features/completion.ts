/** Completion: words of the scenario language by context; names, members and headers of C. */
import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver';
import {
  type FunctionSymbol,
  knownHeaders,
  type Member,
  type ScenarioProgram,
  type SourceFile,
  type SyntaxEntry,
  type SyntaxValue,
  scenarioPositionAt,
  typeName,
  type Unit,
  type Variable,
  wordsAt,
} from '../../../engine/index.ts';
import type { ProductPages } from '../documentation.ts';
import { imagesOf, unitsOf, wordStart } from '../lookup.ts';
import { documentationText } from './documentation-text.ts';
import { accessedType, isAccess, recordOf } from './member-access.ts';
import { describeSymbol } from './symbol-description.ts';

/** More names than this help nobody: the client asks again when the prefix has grown. */
const LIMIT = 500;
/** No expression that somebody types is longer. */
const REACH = 2000;

export interface Completions {
  readonly isIncomplete: boolean;
  readonly items: CompletionItem[];
}

/** @param trigger the character that asked, when it was none of a name. */
export function completion(
  program: ScenarioProgram,
  file: SourceFile,
  offset: number,
  trigger: string | undefined,
  product: ProductPages,
): Completions {
  const before = file.text.slice(Math.max(0, offset - REACH), offset);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  if (/^\s*#\s*include\s*[<"][^>"]*$/.test(line)) return complete(headers());
  if (isProse(line)) return complete([]);
  const unit = unitAt(program, file, offset);
  if (unit === undefined) {
    return complete(trigger === undefined ? scenarioWords(program, file, offset) : []);
  }
  const variables = variablesAt(unit, file, offset);
  if (isAccess(before)) {
    const record = recordOf(accessedType(before, { variables, unit }));
    const members = visibleMembers(record?.members ?? []);
    return complete(members.map((member) => memberItem(member, product)));
  }
  if (trigger !== undefined) return complete([]);
  const prefix = before.slice(wordStart(before, before.length)).toLowerCase();
  return limited(namesOf(unit, variables, product), prefix);
}

function complete(items: CompletionItem[]): Completions {
  return { isIncomplete: false, items };
}

function limited(items: Iterable<CompletionItem>, prefix: string): Completions {
  const chosen: CompletionItem[] = [];
  for (const item of items) {
    if (!item.label.toLowerCase().startsWith(prefix)) continue;
    if (chosen.length === LIMIT) return { isIncomplete: true, items: chosen };
    chosen.push(item);
  }
  return { isIncomplete: false, items: chosen };
}

/** Whether a line ends inside of a comment or a string, where names are only words. */
function isProse(line: string): boolean {
  const rest = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\/\*.*?\*\//g, '');
  return /\/\/|\/\*|"/.test(rest);
}

/** The unit whose C the offset lies in: a C file of its own, or the block of a scenario file. */
function unitAt(program: ScenarioProgram, file: SourceFile, offset: number): Unit | undefined {
  if (file !== program.file || program.tree === undefined) {
    return unitsOf(program).find((unit) => unit.files.includes(file));
  }
  for (const { block, units } of imagesOf(program)) {
    if (block !== undefined && offset > block.start && offset < block.end) {
      return units.find((unit) => unit.file === file) ?? units[0];
    }
  }
  return undefined;
}

// ---- Scenario text ---------------------------------------------------------------------------------

/** What may stand here, from the declaration around it. */
function scenarioWords(
  program: ScenarioProgram,
  file: SourceFile,
  offset: number,
): CompletionItem[] {
  if (program.tree === undefined) return [];
  const position = scenarioPositionAt(program.tree, wordStart(file.text, offset));
  const words = wordsAt(position).map((entry) => {
    const { word, documentation, usage, argument }: Partial<SyntaxEntry> & SyntaxValue = entry;
    return {
      label: word,
      kind: argument === undefined ? CompletionItemKind.Keyword : CompletionItemKind.Property,
      documentation,
      ...(usage === undefined ? {} : { detail: usage }),
    };
  });
  return [...words, ...declaredNames(program, position.before)];
}

/** Behind `machine` and `nic` the names that are declared. */
function declaredNames(program: ScenarioProgram, before: readonly string[]): CompletionItem[] {
  const last = before.at(-1);
  const kind = before[0];
  const isPlace = before.length === 1 || last === ',' || last === ':' || last === 'for';
  if (!isPlace) return [];
  const declared =
    kind === 'machine' ? program.machines : kind === 'nic' || last === 'for' ? program.nics : [];
  return declared.map(({ name }) => ({ label: name, kind: CompletionItemKind.Reference }));
}

// ---- C ---------------------------------------------------------------------------------------------

function headers(): CompletionItem[] {
  return knownHeaders.map((label) => ({ label, kind: CompletionItemKind.File }));
}

function* namesOf(
  unit: Unit,
  variables: readonly Variable[],
  product: ProductPages,
): Generator<CompletionItem> {
  for (const variable of variables) {
    yield {
      label: variable.name,
      kind: CompletionItemKind.Variable,
      detail: typeName(variable.type),
      sortText: `0${variable.name}`,
    };
  }
  for (const symbol of unit.functions) {
    yield item(symbol, CompletionItemKind.Function, '1', product);
  }
  for (const symbol of unit.typedefs.values()) {
    yield item(symbol, CompletionItemKind.Struct, '2', product);
  }
  for (const symbol of unit.enumerators.values()) {
    yield item(symbol, CompletionItemKind.EnumMember, '2', product);
  }
  for (const symbol of unit.macros.values()) {
    if (!symbol.name.startsWith('_')) {
      yield item(symbol, CompletionItemKind.Constant, '3', product);
    }
  }
}

function item(
  symbol: Parameters<typeof describeSymbol>[0] & { readonly name: string },
  kind: CompletionItemKind,
  rank: string,
  product: ProductPages,
): CompletionItem {
  const { declaration, documentation } = describeSymbol(symbol);
  return {
    label: symbol.name,
    kind,
    detail: declaration,
    sortText: `${rank}${symbol.name}`,
    ...documented(documentation, product),
  };
}

function documented(
  documentation: string | undefined,
  product: ProductPages,
): Pick<CompletionItem, 'documentation'> {
  if (documentation === undefined) return {};
  return {
    documentation: { kind: 'markdown', value: documentationText(documentation, product) },
  };
}

/** Locals and parameters whose scope holds the offset, innermost first; then what the file declares. */
function variablesAt(unit: Unit, file: SourceFile, offset: number): readonly Variable[] {
  const symbol = functionAt(unit, file, offset);
  const locals = [...(symbol?.body?.parameters ?? []), ...(symbol?.body?.locals ?? [])].filter(
    ({ scope, range }) =>
      (scope === undefined || (offset >= scope.start && offset <= scope.end)) &&
      (range.start <= offset || scope === undefined),
  );
  const nearest = new Map<string, Variable>();
  for (const variable of [...locals.reverse(), ...unit.variables]) {
    if (variable.storage === 'static' && variable.owner && variable.owner !== symbol) continue;
    if (variable.name === '') continue;
    if (!nearest.has(variable.name)) nearest.set(variable.name, variable);
  }
  return [...nearest.values()];
}

function functionAt(unit: Unit, file: SourceFile, offset: number): FunctionSymbol | undefined {
  return unit.functions.find(
    ({ body }) =>
      body !== undefined &&
      body.range.file === file &&
      offset >= body.range.start &&
      offset <= body.range.end,
  );
}

/** Members of nameless members are reached by their own names. */
function visibleMembers(members: readonly Member[]): readonly Member[] {
  return members.flatMap((member) =>
    member.name === undefined && member.type.kind === 'record'
      ? visibleMembers(member.type.definition.members ?? [])
      : [member],
  );
}

function memberItem(member: Member, product: ProductPages): CompletionItem {
  return {
    label: member.name ?? '',
    kind: CompletionItemKind.Field,
    detail: typeName(member.type),
    ...documented(member.documentation, product),
  };
}
