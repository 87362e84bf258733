/** Runs rows of the tables: each is a scenario of its own, all of a table in one file. */
import {
  compileScenarioFile,
  createSession,
  type ScenarioProgram,
  type Session,
  type ViewRow,
} from '../../../engine/index.ts';
import type { Expected, Rule } from './rules.ts';

/** What every driver of the tables may use. */
const header = `
#include <ntifs.h>
#define TAG 'iddT'
#define SEE(value) DbgPrint("%I64x\\n", (ULONG64)(value))
#define SEE_STATUS(value) SEE((ULONG)(value))
/* The code of the exception that a statement raises; 0 when none. */
#define SEE_RAISED(statement) \\
    { ULONG raised = 0; __try { statement; } __except (EXCEPTION_EXECUTE_HANDLER) { raised = (ULONG)GetExceptionCode(); } SEE(raised); }
#define M 0x100000ULL
#define G 0x40000000ULL
static PHYSICAL_ADDRESS At(ULONG64 address) { PHYSICAL_ADDRESS result; result.QuadPart = (LONGLONG)address; return result; }
static ULONG64 Behind(PVOID address) { return (ULONG64)MmGetPhysicalAddress(address).QuadPart; }
static KIRQL Raise(KIRQL to) { KIRQL old; KeRaiseIrql(to, &old); return old; }
`;

const unload = `
static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    {
`;

/** A device that runs the row for a request of the process in \`caller\`. */
const dispatch = `
static UNICODE_STRING Link = RTL_CONSTANT_STRING(L"\\\\DosDevices\\\\Ddi");
static PDEVICE_OBJECT Device;
static NTSTATUS Complete(PIRP Irp)
{
    Irp->IoStatus.Status = STATUS_SUCCESS;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}
static NTSTATUS Succeed(PDEVICE_OBJECT DeviceObject, PIRP Irp) { UNREFERENCED_PARAMETER(DeviceObject); return Complete(Irp); }
static NTSTATUS Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PUCHAR buffer = IoGetCurrentIrpStackLocation(Irp)->Parameters.DeviceIoControl.Type3InputBuffer;
    UNREFERENCED_PARAMETER(DeviceObject);
    Row(buffer, Irp);
    return Complete(Irp);
}
static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    IoDeleteSymbolicLink(&Link);
    IoDeleteDevice(Device);
}
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\\\Device\\\\Ddi");
    UNREFERENCED_PARAMETER(RegistryPath);
    IoCreateDevice(DriverObject, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device);
    IoCreateSymbolicLink(&Link, &name);
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
`;

const caller = `
#include <windows.h>
int main(void)
{
    DWORD returned;
    DWORD old;
    int page;
    HANDLE device = CreateFileW(L"\\\\\\\\.\\\\Ddi", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    unsigned char *buffer = VirtualAlloc(NULL, 4 * 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    for (page = 0; page < 4; page++) buffer[page * 4096] = (unsigned char)(page + 1);
    VirtualProtect(buffer + 3 * 4096, 4096, PAGE_READONLY, &old);
    DeviceIoControl(device, 0x222003, buffer, 4 * 4096, NULL, 0, &returned, NULL);
    CloseHandle(device);
    return 0;
}
`;

function driverText({ code, scene }: Rule): string {
  const start = `#include "ddi.h"\n${scene.declarations ?? ''}`;
  return scene.inProcess === true
    ? `${start}static VOID Row(PUCHAR Buffer, PIRP Irp)\n{\nUNREFERENCED_PARAMETER(Buffer); UNREFERENCED_PARAMETER(Irp);\n{ ${code} }\n}\n${dispatch}`
    : `${start}${unload}${code}\n    }\n    return STATUS_SUCCESS;\n}\n`;
}

function scenarioText(rule: Rule, index: number): string {
  const { machine, verifier, inProcess } = rule.scene;
  return `scenario "${index}" {
    ${machine === undefined ? '' : `machine with { ${machine} }`}
    driver "row-${index}.c"${verifier === undefined ? '' : ` with { verifier ${verifier}; }`};
    ${inProcess === true ? 'process client "caller.c";' : ''}
  }`;
}

/** What `SEE` prints; other lines say why something failed. */
const isValue = /^[0-9a-f]+$/;

/** What a row did, in the words of its expectations. */
export interface Outcome {
  readonly sees: readonly string[];
  readonly bugCheck: readonly string[] | undefined;
  readonly violations: readonly string[];
  readonly leaks: readonly string[];
  readonly failures: readonly string[];
  /** Everything that the machine said, for a row that failed. */
  readonly told: readonly string[];
  /** Rows of the view of physical memory. */
  readonly map: readonly string[];
}

/** The rows of a table, compiled; each runs when it is asked for. */
export class RuleTable {
  private readonly program: ScenarioProgram;

  constructor(private readonly rules: readonly Rule[]) {
    const files = new Map([
      ['ddi.h', header],
      ['caller.c', caller],
      ['table.dms', rules.map(scenarioText).join('\n')],
      ...rules.map((rule, index): [string, string] => [`row-${index}.c`, driverText(rule)]),
    ]);
    this.program = compileScenarioFile('table.dms', { read: (path) => files.get(path) });
  }

  /** Messages of the compiler that keep a row from running. */
  errorsOf(index: number): readonly string[] {
    return this.program.diagnostics
      .filter(
        ({ severity, range }) =>
          severity === 'error' &&
          [`row-${index}.c`, 'table.dms', 'ddi.h'].includes(range.file.path),
      )
      .map(({ message }) => message);
  }

  run(index: number): Outcome {
    const rule = this.rules[index];
    const session = createSession({
      program: this.program,
      scenario: String(index),
      history: false,
    });
    session.resume('continue');
    for (let slice = 0; !session.ended; slice++) {
      if (slice > 10_000) throw new Error('the row does not end');
      session.work(1000, () => performance.now());
    }
    const { output, violations, leaks, bugChecks, reports } = session.result();
    const [bugCheck] = bugChecks;
    const lines = output.map(({ text }) => text.trim());
    return {
      sees: lines.filter((line) => isValue.test(line)),
      bugCheck: bugCheck && [
        hex(bugCheck.code),
        ...bugCheck.parameters.map((parameter) => hex(BigInt(parameter))),
      ],
      violations: violations.map((violation) => violation.rule),
      leaks: leaks.map(({ kind }) => kind),
      failures: reports.map(({ message }) => message.replace(/ in row-\d+/, '')),
      told: [
        ...lines.filter((line) => !isValue.test(line)),
        ...violations.map(({ message }) => message),
        ...bugChecks.map(({ explanation }) => explanation),
      ],
      map: rule?.scene.map === undefined ? [] : mapOf(session),
    };
  }
}

/** Labels and descriptions of the view of physical memory, children included. */
function mapOf(session: Session): readonly string[] {
  const lines: string[] = [];
  const visit = (rows: readonly ViewRow[]): void => {
    for (const row of rows) {
      lines.push(`${row.label} ${row.description}`);
      if (row.hasChildren) visit(session.view({ view: 'physicalMemory', parent: row.id }));
    }
  };
  visit(session.view({ view: 'physicalMemory' }));
  return lines;
}

export const hex = (value: number | bigint): string =>
  BigInt.asUintN(64, BigInt(value)).toString(16);

/** An expectation as text, with what the row printed put in; \`any\` takes what came. */
export function expectedText(
  expected: Expected,
  sees: readonly string[],
  came: string | undefined,
): string {
  if (expected === 'any') return came ?? 'anything';
  if (typeof expected === 'object') return sees[expected.seen] ?? `value ${expected.seen}`;
  return hex(expected);
}
