/** 16.1 and 16.2: driver and device objects, byte by byte. */
import type { Row } from './table.ts';

/** Reads a field at an offset of layouts-x64.json. */
export const FIELDS = `
#define U8(p, o)  (*(UCHAR *)((PUCHAR)(p) + (o)))
#define U16(p, o) (*(USHORT *)((PUCHAR)(p) + (o)))
#define U32(p, o) (*(ULONG *)((PUCHAR)(p) + (o)))
#define U64(p, o) (*(ULONG64 *)((PUCHAR)(p) + (o)))
`;

export const objectRows: readonly Row[] = [
  {
    section: '16.1',
    rule: 'the driver object has its documented members where Windows has them',
    declarations: FIELDS,
    code: `SEE("%u %x", U16(Driver, 0), U16(Driver, 2));
    SEE("%u", U64(Driver, 8) == (ULONG64)Top);
    SEE("%u", (PVOID)U64(Driver, 0x30) == Driver->DriverExtension);
    SEE("%wZ", (PUNICODE_STRING)U64(Driver, 0x48));
    SEE("%u", U64(Driver, 0x50) == 0);
    SEE("%u", U64(Driver, 0x58) != 0);
    SEE("%u", U64(Driver, 0x60) == 0);
    SEE("%u", (PVOID)U64(Driver, 0x68) == (PVOID)Driver->DriverUnload);
    SEE("%u", (PVOID)U64(Driver, 0x70 + 8 * IRP_MJ_PNP) == (PVOID)Driver->MajorFunction[0x1b]);
    SEE("%x", sizeof(DRIVER_OBJECT));`,
    sees: [
      '4 150',
      '1',
      '1',
      '\\REGISTRY\\MACHINE\\HARDWARE\\DESCRIPTION\\SYSTEM',
      '1',
      '1',
      '1',
      '1',
      '1',
      '150',
    ],
  },
  {
    section: '16.1',
    rule: 'devices of a driver are a list by NextDevice, the newest first',
    code: `SEE("%s %s %s %u", NameOf(Driver->DeviceObject), NameOf(Driver->DeviceObject->NextDevice),
        NameOf(Driver->DeviceObject->NextDevice->NextDevice), Bottom->NextDevice == NULL);`,
    sees: ['top middle bottom 1'],
  },
  {
    section: '16.1',
    rule: 'a function that the driver leaves alone is answered with STATUS_INVALID_DEVICE_REQUEST',
    code: `PIRP irp = IoBuildAsynchronousFsdRequest(IRP_MJ_FLUSH_BUFFERS, Bottom, NULL, 0, NULL, NULL);
    NTSTATUS status;
    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_SET_EA;
    status = IoCallDriver(Bottom, irp);
    SEE("%x", status);`,
    sees: ['c0000010'],
  },
  {
    section: '16.2',
    rule: 'a new device object: type, size, one stack location, alignment of a cache line, flags, its driver',
    declarations: FIELDS,
    code: `PDEVICE_OBJECT device;
    SEE("%x", IoCreateDevice(Driver, 24, NULL, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, TRUE, &device));
    SEE("%u %x %d", U16(device, 0), U16(device, 2), U32(device, 4));
    SEE("%u %u", U64(device, 8) == (ULONG64)Driver, U64(device, 0x10) == (ULONG64)Top);
    SEE("%u %u %u", U64(device, 0x18) == 0, U64(device, 0x20) == 0, U64(device, 0x28) == 0);
    SEE("%x %x", U32(device, 0x30), U32(device, 0x34));
    SEE("%u %u", U64(device, 0x40) != 0, U64(device, 0x40) == (ULONG64)device->DeviceExtension);
    SEE("%x %d %u", U32(device, 0x48), U8(device, 0x4c), device->AlignmentRequirement);
    SEE("%u %x", (ULONG_PTR)device & 15, sizeof(DEVICE_OBJECT));
    IoDeleteDevice(device);`,
    sees: ['0', '3 168 0', '1 1', '1 1 1', '88 100', '1 1', '22 1 63', '0 150'],
  },
  {
    section: '16.2',
    rule: 'the extension is zeroed and nonpaged; without bytes there is none',
    code: `PDEVICE_OBJECT device; ULONG64 sum = 0; ULONG i;
    IoCreateDevice(Driver, 64, NULL, 0x8001, 0, FALSE, &device);
    for (i = 0; i < 8; i++) sum |= ((PULONG64)device->DeviceExtension)[i];
    SEE("%u", (ULONG)sum);
    { KIRQL irql; KeRaiseIrql(DISPATCH_LEVEL, &irql); *(PULONG)device->DeviceExtension = 1; KeLowerIrql(irql); }
    IoDeleteDevice(device);
    IoCreateDevice(Driver, 0, NULL, 0x8001, 0, FALSE, &device);
    SEE("%u %x", device->DeviceExtension == NULL, (USHORT)device->Size);
    IoDeleteDevice(device);`,
    sees: ['0', '1 150'],
  },
  {
    section: '16.2',
    rule: 'a second device of a name is STATUS_OBJECT_NAME_COLLISION; the name is free with the device',
    code: `UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\\\Device\\\\Row16"); PDEVICE_OBJECT one, two;
    SEE("%x", IoCreateDevice(Driver, 0, &name, 0x8001, 0, FALSE, &one));
    SEE("%x", IoCreateDevice(Driver, 0, &name, 0x8001, 0, FALSE, &two));
    SEE("%x", one->Flags & DO_DEVICE_HAS_NAME);
    IoDeleteDevice(one);
    SEE("%x", IoCreateDevice(Driver, 0, &name, 0x8001, 0, FALSE, &one));
    IoDeleteDevice(one);`,
    sees: ['0', 'c0000035', '40', '0'],
  },
  {
    section: '16.2',
    rule: 'attached devices: the lower points up, the upper has one stack location more and the alignment of the lower',
    code: `PDEVICE_OBJECT device;
    SEE("%s %s %u", NameOf(Bottom->AttachedDevice), NameOf(Middle->AttachedDevice), Top->AttachedDevice == NULL);
    SEE("%d %d %d %d", Pdo->StackSize, Bottom->StackSize, Middle->StackSize, Top->StackSize);
    IoCreateDevice(Driver, 0, NULL, 0x8001, 0, FALSE, &device);
    device->AlignmentRequirement = FILE_WORD_ALIGNMENT;
    SEE("%s", NameOf(IoAttachDeviceToDeviceStack(device, Bottom)));
    SEE("%u %u", device->StackSize, device->AlignmentRequirement);
    SEE("%u", IoGetAttachedDeviceReference(Pdo) == device); ObDereferenceObject(device);
    IoDetachDevice(Top); IoDeleteDevice(device);
    SEE("%u", Top->AttachedDevice == NULL);`,
    sees: ['middle top 1', '1 2 3 4', 'top', '5 63', '1', '1'],
  },
  {
    section: '16.2',
    rule: 'a device that is referenced goes with its last reference, its name at once',
    code: `UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\\\Device\\\\Row16"); PDEVICE_OBJECT one, two;
    IoCreateDevice(Driver, 0, &name, 0x8001, 0, FALSE, &one);
    ObReferenceObject(one);
    IoDeleteDevice(one);
    SEE("%u %u", one->Type, MmIsAddressValid(one));
    SEE("%x", IoCreateDevice(Driver, 0, &name, 0x8001, 0, FALSE, &two));
    IoDeleteDevice(two);
    ObDereferenceObject(one);`,
    sees: ['3 1', '0'],
  },
  {
    section: '16.2',
    rule: 'IoCreateDevice at APC_LEVEL is 0xC4/2000A with Driver Verifier',
    verifier: 'on',
    code: `PDEVICE_OBJECT device; KIRQL irql; KeRaiseIrql(DISPATCH_LEVEL, &irql);
    IoCreateDevice(Driver, 0, NULL, 0x8001, 0, FALSE, &device);`,
    sees: [],
    stops: [0xc4, 0x2000a, 'any', 'any', 'any'],
  },
];
