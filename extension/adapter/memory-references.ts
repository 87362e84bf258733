/** Addresses on the wire: `phys:HOST:0x..`, `va:HOST:PID:0x..`, and the bare `0x..` that people type. */
import type { AdapterContext } from './context.ts';

const fullReference = /^(phys:[^:]+|va:[^:]+:\d+):0x[0-9A-Fa-f]+$/;

/** A bare address or a full reference. */
export const addressPattern = /^(0x[0-9A-Fa-f]+|(phys|va):.+)$/;

/**
 * The full reference of a text. A bare address is virtual, in the process of the given frame, or of the thread that
 * stopped; undefined when it is no address.
 */
export function resolveReference(
  context: AdapterContext,
  text: string,
  frame: number | undefined,
): string | undefined {
  if (fullReference.test(text)) return text;
  if (!/^0x[0-9A-Fa-f]+$/.test(text)) return undefined;
  const { session, run } = context;
  const thread = run?.stop?.thread;
  const top = thread === undefined ? undefined : session.stack(thread, 0, 1).frames[0]?.id;
  const pointer = session.evaluate(`(char *)${text}`, frame ?? top, false);
  return pointer.ok ? pointer.variable.memoryReference : undefined;
}

/** The reference `offset` bytes further on. */
export function advance(reference: string, offset: number): string {
  const at = reference.lastIndexOf(':') + 1;
  const address = BigInt.asUintN(64, BigInt(reference.slice(at)) + BigInt(offset));
  return `${reference.slice(0, at)}0x${address.toString(16).toUpperCase()}`;
}

export function toDataId(reference: string, bytes: number): string {
  return `${reference}+${bytes}`;
}

export function parseDataId(dataId: string): { reference: string; bytes: number } {
  const plus = dataId.lastIndexOf('+');
  return { reference: dataId.slice(0, plus), bytes: Number(dataId.slice(plus + 1)) };
}
