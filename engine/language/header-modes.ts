/** Which built-in headers belong to kernel code, which to processes; all others serve both. */

export type Mode = 'kernel' | 'user';

const kernelHeaders: readonly string[] = [
  'ntddk.h',
  'wdm.h',
  'ntifs.h',
  'ntddstor.h',
  'ntstrsafe.h',
  'ntintsafe.h',
  'wdmsec.h',
  'wdmguid.h',
  'wdf.h',
  'wsk.h',
  'ndis.h',
  'tdi.h',
  'tdikrnl.h',
  'srb.h',
  'storport.h',
  'hal.h',
];

const userHeaders: readonly string[] = [
  'windows.h',
  'windef.h',
  'winbase.h',
  'winnt.h',
  'winsock.h',
  'winsock2.h',
  'ws2tcpip.h',
  'ws2spi.h',
  'ws2san.h',
  'mswsock.h',
  'winioctl.h',
  'stdio.h',
  'stdlib.h',
  'assert.h',
  'errno.h',
  'time.h',
  'process.h',
  'malloc.h',
  'signal.h',
  'setjmp.h',
  'memoryapi.h',
  'strsafe.h',
];

/** The side that a built-in header is for; undefined when it is for both. */
export function headerMode(name: string): Mode | undefined {
  const lower = name.toLowerCase();
  if (kernelHeaders.includes(lower)) return 'kernel';
  return userHeaders.includes(lower) ? 'user' : undefined;
}

/** What to include instead of a header of the other side. */
export function insteadOf(mode: Mode): string {
  return mode === 'kernel' ? 'ntddk.h or wdm.h' : 'windows.h or winsock2.h';
}
