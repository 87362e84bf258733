/** Windows 8 and later ignore the NOLOWMEM boot option; the emulated machine honours it all the same. */
import type { LintRule } from '../rule.ts';

const honouring = new Set(['Windows 2000', 'Windows XP', 'Server 2003', 'Vista', 'Windows 7']);

export const nolowmemIgnored: LintRule = {
  code: 'nolowmem-ignored',
  severity: 'information',
  title: 'A machine sets nolowmem for a version of Windows that ignores it.',
  subject: 'program',
  check(program, report) {
    const machines = new Set([
      ...program.machines,
      ...program.scenarios.flatMap((scenario) => scenario.hosts.map((host) => host.machine)),
    ]);
    for (const machine of machines) {
      if (machine.range === undefined || !machine.nolowmem || honouring.has(machine.windows))
        continue;
      report(
        machine.range,
        `${machine.windows} ignores NOLOWMEM (as Windows 8 and later do); this machine honours it all the same`,
      );
    }
  },
};
