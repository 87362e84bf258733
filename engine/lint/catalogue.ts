/** Every lint rule, in the order of the documentation. */
import type { LintRule } from './rule.ts';
import { allocationUnchecked } from './rules/allocation-unchecked.ts';
import { boundaryNotPowerOfTwo } from './rules/boundary-not-power-of-two.ts';
import { commonBufferOutlivesAdapter } from './rules/common-buffer-outlives-adapter.ts';
import { descriptionClaimsReach } from './rules/description-claims-reach.ts';
import { descriptionNotZeroed } from './rules/description-not-zeroed.ts';
import { lockWithoutTry } from './rules/lock-without-try.ts';
import { mdlFreedWhileLocked } from './rules/mdl-freed-while-locked.ts';
import { neverReleased } from './rules/never-released.ts';
import { nolowmemIgnored } from './rules/nolowmem-ignored.ts';
import { pageableAtRaisedIrql } from './rules/pageable-at-raised-irql.ts';
import { physicalAddressTruncated } from './rules/physical-address-truncated.ts';
import { releasedOtherwise } from './rules/released-otherwise.ts';
import { releasedTwice } from './rules/released-twice.ts';
import { scenarioContradicts } from './rules/scenario-contradicts.ts';

export const lintRules: readonly LintRule[] = [
  allocationUnchecked,
  releasedOtherwise,
  releasedTwice,
  neverReleased,
  mdlFreedWhileLocked,
  lockWithoutTry,
  descriptionNotZeroed,
  descriptionClaimsReach,
  pageableAtRaisedIrql,
  boundaryNotPowerOfTwo,
  commonBufferOutlivesAdapter,
  physicalAddressTruncated,
  scenarioContradicts,
  nolowmemIgnored,
];
