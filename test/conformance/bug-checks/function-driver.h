/* A driver that attaches a device of its own to the NIC's and prepares it in Shape; requests go down. */
#include "entry.h"

static PDEVICE_OBJECT Device;
static PDEVICE_OBJECT Below;
static PKINTERRUPT Interrupt;

/* The device is attached; its flags are the driver's to choose. */
static VOID Shape(PDEVICE_OBJECT PhysicalDeviceObject);
static BOOLEAN Serve(PKINTERRUPT InterruptObject, PVOID Context);

/* Reads the first register once: a device may ring then. */
static VOID Touch(PCM_PARTIAL_RESOURCE_DESCRIPTOR Memory)
{
    PULONG registers = MmMapIoSpace(Memory->u.Memory.Start, Memory->u.Memory.Length, MmNonCached);

    READ_REGISTER_ULONG(registers);
    MmUnmapIoSpace(registers, Memory->u.Memory.Length);
}

static NTSTATUS Start(PIO_STACK_LOCATION Stack)
{
    PCM_PARTIAL_RESOURCE_LIST list = &Stack->Parameters.StartDevice.AllocatedResourcesTranslated->List[0].PartialResourceList;
    PCM_PARTIAL_RESOURCE_DESCRIPTOR found, memory = NULL;
    NTSTATUS status = STATUS_SUCCESS;
    ULONG index;

    for (index = 0; index < list->Count; index++) {
        found = &list->PartialDescriptors[index];
        if (found->Type == CmResourceTypeMemory) {
            memory = found;
        } else if (found->Type == CmResourceTypeInterrupt) {
            status = IoConnectInterrupt(&Interrupt, Serve, NULL, NULL, found->u.Interrupt.Vector,
                                        (KIRQL)found->u.Interrupt.Level, (KIRQL)found->u.Interrupt.Level, LevelSensitive,
                                        TRUE, found->u.Interrupt.Affinity, FALSE);
        }
    }
    if (NT_SUCCESS(status) && memory != NULL) {
        Touch(memory);
    }
    return status;
}

static NTSTATUS Pnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    UCHAR minor = stack->MinorFunction;
    NTSTATUS status;

    if (minor == IRP_MN_START_DEVICE) {
        status = Start(stack);
        if (!NT_SUCCESS(status)) {
            Irp->IoStatus.Status = status;
            IoCompleteRequest(Irp, IO_NO_INCREMENT);
            return status;
        }
    }
    if (minor == IRP_MN_REMOVE_DEVICE && Interrupt != NULL) {
        IoDisconnectInterrupt(Interrupt);
    }
    IoSkipCurrentIrpStackLocation(Irp);
    status = IoCallDriver(Below, Irp);
    if (minor == IRP_MN_REMOVE_DEVICE) {
        IoDetachDevice(Below);
        IoDeleteDevice(DeviceObject);
    }
    return status;
}

static NTSTATUS AddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    NTSTATUS status = IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    Below = IoAttachDeviceToDeviceStack(Device, PhysicalDeviceObject);
    Shape(PhysicalDeviceObject);
    return STATUS_SUCCESS;
}

ENTRY
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverExtension->AddDevice = AddDevice;
    DriverObject->MajorFunction[IRP_MJ_PNP] = Pnp;
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
