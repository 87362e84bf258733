import { describe, expect, it } from 'vitest';
import { compileScenarioFile } from '../../../engine/language/compile.ts';
import { type OutlineSymbol, outline } from '../../../engine/language/outline.ts';
import { pipelineSources } from '../../../engine/pipeline/sources.ts';
import {
  compiled,
  driverText,
  fixtureText,
  plain,
  readerOf,
  scenarioOf,
} from './scenario-support.ts';

const G = 2 ** 30;

describe('the samples', () => {
  const sample = (name: string) =>
    compileScenarioFile({
      path: `samples/${name}`,
      reader: {
        read: (path) => {
          try {
            return fixtureText(path.replace('samples/', ''));
          } catch {
            return undefined;
          }
        },
      },
      builtins: pipelineSources,
    });

  it('declare a machine without low memory and what is expected on it', () => {
    const program = sample('nolowmem.dms');
    expect(program.diagnostics).toEqual([]);
    expect(program.missing).toEqual([]);
    const [first, second] = program.scenarios;
    expect(first?.name).toBe('contiguous memory below 4 GB is there for those who ask');
    expect(plain(first?.hosts)).toEqual([
      {
        name: 'local',
        machine: {
          name: 'Server',
          memory: [
            { start: 0, end: 640 * 1024 },
            { start: 2 ** 20, end: 3 * G },
            { start: 4 * G, end: 20 * G },
          ],
          nolowmem: true,
          freeMemory: { kind: 'fragmented', percent: 40, runs: 4096, seed: 7 },
          mapRegisters: 64,
          iommu: false,
          mergePages: true,
          nodes: 1,
          processors: 2,
          windows: 'Server 2003',
        },
        nics: [
          {
            name: 'SanNic',
            interface: 'PCIBus',
            addressBits: 32,
            scatterGather: true,
            maximumLength: 64 * 1024,
            address: '10.0.0.1',
            bars: [{ index: 0, size: 65536 }],
            interruptMessages: 0,
          },
        ],
        drivers: [
          {
            name: 'Proxy',
            host: 'local',
            sources: [],
            definitions: [],
            includeFolders: [],
            device: 'SanNic',
            devices: ['SanNic'],
            builtin: false,
          },
        ],
        processes: [],
        events: [],
      },
    ]);
    expect(plain(first?.expectations)).toEqual([
      { kind: 'output', text: 'low buffer at', negated: false },
      { kind: 'noLeaks' },
    ]);
    expect(plain(second?.expectations)).toEqual([
      { kind: 'output', text: 'pool page at', negated: false },
      { kind: 'leak', bytes: 4096 },
    ]);
    const functions = first?.hosts[0]?.drivers[0]?.units[0]?.functions ?? [];
    const defined = functions.filter(({ body }) => body !== undefined).map(({ name }) => name);
    expect(defined).toEqual(expect.arrayContaining(['Unload', 'DriverEntry']));
  });

  it('load a driver from its file with definitions, and vary faults and the NIC', () => {
    const program = sample('common-buffer.dms');
    expect(program.diagnostics).toEqual([]);
    const [zeroed, forgotten, varied] = program.scenarios;
    expect(plain(zeroed?.hosts[0]?.drivers)).toEqual([
      {
        name: 'common-buffer',
        host: 'local',
        sources: [{ path: 'samples/drivers/common-buffer.c' }],
        definitions: [{ name: 'ZERO_DESCRIPTION', value: '1' }],
        includeFolders: [],
        device: 'SanNic',
        devices: ['SanNic'],
        builtin: false,
      },
    ]);
    expect(zeroed?.hosts[0]?.machine.nolowmem).toBe(true);
    expect(varied?.hosts[0]?.machine.nolowmem).toBe(false);
    expect(plain(forgotten?.expectations)).toEqual([
      { kind: 'violation', rule: 'uninitialized_memory' },
    ]);
    expect(plain(varied?.vary)).toEqual([
      { kind: 'fault', point: 'allocation', values: ['none', 'each'] },
      { kind: 'nic', name: 'nic', option: 'address_bits', values: ['32', '36', '64'] },
    ]);
    // One check of the C for each set of definitions.
    expect(varied?.hosts[0]?.drivers[0]?.units[0]).toBe(zeroed?.hosts[0]?.drivers[0]?.units[0]);
    expect(forgotten?.hosts[0]?.drivers[0]?.units[0]).not.toBe(
      zeroed?.hosts[0]?.drivers[0]?.units[0],
    );
  });

  it('run processes on two hosts, with the reference proxy driver where none is named', () => {
    const program = sample('rdma-send.dms');
    // `recv` takes an int for a length: a compiler tells that of a size_t, for information.
    expect(program.diagnostics.map(({ code }) => code)).toEqual(['conversion-loses-bits']);
    const [scenario] = program.scenarios;
    const hosts = scenario?.hosts ?? [];
    expect(hosts.map(({ name, nics }) => [name, nics[0]?.name, nics[0]?.address])).toEqual([
      ['alpha', 'SanNic', '10.0.0.1'],
      ['beta', 'SanNic', '10.0.0.2'],
    ]);
    expect(hosts.map(({ processes }) => processes.map((p) => [p.name, p.usesWinsock]))).toEqual([
      [['sender', true]],
      [['receiver', true]],
    ]);
    for (const { drivers } of hosts) {
      expect(drivers.map(({ name, builtin, device }) => [name, builtin, device])).toEqual([
        ['proxy', true, 'SanNic'],
      ]);
    }
    expect(plain(scenario?.expectations)).toEqual([
      { kind: 'processExits', process: 'receiver', code: 0 },
      { kind: 'processExits', process: 'sender', code: 0 },
      { kind: 'output', text: 'received 1048576 bytes, last one 42', negated: false },
      { kind: 'noLeaks' },
    ]);
  });
});

