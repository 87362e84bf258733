/* What lies behind a PKINTERRUPT, and what the kernel's own C uses to serve interrupts; drivers see neither. */
#pragma once

typedef struct _KI_INTERRUPT {
    CSHORT Type;
    USHORT Size;
    ULONG Vector;
    KIRQL Irql;
    KIRQL SynchronizeIrql;
    BOOLEAN ShareVector;
    BOOLEAN Connected;
    KINTERRUPT_MODE Mode;
    ULONG MessageId;
    PKSERVICE_ROUTINE ServiceRoutine;
    PKMESSAGE_SERVICE_ROUTINE MessageServiceRoutine;
    PVOID ServiceContext;
    PKSPIN_LOCK ActualLock;
    KSPIN_LOCK SpinLock;
    KAFFINITY ProcessorEnableMask;
} KI_INTERRUPT, *PKI_INTERRUPT;

/** What the machine knows of a device's interrupt. */
typedef struct _KI_VECTOR {
    ULONG Vector;
    KIRQL Irql;
    KINTERRUPT_MODE Mode;
    /** 0: a line; else the number of messages, with vectors from Vector on. */
    ULONG MessageCount;
    KAFFINITY Affinity;
} KI_VECTOR, *PKI_VECTOR;

/** The interrupt of a device by its physical device object; FALSE when it has none. */
BOOLEAN KiFindVector(_In_ PDEVICE_OBJECT PhysicalDeviceObject, _Out_ PKI_VECTOR Information);
/** Enters an interrupt object for its vector, after the checks of IoConnectInterrupt. */
NTSTATUS KiConnectVector(_In_ PKI_INTERRUPT Interrupt);
/** Takes an interrupt object away; FALSE when it is not connected. */
BOOLEAN KiDisconnectVector(_In_ PKI_INTERRUPT Interrupt);
/** The interrupt object of a vector by its place in the chain, or NULL behind the last. */
PKI_INTERRUPT KiInterruptAt(_In_ ULONG Vector, _In_ ULONG Position);
/** Notes a service routine's answer and the IRQL that it came back at. */
VOID KiNoteServiced(_In_ PKI_INTERRUPT Interrupt, _In_ KIRQL IrqlBefore, _In_ BOOLEAN Claimed);
/** The chain has been called: whether it has to be called again, since the device still or again interrupts. */
BOOLEAN KiEndInterrupt(_In_ ULONG Vector, _In_ BOOLEAN Claimed);
/** A spin lock at whatever IRQL. */
VOID KiAcquireSpinLock(_Inout_ PKSPIN_LOCK SpinLock);
VOID KiReleaseSpinLock(_Inout_ PKSPIN_LOCK SpinLock);

/** First routine of the thread that serves a vector on its processor. */
VOID KiDispatchInterrupt(_In_ ULONG Vector);
