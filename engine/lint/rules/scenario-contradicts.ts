/** Expectations of one scenario that cannot hold together. */
import type { LintRule } from '../rule.ts';

export const scenarioContradicts: LintRule = {
  code: 'scenario-contradicts',
  severity: 'warning',
  title: 'Declarations of a scenario contradict each other.',
  subject: 'program',
  check(program, report) {
    for (const { expectations, hosts, faults } of program.scenarios) {
      const plain = expectations.filter((expectation) => expectation.when === undefined);
      const find = (kind: (typeof plain)[number]['kind']) => plain.find((e) => e.kind === kind);
      const noLeaks = find('noLeaks');
      const leak = find('leak');
      if (noLeaks !== undefined && leak !== undefined) {
        report(leak.range, 'the scenario expects a leak and no leaks at once', {
          related: [{ message: 'no leaks are expected here', range: noLeaks.range }],
        });
      }
      const noBugcheck = find('noBugcheck');
      const bugcheck = find('bugcheck');
      if (noBugcheck !== undefined && bugcheck !== undefined) {
        report(bugcheck.range, 'the scenario expects a bug check and no bug check at once', {
          related: [{ message: 'no bug check is expected here', range: noBugcheck.range }],
        });
      }
      if (bugcheck !== undefined && noLeaks !== undefined) {
        report(
          noLeaks.range,
          'a host that bug-checks is not searched for leaks: this holds in any case',
          {
            severity: 'information',
          },
        );
      }
      const processes = new Set(hosts.flatMap((host) => host.processes.map((p) => p.name)));
      const exits = plain.filter((expectation) => expectation.kind === 'processExits');
      for (const exit of exits) {
        const other = exits.find((e) => e.process === exit.process && e.code !== exit.code);
        if (other !== undefined && exits.indexOf(other) < exits.indexOf(exit)) {
          report(exit.range, `${exit.process} cannot exit with ${other.code} and ${exit.code}`, {
            related: [{ message: 'the other expectation', range: other.range }],
          });
        }
        if (!processes.has(exit.process)) {
          report(exit.range, `no process is called ${exit.process}`);
        }
      }
      const seen = new Set<string>();
      for (const fault of faults) {
        const key = `${fault.point} ${fault.ordinal}`;
        if (seen.has(key)) report(fault.range, 'the same fault is declared twice');
        seen.add(key);
      }
    }
  },
};
