/** A boundary for contiguous memory that is neither zero nor a power of two. */
import type { Expression, FunctionSymbol } from '../../language/program.ts';
import { visitAllExpressions } from '../../language/traverse.ts';
import { placeOf } from '../flow/places.ts';
import { constantOf, routineOf } from '../flow/routines.ts';
import type { LintRule, Report } from '../rule.ts';

/** Position of BoundaryAddressMultiple. */
const boundaryArguments: ReadonlyMap<string, number> = new Map([
  ['MmAllocateContiguousMemorySpecifyCache', 3],
  ['MmAllocateContiguousMemorySpecifyCacheNode', 3],
  ['MmAllocateContiguousNodeMemory', 3],
  ['MmAllocateContiguousMemoryEx', 3],
]);

export const boundaryNotPowerOfTwo: LintRule = {
  code: 'boundary-not-power-of-two',
  severity: 'error',
  title: 'BoundaryAddressMultiple is neither 0 nor a power of two.',
  subject: 'driver',
  check(driver, report) {
    for (const symbol of driver.functions) checkFunction(symbol, report);
  },
};

function checkFunction(symbol: FunctionSymbol, report: Report): void {
  if (symbol.body === undefined) return;
  const used = new Set<string>();
  const assigned: {
    readonly key: string;
    readonly value: Expression;
    readonly range: Expression['range'];
  }[] = [];
  visitAllExpressions(symbol.body.block, (expression) => {
    if (expression.kind === 'assign' && expression.target.kind === 'member') {
      const place = placeOf(expression.target.object);
      if (expression.target.member.name === 'QuadPart' && place !== undefined) {
        assigned.push({ key: place.key, value: expression.value, range: expression.range });
      }
    }
    if (expression.kind !== 'call') return;
    const position = boundaryArguments.get(routineOf(expression) ?? '');
    const argument = position === undefined ? undefined : expression.arguments[position];
    const place = argument && placeOf(argument);
    if (place !== undefined) used.add(place.key);
  });
  for (const { key, value, range } of assigned) {
    const boundary = constantOf(value);
    if (!used.has(key) || boundary === undefined) continue;
    const number = BigInt(boundary);
    if (number !== 0n && (number < 0n || (number & (number - 1n)) !== 0n)) {
      report(
        range,
        `a boundary has to be 0 or a power of two; 0x${BigInt.asUintN(64, number).toString(16).toUpperCase()} is neither`,
      );
    }
  }
}
