import { describe, expect, it } from 'vitest';
import { failuresOf, violationsOf } from '../life/support.ts';
import { BLOCK32, HIGH, LOWER, printed, RAISE, runDma, SG32, SG64, WINDOWS } from './support.ts';

/** The elements of a list over pages with these numbers. */
function elements(
  pages: readonly number[],
  options: {
    readonly description?: string;
    readonly machine?: string;
    readonly offset?: number;
    readonly bytes?: number;
  } = {},
): readonly string[] {
  const {
    description = SG64,
    machine = '',
    offset = 0,
    bytes = pages.length * 4096 - offset,
  } = options;
  const found = runDma(
    description,
    `static const PFN_NUMBER pages[] = {${pages.join(', ')}};
    PMDL mdl = Describe(${offset}, ${bytes}, ${pages.length}, pages);
    ${RAISE}
    DbgPrint("status %x\\n", Ops->GetScatterGatherList(Adapter, Pdo, mdl, MmGetMdlVirtualAddress(mdl), ${bytes}, ListControl, NULL, TRUE));
    if (List != NULL) { ShowList(List); Ops->PutScatterGatherList(Adapter, List, TRUE); }
    ${LOWER}
    Forget(mdl);`,
    {
      machine: `memory 0 .. 640K, 1M .. 3G, 4G .. 20G; ${machine}`,
      nic: 'address_bits 64; scatter_gather;',
    },
  );
  expect(violationsOf(found)).toEqual([]);
  expect(failuresOf(found)).toEqual([]);
  return printed(found);
}

describe('the elements of a scatter/gather list', () => {
  it.each([
    { what: 'one for adjacent pages', pages: [0x5000, 0x5001, 0x5002], list: ['5000000+3000'] },
    {
      what: 'one for each piece',
      pages: [0x5000, 0x5002, 0x5003, 0x5009],
      list: ['5000000+1000', '5002000+2000', '5009000+1000'],
    },
    {
      what: 'pages in falling order are not adjacent',
      pages: [0x5001, 0x5000],
      list: ['5001000+1000', '5000000+1000'],
    },
    {
      what: 'a 4 GB line ends a piece',
      pages: [0x1ffffe, 0x1fffff, 0x200000],
      list: ['1ffffe000+2000', '200000000+1000'],
    },
  ])('$what', ({ pages, list }) => {
    expect(elements(pages)).toEqual(['status 0', ...list]);
  });

  it('keep the offset in the first page and the length in the last', () => {
    expect(elements([0x5000, 0x5001], { offset: 0x678, bytes: 0x1000 })).toEqual([
      'status 0',
      '5000678+1000',
    ]);
    expect(elements([0x5000, 0x6000], { offset: 0x678, bytes: 0x1000 })).toEqual([
      'status 0',
      '5000678+988',
      '6000000+678',
    ]);
  });

  it('are pages where the machine does not merge them', () => {
    const machine = 'merge_pages off;';
    expect(elements([0x5000, 0x5001, 0x5002], { machine })).toEqual([
      'status 0',
      '5000000+1000',
      '5001000+1000',
      '5002000+1000',
    ]);
    expect(elements([0x5000, 0x5001], { machine, offset: 0x800, bytes: 0x1000 })).toEqual([
      'status 0',
      '5000800+800',
      '5001000+800',
    ]);
  });

  it('are one for a device without scatter/gather, merged pages or not', () => {
    for (const machine of ['', 'merge_pages off;']) {
      const description = 'description.Dma64BitAddresses = TRUE;';
      expect(elements([0x5000, 0x5001], { description, machine })).toEqual([
        'status 0',
        '5000000+2000',
      ]);
      const apart = elements([0x5000, 0x6000], { description, machine });
      expect(apart).toHaveLength(2);
      expect(apart[1]).toMatch(/\+2000$/);
    }
  });

  it('end where the reach of the device ends', () => {
    const description =
      'description.Version = 3; description.ScatterGather = TRUE; description.DmaAddressWidth = 30;';
    const list = elements([0x3ffff, 0x40000], { description, machine: WINDOWS });
    expect(list).toHaveLength(3);
    expect(list[1]).toBe('3ffff000+1000');
    // A page at 0x40000000 needs a map register: the device gets another address within 0x3FFFFFFF.
    expect(Number.parseInt(list[2] ?? '', 16)).toBeLessThan(0x4000_0000);
  });

  it('go on over a chain of MDLs, which are never merged', () => {
    const found = runDma(
      SG64,
      `static const PFN_NUMBER one[] = {0x5000}, two[] = {0x5001, 0x7000};
      PMDL mdl = Describe(0x800, 0x800, 1, one);
      mdl->Next = Describe(0, 0x1800, 2, two);
      ${RAISE}
      Ops->GetScatterGatherList(Adapter, Pdo, mdl, (PUCHAR)MmGetMdlVirtualAddress(mdl) + 0x100, 0x1700, ListControl, NULL, TRUE);
      ShowList(List); Ops->PutScatterGatherList(Adapter, List, TRUE);
      ${LOWER}
      Forget(mdl->Next); mdl->Next = NULL; Forget(mdl);`,
      { nic: 'address_bits 64; scatter_gather;' },
    );
    expect(printed(found)).toEqual(['5000900+700', '5001000+1000']);
    expect(violationsOf(found)).toEqual([]);
  });
});

