// What the reference says of the I/O manager and of the kernel's primitives, one row each: a driver, and what it sees.
import { describe, expect, test } from 'vitest';
import { objectRows } from './rules/objects.ts';
import { primitiveRows } from './rules/primitives.ts';
import { requestRows } from './rules/requests.ts';
import { sequenceRows } from './rules/sequences.ts';
import { type Row, runRows } from './rules/table.ts';

/** The sections that the tables are about. */
const sections = [
  '15',
  '16.1',
  '16.2',
  '16.3',
  '16.4',
  '16.5',
  '17',
  '18',
  '19',
  '20',
  '21.1',
  '21.2',
];

const all: readonly Row[] = [...sequenceRows, ...objectRows, ...requestRows, ...primitiveRows];
const together = all.filter(
  ({ stops, violations, unseen }) =>
    stops === undefined && violations === undefined && unseen === undefined,
);
const alone = all.filter(
  ({ stops, violations }) => stops !== undefined || violations !== undefined,
);
const title = ({ section, rule }: Row): string => `${section} ${rule}`;

describe('a driver sees', () => {
  let found: ReturnType<typeof runRows> | undefined;
  const run = () => {
    found ??= runRows(together);
    return found;
  };

  test('nothing but what the rows say', () => {
    const { bugChecks, violations, leaks, reports } = run().result;
    expect(bugChecks.map(({ explanation }) => explanation)).toEqual([]);
    expect(violations.map(({ message }) => message)).toEqual([]);
    expect(reports.map(({ message }) => message)).toEqual([]);
    expect(leaks.map(({ kind }) => kind)).toEqual([]);
  });

  test.each(together.map((row, index) => [title(row), row, index] as const))(
    '%s',
    (_, row, index) => {
      expect(run().lines.get(index)).toEqual(row.sees);
    },
  );
});

describe('a mistake is found', () => {
  test.each(alone.map((row) => [title(row), row] as const))('%s', (_, row) => {
    const { result } = runRows([row]);
    const [bugCheck] = result.bugChecks;
    const came = bugCheck && [bugCheck.code, ...bugCheck.parameters.map(Number)];
    expect(came?.map((value, at) => (row.stops?.[at] === 'any' ? 'any' : value))).toEqual(
      row.stops,
    );
    expect(result.violations.map(({ rule }) => rule)).toEqual(row.violations ?? []);
  });
});

describe('the tables', () => {
  test.each(sections)('have rows of section %s', (section) => {
    expect(all.filter((row) => row.section === section).length).toBeGreaterThan(0);
  });

  test('have no row of another section, and none twice', () => {
    expect(all.filter(({ section }) => !sections.includes(section))).toEqual([]);
    const titles = all.map(title);
    expect(titles.filter((one, index) => titles.indexOf(one) !== index)).toEqual([]);
  });
});
