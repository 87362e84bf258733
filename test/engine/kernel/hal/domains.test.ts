import { describe, expect, it } from 'vitest';
import { runText, violationsOf } from '../life/support.ts';
import {
  type DmaOptions,
  dmaDriver,
  LOWER,
  printed,
  RAISE,
  runDma,
  SG32,
  V3,
  WINDOWS,
} from './support.ts';

const run = (statements: string, options: DmaOptions = {}, description = V3) =>
  runDma(description, statements, {
    ...options,
    machine: `${WINDOWS} memory 0 .. 640K, 1M .. 3G, 4G .. 20G; iommu; ${options.machine ?? ''}`,
  });

describe('behind an IOMMU', () => {
  it('a list has addresses of its own, in reach, that go to the pages of the buffer', () => {
    const found = run(
      `PMDL mdl = Pool(9000);
      ${RAISE}
      Ops->GetScatterGatherList(Adapter, Pdo, mdl, MmGetMdlVirtualAddress(mdl), 9000, ListControl, NULL, TRUE);
      ShowList(List);
      ${LOWER}
      Adapter = NULL;`,
      { machine: 'nolowmem; map_registers 0;' },
    );
    const kernel = found.kernels[0];
    const [adapter] = [...(kernel?.adapters.all.values() ?? [])];
    const [list] = [...(kernel?.transfers.allLists.values() ?? [])];
    const pieces = [...(kernel?.mapRegisters.piecesOf(list?.base ?? 0) ?? [])];
    expect(printed(found).length).toBe(list?.elements);
    expect(pieces.reduce((sum, { length }) => sum + length, 0)).toBe(9000);
    for (const { logical, physical, bounce } of pieces) {
      expect(bounce).toBeUndefined();
      expect(logical).toBeLessThan(2 ** 32);
      expect(kernel?.dmaDomains.translate('SanNic', logical, false)).toMatchObject({
        kind: 'memory',
        physical,
      });
      // To the device: it must not write there.
      expect(kernel?.dmaDomains.translate('SanNic', logical, true).kind).toBe('refused');
      expect(kernel?.dmaDomains.translate('Other', logical, false).kind).toBe('refused');
    }
    expect(adapter?.domain).toBe(1);
  });

  it('a device without scatter/gather gets one range without a copy', () => {
    const found = run(
      `static const PFN_NUMBER pages[] = {0x140000, 0x5000, 0x6000};
      PMDL mdl = Describe(0x100, 0x2f00, 3, pages);
      ${RAISE}
      Ops->GetScatterGatherList(Adapter, Pdo, mdl, MmGetMdlVirtualAddress(mdl), 0x2f00, ListControl, NULL, TRUE);
      ShowList(List);
      Ops->PutScatterGatherList(Adapter, List, TRUE);
      ${LOWER} Forget(mdl);`,
      {},
      'description.Dma32BitAddresses = TRUE;',
    );
    expect(printed(found)).toEqual([expect.stringMatching(/100\+2f00$/)]);
    expect(violationsOf(found)).toEqual([]);
  });

  it('what was given back is no longer there', () => {
    const found = run(
      `PHYSICAL_ADDRESS logical;
      PVOID buffer = Ops->AllocateCommonBuffer(Adapter, PAGE_SIZE, &logical, TRUE);
      DbgPrint("%I64x\\n", logical.QuadPart);
      Ops->FreeCommonBuffer(Adapter, PAGE_SIZE, logical, buffer, TRUE);`,
    );
    const logical = Number.parseInt(printed(found)[0] ?? '', 16);
    const target = found.kernels[0]?.dmaDomains.translate('SanNic', logical, true);
    expect(target).toMatchObject({
      kind: 'refused',
      bugCheck: { code: 0xe6, parameters: [0x26, expect.anything(), logical, 1] },
    });
  });
});

