import { describe, expect, it } from 'vitest';
import { bugCheckOf, runText } from '../life/support.ts';
import { dmaDriver, LOWER, printed, RAISE, runDma, V3, WINDOWS } from './support.ts';

/** Where a routine may be called: exactly at PASSIVE_LEVEL, up to DISPATCH_LEVEL, exactly there. */
type Rule = '= PASSIVE_LEVEL' | '<= DISPATCH_LEVEL' | '= DISPATCH_LEVEL';

/** Each routine of the tables, its rule, and a call of it. */
const routines: readonly (readonly [name: string, rule: Rule, rest: string])[] = [
  ['PutDmaAdapter', '<= DISPATCH_LEVEL', ''],
  ['AllocateCommonBuffer', '= PASSIVE_LEVEL', '100, &logical, TRUE'],
  ['FreeCommonBuffer', '= PASSIVE_LEVEL', '100, logical, NULL, TRUE'],
  ['AllocateAdapterChannel', '= DISPATCH_LEVEL', 'Pdo, 1, Control, NULL'],
  ['FlushAdapterBuffers', '<= DISPATCH_LEVEL', 'mdl, NULL, NULL, 100, TRUE'],
  ['FreeAdapterChannel', '= DISPATCH_LEVEL', ''],
  ['FreeMapRegisters', '= DISPATCH_LEVEL', 'NULL, 1'],
  ['MapTransfer', '<= DISPATCH_LEVEL', 'mdl, NULL, NULL, &length, TRUE'],
  ['GetDmaAlignment', '= PASSIVE_LEVEL', ''],
  ['ReadDmaCounter', '<= DISPATCH_LEVEL', ''],
  ['GetScatterGatherList', '= DISPATCH_LEVEL', 'Pdo, mdl, NULL, 100, ListControl, NULL, TRUE'],
  ['PutScatterGatherList', '= DISPATCH_LEVEL', 'NULL, TRUE'],
  [
    'BuildScatterGatherList',
    '= DISPATCH_LEVEL',
    'Pdo, mdl, NULL, 100, ListControl, NULL, TRUE, storage, 64',
  ],
  ['BuildMdlFromScatterGatherList', '<= DISPATCH_LEVEL', 'NULL, mdl, &mdl'],
  ['GetDmaAdapterInfo', '<= DISPATCH_LEVEL', '(PDMA_ADAPTER_INFO)storage'],
  ['GetDmaTransferInfo', '<= DISPATCH_LEVEL', 'mdl, 0, 100, TRUE, (PDMA_TRANSFER_INFO)storage'],
  ['InitializeDmaTransferContext', '<= DISPATCH_LEVEL', 'storage'],
  ['AllocateCommonBufferEx', '= PASSIVE_LEVEL', 'NULL, 100, &logical, TRUE, 0'],
  ['AllocateAdapterChannelEx', '= DISPATCH_LEVEL', 'Pdo, storage, 1, 0, Control, NULL, NULL'],
  ['ConfigureAdapterChannel', '<= DISPATCH_LEVEL', '0, NULL'],
  ['CancelAdapterChannel', '<= DISPATCH_LEVEL', 'Pdo, storage'],
  [
    'MapTransferEx',
    '<= DISPATCH_LEVEL',
    'mdl, NULL, 0, 0, &length, TRUE, (PSCATTER_GATHER_LIST)storage, 64, NULL, NULL',
  ],
  [
    'GetScatterGatherListEx',
    '<= DISPATCH_LEVEL',
    'Pdo, storage, mdl, 0, 100, 0, ListControl, NULL, TRUE, NULL, NULL, NULL',
  ],
  [
    'BuildScatterGatherListEx',
    '= DISPATCH_LEVEL',
    'Pdo, storage, mdl, 0, 100, 0, ListControl, NULL, TRUE, storage, 64, NULL, NULL, NULL',
  ],
  ['FlushAdapterBuffersEx', '<= DISPATCH_LEVEL', 'mdl, NULL, 0, 100, TRUE'],
  ['FreeAdapterObject', '<= DISPATCH_LEVEL', 'DeallocateObject'],
  ['CancelMappedTransfer', '<= DISPATCH_LEVEL', 'storage'],
  [
    'AllocateDomainCommonBuffer',
    '= PASSIVE_LEVEL',
    'NULL, NULL, 100, 0, NULL, 0, &logical, (PVOID *)storage',
  ],
  ['JoinDmaDomain', '= PASSIVE_LEVEL', 'NULL'],
  ['LeaveDmaDomain', '= PASSIVE_LEVEL', ''],
  ['GetDmaDomain', '= PASSIVE_LEVEL', ''],
  ['AllocateCommonBufferWithBounds', '= PASSIVE_LEVEL', 'NULL, NULL, 100, 0, NULL, 0, &logical'],
  ['CreateCommonBufferFromMdl', '= PASSIVE_LEVEL', 'mdl, NULL, 0, &logical'],
];

