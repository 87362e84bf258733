/** Each header stands on its own, says whom it is for, and documents what it declares. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { headers } from '../../../engine/include/headers.ts';
import type { Unit } from '../../../engine/language/program.ts';
import { compile, findings, place } from '../language/check-support.ts';
import constants from './constants.json' with { type: 'json' };
import layouts from './layouts-x64.json' with { type: 'json' };

const folder = join(import.meta.dirname, '../../../engine/include');

const onlyKernel = [
  'ntddk.h',
  'wdm.h',
  'dmsdevice.h',
  'ntifs.h',
  'ntdef.h',
  'ntstrsafe.h',
  'ntintsafe.h',
  'wdmguid.h',
  'wdmsec.h',
];
const onlyUser = [
  'windows.h',
  'winnt.h',
  'winbase.h',
  'winioctl.h',
  'winsock.h',
  'winsock2.h',
  'ws2tcpip.h',
  'ws2spi.h',
  'ws2san.h',
  'mswsock.h',
  'conio.h',
  'malloc.h',
  'process.h',
  'strsafe.h',
  'tchar.h',
  'errno.h',
  'assert.h',
  'fileapi.h',
  'handleapi.h',
  'ioapiset.h',
  'memoryapi.h',
  'errhandlingapi.h',
  'processthreadsapi.h',
  'synchapi.h',
  'debugapi.h',
];
/** The first closes what pshpackN.h opens, the second needs the types of ntddk.h or windows.h. */
const notAlone = ['poppack.h', 'windef.h'];

function messages(text: string, mode: 'kernel' | 'user'): string[] {
  return compile(text, mode).diagnostics.map(({ message, range }) => `${place(range)}: ${message}`);
}

test('every header of the folder can be included', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.h'));
  expect([...headers.keys()].sort()).toEqual(files.sort());
});

const alone = [...headers.keys()].filter((name) => name !== 'wdf.h' && !notAlone.includes(name));

test.each(alone.filter((name) => !onlyUser.includes(name)))(
  'a driver includes %s alone',
  (name) => {
    expect(messages(`#include <${name}>\n`, 'kernel')).toEqual([]);
  },
);

test.each(alone.filter((name) => !onlyKernel.includes(name)))(
  'a process includes %s alone',
  (name) => {
    expect(messages(`#include <${name}>\n`, 'user')).toEqual([]);
  },
);

test('a driver includes windef.h behind ntddk.h', () => {
  expect(
    messages('#include <ntddk.h>\n#include <windef.h>\nBYTE b; DWORD d; BOOL f;\n', 'kernel'),
  ).toEqual([]);
  expect(messages('#include <windef.h>\n', 'kernel').join()).toMatch(/ntddk\.h or wdm\.h before/);
});

test.each(onlyKernel)('%s tells a process that it is for drivers', (name) => {
  expect(messages(`#include <${name}>\n`, 'user').join()).toMatch(/kernel|driver/);
});

test.each(onlyUser)('%s tells a driver that it is for processes', (name) => {
  expect(messages(`#include <${name}>\n`, 'kernel').join()).toMatch(/process/);
});

test('a driver formats by stdio.h, and gets neither a console nor a heap', () => {
  const text = (statement: string): string =>
    `#include <ntddk.h>\n#include <stdio.h>\n#include <stdlib.h>\nvoid f(char *text) { ${statement} }\n`;
  expect(messages(text('sprintf(text, "%d", min(1, 2));'), 'kernel')).toEqual([]);
  expect(messages(text('printf("x"); malloc(1);'), 'kernel').join()).toMatch(
    /'printf' is called but not declared.*'malloc' is called but not declared/,
  );
});

