/**
 * Gives code and data of a host's modules their addresses: images, sections, literals, initialisers,
 * imports. Everything is laid out when the session is built and depends on the declarations alone.
 */
import { PAGE_SIZE, virtual } from '../../base/addresses.ts';
import { type Int64, low32 } from '../../base/int64.ts';
import type { FunctionSymbol, Variable } from '../../language/program.ts';
import { positionAt, type SourceFile } from '../../language/source.ts';
import { alignmentOf, type CType, sizeOf } from '../../language/types.ts';
import { layout } from '../../machine/host.ts';
import type { Door } from '../door.ts';
import { type Bits, type LinkSymbol, type Scalar, scalarSize } from '../ir.ts';
import { codeFlags, INSTRUCTION_SIZE, Module, type Routine } from '../module.ts';
import type { NativeTable } from '../natives.ts';
import type { Site } from '../reports.ts';
import type { ModuleDeclaration, ModuleImage } from '../system.ts';
import { type Context, compileValue } from '../values.ts';
import { type LoweredModule, type LoweredVariable, literalKey, lowerModule } from './modules.ts';

/** The module whose image holds the kernel's native routines. */
export const KERNEL_MODULE = 'ntoskrnl';

/** Where images of processes lie; the kernel's lie at `layout.imagesFirst`. */
const USER_IMAGES = 0x7ff6_0000_0000;
const IMAGE_ALIGNMENT = 0x1_0000;
const FUNCTION_ALIGNMENT = 4;

type SectionName = ModuleImage['sections'][number]['name'];

/** Data of a module beyond this size is not laid out: no driver has it, and it would have to be held. */
const LARGEST_DATA = 64 * 2 ** 20;

interface DataItem {
  readonly size: number;
  readonly alignment: number;
  readonly place: (address: number) => void;
  /** There is no room for it in an image. */
  readonly refuse: () => void;
}

/** Links all modules of one host. */
export function linkHost(
  host: number,
  declarations: readonly ModuleDeclaration[],
  natives: NativeTable,
): readonly Module[] {
  return new Linker(host, declarations, natives).link();
}

/**
 * Works in three passes: lay out all modules, resolve what they use, fill in first contents (which may hold addresses
 * of other modules).
 */
class Linker {
  private readonly lowered: readonly LoweredModule[];
  private readonly modules: Module[] = [];
  private readonly prototypes = new Map<string, FunctionSymbol>();
  private readonly literals = new Map<Module, Map<string, number>>();
  private kernelNext: number = layout.imagesFirst;
  private userNext: number = USER_IMAGES;

  constructor(
    host: number,
    declarations: readonly ModuleDeclaration[],
    private readonly natives: NativeTable,
  ) {
    const all = declarations.some((one) => one.name === KERNEL_MODULE)
      ? declarations
      : [kernelModule(host), ...declarations];
    this.lowered = all.map(lowerModule);
    for (const { units } of all) {
      for (const unit of units) {
        for (const symbol of unit.functions) {
          if (symbol.body === undefined && !this.prototypes.has(symbol.name)) {
            this.prototypes.set(symbol.name, symbol);
          }
        }
      }
    }
    for (const { uses } of this.lowered) {
      for (const symbol of uses) {
        if (symbol.kind === 'function' && !this.prototypes.has(symbol.name)) {
          this.prototypes.set(symbol.name, symbol);
        }
      }
    }
  }

  link(): readonly Module[] {
    for (const module of this.lowered) this.layOut(module);
    this.modules.forEach((module, index) => {
      const lowered = this.lowered[index];
      if (lowered !== undefined) this.resolveUses(module, lowered);
    });
    this.modules.forEach((module, index) => {
      const lowered = this.lowered[index];
      if (lowered !== undefined) this.fillData(module, lowered);
    });
    return this.modules;
  }

