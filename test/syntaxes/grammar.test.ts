import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import oniguruma from 'vscode-oniguruma';
import textmate from 'vscode-textmate';
import { faultValues, scenarioSyntax } from '../../engine/language/scenario-syntax.ts';

const require = createRequire(import.meta.url);
let grammar: textmate.IGrammar;

beforeAll(async () => {
  const wasm = readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm);
  const paths: Readonly<Record<string, string>> = {
    'source.dms': 'syntaxes/dms.tmLanguage.json',
    'source.c': require.resolve('tm-grammars/grammars/c.json'),
  };
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (scope) => {
      const path = paths[scope];
      return path ? textmate.parseRawGrammar(readFileSync(path, 'utf8'), path) : null;
    },
  });
  const loaded = await registry.loadGrammar('source.dms');
  if (!loaded) {
    throw new Error('the grammar does not load');
  }
  grammar = loaded;
});

interface Piece {
  readonly line: number;
  readonly text: string;
  readonly scopes: readonly string[];
}

function pieces(source: string): Piece[] {
  const found: Piece[] = [];
  let state = textmate.INITIAL;
  for (const [index, line] of source.split('\n').entries()) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    for (const { startIndex, endIndex, scopes } of tokens) {
      found.push({ line: index + 1, text: line.slice(startIndex, endIndex), scopes });
    }
    state = ruleStack;
  }
  return found;
}

/** The scopes of the `occurrence`-th piece whose text is exactly this. */
function scopesOf(source: string, text: string, occurrence = 1): readonly string[] {
  const piece = pieces(source).filter((candidate) => candidate.text.trim() === text)[
    occurrence - 1
  ];
  if (!piece) {
    throw new Error(
      `no piece is '${text}':\n${pieces(source)
        .map((p) => p.text)
        .join('|')}`,
    );
  }
  return piece.scopes;
}

const sample = (name: string): string => readFileSync(`samples/${name}`, 'utf8');

function isC(scopes: readonly string[]): boolean {
  return scopes.includes('meta.embedded.block.c');
}

describe('declarations', () => {
  const source = sample('nolowmem.dms');

  test('colours keywords and names', () => {
    expect(scopesOf(source, 'machine')).toContain('keyword.declaration.dms');
    expect(scopesOf(source, 'Server')).toContain('entity.name.type.dms');
    expect(scopesOf(source, 'Server2003')).toContain('entity.other.inherited-class.dms');
    expect(scopesOf(source, 'contiguous memory below 4 GB is there for those who ask')).toContain(
      'entity.name.function.scenario.dms',
    );
  });

  test('colours options, numbers with a suffix, and ranges', () => {
    expect(scopesOf(source, 'free_memory')).toContain('support.type.property-name.dms');
    expect(scopesOf(source, '640')).toContain('constant.numeric.dms');
    expect(scopesOf(source, 'K')).toContain('keyword.other.unit.dms');
    expect(scopesOf(source, '..')).toContain('keyword.operator.range.dms');
    expect(scopesOf(source, 'seed')).toContain('keyword.other.dms');
  });

  test('colours what is expected', () => {
    expect(scopesOf(source, 'expect')).toContain('keyword.control.dms');
    expect(scopesOf(source, 'leaks')).toContain('keyword.other.dms');
    expect(scopesOf(source, 'low buffer at', 2)).toContain('string.quoted.double.dms');
  });

  test('colours every option that the language has', () => {
    const options = scenarioSyntax.filter(({ argument }) => argument !== undefined);
    const plain = options.filter(({ word }) => {
      const scopes = scopesOf(`machine M with { ${word} 1; }`, word);
      return !scopes.includes('support.type.property-name.dms');
    });
    expect(plain.map(({ word }) => word)).toEqual([]);
  });

  test('colours what can be made to fail, and how', () => {
    const classes = ['allocation', 'mapping', 'lock', ...faultValues.map(({ word }) => word)];
    const plain = classes.filter((word) => {
      const scopes = scopesOf(`vary fault ${word};`, word);
      return !scopes.includes('keyword.other.dms');
    });
    expect(plain).toEqual([]);
  });

  test('colours comments and preprocessor lines', () => {
    expect(scopesOf(source, '#include')).toContain('keyword.control.directive.dms');
    expect(scopesOf(source, '<ntddk.h>')).toContain('string.quoted.other.lt-gt.include.dms');
    expect(pieces(source)[0]?.scopes).toContain('comment.line.double-slash.dms');
  });

  test('a process that is expected opens no block of C', () => {
    const text =
      'scenario "x" { expect process client exits 0; expect no leaks; }\nmachine Next {}';
    expect(pieces(text).some(({ scopes }) => isC(scopes))).toBe(false);
    expect(scopesOf(text, 'machine')).toEqual([
      'source.dms',
      'meta.declaration.machine.dms',
      'keyword.declaration.dms',
    ]);
  });

  test('a continued preprocessor line goes on', () => {
    const text = '#define LENGTH \\\n  (4 * 16)\nmachine M {}';
    expect(scopesOf(text, '16')).toContain('meta.preprocessor.dms');
    expect(scopesOf(text, 'machine')).not.toContain('meta.preprocessor.dms');
  });
});

