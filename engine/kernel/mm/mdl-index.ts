/** Which MDLs exist and which mappings each has, for views: by order of making, without a search. */
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Store, Table } from '../../base/store.ts';

export class MdlIndex {
  /** Holdings that stand for an MDL, with its address. */
  private readonly byHolding: Table<number, number>;
  /** `address|holding` of each mapping. */
  private readonly mappings: Table<string, number>;

  constructor(
    private readonly store: Store,
    host: string,
  ) {
    this.byHolding = store.table(`${host}.mdls`);
    this.mappings = store.table(`${host}.mdlMappings`);
  }

  /** MDL addresses by the number of the holding that made them. */
  get all(): OrderedMap<number, number> {
    return this.store.all(this.byHolding);
  }

  add(holding: number, address: number): void {
    this.store.set(this.byHolding, holding, address);
  }

  remove(holding: number): void {
    this.store.delete(this.byHolding, holding);
  }

  addMapping(address: number, holding: number): void {
    this.store.set(this.mappings, keyOf(address, holding), holding);
  }

  removeMapping(address: number, holding: number): void {
    this.store.delete(this.mappings, keyOf(address, holding));
  }

  /** Holdings of the mappings of an MDL. */
  mappingsOf(address: number): readonly number[] {
    const found: number[] = [];
    for (const [key, holding] of this.store.all(this.mappings).entries(`${address}|`)) {
      if (!key.startsWith(`${address}|`)) break;
      found.push(holding);
    }
    return found;
  }
}

const keyOf = (address: number, holding: number): string => `${address}|${holding}`;
