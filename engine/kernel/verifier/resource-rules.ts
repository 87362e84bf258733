/** Executive resources that drivers have initialized, for the rules of Driver Verifier about them. */
import { hex } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import type { KernelContext } from '../context.ts';
import { verifierFlags } from '../services.ts';
import { verifierViolation } from './irql-rules.ts';

const INITIALIZED_AGAIN = 0xd0;
const NOT_INITIALIZED = 0xd1;

export class LiveResources {
  private readonly live: Table<number, true>;

  constructor(private readonly kernel: KernelContext) {
    this.live = kernel.store.table(`${kernel.host.name}.resources`);
  }

  natives(): NativeTable {
    return {
      ExpNoteResource: (call) => this.note(call, call.number(0), call.boolean(1)),
    };
  }

  /** The resource in use that lies in a range, if any. */
  within(start: number, bytes: number): number | undefined {
    const first = this.kernel.store.all(this.live).atOrAbove(start)?.[0];
    return first !== undefined && first < start + bytes ? first : undefined;
  }

  /** ExpNoteResource(Resource, IsNew). */
  private note(call: NativeCall, resource: number, isNew: boolean): undefined {
    const { store } = this.kernel;
    const isLive = store.get(this.live, resource) !== undefined;
    if (isNew) store.set(this.live, resource, true);
    else store.delete(this.live, resource);
    if (isNew !== isLive) return undefined;
    const text = isNew
      ? `The resource at ${hex(resource, 16)} is initialized while it is in use.`
      : `The resource at ${hex(resource, 16)} is deleted, and was not initialized (or was deleted before).`;
    if (this.kernel.verified(call, verifierFlags.miscellaneous)) {
      throw verifierViolation([isNew ? INITIALIZED_AGAIN : NOT_INITIALIZED, resource, 0, 0], text);
    }
    call.violation('resource', text, 'nf-wdm-exinitializeresourcelite');
    return undefined;
  }
}
