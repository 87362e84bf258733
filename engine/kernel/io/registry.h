/* What the kernel's own C uses of the registry. */
#pragma once

/** Opens a key by a path as the Rtl routines take it; makes it when it is missing. */
NTSTATUS CmpOpenRelative(_In_ ULONG RelativeTo, _In_opt_ PCWSTR Path, _In_ BOOLEAN Create, _Out_ PHANDLE KeyHandle);
/** The object of an opened key goes. */
VOID CmpFreeKey(_In_ PVOID Object);

/* Types of objects beside those of files and events. */
#define IO_TYPE_SECTION 0x104
#define IO_TYPE_KEY     0x105
