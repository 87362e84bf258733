import { describe, expect, it } from 'vitest';
import { compiled, driverText } from './scenario-support.ts';

/** Findings of one scenario's contents. */
const inside = (text: string): readonly string[] =>
  compiled(`scenario "x" { driver "a.c"; ${text} }`).findings;

describe('findings in scenario text', () => {
  it.each([
    [
      'a word that begins nothing',
      'scenaro "x" { driver "a.c"; }',
      "syntax: Expected 'scenario', 'machine', 'nic' or 'device', found 'scenaro'; did you mean 'scenario'? @ scenaro",
    ],
    [
      'a statement outside of scenarios',
      'expect no leaks;',
      `syntax: 'expect' stands inside a scenario: expected 'scenario "NAME" {' before it @ expect`,
    ],
    [
      'a scenario without a name',
      'scenario one { driver "a.c"; }',
      "syntax: Expected the name of the scenario in quotes, found 'one' @ one",
    ],
    [
      'a device without C',
      'device Disk with { bar 0 4K; } ',
      "syntax: Expected '{' and C, or a C file in quotes, after 'device Disk', found the end of the file @ ",
    ],
    [
      'registers that are no power of two',
      'device Disk with { bar 0 12K; } { }',
      'bad-bar: A range of registers is a power of two of bytes, at least 0x1000; found 0x3000 @ 0 12K',
    ],
    [
      'a range of registers given twice',
      'device Disk with { bar 0 4K; bar 1 4K; bar 0 8K; } { }',
      "repeated-option: 'bar 0' is given twice @ bar",
    ],
    [
      'a device with the name of a NIC',
      'nic Disk { } device Disk { }',
      "duplicate-name: A NIC 'Disk' is declared already @ Disk",
    ],
    [
      'an unknown option',
      'machine M { nolowmen; }',
      "unknown-option: 'nolowmen' is no option of a machine; did you mean 'nolowmem'? Known options: memory, nolowmem, free_memory, map_registers, iommu, merge_pages, trim, nodes, processors, windows, verifier @ nolowmen",
    ],
    [
      'an option of something else',
      'nic N { memory 0 .. 1M; }',
      "unknown-option: 'memory' is no option of a NIC. Known options: interface, address_bits, scatter_gather, maximum_length, address @ memory",
    ],
    [
      'an unknown value',
      'nic N { interface PciBus; }',
      "unknown-value: 'PciBus' is no value of 'interface'; did you mean 'PCIBus'? Known values: PCIBus, Internal, Isa, Eisa, MicroChannel, PCMCIABus, PNPISABus @ PciBus",
    ],
    [
      'an unknown Windows',
      'machine M { windows "Windows 12"; }',
      `unknown-value: 'Windows 12' is no version of Windows that is known here; did you mean 'Windows 10'? Known versions: "Windows 2000", "Windows XP", "Server 2003", "Vista", "Windows 7", "Windows 8", "Windows 8.1", "Windows 10", "Windows 11" @ "Windows 12"`,
    ],
    [
      'a missing semicolon',
      'machine M { nolowmem\n iommu; }',
      "missing-semicolon: Expected ';' after option 'nolowmem' @ ",
    ],
    [
      'a missing number',
      'machine M { processors many; }',
      "syntax: Expected a number after 'processors', found 'many' @ many",
    ],
    [
      'a number that is none',
      'machine M { memory 0 .. 64MB; }',
      "bad-number: '64MB' is no number: expected digits, or 0x and hexadecimal digits, and K, M, G or T for a size below 8192T @ 64MB",
    ],
    [
      'a range that runs backwards',
      'machine M { memory 1M .. 640K; }',
      'bad-range: The range ends at 0xA0000, not above its start 0x100000 @ 1M .. 640K',
    ],
    [
      'a range off page boundaries',
      'machine M { memory 0 .. 1000; }',
      'unaligned-range: 0x3E8 is no page boundary: expected a multiple of 0x1000 @ 0 .. 1000',
    ],
    [
      'ranges that overlap',
      'machine M { memory 0 .. 2M, 1M .. 3M; }',
      'overlapping-ranges: 0x100000 .. 0x300000 overlaps 0x0 .. 0x200000 of the same list @ 1M .. 3M',
    ],
    [
      'free memory outside of memory',
      'machine M { memory 0 .. 1M; free_memory 0 .. 64K, 2M .. 3M; }',
      "contradiction: Free memory 0x200000 .. 0x300000 lies outside the machine's memory (0x0 .. 0x100000) @ 2M .. 3M",
    ],
    [
      'memory too small for inherited free memory',
      'machine A { memory 0 .. 4M; free_memory 2M .. 3M; }\nmachine B : A { memory 0 .. 1M; }',
      "contradiction: Free memory 0x200000 .. 0x300000 lies outside the machine's memory (0x0 .. 0x100000) @ 0 .. 1M",
    ],
    [
      'more nodes than processors',
      'machine M { nodes 8; processors 4; }',
      'contradiction: Each of the 8 nodes needs a processor; the machine has 4 @ 8',
    ],
    [
      'too many address bits',
      'nic N { address_bits 65; }',
      'out-of-range: Expected 1 to 64 address bits, found 65 @ 65',
    ],
    [
      'an address that is none',
      'nic N { address "10.0.0.256"; }',
      'bad-address: "10.0.0.256" is no IP address: expected four numbers up to 255, as in "10.0.0.1" @ "10.0.0.256"',
    ],
    [
      'an option given twice',
      'machine M { iommu; iommu off; }',
      "repeated-option: 'iommu' is given twice @ iommu",
    ],
    [
      'two of a name',
      'machine M {}\nmachine M {}',
      "duplicate-name: A machine 'M' is declared already @ M",
    ],
    [
      'the name of a built-in machine',
      'machine Small { iommu; }',
      "duplicate-name: 'Small' is a built-in machine; derive from it under another name: 'machine NAME : Small' @ Small",
    ],
    [
      'an unknown base',
      'machine M : Server2004 {}',
      "unknown-machine: There is no machine 'Server2004'; did you mean 'Server2003'? Known: Default, Small, Server2003, NumaServer, Laptop, M @ Server2004",
    ],
    [
      'a conditional around a declaration',
      '#if 0\nmachine M {}\n#endif',
      "conditional-declaration: Preprocessor conditionals do not leave out declarations: 'machine' is declared all the same @ #if 0",
    ],
    ['a stray brace', '}', "unmatched-brace: '}' closes nothing @ }"],
    [
      'a file that ends in a scenario',
      'scenario "x" { driver "a.c";',
      "missing-brace: The scenario is not closed: expected '}' before the end of the file @ {",
    ],
    [
      'a name without its quote',
      'scenario "x { driver "a.c"; }\n',
      'unterminated-string: The string is not closed: expected " before the end of the line @ "; }',
    ],
    [
      'a comment that does not end',
      'scenario "x" { driver "a.c"; } /* more',
      "unterminated-comment: The comment is not closed: expected '*/' @ /*",
    ],
    [
      'two scenarios of a name',
      'scenario "x" { driver "a.c"; }\nscenario "x" { driver "a.c"; }',
      'duplicate-name: A scenario "x" is declared already @ "x"',
    ],
    [
      'nothing to run',
      'scenario "x" { expect no leaks; }',
      'empty-scenario: The scenario loads no driver and starts no process: it passes whatever happens @ "x"',
    ],
  ])('names %s', (_, text, expected) => {
    expect(compiled(text).findings).toContain(expected);
  });

  it.each([
    [
      'an unknown machine',
      'machine Smal;',
      "unknown-machine: There is no machine 'Smal'; did you mean 'Small'? Known: Default, Small, Server2003, NumaServer, Laptop @ Smal",
    ],
    ['an unknown NIC', 'nic SanNic;', "unknown-nic: There is no NIC 'SanNic'. Known: Nic @ SanNic"],
    [
      'two machines',
      'machine Small; machine Laptop;',
      'repeated-declaration: A host has one machine @ machine Laptop',
    ],
    [
      'a declaration in a scenario',
      'machine Small { iommu; }',
      "syntax: A machine is declared outside of scenarios; here it is chosen, and changed by 'with { .. }' @ {",
    ],
    [
      'an option without its owner',
      'nolowmem;',
      "syntax: Expected 'machine', 'nic', 'device', 'host', 'driver', 'process', 'event', 'expect', 'vary' or 'fault' in a scenario, found 'nolowmem'; an option is written 'machine NAME with { nolowmem ..; }' @ nolowmem",
    ],
    [
      'a preprocessor line in a scenario',
      '\n#define A 1\n',
      'syntax: Preprocessor lines stand outside of scenarios, or inside a block of C @ #',
    ],
    ['a missing file', 'driver "c.c";', `unknown-file: Cannot find "c.c" @ "c.c"`],
    [
      'a file elsewhere',
      'driver "/etc/passwd";',
      'path-outside: "/etc/passwd" is not relative: a scenario reads only files beside itself @ "/etc/passwd"',
    ],
    [
      'a driver without its entry',
      'driver "b.c";',
      'no-driver-entry: The driver has no DriverEntry: NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath) @ "b.c"',
    ],
    [
      'a process without main',
      'process p { int helper; }',
      'no-main: The process has no main: int main(void) @ p',
    ],
    [
      'two drivers of a name',
      'driver a { long DriverEntry(void *d, void *p) { return 0; } }',
      "duplicate-name: A driver 'a' is declared already @ a",
    ],
    [
      'a NIC that the host does not have',
      'driver D for San { long DriverEntry(void *d, void *p) { return 0; } }',
      "unknown-nic: There is no NIC 'San'. Known: Nic @ San",
    ],
    [
      'a driver of nothing',
      'driver;',
      "syntax: Expected a C file in quotes or a name after 'driver', found ';' @ ;",
    ],
    [
      'a driver without C',
      'driver D;',
      "syntax: Expected '{' and C, or a C file in quotes, after 'driver D', found ';' @ ;",
    ],
    [
      'a block without a name',
      'process { int main(void) { return 0; } }',
      "syntax: Expected a name between 'process' and the block of C: 'process NAME { .. }' @ process",
    ],
    [
      'files and a block',
      'process p "a.c" { int main(void) { return 0; } }',
      `syntax: A process has either C files or a block of C: options follow 'with { .. }' @ "a.c"`,
    ],
    [
      'an unknown expectation',
      'expect leeks;',
      "syntax: Expected 'no', 'output', 'leak', 'bugcheck', 'violation', 'assertion', 'process' or 'driver' after 'expect', found 'leeks'; did you mean 'leaks'? @ leeks",
    ],
    [
      'no of nothing',
      'expect no leek;',
      "syntax: Expected 'leaks', 'bugcheck', 'violation' or 'output' after 'no', found 'leek'; did you mean 'leaks'? @ leek",
    ],
    [
      'a bug check that does not exist',
      'expect bugcheck PFN_LIST_CORUPT;',
      "unknown-bugcheck: 'PFN_LIST_CORUPT' is no name of a bug check; did you mean 'PFN_LIST_CORRUPT'? @ PFN_LIST_CORUPT",
    ],
    [
      'a status that does not exist',
      'expect driver a fails STATUS_INSUFICIENT_RESOURCES;',
      "unknown-status: 'STATUS_INSUFICIENT_RESOURCES' is no name of a NTSTATUS; did you mean 'STATUS_INSUFFICIENT_RESOURCES'? @ STATUS_INSUFICIENT_RESOURCES",
    ],
    [
      'a process that does not exist',
      'process client { int main(void) { return 0; } } expect process cleint exits 0;',
      "unknown-process: There is no process 'cleint'; did you mean 'client'? Known: client @ cleint",
    ],
    [
      'a condition on nothing',
      'expect no leaks when seed == 1;',
      "unknown-variable: Nothing varies 'seed' in this scenario. A condition compares a value of 'vary' @ seed",
    ],
    [
      'a condition that assigns',
      'vary seed = 1, 2; expect no leaks when seed = 1;',
      "syntax: '=' assigns; a condition compares with '==' @ =",
    ],
    [
      'a condition that never holds',
      'vary seed = 1 to 3; expect no leaks when seed == 4;',
      "never-true: 'seed' never is 4: its values are 1, 2, 3 @ 4",
    ],
    [
      'a varied NIC that is not there',
      'vary San.address_bits = 32;',
      "unknown-variable: There is no 'San' in this scenario to vary. Expected 'define', 'seed', 'fault' or one of nic, machine, Nic @ San",
    ],
    [
      'a varied option that is not there',
      'vary nic.adress_bits = 32;',
      "unknown-option: 'adress_bits' is no option of a NIC that can vary; did you mean 'address_bits'? Known options: interface, address_bits, scatter_gather, maximum_length @ adress_bits",
    ],
    [
      'a varied value that is none',
      'vary nic.address_bits = 32, many;',
      "bad-value: Expected a number after 'address_bits', found 'many' @ many",
    ],
    [
      'a varied value out of range',
      'vary nic.address_bits = 32, 80;',
      'out-of-range: Expected 1 to 64 address bits, found 80 @ 80',
    ],
    [
      'a dimension given twice',
      'vary seed = 1; vary seed = 2;',
      "repeated-vary: 'seed' varies already @ vary seed = 2",
    ],
    [
      'a count that runs backwards',
      'vary seed = 10 to 1;',
      "bad-count: 'to' counts upwards from one whole number to another @ 10 to 1",
    ],
    [
      'a count without end',
      'vary seed = 1 to 1000000000;',
      'bad-count: More than 10000 values; a run for each would not end @ 1 to 1000000000',
    ],
    [
      'a fault value that is none',
      'vary fault allocation = none, all;',
      "bad-value: Expected 'none', 'each', 'every' or the number of a call, found 'all' @ all",
    ],
    [
      'a fault before the first call',
      'fault allocation = 0;',
      'bad-count: Calls are counted from 1 @ 0',
    ],
  ])('names %s', (_, text, expected) => {
    expect(inside(text)).toContain(expected);
  });

  it('names an unknown fault point with those there are', () => {
    expect(inside('vary fault alocation = none;')[0]).toMatch(
      /^unknown-fault-point: Calls of 'alocation' cannot be made to fail; did you mean 'allocation'\? Fault points: allocation, .*MmProbeAndLockPages.* @ alocation$/,
    );
  });

  it('asks where a process runs when there are two hosts', () => {
    const { findings } = compiled(
      'scenario "x" { host a {} host b {} process p { int main(void) { return 0; } } process q on c { int main(void) { return 0; } } }',
    );
    expect(findings).toEqual([
      "ambiguous-host: The scenario has 2 hosts: say where the process runs, 'on a' or 'on b' @ p",
      "unknown-host: There is no host 'c'. Known: a, b @ c",
      "ambiguous-host: The scenario has 2 hosts: say where the process runs, 'on a' or 'on b' @ q",
    ]);
  });

  it('finds one address given to two NICs', () => {
    const { findings } = compiled(
      'scenario "x" { host a { nic with { address "10.0.0.1"; } driver "a.c"; } host b { nic with { address "10.0.0.1"; } } }',
    );
    expect(findings).toEqual([
      `duplicate-address: The address 10.0.0.1 belongs to NIC 'Nic' of host 'a' already @ nic with { address "10.0.0.1"; }`,
    ]);
  });

  it('finds machines that derive from each other', () => {
    const { findings } = compiled('machine A : B {}\nmachine B : A {}');
    expect(findings).toEqual([
      "circular-base: Machine 'A' derives from itself @ B",
      "circular-base: Machine 'B' derives from itself @ A",
    ]);
  });
});

