import { beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSymbol } from '../../../engine/language/program.ts';
import type { NativeTable } from '../../../engine/vm/natives.ts';
import { runText } from './life/support.ts';

/** Declared and defined functions of a host with a driver and a process that include all common headers. */
let declared: ReadonlyMap<string, FunctionSymbol>;
let defined: ReadonlySet<string>;
let natives: NativeTable;

beforeAll(() => {
  const run = runText(`scenario "x" {
driver D {
#include <ntddk.h>
#include <ntifs.h>
#include <ntstrsafe.h>
#include <dmsdevice.h>
#include <ctype.h>
#include <wchar.h>
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath) { return STATUS_SUCCESS; } }
process p {
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
int main(void) { return 0; } } }`);
  const units = run.vm.images(0).flatMap((image) => image.declaration.units);
  const functions = units.flatMap((unit) => unit.functions);
  declared = new Map(functions.map((symbol) => [symbol.name, symbol]));
  defined = new Set(functions.filter(({ body }) => body !== undefined).map(({ name }) => name));
  natives = run.kernels[0]?.natives ?? {};
});

describe('native routines', () => {
  it('have a prototype in a header', () => {
    expect(Object.keys(natives).filter((name) => !declared.has(name))).toEqual([]);
  });

  it('are not also written in C', () => {
    expect(Object.keys(natives).filter((name) => defined.has(name))).toEqual([]);
  });

  it('neither wait nor hand out promises', () => {
    const kinds = Object.entries(natives).map(([name, native]) => [
      name,
      Object.prototype.toString.call(native),
    ]);
    expect(kinds.filter(([, kind]) => kind !== '[object Function]')).toEqual([]);
  });

  it('look at no more arguments than their prototype has', () => {
    const wrong: string[] = [];
    for (const [name, native] of Object.entries(natives)) {
      const parameters = declared.get(name)?.type.parameters.length ?? 0;
      for (const [, position] of String(native).matchAll(
        /\bcall\.(?:number|integer|boolean|floating)\((\d+)\)/g,
      )) {
        if (Number(position) >= parameters) wrong.push(`${name}: argument ${position}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
