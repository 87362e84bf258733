// Section objects as drivers use them: ZwCreateSection and its relatives, views of processes and of the system.
import { describe, test } from 'vitest';
import { expectRule } from './expect-rule.ts';
import { any, type Rule, seen, shows, status, stops } from './rules.ts';
import { RuleTable } from './run-rules.ts';

const IN_PROCESS = { inProcess: true } as const;
/** A section of three pages without a name, by a kernel handle, and its object. */
const CREATE = (protection = 'PAGE_READWRITE', bytes = '3 * PAGE_SIZE'): string => `
  HANDLE section = NULL; PVOID object = NULL; PUCHAR view = NULL; SIZE_T bytes = 0; LARGE_INTEGER size; LARGE_INTEGER offset; OBJECT_ATTRIBUTES attributes;
  InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL); offset.QuadPart = 0;
  size.QuadPart = ${bytes};
  SEE_STATUS(ZwCreateSection(&section, SECTION_ALL_ACCESS, &attributes, &size, ${protection}, SEC_COMMIT, NULL));`;
const OBJECT =
  'SEE_STATUS(ObReferenceObjectByHandle(section, SECTION_ALL_ACCESS, NULL, KernelMode, &object, NULL));';
const SYSTEM_VIEW = 'SEE_STATUS(MmMapViewInSystemSpace(object, (PVOID *)&view, &bytes));';
const END_SYSTEM_VIEW =
  'SEE_STATUS(MmUnmapViewInSystemSpace(view)); ObDereferenceObject(object); ZwClose(section);';
const PROCESS_VIEW = (protection = 'PAGE_READWRITE'): string =>
  `SEE_STATUS(ZwMapViewOfSection(section, ZwCurrentProcess(), (PVOID *)&view, 0, 0, &offset, &bytes, ViewUnmap, 0, ${protection}));`;
const END_PROCESS_VIEW =
  'SEE_STATUS(ZwUnmapViewOfSection(ZwCurrentProcess(), view)); ZwClose(section);';

