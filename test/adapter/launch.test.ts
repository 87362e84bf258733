import { describe, expect, test } from 'vitest';
import { RefusedError } from './support/client.ts';
import { buffers, lineOf, newClient, standing, startSession } from './support/debuggee.ts';

async function refusal(work: Promise<unknown>): Promise<RefusedError> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof RefusedError)) throw new Error('The launch was not refused.');
  return error;
}

describe('a launch that cannot be', () => {
  test('of a file that is not there names it', async () => {
    const error = await refusal(newClient().start({ program: '/nowhere/x.dms' }));
    expect(error.message).toContain('/nowhere/x.dms');
    expect(error.shown).toBe(true);
  });

  test('without a program says what is missing', async () => {
    const error = await refusal(newClient().start({}));
    expect(error.message).toContain('"program"');
  });

  test('of a scenario that is not there lists those that are', async () => {
    const error = await refusal(newClient().start({ program: buffers, scenario: 'bufers' }));
    expect(error.message).toContain('"bufers"');
    expect(error.message).toContain('"buffers"');
    expect(error.message).toContain('"a leak"');
  });

  test('of a file with mistakes names the first place and prints all of them with links', async () => {
    const files = {
      '/w/bad.dms': 'scenario "bad" { driver "bad.c"; }\n',
      '/w/bad.c': [
        '#include <ntddk.h>',
        'NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)',
        '{',
        '    Undeclared = 1;',
        '    return STATUS_SUCCES;',
        '}',
      ].join('\n'),
    };
    const client = newClient({ files });
    const error = await refusal(client.start({ program: '/w/bad.dms' }));
    expect(error.message).toMatch(/^bad\.c:4:5: .*Undeclared/);
    expect(error.message).toContain('1 more error');
    const printed = client.seen('output').filter(({ category }) => category === 'stderr');
    expect(printed.map(({ line }) => line)).toEqual([4, 5]);
    expect(printed[0]?.source?.path).toBe('/w/bad.c');
    // A client tears the session down with the response: the lines must be there before.
    const refused = client.traffic.findIndex(
      (message) => message.type === 'response' && 'success' in message && !message.success,
    );
    const last = client.traffic.findLastIndex((message) => message.type === 'event');
    expect(last).toBeLessThan(refused);
  });

  test('prints where the macros are that a mistake came out of', async () => {
    const files = {
      '/w/a.dms': 'scenario "a" { driver "a.c"; }\n',
      '/w/a.c':
        '#define ADD(x) ((x) + nothing)\nint DriverEntry(int n)\n{\n    return ADD(n);\n}\n',
    };
    const client = newClient({ files });
    await refusal(client.start({ program: '/w/a.dms' }));
    const printed = client.seen('output').filter(({ category }) => category === 'stderr');
    expect(printed.map(({ line, output }) => [line, output])).toEqual([
      [4, expect.stringMatching(/error: 'nothing' is not declared/i)],
      [1, "a.c:1:9: note: in the expansion of macro 'ADD'\n"],
    ]);
  });

  test('of one scenario says nothing about the mistakes of another', async () => {
    const files = {
      '/w/two.dms':
        'scenario "bad" { driver "bad.c"; expect nonsense; }\nscenario "good" { driver "good.c"; }\n',
      '/w/bad.c':
        '#include <ntddk.h>\nNTSTATUS DriverEntry(PDRIVER_OBJECT D, PUNICODE_STRING R) { return X; }\n',
      '/w/good.c':
        '#include <ntddk.h>\nNTSTATUS DriverEntry(PDRIVER_OBJECT D, PUNICODE_STRING R)\n' +
        '{ UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(R); DbgPrint("good\\n"); return 0; }\n',
    };
    const client = newClient({ files });
    const error = await refusal(client.start({ program: '/w/two.dms', scenario: 'bad' }));
    expect(error.message).toContain('1 more error');
    const other = newClient({ files });
    await other.start({ program: '/w/two.dms', scenario: 'good' });
    await other.event('terminated');
    expect(other.console('stdout')).toContain('good');
    expect(other.console('stderr')).toBe('');
  });

  test('leaves a session in which a better one can be launched', async () => {
    const client = newClient();
    await refusal(client.start({ program: '/nowhere/x.dms' }));
    await client.request('launch', { program: buffers });
    await client.request('configurationDone', {});
    await client.event('terminated');
  });
});

describe('a launch', () => {
  test('fetches what the scenario reaches, step by step', async () => {
    const asked: string[] = [];
    const files: Record<string, string> = {
      '/w/a.dms': 'scenario "a" { driver "drivers/a.c"; expect output "seven 7"; }',
      '/w/drivers/a.c':
        '#include "a.h"\nNTSTATUS DriverEntry(PDRIVER_OBJECT D, PUNICODE_STRING R)\n' +
        '{ UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(R); DbgPrint("seven %d\\n", SEVEN); return 0; }\n',
      '/w/drivers/a.h': '#include <ntddk.h>\n#include "b.h"\n',
      '/w/drivers/b.h': '#define SEVEN 7\n',
    };
    const client = newClient({
      files: async (path) => {
        asked.push(path);
        return files[path];
      },
    });
    await client.start({ program: '/w/a.dms' });
    await client.event('terminated');
    expect(client.console('stdout')).toContain('seven 7');
    expect(asked).toEqual(expect.arrayContaining(Object.keys(files)));
    expect(new Set(asked).size).toBe(asked.length);
  });

  test('of a lone driver runs it', async () => {
    const text =
      '#include <ntddk.h>\nNTSTATUS DriverEntry(PDRIVER_OBJECT D, PUNICODE_STRING R)\n' +
      '{ UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(R); DbgPrint("alone\\n"); return 0; }\n';
    const client = newClient({ files: { '/w/alone.c': text } });
    await client.start({ program: '/w/alone.c' });
    await client.event('terminated');
    expect(client.console('stdout')).toContain('alone');
  });

  test('stops on entry when it is asked to', async () => {
    const session = await standing({ launch: { stopOnEntry: true } });
    expect(session.stopped.reason).toBe('entry');
    const line = await session.line();
    expect(line).toBeGreaterThanOrEqual(lineOf(buffers, '#ENTRY') - 3);
    expect(line).toBeLessThanOrEqual(lineOf(buffers, '#ENTRY'));
  });

  test('without debugging passes every breakpoint', async () => {
    const { client } = await startSession({
      launch: { noDebug: true, stopOnEntry: true },
      breakpoints: [{ mark: '#FIRST' }],
      functions: [{ name: 'Add' }],
      filters: [{ filterId: 'pool' }],
    });
    await client.event('terminated');
    expect(client.seen('stopped')).toEqual([]);
  });

  test('ends at its statement limit', async () => {
    const { client } = await startSession({
      launch: { scenario: 'without end', maxStatements: 10_000, noDebug: true },
    });
    expect(await client.event('exited')).toEqual({ exitCode: 1 });
    expect(client.console()).toMatch(/limit of 10,?000/);
  });

  test.each([
    ['seed', { seed: -1 }],
    ['maxStatements', { maxStatements: 0 }],
  ])('refuses a %s that is none', async (name, launch) => {
    const error = await refusal(newClient().start({ program: buffers, ...launch }));
    expect(error.message).toContain(`"${name}"`);
  });
});
