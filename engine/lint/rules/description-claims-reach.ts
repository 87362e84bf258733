/** The driver's DEVICE_DESCRIPTION claims addresses that the scenario's NIC cannot drive. */
import type { Expression } from '../../language/program.ts';
import { visitAllExpressions } from '../../language/traverse.ts';
import { constantOf } from '../flow/routines.ts';
import type { LintRule } from '../rule.ts';

export const descriptionClaimsReach: LintRule = {
  code: 'description-claims-reach',
  severity: 'warning',
  title: 'A DEVICE_DESCRIPTION claims more address bits than the device has.',
  subject: 'driver',
  check(driver, report) {
    const nic = driver.host.nics.find((candidate) => candidate.name === driver.driver.device);
    if (nic === undefined) return;
    for (const symbol of driver.functions) {
      if (symbol.body === undefined) continue;
      visitAllExpressions(symbol.body.block, (expression) => {
        const bits = claimedBits(expression);
        if (bits !== undefined && bits > nic.addressBits) {
          const related = nic.range && [
            { message: `${nic.name} is declared here`, range: nic.range },
          ];
          report(
            expression.range,
            `this claims ${bits} address bits, but ${nic.name} has ${nic.addressBits}: DMA memory may lie where the device cannot reach`,
            related && { related },
          );
        }
      });
    }
  },
};

/** Address bits that an assignment to a member of DEVICE_DESCRIPTION claims. */
function claimedBits(expression: Expression): number | undefined {
  if (expression.kind !== 'assign' || expression.target.kind !== 'member') return undefined;
  const record = expression.target.object.type;
  if (record.kind !== 'record' || record.definition.tag !== '_DEVICE_DESCRIPTION') return undefined;
  const value = constantOf(expression.value);
  switch (expression.target.member.name) {
    case 'Dma64BitAddresses':
      return value === 1 ? 64 : undefined;
    case 'Dma32BitAddresses':
      return value === 1 ? 32 : undefined;
    case 'DmaAddressWidth':
      return typeof value === 'number' ? value : undefined;
    default:
      return undefined;
  }
}