describe('defaults', () => {
  it('make a scenario of nothing but a driver', () => {
    const { hosts, expectations, vary } = scenarioOf('scenario "x" { driver "a.c"; }');
    expect(hosts).toHaveLength(1);
    const [host] = hosts;
    expect(host?.name).toBe('local');
    expect(host?.machine).toMatchObject({
      name: 'Default',
      windows: 'Windows 11',
      nolowmem: false,
    });
    expect(host?.nics).toMatchObject([{ name: 'Nic', addressBits: 64, address: '10.0.0.1' }]);
    expect(host?.drivers).toMatchObject([{ name: 'a', device: 'Nic', verifier: undefined }]);
    expect([expectations, vary]).toEqual([[], []]);
  });

  it('give every declared NIC the plainest properties', () => {
    const program = compiled('nic Plain {}\nscenario "x" { nic Plain; driver "a.c"; }');
    expect(program.findings).toEqual([]);
    expect(program.scenarios[0]?.hosts[0]?.nics[0]).toMatchObject({
      interface: 'PCIBus',
      addressBits: 64,
      scatterGather: false,
      maximumLength: 65536,
    });
  });

  it('have devices with registers and C of their own', () => {
    const device = 'long RegisterRead(void) { return 0; } void RegisterWrite(void) { }';
    const scenario = scenarioOf(
      `device Ring with { bar 0 4K; bar 2 1M; interrupt 2; address_bits 32; } { ${device} }
       device Other with { define X 1; } "other.c";
       scenario "x" {
         device Ring with { bar 0 8K; interrupt; }
         device Own { ${device} }
         driver "a.c" for Own;
         driver "b.c" for Ring;
       }
       scenario "y" { device Other; driver "a.c"; }`,
      { 'a.c': driverText, 'b.c': driverText, 'other.c': device },
    );
    const [host] = scenario.hosts;
    expect(
      host?.nics.map(({ name, bars, interruptMessages, addressBits, address, program }) => ({
        name,
        bars: bars.map(({ index, size }) => `${index}: ${size}`),
        interruptMessages,
        addressBits,
        address,
        routines: program?.units.flatMap(({ functions }) => functions.map((one) => one.name)),
      })),
    ).toEqual([
      {
        name: 'Ring',
        bars: ['0: 8192', '2: 1048576'],
        interruptMessages: 0,
        addressBits: 32,
        address: '',
        routines: ['RegisterRead', 'RegisterWrite'],
      },
      {
        name: 'Own',
        bars: [],
        interruptMessages: undefined,
        addressBits: 64,
        address: '',
        routines: ['RegisterRead', 'RegisterWrite'],
      },
    ]);
    expect(host?.drivers.map(({ name, devices }) => [name, devices])).toEqual([
      ['a', ['Own']],
      ['b', ['Ring']],
    ]);
  });

  it('miss the routines of a device that its registers need', () => {
    const program = compiled('scenario "x" { device Ring { int other; } driver "a.c"; }');
    expect(program.findings).toEqual([
      'no-register-read: The device has no RegisterRead: ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size) @ Ring',
      'no-register-write: The device has no RegisterWrite: VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value) @ Ring',
    ]);
  });

  it('make a scenario of a C file with DriverEntry', () => {
    const program = compileScenarioFile({
      path: 'drivers/alone.c',
      reader: readerOf({ 'drivers/alone.c': driverText }),
    });
    expect(program.diagnostics).toEqual([]);
    expect(program.tree).toBeUndefined();
    expect(program.scenarios.map(({ name }) => name)).toEqual(['alone']);
    expect(program.scenarios[0]?.hosts[0]?.drivers).toMatchObject([
      { name: 'alone', sources: [{ path: 'drivers/alone.c' }], device: 'Nic' },
    ]);
  });

  it('check a C file without DriverEntry and make no scenario of it', () => {
    const program = compileScenarioFile({
      path: 'helper.c',
      reader: readerOf({ 'helper.c': 'int helper(void) { return missing; }' }),
    });
    expect(program.scenarios).toEqual([]);
    expect(program.diagnostics.map(({ code }) => code)).toEqual(['undeclared-name']);
  });

  it('say that there is no file', () => {
    const program = compileScenarioFile({ path: 'none.dms', reader: readerOf({}) });
    expect(program.missing).toEqual(['none.dms']);
    expect(program.diagnostics.map(({ code }) => code)).toEqual(['unknown-file']);
  });
});

