// Each rule finds what it is for, and leaves alone what looks like it.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lintRules } from '../../../engine/lint/catalogue.ts';
import { driverWith, lintScenario } from './lint-text.ts';

interface Case {
  readonly finds: string;
  /** The text that is underlined. */
  readonly at: string;
  readonly leaves: string;
}

const allocation = `PHYSICAL_ADDRESS low, high, none;
    PVOID block;
    low.QuadPart = 0; high.QuadPart = 0xFFFFFFFF; none.QuadPart = 0;`;

const adapter = `DEVICE_DESCRIPTION description;
    PDMA_ADAPTER adapter;
    PHYSICAL_ADDRESS logical;
    PVOID buffer;
    ULONG registers;
    RtlZeroMemory(&description, sizeof(description));
    adapter = IoGetDmaAdapter(Pdo, &description, &registers);
    if (adapter == NULL) return STATUS_INSUFFICIENT_RESOURCES;
    buffer = adapter->DmaOperations->AllocateCommonBuffer(adapter, 4096, &logical, TRUE);
    if (buffer == NULL) {
        adapter->DmaOperations->PutDmaAdapter(adapter);
        return STATUS_INSUFFICIENT_RESOURCES;
    }`;

const lockedMdl = `PMDL mdl = IoAllocateMdl(UserBuffer, Length, FALSE, FALSE, NULL);
    if (mdl == NULL) return STATUS_INSUFFICIENT_RESOURCES;
    __try { MmProbeAndLockPages(mdl, UserMode, IoReadAccess); }
    __except (EXCEPTION_EXECUTE_HANDLER) { IoFreeMdl(mdl); return GetExceptionCode(); }`;

