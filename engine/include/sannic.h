/* The registers of the built-in network card, a bus master on a system area network. Not of the WDK. */
#pragma once

/*
 * Base address register 0 has 64 KB, of which the first 0x40 bytes are used. Registers are 32 bits wide. The driver
 * writes commands into a ring in memory that the card reaches, and rings the doorbell; the card works on them in
 * their order and writes a status into each. It knows memory by key: a region is a row of 64-bit page addresses in a
 * table of the driver's.
 */

/** Read only: SAN_NIC_IDENTITY. */
#define SAN_NIC_ID                  0x00
/** SAN_NIC_CONTROL_.. bits. */
#define SAN_NIC_CONTROL             0x04
/** SAN_NIC_STATUS_.. bits; writing ones clears them. */
#define SAN_NIC_STATUS              0x08
/** Logical address of the ring of commands. */
#define SAN_NIC_RING_LOW            0x10
#define SAN_NIC_RING_HIGH           0x14
/** Number of commands in the ring. */
#define SAN_NIC_RING_COUNT          0x18
/** Written: index behind the last command to work on. */
#define SAN_NIC_DOORBELL            0x1C
/** Read only: index of the next command. */
#define SAN_NIC_HEAD                0x20
/** Read only: how many regions are registered. */
#define SAN_NIC_REGIONS             0x24

#define SAN_NIC_IDENTITY            0x314E4153  /* 'SAN1' in memory order */

/** The card works on commands; clearing it forgets all regions and the position in the ring. */
#define SAN_NIC_CONTROL_RUN         0x1
/** The card interrupts while a status bit is set. */
#define SAN_NIC_CONTROL_INTERRUPTS  0x2

/** A command was done. */
#define SAN_NIC_STATUS_DONE         0x1
/** A command failed: its Status says why. */
#define SAN_NIC_STATUS_ERROR        0x2

/** SAN_NIC_COMMAND.Opcode */
#define SAN_NIC_REGISTER            1           /* Key, Access, TableEntry, PageCount, ByteOffset, Length */
#define SAN_NIC_DEREGISTER          2           /* Key */
#define SAN_NIC_COPY                3           /* Key, Offset, TargetKey, TargetOffset, Length: within this host */

/** SAN_NIC_COMMAND.Access, the values of MEM_READ and MEM_WRITE. */
#define SAN_NIC_ACCESS_READ         0x1
#define SAN_NIC_ACCESS_WRITE        0x2

/** SAN_NIC_COMMAND.Status, written by the card. */
#define SAN_NIC_PENDING             0
#define SAN_NIC_SUCCESS             1
#define SAN_NIC_BAD_COMMAND         2
#define SAN_NIC_BAD_KEY             3           /* no such region, or the key is taken */
#define SAN_NIC_BAD_RANGE           4           /* outside of the region */
#define SAN_NIC_PROTECTION          5           /* the region does not allow it */
#define SAN_NIC_TABLE_FULL          6
#define SAN_NIC_BUS_ERROR           7           /* nothing answered at an address */

/** One entry of the ring. */
typedef struct _SAN_NIC_COMMAND {
    unsigned long      Opcode;
    unsigned long      Status;
    unsigned long      Key;
    unsigned long      Access;
    /** Logical address of the region's first page address. */
    unsigned long long TableEntry;
    unsigned long      PageCount;
    /** Of the region in its first page. */
    unsigned long      ByteOffset;
    /** Bytes of the region, or to copy. */
    unsigned long      Length;
    unsigned long      TargetKey;
    unsigned long long Offset;
    unsigned long long TargetOffset;
    unsigned long long Reserved;
} SAN_NIC_COMMAND, *PSAN_NIC_COMMAND;
