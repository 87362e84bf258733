/** Which built-in headers belong to kernel code, which to processes; all others serve both. */

export type Mode = 'kernel' | 'user';

const kernelHeaders: ReadonlySet<string> = new Set([
  'dmsdevice.h',
  'hal.h',
  'ndis.h',
  'ntddk.h',
  'ntddstor.h',
  'ntifs.h',
  'ntintsafe.h',
  'ntstrsafe.h',
  'srb.h',
  'storport.h',
  'tdi.h',
  'tdikrnl.h',
  'wdf.h',
  'wdm.h',
  'wdmguid.h',
  'wdmsec.h',
  'wsk.h',
]);

/** The C library is not among them, nor is windef.h: drivers include both. */
const userHeaders: ReadonlySet<string> = new Set([
  'debugapi.h',
  'errhandlingapi.h',
  'fileapi.h',
  'handleapi.h',
  'heapapi.h',
  'ioapiset.h',
  'libloaderapi.h',
  'memoryapi.h',
  'mstcpip.h',
  'mswsock.h',
  'process.h',
  'processthreadsapi.h',
  'strsafe.h',
  'synchapi.h',
  'sysinfoapi.h',
  'winbase.h',
  'windows.h',
  'winioctl.h',
  'winnt.h',
  'winsock.h',
  'winsock2.h',
  'ws2def.h',
  'ws2san.h',
  'ws2spi.h',
  'ws2tcpip.h',
]);

/** The side that a built-in header is for; undefined when it is for both. */
export function headerMode(name: string): Mode | undefined {
  const lower = name.toLowerCase();
  if (kernelHeaders.has(lower)) return 'kernel';
  return userHeaders.has(lower) ? 'user' : undefined;
}

/** What to include instead of a header of the other side. */
export function insteadOf(mode: Mode): string {
  return mode === 'kernel' ? 'ntddk.h or wdm.h' : 'windows.h or winsock2.h';
}
