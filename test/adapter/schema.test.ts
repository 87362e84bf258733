import { describe, expect, test } from 'vitest';
import { ProtocolSchema } from './support/dap-schema.ts';

const schema = new ProtocolSchema();
const event = { seq: 1, type: 'event', event: 'stopped' };

describe('the schema that every message of these tests is held against', () => {
  test('accepts what the protocol allows', () => {
    expect(schema.problems({ ...event, body: { reason: 'step', threadId: 1 } })).toEqual([]);
    const body = {
      breakpoints: [{ id: 1, verified: false, message: 'why', source: { name: 'a' } }],
    };
    const answer = { seq: 2, type: 'response', request_seq: 1, success: true, body };
    expect(schema.problems({ ...answer, command: 'setBreakpoints' })).toEqual([]);
  });

  test.each([
    ['a missing property', { threadId: 1 }],
    ['a wrong type', { reason: 'step', threadId: '1' }],
    ['a misspelt property', { reason: 'step', theadId: 1 }],
  ])('refuses %s', (_what, body) => {
    expect(schema.problems({ ...event, body })).toHaveLength(1);
  });

  test('refuses a message that the protocol does not have', () => {
    expect(() => schema.problems({ seq: 1, type: 'event', event: 'halted' })).toThrow(
      /HaltedEvent/,
    );
  });
});
