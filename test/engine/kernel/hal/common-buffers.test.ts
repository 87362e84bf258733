import { describe, expect, it } from 'vitest';
import { bugCheckOf, violationsOf } from '../life/support.ts';
import { type DmaOptions, LOWER, printed, RAISE, runDma, V3, WINDOWS } from './support.ts';

const LARGE = 'memory 0 .. 640K, 1M .. 3G, 4G .. 20G;';
const run = (statements: string, options: DmaOptions = {}, more = '', description = V3) =>
  runDma(
    description,
    `PHYSICAL_ADDRESS logical = {0}, lowest = {0}, highest = {0};
    PVOID buffer = NULL;
    UNREFERENCED_PARAMETER(lowest); UNREFERENCED_PARAMETER(highest);
    UNREFERENCED_PARAMETER(logical); UNREFERENCED_PARAMETER(buffer);
    ${statements}`,
    {
      nic: 'address_bits 64; scatter_gather;',
      ...options,
      machine: `${WINDOWS} ${options.machine ?? LARGE}`,
    },
    more,
  );
const FREE = (bytes: string): string =>
  `Ops->FreeCommonBuffer(Adapter, ${bytes}, logical, buffer, TRUE);`;
const quiet = (found: ReturnType<typeof run>): void => {
  expect(violationsOf(found)).toEqual([]);
  expect(found.reports.list('leak')).toEqual([]);
};

describe('AllocateCommonBufferEx', () => {
  it('keeps to a highest logical address, inclusive', () => {
    const found = run(`highest.QuadPart = 0xFFFFFF;
      buffer = Ops->AllocateCommonBufferEx(Adapter, &highest, 2 * PAGE_SIZE, &logical, TRUE, 0);
      DbgPrint("%u\\n", buffer != NULL && logical.QuadPart + 2 * PAGE_SIZE - 1 <= highest.QuadPart); ${FREE('2 * PAGE_SIZE')}
      highest.QuadPart = 0xFFF;
      DbgPrint("%p\\n", Ops->AllocateCommonBufferEx(Adapter, &highest, 2 * PAGE_SIZE, &logical, TRUE, 0));`);
    expect(printed(found)).toEqual(['1', '0000000000000000']);
    quiet(found);
  });

  it('is cached as it is told', () => {
    const found = run(
      'buffer = Ops->AllocateCommonBufferEx(Adapter, NULL, PAGE_SIZE, &logical, FALSE, 0); Adapter = NULL;',
    );
    const kernel = found.kernels[0];
    const [buffer] = [...(kernel?.commonBuffers.all.values() ?? [])];
    expect(kernel?.host.system.find(buffer?.address ?? 0)?.cache).toBe('nonCached');
  });
});

describe('AllocateCommonBufferWithBounds', () => {
  const WITH = (flags = '0', cache = 'NULL', bytes = 'PAGE_SIZE'): string =>
    `buffer = Ops->AllocateCommonBufferWithBounds(Adapter, &lowest, &highest, ${bytes}, ${flags}, ${cache}, MM_ANY_NODE_OK, &logical);`;

  it.each(['', 'iommu;'])('keeps at or above the lowest and below the highest %s', (option) => {
    const found = run(
      `lowest.QuadPart = 0x800000; highest.QuadPart = 0x802000;
      ${WITH()} DbgPrint("%I64x\\n", logical.QuadPart);
      { PHYSICAL_ADDRESS first = logical; PVOID one = buffer;
        ${WITH()} DbgPrint("%u\\n", logical.QuadPart != first.QuadPart && logical.QuadPart < highest.QuadPart);
        ${FREE('PAGE_SIZE')} logical = first; buffer = one; ${FREE('PAGE_SIZE')} }
      highest.QuadPart = 0x801000; ${WITH('0', 'NULL', '2 * PAGE_SIZE')} DbgPrint("%p\\n", buffer);`,
      { machine: `${LARGE} ${option}` },
    );
    const [first, second, third] = printed(found);
    expect(Number.parseInt(first ?? '', 16)).toBeGreaterThanOrEqual(0x800000);
    expect([second, third]).toEqual(['1', '0000000000000000']);
    quiet(found);
  });

  it('takes large pages, and only caching that buffers can have', () => {
    const found = run(
      `MEMORY_CACHING_TYPE cache = MmWriteCombined;
      highest.QuadPart = 0xFFFFFFFF;
      ${WITH('DOMAIN_COMMON_BUFFER_LARGE_PAGE')} DbgPrint("%I64x\\n", logical.QuadPart & 0x1FFFFF); ${FREE('PAGE_SIZE')}
      ${WITH('0', '&cache')} DbgPrint("%p\\n", buffer);
      cache = MmNonCached; ${WITH('0', '&cache')} DbgPrint("%u\\n", buffer != NULL); ${FREE('PAGE_SIZE')}`,
    );
    expect(printed(found)).toEqual(['0', '0000000000000000', '1']);
    quiet(found);
  });
});

