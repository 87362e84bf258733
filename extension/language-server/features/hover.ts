/** Hover: the declaration and its documentation. */
import type { Hover } from 'vscode-languageserver';
import {
  type Symbol as CSymbol,
  declarationOf,
  type Member,
  type ScenarioProgram,
  type SourceFile,
  scenarioSyntax,
  typeName,
} from '../../../engine/index.ts';
import { documentationAddress, toRange } from '../conversions.ts';
import { nameAt, referenceAt, wordAt } from '../lookup.ts';

export function hover(
  program: ScenarioProgram,
  file: SourceFile,
  offset: number,
): Hover | undefined {
  const reference = referenceAt(program, file.path, offset);
  if (reference !== undefined) {
    const { declaration, documentation } = describeSymbol(reference.symbol);
    return markdown(
      fenced(declaration) + documentationText(documentation),
      toRange(reference.range),
    );
  }
  if (!file.path.endsWith('.dms')) return undefined;
  const name = nameAt(program, file.path, offset);
  if (name !== undefined) return markdown(`${name.kind} **${name.name}**`, toRange(name.range));
  const word = wordAt(file.text, offset);
  const entry = word && scenarioSyntax.find((candidate) => candidate.word === word.word);
  if (word === undefined || entry === undefined) return undefined;
  return markdown(
    `\`\`\`dms\n${entry.usage}\n\`\`\`\n${entry.documentation}`,
    toRange({ file, start: word.start, end: word.end }),
  );
}

/** A symbol's declaration as C text, and the doc comment that stands before it. */
export function describeSymbol(symbol: CSymbol): {
  readonly declaration: string;
  readonly documentation: string | undefined;
} {
  switch (symbol.kind) {
    case 'variable':
      return {
        declaration: declarationOf(symbol.type, symbol.name),
        documentation: symbol.documentation,
      };
    case 'function':
      return {
        declaration: declarationOf(symbol.type, symbol.name),
        documentation: symbol.documentation,
      };
    case 'typedef':
      return {
        declaration: `typedef ${declarationOf(withoutAlias(symbol.type), symbol.name)}`,
        documentation: symbol.documentation,
      };
    case 'enumerator':
      return {
        declaration: `${symbol.name} = ${symbol.value}`,
        documentation: symbol.documentation,
      };
    case 'macro': {
      const parameters = symbol.parameters === undefined ? '' : `(${symbol.parameters.join(', ')})`;
      return {
        declaration: `#define ${symbol.name}${parameters} ${symbol.replacement}`,
        documentation: symbol.documentation,
      };
    }
    case 'member':
      return {
        declaration: `${declarationOf(symbol.member.type, symbol.member.name ?? '')}${width(symbol.member)}; // ${typeName(symbol.record)}, offset 0x${symbol.member.offset.toString(16)}`,
        documentation: symbol.member.documentation,
      };
    case 'tag':
      return { declaration: typeName(symbol.type), documentation: undefined };
  }
}

function width(member: Member): string {
  return member.bits === undefined ? '' : ` : ${member.bits.width}`;
}

function withoutAlias<T extends { readonly alias?: string }>(type: T): T {
  const { alias: _alias, ...rest } = type;
  return rest as T;
}

/** Doc comments use a few tags; the rest is text. */
export function documentationText(documentation: string | undefined): string {
  if (documentation === undefined) return '';
  const lines = documentation.split('\n').map((line) => {
    const tag = /^@(\w+)\s*(.*)$/.exec(line.trim());
    if (tag === null) return line.trim();
    const [, name = '', rest = ''] = tag;
    switch (name) {
      case 'param': {
        const [, parameter = '', text = ''] = /^(\S+)\s*(.*)$/.exec(rest) ?? [];
        return `- \`${parameter}\` ${text}`;
      }
      case 'returns':
        return `\nReturns ${rest}`;
      case 'irql':
        return `\nIRQL ${rest}`;
      case 'since':
        return `\nFrom ${rest} on`;
      case 'page': {
        const address = documentationAddress(rest);
        return address === undefined ? '' : `\n[${rest}](${address})`;
      }
      default:
        return line.trim();
    }
  });
  return `\n${lines.join('\n')}`;
}

function fenced(code: string): string {
  return `\`\`\`c\n${code}\n\`\`\`\n`;
}

function markdown(value: string, range: Hover['range']): Hover {
  return { contents: { kind: 'markdown', value }, ...(range === undefined ? {} : { range }) };
}
