// Going back restores memory and all kernel objects exactly.
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Moment, ResumeKind, Session } from '../../../engine/index.ts';
import {
  finish,
  goTo,
  resume,
  sampleSession,
  scenarioNames,
  textSession,
  work,
} from './sample-session.ts';

const walks = [
  'stepIn',
  'stepOver',
  'stepOut',
  'stepBack',
  'stepBackIn',
  'stepBackOut',
] as const satisfies readonly ResumeKind[];

/** The state of a fresh run at a moment. */
function hashOfFreshRun(make: () => Session, tick: number): string {
  const session = make();
  goTo(session, tick);
  expect(session.position.tick).toBe(tick);
  return session.hash();
}

const samples: Readonly<Record<string, () => Session>> = {
  'registration through all layers': () => sampleSession('register-memory.dms'),
  'a locked user buffer': () => sampleSession('user-buffer.dms'),
  'common buffers': () => sampleSession('common-buffer.dms'),
};

describe.each(Object.entries(samples))('%s', (_name, make) => {
  test('any moment reached by walking is the moment of a fresh run', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3000 }),
        fc.array(fc.constantFrom(...walks), { minLength: 1, maxLength: 12 }),
        (start, kinds) => {
          const session = make();
          goTo(session, start);
          for (const kind of kinds) {
            if (resume(session, kind) === undefined) return;
          }
          expect(session.hash()).toBe(hashOfFreshRun(make, session.position.tick));
        },
      ),
      { numRuns: 8, seed: 20_031 },
    );
  }, 60_000);

  test('back from the end to a moment in between', () => {
    const session = make();
    finish(session);
    const end = session.position.tick;
    for (const part of [0.9, 0.5, 0.1]) {
      const tick = Math.floor(end * part);
      goTo(session, tick);
      expect(session.position.tick).toBe(tick);
      expect(session.hash()).toBe(hashOfFreshRun(make, tick));
    }
    finish(session);
    expect(session.position.tick).toBe(end);
  });

  test('the same run twice gives the same state and output', () => {
    const [one, other] = [make(), make()];
    finish(one);
    finish(other);
    expect(one.hash()).toBe(other.hash());
    expect(one.result()).toEqual(other.result());
  });
});

describe.each(readdirSync('samples').filter((name) => name.endsWith('.dms')))('%s', (file) => {
  /** Every call with its arguments and moment, everything reported, and states on the way, as bytes. */
  const trace = (scenario: string): Buffer => {
    const session = sampleSession(file, { scenario });
    finish(session);
    const { tick, statements } = session.position;
    const states = [session.hash()];
    session.search({ kind: 'calls', name: '*', limit: 2_000 });
    const calls = work(session);
    const reports = session.takeReports();
    for (const part of [0.75, 0.5, 0.25]) {
      goTo(session, Math.floor(tick * part));
      states.push(session.hash());
    }
    return Buffer.from(JSON.stringify({ tick, statements, calls, reports, states }));
  };

  test.each(scenarioNames(file))(
    'run twice, "%s" leaves the same trace to the byte',
    (scenario) => {
      const first = trace(scenario);
      expect(first.length).toBeGreaterThan(1_000);
      expect(first.equals(trace(scenario))).toBe(true);
    },
  );
});

test('going back and forth prints nothing twice', () => {
  const session = sampleSession('common-buffer.dms');
  finish(session);
  const first = session.takeReports().output.map(({ text }) => text);
  expect(first.some((text) => text.startsWith('common buffer'))).toBe(true);
  goTo(session, 0);
  finish(session);
  expect(session.takeReports().output).toEqual([]);
});

test('a write in the past drops the future and the run takes the other way', () => {
  const session = textSession(`scenario "s" { process p {
      #include <stdio.h>
      int main(void)
      {
          int choice = 1;
          choice = choice + 0;
          printf(choice == 1 ? "one\\n" : "other\\n");
          return 0;
      }
  } }`);
  session.setLineBreakpoints('case.dms', [{ id: 'b', file: 'case.dms', line: 7 }]);
  const stop = resume(session, 'continue');
  expect(stop?.reason).toBe('breakpoint');
  finish(session);
  expect(session.takeReports().output.map(({ text }) => text)).toEqual(['one']);
  goTo(session, stop?.tick ?? 0);
  const [frame] = session.stack(stop?.thread ?? 0, 0, 1).frames;
  expect(session.evaluate('choice = 5', frame?.id, true).ok).toBe(true);
  expect(session.position.frontier).toBe(session.position.tick);
  finish(session);
  expect(session.takeReports().output.map(({ text }) => text)).toEqual(['other']);
});

test('a change of a single byte changes the hash', () => {
  const session = sampleSession('common-buffer.dms');
  session.setFunctionBreakpoints([{ id: 'f', name: 'AllocateCommonBuffer' }]);
  const stop = resume(session, 'continue');
  const before = session.hash();
  const frame = session.stack(stop?.thread ?? 0, 0, 2).frames[1];
  const length = session.evaluate('&description.MaximumLength', frame?.id, false);
  const reference = length.ok ? length.variable.memoryReference : undefined;
  expect(reference).toBeDefined();
  const old = session.readMemory(reference ?? '', 0, 1);
  expect(session.writeMemory(reference ?? '', 0, new Uint8Array([0xa5]))).toBe(1);
  expect(session.hash()).not.toBe(before);
  session.writeMemory(reference ?? '', 0, old?.bytes ?? new Uint8Array());
  expect(session.hash()).toBe(before);
});