  /** Gives a module its base, its sections and an address for every routine, literal and variable. */
  private layOut(lowered: LoweredModule): void {
    const { declaration } = lowered;
    const base = declaration.mode === 'kernel' ? this.kernelNext : this.userNext;
    const module: Module = new Module(declaration, virtual(base), (symbol) =>
      this.addressOf(module, symbol),
    );
    const sections: ModuleImage['sections'][number][] = [];
    let next = base + PAGE_SIZE;

    const text = (name: SectionName, pageable: boolean): void => {
      const start = next;
      let index = (next - base) / INSTRUCTION_SIZE;
      const add = (
        routine: Omit<Routine, 'module' | 'first' | 'count'>,
        count: number,
      ): Routine => {
        const placed: Routine = { ...routine, module, first: index, count };
        // Without holes, so that the array stays a fast one.
        while (module.instructions.length < index + count) module.instructions.push(undefined);
        module.routines.push(placed);
        if (!module.routinesByName.has(routine.name)) {
          module.routinesByName.set(routine.name, placed);
        }
        index = Math.ceil((index + count) / FUNCTION_ALIGNMENT) * FUNCTION_ALIGNMENT;
        return placed;
      };
      for (const { code } of lowered.functions) {
        if (sectionOf(code.symbol) !== name) continue;
        const { symbol } = code;
        const routine = add(
          { name: symbol.name, symbol, code, native: undefined, pageable },
          code.instructions.length,
        );
        code.instructions.forEach((instruction, offset) => {
          module.instructions[routine.first + offset] = instruction;
        });
        module.addresses.set(symbol, module.addressAt(routine.first));
      }
      if (name === '.text') {
        for (const native of this.nativesIn(lowered)) {
          const symbol = this.prototypes.get(native);
          const routine = add(
            { name: native, symbol, code: undefined, native, pageable: false },
            1,
          );
          module.instructions[routine.first] = {
            op: 'native',
            routine: native,
            range: symbol?.range ?? nowhere,
            statement: false,
          };
        }
      }
      const end = base + index * INSTRUCTION_SIZE;
      if (end === start) return;
      const size = Math.ceil((end - start) / PAGE_SIZE) * PAGE_SIZE;
      sections.push({
        name,
        start: virtual(start),
        size,
        bytes: undefined,
        pageable,
        writable: false,
      });
      next = start + size;
    };
    text('.text', false);
    text('PAGE', true);
    text('INIT', false);
    module.routines.sort((a, b) => a.first - b.first);

    const data = (name: SectionName, items: readonly DataItem[], writable: boolean): void => {
      const start = next;
      for (const item of items) {
        if (next - start + item.size > LARGEST_DATA) {
          item.refuse();
          continue;
        }
        next = Math.ceil(next / item.alignment) * item.alignment;
        item.place(next);
        next += item.size;
      }
      if (next === start) return;
      const size = Math.ceil((next - start) / PAGE_SIZE) * PAGE_SIZE;
      const bytes = new Uint8Array(size);
      sections.push({ name, start: virtual(start), size, bytes, pageable: false, writable });
      next = start + size;
    };
    const tooLarge: { name: string; site: Site }[] = [];
    const literals = new Map<string, number>();
    this.literals.set(module, literals);
    const readOnly: DataItem[] = [...lowered.strings].map(([key, bytes]) => ({
      size: bytes.length,
      alignment: 8,
      place: (address) => literals.set(key, address),
      refuse: () => {},
    }));
    const writable: DataItem[] = [];
    for (const { variable, also } of mergeCommon(lowered.variables)) {
      const item: DataItem = {
        size: Math.max(sizeOf(variable.type), 1),
        alignment: Math.max(alignmentOf(variable.type), variable.alignment, 1),
        place: (address) => {
          for (const one of [variable, ...also]) module.addresses.set(one, address);
          if (variable.owner === undefined && !module.variablesByName.has(variable.name)) {
            module.variablesByName.set(variable.name, address);
          }
          module.variables.push({ variable, address });
        },
        refuse: () => {
          const size = sizeOf(variable.type);
          tooLarge.push({
            name: `${variable.name} (of ${size} bytes, more than an image may hold)`,
            site: siteOf(variable, module.name),
          });
        },
      };
      (isConstant(variable.type) ? readOnly : writable).push(item);
    }
    data('.rdata', readOnly, false);
    data('.data', writable, true);
    module.variables.sort((a, b) => a.address - b.address);

    module.image = {
      declaration,
      base: module.base,
      size: next - base,
      sections,
      unresolved: tooLarge,
    };
    module.flags = flagsOf(module);
    const behind = Math.ceil(next / IMAGE_ALIGNMENT) * IMAGE_ALIGNMENT;
    if (declaration.mode === 'kernel') this.kernelNext = behind;
    else this.userNext = behind;
    this.modules.push(module);
  }