test('KMDF is answered by name', () => {
  expect(headers.get('wdf.h')).toMatch(/^#error KMDF is not supported/);
});

const kernel = compile('#include <ntifs.h>\n#include <ntstrsafe.h>\n').unit;
const user = compile(
  '#include <winsock2.h>\n#include <ws2san.h>\n#include <stdio.h>\n#include <stdlib.h>\n',
  'user',
).unit;

const tag = /^@(param \w+ |returns |irql |page |since )\S/;

test.each([
  ['kernel', kernel],
  ['user', user],
])('every %s function is documented', (_mode, unit: Unit) => {
  const bad: string[] = [];
  for (const { name, documentation } of unit.functions) {
    const lines = documentation?.split('\n') ?? [];
    if (!/^[A-Z].*[.:]$/.test(lines[0] ?? '')) bad.push(`${name}: ${lines[0]}`);
    for (const line of lines)
      if (line.startsWith('@') && !tag.test(line)) bad.push(`${name}: ${line}`);
  }
  expect(bad).toEqual([]);
});

test.each([
  ['kernel', kernel],
  ['user', user],
])('every %s structure, enumeration and callback is documented', (_mode, unit: Unit) => {
  const bad: string[] = [];
  for (const [name, type] of unit.tags) {
    if (type.kind === 'record') {
      const { members, documentation } = type.definition;
      const isHandle = members?.every((member) => member.name === 'unused') ?? true;
      if (!isHandle && documentation === undefined) bad.push(name);
    } else if (type.kind === 'enum' && type.definition.documentation === undefined) bad.push(name);
  }
  for (const [name, { type, documentation }] of unit.typedefs)
    if (type.kind === 'function' && documentation === undefined) bad.push(name);
  expect(bad).toEqual([]);
});

test('what the documentation calls a parameter is one', () => {
  const bad: string[] = [];
  for (const { name, documentation, type } of [...kernel.functions, ...user.functions]) {
    const parameters = type.parameters.map((parameter) => parameter.name);
    for (const [, parameter] of documentation?.matchAll(/^@param (\w+)/gm) ?? [])
      if (!parameters.includes(parameter)) bad.push(`${name}: ${parameter}`);
  }
  expect(bad).toEqual([]);
});

test('every structure and constant of the tables is there', () => {
  const { typedefs, tags, macros, enumerators } = kernel;
  const missing = Object.keys(layouts.structs).filter(
    (name) => !typedefs.has(name) && !tags.has(`_${name}`),
  );
  const tables: object[] = [
    ...Object.values(constants.macros),
    ...Object.values(constants.enums),
    ...Object.values(constants.docs).map(({ values }) => values),
    constants.newer,
  ];
  for (const name of tables.flatMap((table) => Object.keys(table)))
    if (!macros.has(name) && !enumerators.has(name)) missing.push(name);
  expect(missing).toEqual([]);
});

test('macros compute what the documentation works out', () => {
  const cases = [
    'ADDRESS_AND_SIZE_TO_SPAN_PAGES(0x1000, 0x1000) == 1',
    'ADDRESS_AND_SIZE_TO_SPAN_PAGES(0x1FFF, 2) == 2',
    'ADDRESS_AND_SIZE_TO_SPAN_PAGES(0x1001, 0x1000) == 2',
    'ADDRESS_AND_SIZE_TO_SPAN_PAGES(0x1000, 0) == 0',
    'ADDRESS_AND_SIZE_TO_SPAN_PAGES(0x1001, 0) == 1',
    'BYTES_TO_PAGES(0x1001) == 2',
    'CTL_CODE(0x8000, 0x800, METHOD_OUT_DIRECT, FILE_ANY_ACCESS) == 0x80002002',
    'CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_READ_DATA) == 0x00226004',
    'METHOD_FROM_CTL_CODE(0x0022E00B) == METHOD_NEITHER',
    'sizeof(MDL) == 48',
    'FIELD_OFFSET(SCATTER_GATHER_LIST, Elements[3]) == 0x58',
    'LOOKASIDE_MINIMUM_BLOCK_SIZE == 8',
    'FIELD_OFFSET(DMA_OPERATIONS, CalculateScatterGatherList) == 0x68',
    'FIELD_OFFSET(DMA_OPERATIONS, GetDmaAdapterInfo) == 0x80',
    'FIELD_OFFSET(DMA_OPERATIONS, AllocateDomainCommonBuffer) == 0xE8',
    'NT_SUCCESS(STATUS_PENDING)',
    '!NT_SUCCESS(STATUS_BUFFER_OVERFLOW)',
  ];
  expect(
    findings(`#include <ntddk.h>\n${cases.map((text) => `C_ASSERT(${text});\n`).join('')}`),
  ).toEqual([]);
});
