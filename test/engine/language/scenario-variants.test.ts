import { describe, expect, it } from 'vitest';
import type { ScenarioDeclaration } from '../../../engine/language/scenario.ts';
import {
  completeVariant,
  countingVariant,
  expandEach,
  faultsOf,
  hasEach,
  seedOf,
  variantsOf,
} from '../../../engine/language/variants.ts';
import { driverText, scenarioOf, shown } from './scenario-support.ts';

const varied = (text: string, files?: Readonly<Record<string, string>>): ScenarioDeclaration =>
  scenarioOf(`scenario "x" { driver "a.c"; ${text} }`, files);

describe('variants', () => {
  it('are one without vary', () => {
    expect(variantsOf(varied(''))).toEqual([{}]);
  });

  it('are all combinations, the last dimension changing fastest', () => {
    const scenario = varied('vary nic.address_bits = 32, 64; vary seed = 1 to 3;');
    expect(variantsOf(scenario)).toEqual([
      { 'nic.address_bits': '32', seed: '1' },
      { 'nic.address_bits': '32', seed: '2' },
      { 'nic.address_bits': '32', seed: '3' },
      { 'nic.address_bits': '64', seed: '1' },
      { 'nic.address_bits': '64', seed: '2' },
      { 'nic.address_bits': '64', seed: '3' },
    ]);
  });

  it('count each call once the run without faults has counted them', () => {
    const scenario = varied('vary fault allocation = none, each; vary define MODE = 0, 1;');
    const open = variantsOf(scenario).filter((variant) => hasEach(scenario, variant));
    expect(open).toEqual([
      { 'fault.allocation': 'each', 'define MODE': '0' },
      { 'fault.allocation': 'each', 'define MODE': '1' },
    ]);
    const [first = {}] = open;
    expect(countingVariant(scenario, first)).toEqual({
      'fault.allocation': 'none',
      'define MODE': '0',
    });
    expect(expandEach(scenario, first, { allocation: 2 })).toEqual([
      { 'fault.allocation': '1', 'define MODE': '0' },
      { 'fault.allocation': '2', 'define MODE': '0' },
    ]);
    expect(expandEach(scenario, first, {})).toEqual([]);
    expect(variantsOf(scenario, { allocation: 1 }).map((one) => one['fault.allocation'])).toEqual([
      'none',
      'none',
      '1',
      '1',
    ]);
  });

  it('say which calls fail', () => {
    const scenario = varied(
      'fault IoAllocateMdl = 3, every; vary fault allocation = none, 2, every;',
    );
    const failing = (variant: Readonly<Record<string, string>>): (string | number)[][] =>
      faultsOf(scenario, variant).map(({ point, ordinal }) => [point, ordinal]);
    const always = [
      ['IoAllocateMdl', 3],
      ['IoAllocateMdl', 0],
    ];
    expect(failing({})).toEqual(always);
    expect(failing({ 'fault.allocation': '2' })).toEqual([...always, ['allocation', 2]]);
    expect(failing({ 'fault.allocation': 'every' })).toEqual([...always, ['allocation', 0]]);
  });

  it('take first values for what is missing', () => {
    const scenario = varied('vary seed = 7, 8; vary define MODE = "x", y;');
    expect(completeVariant(scenario, { seed: '8' })).toEqual({ seed: '8', 'define MODE': 'x' });
    expect(seedOf(scenario, {})).toBe(7);
    expect(seedOf(varied(''), {})).toBeUndefined();
  });
});

describe('the hosts of a variant', () => {
  it('have its hardware', () => {
    const scenario = scenarioOf(`
      nic San { address_bits 32; maximum_length 64K; }
      nic Lan {}
      scenario "x" {
        machine Small; nic San; nic Lan; driver "a.c";
        vary nic.address_bits = 32, 36;
        vary San.maximum_length = 64K, 1M;
        vary machine.map_registers = 4, 8;
        vary machine.windows = Server2003, "Windows 10";
        vary machine.nolowmem = off, on;
      }`);
    const [host] = scenario.hostsFor({
      'nic.address_bits': '36',
      'San.maximum_length': '1M',
      'machine.map_registers': '8',
      'machine.windows': 'Windows 10',
      'machine.nolowmem': 'on',
    });
    expect(host?.nics).toMatchObject([
      { name: 'San', addressBits: 36, maximumLength: 2 ** 20 },
      { name: 'Lan', addressBits: 36, maximumLength: 65536 },
    ]);
    expect(host?.machine).toMatchObject({
      name: 'Small',
      mapRegisters: 8,
      windows: 'Windows 10',
      nolowmem: true,
    });
    expect(scenario.hosts[0]?.machine).toMatchObject({
      mapRegisters: 4,
      windows: 'Server 2003',
      nolowmem: false,
    });
  });

  it('have the machine or NIC that varies, with the options of the choice', () => {
    const scenario = scenarioOf(`
      nic San { address_bits 32; }
      scenario "x" {
        machine Small with { nolowmem; } driver "a.c";
        vary machine = Small, Laptop; vary nic = Nic, San;
      }`);
    const [host] = scenario.hostsFor({ machine: 'Laptop', nic: 'San' });
    expect(host?.machine).toMatchObject({ name: 'Laptop', iommu: true, nolowmem: true });
    expect(host?.nics).toMatchObject([{ name: 'San', addressBits: 32 }]);
    expect(host?.drivers[0]?.device).toBe('San');
  });

  it('check C again only where a definition differs', () => {
    const files = {
      'a.c': `#if MODE\nint x = missing;\n#endif\n${driverText}`,
    };
    const scenario = varied('vary define MODE = 0, 1; vary seed = 1, 2;', files);
    const unit = (variant: Readonly<Record<string, string>>) =>
      scenario.hostsFor(variant)[0]?.drivers[0]?.units[0];
    expect(unit({ seed: '2' })).toBe(unit({}));
    expect(scenario.diagnosticsFor({ seed: '2' })).toEqual([]);
    expect(unit({ 'define MODE': '1' })).not.toBe(unit({}));
    expect(scenario.diagnosticsFor({ 'define MODE': '1' }).map(shown)).toEqual([
      "undeclared-name: 'missing' is not declared @ missing",
    ]);
    expect(scenario.hostsFor({ 'define MODE': '1' })[0]?.drivers[0]?.definitions).toEqual([
      { name: 'MODE', value: '1' },
    ]);
  });

  it('prefer a varied definition to the one of the driver', () => {
    const scenario = scenarioOf(
      'scenario "x" { driver "a.c" with { define MODE 5; define KEPT 1; } vary define MODE = 0, 1; }',
    );
    expect(scenario.hosts[0]?.drivers[0]?.definitions).toEqual([
      { name: 'KEPT', value: '1' },
      { name: 'MODE', value: '0' },
    ]);
  });
});
