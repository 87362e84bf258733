/**
 * Rows of the tables in this folder, and how they run: all rows of a kind in one driver, each in a file of its own;
 * a row that stops the machine in a run of its own.
 */
import {
  compileScenarioFile,
  createSession,
  type SessionResult,
} from '../../../../../engine/index.ts';

/** What a rule of the I/O manager lets a driver see. */
export interface Row {
  /** Section of the reference. */
  readonly section: string;
  /** The rule in a few words. */
  readonly rule: string;
  /** C before the functions of the row. */
  readonly declarations?: string;
  /** Statements of a driver that run at PASSIVE_LEVEL while its device starts: `Pdo`, `Driver`, `Adapter`. */
  readonly code?: string;
  /**
   * Dispatch routines of three devices on each other, of which the row is given those that matter: `DeviceObject`, `Irp`,
   * `stack`. Without its own the upper ones pass the request on, and the lowest completes it.
   */
  readonly top?: string;
  readonly middle?: string;
  readonly bottom?: string;
  /** Statements of a process with a file of the top device: `h`, `in`, `out`, `got`. */
  readonly process?: string;
  /** DO_ flags of the devices. */
  readonly flags?: string;
  /** Lines that the row prints. */
  readonly sees: readonly string[];
  /** Code and parameters of the bug check that ends it; `any` stands for every value. */
  readonly stops?: readonly (number | 'any')[];
  readonly verifier?: string;
  /** Names of violations, for a row that runs alone. */
  readonly violations?: readonly string[];
  /** Why nothing of the rule can be seen. */
  readonly unseen?: string;
}

const HEADER = `
#include <ntddk.h>
#define SEE(...) DbgPrint(__VA_ARGS__), DbgPrint("\\n")
#define RAISED(statement) \\
    { ULONG raised = 0; __try { statement; } __except (EXCEPTION_EXECUTE_HANDLER) { raised = (ULONG)GetExceptionCode(); } SEE("%x", raised); }
extern PDEVICE_OBJECT Pdo, Top, Middle, Bottom;
extern PDRIVER_OBJECT Driver;
extern PDMA_ADAPTER Adapter;
NTSTATUS Complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information);
NTSTATUS Pass(PDEVICE_OBJECT DeviceObject, PIRP Irp);
PDEVICE_OBJECT Below(PDEVICE_OBJECT DeviceObject);
/* Completes a request that is pending, on a thread of its own. */
VOID CompleteLater(PIRP Irp, NTSTATUS Status, ULONG_PTR Information);
/* The name of a device. */
const char *NameOf(PDEVICE_OBJECT DeviceObject);
`;

const WINDOW = 'windows "Windows 11";';

