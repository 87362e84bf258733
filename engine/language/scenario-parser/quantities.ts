/** Numbers of the scenario language: decimal or hexadecimal, sizes with K, M, G or T. */

const shape = /^(0[xX][0-9a-fA-F]+|[0-9]+)([KMGTkmgt]?)$/;
const units: Readonly<Record<string, number>> = {
  '': 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/** The value of `64K`, `0xE000`, `3G`; undefined when the text is no number or is beyond 2^53. */
export function quantity(text: string): number | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const value = Number(match[1]) * (units[(match[2] ?? '').toUpperCase()] ?? 1);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Whether a number names a unit: `64K`. */
export const hasUnit = (text: string): boolean => /[KMGTkmgt]$/.test(text);

/** Whether two values of a dimension are the same, however they are written: `64K` and `0x10000`. */
export function sameValue(left: string, right: string): boolean {
  if (left === right) return true;
  const number = quantity(left);
  return number !== undefined && number === quantity(right);
}
