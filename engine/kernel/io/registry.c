/* The registry as a table of values sees it. */
#include <ntddk.h>
#include "nt-services.h"
#include "registry.h"

#define REGISTRY_TAG 'geRR'
/* Bytes of a value that is read first; longer ones are read again. */
#define FIRST_READ 256

/* Reads a value into pool; NULL when it is not there. */
static PKEY_VALUE_PARTIAL_INFORMATION
RtlpReadValue(_In_ HANDLE Key, _In_ PCWSTR Name)
{
    PKEY_VALUE_PARTIAL_INFORMATION value;
    UNICODE_STRING name;
    ULONG length = FIRST_READ;
    ULONG needed = 0;
    NTSTATUS status;

    RtlInitUnicodeString(&name, Name);
    for (;;) {
        /* Two zero characters behind the data end a string that has none. */
        value = (PKEY_VALUE_PARTIAL_INFORMATION)ExAllocatePoolWithTag(PagedPool, length + 2 * sizeof(WCHAR), REGISTRY_TAG);
        if (value == NULL) {
            return NULL;
        }
        RtlZeroMemory(value, length + 2 * sizeof(WCHAR));
        status = ZwQueryValueKey(Key, &name, KeyValuePartialInformation, value, length, &needed);
        if (NT_SUCCESS(status)) {
            return value;
        }
        ExFreePool(value);
        if (status != STATUS_BUFFER_OVERFLOW && status != STATUS_BUFFER_TOO_SMALL) {
            return NULL;
        }
        length = needed;
    }
}

