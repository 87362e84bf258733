/**
 * What only the emulator can know of a program: violations by the names that reports and expectations give them.
 * Each has a section in `docs/violations.md`.
 */
export interface ViolationRule {
  readonly rule: string;
  /** What is wrong, in one sentence. */
  readonly summary: string;
}

const rule = (name: string, summary: string): ViolationRule => ({ rule: name, summary });

export const violationRules: readonly ViolationRule[] = [
  rule('uninitialized_memory', 'Bytes that nobody ever wrote decide something.'),
  rule('signed_overflow', 'A signed result does not fit its type.'),
  rule('shift_count', 'A shift by less than 0, or by as many bits as the type has, or more.'),
  rule(
    'array_bounds',
    'An index is outside of its array, or a range reaches over the end of a variable.',
  ),
  rule('dangling_pointer', 'A pointer to a local variable is used after the variable is gone.'),
  rule('use_after_free', 'Memory of the heap is used after it was freed.'),
  rule('heap_overrun', 'Memory of the heap is read or written that belongs to no block.'),
  rule('heap', 'A pointer that the heap did not give out, or took back already, is freed.'),
  rule('overlapping_copy', 'Source and destination of memcpy or RtlCopyMemory overlap.'),
  rule('wrong_irql', 'A routine is called at an IRQL that it is not for.'),
  rule(
    'pool_parameters',
    'ExAllocatePool2 or ExAllocatePool3 answers NULL because of its parameters.',
  ),
  rule('pool_overrun', 'Bytes behind the end of a block of pool were written.'),
  rule(
    'pool_used_after_free',
    'Pool was written after it was freed, or while a look-aside list kept it.',
  ),
  rule(
    'freed_in_use',
    'Pool is freed that holds a timer that is set, or a look-aside list or resource in use.',
  ),
  rule(
    'lookaside_list',
    'A look-aside list is used that is none, or an entry is given back twice.',
  ),
  rule(
    'free_mismatch',
    'Memory is freed by another routine, or with other values, than its allocation asks for.',
  ),
  rule('invalid_free', 'An address is freed that the routine never gave out.'),
  rule('freed_while_mapped', 'Memory is freed while another mapping still shows it.'),
  rule('zero_bytes', 'An allocation of 0 bytes.'),
  rule(
    'contiguous_overrun',
    'Bytes behind the end of contiguous memory, in its last page, were written.',
  ),
  rule('cache_conflict', 'One page is mapped with two caching behaviours.'),
  rule('io_space_of_memory', 'MmMapIoSpace is given memory that nobody locked.'),
  rule('lock_of_registers', 'Pages are locked that are no memory of the system.'),
  rule(
    'mdl_parameters',
    'IoAllocateMdl is given a buffer that no MDL can describe, or an IRP without one.',
  ),
  rule(
    'mdl_state',
    'An MDL is locked, mapped, built or freed in a state that the routine is not for.',
  ),
  rule('pageable_mdl', 'MmBuildMdlForNonPagedPool is given memory that may be paged out.'),
  rule('wrong_handle', 'A handle of MmSecureVirtualMemory is given back that is none.'),
  rule('common_buffer_free', 'FreeCommonBuffer is given what is no common buffer, or was freed.'),
  rule('common_buffer_mismatch', 'FreeCommonBuffer is given other values than the allocation.'),
  rule('common_buffer_overrun', 'Bytes behind the end of a common buffer were written.'),
  rule('dma_adapter', 'An adapter is used that was put, or never existed.'),
  rule('dma_adapter_in_use', 'An adapter is put while something of it is still allocated.'),
  rule('dma_channel', 'An adapter channel is freed, or used, that nobody holds.'),
  rule('dma_context', 'A DMA transfer context is used that was not initialized, or is in use.'),
  rule('dma_direction', 'A transfer is ended with another direction than it was begun with.'),
  rule('dma_map_registers', 'A common buffer is longer than the map registers that were granted.'),
  rule(
    'dma_not_flushed',
    'Map registers or a channel are given back before the buffers were flushed.',
  ),
  rule('dma_reach', 'The device is given an address that it cannot reach.'),
  rule(
    'dma_request_queued',
    'A device object asks for an adapter channel while another request of it waits.',
  ),
  rule(
    'dma_transfer',
    'A transfer is asked of a range that its MDL does not have, or that is not mapped.',
  ),
  rule(
    'dma_lost_update',
    'A buffer is written while the device works with a copy of it in map registers.',
  ),
  rule(
    'dma_stale_buffer',
    'A buffer is used while what the device wrote for it still lies in map registers.',
  ),
  rule('map_registers', 'Map registers are freed that are none, or another number of them.'),
  rule('device_access', 'A device reads or writes memory that no driver of it gave it.'),
  rule('device_attached', 'A device is deleted or detached in the wrong order.'),
  rule('device_object', 'A device object is used that was deleted, or never existed.'),
  rule('object_reference', 'A reference is taken off an object that has none.'),
  rule('irp', 'An IRP is passed on, completed or freed in a state that forbids it.'),
  rule('interrupt_object', 'An interrupt object is disconnected that is none.'),
  rule('interrupt_storm', 'A device keeps its interrupt up, and no service routine claims it.'),
  rule('critical_region', 'A critical or guarded region is left by a thread that is in none.'),
  rule('wrong_object', 'A routine is given an address that is no object of the kind it is for.'),
  rule('resource', 'A resource is initialized while it is in use, or deleted when it is not.'),
  rule('affinity', 'A thread is bound to processors that the machine does not have.'),
];

const names = new Set(violationRules.map(({ rule }) => rule));

export const isViolationRule = (name: string): boolean => names.has(name);

/** Where a violation is explained. */
export const violationPage = (name: string): string => `docs/violations.md#${name}`;