describe('memory goes back to the calls', () => {
  const text = (moments: readonly Moment[]): string[] => moments.map((moment) => moment.text);
  const source = `
    #include <wdm.h>
    DRIVER_UNLOAD Unload;
    void Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
    NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
    {
        PUCHAR block, second;
        PMDL mdl;
        UNREFERENCED_PARAMETER(RegistryPath);
        DriverObject->DriverUnload = Unload;
        block = ExAllocatePoolWithTag(NonPagedPoolNx, 64, 'tseT');
        second = ExAllocatePoolWithTag(PagedPool, 8192, 'dnoS');
        if (block == NULL || second == NULL) return STATUS_NO_MEMORY;
        RtlFillMemory(block, 64, 0x5a);
        mdl = IoAllocateMdl(second, 8192, FALSE, FALSE, NULL);
        __try { MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess); } __except (1) { return STATUS_UNSUCCESSFUL; }
        second[1] = block[0];
        MmUnlockPages(mdl);
        IoFreeMdl(mdl);
        ExFreePoolWithTag(second, 'dnoS');
        ExFreePoolWithTag(block, 'tseT');
        return STATUS_SUCCESS;
    }`;
  const lineOf = (mark: string): number =>
    source.split('\n').findIndex((one) => one.includes(mark)) + 1;
  const standing = (mark: string) => {
    const session = textSession('scenario "s" { driver "d.c"; }', {}, { 'd.c': source });
    session.setLineBreakpoints('d.c', [{ id: 'b', file: 'd.c', line: lineOf(mark) }]);
    const stop = resume(session, 'continue');
    const frame = session.stack(stop?.thread ?? 0, 0, 1).frames[0]?.id;
    const reference = (expression: string): string => {
      const found = session.evaluate(expression, frame, false);
      return (found.ok ? found.variable.memoryReference : undefined) ?? '';
    };
    return { session, reference, frame };
  };

  test('that allocated, locked and freed it', () => {
    const { session, reference } = standing('return STATUS_SUCCESS');
    const block = reference('block + 5');
    expect(text(session.memoryCalls(block, 'allocated'))).toEqual([
      `64 bytes of nonpaged pool 'Test' allocated by ExAllocatePoolWithTag, d!DriverEntry at d.c:${lineOf("'tseT'")}`,
    ]);
    const [freed] = session.memoryCalls(block, 'freed');
    const line = lineOf('ExFreePoolWithTag(block');
    expect(freed?.text).toContain(`pool 'Test' freed, d!DriverEntry at d.c:${line}`);
    expect(text(session.memoryCalls(reference('second + 4096'), 'locked'))).toEqual([
      `8192 bytes locked by MmProbeAndLockPages, d!DriverEntry at d.c:${lineOf('MmProbeAndLockPages')}`,
    ]);
    expect(session.memoryCalls(block, 'locked')).toEqual([]);
    goTo(session, freed?.tick ?? 0);
    const [top] = session.stack(session.threads()[0]?.id ?? 0, 0, 1).frames;
    expect(top).toMatchObject({ function: 'DriverEntry', line });
    expect(session.memoryCalls(block, 'freed')).toEqual([]);
  });

  test('by a physical address while it is held', () => {
    const { session, frame } = standing('second[1] = block[0]');
    const pfn = session.evaluate('((unsigned long long *)(mdl + 1))[1]', frame, false);
    const page = pfn.ok ? Number(/0x[0-9A-F]+|\d+/.exec(pfn.variable.value)?.[0]) : 0;
    const reference = `phys:local:0x${(page * 4096 + 8).toString(16)}`;
    expect(text(session.memoryCalls(reference, 'locked'))).toEqual([
      `8192 bytes locked by MmProbeAndLockPages, d!DriverEntry at d.c:${lineOf('MmProbeAndLockPages')}`,
    ]);
    expect(text(session.memoryCalls(reference, 'allocated'))).toEqual([
      expect.stringContaining("8192 bytes of paged pool 'Sond' allocated"),
    ]);
  });

  test('that wrote it last, a kernel routine among them', () => {
    const { session, reference } = standing('return STATUS_SUCCESS');
    const query = (expression: string) => {
      session.search({ kind: 'lastWrite', reference: reference(expression), bytes: 1 });
      const progress = work(session);
      return progress.kind === 'found' ? text(progress.moments) : [];
    };
    const { tick } = session.position;
    expect(query('block + 9')).toEqual([
      expect.stringMatching(
        /^(memset|RtlFillMemory), called by d!DriverEntry wrote 0x5A, before 0x/,
      ),
    ]);
    expect(query('&mdl')).toEqual([expect.stringMatching(/^d!DriverEntry wrote/)]);
    expect(session.position.tick).toBe(tick);
  });

  test('bytes that nobody wrote are told apart', () => {
    const { session, reference } = standing('RtlFillMemory(block');
    expect(session.neverWritten(reference('block'), 0, 64)).toEqual([{ offset: 0, length: 64 }]);
    resume(session, 'stepOver');
    expect(session.neverWritten(reference('block'), 0, 64)).toEqual([]);
    expect(session.neverWritten(reference('second'), 8, 8)).toEqual([{ offset: 8, length: 8 }]);
  });
});
