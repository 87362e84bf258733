import { describe, expect, it } from 'vitest';
import { entry, failuresOf, runDriver } from '../life/support.ts';

const run = (statements: string, declarations = '') => {
  const found = runDriver(
    entry(statements, declarations).replace('UNREFERENCED_PARAMETER(RegistryPath);', ''),
  );
  expect(failuresOf(found)).toEqual([]);
  expect(found.reports.list('bugCheck')).toEqual([]);
  expect(found.reports.list('leak')).toEqual([]);
  return found.output;
};

describe('the registry', () => {
  it('has the key of the driver, where values are written and read again', () => {
    const output =
      run(`OBJECT_ATTRIBUTES attributes; HANDLE key; ULONG needed = 0, value = 7, disposition = 0;
UNICODE_STRING name; UCHAR buffer[64];
PKEY_VALUE_PARTIAL_INFORMATION found = (PKEY_VALUE_PARTIAL_INFORMATION)buffer;
InitializeObjectAttributes(&attributes, RegistryPath, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL, NULL);
DbgPrint("open %x\\n", ZwOpenKey(&key, KEY_ALL_ACCESS, &attributes));
RtlInitUnicodeString(&name, L"Start");
DbgPrint("%x ", ZwQueryValueKey(key, &name, KeyValuePartialInformation, buffer, sizeof(buffer), &needed));
DbgPrint("type %u, %u bytes, %u\\n", found->Type, needed, *(PULONG)found->Data);
RtlInitUnicodeString(&name, L"Mine");
DbgPrint("%x\\n", ZwQueryValueKey(key, &name, KeyValuePartialInformation, buffer, sizeof(buffer), &needed));
ZwSetValueKey(key, &name, 0, REG_DWORD, &value, sizeof(value));
DbgPrint("%x %u\\n", ZwQueryValueKey(key, &name, KeyValuePartialInformation, buffer, 12, &needed), needed);
DbgPrint("%x\\n", ZwQueryValueKey(key, &name, KeyValuePartialInformation, buffer, 8, &needed));
RtlInitUnicodeString(&name, L"mine");
DbgPrint("%x\\n", ZwDeleteValueKey(key, &name));
{ OBJECT_ATTRIBUTES inner; HANDLE child;
RtlInitUnicodeString(&name, L"Sub");
InitializeObjectAttributes(&inner, &name, OBJ_KERNEL_HANDLE, key, NULL);
ZwCreateKey(&child, KEY_ALL_ACCESS, &inner, 0, NULL, REG_OPTION_VOLATILE, &disposition);
DbgPrint("disposition %u, delete %x\\n", disposition, ZwDeleteKey(child));
ZwClose(child); }
ZwClose(key);`);
    expect(output).toEqual([
      'open 0',
      '0 type 4, 16 bytes, 3',
      'c0000034',
      '80000005 16',
      'c0000023',
      '0',
      'disposition 1, delete 0',
    ]);
  });

  it('is read by a table: directly, by a routine, and with defaults', () => {
    const output = run(
      `RTL_QUERY_REGISTRY_TABLE table[5]; ULONG direct = 0, missing = 5; UNICODE_STRING path;
RtlZeroMemory(table, sizeof(table));
RtlZeroMemory(&path, sizeof(path));
table[0].Flags = RTL_QUERY_REGISTRY_DIRECT; table[0].Name = L"Start"; table[0].EntryContext = &direct;
table[1].Flags = RTL_QUERY_REGISTRY_DIRECT; table[1].Name = L"ImagePath"; table[1].EntryContext = &path;
table[2].QueryRoutine = Routine; table[2].Name = L"Type"; table[2].EntryContext = (PVOID)2;
table[3].Flags = RTL_QUERY_REGISTRY_DIRECT; table[3].Name = L"NotThere"; table[3].EntryContext = &missing;
table[3].DefaultType = REG_DWORD; table[3].DefaultData = &table[0].Flags; table[3].DefaultLength = sizeof(ULONG);
DbgPrint("%x\\n", RtlQueryRegistryValues(RTL_REGISTRY_ABSOLUTE, RegistryPath->Buffer, table, (PVOID)1, NULL));
DbgPrint("%u %wZ %x\\n", direct, &path, missing);
RtlFreeUnicodeString(&path);
direct = 99;
DbgPrint("%x ", RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, L"Proxy", L"Depth", REG_DWORD, &direct, sizeof(direct)));
DbgPrint("%x ", RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, L"Proxy"));
DbgPrint("%x\\n", RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, L"Nobody"));`,
      `static NTSTATUS Routine(PWSTR Name, ULONG Type, PVOID Data, ULONG Length, PVOID Context, PVOID EntryContext)
{
    DbgPrint("%ws type %u: %u, %u bytes, %p %p\\n", Name, Type, *(PULONG)Data, Length, Context, EntryContext);
    return STATUS_SUCCESS;
}`,
    );
    expect(output).toEqual([
      'Type type 4: 1, 4 bytes, 0000000000000001 0000000000000002',
      '0',
      '3 System32\\drivers\\Proxy.sys 20',
      '0 0 c0000034',
    ]);
  });
});

