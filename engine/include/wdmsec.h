/* Device objects with a security descriptor of their own. */
#ifndef _WDMSEC_H_
#define _WDMSEC_H_

#ifdef _DMS_USER_MODE
#error wdmsec.h is a kernel header; a process includes windows.h
#endif

#include <wdm.h>

/* Security descriptors in SDDL: who may open the device. */

/** The system alone, and only from kernel mode. */
extern const UNICODE_STRING SDDL_DEVOBJ_KERNEL_ONLY;
/** The system: everything. */
extern const UNICODE_STRING SDDL_DEVOBJ_SYS_ALL;
/** The system and administrators: everything. */
extern const UNICODE_STRING SDDL_DEVOBJ_SYS_ALL_ADM_ALL;
/** The system: everything; administrators: reading and executing. */
extern const UNICODE_STRING SDDL_DEVOBJ_SYS_ALL_ADM_RX;
/** The system: everything; administrators: reading, writing and executing; all others: reading. */
extern const UNICODE_STRING SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_R;
/** The system: everything; administrators: reading, writing and executing; all others: reading and writing. */
extern const UNICODE_STRING SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_RW;
/** The system: everything; administrators, all others: reading, writing and executing. */
extern const UNICODE_STRING SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_RWX;

/** Creates a named device object that only those may open whom a security descriptor names.
 * @param DefaultSDDLString the descriptor in SDDL, such as SDDL_DEVOBJ_SYS_ALL_ADM_ALL
 * @param DeviceClassGuid class under which an administrator can store another descriptor, or NULL
 * @returns STATUS_SUCCESS, STATUS_INSUFFICIENT_RESOURCES, STATUS_OBJECT_NAME_COLLISION
 * @irql = PASSIVE_LEVEL
 * @page nf-wdmsec-wdmlibiocreatedevicesecure */
NTSTATUS NTAPI WdmlibIoCreateDeviceSecure(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize, PUNICODE_STRING DeviceName, DEVICE_TYPE DeviceType, ULONG DeviceCharacteristics, BOOLEAN Exclusive, PCUNICODE_STRING DefaultSDDLString, LPCGUID DeviceClassGuid, PDEVICE_OBJECT *DeviceObject);
#define IoCreateDeviceSecure WdmlibIoCreateDeviceSecure

#endif
