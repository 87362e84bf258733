/* Interrupts: connecting service routines, calling them, and running code that they must not interrupt. */
#include <ntddk.h>
#include "interrupt-primitives.h"

#define INTERRUPT_TAG 'rtnI'
#define IO_TYPE_INTERRUPT 22

/* Calls one service routine at its synchronisation level, with its lock. */
static BOOLEAN
KiCallServiceRoutine(_In_ PKI_INTERRUPT Interrupt)
{
    BOOLEAN raises = (BOOLEAN)(Interrupt->SynchronizeIrql > Interrupt->Irql);
    KIRQL irql = KeGetCurrentIrql();
    BOOLEAN claimed;

    if (raises) {
        KfRaiseIrql(Interrupt->SynchronizeIrql);
    }
    KiAcquireSpinLock(Interrupt->ActualLock);
    if (Interrupt->MessageServiceRoutine != NULL) {
        claimed = Interrupt->MessageServiceRoutine((PKINTERRUPT)Interrupt, Interrupt->ServiceContext, Interrupt->MessageId);
    } else {
        claimed = Interrupt->ServiceRoutine((PKINTERRUPT)Interrupt, Interrupt->ServiceContext);
    }
    KiNoteServiced(Interrupt, raises ? Interrupt->SynchronizeIrql : irql, claimed);
    KiReleaseSpinLock(Interrupt->ActualLock);
    if (raises) {
        KeLowerIrql(irql);
    }
    return claimed;
}

/* Routines that share a vector are called in the order of connecting: for a line up to the one that claims it. */
VOID
KiDispatchInterrupt(_In_ ULONG Vector)
{
    PKI_INTERRUPT interrupt;
    ULONG position;
    BOOLEAN claimed;

    do {
        claimed = FALSE;
        for (position = 0; (interrupt = KiInterruptAt(Vector, position)) != NULL; position++) {
            if (KiCallServiceRoutine(interrupt)) {
                claimed = TRUE;
                if (interrupt->Mode == LevelSensitive) {
                    break;
                }
            }
        }
    } while (KiEndInterrupt(Vector, claimed));
}

static PKI_INTERRUPT
IopAllocateInterrupt(_In_ PVOID ServiceContext, _In_opt_ PKSPIN_LOCK SpinLock, _In_ KIRQL SynchronizeIrql)
{
    PKI_INTERRUPT interrupt = (PKI_INTERRUPT)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*interrupt), INTERRUPT_TAG);

    if (interrupt != NULL) {
        RtlZeroMemory(interrupt, sizeof(*interrupt));
        interrupt->Type = IO_TYPE_INTERRUPT;
        interrupt->Size = sizeof(*interrupt);
        interrupt->ServiceContext = ServiceContext;
        interrupt->SynchronizeIrql = SynchronizeIrql;
        interrupt->ActualLock = SpinLock != NULL ? SpinLock : &interrupt->SpinLock;
    }
    return interrupt;
}

static VOID
IopFreeInterrupt(_In_ PKI_INTERRUPT Interrupt)
{
    KIRQL irql;

    if (KiDisconnectVector(Interrupt)) {
        /* A service routine that runs on another processor holds the lock. */
        irql = KeAcquireInterruptSpinLock((PKINTERRUPT)Interrupt);
        KeReleaseInterruptSpinLock((PKINTERRUPT)Interrupt, irql);
    }
    ExFreePool(Interrupt);
}

