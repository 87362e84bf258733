import { describe, expect, it } from 'vitest';
import { compileScenarioFile } from '../../../engine/language/compile.ts';
import { Diagnostics } from '../../../engine/language/diagnostics.ts';
import { parseScenarioFile } from '../../../engine/language/scenario-parser/parse.ts';
import { preprocessed } from './preprocessor-support.ts';
import { fixtureText, readerOf } from './scenario-support.ts';

/** Every beginning of a text, as it is while somebody types it. */
const prefixes = (text: string, step = 1): string[] =>
  Array.from({ length: Math.ceil(text.length / step) }, (_, index) => text.slice(0, index * step));

const scenarios = ['nolowmem.dms', 'common-buffer.dms', 'rdma-send.dms'];

describe('half-typed text', () => {
  it.each(scenarios)('%s is read up to any character, with findings inside of it', (name) => {
    for (const text of prefixes(fixtureText(name))) {
      const diagnostics = new Diagnostics();
      const tree = parseScenarioFile({ path: name, text, origin: 'user' }, diagnostics);
      for (const { range } of diagnostics.all) {
        if (range.start < 0 || range.end > text.length || range.start > range.end) {
          expect.fail(`${range.start} .. ${range.end} in ${text.length} characters`);
        }
      }
      for (const { start, end } of tree.regions) {
        if (start > end || end > text.length) expect.fail(`region ${start} .. ${end}`);
      }
    }
  });

  it('of a driver is preprocessed up to any character', () => {
    for (const text of prefixes(
      fixtureText('drivers/common-buffer.c').replace('<wdm.h>', '<x.h>'),
    )) {
      const { tokens, diagnostics } = preprocessed(text, { files: { 'x.h': '#define _In_\n' } });
      expect(tokens.at(-1)?.kind).toBe('end');
      for (const { range } of diagnostics) expect(range.end).toBeLessThanOrEqual(text.length);
    }
  });

  // Without the system headers, whose check would take most of the time.
  it.each(scenarios)('%s is compiled up to any character', (name) => {
    const whole = fixtureText(name).replace(/^#include.*$/gm, '#define UNREFERENCED_PARAMETER(x)');
    const driver = 'long DriverEntry(void *d, void *p) { return 0; }';
    for (const text of prefixes(whole, 11)) {
      const program = compileScenarioFile({
        path: name,
        reader: readerOf({ [name]: text, 'drivers/common-buffer.c': driver }),
      });
      for (const scenario of program.scenarios) expect(scenario.hosts.length).toBeGreaterThan(0);
    }
  });
});
