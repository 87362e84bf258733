import { describe, expect, test } from 'vitest';
import { compileText } from '../../../engine/language/compile.ts';
import type { Expression } from '../../../engine/language/program.ts';

/** Findings, and the format that the first statement of `f` prints. */
function traced(text: string): { format: string | undefined; findings: string[] } {
  const { unit, diagnostics } = compileText({ text: `#include <ntddk.h>\n${text}` });
  const body = unit.functions.find(({ name }) => name === 'f')?.body;
  const [statement] = body?.block.statements ?? [];
  const call = statement?.kind === 'expression' ? statement.expression : undefined;
  const [format] = call?.kind === 'call' ? call.arguments : [];
  return {
    format: format && textOf(format),
    findings: diagnostics.all.map(({ severity, code }) => `${severity} ${code}`),
  };
}

function textOf(expression: Expression): string {
  if (expression.kind === 'convert') return textOf(expression.operand);
  return expression.kind === 'string'
    ? new TextDecoder().decode(expression.bytes.slice(0, -1))
    : '?';
}

const config = `
// begin_wpp config
// FUNC Trace{FLAG=ALL}(LEVEL, MSG, ...);
// FUNC TraceEntry(LEVEL);
// USESUFFIX (TraceEntry, "Enter %!FUNC!");
// end_wpp
`;

describe('a trace header that is not there', () => {
  test('is told for information, and its usual macros print', () => {
    const { format, findings } = traced(
      '#include "driver.tmh"\nvoid f(int n) { TraceEvents(LEVEL_X, FLAG_X, "%d pages", n); }\n',
    );
    expect(format).toBe('%d pages\n');
    expect(findings).toEqual(['information missing-trace-header']);
  });

  test('has the routines that a comment configures', () => {
    const text = (call: string): string =>
      `${config}#include "driver.tmh"\nvoid f(void) { ${call} }\n`;
    expect(traced(text('Trace(4, "done");')).format).toBe('done\n');
    expect(traced(text('TraceEntry(4);')).format).toBe('Enter f\n');
  });

  test('knows the conversions of trace messages, and one line end', () => {
    const { format, findings } = traced(
      '#include "driver.tmh"\nvoid f(NTSTATUS s) { DoTraceMessage(X, "%!FUNC! gave %!STATUS!\\n", s); }\n',
    );
    expect(format).toBe('f gave %08X\n');
    expect(findings).toEqual(['information missing-trace-header']);
  });

  test('starts and ends the trace without a word', () => {
    const { findings } = traced(
      '#include "driver.tmh"\nvoid f(PDRIVER_OBJECT d, PUNICODE_STRING r) { WPP_INIT_TRACING(d, r); WPP_CLEANUP(d); }\n',
    );
    expect(findings).toEqual(['information missing-trace-header']);
  });

  test('leaves a routine of the same name to the unit that has it as a macro', () => {
    const text =
      '#define TraceEvents(a, b, c) DbgPrint(c)\n#include "driver.tmh"\nvoid f(void) { TraceEvents(1, 2, "own"); }\n';
    expect(traced(text).format).toBe('own');
  });
});