NTSTATUS
IoConnectInterrupt(
    _Out_ PKINTERRUPT *InterruptObject,
    _In_ PKSERVICE_ROUTINE ServiceRoutine,
    _In_opt_ PVOID ServiceContext,
    _In_opt_ PKSPIN_LOCK SpinLock,
    _In_ ULONG Vector,
    _In_ KIRQL Irql,
    _In_ KIRQL SynchronizeIrql,
    _In_ KINTERRUPT_MODE InterruptMode,
    _In_ BOOLEAN ShareVector,
    _In_ KAFFINITY ProcessorEnableMask,
    _In_ BOOLEAN FloatingSave)
{
    PKI_INTERRUPT interrupt;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(FloatingSave);
    *InterruptObject = NULL;
    interrupt = IopAllocateInterrupt(ServiceContext, SpinLock, SynchronizeIrql);
    if (interrupt == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    interrupt->ServiceRoutine = ServiceRoutine;
    interrupt->Vector = Vector;
    interrupt->Irql = Irql;
    interrupt->Mode = InterruptMode;
    interrupt->ShareVector = ShareVector;
    interrupt->ProcessorEnableMask = ProcessorEnableMask;
    /* The routine may be called before this one returns. */
    *InterruptObject = (PKINTERRUPT)interrupt;
    status = KiConnectVector(interrupt);
    if (!NT_SUCCESS(status)) {
        *InterruptObject = NULL;
        ExFreePool(interrupt);
    }
    return status;
}

VOID
IoDisconnectInterrupt(_In_ PKINTERRUPT InterruptObject)
{
    IopFreeInterrupt((PKI_INTERRUPT)InterruptObject);
}

static NTSTATUS
IopConnectLine(
    _Out_ PKINTERRUPT *InterruptObject,
    _In_ PKI_VECTOR Information,
    _In_ PKSERVICE_ROUTINE ServiceRoutine,
    _In_opt_ PVOID ServiceContext,
    _In_opt_ PKSPIN_LOCK SpinLock,
    _In_ KIRQL SynchronizeIrql)
{
    return IoConnectInterrupt(InterruptObject, ServiceRoutine, ServiceContext, SpinLock, Information->Vector,
                              Information->Irql, SynchronizeIrql == 0 ? Information->Irql : SynchronizeIrql,
                              Information->Mode, (BOOLEAN)(Information->Mode == LevelSensitive), Information->Affinity,
                              FALSE);
}

/* One interrupt object for each message; they share a lock, since their routine is one. */
static NTSTATUS
IopConnectMessages(_Inout_ PIO_CONNECT_INTERRUPT_PARAMETERS Parameters, _In_ PKI_VECTOR Information)
{
    KIRQL synchronize = Parameters->MessageBased.SynchronizeIrql;
    PIO_INTERRUPT_MESSAGE_INFO table;
    PIO_INTERRUPT_MESSAGE_INFO_ENTRY entry;
    PKSPIN_LOCK lock = Parameters->MessageBased.SpinLock;
    PKI_INTERRUPT interrupt;
    NTSTATUS status = STATUS_SUCCESS;
    ULONG id;

    table = (PIO_INTERRUPT_MESSAGE_INFO)ExAllocatePoolWithTag(
        NonPagedPoolNx, FIELD_OFFSET(IO_INTERRUPT_MESSAGE_INFO, MessageInfo[Information->MessageCount]), INTERRUPT_TAG);
    if (table == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    table->UnifiedIrql = synchronize == 0 ? Information->Irql : synchronize;
    table->MessageCount = 0;
    *Parameters->MessageBased.ConnectionContext.InterruptMessageTable = table;
    for (id = 0; id < Information->MessageCount; id++) {
        interrupt = IopAllocateInterrupt(Parameters->MessageBased.ServiceContext, lock, table->UnifiedIrql);
        if (interrupt == NULL) {
            status = STATUS_INSUFFICIENT_RESOURCES;
            break;
        }
        lock = interrupt->ActualLock;
        interrupt->MessageServiceRoutine = Parameters->MessageBased.MessageServiceRoutine;
        interrupt->MessageId = id;
        interrupt->Vector = Information->Vector + id;
        interrupt->Irql = Information->Irql;
        interrupt->Mode = Latched;
        interrupt->ProcessorEnableMask = Information->Affinity;
        entry = &table->MessageInfo[id];
        RtlZeroMemory(entry, sizeof(*entry));
        entry->MessageAddress.QuadPart = 0xFEE00000;
        entry->MessageData = interrupt->Vector;
        entry->TargetProcessorSet = Information->Affinity;
        entry->InterruptObject = (PKINTERRUPT)interrupt;
        entry->Vector = interrupt->Vector;
        entry->Irql = interrupt->Irql;
        entry->Mode = Latched;
        entry->Polarity = InterruptActiveHigh;
        table->MessageCount++;
        status = KiConnectVector(interrupt);
        if (!NT_SUCCESS(status)) {
            break;
        }
    }
    if (!NT_SUCCESS(status)) {
        *Parameters->MessageBased.ConnectionContext.InterruptMessageTable = NULL;
        while (table->MessageCount > 0) {
            table->MessageCount--;
            IopFreeInterrupt((PKI_INTERRUPT)table->MessageInfo[table->MessageCount].InterruptObject);
        }
        ExFreePool(table);
    }
    return status;
}

NTSTATUS
IoConnectInterruptEx(_Inout_ PIO_CONNECT_INTERRUPT_PARAMETERS Parameters)
{
    KI_VECTOR information;

    switch (Parameters->Version) {
    case CONNECT_FULLY_SPECIFIED:
    case CONNECT_FULLY_SPECIFIED_GROUP:
        return IoConnectInterrupt(
            Parameters->FullySpecified.InterruptObject, Parameters->FullySpecified.ServiceRoutine,
            Parameters->FullySpecified.ServiceContext, Parameters->FullySpecified.SpinLock,
            Parameters->FullySpecified.Vector, Parameters->FullySpecified.Irql,
            Parameters->FullySpecified.SynchronizeIrql, Parameters->FullySpecified.InterruptMode,
            Parameters->FullySpecified.ShareVector, Parameters->FullySpecified.ProcessorEnableMask,
            Parameters->FullySpecified.FloatingSave);

    case CONNECT_LINE_BASED:
        if (!KiFindVector(Parameters->LineBased.PhysicalDeviceObject, &information) || information.MessageCount != 0) {
            return STATUS_NOT_FOUND;
        }
        return IopConnectLine(Parameters->LineBased.InterruptObject, &information,
                              Parameters->LineBased.ServiceRoutine, Parameters->LineBased.ServiceContext,
                              Parameters->LineBased.SpinLock, Parameters->LineBased.SynchronizeIrql);

    case CONNECT_MESSAGE_BASED:
        if (!KiFindVector(Parameters->MessageBased.PhysicalDeviceObject, &information)) {
            return STATUS_NOT_FOUND;
        }
        if (information.MessageCount != 0) {
            return IopConnectMessages(Parameters, &information);
        }
        if (Parameters->MessageBased.FallBackServiceRoutine == NULL) {
            return STATUS_NOT_FOUND;
        }
        /* The caller looks at Version to learn which of the two it got. */
        Parameters->Version = CONNECT_LINE_BASED;
        return IopConnectLine(Parameters->MessageBased.ConnectionContext.InterruptObject, &information,
                              Parameters->MessageBased.FallBackServiceRoutine,
                              Parameters->MessageBased.ServiceContext, Parameters->MessageBased.SpinLock,
                              Parameters->MessageBased.SynchronizeIrql);

    default:
        /* The highest version that there is. */
        Parameters->Version = CONNECT_FULLY_SPECIFIED_GROUP;
        return STATUS_NOT_SUPPORTED;
    }
}

VOID
IoDisconnectInterruptEx(_In_ PIO_DISCONNECT_INTERRUPT_PARAMETERS Parameters)
{
    PIO_INTERRUPT_MESSAGE_INFO table = Parameters->ConnectionContext.InterruptMessageTable;

    if (Parameters->Version != CONNECT_MESSAGE_BASED) {
        IopFreeInterrupt((PKI_INTERRUPT)Parameters->ConnectionContext.InterruptObject);
        return;
    }
    /* The first object has the lock of all. */
    while (table->MessageCount > 0) {
        table->MessageCount--;
        IopFreeInterrupt((PKI_INTERRUPT)table->MessageInfo[table->MessageCount].InterruptObject);
    }
    ExFreePool(table);
}

KIRQL
KeAcquireInterruptSpinLock(_Inout_ PKINTERRUPT Interrupt)
{
    PKI_INTERRUPT interrupt = (PKI_INTERRUPT)Interrupt;
    KIRQL irql = KfRaiseIrql(interrupt->SynchronizeIrql);

    KiAcquireSpinLock(interrupt->ActualLock);
    return irql;
}

VOID
KeReleaseInterruptSpinLock(_Inout_ PKINTERRUPT Interrupt, _In_ KIRQL OldIrql)
{
    KiReleaseSpinLock(((PKI_INTERRUPT)Interrupt)->ActualLock);
    KeLowerIrql(OldIrql);
}

BOOLEAN
KeSynchronizeExecution(
    _Inout_ PKINTERRUPT Interrupt,
    _In_ PKSYNCHRONIZE_ROUTINE SynchronizeRoutine,
    _In_opt_ PVOID SynchronizeContext)
{
    KIRQL irql = KeAcquireInterruptSpinLock(Interrupt);
    BOOLEAN result = SynchronizeRoutine(SynchronizeContext);

    KeReleaseInterruptSpinLock(Interrupt, irql);
    return result;
}
