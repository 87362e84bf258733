/** Hover: what a name or word means, with its documentation. */
import type { Hover } from 'vscode-languageserver';
import {
  type ScenarioProgram,
  type SourceFile,
  type SyntaxEntry,
  type SyntaxValue,
  scenarioPositionAt,
  scenarioSyntax,
  wordsAt,
} from '../../../engine/index.ts';
import { toRange } from '../conversions.ts';
import type { ProductPages } from '../documentation.ts';
import { includeAt, nameAt, referenceAt, wordAt } from '../lookup.ts';
import { documentationText } from './documentation-text.ts';
import { describeSymbol } from './symbol-description.ts';

export function hover(
  program: ScenarioProgram,
  file: SourceFile,
  offset: number,
  product: ProductPages,
): Hover | undefined {
  const reference = referenceAt(program, file.path, offset);
  if (reference !== undefined) {
    const { declaration, documentation } = describeSymbol(reference.symbol);
    return markdown(
      [fenced('c', declaration), documentationText(documentation, product)],
      toRange(reference.range),
    );
  }
  const include = includeAt(program, file, offset);
  if (include !== undefined) return markdown([`\`${include.file.path}\``], toRange(include.range));
  return program.tree === undefined ? undefined : scenarioHover(program, file, offset);
}

function scenarioHover(
  program: ScenarioProgram,
  file: SourceFile,
  offset: number,
): Hover | undefined {
  if (program.tree === undefined || file !== program.file) return undefined;
  const name = nameAt(program, file.path, offset);
  if (name !== undefined) return markdown([`${name.kind} **${name.name}**`], toRange(name.range));
  const word = wordAt(file.text, offset);
  const position = word && scenarioPositionAt(program.tree, word.start);
  if (word === undefined || position === undefined || position.context === 'c') return undefined;
  const isIt = (entry: SyntaxEntry | SyntaxValue): boolean => entry.word === word.word;
  const entry = wordsAt(position).find(isIt) ?? scenarioSyntax.find(isIt);
  if (entry === undefined) return undefined;
  const { usage }: Partial<SyntaxEntry> = entry;
  return markdown(
    [usage === undefined ? '' : fenced('dms', usage), entry.documentation],
    toRange({ file, start: word.start, end: word.end }),
  );
}

function fenced(language: string, code: string): string {
  return `\`\`\`${language}\n${code}\n\`\`\``;
}

function markdown(parts: readonly string[], range: Hover['range']): Hover {
  const value = parts.filter((part) => part !== '').join('\n\n');
  return { contents: { kind: 'markdown', value }, ...(range === undefined ? {} : { range }) };
}
