import { describe, expect, test } from 'vitest';
import { Inspection } from '../../../engine/session/inspection.ts';
import { debug, machineFor } from '../vm/support.ts';

const PROGRAM = `
typedef struct _NODE { struct _NODE *Next; ULONG Flags : 4; ULONG Rest : 28; char Tag[4]; union { LONG Low; SHORT Half; }; } NODE;
typedef enum _COLOUR { Red, Green = 5 } COLOUR;
static int Global = 42;
static void Callback(void) { }
static NTSTATUS work(NODE *node, BOOLEAN flag, PHYSICAL_ADDRESS where)
{
    UNICODE_STRING name = { 6, 8, L"abcd" };
    COLOUR colour = Green;
    int numbers[300] = { 1, 2 };
    int nothing;
    const char *text1 = "hi\\n";
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    void (*call)(void) = Callback;
    NODE copy = *node;
    {
        int colour = 7;
        numbers[2] = colour;
    }
    emit(numbers[2]);
    return status;
}
int main(void)
{
    NODE first = { 0, 3, 9, "ab", { -2 } };
    PHYSICAL_ADDRESS where;
    first.Next = &first;
    where.QuadPart = 0x12345678;
    work(&first, TRUE, where);
    return 0;
}
`;

function stopped() {
  const d = debug(machineFor(PROGRAM));
  d.debugger.setBreakpoints({
    lines: [{ id: 'a', file: 'test.c', line: 21 }],
    functions: [],
    classes: [],
  });
  d.go('continue');
  const inspector = new Inspection(d.machine, d.debugger.evaluator);
  const { frames } = inspector.stack(d.machine.current, 0, 0);
  const frame = frames[0]?.id ?? 0;
  const scope = (name: string, of = frame) =>
    inspector.variables(inspector.scopes(of).find((one) => one.name === name)?.handle ?? 0);
  const value = (expression: string, mayWrite = false) => {
    const answer = inspector.evaluate(expression, frame, mayWrite);
    return answer.ok ? answer.variable.value : `error: ${answer.message}`;
  };
  return { d, inspector, frames, frame, scope, value };
}

describe('frames', () => {
  test('name routine, module and statement', () => {
    const { frames } = stopped();
    expect(frames).toMatchObject([
      { function: 'work', module: 'Driver', kind: 'source', line: 21, origin: 'user' },
      { function: 'main', line: 30, column: 5 },
    ]);
  });
});

describe('variables', () => {
  test('show values by their type', () => {
    const { scope } = stopped();
    const shown = Object.fromEntries(
      [...scope('Arguments'), ...scope('Locals')].map((one) => [one.name, one.value]),
    );
    expect(shown).toMatchObject({
      flag: 'TRUE',
      where: '0x12345678',
      name: 'L"abc"',
      colour: 'Green (5)',
      numbers: expect.stringMatching(/^\[300\] \{1, 2, 7, 0, .*, \.\.\.\}$/),
      nothing: '<never written>',
      status: '0xC000009A STATUS_INSUFFICIENT_RESOURCES',
    });
    expect(shown['node']).toMatch(
      /^0x[0-9A-F]{16} \{Next=0x[0-9A-F]{16}, Flags=3, Rest=9, Tag="ab"/,
    );
    expect(shown['text1']).toMatch(/^0x[0-9A-F]{16} "hi\\n"$/);
    expect(shown['call']).toMatch(/ Driver!Callback$/);
  });

  test('open lazily, page arrays and keep their handles', () => {
    const { d, inspector, scope } = stopped();
    const node = scope('Arguments').find((one) => one.name === 'node');
    const members = inspector.variables(node?.handle ?? 0);
    expect(members.map((one) => one.name)).toEqual(['Next', 'Flags', 'Rest', 'Tag', 'Low', 'Half']);
    expect(members.map((one) => one.expression).slice(0, 2)).toEqual(['node->Next', 'node->Flags']);
    expect(members.at(4)?.value).toBe('-2');
    const numbers = scope('Locals').find((one) => one.name === 'numbers');
    expect(numbers).toMatchObject({ indexed: 300, named: 0, type: 'int[300]' });
    expect(inspector.variables(numbers?.handle ?? 0, 298, 10).map((one) => one.name)).toEqual([
      '[298]',
      '[299]',
    ]);
    d.go('stepOver');
    expect(scope('Arguments').find((one) => one.name === 'node')?.handle).toBe(node?.handle);
  });

  test('globals and memory references', () => {
    const { inspector, scope } = stopped();
    const global = scope('Globals').find((one) => one.name === 'Global');
    expect(global).toMatchObject({ value: '42', type: 'int' });
    const reference = global?.memoryReference ?? '';
    expect(reference).toMatch(/^va:host0:0:0xFFFFF8/);
    expect([...(inspector.readMemory(reference, 0, 4)?.bytes ?? [])]).toEqual([42, 0, 0, 0]);
    expect(inspector.readMemory('va:host0:0:0x10', 0, 4)).toMatchObject({ unreadable: 4 });
    expect(inspector.writeMemory(reference, 1, new Uint8Array([1]))).toBe(1);
    expect(scope('Globals').find((one) => one.name === 'Global')?.value).toBe('298');
  });
});

describe('evaluation', () => {
  test('reads expressions with casts, macros and members', () => {
    const { value } = stopped();
    expect(value('node->Flags + numbers[1] * 2')).toBe('7');
    expect(value('NT_SUCCESS(status)')).toBe('0');
    expect(value('sizeof(NODE)')).toBe('24 (0x18)');
    expect(value('(UCHAR)Global == 42 && colour == Green')).toBe('1');
    expect(value('(*node).Next->Next->Low')).toBe('-2');
  });

  test('says what is wrong', () => {
    const { value } = stopped();
    expect(value('nowhere + 1')).toMatch(/^error: .*nowhere/);
    expect(value('work(0, 0, where)')).toMatch(/^error: .*[Cc]all/);
    expect(value('*(int *)8')).toBe('error: Cannot read memory at 0x8.');
    expect(value('Global = 3')).toBe('error: An assignment is not allowed here.');
    expect(value('1 / (Global - 42)')).toBe('error: Division by zero.');
  });

  test('assigns by the rules of C', () => {
    const { inspector, scope, value, frame } = stopped();
    expect(value('Global = 7.9', true)).toBe('7');
    const locals = inspector.scopes(frame).find((one) => one.name === 'Locals')?.handle ?? 0;
    expect(inspector.setVariable(locals, 'colour', 'Red')).toMatchObject({
      ok: true,
      variable: { value: 'Red (0)' },
    });
    const copy = scope('Locals').find((one) => one.name === 'copy');
    expect(inspector.setVariable(copy?.handle ?? 0, 'Flags', '0x1f')).toMatchObject({
      variable: { value: '15 (0xF)' },
    });
    expect(inspector.setVariable(locals, 'numbers', '3').ok).toBe(false);
    expect(inspector.takeWrites()).toBe(true);
  });
});
