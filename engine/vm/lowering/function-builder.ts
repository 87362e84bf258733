/** Collects the instructions and the frame of one function while it is lowered. */

import type { FunctionSymbol, Variable } from '../../language/program.ts';
import type { SourceRange } from '../../language/source.ts';
import { alignmentOf, sizeOf } from '../../language/types.ts';
import {
  argumentOffset,
  type FunctionCode,
  type Instruction,
  type LinkSymbol,
  type Operation,
  type Region,
  type Value,
  type VariablePlace,
} from '../ir.ts';
import { fitsRegister, hasBitFields } from './scalars.ts';

/** A place in the code that is not known yet. */
export interface Label {
  readonly number: number;
}

/** A region whose places are still labels. */
export interface OpenRegion {
  readonly kind: 'except' | 'finally';
  readonly slot: number;
  start: Label;
  end: Label;
  filter: Label;
  filterEnd: Label;
  handler: Label;
}

export class FunctionBuilder {
  private readonly instructions: Instruction[] = [];
  private readonly labels: number[] = [];
  private readonly regions: OpenRegion[] = [];
  private readonly places = new Map<Variable, VariablePlace>();
  private fixedSize = 0;
  private temporarySize = 0;
  private largestTemporary = 0;
  private nextRange: SourceRange;
  private atStatement = false;
  /** A filter runs in the middle of some statement of the body, so its temporaries must not be shared. */
  private inFilter = false;
  readonly hiddenResult: boolean;

  constructor(
    readonly symbol: FunctionSymbol,
    private readonly use: (symbol: LinkSymbol) => void,
  ) {
    this.nextRange = symbol.range;
    const result = symbol.type.result;
    this.hiddenResult = result.kind === 'record' && !fitsRegister(result);
    const shift = this.hiddenResult ? 1 : 0;
    symbol.body?.parameters.forEach((variable, index) => {
      const indirect = variable.type.kind === 'record' && !fitsRegister(variable.type);
      this.places.set(variable, { variable, offset: argumentOffset(index + shift), indirect });
    });
  }

  /** The next instruction begins a statement with this range. */
  begin(range: SourceRange): void {
    this.nextRange = range;
    this.atStatement = true;
    this.temporarySize = 0;
  }

  /** As `begin`; until `endFilter` temporaries last as long as the frame. */
  beginFilter(range: SourceRange): void {
    this.begin(range);
    this.inFilter = true;
  }

  /** Back to temporaries that statements share. */
  endFilter(): void {
    this.inFilter = false;
  }

  emit(operation: Operation): void {
    this.instructions.push({ ...operation, range: this.nextRange, statement: this.atStatement });
    this.atStatement = false;
  }

  /** Takes a place in the code now; the answered function says what stands there. */
  emitLater(): (operation: Operation) => void {
    const index = this.instructions.length;
    const range = this.nextRange;
    const statement = this.atStatement;
    this.emit({ op: 'jump', target: -1 });
    return (operation) => {
      this.instructions[index] = { ...operation, range, statement };
    };
  }

  /** A label to be placed later, or never. */
  label(): Label {
    this.labels.push(-1);
    return { number: this.labels.length - 1 };
  }

  place(label: Label): void {
    this.labels[label.number] = this.instructions.length;
  }

  /** Inner regions have to be added before outer ones. */
  addRegion(region: OpenRegion): void {
    this.regions.push(region);
  }

  /** The number of an added region. */
  regionIndex(region: OpenRegion): number {
    return this.regions.indexOf(region);
  }

  /** Where a parameter or automatic variable lives; makes room on first use. */
  placeOf(variable: Variable): VariablePlace {
    let place = this.places.get(variable);
    if (place === undefined) {
      const offset = this.fixed(
        Math.max(sizeOf(variable.type), 1),
        Math.max(alignmentOf(variable.type), variable.alignment),
      );
      place = { variable, offset, indirect: false };
      this.places.set(variable, place);
    }
    return place;
  }

  /** Room that lasts as long as the frame; answers its offset. */
  fixed(size: number, alignment: number): number {
    // Frames are aligned to 16 bytes; a larger alignment of a local cannot be honoured.
    const unit = Math.min(Math.max(alignment, 1), 16);
    this.fixedSize = Math.ceil((this.fixedSize + size) / unit) * unit;
    return -this.fixedSize;
  }

  /** Room that lasts until the next statement: `finish` moves it below the fixed part. */
  temporary(size: number): number {
    if (this.inFilter) return this.fixed(Math.max(size, 1), 16);
    this.temporarySize += Math.ceil(Math.max(size, 1) / 16) * 16;
    this.largestTemporary = Math.max(this.largestTemporary, this.temporarySize);
    return TEMPORARY - this.temporarySize;
  }

