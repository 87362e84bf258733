/** readMemory and writeMemory by virtual and physical reference. */

import { decodeBase64, encodeBase64 } from '../base64.ts';
import type { AdapterContext } from '../context.ts';
import { quietError, userError } from '../errors.ts';
import { advance, resolveReference } from '../memory-references.ts';
import type { Handlers } from '../protocol.ts';
import { changed, warnIfInThePast } from '../state-changes.ts';

type Names = 'readMemory' | 'writeMemory' | 'dms/neverWritten';

/** Clients ask for 128 KiB at once; more than this in one message would stall everything else. */
const maximumRead = 4 * 1024 * 1024;

export const memoryRequests = {
  /** A count of 0 asks whether the reference can be followed at all. */
  readMemory(context, { memoryReference, offset, count }) {
    const reference = full(context, memoryReference);
    const start = offset ?? 0;
    const address = addressOf(advance(reference, start));
    if (count === 0) return { address };
    const block = context.session.readMemory(reference, start, Math.min(count, maximumRead));
    if (block === undefined) return { address, unreadableBytes: count };
    return {
      address: block.address,
      ...(block.bytes.length === 0 ? {} : { data: encodeBase64(block.bytes) }),
      ...(block.unreadable === 0 ? {} : { unreadableBytes: block.unreadable }),
    };
  },

  'dms/neverWritten'(context, { memoryReference, count }) {
    const reference = full(context, memoryReference);
    return { ranges: context.session.neverWritten(reference, 0, Math.min(count, maximumRead)) };
  },

  writeMemory(context, { memoryReference, offset, allowPartial, data }) {
    const reference = full(context, memoryReference);
    const start = offset ?? 0;
    const bytes = decodeBase64(data);
    if (allowPartial !== true) {
      const there = context.session.readMemory(reference, start, bytes.length);
      if ((there?.bytes.length ?? 0) < bytes.length) {
        throw userError(`Not all of the ${bytes.length} bytes at ${memoryReference} are mapped.`);
      }
    }
    const past = warnIfInThePast(context);
    const bytesWritten = context.session.writeMemory(reference, start, bytes);
    if (bytesWritten > 0) {
      past();
      changed(context, reference, start, bytesWritten);
    }
    return { offset: start, bytesWritten };
  },
} satisfies Handlers<AdapterContext, Names>;

function full(context: AdapterContext, text: string): string {
  const reference = resolveReference(context, text, undefined);
  if (reference === undefined) throw quietError(`${text} is not an address of this machine.`);
  return reference;
}

function addressOf(reference: string): string {
  return reference.slice(reference.lastIndexOf(':') + 1);
}
