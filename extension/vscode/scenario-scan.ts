/**
 * Finds the scenarios of a text without loading the engine: enough for CodeLens, the Testing view and F5. Comments,
 * strings and braces are respected; what does not compile is still found.
 */
export interface ScannedScenario {
  readonly name: string;
  /** Offset of the keyword. */
  readonly start: number;
  /** Offset behind the closing brace, or of the text's end where it is missing. */
  readonly end: number;
  /** Strings in it that name C files, as written. */
  readonly sources: readonly string[];
}

const token =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|[A-Za-z_]\w*|[{}]/g;

export function scanScenarios(text: string): ScannedScenario[] {
  const found: ScannedScenario[] = [];
  let open: { name: string; start: number; sources: string[] } | undefined;
  let depth = 0;
  let keywordAt: number | undefined;
  for (const { 0: word, index } of text.matchAll(token)) {
    if (word.startsWith('/')) continue;
    if (word === '{') depth++;
    if (word === '}' && depth > 0) {
      depth--;
      if (depth === 0 && open !== undefined) {
        found.push({ ...open, end: index + 1 });
        open = undefined;
      }
    }
    if (word.startsWith('"')) {
      const value = unquote(word);
      if (keywordAt !== undefined) {
        if (open !== undefined) found.push({ ...open, end: keywordAt });
        open = { name: value, start: keywordAt, sources: [] };
      } else if (open !== undefined && /\.c$/i.test(value)) {
        open.sources.push(value);
      }
    }
    keywordAt = word === 'scenario' && depth === 0 ? index : undefined;
  }
  if (open !== undefined) found.push({ ...open, end: text.length });
  return found;
}

/** The scenario around an offset. */
export function scenarioAt(
  scenarios: readonly ScannedScenario[],
  offset: number,
): ScannedScenario | undefined {
  return scenarios.find(({ start, end }) => start <= offset && offset < end);
}

/** Whether a C text defines the routine that makes it a driver. */
export function definesDriverEntry(text: string): boolean {
  const withoutComments = text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
  return /\bDriverEntry\s*\([^;{}]*\)\s*\{/.test(withoutComments);
}

function unquote(literal: string): string {
  return literal.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1');
}