const verified = (name: string, rest: string, around: (call: string) => string) =>
  bugCheckOf(
    runDma(
      V3,
      `static ULONG64 storage[16];
      PHYSICAL_ADDRESS logical = {0};
      ULONG length = 100;
      PMDL mdl = Pool(100);
      UNREFERENCED_PARAMETER(logical); UNREFERENCED_PARAMETER(length); UNREFERENCED_PARAMETER(storage);
      ${around(`Ops->${name}(Adapter${rest === '' ? '' : `, ${rest}`});`)}
      FreePool(mdl);`,
      { machine: WINDOWS, with: 'verifier on;' },
    ),
  );

describe('a verified driver at another IRQL stops with 0xE6/13', () => {
  it.each(routines)('%s belongs %s', (name, rule, rest) => {
    const [raise, expected] = (
      {
        '= PASSIVE_LEVEL': [RAISE, [0x13n, 1n, 0n, 2n]],
        '<= DISPATCH_LEVEL': ['KeRaiseIrql(DISPATCH_LEVEL + 1, &irql);', [0x13n, 2n, 2n, 3n]],
        '= DISPATCH_LEVEL': ['irql = 0;', [0x13n, 1n, 2n, 0n]],
      } as const
    )[rule];
    const { code, parameters, explanation } = verified(
      name,
      rest,
      (call) => `${raise} ${call} ${LOWER}`,
    );
    expect(code).toBe(0xe6);
    expect(parameters).toEqual(expected);
    expect(explanation).toContain(name);
  });
});

describe('a verified driver without a live adapter', () => {
  const kinds = [
    'FlushAdapterBuffers',
    'GetScatterGatherListEx',
    'AllocateAdapterChannel',
    'FreeAdapterObject',
    'GetDmaAlignment',
  ];
  const chosen = routines.filter(([name]) => kinds.includes(name));
  const level = (rule: Rule): string => (rule === '= PASSIVE_LEVEL' ? '' : RAISE);

  it.each(chosen)('%s of NULL is 0xE6/19', (name, rule, rest) => {
    const { parameters } = verified(
      name,
      rest,
      (call) =>
        `${level(rule)} { PDMA_OPERATIONS table = Ops; Adapter = NULL; ${call.replace('Ops->', 'table->')} }`,
    );
    expect(parameters[0]).toBe(0x19n);
  });

  it.each(chosen)('%s of one that was released is 0xE6/18', (name, rule, rest) => {
    const { parameters } = verified(
      name,
      rest,
      (call) =>
        `{ PDMA_OPERATIONS table = Ops; table->PutDmaAdapter(Adapter); ${level(rule)} ${call.replace('Ops->', 'table->')} }`,
    );
    expect(parameters[0]).toBe(0x18n);
  });
});

