/** A C symbol as text: its declaration, and the comment that documents it. */
import {
  type Symbol as CSymbol,
  declarationOf,
  type Member,
  typeName,
} from '../../../engine/index.ts';

export interface SymbolDescription {
  /** C text. */
  readonly declaration: string;
  /** As written in the comment, tags included. */
  readonly documentation: string | undefined;
}

export function describeSymbol(symbol: CSymbol): SymbolDescription {
  switch (symbol.kind) {
    case 'variable':
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
        declaration: `#define ${symbol.name}${parameters} ${symbol.replacement}`.trimEnd(),
        documentation: symbol.documentation,
      };
    }
    case 'member': {
      const { member, record } = symbol;
      const place = `// ${typeName(record)}, offset 0x${member.offset.toString(16)}`;
      return {
        declaration: `${declarationOf(member.type, member.name ?? '')}${width(member)}; ${place}`,
        documentation: member.documentation,
      };
    }
    case 'tag': {
      const { type } = symbol;
      const documentation =
        type.kind === 'record' || type.kind === 'enum' ? type.definition.documentation : undefined;
      return { declaration: typeName(type), documentation };
    }
  }
}

function width(member: Member): string {
  return member.bits === undefined ? '' : ` : ${member.bits.width}`;
}

/** What the name stands for, not the name again. */
function withoutAlias<T extends { readonly alias?: string }>(type: T): T {
  const { alias: _alias, ...rest } = type;
  return rest as T;
}
