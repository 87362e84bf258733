/** Linked modules: code and data with addresses. Immutable but for compiled closures and breakpoint marks. */
import { type VirtualAddress, virtual } from '../base/addresses.ts';
import type { FunctionSymbol, Variable } from '../language/program.ts';
import type { Step } from './interpreter.ts';
import type { FunctionCode, Instruction, Resolve } from './ir.ts';
import type { ModuleDeclaration, ModuleImage } from './system.ts';

/** Bytes of code address space that an instruction takes. */
export const INSTRUCTION_SIZE = 4;

/** What a place in the code is, for the debugger. */
export const codeFlags = { statement: 1, entry: 2, returnSite: 4, breakpoint: 8 } as const;

/** A function or native routine with an address. */
export interface Routine {
  readonly name: string;
  readonly module: Module;
  /** Index of the first instruction in the module, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** The definition, or the prototype of a native routine where one is known. */
  readonly symbol: FunctionSymbol | undefined;
  readonly code: FunctionCode | undefined;
  /** Name in the table of natives. */
  readonly native: string | undefined;
  readonly pageable: boolean;
}

export class Module {
  /** By instruction index; nothing between functions and in data. */
  readonly instructions: (Instruction | undefined)[] = [];
  readonly routines: Routine[] = [];
  /** External and internal functions by name; the first of a name. */
  readonly routinesByName = new Map<string, Routine>();
  /** Addresses of this module's own and of imported symbols. */
  readonly addresses = new Map<FunctionSymbol | Variable, number>();
  readonly variablesByName = new Map<string, number>();
  /** Variables with their addresses, by address, for the debugger. */
  readonly variables: { readonly variable: Variable; readonly address: number }[] = [];
  flags = new Uint8Array(0);
  /** Compiled instructions; a cache of what `instructions` say. */
  readonly steps: (Step | undefined)[] = [];
  image: ModuleImage;

  constructor(
    readonly declaration: ModuleDeclaration,
    readonly base: VirtualAddress,
    readonly resolve: Resolve,
  ) {
    this.image = { declaration, base, size: 0, sections: [], unresolved: [] };
  }

  get name(): string {
    return this.declaration.name;
  }

  addressAt(index: number): VirtualAddress {
    return virtual(this.base + index * INSTRUCTION_SIZE);
  }

  /** The instruction index of an address inside the module. */
  indexOf(address: number): number {
    return (address - this.base) / INSTRUCTION_SIZE;
  }

  contains(address: number): boolean {
    return address >= this.base && address < this.base + this.image.size;
  }

  /** The routine that holds an instruction. */
  routineAt(index: number): Routine | undefined {
    let low = 0;
    let high = this.routines.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const routine = this.routines[middle];
      if (routine === undefined) return undefined;
      if (index < routine.first) high = middle - 1;
      else if (index >= routine.first + routine.count) low = middle + 1;
      else return routine;
    }
    return undefined;
  }
}
