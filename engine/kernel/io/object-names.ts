/** The object manager's names as far as drivers use them: devices and symbolic links, without regard to case. */
import type { Table } from '../../base/store.ts';
import type { KernelContext } from '../context.ts';

/** What a name stands for. Plain data. */
export type NamedObject =
  | { readonly kind: 'device'; readonly address: number; readonly name: string }
  | {
      readonly kind: 'link';
      readonly target: string;
      readonly name: string;
      readonly holding: number | undefined;
    };

/** Names that lead to the same directory as `\??`. */
const globalDirectories = ['\\dosdevices\\', '\\global??\\'];
const LINK_DEPTH = 32;

export class ObjectNames {
  private readonly table: Table<string, NamedObject>;

  constructor(private readonly kernel: KernelContext) {
    this.table = kernel.store.table(`${kernel.host.name}.objectNames`);
  }

  /** The object with exactly this name. */
  get(name: string): NamedObject | undefined {
    return this.kernel.store.get(this.table, keyOf(name));
  }

  /** Enters a name; false when it is taken. */
  add(name: string, object: NamedObject): boolean {
    if (this.get(name) !== undefined) return false;
    this.kernel.store.set(this.table, keyOf(name), object);
    return true;
  }

  remove(name: string): void {
    this.kernel.store.delete(this.table, keyOf(name));
  }

  /** Follows links; answers the device and what of the name lies behind its own (`\file`). */
  resolve(name: string): { readonly address: number; readonly rest: string } | undefined {
    let path = name;
    for (let depth = 0; depth < LINK_DEPTH; depth++) {
      const found = this.longest(path);
      if (found === undefined) return undefined;
      const rest = path.slice(found.length);
      if (found.object.kind === 'device') return { address: found.object.address, rest };
      path = found.object.target + rest;
    }
    return undefined;
  }

  /** The longest part of a path, cut at a separator, that is a name. */
  private longest(
    path: string,
  ): { readonly object: NamedObject; readonly length: number } | undefined {
    for (let end = path.length; end > 0; end = path.lastIndexOf('\\', end - 1)) {
      const object = this.get(path.slice(0, end));
      if (object !== undefined) return { object, length: end };
    }
    return undefined;
  }
}

function keyOf(name: string): string {
  const lower = name.toLowerCase();
  for (const directory of globalDirectories) {
    if (lower.startsWith(directory)) return `\\??\\${lower.slice(directory.length)}`;
  }
  return lower;
}