/** The driver that calls the rows. */
const driver = (rows: readonly Row[]): string => {
  const list = (role: 'top' | 'middle' | 'bottom' | 'code'): readonly number[] =>
    rows.flatMap((row, index) => (row[role] === undefined ? [] : [index]));
  const declare = (role: 'top' | 'middle' | 'bottom'): string =>
    list(role)
      .map((index) => `NTSTATUS ${role}${index}(PDEVICE_OBJECT DeviceObject, PIRP Irp);`)
      .join('\n');
  const cases = (role: 'top' | 'middle' | 'bottom'): string =>
    list(role)
      .map(
        (index) =>
          `if (Current == ${index} && DeviceObject == ${roles[role]}) return ${role}${index}(DeviceObject, Irp);`,
      )
      .join('\n    ');
  return `#include "row.h"
PDEVICE_OBJECT Pdo, Top, Middle, Bottom, Lower;
PDRIVER_OBJECT Driver;
PDMA_ADAPTER Adapter;
static LONG Current = -1;
static UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\\\Device\\\\Row");
static UNICODE_STRING Link = RTL_CONSTANT_STRING(L"\\\\DosDevices\\\\Row");
${declare('top')}
${declare('middle')}
${declare('bottom')}
${list('code')
  .map((index) => `VOID Code${index}(VOID);`)
  .join('\n')}
NTSTATUS Complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}
PDEVICE_OBJECT Below(PDEVICE_OBJECT DeviceObject) { return DeviceObject == Top ? Middle : Bottom; }
const char *NameOf(PDEVICE_OBJECT DeviceObject)
{
    return DeviceObject == Top ? "top" : DeviceObject == Middle ? "middle" : DeviceObject == Bottom ? "bottom" : DeviceObject == NULL ? "none" : "other";
}
NTSTATUS Pass(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(Below(DeviceObject), Irp);
}
static VOID Later(PVOID Context) { PIRP irp = Context; IoCompleteRequest(irp, IO_NO_INCREMENT); PsTerminateSystemThread(0); }
VOID CompleteLater(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    HANDLE thread;
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Later, Irp);
    ZwClose(thread);
}
/* The first request of each row says which it is, and what flags the devices have. */
static BOOLEAN Select(PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    PULONG numbers;
    if (stack->MajorFunction != IRP_MJ_DEVICE_CONTROL || stack->Parameters.DeviceIoControl.IoControlCode != 0x80002ffc) return FALSE;
    numbers = Irp->AssociatedIrp.SystemBuffer;
    Current = (LONG)numbers[0];
    DbgPrint("#%u\\n", numbers[0]);
    Top->Flags = (Top->Flags & ~(DO_BUFFERED_IO | DO_DIRECT_IO)) | numbers[1];
    return TRUE;
}
static NTSTATUS Dispatch(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UCHAR major = IoGetCurrentIrpStackLocation(Irp)->MajorFunction;
    if (DeviceObject == Top && Select(Irp)) return Complete(Irp, STATUS_SUCCESS, 0);
    ${cases('top')}
    ${cases('middle')}
    ${cases('bottom')}
    if (DeviceObject != Bottom) return Pass(DeviceObject, Irp);
    UNREFERENCED_PARAMETER(major);
    return Complete(Irp, STATUS_SUCCESS, 0);
}
static VOID Rows(VOID)
{
${list('code')
  .map((index) => `    DbgPrint("#${index}\\n"); Code${index}();`)
  .join('\n')}
}
static NTSTATUS Pnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    DEVICE_DESCRIPTION description;
    ULONG registers;
    NTSTATUS status;
    if (DeviceObject == Top || DeviceObject == Middle) return Pass(DeviceObject, Irp);
    if (stack->MinorFunction == IRP_MN_START_DEVICE) {
        IoForwardIrpSynchronously(Lower, Irp);
        RtlZeroMemory(&description, sizeof(description));
        description.Version = DEVICE_DESCRIPTION_VERSION3;
        description.Master = TRUE; description.ScatterGather = TRUE; description.DmaAddressWidth = 64;
        description.InterfaceType = PCIBus; description.MaximumLength = 0x10000;
        Adapter = IoGetDmaAdapter(Pdo, &description, &registers);
        Rows();
        return Complete(Irp, STATUS_SUCCESS, 0);
    }
    Irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(Irp);
    status = IoCallDriver(Lower, Irp);
    if (stack->MinorFunction == IRP_MN_REMOVE_DEVICE) {
        Adapter->DmaOperations->PutDmaAdapter(Adapter);
        IoDeleteSymbolicLink(&Link);
        IoDetachDevice(Middle); IoDeleteDevice(Top);
        IoDetachDevice(Bottom); IoDeleteDevice(Middle);
        IoDetachDevice(Lower); IoDeleteDevice(Bottom);
    }
    return status;
}
static NTSTATUS Add(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    Pdo = PhysicalDeviceObject;
    IoCreateDevice(DriverObject, 24, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Bottom);
    IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Middle);
    IoCreateDevice(DriverObject, 0, &Name, 0x8000, 0, FALSE, &Top);
    Lower = IoAttachDeviceToDeviceStack(Bottom, Pdo);
    IoAttachDeviceToDeviceStack(Middle, Bottom);
    IoAttachDeviceToDeviceStack(Top, Middle);
    Bottom->Flags &= ~DO_DEVICE_INITIALIZING; Middle->Flags &= ~DO_DEVICE_INITIALIZING; Top->Flags &= ~DO_DEVICE_INITIALIZING;
    return IoCreateSymbolicLink(&Link, &Name);
}
static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    ULONG major;
    UNREFERENCED_PARAMETER(RegistryPath);
    Driver = DriverObject;
    for (major = 0; major <= IRP_MJ_MAXIMUM_FUNCTION; major++) {
        if (major != IRP_MJ_SET_EA && major != IRP_MJ_POWER) DriverObject->MajorFunction[major] = Dispatch;
    }
    DriverObject->MajorFunction[IRP_MJ_PNP] = Pnp;
    DriverObject->DriverExtension->AddDevice = Add;
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
`;
};
const roles = { top: 'Top', middle: 'Middle', bottom: 'Bottom' } as const;

