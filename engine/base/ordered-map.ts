/**
 * A persistent ordered map: every update makes a new root and shares the rest, so that a snapshot of any
 * size costs nothing. A weight-balanced tree (Adams 1993, with the parameters <3, 2> proven by Hirai and
 * Yamamoto 2011), whose nodes may carry a measure of their subtree, for searches such as "the first run of
 * at least n free pages" in logarithmic time.
 */
export type Key = number | string;

/** How a subtree is summarised: `of` one entry, `join` of two neighbours. */
export interface Measure<K extends Key, V, M> {
  readonly of: (key: K, value: V) => M;
  readonly join: (left: M, right: M) => M;
  /** One entry between two subtrees, either of which may be empty: what `of` and two `join`s give, in one step. */
  readonly between?: (left: M | undefined, key: K, value: V, right: M | undefined) => M;
}

interface Node<K extends Key, V, M> {
  readonly key: K;
  readonly value: V;
  readonly left: Node<K, V, M> | undefined;
  readonly right: Node<K, V, M> | undefined;
  readonly size: number;
  readonly measure: M | undefined;
}

const DELTA = 3;
const GAMMA = 2;

export class OrderedMap<K extends Key, V, M = undefined> {
  private constructor(
    private readonly root: Node<K, V, M> | undefined,
    private readonly measure: Measure<K, V, M> | undefined,
  ) {}

  static empty<K extends Key, V>(): OrderedMap<K, V>;
  static empty<K extends Key, V, M>(measure: Measure<K, V, M>): OrderedMap<K, V, M>;
  static empty<K extends Key, V, M>(measure?: Measure<K, V, M>): OrderedMap<K, V, M> {
    return new OrderedMap<K, V, M>(undefined, measure);
  }

  get size(): number {
    return this.root?.size ?? 0;
  }

  /** The measure of the whole map; undefined when it is empty or has no measure. */
  get total(): M | undefined {
    return this.root?.measure;
  }

  get(key: K): V | undefined {
    let node = this.root;
    while (node !== undefined) {
      if (key === node.key) return node.value;
      node = key < node.key ? node.left : node.right;
    }
    return undefined;
  }

  has(key: K): boolean {
    let node = this.root;
    while (node !== undefined) {
      if (key === node.key) return true;
      node = key < node.key ? node.left : node.right;
    }
    return false;
  }

  set(key: K, value: V): OrderedMap<K, V, M> {
    return new OrderedMap(this.insert(this.root, key, value), this.measure);
  }

  delete(key: K): OrderedMap<K, V, M> {
    return this.has(key) ? new OrderedMap(this.remove(this.root, key), this.measure) : this;
  }

  /** Without the entries with `from <= key < to`; logarithmic, however many they are. */
  deleteBetween(from: K, to: K): OrderedMap<K, V, M> {
    const next = this.atOrAbove(from);
    if (next === undefined || next[0] >= to) return this;
    const { root } = this;
    return new OrderedMap(
      this.concatenate(this.below(root, from), this.from(root, to)),
      this.measure,
    );
  }

