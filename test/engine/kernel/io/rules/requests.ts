/** 16.3, 16.4, 16.5: how requests reach a driver, and how they go down and up a stack of devices. */
import { FIELDS } from './objects.ts';
import type { Row } from './table.ts';

const TRANSFER = `SEE("%x %x|%u %u %u|%u %u", stack->MajorFunction, Irp->Flags, Irp->AssociatedIrp.SystemBuffer != NULL,
        Irp->MdlAddress != NULL, Irp->UserBuffer != NULL, stack->Parameters.Read.Length, stack->Parameters.Read.ByteOffset.LowPart);`;
const CONTROL = `SEE("%u %u|%u %u %u|%u", stack->Parameters.DeviceIoControl.InputBufferLength, stack->Parameters.DeviceIoControl.OutputBufferLength,
        Irp->AssociatedIrp.SystemBuffer != NULL, Irp->MdlAddress != NULL, Irp->UserBuffer != NULL,
        stack->Parameters.DeviceIoControl.Type3InputBuffer != NULL);`;
const OK = 'return Complete(Irp, STATUS_SUCCESS, 0);';

const buffers: readonly Row[] = [
  {
    section: '16.3',
    rule: 'a buffered read: a system buffer of Length bytes, copied to the process when the IRP completes',
    flags: 'DO_BUFFERED_IO',
    top: `${TRANSFER} RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, "answer", 6); return Complete(Irp, STATUS_SUCCESS, 3);`,
    process: 'ReadFile(h, out, 6, &got, NULL); SEE("%s %u", out, got);',
    sees: ['3 970|1 0 1|6 0', 'ansput 3'],
  },
  {
    section: '16.3',
    rule: 'a buffered write: a copy that was made before the dispatch',
    flags: 'DO_BUFFERED_IO',
    top: `${TRANSFER} SEE("%s", Irp->AssociatedIrp.SystemBuffer); ${OK}`,
    process: 'WriteFile(h, in, 6, &got, NULL); SEE("%u", got);',
    sees: ['4 a30|1 0 1|6 0', 'input', '0'],
  },
  {
    section: '16.3',
    rule: 'a direct read or write: a locked MDL of the buffer of the process and no system buffer',
    flags: 'DO_DIRECT_IO',
    top: `${TRANSFER} SEE("%x %u %x", Irp->MdlAddress->MdlFlags & (MDL_PAGES_LOCKED | MDL_WRITE_OPERATION), MmGetMdlByteCount(Irp->MdlAddress), MmGetMdlByteOffset(Irp->MdlAddress) != 0 || 1);
    if (stack->MajorFunction == IRP_MJ_READ) RtlCopyMemory(MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority), "direct", 6);
    ${OK}`,
    process: 'ReadFile(h, out, 6, &got, NULL); SEE("%s", out); WriteFile(h, in, 5, &got, NULL);',
    sees: ['3 900|0 1 0|6 0', '82 6 1', 'direct', '4 a00|0 1 0|5 0', '2 5 1'],
  },
  {
    section: '16.3',
    rule: 'a direct transfer of no bytes has no MDL',
    flags: 'DO_DIRECT_IO',
    top: `${TRANSFER} ${OK}`,
    process: 'ReadFile(h, out, 0, &got, NULL);',
    sees: ['3 900|0 0 0|0 0'],
  },
  {
    section: '16.3',
    rule: 'a transfer with neither flag: the address of the process as it is',
    top: `${TRANSFER} ${OK}`,
    process: 'ReadFile(h, out, 6, &got, NULL); WriteFile(h, in, 0, &got, NULL);',
    sees: ['3 900|0 0 1|6 0', '4 a00|0 0 1|0 0'],
  },
  {
    section: '16.3',
    rule: 'the flags of a device do not matter to control codes',
    flags: 'DO_DIRECT_IO',
    top: `${CONTROL} ${OK}`,
    process: 'DeviceIoControl(h, CODE(METHOD_BUFFERED), in, 6, out, 4, &got, NULL);',
    sees: ['6 4|1 0 1|0'],
  },
  {
    section: '16.3',
    rule: 'METHOD_BUFFERED: one buffer of the larger length, input copied in, Information bytes copied out',
    top: `${CONTROL} SEE("%s", Irp->AssociatedIrp.SystemBuffer); RtlFillMemory(Irp->AssociatedIrp.SystemBuffer, 10, 'z'); return Complete(Irp, STATUS_SUCCESS, 2);`,
    process:
      'DeviceIoControl(h, CODE(METHOD_BUFFERED), in, 6, out, 10, &got, NULL); SEE("%s %u", out, got);',
    sees: ['6 10|1 0 1|0', 'input', 'zztput 2'],
  },
  {
    section: '16.3',
    rule: 'an error copies nothing out; a warning does',
    top: `NTSTATUS status = *(PULONG)Irp->AssociatedIrp.SystemBuffer == 0 ? STATUS_UNSUCCESSFUL : STATUS_BUFFER_OVERFLOW;
    RtlFillMemory(Irp->AssociatedIrp.SystemBuffer, 4, 'z'); return Complete(Irp, status, 4);`,
    process: `*(DWORD *)in = 0; DeviceIoControl(h, CODE(METHOD_BUFFERED), in, 4, out, 4, &got, NULL); SEE("%s %u", out, got);
    *(DWORD *)in = 1; SEE("%u", DeviceIoControl(h, CODE(METHOD_BUFFERED), in, 4, out, 4, &got, NULL)); SEE("%u %s %u", GetLastError(), out, got);`,
    sees: ['output 0', '0', '234 zzzzut 4'],
  },
  {
    section: '16.3',
    rule: 'METHOD_IN_DIRECT: the first buffer in a system buffer, the second locked for reading',
    top: `${CONTROL} SEE("%x %s", Irp->MdlAddress->MdlFlags & MDL_WRITE_OPERATION, Irp->AssociatedIrp.SystemBuffer); ${OK}`,
    process:
      'DeviceIoControl(h, CODE(METHOD_IN_DIRECT), in, 6, (void *)"constant", 9, &got, NULL);',
    sees: ['6 9|1 1 0|0', '0 input'],
  },
  {
    section: '16.3',
    rule: 'METHOD_OUT_DIRECT: the second buffer locked for writing; OutputBufferLength is the size of its MDL',
    top: `${CONTROL} SEE("%x %u", Irp->MdlAddress->MdlFlags & MDL_WRITE_OPERATION, MmGetMdlByteCount(Irp->MdlAddress)); ${OK}`,
    process: `DeviceIoControl(h, CODE(METHOD_OUT_DIRECT), in, 6, out, 9, &got, NULL);
    SEE("%u", DeviceIoControl(h, CODE(METHOD_OUT_DIRECT), in, 6, (void *)"constant", 9, &got, NULL)); SEE("%u", GetLastError());`,
    sees: ['6 9|1 1 0|0', '80 9', '0', '998'],
  },
  {
    section: '16.3',
    rule: 'METHOD_NEITHER: both addresses as they are, whatever they are',
    top: `${CONTROL} RAISED(ProbeForRead(stack->Parameters.DeviceIoControl.Type3InputBuffer, 4, 1)); ${OK}`,
    process: `DeviceIoControl(h, CODE(METHOD_NEITHER), in, 6, out, 9, &got, NULL);
    DeviceIoControl(h, CODE(METHOD_NEITHER), (void *)0xFFFFF80000000000, 6, (void *)8, 9, &got, NULL);`,
    sees: ['6 9|0 0 1|1', '0', '6 9|0 0 1|1', 'c0000005'],
  },
  {
    section: '16.3',
    rule: 'the lower devices are given the same IRP, buffers and all; the flags of the top device decide',
    flags: 'DO_BUFFERED_IO',
    middle: `SEE("%s %u", NameOf(DeviceObject), Irp->AssociatedIrp.SystemBuffer != NULL); return Pass(DeviceObject, Irp);`,
    bottom: `SEE("%s %u", NameOf(DeviceObject), Irp->AssociatedIrp.SystemBuffer != NULL); ${OK}`,
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: ['middle 1', 'bottom 1'],
  },
  {
    section: '16.4',
    rule: 'CTL_CODE puts type, access, function and method into their bits',
    code: `SEE("%x", CTL_CODE(0x8000, 0x800, METHOD_OUT_DIRECT, FILE_ANY_ACCESS));
    SEE("%x", CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_READ_DATA));
    SEE("%u %x", METHOD_FROM_CTL_CODE(0x0022E00B), DEVICE_TYPE_FROM_CTL_CODE(0x0022E00B));`,
    sees: ['80002002', '226004', '3 22'],
  },
  {
    section: '16.4',
    rule: 'a code whose access the handle lacks never reaches the driver',
    top: `SEE("%x", stack->Parameters.DeviceIoControl.IoControlCode); ${OK}`,
    process: `HANDLE reader = CreateFileA("\\\\\\\\.\\\\Row", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    DeviceIoControl(reader, CTL_CODE(0x8000, 0x801, METHOD_BUFFERED, FILE_READ_DATA), NULL, 0, NULL, 0, &got, NULL);
    SEE("%u", DeviceIoControl(reader, CTL_CODE(0x8000, 0x801, METHOD_BUFFERED, FILE_WRITE_DATA), NULL, 0, NULL, 0, &got, NULL));
    SEE("%u", GetLastError()); CloseHandle(reader);`,
    sees: ['0', '80006004', '0', '5', '0', '0'],
  },
];