/* RTL_QUERY_REGISTRY_DIRECT: the value goes straight to the entry's place, by its type. */
static NTSTATUS
RtlpStoreDirect(_In_ PRTL_QUERY_REGISTRY_TABLE Entry, _In_ ULONG Type, _In_ PVOID Data, _In_ ULONG Length)
{
    PUNICODE_STRING string = (PUNICODE_STRING)Entry->EntryContext;
    ULONG expected = Entry->Flags >> RTL_QUERY_REGISTRY_TYPECHECK_SHIFT;

    if ((Entry->Flags & RTL_QUERY_REGISTRY_TYPECHECK) != 0 && expected != REG_NONE && expected != Type) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    if (Type != REG_SZ && Type != REG_EXPAND_SZ && Type != REG_MULTI_SZ) {
        if (Length <= sizeof(ULONG)) {
            RtlCopyMemory(Entry->EntryContext, Data, Length);
            return STATUS_SUCCESS;
        }
        /* A negative number there says how much room there is; else length and type go before the data. */
        if (*(PLONG)Entry->EntryContext < 0) {
            if ((ULONG)-*(PLONG)Entry->EntryContext < Length) {
                return STATUS_BUFFER_TOO_SMALL;
            }
            RtlCopyMemory(Entry->EntryContext, Data, Length);
            return STATUS_SUCCESS;
        }
        if (*(PULONG)Entry->EntryContext < Length + 2 * sizeof(ULONG)) {
            return STATUS_BUFFER_TOO_SMALL;
        }
        ((PULONG)Entry->EntryContext)[0] = Length;
        ((PULONG)Entry->EntryContext)[1] = Type;
        RtlCopyMemory((PULONG)Entry->EntryContext + 2, Data, Length);
        return STATUS_SUCCESS;
    }
    if (string->Buffer == NULL) {
        string->Buffer = (PWCH)ExAllocatePoolWithTag(PagedPool, Length + sizeof(WCHAR), REGISTRY_TAG);
        if (string->Buffer == NULL) {
            return STATUS_NO_MEMORY;
        }
        string->MaximumLength = (USHORT)(Length + sizeof(WCHAR));
    } else if (string->MaximumLength < Length) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    RtlCopyMemory(string->Buffer, Data, Length);
    string->Length = (USHORT)Length;
    if (Length >= sizeof(WCHAR) && string->Buffer[Length / sizeof(WCHAR) - 1] == 0) {
        string->Length = (USHORT)(Length - sizeof(WCHAR));
    } else if (string->MaximumLength > Length) {
        string->Buffer[Length / sizeof(WCHAR)] = 0;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS
RtlpGiveValue(_In_ PRTL_QUERY_REGISTRY_TABLE Entry, _In_ ULONG Type, _In_ PVOID Data, _In_ ULONG Length, _In_opt_ PVOID Context)
{
    if ((Entry->Flags & RTL_QUERY_REGISTRY_DIRECT) != 0) {
        return RtlpStoreDirect(Entry, Type, Data, Length);
    }
    return Entry->QueryRoutine(Entry->Name, Type, Data, Length, Context, Entry->EntryContext);
}

static NTSTATUS
RtlpQueryEntry(_In_ HANDLE Key, _In_ PRTL_QUERY_REGISTRY_TABLE Entry, _In_opt_ PVOID Context)
{
    PKEY_VALUE_PARTIAL_INFORMATION value;
    UNICODE_STRING name;
    NTSTATUS status;

    if ((Entry->Flags & RTL_QUERY_REGISTRY_NOVALUE) != 0) {
        return Entry->QueryRoutine(NULL, REG_NONE, NULL, 0, Context, Entry->EntryContext);
    }
    value = RtlpReadValue(Key, Entry->Name);
    if (value != NULL) {
        status = RtlpGiveValue(Entry, value->Type, value->Data, value->DataLength, Context);
        ExFreePool(value);
        if (NT_SUCCESS(status) && (Entry->Flags & RTL_QUERY_REGISTRY_DELETE) != 0) {
            RtlInitUnicodeString(&name, Entry->Name);
            ZwDeleteValueKey(Key, &name);
        }
        return status;
    }
    if ((Entry->Flags & RTL_QUERY_REGISTRY_REQUIRED) != 0) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    if ((Entry->DefaultType & 0xFF) == REG_NONE || Entry->DefaultData == NULL) {
        return STATUS_SUCCESS;
    }
    return RtlpGiveValue(Entry, Entry->DefaultType & 0xFF, Entry->DefaultData, Entry->DefaultLength, Context);
}

NTSTATUS
RtlQueryRegistryValues(
    _In_ ULONG RelativeTo,
    _In_opt_ PCWSTR Path,
    _Inout_ PRTL_QUERY_REGISTRY_TABLE QueryTable,
    _In_opt_ PVOID Context,
    _In_opt_ PVOID Environment)
{
    BOOLEAN isHandle = (BOOLEAN)((RelativeTo & RTL_REGISTRY_HANDLE) != 0);
    PRTL_QUERY_REGISTRY_TABLE entry;
    HANDLE top = (HANDLE)Path;
    HANDLE key;
    NTSTATUS status = STATUS_SUCCESS;

    UNREFERENCED_PARAMETER(Environment);
    if (!isHandle) {
        status = CmpOpenRelative(RelativeTo, Path, FALSE, &top);
        if (!NT_SUCCESS(status)) {
            return (RelativeTo & RTL_REGISTRY_OPTIONAL) != 0 ? STATUS_SUCCESS : status;
        }
    }
    key = top;
    for (entry = QueryTable; NT_SUCCESS(status) && (entry->QueryRoutine != NULL ||
         (entry->Flags & (RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_DIRECT)) != 0); entry++) {
        if ((entry->Flags & (RTL_QUERY_REGISTRY_TOPKEY | RTL_QUERY_REGISTRY_SUBKEY)) != 0 && key != top) {
            ZwClose(key);
            key = top;
        }
        if ((entry->Flags & RTL_QUERY_REGISTRY_SUBKEY) != 0) {
            OBJECT_ATTRIBUTES attributes;
            UNICODE_STRING name;

            RtlInitUnicodeString(&name, entry->Name);
            InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, top, NULL);
            status = ZwOpenKey(&key, KEY_READ, &attributes);
            if (!NT_SUCCESS(status)) {
                key = top;
                if ((entry->Flags & RTL_QUERY_REGISTRY_REQUIRED) == 0) {
                    status = STATUS_SUCCESS;
                }
            }
        } else {
            status = RtlpQueryEntry(key, entry, Context);
        }
    }
    if (key != top) {
        ZwClose(key);
    }
    if (!isHandle) {
        ZwClose(top);
    }
    return status;
}

NTSTATUS
RtlWriteRegistryValue(
    _In_ ULONG RelativeTo,
    _In_ PCWSTR Path,
    _In_ PCWSTR ValueName,
    _In_ ULONG ValueType,
    _In_opt_ PVOID ValueData,
    _In_ ULONG ValueLength)
{
    UNICODE_STRING name;
    HANDLE key = (HANDLE)Path;
    NTSTATUS status;

    RtlInitUnicodeString(&name, ValueName);
    if ((RelativeTo & RTL_REGISTRY_HANDLE) != 0) {
        return ZwSetValueKey(key, &name, 0, ValueType, ValueData, ValueLength);
    }
    status = CmpOpenRelative(RelativeTo, Path, TRUE, &key);
    if (NT_SUCCESS(status)) {
        status = ZwSetValueKey(key, &name, 0, ValueType, ValueData, ValueLength);
        ZwClose(key);
    }
    return status;
}

NTSTATUS
RtlDeleteRegistryValue(_In_ ULONG RelativeTo, _In_ PCWSTR Path, _In_ PCWSTR ValueName)
{
    UNICODE_STRING name;
    HANDLE key = (HANDLE)Path;
    NTSTATUS status;

    RtlInitUnicodeString(&name, ValueName);
    if ((RelativeTo & RTL_REGISTRY_HANDLE) != 0) {
        return ZwDeleteValueKey(key, &name);
    }
    status = CmpOpenRelative(RelativeTo, Path, FALSE, &key);
    if (NT_SUCCESS(status)) {
        status = ZwDeleteValueKey(key, &name);
        ZwClose(key);
    }
    return status;
}

/* Opens a key, and creates it where that is wanted, for the status alone. */
static NTSTATUS
CmpTouchKey(_In_ ULONG RelativeTo, _In_ PWSTR Path, _In_ BOOLEAN Create)
{
    HANDLE key;
    NTSTATUS status = CmpOpenRelative(RelativeTo, Path, Create, &key);

    if (NT_SUCCESS(status)) {
        ZwClose(key);
    }
    return status;
}

NTSTATUS
RtlCheckRegistryKey(_In_ ULONG RelativeTo, _In_ PWSTR Path)
{
    return CmpTouchKey(RelativeTo, Path, FALSE);
}

NTSTATUS
RtlCreateRegistryKey(_In_ ULONG RelativeTo, _In_ PWSTR Path)
{
    return CmpTouchKey(RelativeTo, Path, TRUE);
}