describe('a common buffer vector', () => {
  const ALLOCATE = `PDMA_COMMON_BUFFER_VECTOR vector = NULL;
    highest.QuadPart = 0xFFFFFFFF;
    DbgPrint("%x\\n", Ops->AllocateCommonBufferVector(Adapter, lowest, highest, MmCached, MM_ANY_NODE_OK, 0, 3, 5000, &vector));`;
  const FREE_ALL =
    '{ ULONG i; for (i = 0; i < 3; i++) Ops->FreeCommonBufferFromVector(Adapter, vector, i); } Ops->FreeCommonBufferVector(Adapter, vector);';

  it('has buffers of one size, which are freed one by one', () => {
    const found = run(`${ALLOCATE}
      { ULONG i; for (i = 0; i < 3; i++) {
          Ops->GetCommonBufferFromVectorByIndex(Adapter, vector, i, &buffer, &logical);
          RtlZeroMemory(buffer, 5000);
          DbgPrint("%u\\n", MmGetPhysicalAddress(buffer).QuadPart == logical.QuadPart);
      } }
      ${FREE_ALL}`);
    expect(printed(found)).toEqual(['0', '1', '1', '1']);
    quiet(found);
  });

  it('comes whole or not at all', () => {
    const found = run(
      `PDMA_COMMON_BUFFER_VECTOR vector = NULL;
      highest.QuadPart = 0xFFFFFFFF;
      DbgPrint("%x\\n", Ops->AllocateCommonBufferVector(Adapter, lowest, highest, MmCached, MM_ANY_NODE_OK, 0, 3, 4096, &vector));`,
      { machine: 'memory 0 .. 640K, 1M .. 64M; free_memory 0x100000 .. 0x102000;' },
    );
    expect(printed(found)).toEqual(['c000009a']);
    quiet(found);
  });

  it.each([
    {
      code: 1,
      what: 'IRQL',
      misuse: `${RAISE} Ops->FreeCommonBufferFromVector(Adapter, vector, 0); ${LOWER}`,
      rest: [2n],
    },
    {
      code: 2,
      what: 'not empty',
      misuse: 'Ops->FreeCommonBufferVector(Adapter, vector);',
      rest: [0n],
    },
    {
      code: 3,
      what: 'index out of bounds',
      misuse: 'Ops->GetCommonBufferFromVectorByIndex(Adapter, vector, 3, &buffer, &logical);',
      rest: [3n, 3n],
    },
    {
      code: 4,
      what: 'index freed already',
      misuse:
        'Ops->FreeCommonBufferFromVector(Adapter, vector, 1); Ops->FreeCommonBufferFromVector(Adapter, vector, 1);',
      rest: [1n],
    },
    { code: 5, what: 'leaked', misuse: '', rest: [] },
  ])('misused is 0x1DC: $what', ({ code, misuse, rest }) => {
    const found = run(`${ALLOCATE} ${misuse}`);
    const { code: bugCheck, parameters } = bugCheckOf(found);
    expect(bugCheck).toBe(0x1dc);
    expect(parameters.slice(0, 1 + rest.length)).toEqual([BigInt(code), ...rest]);
  });
});