describe('version 3 under DMA verification', () => {
  const bugCheck = (statements: string, description = V3) =>
    bugCheckOf(
      runDma(
        description,
        `PMDL mdl = Pool(8192);
        PVOID base;
        ULONG length = 4096;
        PSCATTER_GATHER_LIST list = (PSCATTER_GATHER_LIST)Storage;
        UNREFERENCED_PARAMETER(list); UNREFERENCED_PARAMETER(length); UNREFERENCED_PARAMETER(base); UNREFERENCED_PARAMETER(mdl);
        Ops->InitializeDmaTransferContext(Adapter, Transfer);
        ${RAISE}
        ${statements}`,
        { machine: WINDOWS, with: 'verifier on;' },
        'static UCHAR Transfer[DMA_TRANSFER_CONTEXT_SIZE_V1]; static ULONG64 Storage[64];',
      ),
    ).parameters;
  const ALLOCATE =
    'Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, 3, DMA_SYNCHRONOUS_CALLBACK, NULL, NULL, &base);';
  const MAP =
    'Ops->MapTransferEx(Adapter, mdl, base, 0, 0, &length, TRUE, list, sizeof(Storage), NULL, NULL);';
  const LINE =
    'description.Version = DEVICE_DESCRIPTION_VERSION3; description.InterfaceType = Internal; description.Master = FALSE; description.DmaRequestLine = 5;';

  it('0C: more map registers than were granted', () => {
    expect(
      bugCheck(
        'Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, Registers + 1, 0, Control, NULL, NULL);',
      ).slice(0, 3),
    ).toEqual([0xcn, 18n, 17n]);
  });

  it('0D: the next transfer before the flush', () => {
    expect(bugCheck(`${ALLOCATE} ${MAP} ${MAP}`).slice(0, 3)).toEqual([0xdn, 4096n, 12288n]);
  });

  it('04: an adapter object freed twice', () => {
    expect(
      bugCheck(
        `${ALLOCATE} Ops->FreeAdapterObject(Adapter, DeallocateObject); Ops->FreeAdapterObject(Adapter, DeallocateObject);`,
      ).slice(0, 2),
    ).toEqual([4n, 1n]);
  });

  it('08: the adapter put while its channel is held', () => {
    expect(bugCheck(`${ALLOCATE} Ops->PutDmaAdapter(Adapter);`)[0]).toBe(8n);
  });

  it('0E: pages that are not locked', () => {
    expect(bugCheck(`${ALLOCATE} mdl->MdlFlags &= ~MDL_SOURCE_IS_NONPAGED_POOL; ${MAP}`)[0]).toBe(
      0xen,
    );
  });

  it('21: a transfer of 0 bytes', () => {
    expect(bugCheck(`${ALLOCATE} length = 0; ${MAP}`)[0]).toBe(0x21n);
  });

  it('24: more than the chain has', () => {
    expect(bugCheck(`${ALLOCATE} length = 8193; ${MAP}`).slice(0, 2)).toEqual([0x24n, 1n]);
    // An offset that no number holds is just as far behind the end.
    expect(
      bugCheck(
        'Ops->GetScatterGatherListEx(Adapter, Pdo, Transfer, mdl, (ULONGLONG)-1, 1, 0, ListControl, NULL, TRUE, NULL, NULL, NULL);',
      )[0],
    ).toBe(0x24n);
  });

  it('23: a channel flushed that neither completed nor was cancelled', () => {
    expect(
      bugCheck(
        `${ALLOCATE} Ops->MapTransferEx(Adapter, mdl, base, 0, 0, &length, TRUE, NULL, 0, NULL, NULL); Ops->FlushAdapterBuffersEx(Adapter, mdl, base, 0, length, TRUE);`,
        LINE,
      ),
    ).toEqual([0x23n, 0n, 0n, 5n]);
  });
});

describe('behind an IOMMU', () => {
  const stray = (settings: string, touch: string) => {
    const body = dmaDriver(
      V3,
      `PHYSICAL_ADDRESS logical;
      PVOID buffer = Ops->AllocateCommonBuffer(Adapter, PAGE_SIZE, &logical, TRUE);
      PHYSICAL_ADDRESS bar;
      volatile ULONG64 *registers;
      RtlZeroMemory(buffer, PAGE_SIZE);
      bar.QuadPart = 0xE0000000; // the first range of registers on this machine
      registers = MmMapIoSpace(bar, PAGE_SIZE, MmNonCached);
      ${touch}
      MmUnmapIoSpace((PVOID)registers, PAGE_SIZE);
      Ops->FreeCommonBuffer(Adapter, PAGE_SIZE, logical, buffer, TRUE);`,
      '',
    );
    return runText(`
      machine Test { iommu; }
      device Card with { bar 0 4K; address_bits 32; scatter_gather; } {
        #include <dmsdevice.h>
        ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size) { return 0; }
        VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value) { UCHAR byte = 0x77; DeviceWrite(Value, &byte, 1); }
      }
      scenario "test" {
        machine Test;
        device Card;
        driver Proxy ${settings} {
          #include <ntddk.h>
          ${body}
        }
      }`);
  };

  it('a device gets to what it was given', () => {
    const found = stray(
      '',
      '*registers = logical.QuadPart + 5; DbgPrint("%x\\n", ((PUCHAR)buffer)[5]);',
    );
    expect(printed(found)).toEqual(['77']);
  });

  it('a device is kept from the rest, and stops a verified driver with 0xE6/26', () => {
    const touch = '*registers = MmGetPhysicalAddress(buffer).QuadPart;';
    const silent = stray('', touch);
    expect(silent.reports.list('violation').map(({ rule }) => rule)).toEqual(['device_access']);
    const { code, parameters } = bugCheckOf(stray('with { verifier on; }', touch));
    expect([code, parameters[0], parameters[3]]).toEqual([0xe6, 0x26n, 1n]);
  });
});
