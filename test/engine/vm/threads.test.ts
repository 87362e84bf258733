import { describe, expect, test } from 'vitest';
import { compileC, machineOf } from './support.ts';

const driver = (source: string) => ({
  name: 'Driver',
  host: 0,
  process: 0,
  mode: 'kernel' as const,
  units: [compileC(`#include "test.h"\n${source}`, 'driver.c')],
  own: true,
  imports: [],
});

describe('threads', () => {
  test('run until they block, and go on when woken', () => {
    const { machine, output } = machineOf(
      [
        driver(`
          int first(void) { emit(1); waitFor("second"); emit(3); return 0; }
          int second(void) { emit(2); wakeThread(1); emit(22); return 0; }
        `),
      ],
      [
        { module: 'Driver', routine: 'first' },
        { module: 'Driver', routine: 'second' },
      ],
    );
    expect(machine.run(5)).toBe('budget');
    expect(machine.run(100_000)).toBe('ended');
    expect(output()).toEqual(['1', '2', '22', 'second returned 0', '3', 'first returned 0']);
  });

  test('what they wait for is known', () => {
    const { machine } = machineOf(
      [driver('int main(void) { waitFor("an event"); return 0; }')],
      [{ module: 'Driver', routine: 'main' }],
    );
    expect(machine.run(100_000)).toBe('ended');
    expect(machine.threads(0)).toMatchObject([{ state: 'blocked', waitingFor: 'an event' }]);
  });
});

describe('user mode', () => {
  const client = (source: string) => ({
    name: 'client',
    host: 0,
    process: 4,
    mode: 'user' as const,
    units: [compileC(source, 'client.c', 'user')],
    own: true,
    imports: ['Driver'],
  });
  const service = driver(`
    static int Seen;
    int NtEmit(long long Value);
    int NtAdd(int *Where, int By) { Seen = NtEmit(By); *Where += By; return Seen; }
    int internal(void) { return 1; }
  `);

  test('system services switch mode and stack, and come back', () => {
    const { machine, output } = machineOf(
      [
        service,
        client(`
          int NtAdd(int *Where, int By); int NtEmit(long long Value); int emit(long long Value);
          int main(void) { int n = 5; NtAdd(&n, 6); emit(n); NtEmit(8); return n; }
        `),
      ],
      [{ module: 'client', routine: 'main', process: 4 }],
    );
    expect(machine.run(100_000)).toBe('ended');
    expect(output()).toEqual(['kernel 6', '11', 'kernel 8', 'main returned 11']);
  });

  test('kernel code and kernel memory are out of reach', () => {
    const { machine, output } = machineOf(
      [
        service,
        client(`
          int internal(void); int emit(long long Value);
          int main(void) {
            __try { internal(); } __except (1) { emit(1); }
            __try { *(volatile int *)0xFFFFF80000001000 = 1; } __except (1) { emit(2); }
            *(int *)8 = 1;
            return 0;
          }
        `),
      ],
      [{ module: 'client', routine: 'main', process: 4 }],
    );
    expect(machine.run(100_000)).toBe('ended');
    expect(output()).toEqual(['1', '2', `main died with ${0xc0000005}`]);
  });

  test('the stack shows the boundary', () => {
    const { machine } = machineOf(
      [
        service,
        client(`
          int NtAdd(int *Where, int By);
          int main(void) { int n = 5; return NtAdd(&n, 6); }
        `),
      ],
      [{ module: 'client', routine: 'main', process: 4 }],
    );
    for (;;) {
      if (machine.run(1) === 'ended') throw new Error('never in the service');
      const names = [...machine.frames(machine.current)].map((frame) => frame.routine?.name);
      if (names[0] !== 'NtEmit') continue;
      expect(names).toEqual(['NtEmit', 'NtAdd', 'main']);
      break;
    }
    const frames = [...machine.frames(machine.current)];
    expect(frames.map((frame) => [frame.mode, frame.boundary])).toEqual([
      ['kernel', false],
      ['kernel', true],
      ['user', false],
    ]);
    expect(machine.siteOf(machine.current)).toMatchObject({ file: 'driver.c', function: 'NtAdd' });
  });

  test('an overflow of the user stack can be handled', () => {
    const { machine, output } = machineOf(
      [
        service,
        client(`
          int emit(long long Value);
          static int deep(int n) { char room[200]; room[0] = 1; return deep(n + 1) + room[0]; }
          static int filter(void) { emit(1); return 1; }
          int main(void) { __try { deep(0); } __except (filter()) { emit(2); } return 3; }
        `),
      ],
      [{ module: 'client', routine: 'main', process: 4 }],
    );
    expect(machine.run(100_000)).toBe('ended');
    expect(output()).toEqual(['1', '2', 'main returned 3']);
  });
});