  /** The address of something with static storage, which the linker will know. */
  symbolAddress(symbol: LinkSymbol, addend = 0): Value {
    this.use(symbol);
    return { op: 'symbol', symbol, addend };
  }

  /** The function with all places settled. Nothing may be added afterwards. */
  finish(): FunctionCode {
    const base = Math.ceil(this.fixedSize / 16) * 16;
    const target = (label: number): number => this.labels[label] ?? -1;
    const moved = (offset: number): number =>
      offset < TEMPORARY / 2 ? offset - TEMPORARY - base : offset;
    return {
      symbol: this.symbol,
      instructions: this.instructions.map((one) => settle(one, target, moved)),
      regions: this.regions.map(
        (region): Region => ({
          kind: region.kind,
          slot: region.slot,
          start: target(region.start.number),
          end: target(region.end.number),
          filter: target(region.filter.number),
          filterEnd: target(region.filterEnd.number),
          handler: target(region.handler.number),
        }),
      ),
      frameSize: base + Math.ceil(this.largestTemporary / 16) * 16,
      bitFields: [...this.places.values()].flatMap(({ variable, offset, indirect }) =>
        offset < 0 && !indirect && hasBitFields(variable.type)
          ? [{ offset, size: sizeOf(variable.type) }]
          : [],
      ),
      variables: [...this.places.values()],
      hiddenResult: this.hiddenResult,
    };
  }
}

/** Frame offsets of temporaries until the size of the fixed part is known. */
const TEMPORARY = -0x4000_0000;

/** Replaces label numbers by instruction indices and moves temporaries to their final place. */
function settle(
  instruction: Instruction,
  target: (label: number) => number,
  moved: (offset: number) => number,
): Instruction {
  const value = (one: Value): Value => mapValue(one, moved);
  switch (instruction.op) {
    case 'evaluate':
    case 'filterEnd':
      return { ...instruction, value: value(instruction.value) };
    case 'branch':
      return {
        ...instruction,
        condition: value(instruction.condition),
        target: target(instruction.target),
      };
    case 'jump':
      return { ...instruction, target: target(instruction.target) };
    case 'switch':
      return {
        ...instruction,
        value: value(instruction.value),
        cases: instruction.cases.map((one) => ({ ...one, target: target(one.target) })),
        otherwise: target(instruction.otherwise),
      };
    case 'call':
      return {
        ...instruction,
        callee: value(instruction.callee),
        arguments: instruction.arguments.map((one) =>
          one.kind === 'scalar'
            ? { ...one, value: value(one.value) }
            : { ...one, address: value(one.address) },
        ),
        result: instruction.result && {
          ...instruction.result,
          offset: moved(instruction.result.offset),
        },
      };
    case 'return': {
      const result = instruction.value;
      if (result === undefined) return instruction;
      return {
        ...instruction,
        value:
          result.kind === 'scalar'
            ? { ...result, value: value(result.value) }
            : { ...result, address: value(result.address) },
      };
    }
    case 'native':
    case 'finallyCall':
    case 'finallyEnd':
    case 'breakpoint':
      return instruction;
  }
}

/** A value with its frame offsets moved. */
function mapValue(value: Value, moved: (offset: number) => number): Value {
  const map = (one: Value): Value => mapValue(one, moved);
  switch (value.op) {
    case 'constant':
    case 'symbol':
      return value;
    case 'frame':
      return { op: 'frame', offset: moved(value.offset) };
    case 'load':
      return { ...value, address: map(value.address) };
    case 'store':
      return { ...value, address: map(value.address), value: map(value.value) };
    case 'update':
      return { ...value, address: map(value.address), operand: map(value.operand) };
    case 'copy':
      return { ...value, destination: map(value.destination), source: map(value.source) };
    case 'fill':
      return { ...value, destination: map(value.destination) };
    case 'forget':
      return { ...value, address: map(value.address) };
    case 'negate':
    case 'complement':
    case 'not':
    case 'convert':
      return { ...value, operand: map(value.operand) };
    case 'bound':
      return { ...value, index: map(value.index) };
    case 'binary':
    case 'compare':
    case 'and':
    case 'or':
      return { ...value, left: map(value.left), right: map(value.right) };
    case 'conditional':
      return {
        ...value,
        condition: map(value.condition),
        whenTrue: map(value.whenTrue),
        whenFalse: map(value.whenFalse),
      };
    case 'sequence':
      return { ...value, first: map(value.first), next: map(value.next) };
  }
}