const stacks: readonly Row[] = [
  {
    section: '16.5',
    rule: 'the IRP of a request as bytes: type, size, locations, status, mode, current location, thread, file',
    declarations: FIELDS,
    flags: 'DO_BUFFERED_IO',
    top: `SEE("%u %x %d %d", U16(Irp, 0), U16(Irp, 2), U8(Irp, 0x42), U8(Irp, 0x43));
    SEE("%u %u", U64(Irp, 8) == 0, U64(Irp, 0x18) == (ULONG64)Irp->AssociatedIrp.SystemBuffer);
    SEE("%x %x", U32(Irp, 0x30), (ULONG)U64(Irp, 0x38));
    SEE("%u %u %u %u", U8(Irp, 0x40), U8(Irp, 0x41), U8(Irp, 0x44), U64(Irp, 0x68) == 0);
    SEE("%u %u", U64(Irp, 0x70) == (ULONG64)Irp->UserBuffer, U64(Irp, 0xb8) == (ULONG64)stack);
    SEE("%u %u", U64(Irp, 0x98) == (ULONG64)PsGetCurrentThread(), U64(Irp, 0xc0) == (ULONG64)stack->FileObject);
    SEE("%u", (ULONG)((PUCHAR)stack - (PUCHAR)Irp) == 0xd0 + 3 * 0x48);
    ${OK}`,
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: ['6 1f0 4 4', '1 1', '0 0', '1 0 0 1', '1 1', '1 1', '1'],
  },
  {
    section: '16.5',
    rule: 'the stack location as bytes: functions, flags, control, parameters, device, file, no routine',
    declarations: FIELDS,
    top: `SEE("%x %x %x %x", U8(stack, 0), U8(stack, 1), U8(stack, 2), U8(stack, 3));
    SEE("%u %u %x %u", U32(stack, 8), U32(stack, 0x10), U32(stack, 0x18), U64(stack, 0x20) == 0);
    SEE("%u %u %u %u", U64(stack, 0x28) == (ULONG64)Top, U64(stack, 0x30) == (ULONG64)Irp->Tail.Overlay.OriginalFileObject,
        U64(stack, 0x38) == 0, U64(stack, 0x40) == 0);
    ${OK}`,
    process: 'DeviceIoControl(h, CODE(METHOD_OUT_DIRECT), in, 6, out, 9, &got, NULL);',
    sees: ['e 0 0 0', '9 6 80002002 1', '1 1 1 1'],
  },
  {
    section: '16.5',
    rule: 'the file object as bytes: type, size, device, access, sharing, flags, no name behind the device',
    declarations: FIELDS,
    top: `PFILE_OBJECT file = stack->FileObject;
    SEE("%u %x %u", U16(file, 0), U16(file, 2), U64(file, 8) == (ULONG64)Top);
    SEE("%u %u %u %u %u %u", file->ReadAccess, file->WriteAccess, file->DeleteAccess, file->SharedRead, file->SharedWrite, file->SharedDelete);
    SEE("%x %u %u", file->Flags, file->FileName.Length, file->FsContext == NULL);
    SEE("%u %u", file->Lock.Header.Type, file->Event.Header.Type);
    ${OK}`,
    process: `HANDLE other = CreateFileA("\\\\\\\\.\\\\Row\\\\part", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    CloseHandle(other);`,
    sees: [
      '5 d8 1',
      '1 0 0 1 0 0',
      '0 10 1',
      '1 0',
      '5 d8 1',
      '1 0 0 1 0 0',
      '40001 10 1',
      '1 0',
      '5 d8 1',
      '1 0 0 1 0 0',
      '44001 10 1',
      '1 0',
    ],
  },
  {
    section: '16.5',
    rule: 'create, cleanup, close: major functions, flags, options, access and sharing of the open',
    top: `SEE("%x %x %u", stack->MajorFunction, Irp->Flags, Irp->RequestorMode);
    if (stack->MajorFunction == IRP_MJ_CREATE) SEE("%x %x %x %x", stack->Parameters.Create.Options, stack->Parameters.Create.ShareAccess,
        stack->Parameters.Create.FileAttributes, stack->Parameters.Create.SecurityContext->DesiredAccess);
    ${OK}`,
    process: `CloseHandle(CreateFileA("\\\\\\\\.\\\\Row", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL));`,
    sees: ['0 884 1', '1000060 3 80 80100080', '12 404 0', '2 404 0'],
  },
  {
    section: '16.5',
    rule: 'internal control comes from drivers alone, in kernel mode, with the same parameters',
    bottom: `SEE("%x %u %x %u %u", stack->MajorFunction, Irp->RequestorMode, stack->Parameters.DeviceIoControl.IoControlCode,
        stack->Parameters.DeviceIoControl.InputBufferLength, stack->FileObject == NULL); ${OK}`,
    top: `KEVENT event; IO_STATUS_BLOCK block; ULONG word = 5; PIRP inner; NTSTATUS status;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    inner = IoBuildDeviceIoControlRequest(0x80002004, Bottom, &word, 4, NULL, 0, TRUE, &event, &block);
    status = IoCallDriver(Bottom, inner);
    if (status == STATUS_PENDING) KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
    SEE("%x %x %u", status, block.Status, KeReadStateEvent(&event));
    ${OK}`,
    process: 'DeviceIoControl(h, CODE(0), in, 1, NULL, 0, &got, NULL);',
    sees: ['f 0 80002004 4 1', '0 0 1'],
  },
  {
    section: '16.5',
    rule: 'the next stack location is one structure lower in memory; IoCallDriver sets it and its device',
    top: `IoCopyCurrentIrpStackLocationToNext(Irp); SEE("%d %s", Irp->CurrentLocation, NameOf(stack->DeviceObject));
    SEE("%d", (LONG)((PUCHAR)IoGetNextIrpStackLocation(Irp) - (PUCHAR)stack)); return IoCallDriver(Middle, Irp);`,
    middle: `SEE("%d %s", Irp->CurrentLocation, NameOf(stack->DeviceObject)); return Pass(DeviceObject, Irp);`,
    bottom: `SEE("%d %s %d", Irp->CurrentLocation, NameOf(stack->DeviceObject), Irp->StackCount); ${OK}`,
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: ['4 top', '-72', '3 middle', '3 bottom 4'],
  },
  {
    section: '16.5',
    rule: 'IoCopyCurrentIrpStackLocationToNext copies all but routine, context and control',
    declarations:
      'static NTSTATUS Done(PDEVICE_OBJECT D, PIRP Irp, PVOID C) { UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(C); if (Irp->PendingReturned) IoMarkIrpPending(Irp); return STATUS_SUCCESS; }',
    top: `PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(Irp);
    stack->Flags = SL_OVERRIDE_VERIFY_VOLUME; stack->Parameters.Read.Key = 77; stack->Control = SL_ERROR_RETURNED;
    next->CompletionRoutine = Done; next->Context = (PVOID)5;
    IoCopyCurrentIrpStackLocationToNext(Irp);
    SEE("%x %x %x %u %u", next->MajorFunction, next->Flags, next->Control, next->Parameters.Read.Length, next->Parameters.Read.Key);
    SEE("%u %u %s", next->CompletionRoutine == Done, (ULONG)(ULONG_PTR)next->Context, NameOf(next->DeviceObject));
    next->CompletionRoutine = NULL; stack->Control = 0;
    return IoCallDriver(Middle, Irp);`,
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: ['3 2 0 6 77', '1 5 top'],
  },
  {
    section: '16.5',
    rule: 'completion routines run from the lowest to the highest, with the device of whoever set them',
    declarations: `static NTSTATUS Done(PDEVICE_OBJECT D, PIRP Irp, PVOID C) { SEE("%s %s %x", NameOf(D), (const char *)C, Irp->IoStatus.Status); if (Irp->PendingReturned) IoMarkIrpPending(Irp); return STATUS_SUCCESS; }`,
    top: `IoCopyCurrentIrpStackLocationToNext(Irp); IoSetCompletionRoutine(Irp, Done, "of top", TRUE, TRUE, TRUE); return IoCallDriver(Middle, Irp);`,
    middle: `IoCopyCurrentIrpStackLocationToNext(Irp); IoSetCompletionRoutine(Irp, Done, "of middle", TRUE, TRUE, TRUE); return IoCallDriver(Bottom, Irp);`,
    bottom: `SEE("down"); Complete(Irp, STATUS_SUCCESS, 0); SEE("done"); return STATUS_SUCCESS;`,
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: ['down', 'middle of middle 0', 'top of top 0', 'done'],
  },
  {
    section: '16.5',
    rule: 'a routine runs for success, error or cancellation as its control bits say',
    declarations: `static NTSTATUS Done(PDEVICE_OBJECT D, PIRP Irp, PVOID C) { UNREFERENCED_PARAMETER(D); SEE("%s for %x", (const char *)C, Irp->IoStatus.Status); return STATUS_SUCCESS; }`,
    top: `IoCopyCurrentIrpStackLocationToNext(Irp); IoSetCompletionRoutine(Irp, Done, "error", FALSE, TRUE, FALSE);
    SEE("%x", IoGetNextIrpStackLocation(Irp)->Control); return IoCallDriver(Middle, Irp);`,
    middle: `IoCopyCurrentIrpStackLocationToNext(Irp); IoSetCompletionRoutine(Irp, Done, "success", TRUE, FALSE, FALSE);
    SEE("%x", IoGetNextIrpStackLocation(Irp)->Control); return IoCallDriver(Bottom, Irp);`,
    bottom:
      'return Complete(Irp, stack->Parameters.DeviceIoControl.IoControlCode & 4 ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS, 0);',
    process:
      'DeviceIoControl(h, 0x80002000, NULL, 0, NULL, 0, &got, NULL); DeviceIoControl(h, 0x80002004, NULL, 0, NULL, 0, &got, NULL);',
    sees: ['80', '40', 'success for 0', '80', '40', 'error for c0000001'],
  },
  {
    section: '16.5',
    rule: 'a cancelled request runs the routine that asked for cancellation, whatever its status',
    declarations: `static NTSTATUS Done(PDEVICE_OBJECT D, PIRP Irp, PVOID C) { UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(C); SEE("cancel %u %x", Irp->Cancel, Irp->IoStatus.Status); return STATUS_SUCCESS; }`,
    top: `IoCopyCurrentIrpStackLocationToNext(Irp); IoSetCompletionRoutine(Irp, Done, NULL, FALSE, FALSE, TRUE);
    SEE("%x %u", IoGetNextIrpStackLocation(Irp)->Control, IoCancelIrp(Irp)); return IoCallDriver(Middle, Irp);`,
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: ['20 0', 'cancel 1 0'],
  },
  {
    section: '16.5',
    rule: 'STATUS_MORE_PROCESSING_REQUIRED stops the way up until the request is completed again',
    declarations: `static NTSTATUS Hold(PDEVICE_OBJECT D, PIRP Irp, PVOID C) { UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(Irp); UNREFERENCED_PARAMETER(C); SEE("hold"); return STATUS_MORE_PROCESSING_REQUIRED; }
static NTSTATUS Done(PDEVICE_OBJECT D, PIRP Irp, PVOID C) { UNREFERENCED_PARAMETER(C); SEE("%s %u", NameOf(D), (ULONG)Irp->IoStatus.Information); return STATUS_SUCCESS; }`,
    top: 'IoCopyCurrentIrpStackLocationToNext(Irp); IoSetCompletionRoutine(Irp, Done, NULL, TRUE, TRUE, TRUE); return IoCallDriver(Middle, Irp);',
    middle: `IoCopyCurrentIrpStackLocationToNext(Irp); IoSetCompletionRoutine(Irp, Hold, NULL, TRUE, TRUE, TRUE);
    IoCallDriver(Bottom, Irp); SEE("held at %d", Irp->CurrentLocation); return Complete(Irp, STATUS_SUCCESS, 4);`,
    process: 'ReadFile(h, out, 6, &got, NULL); SEE("%u", got);',
    sees: ['hold', 'held at 3', 'top 4', '4'],
  },
  {
    section: '16.5',
    rule: 'what is pending below is PendingReturned above; without a routine the mark goes up by itself',
    declarations: `static NTSTATUS Done(PDEVICE_OBJECT D, PIRP Irp, PVOID C) { UNREFERENCED_PARAMETER(C); SEE("%s pending %u", NameOf(D), Irp->PendingReturned); if (Irp->PendingReturned) IoMarkIrpPending(Irp); return STATUS_SUCCESS; }`,
    top: `NTSTATUS status; IoCopyCurrentIrpStackLocationToNext(Irp); IoSetCompletionRoutine(Irp, Done, NULL, TRUE, TRUE, TRUE);
    status = IoCallDriver(Middle, Irp); SEE("%x", status); return status;`,
    middle: 'IoCopyCurrentIrpStackLocationToNext(Irp); return IoCallDriver(Bottom, Irp);',
    bottom: `IoMarkIrpPending(Irp); SEE("%x", stack->Control); CompleteLater(Irp, STATUS_SUCCESS, 0); return STATUS_PENDING;`,
    process: 'SEE("%u", ReadFile(h, out, 6, &got, NULL));',
    sees: ['1', '103', 'top pending 1', '1'],
  },
  {
    section: '16.5',
    rule: 'a routine of IoSetCompletionRoutineEx runs in the same way',
    declarations: `static NTSTATUS Done(PDEVICE_OBJECT D, PIRP Irp, PVOID C) { SEE("%s %s %x", NameOf(D), (const char *)C, Irp->IoStatus.Status); return STATUS_SUCCESS; }`,
    top: `NTSTATUS status; IoCopyCurrentIrpStackLocationToNext(Irp); status = IoSetCompletionRoutineEx(DeviceObject, Irp, Done, "Ex", TRUE, TRUE, TRUE);
    SEE("%x %x", status, IoGetNextIrpStackLocation(Irp)->Control); return IoCallDriver(Middle, Irp);`,
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: ['0 e0', 'top Ex 0'],
  },
  {
    section: '16.5',
    rule: 'IoCancelIrp takes the cancel routine out, and calls it with the cancel spin lock held, for the current device',
    declarations: `static VOID Cancelled(PDEVICE_OBJECT D, PIRP Irp)
{
    SEE("%s irql %u, before %u, routine %u, cancel %u", NameOf(D), KeGetCurrentIrql(), Irp->CancelIrql, Irp->CancelRoutine == NULL, Irp->Cancel);
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    Complete(Irp, STATUS_CANCELLED, 0);
}`,
    top: `SEE("%u", IoSetCancelRoutine(Irp, Cancelled) == NULL); IoMarkIrpPending(Irp);
    SEE("%u", IoCancelIrp(Irp)); return STATUS_PENDING;`,
    process: 'SEE("%u", ReadFile(h, out, 6, &got, NULL)); SEE("%u", GetLastError());',
    sees: ['1', 'top irql 2, before 0, routine 1, cancel 1', '1', '0', '995'],
  },
  {
    section: '16.5',
    rule: 'IoBuildSynchronousFsdRequest: the buffer as the target wants it; status block and event tell of the end',
    top: `KEVENT event; IO_STATUS_BLOCK block; LARGE_INTEGER at; CHAR bytes[8] = "fill"; PIRP inner;
    if (stack->MajorFunction != IRP_MJ_DEVICE_CONTROL) return Pass(DeviceObject, Irp);
    at.QuadPart = 9; KeInitializeEvent(&event, NotificationEvent, FALSE);
    Middle->Flags |= DO_BUFFERED_IO;
    inner = IoBuildSynchronousFsdRequest(IRP_MJ_READ, Middle, bytes, 5, &at, &event, &block);
    SEE("%d %x %u %u", inner->StackCount, inner->Flags, inner->UserEvent == &event, inner->UserIosb == &block);
    IoCallDriver(Middle, inner); SEE("%x %u %u %s", block.Status, (ULONG)block.Information, KeReadStateEvent(&event), bytes);
    Middle->Flags &= ~DO_BUFFERED_IO;
    ${OK}`,
    bottom: `SEE("%x %u %u", stack->MajorFunction, stack->Parameters.Read.Length, stack->Parameters.Read.ByteOffset.LowPart);
    RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, "abcd", 5); return Complete(Irp, STATUS_SUCCESS, 5);`,
    process: 'DeviceIoControl(h, CODE(0), in, 1, NULL, 0, &got, NULL);',
    sees: ['3 70 1 1', '3 5 9', '0 5 1 abcd'],
  },
  {
    section: '16.5',
    rule: 'IoBuildAsynchronousFsdRequest: the routine of its maker frees it',
    declarations: `static NTSTATUS Done(PDEVICE_OBJECT D, PIRP Irp, PVOID C)
{ SEE("%s %x %u", NameOf(D), Irp->IoStatus.Status, *(PULONG)C); IoFreeIrp(Irp); return STATUS_MORE_PROCESSING_REQUIRED; }`,
    top: `static ULONG word = 6; PIRP inner = IoBuildAsynchronousFsdRequest(IRP_MJ_WRITE, Middle, &word, 4, NULL, NULL);
    if (stack->MajorFunction != IRP_MJ_DEVICE_CONTROL) return Pass(DeviceObject, Irp);
    SEE("%u %x", inner->UserBuffer == &word, inner->Flags);
    IoSetCompletionRoutine(inner, Done, &word, TRUE, TRUE, TRUE); IoCallDriver(Middle, inner); ${OK}`,
    bottom: `SEE("%x %u", stack->MajorFunction, *(PULONG)Irp->UserBuffer); return Complete(Irp, STATUS_SUCCESS, 4);`,
    process: 'DeviceIoControl(h, CODE(0), in, 1, NULL, 0, &got, NULL);',
    sees: ['1 0', '4 6', 'none 0 6'],
  },
  {
    section: '16.5',
    rule: 'IoAllocateIrp makes an IRP without a location of its own; IoReuseIrp makes it as new, with a status',
    declarations: FIELDS,
    code: `PIRP irp = IoAllocateIrp(2, FALSE);
    SEE("%u %x %d %d %x", U16(irp, 0), U16(irp, 2), irp->StackCount, irp->CurrentLocation, IoSizeOfIrp(2));
    SEE("%u %u %u", irp->Tail.Overlay.Thread == NULL, IsListEmpty(&irp->ThreadListEntry),
        (ULONG)((PUCHAR)irp->Tail.Overlay.CurrentStackLocation - (PUCHAR)irp));
    IoSetNextIrpStackLocation(irp); irp->Cancel = TRUE; irp->Flags = 1;
    IoReuseIrp(irp, STATUS_NOT_SUPPORTED);
    SEE("%d %u %u %x", irp->CurrentLocation, irp->Cancel, irp->Flags, irp->IoStatus.Status);
    IoFreeIrp(irp);`,
    sees: ['6 160 2 3 160', '1 1 352', '3 0 0 c00000bb'],
  },
  {
    section: '16.5',
    rule: 'a split request ends with its last part, whose IRP goes by itself',
    top: `PIRP one, two; if (stack->MajorFunction != IRP_MJ_READ) return Pass(DeviceObject, Irp);
    IoMarkIrpPending(Irp); Irp->AssociatedIrp.IrpCount = 2; Irp->IoStatus.Status = STATUS_SUCCESS; Irp->IoStatus.Information = 0;
    one = IoMakeAssociatedIrp(Irp, Middle->StackSize); two = IoMakeAssociatedIrp(Irp, Middle->StackSize);
    SEE("%x %u %u", one->Flags, one->AssociatedIrp.MasterIrp == Irp, one->Tail.Overlay.Thread == Irp->Tail.Overlay.Thread);
    IoGetNextIrpStackLocation(one)->MajorFunction = IRP_MJ_WRITE; IoGetNextIrpStackLocation(two)->MajorFunction = IRP_MJ_WRITE;
    IoCallDriver(Middle, one); SEE("%u left", Irp->AssociatedIrp.IrpCount); IoCallDriver(Middle, two); SEE("sent");
    return STATUS_PENDING;`,
    process: 'SEE("%u", ReadFile(h, out, 6, &got, NULL));',
    sees: ['8 1 1', '1 left', 'sent', '1'],
  },
  {
    section: '16.5',
    rule: 'a Plug and Play or power request begins with STATUS_NOT_SUPPORTED in kernel mode',
    declarations: `static VOID Powered(PDEVICE_OBJECT D, UCHAR Minor, POWER_STATE S, PVOID C, PIO_STATUS_BLOCK B)
{ UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(C); SEE("%x %u %x", Minor, S.DeviceState, B->Status); }
static NTSTATUS Look(PDEVICE_OBJECT D, PIRP Irp)
{ PIO_STACK_LOCATION s = IoGetCurrentIrpStackLocation(Irp); UNREFERENCED_PARAMETER(D);
  SEE("%x %x %x %u %u", s->MajorFunction, s->MinorFunction, Irp->IoStatus.Status, s->Parameters.Power.Type, s->Parameters.Power.State.DeviceState);
  return Complete(Irp, STATUS_SUCCESS, 0); }`,
    code: `POWER_STATE state; state.DeviceState = PowerDeviceD3;
    Driver->MajorFunction[IRP_MJ_POWER] = Look;
    SEE("%x", PoRequestPowerIrp(Pdo, IRP_MN_SET_POWER, state, Powered, NULL, NULL));`,
    sees: ['16 2 c00000bb 1 4', '2 4 0', '103'],
  },
  {
    section: '16.5',
    rule: 'at completion locked pages are unlocked and the MDLs freed, chains too',
    flags: 'DO_DIRECT_IO',
    top: `PVOID more = ExAllocatePoolWithTag(NonPagedPoolNx, 64, 'txeT'); PMDL second = IoAllocateMdl(more, 64, TRUE, FALSE, Irp);
    MmBuildMdlForNonPagedPool(second); SEE("%u", Irp->MdlAddress->Next == second); Complete(Irp, STATUS_SUCCESS, 0);
    ExFreePoolWithTag(more, 'txeT'); return STATUS_SUCCESS;`,
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: ['1'],
  },
];