describe('a device', () => {
  it('has properties, a key and interfaces', () => {
    const found = runDriver(`
static const GUID Class = { 0x12345678, 0x1234, 0x5678, { 1, 2, 3, 4, 5, 6, 7, 8 } };
static UNICODE_STRING Name;
static NTSTATUS AddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT Pdo)
{
    WCHAR text[40]; ULONG bus = 9, needed = 0; HANDLE key; PZZWSTR list;
    UNREFERENCED_PARAMETER(DriverObject);
    DbgPrint("%x ", IoGetDeviceProperty(Pdo, DevicePropertyBusNumber, sizeof(bus), &bus, &needed));
    DbgPrint("bus %u\\n", bus);
    DbgPrint("%x ", IoGetDeviceProperty(Pdo, DevicePropertyEnumeratorName, 2, text, &needed));
    DbgPrint("needs %u\\n", needed);
    IoGetDeviceProperty(Pdo, DevicePropertyEnumeratorName, sizeof(text), text, &needed);
    DbgPrint("%ws\\n", text);
    DbgPrint("%x\\n", IoOpenDeviceRegistryKey(Pdo, PLUGPLAY_REGKEY_DEVICE, KEY_READ, &key));
    ZwClose(key);
    DbgPrint("%x ", IoRegisterDeviceInterface(Pdo, &Class, NULL, &Name));
    DbgPrint("%wZ\\n", &Name);
    DbgPrint("%x ", IoSetDeviceInterfaceState(&Name, TRUE));
    DbgPrint("%x ", IoSetDeviceInterfaceState(&Name, TRUE));
    IoGetDeviceInterfaces(&Class, NULL, 0, &list);
    DbgPrint("%ws\\n", list);
    ExFreePool(list);
    DbgPrint("%x\\n", IoSetDeviceInterfaceState(&Name, FALSE));
    RtlFreeUnicodeString(&Name);
    { PIO_ERROR_LOG_PACKET entry = IoAllocateErrorLogEntry(DriverObject, sizeof(IO_ERROR_LOG_PACKET));
      entry->ErrorCode = (NTSTATUS)0xC0040001; IoWriteErrorLogEntry(entry); }
    return STATUS_UNSUCCESSFUL;
}
static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    DriverObject->DriverExtension->AddDevice = AddDevice;
    return STATUS_SUCCESS;
}`);
    const link = '\\??\\PCI#SanNic#{12345678-1234-5678-0102-030405060708}';
    expect(found.output).toEqual([
      '0 bus 0',
      'c0000023 needs 8',
      'PCI',
      '0',
      `0 ${link}`,
      `0 40000000 ${link}`,
      '0',
      'System event log: error 0xC0040001',
    ]);
    expect(found.reports.list('leak')).toEqual([]);
  });
});
