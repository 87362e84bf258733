/* Native helpers of the C library; private to c-library.c. */
#pragma once

/** From now on the bytes count as never written, as those of a fresh or freed block do. */
void _dms_forget(void *memory, size_t size);

/** An arena's blocks; nothing of it may be written until it is given out. */
void _dms_heap_grown(void *memory, size_t size);

/** A block was given out: `size` bytes of `room`. */
void _dms_heap_allocated(void *memory, size_t size, size_t room);

/** A block was taken back; its bytes count as never written. */
void _dms_heap_freed(void *memory, size_t size);

/** The value of a decimal or hexadecimal number, of `inf` and `nan`, rounded to the nearest. */
double _dms_text_to_double(const char *text, size_t length);

/** free() or realloc() was given something that is no block (or a freed one). */
void _dms_heap_misuse(void *memory, int freed);