describe('CalculateScatterGatherList', () => {
  const sizes = (call: string, description = SG64): readonly string[] =>
    printed(
      runDma(
        description,
        `static const PFN_NUMBER pages[] = {0x5000, 0x5001, 0x7000, 0x9000};
        PMDL mdl = Describe(0, 0x4000, 4, pages);
        ULONG size = 0, count = 0;
        NTSTATUS status = Ops->CalculateScatterGatherList(Adapter, ${call}, &size, &count);
        DbgPrint("%x %x %u\\n", status, size, count);
        Forget(mdl);`,
        { nic: 'address_bits 64; scatter_gather;' },
      ),
    );

  it.each([
    // Three elements are 0x10 + 3 * 0x18 bytes.
    { call: 'mdl, MmGetMdlVirtualAddress(mdl), 0x4000', answer: '0 58 4' },
    { call: 'mdl, (PUCHAR)MmGetMdlVirtualAddress(mdl) + 0x2000, 0x1000', answer: '0 28 1' },
    // Without an MDL the worst case.
    { call: 'NULL, (PVOID)0x1001, 0x1000', answer: '0 40 2' },
    { call: 'mdl, MmGetMdlVirtualAddress(mdl), 0x4001', answer: 'c0000023 0 0' },
    { call: 'NULL, (PVOID)0, 0x12000', answer: 'c000009a 0 0' },
  ])('answers $answer for $call', ({ call, answer }) => {
    expect(sizes(call)).toEqual([answer]);
  });

  it('knows that a device without scatter/gather gets one element', () => {
    expect(
      sizes('mdl, MmGetMdlVirtualAddress(mdl), 0x4000', 'description.Dma64BitAddresses = TRUE;'),
    ).toEqual(['0 28 4']);
  });

  it('tells how much BuildScatterGatherList needs', () => {
    const build = (bytes: string): readonly string[] =>
      printed(
        runDma(
          SG64,
          `static const PFN_NUMBER pages[] = {0x5000, 0x7000};
          static ULONG64 storage[16];
          PMDL mdl = Describe(0, 0x2000, 2, pages);
          ULONG size = 0;
          Ops->CalculateScatterGatherList(Adapter, mdl, MmGetMdlVirtualAddress(mdl), 0x2000, &size, NULL);
          ${RAISE}
          DbgPrint("%x\\n", Ops->BuildScatterGatherList(Adapter, Pdo, mdl, MmGetMdlVirtualAddress(mdl), 0x2000, ListControl, NULL, TRUE, storage, ${bytes}));
          if (List != NULL) { DbgPrint("%u\\n", List == (PVOID)storage); ShowList(List); Ops->PutScatterGatherList(Adapter, List, TRUE); }
          ${LOWER}
          Forget(mdl);`,
          { nic: 'address_bits 64; scatter_gather;' },
        ),
      );
    expect(build('size')).toEqual(['0', '1', '5000000+1000', '7000000+1000']);
    expect(build('size - 1')).toEqual(['c0000023']);
  });
});

describe('BuildMdlFromScatterGatherList', () => {
  const withList = (statements: string): string => `
    PMDL mdl = Pool(9000), target = NULL;
    UNREFERENCED_PARAMETER(target);
    ${RAISE}
    Ops->GetScatterGatherList(Adapter, Pdo, mdl, (PUCHAR)MmGetMdlVirtualAddress(mdl) + 100, 8000, ListControl, NULL, TRUE);
    ${statements}
    if (List != NULL) Ops->PutScatterGatherList(Adapter, List, TRUE);
    ${LOWER}
    FreePool(mdl);`;
  const BUILD = 'Ops->BuildMdlFromScatterGatherList(Adapter, List, mdl, &target)';

  it('answers the original MDL where the device uses its pages', () => {
    const found = runDma(
      SG64,
      withList(`DbgPrint("%x\\n", ${BUILD}); DbgPrint("%u\\n", target == mdl);`),
      {
        nic: 'address_bits 64; scatter_gather;',
      },
    );
    expect(printed(found)).toEqual(['0', '1']);
    expect(found.reports.list('leak')).toEqual([]);
    expect(violationsOf(found)).toEqual([]);
  });

  it.each([
    { device: 'with scatter/gather', description: SG32 },
    { device: 'without', description: BLOCK32 },
  ])('describes the copies of a device $device', ({ description }) => {
    const found = runDma(
      description,
      withList(
        `${BUILD};
        DbgPrint("%u %u %x\\n", target != mdl && target != NULL, MmGetMdlByteCount(target), MmGetMdlByteOffset(target));
        DbgPrint("%u\\n", MmGetMdlPfnArray(target)[0] << PAGE_SHIFT | MmGetMdlByteOffset(target)) ;
        DbgPrint("%u\\n", (ULONG64)List->Elements[0].Address.QuadPart);
        { PUCHAR bytes = MmGetSystemAddressForMdlSafe(target, NormalPagePriority | MdlMappingNoExecute);
          DbgPrint("%x %x\\n", bytes[0], bytes[7999]); bytes[0] = 0x22; }
        DbgPrint("%x\\n", ((PUCHAR)MmGetMdlVirtualAddress(mdl))[100]);`,
      ),
      { machine: `${HIGH} map_registers 64;` },
    );
    const [head, frame, address, ...bytes] = printed(found);
    expect(head).toMatch(/^1 8000 /);
    expect(frame).toBe(address);
    // The copy has the bytes, and is not the buffer.
    expect(bytes).toEqual(['11 11', '11']);
    expect(violationsOf(found)).toEqual([]);
    expect(failuresOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it.each([
    { call: 'List, NULL, &target', answer: 'c000000d', why: 'there is no original MDL' },
    {
      call: 'List, mdl, &target',
      answer: 'c0000073',
      why: 'it was built once',
      first: `${BUILD};`,
    },
  ])('fails when $why', ({ call, answer, first = '' }) => {
    const body = withList(
      `${first} DbgPrint("%x\\n", Ops->BuildMdlFromScatterGatherList(Adapter, ${call}));`,
    );
    expect(printed(runDma(SG32, body))).toEqual([answer]);
  });
});
