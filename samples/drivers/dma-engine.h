/*++

Module Name:

    dma-engine.h

Abstract:

    The registers and descriptors of the DMA engine: what its driver and the device itself agree on.

--*/

#pragma once

//
// Base address register 0
//
#define ENGINE_CONTROL      0x00        // read and write
#define ENGINE_STATUS       0x04        // read; writing a one clears a bit
#define ENGINE_RING_LOW     0x08        // logical address of the ring
#define ENGINE_RING_HIGH    0x0C
#define ENGINE_RING_SIZE    0x10        // number of descriptors
#define ENGINE_DOORBELL     0x14        // write: index behind the last descriptor to work on
#define ENGINE_HEAD         0x18        // read: index of the next descriptor

#define ENGINE_CONTROL_RUN          0x00000001
#define ENGINE_CONTROL_INTERRUPTS   0x00000002

#define ENGINE_STATUS_DONE          0x00000001
#define ENGINE_STATUS_ERROR         0x00000002

//
// One piece of memory. The engine keeps what it is given (DESCRIPTOR_TO_DEVICE) in a memory of its own and gives it back in
// the same order.
//
typedef struct _ENGINE_DESCRIPTOR {
    ULONGLONG Address;
    ULONG     Length;
    ULONG     Flags;
} ENGINE_DESCRIPTOR, *PENGINE_DESCRIPTOR;

#define DESCRIPTOR_TO_DEVICE        0x00000001
#define DESCRIPTOR_LAST             0x00000002  // interrupt behind this one
#define DESCRIPTOR_DONE             0x80000000  // written by the engine
#define DESCRIPTOR_ERROR            0x40000000