describe('what a linker would say', () => {
  it('finds names defined twice and nowhere', () => {
    const { findings } = compiled('scenario "x" { driver "a.c", "b.c"; }', {
      'a.c':
        'int twice(void) { return 1; } int nowhere(void); long DriverEntry(void *d, void *p) { return nowhere(); }',
      'b.c': 'int twice(void) { return 2; } static int hidden(void) { return 3; }',
    });
    expect(findings).toEqual(
      expect.arrayContaining([
        "duplicate-symbol: 'twice' is defined in another file of the same driver too @ twice",
      ]),
    );
    const { findings: alone } = compiled('scenario "x" { driver "a.c"; }', {
      'a.c': 'int nowhere(void); long DriverEntry(void *d, void *p) { return nowhere(); }',
    });
    expect(alone).toEqual([
      "undefined-symbol: 'nowhere' is declared, but defined in none of the files @ nowhere",
    ]);
  });

  it('lets one file use what another defines', () => {
    const { findings } = compiled('scenario "x" { driver "a.c", "b.c"; }', {
      'a.c':
        'int there(void); extern int count; long DriverEntry(void *d, void *p) { return there() + count; }',
      'b.c': 'int count; int there(void) { return 2; }',
    });
    expect(findings).toEqual([]);
  });
});

