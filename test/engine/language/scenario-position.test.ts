import { describe, expect, it } from 'vitest';
import { CompileCache, compileScenarioFile } from '../../../engine/language/compile.ts';
import { Diagnostics } from '../../../engine/language/diagnostics.ts';
import { parseScenarioFile } from '../../../engine/language/scenario-parser/parse.ts';
import { scenarioPositionAt, wordsAt } from '../../../engine/language/scenario-position.ts';
import { scenarioSyntax } from '../../../engine/language/scenario-syntax.ts';
import { driverText, readerOf } from './scenario-support.ts';

/** The words offered at `|`. */
function offered(marked: string): string[] {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  const tree = parseScenarioFile({ path: 'x.dms', text, origin: 'user' }, new Diagnostics());
  return wordsAt(scenarioPositionAt(tree, offset)).map(({ word }) => word);
}

describe('what may be written', () => {
  it.each([
    [
      'between declarations',
      '#include <ntddk.h>\n|\nnic N {}',
      ['scenario', 'machine', 'nic', 'device'],
    ],
    ['in a machine', 'machine M { nolowmem; | }', ['memory', 'nolowmem']],
    ['in a half-typed machine', 'machine M {\n  |', ['memory', 'nolowmem']],
    ['in a NIC', 'nic N { | }', ['interface', 'address_bits']],
    ['behind an option', 'nic N { interface | }', ['PCIBus', 'Internal']],
    ['behind windows', 'machine M { windows |; }', ['Windows2000', 'WindowsXP', 'Server2003']],
    ['behind verifier', 'machine M { verifier dma, |; }', ['on', 'off', 'special_pool']],
    [
      'in a scenario',
      'scenario "x" { | }',
      ['machine', 'nic', 'device', 'host', 'driver', 'process', 'event', 'expect'],
    ],
    [
      'in a host',
      'scenario "x" { host a { | } }',
      ['machine', 'nic', 'device', 'driver', 'process', 'event'],
    ],
    ['behind event', 'scenario "x" { event |\n}', ['surprise_removal', 'removal', 'rebalance']],
    [
      'in options of a driver',
      'scenario "x" { driver "a.c" with { | } }',
      ['verifier', 'define', 'include'],
    ],
    ['behind expect', 'scenario "x" { expect |\n}', ['no', 'output', 'leak']],
    ['behind vary', 'scenario "x" { vary |\n}', ['nic', 'machine', 'define', 'seed', 'fault']],
    ['behind vary nic.', 'scenario "x" { vary nic.|\n}', ['interface', 'address_bits']],
    ['behind vary fault', 'scenario "x" { vary fault |\n}', ['allocation']],
    [
      'behind a fault point',
      'scenario "x" { vary fault allocation = |\n}',
      ['none', 'each', 'every'],
    ],
    ['behind fault', 'scenario "x" { fault |\n}', ['allocation']],
    [
      'on the line behind a missing semicolon',
      'scenario "x" { driver "a.c"\n expect |\n}',
      ['no', 'output'],
    ],
  ])('%s', (_, marked, first) => {
    expect(offered(marked).slice(0, first.length)).toEqual(first);
  });

  it('is C in a block of C', () => {
    expect(offered('scenario "x" { driver D { int a; | } }')).toEqual([]);
    const text = 'scenario "x" { driver D { int a; } }';
    const tree = parseScenarioFile({ path: 'x.dms', text, origin: 'user' }, new Diagnostics());
    expect(scenarioPositionAt(tree, text.indexOf('int')).context).toBe('c');
    expect(scenarioPositionAt(tree, text.indexOf('D {')).context).toBe('scenario');
  });

  it('has one sentence about each word', () => {
    for (const { word, documentation, usage } of scenarioSyntax) {
      expect(documentation, word).toMatch(/^[A-Z].*\.$/);
      expect(usage, word).toContain(word);
    }
  });
});

describe('compiling again', () => {
  it('checks only what changed', () => {
    const cache = new CompileCache();
    const files: Record<string, string> = {
      'x.dms': 'scenario "x" { driver "a.c"; }\nscenario "y" { driver "b.c"; }',
      'a.c':
        '#include "shared.h"\n#include "later.h"\nlong DriverEntry(void *d, void *p) { return VALUE; }',
      'b.c': driverText,
      'shared.h': '#define VALUE 0',
    };
    const units = () => {
      const program = compileScenarioFile({ path: 'x.dms', reader: readerOf(files), cache });
      return program.scenarios.map(({ hosts }) => hosts[0]?.drivers[0]?.units[0]);
    };
    const [a1, b1] = units();
    expect(units()).toEqual([a1, b1]);
    files['shared.h'] = '#define VALUE 1';
    const [a2, b2] = units();
    expect(a2).not.toBe(a1);
    expect(b2).toBe(b1);
    // A header that was missing appears.
    files['later.h'] = 'int later;';
    const [a3, b3] = units();
    expect(a3).not.toBe(a2);
    expect(b3).toBe(b1);
    expect(a3?.variables.map(({ name }) => name)).toContain('later');
  });

  it('says which files were asked for in vain', () => {
    const program = compileScenarioFile({
      path: 'folder/x.dms',
      reader: readerOf({
        'folder/x.dms': 'scenario "x" { driver "a.c"; driver "sub/b.c"; }',
        'folder/a.c': '#include "none.h"',
      }),
    });
    expect(program.missing).toEqual(['folder/none.h', 'folder/sub/b.c']);
  });
});