const cases: Readonly<Record<string, Case>> = {
  'allocation-unchecked': {
    finds: driverWith(`PULONG p = (PULONG)ExAllocatePoolWithTag(NonPagedPool, 64, 'tseT');
      *p = 1;
      ExFreePoolWithTag(p, 'tseT');`),
    at: '*p',
    leaves: driverWith(`PULONG p = (PULONG)ExAllocatePoolWithTag(NonPagedPool, 64, 'tseT');
      if (p == NULL) return STATUS_INSUFFICIENT_RESOURCES;
      *p = 1;
      ExFreePoolWithTag(p, 'tseT');`),
  },
  'released-otherwise': {
    finds: driverWith(`${allocation}
      block = MmAllocateContiguousMemorySpecifyCache(8192, low, high, none, MmCached);
      if (block != NULL) MmFreeContiguousMemorySpecifyCache(block, 4096, MmCached);`),
    at: '4096',
    leaves: driverWith(`${allocation}
      block = MmAllocateContiguousMemorySpecifyCache(8192, low, high, none, MmCached);
      if (block != NULL) MmFreeContiguousMemorySpecifyCache(block, 8192, MmCached);
      block = MmAllocateContiguousMemory(8192, high);
      if (block != NULL) MmFreeContiguousMemory(block);`),
  },
  'released-twice': {
    finds: driverWith(`PVOID p = ExAllocatePoolWithTag(NonPagedPool, 64, 'tseT');
      if (p == NULL) return STATUS_INSUFFICIENT_RESOURCES;
      if (Length == 0) ExFreePoolWithTag(p, 'tseT');
      ExFreePoolWithTag(p, 'tseT');`),
    at: "ExFreePoolWithTag(p, 'tseT')",
    leaves: driverWith(`PVOID p = ExAllocatePoolWithTag(NonPagedPool, 64, 'tseT');
      if (p == NULL) return STATUS_INSUFFICIENT_RESOURCES;
      if (Length == 0) { ExFreePoolWithTag(p, 'tseT'); return STATUS_SUCCESS; }
      ExFreePoolWithTag(p, 'tseT');`),
  },
  'never-released': {
    finds: driverWith(`PVOID p = ExAllocatePoolWithTag(NonPagedPool, 64, 'tseT');
      if (p == NULL) return STATUS_INSUFFICIENT_RESOURCES;
      if (Length == 0) return STATUS_INVALID_PARAMETER;
      ExFreePoolWithTag(p, 'tseT');`),
    at: "ExAllocatePoolWithTag(NonPagedPool, 64, 'tseT')",
    leaves: driverWith(`PVOID p = ExAllocatePoolWithTag(NonPagedPool, 64, 'tseT');
      if (p == NULL) return STATUS_INSUFFICIENT_RESOURCES;
      if (Length == 0) goto End;
      RtlZeroMemory(p, 64);
      End: ExFreePoolWithTag(p, 'tseT');`),
  },
  'mdl-freed-while-locked': {
    finds: driverWith(`${lockedMdl}
      IoFreeMdl(mdl);`),
    at: 'IoFreeMdl(mdl)',
    leaves: driverWith(`${lockedMdl}
      MmUnlockPages(mdl);
      IoFreeMdl(mdl);`),
  },
  'lock-without-try': {
    finds: driverWith(`PMDL mdl = IoAllocateMdl(UserBuffer, Length, FALSE, FALSE, NULL);
      if (mdl == NULL) return STATUS_INSUFFICIENT_RESOURCES;
      MmProbeAndLockPages(mdl, UserMode, IoReadAccess);
      MmUnlockPages(mdl);
      IoFreeMdl(mdl);`),
    at: 'MmProbeAndLockPages(mdl, UserMode, IoReadAccess)',
    leaves: driverWith(`${lockedMdl}
      MmUnlockPages(mdl);
      IoFreeMdl(mdl);`),
  },
  'description-not-zeroed': {
    finds: driverWith(`DEVICE_DESCRIPTION description;
      PDMA_ADAPTER adapter;
      ULONG registers;
      description.Version = DEVICE_DESCRIPTION_VERSION;
      adapter = IoGetDmaAdapter(Pdo, &description, &registers);
      if (adapter != NULL) adapter->DmaOperations->PutDmaAdapter(adapter);`),
    at: 'IoGetDmaAdapter(Pdo, &description, &registers)',
    leaves: driverWith(`DEVICE_DESCRIPTION description = { 0 };
      PDMA_ADAPTER adapter;
      ULONG registers;
      description.Version = DEVICE_DESCRIPTION_VERSION;
      adapter = IoGetDmaAdapter(Pdo, &description, &registers);
      if (adapter != NULL) adapter->DmaOperations->PutDmaAdapter(adapter);`),
  },
  'description-claims-reach': {
    finds: driverWith(
      `DEVICE_DESCRIPTION description = { 0 };
      description.Dma64BitAddresses = TRUE;`,
      { nic: 'interface PCIBus; address_bits 32; scatter_gather; maximum_length 64K;' },
    ),
    at: 'description.Dma64BitAddresses = TRUE',
    leaves: driverWith(
      `DEVICE_DESCRIPTION description = { 0 };
      description.Dma32BitAddresses = TRUE;`,
      { nic: 'interface PCIBus; address_bits 32; scatter_gather; maximum_length 64K;' },
    ),
  },
  'pageable-at-raised-irql': {
    finds: driverWith(
      `KIRQL irql;
      KeAcquireSpinLock(&Lock, &irql);
      Pageable();
      KeReleaseSpinLock(&Lock, irql);`,
      { before: 'static KSPIN_LOCK Lock; static VOID Pageable(VOID) { PAGED_CODE(); }' },
    ),
    at: 'Pageable()',
    leaves: driverWith(
      `KIRQL irql;
      KeAcquireSpinLock(&Lock, &irql);
      KeReleaseSpinLock(&Lock, irql);
      Pageable();`,
      { before: 'static KSPIN_LOCK Lock; static VOID Pageable(VOID) { PAGED_CODE(); }' },
    ),
  },
  'boundary-not-power-of-two': {
    finds: driverWith(`${allocation}
      none.QuadPart = 0x30000;
      block = MmAllocateContiguousMemorySpecifyCache(8192, low, high, none, MmCached);
      if (block != NULL) MmFreeContiguousMemory(block);`),
    at: 'none.QuadPart = 0x30000',
    leaves: driverWith(`${allocation}
      none.QuadPart = 0x10000;
      block = MmAllocateContiguousMemorySpecifyCache(8192, low, high, none, MmCached);
      if (block != NULL) MmFreeContiguousMemory(block);`),
  },
  'common-buffer-outlives-adapter': {
    finds: driverWith(`${adapter}
      adapter->DmaOperations->PutDmaAdapter(adapter);`),
    at: 'adapter->DmaOperations->PutDmaAdapter(adapter)',
    leaves: driverWith(`${adapter}
      adapter->DmaOperations->FreeCommonBuffer(adapter, 4096, logical, buffer, TRUE);
      adapter->DmaOperations->PutDmaAdapter(adapter);`),
  },
  'physical-address-truncated': {
    finds: driverWith(`PHYSICAL_ADDRESS physical = MmGetPhysicalAddress(UserBuffer);
      ULONG reg = (ULONG)physical.QuadPart;
      UNREFERENCED_PARAMETER(reg);`),
    at: '(ULONG)physical.QuadPart',
    leaves: driverWith(`PHYSICAL_ADDRESS physical = MmGetPhysicalAddress(UserBuffer);
      ULONG low = physical.LowPart;
      LONG high = physical.HighPart;
      UNREFERENCED_PARAMETER(low);
      UNREFERENCED_PARAMETER(high);`),
  },
  'scenario-contradicts': {
    finds: driverWith('').replace(
      /\}\n$/,
      '    expect no leaks;\n    expect leak of 16 bytes;\n}\n',
    ),
    at: 'expect leak of 16 bytes',
    leaves: driverWith('').replace(/\}\n$/, '    expect no leaks;\n    expect no bugcheck;\n}\n'),
  },
  'nolowmem-ignored': {
    finds: `machine New { windows Windows10; memory 0 .. 640K, 1M .. 3G, 4G .. 8G; nolowmem; }\n${driverWith('')}`,
    at: 'machine New { windows Windows10; memory 0 .. 640K, 1M .. 3G, 4G .. 8G; nolowmem; }',
    leaves: `machine Old : Server2003 { nolowmem; }\n${driverWith('')}`,
  },
};

test('every rule has a case and a page', () => {
  expect(Object.keys(cases).sort()).toEqual(lintRules.map(({ code }) => code).sort());
  for (const { code } of lintRules) {
    expect(existsSync(`docs/lint/${code}.md`), `docs/lint/${code}.md`).toBe(true);
    expect(readFileSync(`docs/lint/${code}.md`, 'utf8')).toContain(`# ${code}`);
  }
});

describe.each(lintRules.map(({ code }) => code))('%s', (code) => {
  const { finds, at, leaves } = cases[code] ?? { finds: '', at: '', leaves: '' };

  test('finds it', () => {
    const found = lintScenario(finds).filter((finding) => finding.code === code);
    expect(found.map(({ text }) => text)).toContain(at);
    expect(found).toHaveLength(1);
  });

  test('leaves the right way alone', () => {
    expect(lintScenario(leaves).filter((finding) => finding.code === code)).toEqual([]);
  });
});
