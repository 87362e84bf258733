import { describe, expect, test } from 'vitest';
import {
  definesDriverEntry,
  scanScenarios,
  scenarioAt,
} from '../../extension/vscode/scenario-scan.ts';

const names = (text: string) => scanScenarios(text).map(({ name }) => name);

describe('scenarios found without the engine', () => {
  test('are those that stand at file level', () => {
    const text = [
      'machine Server : Server2003 { memory 0 .. 1M; }',
      'scenario "one" { driver "a.c"; }',
      'scenario "two" { driver Proxy { NTSTATUS DriverEntry() { return 0; } } }',
    ].join('\n');
    expect(names(text)).toEqual(['one', 'two']);
  });

  test('are not those in comments, strings or C', () => {
    const text = [
      '// scenario "in a comment" { }',
      '/* scenario "in a block" { } */',
      'scenario "real" { driver P { char *s = "scenario \\"no\\" {"; int scenario; } }',
    ].join('\n');
    expect(names(text)).toEqual(['real']);
  });

  test('may have quotes and braces in their names', () => {
    expect(names('scenario "a \\"quoted\\" {name}" { }')).toEqual(['a "quoted" {name}']);
  });

  test('are still found while the text is half typed', () => {
    expect(names('scenario "open" { driver "a.c"')).toEqual(['open']);
    expect(names('scenario "')).toEqual(['']);
  });

  test('know their range and the C files that they name', () => {
    const text =
      'scenario "x" { driver "drivers/a.c", "b.c"; process c "client.c"; expect output "d"; }';
    const [scenario] = scanScenarios(text);
    expect(scenario).toMatchObject({
      start: 0,
      end: text.length,
      sources: ['drivers/a.c', 'b.c', 'client.c'],
    });
  });

  test('are told by the cursor', () => {
    const text = 'scenario "one" { }\n\nscenario "two" { }';
    const found = scanScenarios(text);
    expect(scenarioAt(found, 5)?.name).toBe('one');
    expect(scenarioAt(found, 19)?.name).toBeUndefined();
    expect(scenarioAt(found, 25)?.name).toBe('two');
  });
});

describe('a lone driver', () => {
  test('is a file that defines DriverEntry', () => {
    expect(
      definesDriverEntry('NTSTATUS DriverEntry(PDRIVER_OBJECT D, PUNICODE_STRING R)\n{\n'),
    ).toBe(true);
  });

  test('is not one that only declares or mentions it', () => {
    expect(definesDriverEntry('DRIVER_INITIALIZE DriverEntry;')).toBe(false);
    expect(definesDriverEntry('NTSTATUS DriverEntry(PDRIVER_OBJECT D, PUNICODE_STRING R);')).toBe(
      false,
    );
    expect(definesDriverEntry('// DriverEntry(void) {')).toBe(false);
  });
});
