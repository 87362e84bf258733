// Going back restores memory and all kernel objects exactly.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ResumeKind, Session } from '../../../engine/index.ts';
import { finish, goTo, resume, sampleSession, textSession } from './sample-session.ts';

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
