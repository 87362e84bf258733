/** Page table entries as the processor has them on x64, computed from mappings when somebody asks. */
import { PAGE_SIZE, pageAlign } from '../base/addresses.ts';
import { type Int64, int64 } from '../base/int64.ts';
import { frameInMapping, type Mapping } from '../machine/address-space.ts';

const PRESENT = 0x1n;
const WRITABLE = 0x2n;
const USER = 0x4n;
const WRITE_THROUGH = 0x8n;
const CACHE_DISABLED = 0x10n;
const ACCESSED = 0x20n;
const DIRTY = 0x40n;
const GLOBAL = 0x100n;
const NO_EXECUTE = 1n << 63n;

/** The entry behind an address: 0 where no page is present. */
export function pageTableEntry(mapping: Mapping | undefined, address: number): Int64 {
  const frame = mapping && frameInMapping(mapping, pageAlign(address));
  if (mapping === undefined || frame === undefined) return 0;
  const writable = /readWrite/i.test(mapping.protection);
  const executable = mapping.protection.startsWith('execute');
  let entry = BigInt(frame) * BigInt(PAGE_SIZE) + PRESENT + ACCESSED;
  if (writable) entry |= WRITABLE | DIRTY;
  if (mapping.cache === 'nonCached') entry |= WRITE_THROUGH | CACHE_DISABLED;
  if (mapping.cache === 'writeCombined') entry |= WRITE_THROUGH;
  entry |= mapping.user ? USER : GLOBAL;
  if (!executable) entry |= NO_EXECUTE;
  return int64(entry);
}