/** Rows that end the run. */
const stops: readonly Row[] = [
  {
    section: '16.5',
    rule: 'completed twice is 0x44 with the IRP',
    top: 'SEE("%p", Irp); Complete(Irp, STATUS_SUCCESS, 0); return Complete(Irp, STATUS_SUCCESS, 0);',
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: [],
    stops: [0x44, 'any', 0, 0, 0],
  },
  {
    section: '16.5',
    rule: 'no stack location left is 0x35 with the IRP',
    code: 'PIRP irp = IoAllocateIrp(1, FALSE); IoSetNextIrpStackLocation(irp); IoCallDriver(Bottom, irp);',
    sees: [],
    stops: [0x35, 'any', 0, 0, 0],
  },
  {
    section: '16.5',
    rule: 'completing above DISPATCH_LEVEL is 0xC9/0E with Driver Verifier',
    verifier: 'on',
    top: 'KIRQL irql; KeRaiseIrql(4, &irql); return Complete(Irp, STATUS_SUCCESS, 0);',
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: [],
    stops: [0xc9, 0x0e, 4, 'any', 'any'],
  },
  {
    section: '16.5',
    rule: 'completing with STATUS_PENDING is 0xC9/06 with Driver Verifier',
    verifier: 'on',
    top: 'return Complete(Irp, STATUS_PENDING, 0);',
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: [],
    stops: [0xc9, 0x06, 0x103, 'any', 'any'],
  },
  {
    section: '16.5',
    rule: 'completing while a cancel routine is set is 0xC9/07 with Driver Verifier',
    verifier: 'on',
    declarations:
      'static VOID Cancelled(PDEVICE_OBJECT D, PIRP Irp) { UNREFERENCED_PARAMETER(D); IoReleaseCancelSpinLock(Irp->CancelIrql); }',
    top: 'IoSetCancelRoutine(Irp, Cancelled); return Complete(Irp, STATUS_SUCCESS, 0);',
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: [],
    stops: [0xc9, 0x07, 'any', 'any', 'any'],
  },
  {
    section: '16.5',
    rule: 'a dispatch routine that returns at another IRQL is 0xC9/05 with Driver Verifier',
    verifier: 'on',
    top: 'KIRQL irql; KeRaiseIrql(APC_LEVEL, &irql); return Complete(Irp, STATUS_SUCCESS, 0);',
    process: 'ReadFile(h, out, 6, &got, NULL);',
    sees: [],
    stops: [0xc9, 'any', 'any', 'any', 'any'],
  },
];

export const requestRows: readonly Row[] = [...buffers, ...stacks, ...stops];
