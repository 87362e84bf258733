// The programs as a JavaScript programmer writes them: what the same runtime does without a C machine in between. Each
// answers the number that the C program prints.

export const inJavaScript: Readonly<Record<string, (n: number) => number>> = {
  loop(n) {
    const mix = (acc: number, i: number): number => ((acc ^ i) + (acc & 7)) | 0;
    let acc = 1;
    for (let i = 0; i < n; i++) {
      acc = mix(acc, i);
      acc &= 0xffffff;
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
      if (index >= n) index %= n;
      const entry = nodes[index];
      if (entry === undefined) break;
      entry.value = i & 1023;
      entry.index = index;
      entry.next = head;
      head = entry;
    }
    let sum = 0;
    for (let p = head; p !== undefined; p = p.next) sum = (sum + p.value) & 0xffffff;
    let previous: Entry | undefined;
    for (let p = head; p !== undefined; ) {
      const { next } = p as Entry;
      (p as Entry).next = previous;
      previous = p;
      p = next;
    }
    for (let p = previous; p !== undefined; p = p.next) sum = (sum ^ p.index) & 0xffffff;
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
    return (b * 256 + (a & 255)) | 0;
  },

  hash(n) {
    const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
    let hash = 0xcbf29ce484222325n;
    for (let i = 0; i < n; i++) {
      hash ^= BigInt(i & 255);
      hash = wrap(hash * 0x100000001b3n);
      hash ^= hash >> 29n;
      hash = wrap(hash << 7n) | (hash >> 57n);
    }
    return Number((hash ^ (hash >> 32n)) & 0xffffffffn);
  },
};