describe('machines and NICs', () => {
  it('derive from others in any order', () => {
    const { machines } = compiled(`
      machine Last : Middle { processors 8; nodes 2; }
      machine Middle : Small { memory 0 .. 0xA0000, 1M .. 16M; free_memory 0xE000 .. 0x14000, 2M .. 3M; iommu; }
    `);
    expect(plain(machines.find(({ name }) => name === 'Last'))).toEqual({
      name: 'Last',
      memory: [
        { start: 0, end: 0xa0000 },
        { start: 0x100000, end: 0x1000000 },
      ],
      nolowmem: false,
      freeMemory: {
        kind: 'exact',
        ranges: [
          { start: 0xe000, end: 0x14000 },
          { start: 0x200000, end: 0x300000 },
        ],
      },
      mapRegisters: 16,
      iommu: true,
      mergePages: true,
      nodes: 2,
      processors: 8,
      windows: 'Windows 7',
    });
  });

  it('are changed where they are chosen', () => {
    const { hosts } = scenarioOf(`
      scenario "x" {
        machine Laptop with { iommu off; windows "Windows 8.1"; verifier dma, low_memory_requests; }
        nic with { address_bits 24; address "192.168.0.7"; }
        driver "a.c" with { verifier on; };
      }`);
    expect(hosts[0]?.machine).toMatchObject({
      name: 'Laptop',
      iommu: false,
      windows: 'Windows 8.1',
    });
    expect(hosts[0]?.nics[0]).toMatchObject({ addressBits: 24, address: '192.168.0.7' });
  });

  it('are declared with every size and form', () => {
    const { findings, machines } = compiled(
      'machine Big { memory 0..640K,1M..3G,4G..16T; free_memory fragmented 10%; windows Server2003; }',
    );
    expect(findings).toEqual([]);
    expect(machines.find(({ name }) => name === 'Big')).toMatchObject({
      memory: [{ end: 640 * 1024 }, { end: 3 * G }, { start: 4 * G, end: 16 * 2 ** 40 }],
      freeMemory: { kind: 'fragmented', percent: 10, runs: 4096, seed: 0 },
      windows: 'Server 2003',
    });
  });

  it('take flags of the verifier as a number, beside names', () => {
    const { hosts } = scenarioOf(
      'scenario "x" { driver "a.c" with { verifier 0x9BB, low_resources; } }',
    );
    expect(hosts[0]?.drivers[0]?.verifier).toEqual({ flags: 0x9bf, lowMemoryRequests: false });
    expect(compiled('scenario "x" { driver "a.c" with { verifier 0x1000000; } }').findings).toEqual(
      ['unknown-value: 0x1000000 are no flags of the verifier that are known here @ 0x1000000'],
    );
  });

  it('bring the verifier of a machine to its drivers', () => {
    const { hosts } = scenarioOf('scenario "x" { machine with { verifier on; } driver "a.c"; }');
    expect(hosts[0]?.drivers[0]?.verifier).toEqual({ flags: 0x209bb, lowMemoryRequests: false });
    const one = scenarioOf(
      'scenario "x" { machine with { verifier on; } driver "a.c" with { verifier special_pool, low_memory_requests; } }',
    );
    expect(one.hosts[0]?.drivers[0]?.verifier).toEqual({ flags: 1, lowMemoryRequests: true });
  });
});

