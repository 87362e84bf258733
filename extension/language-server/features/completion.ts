/** Completion: words of the scenario language by context; names and members of C. */
import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver';
import {
  type CType,
  type FunctionSymbol,
  findMember,
  type Member,
  type ScenarioProgram,
  type SourceFile,
  scenarioPositionAt,
  typeName,
  type Unit,
  type Variable,
  wordsAt,
} from '../../../engine/index.ts';
import { unitsOf } from '../lookup.ts';
import { describeSymbol, documentationText } from './hover.ts';

/** More names than this help nobody: the client asks again when the prefix has grown. */
const LIMIT = 500;

export interface Completions {
  readonly isIncomplete: boolean;
  readonly items: CompletionItem[];
}

export function completion(
  program: ScenarioProgram,
  file: SourceFile,
  offset: number,
): Completions {
  const before = file.text.slice(Math.max(0, offset - 500), offset);
  const unit = unitAt(program, file, offset);
  if (unit === undefined) {
    return complete(file.path.endsWith('.dms') ? scenarioWords(program, offset) : []);
  }
  const access =
    /([A-Za-z_]\w*(?:\s*\[[^\]]*\])?(?:\s*(?:->|\.)\s*[A-Za-z_]\w*(?:\[[^\]]*\])?)*)\s*(?:->|\.)\s*\w*$/.exec(
      before,
    );
  if (access !== null) return complete(membersOf(access[1] ?? '', unit, file, offset));
  const prefix = (/[A-Za-z_]\w*$/.exec(before)?.[0] ?? '').toLowerCase();
  return limited(namesOf(unit, file, offset), prefix);
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

/** The unit whose C the offset lies in: a C file of its own, or the block of a scenario file. */
function unitAt(program: ScenarioProgram, file: SourceFile, offset: number): Unit | undefined {
  if (!file.path.endsWith('.dms')) {
    return unitsOf(program).find((unit) => unit.files.some((f) => f.path === file.path));
  }
  for (const { hosts } of program.scenarios) {
    for (const image of hosts.flatMap((host) => [...host.drivers, ...host.processes])) {
      if (image.block !== undefined && offset > image.block.start && offset < image.block.end) {
        return image.units[0];
      }
    }
  }
  return undefined;
}

// ---- Scenario text ---------------------------------------------------------------------------------

/** What may stand here, from the declaration around it. */
function scenarioWords(program: ScenarioProgram, offset: number): CompletionItem[] {
  if (program.tree === undefined) return [];
  return wordsAt(scenarioPositionAt(program.tree, offset)).map((word) => ({
    label: word.word,
    kind: 'argument' in word ? CompletionItemKind.Property : CompletionItemKind.Keyword,
    ...('usage' in word ? { detail: word.usage } : {}),
    documentation: word.documentation,
  }));
}

// ---- C ---------------------------------------------------------------------------------------------

function* namesOf(unit: Unit, file: SourceFile, offset: number): Generator<CompletionItem> {
  for (const variable of variablesAt(unit, file, offset)) {
    yield {
      label: variable.name,
      kind: CompletionItemKind.Variable,
      detail: typeName(variable.type),
      sortText: `0${variable.name}`,
    };
  }
  for (const symbol of unit.functions) {
    yield item(symbol, CompletionItemKind.Function, '1');
  }
  for (const symbol of unit.typedefs.values()) yield item(symbol, CompletionItemKind.Struct, '2');
  for (const symbol of unit.enumerators.values()) {
    yield item(symbol, CompletionItemKind.EnumMember, '2');
  }
  for (const symbol of unit.macros.values()) {
    if (!symbol.name.startsWith('_')) yield item(symbol, CompletionItemKind.Constant, '3');
  }
}

function item(
  symbol: Parameters<typeof describeSymbol>[0] & { readonly name: string },
  kind: CompletionItemKind,
  rank: string,
): CompletionItem {
  const { declaration, documentation } = describeSymbol(symbol);
  return {
    label: symbol.name,
    kind,
    detail: declaration,
    sortText: `${rank}${symbol.name}`,
    ...(documentation === undefined
      ? {}
      : { documentation: { kind: 'markdown', value: documentationText(documentation) } }),
  };
}

/** Locals and parameters whose scope holds the offset, innermost last declared first; then the statics. */
function variablesAt(unit: Unit, file: SourceFile, offset: number): readonly Variable[] {
  const symbol = functionAt(unit, file, offset);
  const locals = [...(symbol?.body?.parameters ?? []), ...(symbol?.body?.locals ?? [])].filter(
    ({ scope, range }) =>
      (scope === undefined || (offset >= scope.start && offset <= scope.end)) &&
      (range.start <= offset || scope === undefined),
  );
  return [...locals.reverse(), ...unit.variables.filter((v) => v.owner === undefined)];
}

function functionAt(unit: Unit, file: SourceFile, offset: number): FunctionSymbol | undefined {
  return unit.functions.find(
    ({ body }) =>
      body !== undefined &&
      body.range.file.path === file.path &&
      offset >= body.range.start &&
      offset <= body.range.end,
  );
}

/** Members of what a chain such as `extension->Adapter` denotes. */
function membersOf(chain: string, unit: Unit, file: SourceFile, offset: number): CompletionItem[] {
  const [first = '', ...rest] = chain.replace(/\[[^\]]*\]/g, '[]').split(/\s*(?:->|\.)\s*/);
  const variable = variablesAt(unit, file, offset).find((v) => v.name === first.replace('[]', ''));
  let type = variable && elementOf(variable.type, first);
  for (const part of rest) {
    const record = recordOf(type);
    const member = record && findMember(record, part.replace('[]', ''));
    type = member && elementOf(member.type, part);
  }
  const record = recordOf(type);
  return record === undefined ? [] : visibleMembers(record.members ?? []).map(memberItem);
}

function elementOf(type: CType, text: string): CType {
  if (!text.endsWith('[]')) return type;
  return type.kind === 'array' ? type.element : type.kind === 'pointer' ? type.target : type;
}

function recordOf(type: CType | undefined) {
  const target = type?.kind === 'pointer' ? type.target : type;
  return target?.kind === 'record' ? target.definition : undefined;
}

/** Members of nameless members are reached by their own names. */
function visibleMembers(members: readonly Member[]): readonly Member[] {
  return members.flatMap((member) =>
    member.name === undefined && member.type.kind === 'record'
      ? visibleMembers(member.type.definition.members ?? [])
      : [member],
  );
}

function memberItem(member: Member): CompletionItem {
  return {
    label: member.name ?? '',
    kind: CompletionItemKind.Field,
    detail: typeName(member.type),
    ...(member.documentation === undefined
      ? {}
      : { documentation: { kind: 'markdown', value: documentationText(member.documentation) } }),
  };
}
