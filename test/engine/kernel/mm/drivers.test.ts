/** The memory manager as drivers in C meet it: through headers, macros, exceptions, faults. */
import { describe, expect, it } from 'vitest';
import {
  compileScenarioFile,
  createSession,
  type SessionResult,
} from '../../../../engine/index.ts';

/** Runs the body of a DriverEntry. */
function run(body: string, options: { verifier?: boolean } = {}, machine = ''): SessionResult {
  const text = `#include <ntifs.h>
    machine Test { memory 0 .. 640K, 1M .. 64M; ${machine} }
    scenario "s" {
      machine Test;
      driver Proxy {
        static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
        NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath) {
          UNREFERENCED_PARAMETER(RegistryPath);
          DriverObject->DriverUnload = Unload;
          {
            ${body}
          }
          return STATUS_SUCCESS;
        }
      }
    }`;
  const program = compileScenarioFile('test.dms', {
    read: (path) => (path === 'test.dms' ? text : undefined),
  });
  expect(program.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const session = createSession({ program, ...options });
  session.resume('continue');
  while (!session.ended) session.work(1000, () => 0);
  return session.result();
}

const bugCheck = (result: SessionResult): readonly (string | number)[] => {
  const [first] = result.bugChecks;
  return first === undefined ? [] : [first.code, ...first.parameters];
};

const rules = (result: SessionResult): readonly string[] =>
  result.violations.map(({ rule }) => rule);

const failures = (result: SessionResult): readonly string[] =>
  result.reports.map(({ message }) => message);

const output = (result: SessionResult): readonly string[] => result.output.map(({ text }) => text);

describe('pool in a driver', () => {
  it('is allocated, used and freed without a finding', () => {
    const result = run(`
      ULONG *numbers = ExAllocatePool2(POOL_FLAG_NON_PAGED, 16 * sizeof(ULONG), 'tseT');
      ULONG i, sum = 0;
      if (numbers == NULL) return STATUS_INSUFFICIENT_RESOURCES;
      for (i = 0; i < 16; i++) sum += numbers[i];
      for (i = 0; i < 16; i++) numbers[i] = i;
      for (i = 0; i < 16; i++) sum += numbers[i];
      DbgPrint("sum %lu\\n", sum);
      ExFreePoolWithTag(numbers, 'tseT');`);
    expect(output(result)).toEqual(['sum 120']);
    expect([rules(result), bugCheck(result), failures(result)]).toEqual([[], [], []]);
    expect(result.leaks).toEqual([]);
  });

  it('names the block and its calls when freed memory is read', () => {
    const result = run(`
      ULONG *block = ExAllocatePoolWithTag(NonPagedPoolNx, 48, 'tseT');
      PVOID other = ExAllocatePoolWithTag(NonPagedPoolNx, 48, 'tseT');
      block[0] = 1;
      ExFreePool(block);
      if (block[0] == 1) DbgPrint("still there\\n");
      ExFreePool(other);`);
    expect(rules(result)).toEqual(['use_after_free']);
    expect(result.violations[0]?.message).toMatch(
      /48 bytes of nonpaged pool 'Test', allocated by Proxy at test\.dms:\d+, freed at test\.dms:\d+/,
    );
  });

  it('stops on an overrun at once in special pool', () => {
    const result = run(
      `
      UCHAR *block = ExAllocatePoolWithTag(NonPagedPoolNx, 48, 'tseT');
      block[48] = 1;`,
      { verifier: true },
    );
    expect(bugCheck(result)[0]).toBe(0xd6);
  });

  it('stops on a use after free in special pool, and says where the block was freed', () => {
    const result = run(
      `
      UCHAR *block = ExAllocatePoolWithTag(NonPagedPoolNx, 48, 'tseT');
      ExFreePool(block);
      block[0] = 1;`,
      { verifier: true },
    );
    expect(bugCheck(result)[0]).toBe(0xd5);
    expect(result.bugChecks[0]?.explanation).toContain('freed at test.dms');
  });

  it('stops with 0x19 when a block ran over the header of the next', () => {
    const result = run(`
      UCHAR *one = ExAllocatePoolWithTag(NonPagedPoolNx, 48, 'tseT');
      UCHAR *two = ExAllocatePoolWithTag(NonPagedPoolNx, 48, 'tseT');
      RtlFillMemory(one, 64, 0xCC);
      ExFreePool(two);`);
    expect(bugCheck(result).slice(0, 2)).toEqual([0x19, '0x20']);
  });
});

describe('MDLs in a driver', () => {
  it('map nonpaged pool by MmGetSystemAddressForMdlSafe to the pool itself', () => {
    const result = run(`
      PVOID pool = ExAllocatePool2(POOL_FLAG_NON_PAGED, 8192, 'tseT');
      PMDL mdl = IoAllocateMdl(pool, 8192, FALSE, FALSE, NULL);
      PPFN_NUMBER pages;
      MmBuildMdlForNonPagedPool(mdl);
      pages = MmGetMdlPfnArray(mdl);
      NT_ASSERT(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority) == pool);
      NT_ASSERT((LONGLONG)(pages[1] << PAGE_SHIFT) == MmGetPhysicalAddress((PUCHAR)pool + PAGE_SIZE).QuadPart);
      DbgPrint("%lu bytes, flags %x\\n", MmGetMdlByteCount(mdl), mdl->MdlFlags);
      IoFreeMdl(mdl);
      ExFreePool(pool);`);
    expect(output(result)).toEqual(['8192 bytes, flags c']);
    expect([rules(result), failures(result)]).toEqual([[], []]);
  });

  it('raise an exception that __try takes when a buffer cannot be locked', () => {
    const result = run(`
      PMDL mdl = IoAllocateMdl((PVOID)0x10000000, 100, FALSE, FALSE, NULL);
      __try {
        MmProbeAndLockPages(mdl, UserMode, IoReadAccess);
        DbgPrint("locked\\n");
      } __except (EXCEPTION_EXECUTE_HANDLER) {
        DbgPrint("exception %x\\n", GetExceptionCode());
      }
      IoFreeMdl(mdl);`);
    expect(output(result)).toContain('exception c0000005');
    expect(result.leaks).toEqual([]);
  });

  it('use MmPrepareMdlForReuse on a partial MDL with a mapping of its own', () => {
    const result = run(`
      PVOID pool = ExAllocatePool2(POOL_FLAG_PAGED, 8192, 'tseT');
      PMDL mdl = IoAllocateMdl(pool, 8192, FALSE, FALSE, NULL);
      PMDL part = IoAllocateMdl(pool, 8192, FALSE, FALSE, NULL);
      ULONG round;
      MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess);
      for (round = 0; round < 2; round++) {
        PUCHAR mapped;
        IoBuildPartialMdl(mdl, part, (PUCHAR)pool + round * PAGE_SIZE, PAGE_SIZE);
        mapped = MmGetSystemAddressForMdlSafe(part, NormalPagePriority);
        mapped[0] = (UCHAR)(round + 1);
        MmPrepareMdlForReuse(part);
      }
      DbgPrint("%d %d\\n", ((PUCHAR)pool)[0], ((PUCHAR)pool)[PAGE_SIZE]);
      IoFreeMdl(part);
      MmUnlockPages(mdl);
      IoFreeMdl(mdl);
      ExFreePool(pool);`);
    expect(output(result)).toEqual(['1 2']);
    expect([rules(result), failures(result), bugCheck(result)]).toEqual([[], [], []]);
    expect(result.leaks).toEqual([]);
  });

  it('allocate pages, map and free them', () => {
    const result = run(`
      PHYSICAL_ADDRESS low, high, skip;
      PMDL mdl;
      PUCHAR mapped;
      low.QuadPart = 0; high.QuadPart = -1; skip.QuadPart = 0;
      mdl = MmAllocatePagesForMdlEx(low, high, skip, 16 * PAGE_SIZE, MmCached, 0);
      mapped = MmMapLockedPagesSpecifyCache(mdl, KernelMode, MmCached, NULL, FALSE, NormalPagePriority);
      DbgPrint("%d in %lu bytes\\n", mapped[12345], MmGetMdlByteCount(mdl));
      MmUnmapLockedPages(mapped, mdl);
      MmFreePagesFromMdl(mdl);
      ExFreePool(mdl);`);
    expect(output(result)).toEqual(['0 in 65536 bytes']);
    expect(result.leaks).toEqual([]);
  });
});

describe('contiguous memory in a driver', () => {
  it('explains a refusal in the output, with the figures', () => {
    const result = run(
      `
      PHYSICAL_ADDRESS highest;
      highest.QuadPart = 0xFFFFFFFF;
      if (MmAllocateContiguousMemory(64 * 1024, highest) == NULL) DbgPrint("none\\n");`,
      {},
      'free_memory 0x2F41000 .. 0x2F48000;',
    );
    const lines = output(result);
    expect(lines[0]).toContain(
      '16 contiguous pages at or below 0xFFFFFFFF were asked for; the longest free run there is 7 pages, at 0x2F41000',
    );
    expect(lines).toContain('none');
  });

  it('faults behind its end and after it was freed', () => {
    const result = run(`
      PHYSICAL_ADDRESS highest;
      PUCHAR buffer;
      highest.QuadPart = -1;
      buffer = MmAllocateContiguousMemory(4096, highest);
      MmFreeContiguousMemory(buffer);
      buffer[0] = 1;`);
    expect(bugCheck(result)[0]).toBe(0x50);
    expect(result.bugChecks[0]?.explanation).toContain('contiguous memory');
  });
});