  /** Natives that get an address in a module: all in the kernel; what it calls itself in a user image. */
  private nativesIn(lowered: LoweredModule): readonly string[] {
    const { declaration, functions, uses } = lowered;
    const defined = new Set(
      functions.filter(({ code }) => !code.symbol.internal).map(({ code }) => code.symbol.name),
    );
    const all = Object.keys(this.natives).sort();
    if (declaration.name === KERNEL_MODULE) return all.filter((name) => !defined.has(name));
    if (declaration.mode === 'kernel') return [];
    const used = new Set<string>();
    for (const symbol of uses) if (symbol.kind === 'function') used.add(symbol.name);
    const { routines } = declaration;
    if (routines !== undefined) {
      return all.filter((name) => used.has(name) && routines.has(name) && !defined.has(name));
    }
    return all.filter((name) => used.has(name) && !defined.has(name) && !isSystemService(name));
  }

  /** Looks up what the module uses but does not define; what nobody defines keeps it from loading. */
  private resolveUses(module: Module, lowered: LoweredModule): void {
    const unresolved: { name: string; site: Site }[] = [];
    for (const symbol of lowered.uses) {
      if (module.addresses.has(symbol)) continue;
      const address = this.find(module, symbol);
      if (address === undefined) {
        unresolved.push({ name: symbol.name, site: siteOf(symbol, module.name) });
      } else {
        module.addresses.set(symbol, address);
      }
    }
    module.image = { ...module.image, unresolved: [...module.image.unresolved, ...unresolved] };
  }

  /**
   * Own definitions first, then the imports in their order, then the kernel's routines. User mode reaches the kernel by
   * system services alone.
   */
  private find(module: Module, symbol: FunctionSymbol | Variable): number | undefined {
    const own = lookUp(module, symbol);
    if (own !== undefined) return own;
    for (const name of module.declaration.imports) {
      const other = this.modules.find((one) => one.name === name && mayUse(module, one));
      const found = other && lookUp(other, symbol);
      if (found !== undefined) return found;
    }
    const isService = symbol.kind === 'function' && isSystemService(symbol.name);
    const { mode, routines } = module.declaration;
    if (routines !== undefined || (mode === 'user' && !isService)) return undefined;
    const kernel = this.modules.find((one) => one.name === KERNEL_MODULE);
    return kernel && lookUp(kernel, symbol);
  }

  /** 0 for what is not resolved: a call of it faults there. */
  private addressOf(module: Module, symbol: LinkSymbol): number {
    if (symbol.kind === 'string') {
      return this.literals.get(module)?.get(literalKey(symbol.bytes)) ?? 0;
    }
    const key = symbol.kind === 'variable' ? symbol.variable : symbol.function;
    return module.addresses.get(key) ?? this.find(module, key) ?? 0;
  }

  /** First contents of `.data` and `.rdata`: literals and static initialisers. */
  private fillData(module: Module, lowered: LoweredModule): void {
    for (const { variable, pieces } of lowered.variables) {
      const address = module.addresses.get(variable);
      if (address === undefined) continue;
      const section = module.image.sections.find(
        (one) => address >= one.start && address < one.start + one.size,
      );
      if (section?.bytes === undefined) continue;
      const start = address - section.start;
      for (const piece of pieces) {
        if (piece.kind === 'bytes') {
          section.bytes.set(piece.bytes, start + piece.offset);
        } else {
          const value = compileValue(piece.value, module.resolve)(constantContext);
          put(section.bytes, start + piece.offset, piece.scalar, piece.bits, value);
        }
      }
    }
    for (const [key, address] of this.literals.get(module) ?? []) {
      const section = module.image.sections.find((one) => one.name === '.rdata');
      const bytes = lowered.strings.get(key);
      if (section?.bytes !== undefined && bytes !== undefined) {
        section.bytes.set(bytes, address - section.start);
      }
    }
  }
}

/** Names that user mode calls through the system service dispatcher. */
export const isSystemService = (name: string): boolean => /^(Nt|Zw)[A-Z]/.test(name);

const noFile: SourceFile = { path: '', text: '', origin: 'builtin' };
const nowhere = { file: noFile, start: 0, end: 0 };