const rules: readonly Rule[] = [
  shows(
    'system',
    'a view in system space shows the section, zeroed and writable',
    `${CREATE()} ${OBJECT} ${SYSTEM_VIEW} SEE((ULONG_PTR)view >= (ULONG_PTR)MmSystemRangeStart); SEE(bytes); SEE(view[0] + view[0x2FFF]); view[5] = 7; SEE(view[5]); ${END_SYSTEM_VIEW}`,
    [0, 0, 0, 1, 0x3000, 0, 7, 0],
  ),
  shows(
    'system',
    'two views show the same memory',
    `PUCHAR other = NULL; SIZE_T part = PAGE_SIZE; ${CREATE()} ${OBJECT} ${SYSTEM_VIEW} SEE_STATUS(MmMapViewInSystemSpace(object, (PVOID *)&other, &part)); view[9] = 3; SEE(other[9]); SEE(part); SEE(Behind(view) == Behind(other)); MmUnmapViewInSystemSpace(other); ${END_SYSTEM_VIEW}`,
    [0, 0, 0, 0, 3, 0x1000, 1, 0],
  ),
  shows(
    'system',
    'the data outlives its views and goes with the section',
    `${CREATE()} ${OBJECT} ${SYSTEM_VIEW} view[1] = 9; MmUnmapViewInSystemSpace(view); SEE(MmIsAddressValid(view)); view = NULL; bytes = 0; ${SYSTEM_VIEW} SEE(view[1]); ${END_SYSTEM_VIEW}`,
    [0, 0, 0, 0, 0, 9, 0],
  ),
  shows(
    'system',
    'a view keeps the memory when handle and object are gone',
    `${CREATE()} ${OBJECT} ${SYSTEM_VIEW} ObDereferenceObject(object); ZwClose(section); view[2] = 4; SEE(view[2]); SEE_STATUS(MmUnmapViewInSystemSpace(view)); SEE(MmIsAddressValid(view));`,
    [0, 0, 0, 4, 0, 0],
  ),
  shows(
    'system',
    'a view is not larger than its section',
    `${CREATE()} ${OBJECT} bytes = 4 * PAGE_SIZE; ${SYSTEM_VIEW} ObDereferenceObject(object); ZwClose(section);`,
    [0, 0, 0xc000001f],
  ),
  shows(
    'system',
    'an address that is no view is STATUS_NOT_MAPPED_VIEW',
    `${CREATE()} ${OBJECT} ${SYSTEM_VIEW} SEE_STATUS(MmUnmapViewInSystemSpace(view)); ${END_SYSTEM_VIEW}`,
    [0, 0, 0, 0, status.NOT_MAPPED_VIEW],
  ),
  shows(
    'system',
    'a view can be locked and mapped by an MDL',
    `PMDL mdl; PUCHAR at; ${CREATE()} ${OBJECT} ${SYSTEM_VIEW} mdl = IoAllocateMdl(view, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
     MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess); at = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority); at[0x1003] = 6; SEE(view[0x1003]);
     MmUnlockPages(mdl); IoFreeMdl(mdl); ${END_SYSTEM_VIEW}`,
    [0, 0, 0, 6, 0],
  ),
  stops(
    'system',
    'a view is pageable: not to be touched at DISPATCH_LEVEL when it is away',
    `${CREATE()} ${OBJECT} ${SYSTEM_VIEW} view[0] = 1; SEE(view); Raise(DISPATCH_LEVEL); view[0] = 2;`,
    [0xd1, seen(3), 2, 1, any],
    { verifier: 'force_irql' },
  ),
  shows(
    'system',
    'a view that is left is a leak',
    `${CREATE()} ${OBJECT} ${SYSTEM_VIEW} ObDereferenceObject(object); ZwClose(section);`,
    [0, 0, 0],
    { leaks: ['section view'] },
  ),
  shows(
    'system',
    'views of the system are for APC_LEVEL at most',
    `KIRQL old; ${CREATE()} ${OBJECT} old = Raise(DISPATCH_LEVEL); ${SYSTEM_VIEW} KeLowerIrql(old); ${END_SYSTEM_VIEW}`,
    [0, 0, 0, 0],
    { violations: ['wrong_irql'] },
  ),
  shows(
    'section',
    'sections are made at PASSIVE_LEVEL',
    `KIRQL old = Raise(APC_LEVEL); ${CREATE()} KeLowerIrql(old); ZwClose(section);`,
    [0],
    { violations: ['wrong_irql'] },
  ),
  shows('section', 'a size of 0 is a wrong parameter', CREATE('PAGE_READWRITE', '0'), [
    status.INVALID_PARAMETER_4,
  ]),
  shows('section', 'a protection is one that sections have', CREATE('0'), [
    status.INVALID_PAGE_PROTECTION,
  ]),
  shows(
    'section',
    'too much memory is refused, and the machine says why',
    CREATE('PAGE_READWRITE', '64 * M'),
    [status.INSUFFICIENT_RESOURCES],
    {
      machine: 'memory 0 .. 640K, 1M .. 64M;',
      says: ['ZwCreateSection fails', 'pages were asked for'],
    },
  ),
  shows(
    'section',
    'a name is opened by a driver, and taken only once',
    `HANDLE second = NULL; HANDLE third = NULL; UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\\\BaseNamedObjects\\\\Ddi"); OBJECT_ATTRIBUTES named; ${CREATE()} ZwClose(section);
     InitializeObjectAttributes(&named, &name, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL, NULL);
     SEE_STATUS(ZwOpenSection(&second, SECTION_ALL_ACCESS, &named));
     SEE_STATUS(ZwCreateSection(&section, SECTION_ALL_ACCESS, &named, &size, PAGE_READWRITE, SEC_COMMIT, NULL));
     SEE_STATUS(ZwCreateSection(&third, SECTION_ALL_ACCESS, &named, &size, PAGE_READWRITE, SEC_COMMIT, NULL));
     SEE_STATUS(ZwOpenSection(&second, SECTION_ALL_ACCESS, &named)); ZwClose(section); ZwClose(second);
     SEE_STATUS(ZwOpenSection(&second, SECTION_ALL_ACCESS, &named));`,
    [0, 0xc0000034, 0, 0xc0000035, 0, 0xc0000034],
  ),
  shows(
    'process',
    'a view in the current process lies in user space and shows what the system writes',
    `PUCHAR own = NULL; ${CREATE()} ${OBJECT} ${PROCESS_VIEW()} SEE((LONG_PTR)view > 0); SEE(BYTE_OFFSET(view)); SEE(bytes);
     { SIZE_T all = 0; MmMapViewInSystemSpace(object, (PVOID *)&own, &all); own[17] = 5; SEE(view[17]); MmUnmapViewInSystemSpace(own); } ObDereferenceObject(object); ${END_PROCESS_VIEW}`,
    [0, 0, 0, 1, 0, 0x3000, 5, 0],
    IN_PROCESS,
  ),
  shows(
    'process',
    'offset and size choose a part; the offset is a multiple of 64 KB',
    `${CREATE('PAGE_READWRITE', '0x20000')} bytes = 100; offset.QuadPart = 0x10000; ${PROCESS_VIEW()} SEE(bytes); SEE(MmIsAddressValid(view + PAGE_SIZE));
     ZwUnmapViewOfSection(ZwCurrentProcess(), view); view = NULL; offset.QuadPart = 0x1000; ${PROCESS_VIEW()} ZwClose(section);`,
    [0, 0, 0x1000, 0, 0xc0000220],
    IN_PROCESS,
  ),
  shows(
    'process',
    'a base address is kept, and not given twice',
    `PUCHAR second; ${CREATE()} view = (PUCHAR)0x30000000; ${PROCESS_VIEW()} SEE(view); second = view; bytes = 0; ${PROCESS_VIEW()} view = second; ${END_PROCESS_VIEW}`,
    [0, 0, 0x30000000, status.CONFLICTING_ADDRESSES, 0],
    IN_PROCESS,
  ),
  shows(
    'process',
    'a view may not write where the section may not',
    `${CREATE('PAGE_READONLY')} ${PROCESS_VIEW()} ${PROCESS_VIEW('PAGE_READONLY')} SEE(view[0]); ${END_PROCESS_VIEW}`,
    [0, status.SECTION_PROTECTION, 0, 0, 0],
    IN_PROCESS,
  ),
  shows(
    'process',
    'a read-only view is not written',
    `${CREATE()} ${PROCESS_VIEW('PAGE_READONLY')} SEE_RAISED(view[0] = 1) ${END_PROCESS_VIEW}`,
    [0, 0, status.ACCESS_VIOLATION, 0],
    IN_PROCESS,
  ),
  shows(
    'process',
    'an address that is no view is STATUS_NOT_MAPPED_VIEW',
    'SEE_STATUS(ZwUnmapViewOfSection(ZwCurrentProcess(), Buffer));',
    [status.NOT_MAPPED_VIEW],
    IN_PROCESS,
  ),
  shows(
    'process',
    'a wrong handle is told',
    'PUCHAR view = NULL; SIZE_T bytes = 0; SEE_STATUS(ZwMapViewOfSection((HANDLE)0x7770, ZwCurrentProcess(), (PVOID *)&view, 0, 0, NULL, &bytes, ViewUnmap, 0, PAGE_READWRITE));',
    [0xc0000008],
    IN_PROCESS,
  ),
  shows(
    'process',
    'a handle of something else is told',
    'PUCHAR view = NULL; SIZE_T bytes = 0; HANDLE thread; PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Idle, NULL); SEE_STATUS(ZwMapViewOfSection(thread, ZwCurrentProcess(), (PVOID *)&view, 0, 0, NULL, &bytes, ViewUnmap, 0, PAGE_READWRITE)); ZwClose(thread);',
    [status.OBJECT_TYPE_MISMATCH],
    {
      ...IN_PROCESS,
      declarations: 'static VOID Idle(PVOID Context) { UNREFERENCED_PARAMETER(Context); }\n',
    },
  ),
  shows(
    'process',
    'the system process has no user space for a view',
    `${CREATE()} ${PROCESS_VIEW()} ZwClose(section);`,
    [0, status.INVALID_PARAMETER],
    { says: ['MmMapViewInSystemSpace makes a view that every process sees'] },
  ),
];

const table = new RuleTable(rules);
describe.each(['section', 'system', 'process'])('%s', (group) => {
  const rows = rules.map((rule, index) => [rule.rule, rule, index] as const);
  test.each(rows.filter(([, { section }]) => section === group))('%s', (_, rule, index) => {
    expectRule(table, rule, index);
  });
});