describe('C', () => {
  test("a driver's block is C, and what follows it is not", () => {
    const source = sample('nolowmem.dms');
    const entry = scopesOf(source, 'DriverEntry');
    expect(isC(entry)).toBe(true);
    expect(entry.some((scope) => /^entity\.name\.function.*\.c$/.test(scope))).toBe(true);
    expect(isC(scopesOf(source, 'return'))).toBe(true);
    for (const occurrence of [1, 2, 3, 4]) {
      expect(isC(scopesOf(source, 'expect', occurrence))).toBe(false);
    }
  });

  test('options before the block are not C', () => {
    const text = 'scenario "x" { driver P with { define N 1; } { int a; } expect no leaks; }';
    expect(scopesOf(text, 'define')).toContain('support.type.property-name.dms');
    expect(isC(scopesOf(text, 'int'))).toBe(true);
    expect(isC(scopesOf(text, 'expect'))).toBe(false);
  });

  test('the block may start on the line after its options', () => {
    const text =
      'scenario "x" {\ndriver P with { verifier on; }\n{\nint a;\n}\nexpect no leaks;\n}';
    expect(isC(scopesOf(text, 'int'))).toBe(true);
    expect(isC(scopesOf(text, 'expect'))).toBe(false);
  });

  test('processes and devices have C blocks, hosts do not', () => {
    const text = [
      'scenario "x" {',
      '  host alpha { machine Server2003; nic SanNic with { address "10.0.0.1"; } }',
      '  process client on alpha { int main(void) { return 0; } }',
      '  expect process client exits 0;',
      '}',
    ].join('\n');
    expect(isC(scopesOf(text, 'nic'))).toBe(false);
    expect(isC(scopesOf(text, 'main'))).toBe(true);
    expect(isC(scopesOf(text, 'exits'))).toBe(false);
  });

  test('drivers in files have no block', () => {
    const source = sample('common-buffer.dms');
    expect(pieces(source).some(({ scopes }) => isC(scopes))).toBe(false);
    expect(scopesOf(source, 'vary')).toContain('keyword.control.dms');
    expect(scopesOf(source, 'drivers/common-buffer.c')).toContain('string.quoted.double.dms');
  });

  test('every scenario of the samples ends where its brace stands', () => {
    for (const name of ['nolowmem.dms', 'common-buffer.dms']) {
      const source = sample(name);
      const keywords = pieces(source).filter(({ text }) => text === 'scenario');
      expect(keywords.length).toBeGreaterThan(1);
      for (const { scopes } of keywords) {
        expect(scopes.filter((scope) => scope.startsWith('meta.'))).toEqual(['meta.scenario.dms']);
      }
    }
  });

  test('conditional code inside a block stays inside', () => {
    const text = 'driver P {\n#if DBG\nint a;\n#else\nint b;\n#endif\n}\nmachine M {}';
    expect(isC(scopesOf(text, 'int', 2))).toBe(true);
    expect(isC(scopesOf(text, 'machine'))).toBe(false);
  });
});
