import { describe, expect, test } from 'vitest';
import { frameMessage, MessageReader } from '../../extension/adapter/message-framing.ts';

const request = {
  seq: 1,
  type: 'request',
  command: 'evaluate',
  arguments: { expression: 'ä → 中' },
};

describe('messages on a byte stream', () => {
  test('arrive whole however the bytes are cut', () => {
    const bytes = new Uint8Array([
      ...frameMessage(request),
      ...frameMessage({ seq: 2, type: 'x' }),
    ]);
    for (const size of [1, 3, 7, bytes.length]) {
      const reader = new MessageReader();
      const messages = [];
      for (let at = 0; at < bytes.length; at += size) {
        messages.push(...reader.push(bytes.subarray(at, at + size)));
      }
      expect(messages).toEqual([request, { seq: 2, type: 'x' }]);
    }
  });

  test('may carry other headers', () => {
    const text =
      'Content-Type: application/json\r\nContent-Length: 22\r\n\r\n{"seq":3,"type":"end"}';
    expect(new MessageReader().push(new TextEncoder().encode(text))).toEqual([
      { seq: 3, type: 'end' },
    ]);
  });

  test('that are none end the stream', () => {
    const bytes = new TextEncoder().encode('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(() => new MessageReader().push(bytes)).toThrow(/Not a header/);
  });
});