describe('CreateCommonBufferFromMdl', () => {
  const create = (options: {
    readonly configs?: string;
    readonly count?: number;
    readonly machine?: string;
    readonly change?: string;
    readonly bytes?: string;
  }) => {
    const {
      configs = '',
      count = 0,
      machine = LARGE,
      change = '',
      bytes = '2 * PAGE_SIZE',
    } = options;
    return run(
      `DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION configs[2];
      PUCHAR memory;
      PMDL mdl;
      NTSTATUS status;
      highest.QuadPart = 0xFFFFFFFF;
      memory = MmAllocateContiguousMemory(${bytes}, highest);
      mdl = IoAllocateMdl(memory, ${bytes}, FALSE, FALSE, NULL);
      MmBuildMdlForNonPagedPool(mdl);
      RtlZeroMemory(configs, sizeof(configs));
      ${configs} ${change}
      status = Ops->CreateCommonBufferFromMdl(Adapter, mdl, configs, ${count}, &logical);
      DbgPrint("%x\\n", status);
      if (NT_SUCCESS(status)) {
          PUCHAR start = memory + Skip;
          DbgPrint("%u\\n", logical.QuadPart == MmGetPhysicalAddress(start).QuadPart);
          Ops->FreeCommonBuffer(Adapter, Size, logical, start, TRUE);
          memory[0] = 1;
      }
      IoFreeMdl(mdl);
      MmFreeContiguousMemory(memory);`,
      { machine },
      'static ULONG Skip = 0, Size = 2 * PAGE_SIZE;',
    );
  };

  it('gives the device memory that stays the driver’s', () => {
    const found = create({});
    expect(printed(found)).toEqual(['0', '1']);
    quiet(found);
  });

  it('gives it other addresses behind an IOMMU, within limits', () => {
    const found = create({
      machine: `${LARGE} iommu;`,
      configs: `configs[0].ConfigType = CommonBufferConfigTypeLogicalAddressLimits;
        configs[0].LogicalAddressLimits.MinimumAddress.QuadPart = 0x1000000; configs[0].LogicalAddressLimits.MaximumAddress.QuadPart = 0x1FFFFFF;
        configs[1].ConfigType = CommonBufferConfigTypeHardwareAccessPermissions; configs[1].HardwareAccessType = CommonBufferHardwareAccessReadOnly;`,
      count: 2,
    });
    expect(printed(found)).toEqual(['0', '0']);
    quiet(found);
  });

  it('takes a section of an MDL', () => {
    const found = create({
      configs:
        'configs[0].ConfigType = CommonBufferConfigTypeSubSection; configs[0].SubSection.Offset = PAGE_SIZE; configs[0].SubSection.Length = PAGE_SIZE; Skip = Size = PAGE_SIZE;',
      count: 1,
    });
    expect(printed(found)).toEqual(['0', '1']);
    quiet(found);
  });

  const LIMITS =
    'configs[0].ConfigType = CommonBufferConfigTypeLogicalAddressLimits; configs[0].LogicalAddressLimits.MaximumAddress.QuadPart = 0xFFF;';
  it.each([
    {
      what: 'pages that may move',
      change: 'mdl->MdlFlags &= ~MDL_SOURCE_IS_NONPAGED_POOL;',
      status: 'c000000d',
    },
    { what: 'part of a page', bytes: '5000', status: 'c000000d' },
    { what: 'a chain', change: 'mdl->Next = mdl;', status: 'c000000d' },
    {
      what: 'a type twice',
      configs:
        'configs[0].ConfigType = configs[1].ConfigType = CommonBufferConfigTypeSubSection; configs[0].SubSection.Length = PAGE_SIZE;',
      count: 2,
      status: 'c000000d',
    },
    { what: 'memory out of bounds', configs: LIMITS, count: 1, status: 'c000000d' },
    {
      what: 'bounds without room behind an IOMMU',
      configs: LIMITS,
      count: 1,
      machine: `${LARGE} iommu;`,
      status: 'c000009a',
    },
    {
      what: 'rights without an IOMMU',
      configs:
        'configs[0].ConfigType = CommonBufferConfigTypeHardwareAccessPermissions; configs[0].HardwareAccessType = CommonBufferHardwareAccessReadOnly;',
      count: 1,
      status: 'c00000bb',
    },
  ])('refuses $what', ({ status, what: _what, ...options }) => {
    expect(printed(create(options))).toEqual([status]);
  });
});
