// The three programs as a JavaScript programmer writes them: what the same runtime does without a C
// machine in between. Each answers the number that the C program prints.

export const inJavaScript: Readonly<Record<string, (n: number) => number>> = {
  loop(n) {
    const mix = (acc: number, i: number): number =>
      ((acc ^ Math.imul(i, 2654435761)) + (i & 7)) >>> 0;
    let acc = 1;
    for (let i = 0; i < n; i++) {
      acc = mix(acc, i);
      acc = ((acc << 5) | (acc >>> 27)) >>> 0;
    }
    return acc;
  },

  list(n) {
    interface Entry {
      next: Entry | undefined;
      value: number;
      index: number;
    }
    const nodes: Entry[] = Array.from({ length: n }, () => ({
      next: undefined,
      value: 0,
      index: 0,
    }));
    let head: Entry | undefined;
    let index = 0;
    for (let i = 0; i < n; i++) {
      index += 7919;
      while (index >= n) index -= n;
      const entry = nodes[index];
      if (entry === undefined) break;
      entry.value = i & 1023;
      entry.index = index;
      entry.next = head;
      head = entry;
    }
    let sum = 0;
    for (let p = head; p !== undefined; p = p.next) sum += p.value;
    let previous: Entry | undefined;
    for (let p = head; p !== undefined; ) {
      const { next } = p as Entry;
      (p as Entry).next = previous;
      previous = p;
      p = next;
    }
    for (let p = previous; p !== undefined; p = p.next) sum = (sum ^ (p.index + p.value)) >>> 0;
    return sum;
  },

  mem(n) {
    const source = new Uint8Array(n);
    const target = new Uint8Array(n);
    let a = 1;
    let b = 0;
    for (let i = 0; i < n; i++) source[i] = i * 7 + (i >> 9) + 3;
    for (let i = 0; i < n; i++) target[i] = source[i] ?? 0;
    for (let i = 0; i < n; i++) {
      a = (a + (target[i] ?? 0)) % 65521;
      b = (b + a) % 65521;
    }
    return ((b << 16) | a) >>> 0;
  },
};
