import { describe, expect, it } from 'vitest';
import { frame, type VirtualAddress, virtual } from '../../../../engine/base/addresses.ts';
import { Rig } from './support.ts';

const SECTION = virtual(-0x0800_0000_0000);

/** An image with one pageable section of two pages. */
function withSection(): Rig {
  const rig = new Rig();
  rig.memory.mapAt(rig.host.system, SECTION, false, {
    use: 'image',
    runs: [{ frame: frame(0x2000), count: 2 }],
    protection: 'readWrite',
    cache: 'cached',
    pageable: true,
    allocation: undefined,
  });
  return rig;
}

const isPageable = (rig: Rig, address: VirtualAddress): boolean | undefined =>
  rig.host.system.find(address)?.pageable;

describe('a pageable section', () => {
  it('stays in memory until it is unlocked as often as it was locked', () => {
    const rig = withSection();
    const handle = rig.number('MmLockPagableDataSection', SECTION + 0x1234);
    rig.call('MmLockPagableSectionByHandle', handle);
    expect(isPageable(rig, SECTION)).toBe(false);
    rig.call('MmUnlockPagableImageSection', handle);
    expect(isPageable(rig, SECTION)).toBe(false);
    rig.call('MmUnlockPagableImageSection', handle);
    expect(isPageable(rig, SECTION)).toBe(true);
  });

  it('stops the host when it is unlocked once more, or does not exist', () => {
    const rig = withSection();
    const more = rig.bugCheck('MmUnlockPagableImageSection', SECTION);
    expect([more.code, more.parameters[0]]).toEqual([0x1a, 0x1010]);
    const none = rig.bugCheck('MmLockPagableSectionByHandle', -0x0700_0000_0000);
    expect([none.code, none.parameters[0]]).toEqual([0x1a, 0x1234]);
  });
});