describe('domains', () => {
  const TWO = `PDMA_ADAPTER other;
    ULONG registers;
    HANDLE own;
    other = IoGetDmaAdapter(Pdo, &description, &registers);
    own = Ops->GetDmaDomain(Adapter);`;
  const two = (statements: string, machine = '') =>
    runDma(
      V3,
      `${TWO} ${statements}
      other->DmaOperations->PutDmaAdapter(other);`,
      { machine: `${WINDOWS} ${machine}` },
    );

  it('are one for each device, whichever adapter asks', () => {
    const found = two(
      'DbgPrint("%u %u\\n", own != NULL, own == other->DmaOperations->GetDmaDomain(other));',
      'iommu;',
    );
    expect(printed(found)).toEqual(['1 1']);
  });

  it('are not there without an IOMMU', () => {
    const found = two(
      'DbgPrint("%p %x %x\\n", own, Ops->JoinDmaDomain(Adapter, own), Ops->LeaveDmaDomain(Adapter));',
    );
    expect(printed(found)).toEqual(['0000000000000000 c00000bb c00000bb']);
  });

  it('are joined by handle, and left only by who joined', () => {
    const found = two(
      `DbgPrint("%x\\n", Ops->JoinDmaDomain(Adapter, (HANDLE)1));
      DbgPrint("%x\\n", Ops->JoinDmaDomain(Adapter, own));
      DbgPrint("%x\\n", Ops->LeaveDmaDomain(Adapter));`,
      'iommu;',
    );
    expect(printed(found)).toEqual(['c000000d', '0', 'c0000184']);
  });

  it('of another device are shared once they are joined', () => {
    const body = dmaDriver(
      V3,
      `if (Calls++ == 0) { First = Adapter; Adapter = NULL; }
      else {
          PHYSICAL_ADDRESS logical;
          PVOID buffer;
          HANDLE theirs = First->DmaOperations->GetDmaDomain(First);
          DbgPrint("%u\\n", theirs != Ops->GetDmaDomain(Adapter));
          DbgPrint("%x\\n", Ops->AllocateDomainCommonBuffer(Adapter, theirs, NULL, 100, 0, NULL, MM_ANY_NODE_OK, &logical, &buffer));
          DbgPrint("%x\\n", Ops->JoinDmaDomain(Adapter, theirs));
          DbgPrint("%u\\n", theirs == Ops->GetDmaDomain(Adapter));
          DbgPrint("%x\\n", Ops->LeaveDmaDomain(Adapter));
          Ops->FreeCommonBuffer(Adapter, 100, logical, buffer, TRUE);
          DbgPrint("%x\\n", Ops->LeaveDmaDomain(Adapter));
          DbgPrint("%u\\n", theirs == Ops->GetDmaDomain(Adapter));
          First->DmaOperations->PutDmaAdapter(First);
      }`,
      'static PDMA_ADAPTER First;',
    );
    const found = runText(`
      machine Test : Server2003 { ${WINDOWS} iommu; }
      nic One { address_bits 32; scatter_gather; address "10.0.0.1"; }
      nic Two { address_bits 32; scatter_gather; address "10.0.0.2"; }
      scenario "test" {
        machine Test;
        nic One;
        nic Two;
        driver Proxy for One, Two {
          #include <ntddk.h>
          ${body}
        }
      }`);
    expect(printed(found)).toEqual(['1', '0', '0', '1', 'c0000184', '0', '0']);
  });
});

describe('FlushDmaBuffer', () => {
  it('has nothing to do on x64 but to look at the MDL', () => {
    const found = run(
      `PMDL mdl = Pool(100);
      DbgPrint("%x\\n", Ops->FlushDmaBuffer(Adapter, mdl, TRUE));
      FreePool(mdl);`,
    );
    expect(printed(found)).toEqual(['0']);
  });
});

describe('without an IOMMU', () => {
  it('a logical address is the physical one', () => {
    const found = runDma(SG32, '');
    expect(found.kernels[0]?.dmaDomains.translate('SanNic', 0x1234, true)).toMatchObject({
      kind: 'memory',
      physical: 0x1234,
    });
  });
});
