/** GUIDs as text: `{4d36e972-e325-11ce-bfc1-08002be10318}`. */

/** Bytes of the parts, in the order of the text; the first three are stored with their lowest byte first. */
const parts = [4, 2, 2, 2, 6] as const;
const REVERSED = 3;
const shape = /^\{([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}$/i;

export function guidText(bytes: Uint8Array): string {
  let at = 0;
  const texts = parts.map((size, index) => {
    const part = [...bytes.subarray(at, at + size)].map((byte) =>
      byte.toString(16).padStart(2, '0'),
    );
    at += size;
    return (index < REVERSED ? part.reverse() : part).join('');
  });
  return `{${texts.join('-')}}`;
}

/** Undefined for text of another form. */
export function guidBytes(text: string): Uint8Array | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const bytes = match.slice(1).flatMap((part, index) => {
    const values = (part.match(/../g) ?? []).map((digits) => Number.parseInt(digits, 16));
    return index < REVERSED ? values.reverse() : values;
  });
  return Uint8Array.from(bytes);
}
