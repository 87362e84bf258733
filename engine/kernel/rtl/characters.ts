/** Case and order of UTF-16 units, as the Rtl string routines compare them: one unit at a time. */

/** RtlUpcaseUnicodeChar: characters that would become two stay as they are. */
export function upcase(unit: number): number {
  const text = String.fromCharCode(unit).toUpperCase();
  return text.length === 1 ? text.charCodeAt(0) : unit;
}

export function downcase(unit: number): number {
  const text = String.fromCharCode(unit).toLowerCase();
  return text.length === 1 ? text.charCodeAt(0) : unit;
}

/** Difference of the first units that differ, else of the lengths. */
export function compareUnits(left: string, right: string, caseless: boolean): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    const difference = caseless ? upcase(a) - upcase(b) : a - b;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