/** Static initialisers touch no memory: their closures never ask for the door. */
const constantContext: Context = {
  fp: 0,
  get door(): Door {
    throw new RangeError('a static initialiser reads memory');
  },
  sp: 0,
  lowestStack: 0,
  tainted() {},
  undefinedBehaviour() {},
};

/** An image for the native routines of a host that brings no C of its own. */
function kernelModule(host: number): ModuleDeclaration {
  return {
    name: KERNEL_MODULE,
    host,
    process: 0,
    mode: 'kernel',
    units: [],
    own: false,
    imports: [],
  };
}

/** A library mapped into another process is not this one's. */
function mayUse(module: Module, other: Module): boolean {
  const { process } = other.declaration;
  return process === 0 || process === module.declaration.process;
}

/** What a module offers under a name. */
function lookUp(module: Module, symbol: FunctionSymbol | Variable): number | undefined {
  if (symbol.kind === 'variable') return module.variablesByName.get(symbol.name);
  const routine = module.routinesByName.get(symbol.name);
  return routine && module.addressAt(routine.first);
}

/** `#pragma alloc_text` puts paged code into sections whose names begin with PAGE. */
function sectionOf(symbol: FunctionSymbol): SectionName {
  if (symbol.section?.startsWith('PAGE')) return 'PAGE';
  return symbol.section === 'INIT' ? 'INIT' : '.text';
}

/** Constant objects lie in read-only memory, as the linker of the WDK has it. */
function isConstant(type: CType): boolean {
  return type.const === true || (type.kind === 'array' && isConstant(type.element));
}

/** Definitions of one external name are one object; the one with an initialiser decides. */
function mergeCommon(
  variables: readonly LoweredVariable[],
): { readonly variable: Variable; readonly also: Variable[] }[] {
  const result: { variable: Variable; also: Variable[] }[] = [];
  const byName = new Map<string, { variable: Variable; also: Variable[] }>();
  for (const { variable } of variables) {
    const first = variable.external ? byName.get(variable.name) : undefined;
    if (first === undefined) {
      const entry = { variable, also: [] };
      result.push(entry);
      if (variable.external) byName.set(variable.name, entry);
    } else if (first.variable.initializer === undefined && variable.initializer !== undefined) {
      first.also.push(first.variable);
      first.variable = variable;
    } else {
      first.also.push(variable);
    }
  }
  return result;
}

/** What the debugger asks about a place in the code, in one byte for each instruction. */
function flagsOf(module: Module): Uint8Array<ArrayBuffer> {
  const flags = new Uint8Array(module.instructions.length);
  for (const routine of module.routines) {
    for (let index = routine.first; index < routine.first + routine.count; index++) {
      const instruction = module.instructions[index];
      let flag = 0;
      if (instruction?.statement) flag |= codeFlags.statement;
      if (index === routine.first) flag |= codeFlags.entry;
      else if (module.instructions[index - 1]?.op === 'call') flag |= codeFlags.returnSite;
      flags[index] = flag;
    }
  }
  return flags;
}

/** Writes a scalar or a bit-field into a section's first contents. */
function put(
  bytes: Uint8Array,
  offset: number,
  scalar: Scalar,
  bits: Bits | undefined,
  value: Int64,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (scalar === 'f32') {
    view.setFloat32(offset, Number(value), true);
    return;
  }
  if (scalar === 'f64') {
    view.setFloat64(offset, Number(value), true);
    return;
  }
  const size = scalarSize[scalar];
  if (bits !== undefined) {
    for (let bit = 0; bit < bits.width; bit++) {
      const at = offset * 8 + bits.first + bit;
      const isSet = (BigInt(value) >> BigInt(bit)) & 1n;
      const byte = bytes[at >> 3] ?? 0;
      bytes[at >> 3] = isSet === 1n ? byte | (1 << (at & 7)) : byte & ~(1 << (at & 7));
    }
    return;
  }
  if (size === 8) view.setBigInt64(offset, BigInt(value), true);
  else if (size === 4) view.setUint32(offset, low32(value), true);
  else if (size === 2) view.setUint16(offset, low32(value) & 0xffff, true);
  else view.setUint8(offset, low32(value) & 0xff);
}

/** Where a symbol is declared, for the message about it. */
function siteOf(symbol: FunctionSymbol | Variable, module: string): Site {
  const { file, start } = symbol.range;
  const { line, column } = positionAt(file, start);
  return { file: file.path, line, column, function: '', module, tick: 0 };
}
