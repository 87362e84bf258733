import { expect, test } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../extension/adapter/base64.ts';

test.each([0, 1, 2, 3, 255, 131_073])('%i bytes go to base64 and back', (length) => {
  const bytes = Uint8Array.from({ length }, (_, index) => index * 7);
  expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
  expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
});
