/**
 * The type of the expression before `.` or `->` in half-typed text, where the checker has no tree yet: names,
 * members, subscripts, calls, casts, `*` and `&`, nested as drivers nest them.
 */
import { type CType, findMember, type Unit, type Variable } from '../../../engine/index.ts';

/** What names mean at the place. */
export interface NamesInScope {
  readonly variables: readonly Variable[];
  readonly unit: Unit;
}

const tokenPattern = /[A-Za-z_]\w*|->|\d\w*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\S/g;

/** The type of what stands before the last `.` or `->` of a text that ends in a member's first letters. */
export function accessedType(before: string, names: NamesInScope): CType | undefined {
  const access = /^([\s\S]*?)(?:->|\.)\s*\w*$/.exec(lastStatement(before));
  if (access === null) return undefined;
  const tokens = access[1]?.match(tokenPattern) ?? [];
  const start = startOfPostfix(tokens);
  return start === tokens.length ? undefined : new Reader(tokens.slice(start), names).postfix();
}

/** Whether a text ends in `.` or `->` and perhaps a part of a name. */
export function isAccess(before: string): boolean {
  return /(?:->|[\w)\]]\s*\.)\s*(?:[A-Za-z_]\w*)?$/.test(before) && !/\d\.\w*$/.test(before);
}

function lastStatement(text: string): string {
  return text.slice(Math.max(text.lastIndexOf(';'), text.lastIndexOf('{'), 0));
}

/** Walks back over `name`, `(..)`, `[..]` and the accesses between them. */
function startOfPostfix(tokens: readonly string[]): number {
  let index = tokens.length;
  for (;;) {
    while (tokens[index - 1] === ']' || tokens[index - 1] === ')') {
      const open = opening(tokens, index - 1);
      if (open < 0) return tokens.length;
      index = open;
    }
    if (/^[A-Za-z_]/.test(tokens[index - 1] ?? '')) index--;
    if (tokens[index - 1] !== '.' && tokens[index - 1] !== '->') return index;
    index--;
  }
}

function opening(tokens: readonly string[], close: number): number {
  let depth = 0;
  for (let index = close; index >= 0; index--) {
    const token = tokens[index];
    if (token === ')' || token === ']') depth++;
    if (token === '(' || token === '[') depth--;
    if (depth === 0) return index;
  }
  return -1;
}

class Reader {
  private next = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly names: NamesInScope,
  ) {}

  postfix(): CType | undefined {
    let type = this.primary();
    for (;;) {
      const token = this.tokens[this.next];
      if (token === '.' || token === '->') {
        const record = recordOf(type);
        const member = record && findMember(record, this.tokens[this.next + 1] ?? '');
        type = member?.type;
        this.next += 2;
      } else if (token === '[') {
        this.skipGroup();
        type = targetOf(type);
      } else if (token === '(') {
        this.skipGroup();
        const called = type?.kind === 'pointer' ? type.target : type;
        type = called?.kind === 'function' ? called.result : undefined;
      } else {
        return type;
      }
    }
  }

  private primary(): CType | undefined {
    const token = this.tokens[this.next];
    if (token === '(') {
      const group = this.skipGroup();
      return new Reader(group, this.names).whole();
    }
    this.next++;
    return token === undefined ? undefined : this.typeOfName(token);
  }

  /** A bracketed expression: a cast, `*p`, `&x`, or a postfix expression. */
  private whole(): CType | undefined {
    const [first] = this.tokens;
    if (first === '*') return targetOf(new Reader(this.tokens.slice(1), this.names).whole());
    if (first === '&') {
      const target = new Reader(this.tokens.slice(1), this.names).whole();
      return target && { kind: 'pointer', target };
    }
    if (first === '(') {
      const group = this.skipGroup();
      const cast = this.next < this.tokens.length ? this.typeNamed(group) : undefined;
      if (cast !== undefined) return cast;
      this.next = 0;
    }
    return this.postfix();
  }

  /** `PMY_EXTENSION`, `struct _X *`, `const MY *`; undefined when the words name no type. */
  private typeNamed(words: readonly string[]): CType | undefined {
    const names = words.filter((word) => !/^(const|volatile|struct|union|enum|\*)$/.test(word));
    const [name] = names;
    if (names.length !== 1 || name === undefined) return undefined;
    const { unit } = this.names;
    let type = unit.typedefs.get(name)?.type ?? unit.tags.get(name);
    for (const word of words) if (word === '*' && type) type = { kind: 'pointer', target: type };
    return type;
  }

  private typeOfName(name: string): CType | undefined {
    const { variables, unit } = this.names;
    return (
      variables.find((variable) => variable.name === name)?.type ??
      unit.functions.find((symbol) => symbol.name === name)?.type
    );
  }

  /** Steps over a bracketed group and answers what is inside. */
  private skipGroup(): readonly string[] {
    const start = this.next + 1;
    let depth = 0;
    for (; this.next < this.tokens.length; this.next++) {
      const token = this.tokens[this.next];
      if (token === '(' || token === '[') depth++;
      if (token === ')' || token === ']') depth--;
      if (depth === 0) break;
    }
    this.next++;
    return this.tokens.slice(start, this.next - 1);
  }
}

function targetOf(type: CType | undefined): CType | undefined {
  return type?.kind === 'array' ? type.element : type?.kind === 'pointer' ? type.target : undefined;
}

/** The record that a type is, or points to. */
export function recordOf(type: CType | undefined) {
  const target = type?.kind === 'pointer' ? type.target : type;
  return target?.kind === 'record' ? target.definition : undefined;
}
