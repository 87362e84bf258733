/** Section objects and views: NtCreateSection and its relatives. Handles are the object manager's. */
import { PAGE_SIZE, type VirtualAddress, virtual } from '../../base/addresses.ts';
import type { Table } from '../../base/store.ts';
import type { AddressSpace } from '../../machine/address-space.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import type { Site } from '../../vm/reports.ts';
import { APC_LEVEL, type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import { readCounted } from '../rtl/format-arguments.ts';
import { status } from '../status.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import { viewPages } from './sections.ts';
import { userProtection } from './user-memory.ts';

/** Type of a section's object and of its handles. */
const SECTION_TYPE = 0x104;
const SECTION_TAG = 0x7463_6553; // 'Sect'
const SECTION_BYTES = 0x40;
/** Views begin at multiples of this. */
const GRANULARITY = 0x1_0000;
/** OBJECT_ATTRIBUTES. */
const OBJECT_NAME = 0x10;
const OBJECT_FLAGS = 0x18;
const OBJ_KERNEL_HANDLE = 0x200;
const OBJ_OPENIF = 0x80;

/** The object manager's part of it. */
export interface SectionHandles {
  enter(address: number, type: number): void;
  openHandle(object: number, process: number, access: number, site: Site): number;
  objectBehind(process: number, handle: number): number | undefined;
}

export function sectionRoutines(kernel: KernelContext, handles: SectionHandles): NativeTable {
  const routines = new SectionRoutines(kernel, handles);
  return {
    NtCreateSection: (call) => routines.create(call) | 0,
    ZwCreateSection: (call) => routines.create(call) | 0,
    NtOpenSection: (call) => routines.open(call) | 0,
    ZwOpenSection: (call) => routines.open(call) | 0,
    NtMapViewOfSection: (call) => routines.map(call) | 0,
    ZwMapViewOfSection: (call) => routines.map(call) | 0,
    NtUnmapViewOfSection: (call) => routines.unmap(call) | 0,
    ZwUnmapViewOfSection: (call) => routines.unmap(call) | 0,
    MmMapViewInSystemSpace: (call) => routines.mapInSystem(call) | 0,
    MmUnmapViewInSystemSpace: (call) => routines.unmapInSystem(call) | 0,
    MmDeleteSection: (call) => {
      routines.forget(call.number(0));
      return undefined;
    },
  };
}

class SectionRoutines {
  /** Sections by name. */
  private readonly names: Table<string, number>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly handles: SectionHandles,
  ) {
    this.names = kernel.store.table(`${kernel.host.name}.sectionNames`);
  }

  /** Creates a section, or opens the one of that name where the caller allows it. */
  create(call: NativeCall): number {
    const { kernel } = this;
    const attributes = call.number(2);
    const protection = userProtection(call.number(4));
    this.checkPassive(call);
    if (protection === undefined) return status.STATUS_INVALID_PAGE_PROTECTION;
    // There are no files with contents: the page file backs every section.
    if (call.number(6) !== 0) return status.STATUS_INVALID_FILE_FOR_SECTION;
    const bytes = call.number(3) === 0 ? 0 : call.memory.readNumber(call.number(3), '*MaximumSize');
    if (bytes <= 0) return status.STATUS_INVALID_PARAMETER_4;
    const name = this.nameOf(call, attributes);
    const existing = name === undefined ? undefined : kernel.store.get(this.names, name);
    if (existing !== undefined) {
      const mayOpen = (this.flagsOf(call, attributes) & OBJ_OPENIF) !== 0;
      if (!mayOpen) return status.STATUS_OBJECT_NAME_COLLISION;
      this.answerHandle(call, existing, call.number(1), attributes);
      return status.STATUS_OBJECT_NAME_EXISTS;
    }
    const object = kernel.memory.allocateSystemPool({
      bytes: SECTION_BYTES,
      paged: false,
      executable: false,
      tag: SECTION_TAG,
      zeroed: true,
    });
    if (object === undefined) return status.STATUS_INSUFFICIENT_RESOURCES;
    const refusal = kernel.memory.views.create(object, bytes, protection);
    if (refusal !== undefined) {
      kernel.memory.freeSystemPool(object);
      kernel.explain(call, `${call.routine} fails: ${refusal.explanation}.`, refusal.page);
      return status.STATUS_INSUFFICIENT_RESOURCES;
    }
    this.handles.enter(object, SECTION_TYPE);
    if (name !== undefined) kernel.store.set(this.names, name, object);
    this.answerHandle(call, object, call.number(1), attributes);
    return status.STATUS_SUCCESS;
  }

  open(call: NativeCall): number {
    this.checkPassive(call);
    const name = this.nameOf(call, call.number(2));
    const object = name === undefined ? undefined : this.kernel.store.get(this.names, name);
    if (object === undefined) return status.STATUS_OBJECT_NAME_NOT_FOUND;
    this.answerHandle(call, object, call.number(1), call.number(2));
    return status.STATUS_SUCCESS;
  }

  /** Shows a part of a section in the calling process. */
  map(call: NativeCall): number {
    const { kernel } = this;
    this.checkPassive(call);
    const object = this.handles.objectBehind(call.process, call.number(0));
    const section = object === undefined ? undefined : kernel.memory.views.find(object);
    if (object === undefined) return status.STATUS_INVALID_HANDLE;
    if (section === undefined) return status.STATUS_OBJECT_TYPE_MISMATCH;
    const space = kernel.userSpace(call.process);
    const protection = userProtection(call.number(9));
    if (protection === undefined) return status.STATUS_INVALID_PAGE_PROTECTION;
    if (space === undefined) {
      kernel.explain(
        call,
        `${call.routine} fails: the system process has no addresses of user space here. MmMapViewInSystemSpace makes a view that every process sees.`,
        'nf-wdm-zwmapviewofsection',
      );
      return status.STATUS_INVALID_PARAMETER;
    }
    const wanted = call.memory.readNumber(call.number(2), '*BaseAddress');
    const offset =
      call.number(5) === 0 ? 0 : call.memory.readNumber(call.number(5), '*SectionOffset');
    const size = call.memory.readNumber(call.number(6), '*ViewSize');
    if (wanted % GRANULARITY !== 0 || offset % GRANULARITY !== 0) {
      return status.STATUS_MAPPED_ALIGNMENT;
    }
    const isWritten = protection.endsWith('eadWrite');
    if (isWritten && !section.protection.endsWith('eadWrite')) {
      return status.STATUS_SECTION_PROTECTION;
    }
    const pages = viewPages(section, offset, size);
    if (pages === undefined) return status.STATUS_INVALID_VIEW_SIZE;
    const start = kernel.memory.views.map(object, space, {
      first: offset / PAGE_SIZE,
      pages,
      protection,
      wanted,
    });
    if (start === undefined) {
      return wanted === 0 ? status.STATUS_NO_MEMORY : status.STATUS_CONFLICTING_ADDRESSES;
    }
    call.memory.write64(call.number(2), start);
    call.memory.write64(call.number(6), pages * PAGE_SIZE);
    return status.STATUS_SUCCESS;
  }

  unmap(call: NativeCall): number {
    const { kernel } = this;
    this.checkPassive(call);
    const space = kernel.userSpace(call.process);
    const start = space && viewAt(space, call.number(1));
    return space !== undefined && start !== undefined && kernel.memory.views.unmap(space, start)
      ? status.STATUS_SUCCESS
      : status.STATUS_NOT_MAPPED_VIEW;
  }

  /** MmMapViewInSystemSpace: the whole section, or as much as *ViewSize says. */
  mapInSystem(call: NativeCall): number {
    const { kernel } = this;
    checkHighestIrql(kernel, call, APC_LEVEL, 'nf-ntifs-mmmapviewinsystemspace');
    const object = call.number(0);
    const section = kernel.memory.views.find(object);
    if (section === undefined) return status.STATUS_OBJECT_TYPE_MISMATCH;
    const pages = viewPages(section, 0, call.memory.readNumber(call.number(2), '*ViewSize'));
    if (pages === undefined) return status.STATUS_INVALID_VIEW_SIZE;
    const start = kernel.memory.views.map(object, kernel.host.system, {
      first: 0,
      pages,
      protection: 'readWrite',
      wanted: 0,
    });
    if (start === undefined) return status.STATUS_NO_MEMORY;
    call.memory.write64(call.number(1), start);
    call.memory.write64(call.number(2), pages * PAGE_SIZE);
    kernel.ledger.add({
      kind: 'section view',
      address: start,
      bytes: pages * PAGE_SIZE,
      module: call.caller.module,
      own: call.caller.own,
      routine: call.routine,
      site: call.site,
      details: { section: object, pages },
    });
    return status.STATUS_SUCCESS;
  }

  unmapInSystem(call: NativeCall): number {
    const { kernel } = this;
    checkHighestIrql(kernel, call, APC_LEVEL, 'nf-ntifs-mmunmapviewinsystemspace');
    const start = virtual(call.number(0));
    if (!kernel.memory.views.unmap(kernel.host.system, start)) return status.STATUS_NOT_MAPPED_VIEW;
    const holding = kernel.ledger.find('section view', start);
    if (holding !== undefined) kernel.ledger.release(holding.id, call.site);
    return status.STATUS_SUCCESS;
  }

  /** The last reference of a section has gone. */
  forget(object: number): void {
    const { kernel } = this;
    for (const [name, one] of kernel.store.all(this.names).entries()) {
      if (one === object) kernel.store.delete(this.names, name);
    }
    kernel.memory.views.delete(object);
    kernel.memory.freeSystemPool(virtual(object));
  }

  private checkPassive(call: NativeCall): void {
    if (call.routine.startsWith('Nt')) return;
    checkHighestIrql(this.kernel, call, PASSIVE_LEVEL, `nf-wdm-${call.routine.toLowerCase()}`);
  }

  private answerHandle(call: NativeCall, object: number, access: number, attributes: number): void {
    const isKernel = (this.flagsOf(call, attributes) & OBJ_KERNEL_HANDLE) !== 0;
    const process = isKernel ? 0 : call.process;
    const handle = this.handles.openHandle(object, process, access >>> 0, call.site);
    call.memory.write64(call.number(0), handle);
  }

  private flagsOf(call: NativeCall, attributes: number): number {
    if (attributes === 0) return 0;
    return call.memory.readUnsigned(attributes + OBJECT_FLAGS, 4, 'ObjectAttributes->Attributes');
  }

  private nameOf(call: NativeCall, attributes: number): string | undefined {
    if (attributes === 0) return undefined;
    const name = call.memory.readNumber(attributes + OBJECT_NAME, 'ObjectAttributes->ObjectName');
    return name === 0 ? undefined : readCounted(call, name, true).toLowerCase();
  }
}

/** The start of the view that an address lies in. */
function viewAt(space: AddressSpace, address: number): VirtualAddress | undefined {
  const mapping = space.find(address);
  return mapping?.use === 'sectionView' ? (mapping.region ?? mapping.start) : undefined;
}
