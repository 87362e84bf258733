import { expect, test } from 'vitest';
import { Handles } from '../../extension/adapter/handles.ts';

test('a path keeps its number after a stop, so that expanded variables stay open', () => {
  const handles = new Handles<string>();
  const before = handles.assign('1/2/main/Locals/mdl', 'old');
  handles.retire();
  handles.assign('1/3/callee/Locals/other', 'new');
  expect(handles.assign('1/2/main/Locals/mdl', 'new')).toBe(before);
});

test('a number of an earlier stop stands for nothing', () => {
  const handles = new Handles<string>();
  const number = handles.assign('1/2/main/Locals/mdl', 'old');
  handles.retire();
  expect(handles.resolve(number)).toBeUndefined();
});

test('no two paths share a number, and 0 is never one', () => {
  const handles = new Handles<number>();
  const numbers = Array.from({ length: 50 }, (_, index) => handles.assign(`p${index}`, index));
  expect(new Set(numbers).size).toBe(50);
  expect(numbers).not.toContain(0);
});
