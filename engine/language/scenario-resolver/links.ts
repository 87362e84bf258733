/** What a linker says: entry points, names defined twice, names defined nowhere. */
import { deviceRoutines } from '../device-routines.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { FunctionSymbol, Reference, Unit, Variable } from '../program.ts';
import type { ProgramText } from './programs.ts';

/** What a program must define, one of the names each, and how a message shows it. */
const entryPoints: Readonly<Record<ProgramText['role'], readonly EntryPoint[]>> = {
  driver: [
    {
      names: ['DriverEntry'],
      code: 'no-driver-entry',
      message:
        'The driver has no DriverEntry: NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)',
    },
  ],
  process: [
    {
      names: ['main', 'wmain'],
      code: 'no-main',
      message: 'The process has no main: int main(void)',
    },
  ],
  device: [
    {
      names: ['RegisterRead'],
      code: 'no-register-read',
      message:
        'The device has no RegisterRead: ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size)',
    },
    {
      names: ['RegisterWrite'],
      code: 'no-register-write',
      message:
        'The device has no RegisterWrite: VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value)',
    },
  ],
  component: [],
};

interface EntryPoint {
  readonly names: readonly string[];
  readonly code: string;
  readonly message: string;
}

/** Checks the units of one driver, process or device together. */
export function checkLinks(
  units: readonly Unit[],
  { role, place }: ProgramText,
  diagnostics: Diagnostics,
): void {
  const defined = new Map<string, FunctionSymbol | Variable>();
  for (const unit of units) {
    for (const symbol of [...unit.functions, ...unit.variables]) {
      if (!isDefinition(symbol)) continue;
      const earlier = defined.get(symbol.name);
      if (earlier === undefined || earlier === symbol) {
        defined.set(symbol.name, symbol);
        continue;
      }
      if (earlier.range.file === symbol.range.file) continue;
      diagnostics.error(
        'duplicate-symbol',
        symbol.range,
        `'${symbol.name}' is defined in another file of the same ${role} too`,
        { related: [{ message: 'The other definition', range: earlier.range }] },
      );
    }
  }
  const broken = diagnostics.all.some(
    ({ severity, range }) =>
      severity === 'error' && units.some(({ files }) => files.includes(range.file)),
  );
  // With errors in the text a definition may just not have been understood.
  if (broken) return;
  for (const { names, code, message } of entryPoints[role]) {
    if (names.some((name) => defined.get(name)?.kind === 'function')) continue;
    diagnostics.error(code, place, message, { documentation: 'language.md' });
  }
  for (const unit of units) reportUndefined(unit, defined, diagnostics);
  if (role === 'device') for (const unit of units) reportKernelCalls(unit, diagnostics);
}

/** A device shares the kernel's headers, not the kernel. */
function reportKernelCalls(unit: Unit, diagnostics: Diagnostics): void {
  for (const { symbol, range, use } of unit.references) {
    if (symbol.kind !== 'function' || symbol.body !== undefined) continue;
    // Inline functions of the headers are nobody's concern until the device calls them.
    if (range.file.origin !== 'user') continue;
    if (use === 'declaration' || use === 'definition' || symbol.range.file.origin === 'user') {
      continue;
    }
    if (deviceRoutines.has(symbol.name)) continue;
    diagnostics.error(
      'not-for-devices',
      range,
      `'${symbol.name}' belongs to the kernel, which a device cannot call: it has what <dmsdevice.h> offers, DbgPrint, and routines that move, set and compare memory`,
      { documentation: 'language.md' },
    );
  }
}

/** Defined with external linkage. */
function isDefinition(symbol: FunctionSymbol | Variable): boolean {
  return symbol.kind === 'function'
    ? symbol.body !== undefined && !symbol.internal && !symbol.inline
    : symbol.external && symbol.defined;
}

/** Uses of what the user's own text declares and no file defines; built-in headers promise theirs. */
function reportUndefined(
  unit: Unit,
  defined: ReadonlyMap<string, FunctionSymbol | Variable>,
  diagnostics: Diagnostics,
): void {
  const missing = new Set<Reference['symbol']>(
    [...unit.functions, ...unit.variables].filter(
      (symbol) =>
        symbol.range.file.origin === 'user' &&
        !defined.has(symbol.name) &&
        (symbol.kind === 'function' ? symbol.body === undefined : !symbol.defined),
    ),
  );
  // Most units miss nothing, and need not look through all their names.
  if (missing.size === 0) return;
  const reported = new Set<string>();
  for (const { symbol, range, use } of unit.references) {
    if (use === 'declaration' || use === 'definition' || !missing.has(symbol)) continue;
    if (symbol.kind !== 'function' && symbol.kind !== 'variable') continue;
    if (reported.has(symbol.name)) continue;
    reported.add(symbol.name);
    diagnostics.error(
      'undefined-symbol',
      range,
      `'${symbol.name}' is declared, but defined in none of the files`,
      { related: [{ message: 'It is declared here', range: symbol.range }] },
    );
  }
}
