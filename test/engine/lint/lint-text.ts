// Lints text as a front end does: compile, then the rules.
import { compileScenarioFile } from '../../../engine/language/compile.ts';
import { positionAt } from '../../../engine/language/source.ts';
import { lintProgram } from '../../../engine/lint/lint.ts';

export interface Finding {
  readonly code: string;
  /** 1-based line in its file. */
  readonly line: number;
  /** The text that the finding underlines. */
  readonly text: string;
  readonly message: string;
}

/** Findings of the rules in a scenario file; a text that does not compile fails the test. */
export function lintScenario(text: string): readonly Finding[] {
  const program = compileScenarioFile({
    path: '/test/case.dms',
    reader: { read: (path) => (path === '/test/case.dms' ? text : undefined) },
  });
  const errors = program.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return lintProgram(program).map(({ code, range, message }) => ({
    code,
    line: positionAt(range.file, range.start).line,
    text: range.file.text.slice(range.start, range.end),
    message,
  }));
}

/** A scenario with a driver whose routine `Work` has this body. */
export function driverWith(body: string, options: { nic?: string; before?: string } = {}): string {
  return `#include <ntddk.h>
nic TestNic { ${options.nic ?? 'interface PCIBus; address_bits 64; scatter_gather; maximum_length 64K;'} }
scenario "case" {
    nic TestNic;
    driver Test {
        ${options.before ?? ''}
        NTSTATUS Work(PDEVICE_OBJECT Pdo, PVOID UserBuffer, ULONG Length)
        {
            UNREFERENCED_PARAMETER(Pdo);
            UNREFERENCED_PARAMETER(UserBuffer);
            UNREFERENCED_PARAMETER(Length);
            ${body}
            return STATUS_SUCCESS;
        }
        NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
        {
            UNREFERENCED_PARAMETER(DriverObject);
            UNREFERENCED_PARAMETER(RegistryPath);
            return STATUS_SUCCESS;
        }
    }
}
`;
}
