import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../engine/base/random.ts';
import { goTo, resume, sampleSession } from '../../session/sample-session.ts';
import { type Run, runSample } from '../life/support.ts';

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);

const run = (seed: number, scenario: string): Run =>
  runSample('samples/shared-list.dms', { seed, scenario });

const isGood = ({ reports }: Run): boolean =>
  reports.count('failure') + reports.count('bugCheck') + reports.count('violation') === 0;

describe('a race in a driver', () => {
  const found = seeds.filter((seed) => !isGood(run(seed, 'without the lock')));

  it('is found by some seeds and never by the plain schedule', () => {
    expect(found).not.toContain(1);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(seeds.length / 2);
  });

  it('is the same race with the same seed', () => {
    const [seed] = found;
    if (seed === undefined) throw new Error('no seed finds it');
    const [one, other] = [run(seed, 'without the lock'), run(seed, 'without the lock')];
    expect(one.vm.tick).toBe(other.vm.tick);
    expect(one.vm.hash()).toBe(other.vm.hash());
    expect(one.reports.list('bugCheck')).toEqual(other.reports.list('bugCheck'));
  });

  it('can be run into from any moment before it', () => {
    const [seed] = found;
    if (seed === undefined) throw new Error('no seed finds it');
    const { vm } = run(seed, 'without the lock');
    const [end, hash] = [vm.tick, vm.hash()];
    const again = runSample('samples/shared-list.dms', {
      seed,
      scenario: 'without the lock',
      until: 0,
    });
    const start = again.vm.snapshot();
    for (const part of [0.2, 0.5, 0.9]) {
      again.vm.restore(start);
      const middle = Math.floor(end * part);
      while (again.vm.tick < middle) again.vm.run(middle - again.vm.tick);
      const there = again.vm.snapshot();
      while (again.vm.tick < end) again.vm.run(end - again.vm.tick);
      expect(again.vm.hash()).toBe(hash);
      again.vm.restore(there);
      expect(again.vm.tick).toBe(middle);
    }
  });

  it('is gone with the lock', () => {
    expect(
      seeds
        .slice(0, 20)
        .filter((seed) => !isGood(run(seed, 'with the lock every schedule is fine'))),
    ).toEqual([]);
  });
});

describe('a varied schedule', () => {
  const scenario = 'with the lock every schedule is fine';

  it('is walked to and fro, and its threads are shown with their processors', () => {
    const kinds = ['stepIn', 'stepOver', 'stepBackIn', 'stepIn', 'stepBack', 'stepOut'] as const;
    for (const seed of [4, 5]) {
      const make = () => sampleSession('shared-list.dms', { scenario, variant: {}, seed });
      const session = make();
      const random = new SeededRandom(seed);
      for (let count = 0; count < 40; count++) {
        if (count % 20 === 0) goTo(session, 100 + random.below(200));
        resume(session, kinds[random.below(kinds.length)] ?? 'stepIn');
        if (count % 6 !== 0) continue;
        const fresh = make();
        goTo(fresh, session.position.tick);
        expect(fresh.position.tick).toBe(session.position.tick);
        expect(session.hash()).toBe(fresh.hash());
      }
      goTo(session, 150);
      const names = session.threads().map(({ name }) => name);
      expect(names.length).toBeGreaterThan(2);
      for (const name of names) expect(name).toMatch(/^local: System, processor [0-3]/);
    }
  }, 60_000);
});
