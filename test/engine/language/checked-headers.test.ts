/** Headers are checked once and serve many units: what one unit does with them must not show in another. */
import { describe, expect, test } from 'vitest';
import { compileScenarioFile, compileText } from '../../../engine/language/compile.ts';
import { readerOf } from './scenario-support.ts';

const compiled = (text: string) => {
  const { unit, diagnostics } = compileText({ text });
  return { unit, findings: diagnostics.all.map(({ message }) => message) };
};

const bodyOf = (text: string, name: string) =>
  compiled(text).unit.functions.find((symbol) => symbol.name === name)?.body;

const values = (text: string): readonly number[] =>
  compiled(text).unit.variables.flatMap(({ initializer }) =>
    initializer?.kind === 'value' && initializer.value.kind === 'integer'
      ? [Number(initializer.value.value)]
      : [],
  );

describe('a unit that begins with a built-in header', () => {
  const include = '#include <ntddk.h>\n';

  test('may define what the header declares, and no other unit has the definition', () => {
    const own = `${include}PMDL NTAPI IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer,
      BOOLEAN ChargeQuota, PIRP Irp) { return NULL; }\n`;
    expect(bodyOf(own, 'IoAllocateMdl')).toBeDefined();
    expect(bodyOf(include, 'IoAllocateMdl')).toBeUndefined();
    expect(compiled(own).findings).toEqual([]);
  });

  test('may define a variable that the header declares', () => {
    const defined = (text: string) =>
      compiled(text).unit.variables.find(({ name }) => name === 'KeNumberProcessors')?.defined;
    expect(defined(`${include}volatile CCHAR KeNumberProcessors = 2;\n`)).toBe(true);
    expect(defined(include)).toBe(false);
  });

  test('may complete a type that the header announces, also for the pointers in the header', () => {
    const own = `${include}struct _IO_TIMER { int Ticks; };
      int Ticks(PDEVICE_OBJECT Device) { return Device->Timer->Ticks; }\n`;
    expect(compiled(own).findings).toEqual([]);
    expect(compiled(`${include}struct _IO_TIMER Timer;\n`).findings.join()).toContain(
      'not defined',
    );
    expect(compiled(own).findings).toEqual([]);
  });

  test('puts functions of the header into sections of its own', () => {
    const section = (text: string) =>
      compiled(text).unit.functions.find(({ name }) => name === 'IoFreeMdl')?.section;
    expect(section(`${include}#pragma alloc_text(PAGE, IoFreeMdl)\n`)).toBe('PAGE');
    expect(section(include)).toBeUndefined();
  });

  test('gets the header as the definitions before it have it', () => {
    const size = '\nint Size = sizeof(PHYSICAL_ADDRESS) DBG_VALUE;\n';
    const checked = (definition: string) =>
      values(
        `${definition}${include}#if DBG\n#define DBG_VALUE + 1\n#else\n#define DBG_VALUE\n#endif${size}`,
      );
    expect(checked('')).toEqual([9]);
    expect(checked('#undef DBG\n#define DBG 0\n')).toEqual([8]);
    expect(checked('')).toEqual([9]);
    const guids = (definition: string) =>
      compiled(`${definition}${include}#include <wdmguid.h>\n`).unit.variables.some(
        ({ name, defined }) => name === 'GUID_BUS_TYPE_PCI' && defined,
      );
    expect(guids('')).toBe(false);
    expect(guids('#include <initguid.h>\n')).toBe(true);
    expect(guids('')).toBe(false);
  });

  test('keeps its own macros, wherever they stand', () => {
    const text = `#define BEFORE 1\n${include}#define BETWEEN 2\n#include <ntstrsafe.h>\n`;
    expect(values(`${text}int Sum = BEFORE + BETWEEN + (PAGE_SIZE == 4096);\n`)).toEqual([4]);
    expect(compiled(`${include}int Sum = BEFORE;\n`).findings.join()).toContain("'BEFORE'");
  });

  test('may be in the middle of something', () => {
    const passed = compiled(`#define ID(...) __VA_ARGS__\nID(\n${include}int last;)\n`);
    expect(passed.unit.typedefs.has('PMDL')).toBe(true);
    expect(passed.findings).toEqual([]);
    const packed = `#pragma pack(push, 1)\n${include}#pragma pack(pop)\nint s = sizeof(MDL);\n`;
    expect(values(packed)).toEqual(values(`#pragma pack(1)\n${include}int s = sizeof(MDL);\n`));
  });
});

test('a header of the driver that includes a built-in one and says `#pragma once` is there for each of its files', () => {
  const files = {
    's.dms': 'scenario "s" { driver "one.c", "two.c", "three.c"; }',
    'common.h':
      '#pragma once\n#include <ntddk.h>\n#include <ntstrsafe.h>\nVOID Helper(ULONG Count);\n',
    'one.c': '#include "common.h"\nVOID Helper(ULONG Count) { UNREFERENCED_PARAMETER(Count); }\n',
    'two.c': '#include <ntddk.h>\n#include "common.h"\nVOID Other(VOID) { Helper(1); }\n',
    'three.c': `#include <ntddk.h>\n#include <ntstrsafe.h>\n#include "common.h"
DRIVER_INITIALIZE DriverEntry;
NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING Path)
{ UNREFERENCED_PARAMETER(Driver); UNREFERENCED_PARAMETER(Path); Helper(2); return STATUS_SUCCESS; }\n`,
  };
  const { diagnostics } = compileScenarioFile({
    path: 's.dms',
    reader: readerOf(files),
    builtins: new Map(),
  });
  expect(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
  ).toEqual([]);
});