describe('drivers, processes and hosts', () => {
  const files = {
    'a.c': driverText,
    'b.c': 'int helper;',
    'lib/c.c': '#include "c.h"\nlong DriverEntry(void *d, void *p) { return VALUE; }',
    'lib/c.h': '#include <shared.h>',
    'inc/shared.h': '#define VALUE 0',
    'main.c': 'int main(void) { return 0; }',
  };

  it('take several files, folders and definitions', () => {
    const { hosts } = scenarioOf(
      'scenario "x" { driver "a.c", "b.c" with { define A; define B 1 + 2; } driver "lib/c.c" with { include "inc"; } }',
      files,
    );
    expect(
      hosts[0]?.drivers.map(({ name, sources }) => [name, sources.map(({ path }) => path)]),
    ).toEqual([
      ['a', ['a.c', 'b.c']],
      ['c', ['lib/c.c']],
    ]);
    expect(hosts[0]?.drivers[0]?.definitions).toEqual([
      { name: 'A', value: '1' },
      { name: 'B', value: '1 + 2' },
    ]);
    expect(hosts[0]?.drivers[1]?.includeFolders).toEqual(['inc']);
  });

  it('give the NIC to the driver that asks for it', () => {
    const { hosts } = scenarioOf(
      'nic Lan {}\nnic San {}\nscenario "x" { nic Lan; nic San; driver "a.c"; driver "lib/c.c" with { include "inc"; } for San; }',
      files,
    );
    expect(hosts[0]?.drivers.map(({ name, devices }) => [name, devices])).toEqual([
      ['a', ['Lan']],
      ['c', ['San']],
    ]);
    expect(hosts[0]?.nics.map(({ address }) => address)).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('place programs on hosts, and share what the scenario chooses', () => {
    const { hosts } = scenarioOf(
      `scenario "x" {
        machine Small;
        host alpha { nic Nic with { address "10.0.0.2"; } driver "a.c"; }
        host beta { machine Laptop; process inner "main.c"; }
        process outer on alpha "main.c";
        driver helper on beta "lib/c.c" with { include "inc"; }
      }`,
      files,
    );
    expect(
      hosts.map((host) => [
        host.name,
        host.machine.name,
        host.nics[0]?.address,
        host.drivers.map(({ name }) => name),
        host.processes.map(({ name }) => name),
      ]),
    ).toEqual([
      ['alpha', 'Small', '10.0.0.2', ['a'], ['outer']],
      ['beta', 'Laptop', '10.0.0.1', ['helper'], ['inner']],
    ]);
  });

  it('load a driver outside of the hosts on each of them', () => {
    const { hosts } = scenarioOf('scenario "x" { host a {} host b {} driver "a.c"; }', files);
    expect(hosts.map(({ drivers }) => drivers.length)).toEqual([1, 1]);
  });

  it('put the preprocessor lines of the file before each block, and nothing else', () => {
    const program = compiled(
      `#define LENGTH 4
scenario "x" { driver D { long DriverEntry(void *d, void *p) { return LENGTH; } } }
#define LATER 1
scenario "y" { driver D { int a[LATER]; long DriverEntry(void *d, void *p) { return LENGTH; } } }`,
    );
    expect(program.findings).toEqual([]);
  });

  it('compile the C of a process as user code', () => {
    const { hosts } = scenarioOf(
      'scenario "x" { process p {\n#ifndef _DMS_USER_MODE\n#error kernel\n#endif\nint main(void) { return 0; } } }',
    );
    expect(hosts[0]?.processes).toMatchObject([{ name: 'p', usesWinsock: false }]);
    expect(hosts[0]?.drivers).toEqual([]);
  });
});

describe('expectations', () => {
  it('say what must hold, and what may happen', () => {
    const { expectations } = scenarioOf(
      `scenario "x" {
        driver "a.c"; process client { int main(void) { return 0; } }
        vary fault allocation = none, each;
        vary define MODE = 0, 1;
        expect no leaks; expect leak; expect leak of 4K bytes;
        expect no bugcheck; expect no violation; expect no violation uninitialized_memory;
        expect bugcheck; expect bugcheck 0xE6; expect bugcheck PFN_LIST_CORRUPT (7, *, 0xFFFFFFFFFFFFFFFF, ..);
        expect no output "tilt"; expect output "a \\"quoted\\" line";
        expect assertion; expect violation dma_reach;
        expect process client exits -1;
        expect driver a fails; expect driver "a" fails STATUS_INSUFFICIENT_RESOURCES when fault.allocation == 2;
        expect no leaks when define MODE != 1;
      }`,
    );
    expect(plain(expectations)).toEqual([
      { kind: 'noLeaks' },
      { kind: 'leak' },
      { kind: 'leak', bytes: 4096 },
      { kind: 'noBugcheck' },
      { kind: 'noViolation' },
      { kind: 'noViolation', rule: 'uninitialized_memory' },
      { kind: 'bugcheck', parameters: [] },
      { kind: 'bugcheck', code: 0xe6, parameters: [] },
      { kind: 'bugcheck', code: 0x4e, parameters: ['7n', null, '18446744073709551615n'] },
      { kind: 'output', text: 'tilt', negated: true },
      { kind: 'output', text: 'a "quoted" line', negated: false },
      { kind: 'assertion' },
      { kind: 'violation', rule: 'dma_reach' },
      { kind: 'processExits', process: 'client', code: -1 },
      { kind: 'loadFails', driver: 'a' },
      {
        kind: 'loadFails',
        driver: 'a',
        status: 0xc000009a,
        when: { variable: 'fault.allocation', operator: '==', value: '2' },
      },
      { kind: 'noLeaks', when: { variable: 'define MODE', operator: '!=', value: '1' } },
    ]);
  });
});

describe('the outline', () => {
  it('holds declarations, and the C of blocks', () => {
    const program = compiled(
      `machine M {}
nic N {}
scenario "one" {
  host alpha { process client { int main(void) { return 0; } } }
  driver "a.c";
}
scenario "two" { driver D { static int count; struct entry { int a; }; long DriverEntry(void *d, void *p) { return 0; } } }`,
    );
    const tree = (symbols: readonly OutlineSymbol[]): unknown[] =>
      symbols.map(({ name, kind, children }) =>
        children.length === 0 ? `${kind} ${name}` : [`${kind} ${name}`, ...tree(children)],
      );
    expect(tree(outline(program))).toEqual([
      'machine M',
      'nic N',
      ['scenario one', ['host alpha', ['process client', 'function main']], 'driver a.c'],
      ['scenario two', ['driver D', 'variable count', 'type entry', 'function DriverEntry']],
    ]);
    const check = (symbols: readonly OutlineSymbol[]): void => {
      for (const { range, selectionRange, children } of symbols) {
        expect(range.start).toBeLessThanOrEqual(selectionRange.start);
        expect(range.end).toBeGreaterThanOrEqual(selectionRange.end);
        check(children);
      }
    };
    check(outline(program));
  });
});

describe('names', () => {
  it('lead from each use to the declaration', () => {
    const text =
      'machine M : Small {}\nnic N {}\nscenario "x" { host h { machine M; nic N; } driver D on h for N { long DriverEntry(void *d, void *p) { return 0; } } expect driver D fails; }';
    const program = compiled(text);
    expect(program.findings).toEqual([]);
    expect(
      program.names.map(({ kind, name, range, declaration }) => [
        kind,
        name,
        range.start,
        declaration?.start,
      ]),
    ).toEqual([
      ['machine', 'M', 8, 8],
      ['machine', 'Small', 12, undefined],
      ['nic', 'N', 25, 25],
      ['host', 'h', text.indexOf('h {'), text.indexOf('h {')],
      ['machine', 'M', text.indexOf('M;'), 8],
      ['nic', 'N', text.indexOf('N; }'), 25],
      ['driver', 'D', text.indexOf('D on'), text.indexOf('D on')],
      ['host', 'h', text.indexOf('h for'), text.indexOf('h {')],
      ['nic', 'N', text.indexOf('N { long'), 25],
      ['driver', 'D', text.indexOf('D fails'), text.indexOf('D on')],
    ]);
  });
});
