/* Callback objects as the object manager sees them. */
#pragma once

/** Type of a callback object. */
#define IO_TYPE_CALLBACK 0x106
/** The object's last reference is gone. */
VOID ExpDeleteCallback(_In_ PVOID Object);
