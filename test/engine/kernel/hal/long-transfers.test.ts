import { expect, it } from 'vitest';
import { failuresOf, violationsOf } from '../life/support.ts';
import { HIGH, LOWER, printed, RAISE, runDma, WINDOWS } from './support.ts';

const LONG =
  'description.Dma32BitAddresses = TRUE; description.ScatterGather = TRUE; description.MaximumLength = 256 * 1024 * 1024;';

it('a list of very many pages is built and ended in slices', () => {
  // 32768 pages, every second one apart; the page numbers repeat, as those of a real MDL never would.
  const found = runDma(
    LONG,
    `ULONG bytes = 32768 * PAGE_SIZE, i;
    PMDL mdl = IoAllocateMdl((PVOID)0xFFFFB00000000000, bytes, FALSE, FALSE, NULL);
    PPFN_NUMBER pages = MmGetMdlPfnArray(mdl);
    for (i = 0; i < 32768; i++) pages[i] = 0x5000 + (i & 0xFFF) + ((i & 1) << 16);
    mdl->MdlFlags |= MDL_PAGES_LOCKED;
    ${RAISE}
    DbgPrint("%x\\n", Ops->GetScatterGatherList(Adapter, Pdo, mdl, MmGetMdlVirtualAddress(mdl), bytes, ListControl, NULL, TRUE));
    DbgPrint("%u %x\\n", List->NumberOfElements, List->Elements[32767].Length);
    Ops->PutScatterGatherList(Adapter, List, TRUE);
    ${LOWER}
    Forget(mdl);`,
    { machine: `${WINDOWS} memory 0 .. 640K, 1M .. 3G; map_registers 100000;` },
  );
  expect(printed(found)).toEqual(['0', '32768 1000']);
  expect(violationsOf(found)).toEqual([]);
  expect(failuresOf(found)).toEqual([]);
  expect(found.reports.list('leak')).toEqual([]);
}, 60_000);

it('a long copy through map registers brings the last byte back', () => {
  const found = runDma(
    LONG,
    `ULONG bytes = 16 * 1024 * 1024;
    PMDL mdl = Pool(bytes);
    PUCHAR memory = MmGetMdlVirtualAddress(mdl), device;
    ${RAISE}
    Ops->GetScatterGatherList(Adapter, Pdo, mdl, memory, bytes, ListControl, NULL, FALSE);
    { PSCATTER_GATHER_ELEMENT last = &List->Elements[List->NumberOfElements - 1];
      device = MmMapIoSpace(last->Address, last->Length, MmCached);
      device[last->Length - 1] = 0x33;
      DbgPrint("%x\\n", memory[bytes - 1]);
      MmUnmapIoSpace(device, last->Length); }
    Ops->PutScatterGatherList(Adapter, List, FALSE);
    DbgPrint("%x\\n", memory[bytes - 1]);
    ${LOWER}
    FreePool(mdl);`,
    { machine: `${HIGH} map_registers 8192;` },
  );
  expect(printed(found)).toEqual(['11', '33']);
  expect(violationsOf(found)).toEqual([]);
  expect(found.reports.list('leak')).toEqual([]);
}, 60_000);