describe('recovery', () => {
  it('loses nothing but the declaration that is wrong', () => {
    const { findings, scenarios, machines } = compiled(`
      machine Broken { memory ; nolowmem
      nic Fine { address_bits 32; }
      scenario "one" {
        driver "a.c"
        expect leaks of;
        expect output missing quotes;
        vary nic.address_bits 32;
        nic Fine;
        expect no leaks
      }
      machine Good { iommu; }
      scenario "two" { driver "a.c"; expect no bugcheck; }`);
    expect(findings.map((finding) => finding.replace(/:.*/s, ''))).toEqual([
      'syntax',
      'missing-semicolon',
      'missing-brace',
      'missing-semicolon',
      'syntax',
      'syntax',
      'syntax',
      'missing-semicolon',
    ]);
    const [one, two] = scenarios;
    expect(one?.hosts[0]?.nics.map(({ name }) => name)).toEqual(['Fine']);
    expect(one?.expectations.map(({ kind }) => kind)).toEqual(['noLeaks']);
    expect(two?.expectations.map(({ kind }) => kind)).toEqual(['noBugcheck']);
    expect(machines.find(({ name }) => name === 'Good')?.iommu).toBe(true);
  });

  it('ends a block of C by its layout when a brace is missing', () => {
    const { scenarios, findings } = compiled(`
scenario "one" {
    driver D {
        long DriverEntry(void *d, void *p)
        {
            if (d) {
                return 0;
            return 1;
        }
    }
    expect no leaks;
}
scenario "two" { driver "a.c"; }`);
    expect(scenarios.map(({ name, expectations }) => [name, expectations.length])).toEqual([
      ['one', 1],
      ['two', 0],
    ]);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.some((finding) => finding.startsWith('syntax: Expected'))).toBe(false);
  });

  it('ends a block of C by its layout when there is a brace too many', () => {
    const { scenarios } = compiled(`
scenario "one" {
    driver D {
        long DriverEntry(void *d, void *p)
        {
            if (d) {
                return 0;
            }}
            return 1;
        }
    }
    expect no leaks;
}`);
    expect(scenarios[0]?.expectations.map(({ kind }) => kind)).toEqual(['noLeaks']);
    expect(scenarios[0]?.hosts[0]?.drivers).toHaveLength(1);
  });

  it('reads the next scenario behind a block that never ends', () => {
    const { scenarios, findings } = compiled(`
scenario "one" {
  driver D { long DriverEntry(void *d, void *p) { return 0; }
scenario "two" { driver "a.c"; expect no leaks; }`);
    expect(scenarios.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(findings[0]).toBe(
      "missing-brace: The block of C is not closed: expected '}' before 'scenario' @ {",
    );
  });

  it('counts the braces of conditional branches once', () => {
    const { findings } = compiled(`
scenario "one" {
  driver D {
    long DriverEntry(void *d, void *p) {
#if 1
      if (d) {
#else
      if (p) {
#endif
        return 0;
      }
      return 1;
    }
  }
}`);
    expect(findings).toEqual([]);
  });

  it('keeps findings of C at their place in the file', () => {
    const text = `scenario "one" { driver D { long DriverEntry(void *d, void *p) { return missing; } } }`;
    const { diagnostics } = compiled(text);
    expect(diagnostics.map(({ code, range }) => [code, range.start])).toEqual([
      ['undeclared-name', text.indexOf('missing')],
    ]);
  });

  it('reports a file once that several scenarios use', () => {
    const { findings } = compiled(
      'scenario "one" { driver "a.c"; }\nscenario "two" { driver "a.c"; }',
      { 'a.c': `${driverText} int x = missing;` },
    );
    expect(findings).toHaveLength(1);
  });
});