function rowText(row: Row, index: number): string {
  const dispatch = (['top', 'middle', 'bottom'] as const)
    .flatMap((role) =>
      row[role] === undefined
        ? []
        : [
            `NTSTATUS ${role}${index}(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    UNREFERENCED_PARAMETER(stack); UNREFERENCED_PARAMETER(DeviceObject);
    ${row[role]}
}`,
          ],
    )
    .join('\n');
  const code = row.code === undefined ? '' : `VOID Code${index}(VOID)\n{\n${row.code}\n}\n`;
  return `#include "row.h"\n${row.declarations ?? ''}\n${dispatch}\n${code}`;
}

function client(rows: readonly Row[]): string {
  const own = rows.flatMap((row, index) => (row.process === undefined ? [] : [{ row, index }]));
  return `#include <windows.h>
#include <winioctl.h>
#include <stdio.h>
#define SEE(...) printf(__VA_ARGS__), printf("\\n")
#define CODE(m) CTL_CODE(0x8000, 0x800, m, FILE_ANY_ACCESS)
#define OPEN CreateFileA("\\\\\\\\.\\\\Row", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL)
static void Select(HANDLE h, DWORD row, DWORD flags)
{
    DWORD numbers[2], got;
    numbers[0] = row; numbers[1] = flags;
    DeviceIoControl(h, 0x80002ffc, numbers, 8, NULL, 0, &got, NULL);
}
${own
  .map(
    ({ row, index }) => `static void Row${index}(HANDLE h)
{
    char in[16] = "input", out[16] = "output"; DWORD got = 99;
    in[15] = 1; out[15] = 2; got += (DWORD)(in[15] - out[15] + 1); if (h == NULL) return;
    ${row.process}
}`,
  )
  .join('\n')}
int main(void)
{
    HANDLE h = OPEN;
    if (h == INVALID_HANDLE_VALUE) return 1000 + GetLastError();
${own.map(({ row, index }) => `    Select(h, ${index}, ${flagBits(row.flags)}); Row${index}(h);`).join('\n')}
    Select(h, 1000, 0);
    CloseHandle(h);
    return 0;
}`;
}

function flagBits(flags: string | undefined): number {
  return flags === undefined ? 0 : flags === 'DO_BUFFERED_IO' ? 4 : 0x10;
}

/** Lines in which the machine says why it refused something. */
const isReason = / \[[a-z]+-[\w-]+\]$/;

/** Runs rows together: the lines of each, by its index, and what was reported of all. */
export function runRows(rows: readonly Row[]): {
  readonly lines: ReadonlyMap<number, readonly string[]>;
  readonly result: SessionResult;
} {
  const files = new Map<string, string>([
    ['row.h', HEADER],
    ['driver.c', driver(rows)],
    ['client.c', client(rows)],
    ...rows.map((row, index): [string, string] => [`row-${index}.c`, rowText(row, index)]),
  ]);
  const verifier = rows[0]?.verifier;
  const withProcess = rows.some(({ process }) => process !== undefined);
  files.set(
    'table.dms',
    `nic Card { interface PCIBus; address_bits 64; scatter_gather; maximum_length 64K; }
scenario "rows" {
  machine with { ${WINDOW} }
  nic Card;
  driver ${['driver.c', ...rows.map((_, index) => `row-${index}.c`)].map((file) => `"${file}"`).join(', ')}${verifier === undefined ? '' : ` with { verifier ${verifier}; }`};
  ${withProcess ? 'process client "client.c";' : ''}
}`,
  );
  const program = compileScenarioFile('table.dms', { read: (path) => files.get(path) });
  const errors = program.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new Error(
      errors
        .map(({ message, range }) => {
          const file = range.file.path;
          const line = files.get(file)?.slice(0, range.start).split('\n').length;
          return `${rows[Number(/row-(\d+)/.exec(file)?.[1] ?? -1)]?.rule ?? ''} ${file}:${line}: ${message}`;
        })
        .join('\n'),
    );
  }
  const session = createSession({ program, scenario: 'rows', history: false });
  session.resume('continue');
  for (let slice = 0; !session.ended; slice++) {
    if (slice > 10_000) throw new Error('the rows do not end');
    session.work(1000, () => performance.now());
  }
  const result = session.result();
  const lines = new Map<number, string[]>();
  let current: string[] = [];
  for (const { text } of result.output) {
    if (isReason.test(text.trim())) continue;
    const mark = /^#(\d+)$/.exec(text.trim());
    if (mark === null) current.push(text.trimEnd());
    else {
      current = [];
      lines.set(Number(mark[1]), current);
    }
  }
  return { lines, result };
}