  /** The entry with the greatest key at or below `key`. */
  atOrBelow(key: K): readonly [K, V] | undefined {
    let node = this.root;
    let best: Node<K, V, M> | undefined;
    while (node !== undefined) {
      if (node.key <= key) {
        best = node;
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return best && [best.key, best.value];
  }

  /** The entry with the smallest key at or above `key`. */
  atOrAbove(key: K): readonly [K, V] | undefined {
    let node = this.root;
    let best: Node<K, V, M> | undefined;
    while (node !== undefined) {
      if (node.key >= key) {
        best = node;
        node = node.left;
      } else {
        node = node.right;
      }
    }
    return best && [best.key, best.value];
  }

  /**
   * Visits the entries of nodes that are not in `seen`, and adds those nodes. Maps that share nodes are
   * visited at the cost of what differs; answers how many nodes were new.
   */
  visitUnseen(seen: Set<object>, visit: (value: V) => void): number {
    let count = 0;
    const pending = this.root === undefined ? [] : [this.root];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      count++;
      visit(node.value);
      if (node.left !== undefined) pending.push(node.left);
      if (node.right !== undefined) pending.push(node.right);
    }
    return count;
  }

  first(): readonly [K, V] | undefined {
    let node = this.root;
    while (node?.left !== undefined) node = node.left;
    return node && [node.key, node.value];
  }

  last(): readonly [K, V] | undefined {
    let node = this.root;
    while (node?.right !== undefined) node = node.right;
    return node && [node.key, node.value];
  }

  /** The entry with `index` entries before it; undefined when there are fewer. Logarithmic. */
  at(index: number): readonly [K, V] | undefined {
    let node = this.root;
    let left = index;
    while (node !== undefined) {
      const before = weight(node.left) - 1;
      if (left === before) return [node.key, node.value];
      if (left < before) {
        node = node.left;
      } else {
        left -= before + 1;
        node = node.right;
      }
    }
    return undefined;
  }

  /**
   * The entry with which the count of the entries up to it exceeds `index`: number `index`, from 0, of those
   * that `count` counts in a measure. Undefined when there are fewer. Logarithmic.
   */
  nth(count: (measure: M) => number, index: number): readonly [K, V] | undefined {
    if (this.measure === undefined) return undefined;
    let node = this.root;
    let left = index;
    while (node !== undefined) {
      const before = node.left?.measure === undefined ? 0 : count(node.left.measure);
      if (left < before) {
        node = node.left;
        continue;
      }
      left -= before;
      const own = count(this.measure.of(node.key, node.value));
      if (left < own) return [node.key, node.value];
      left -= own;
      node = node.right;
    }
    return undefined;
  }

  /** Entries in key order, from `from` (inclusive) on. */
  *entries(from?: K): Generator<readonly [K, V]> {
    const path: Node<K, V, M>[] = [];
    let node = this.root;
    while (node !== undefined || path.length > 0) {
      while (node !== undefined) {
        if (from === undefined || node.key >= from) {
          path.push(node);
          node = node.left;
        } else {
          node = node.right;
        }
      }
      const next = path.pop();
      if (next === undefined) return;
      yield [next.key, next.value];
      node = next.right;
    }
  }

  *values(): Generator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  *keys(): Generator<K> {
    for (const [key] of this.entries()) yield key;
  }

  /**
   * The first entry in key order, from `from` on, that `accepts`, passing over every subtree whose measure
   * `mayHold` refuses. Logarithmic when `mayHold` is exact.
   */
  findFirst(
    mayHold: (measure: M) => boolean,
    accepts: (key: K, value: V) => boolean,
    from?: K,
  ): readonly [K, V] | undefined {
    return this.search(this.root, mayHold, accepts, from, true);
  }

  /** As `findFirst`, from the greatest key at or below `from` downwards. */
  findLast(
    mayHold: (measure: M) => boolean,
    accepts: (key: K, value: V) => boolean,
    from?: K,
  ): readonly [K, V] | undefined {
    return this.search(this.root, mayHold, accepts, from, false);
  }

  /** The joined measure of all entries with `from <= key < to`. */
  measureBetween(from: K, to: K): M | undefined {
    return this.between(this.root, from, to);
  }

  private search(
    node: Node<K, V, M> | undefined,
    mayHold: (measure: M) => boolean,
    accepts: (key: K, value: V) => boolean,
    from: K | undefined,
    upwards: boolean,
  ): readonly [K, V] | undefined {
    if (node === undefined) return undefined;
    if (node.measure !== undefined && !mayHold(node.measure)) return undefined;
    const inRange = from === undefined || (upwards ? node.key >= from : node.key <= from);
    const [near, far] = upwards ? [node.left, node.right] : [node.right, node.left];
    if (inRange) {
      const found = this.search(near, mayHold, accepts, from, upwards);
      if (found !== undefined) return found;
      if (accepts(node.key, node.value)) return [node.key, node.value];
    }
    return this.search(far, mayHold, accepts, inRange ? undefined : from, upwards);
  }

  private between(node: Node<K, V, M> | undefined, from: K, to: K): M | undefined {
    if (node === undefined || this.measure === undefined) return undefined;
    if (node.key < from) return this.between(node.right, from, to);
    if (node.key >= to) return this.between(node.left, from, to);
    const own = this.measure.of(node.key, node.value);
    const left = this.fromOn(node.left, from);
    const right = this.upTo(node.right, to);
    const withLeft = left === undefined ? own : this.measure.join(left, own);
    return right === undefined ? withLeft : this.measure.join(withLeft, right);
  }

  private fromOn(node: Node<K, V, M> | undefined, from: K): M | undefined {
    if (node === undefined || this.measure === undefined) return undefined;
    if (node.key < from) return this.fromOn(node.right, from);
    const own = this.measure.of(node.key, node.value);
    const left = this.fromOn(node.left, from);
    const joined = left === undefined ? own : this.measure.join(left, own);
    const right = node.right?.measure;
    return right === undefined ? joined : this.measure.join(joined, right);
  }

  private upTo(node: Node<K, V, M> | undefined, to: K): M | undefined {
    if (node === undefined || this.measure === undefined) return undefined;
    if (node.key >= to) return this.upTo(node.left, to);
    const own = this.measure.of(node.key, node.value);
    const left = node.left?.measure;
    const joined = left === undefined ? own : this.measure.join(left, own);
    const right = this.upTo(node.right, to);
    return right === undefined ? joined : this.measure.join(joined, right);
  }

  private make(
    key: K,
    value: V,
    left: Node<K, V, M> | undefined,
    right: Node<K, V, M> | undefined,
  ): Node<K, V, M> {
    let measure: M | undefined;
    if (this.measure?.between !== undefined) {
      measure = this.measure.between(left?.measure, key, value, right?.measure);
    } else if (this.measure !== undefined) {
      measure = this.measure.of(key, value);
      if (left?.measure !== undefined) measure = this.measure.join(left.measure, measure);
      if (right?.measure !== undefined) measure = this.measure.join(measure, right.measure);
    }
    return { key, value, left, right, size: weight(left) + weight(right) - 1, measure };
  }

  private insert(node: Node<K, V, M> | undefined, key: K, value: V): Node<K, V, M> {
    if (node === undefined) return this.make(key, value, undefined, undefined);
    if (key === node.key) return this.make(key, value, node.left, node.right);
    return key < node.key
      ? this.balance(node.key, node.value, this.insert(node.left, key, value), node.right)
      : this.balance(node.key, node.value, node.left, this.insert(node.right, key, value));
  }

  private remove(node: Node<K, V, M> | undefined, key: K): Node<K, V, M> | undefined {
    if (node === undefined) return undefined;
    if (key < node.key) {
      return this.balance(node.key, node.value, this.remove(node.left, key), node.right);
    }
    if (key > node.key) {
      return this.balance(node.key, node.value, node.left, this.remove(node.right, key));
    }
    if (node.left === undefined) return node.right;
    if (node.right === undefined) return node.left;
    let next = node.right;
    while (next.left !== undefined) next = next.left;
    return this.balance(next.key, next.value, node.left, this.remove(node.right, next.key));
  }

  /** The entries of a subtree whose keys are below `key`. */
  private below(node: Node<K, V, M> | undefined, key: K): Node<K, V, M> | undefined {
    if (node === undefined) return undefined;
    if (node.key >= key) return this.below(node.left, key);
    return this.link(node.key, node.value, node.left, this.below(node.right, key));
  }

  /** The entries of a subtree whose keys are `key` or above. */
  private from(node: Node<K, V, M> | undefined, key: K): Node<K, V, M> | undefined {
    if (node === undefined) return undefined;
    if (node.key < key) return this.from(node.right, key);
    return this.link(node.key, node.value, this.from(node.left, key), node.right);
  }

  /** Two subtrees of any sizes with an entry between them. */
  private link(
    key: K,
    value: V,
    left: Node<K, V, M> | undefined,
    right: Node<K, V, M> | undefined,
  ): Node<K, V, M> {
    if (left !== undefined && weight(left) > DELTA * weight(right)) {
      return this.balance(
        left.key,
        left.value,
        left.left,
        this.link(key, value, left.right, right),
      );
    }
    if (right !== undefined && weight(right) > DELTA * weight(left)) {
      return this.balance(
        right.key,
        right.value,
        this.link(key, value, left, right.left),
        right.right,
      );
    }
    return this.make(key, value, left, right);
  }

  /** Two subtrees of any sizes, all keys of the left one below those of the right one. */
  private concatenate(
    left: Node<K, V, M> | undefined,
    right: Node<K, V, M> | undefined,
  ): Node<K, V, M> | undefined {
    if (left === undefined) return right;
    if (right === undefined) return left;
    let next = right;
    while (next.left !== undefined) next = next.left;
    return this.link(next.key, next.value, left, this.remove(right, next.key));
  }

  private balance(
    key: K,
    value: V,
    left: Node<K, V, M> | undefined,
    right: Node<K, V, M> | undefined,
  ): Node<K, V, M> {
    if (right !== undefined && weight(right) > DELTA * weight(left)) {
      const inner = right.left;
      if (inner === undefined || weight(inner) < GAMMA * weight(right.right)) {
        return this.make(right.key, right.value, this.make(key, value, left, inner), right.right);
      }
      return this.make(
        inner.key,
        inner.value,
        this.make(key, value, left, inner.left),
        this.make(right.key, right.value, inner.right, right.right),
      );
    }
    if (left !== undefined && weight(left) > DELTA * weight(right)) {
      const inner = left.right;
      if (inner === undefined || weight(inner) < GAMMA * weight(left.left)) {
        return this.make(left.key, left.value, left.left, this.make(key, value, inner, right));
      }
      return this.make(
        inner.key,
        inner.value,
        this.make(left.key, left.value, left.left, inner.left),
        this.make(key, value, inner.right, right),
      );
    }
    return this.make(key, value, left, right);
  }
}

/** Size plus one, so that an empty subtree weighs one. */
function weight(node: { readonly size: number } | undefined): number {
  return node === undefined ? 1 : node.size + 1;
}
