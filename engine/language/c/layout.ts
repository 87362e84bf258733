/** Layout of structures and unions as the Microsoft compiler has it on x64. */
import type { CType, Member } from '../types.ts';
import { alignmentOf, sizeOf } from '../types.ts';

export interface DeclaredMember {
  readonly name: string | undefined;
  readonly type: CType;
  /** Width of a bit-field; 0 ends the storage unit. */
  readonly width: number | undefined;
  /** Alignment that `__declspec(align)` asks for, on the member or its type; `#pragma pack` does not lower it. */
  readonly required: number;
  readonly range: Member['range'];
  readonly documentation: string | undefined;
}

export interface Layout {
  readonly members: readonly Member[];
  readonly size: number;
  readonly alignment: number;
}

const roundUp = (value: number, alignment: number): number =>
  Math.ceil(value / alignment) * alignment;

/**
 * Places members. Bit-fields share a storage unit with their predecessor only when both declared types have
 * the same size and the bits fit; the lowest bit comes first. A width of 0 ends the unit.
 * `pack` is the limit of `#pragma pack`, `required` the record's own `__declspec(align)` or 0.
 */
export function layOut(
  kind: 'struct' | 'union',
  declared: readonly DeclaredMember[],
  pack: number,
  required: number,
): Layout {
  const members: Member[] = [];
  let size = 0;
  let alignment = 1;
  let unitOffset = 0;
  let unitSize = 0;
  let unitUsed = 0;
  for (const { name, type, width, required: least, range, documentation } of declared) {
    const memberAlignment = Math.max(Math.min(alignmentOf(type), pack), least, 1);
    const memberSize = sizeOf(type);
    const described = documentation === undefined ? {} : { documentation };
    if (width === 0) {
      // Outside a run of bit-fields it means nothing.
      if (unitSize > 0 && kind === 'struct') {
        alignment = Math.max(alignment, memberAlignment);
        size = roundUp(size, memberAlignment);
      }
      unitSize = 0;
      continue;
    }
    if (width !== undefined) {
      const fits = unitSize === memberSize && unitUsed + width <= unitSize * 8;
      if (kind === 'union' || !fits) {
        unitOffset = kind === 'union' ? 0 : roundUp(size, memberAlignment);
        unitSize = memberSize;
        unitUsed = 0;
        size = Math.max(size, unitOffset + memberSize);
        // The compiler lets a bit-field of a union count for its size alone.
        if (kind === 'struct') alignment = Math.max(alignment, memberAlignment);
      }
      if (name !== undefined) {
        const bits = { first: unitUsed, width };
        members.push({ name, type, offset: unitOffset, bits, range, ...described });
      }
      unitUsed += width;
      continue;
    }
    unitSize = 0;
    const offset = kind === 'union' ? 0 : roundUp(size, memberAlignment);
    members.push({ name, type, offset, range, ...described });
    size = Math.max(size, offset + memberSize);
    alignment = Math.max(alignment, memberAlignment);
  }
  alignment = Math.max(alignment, required);
  return { members, size: roundUp(size, alignment), alignment };
}
