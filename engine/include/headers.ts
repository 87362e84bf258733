import assert from './assert.h';
import basetsd from './basetsd.h';
import basetyps from './basetyps.h';
import bugcodes from './bugcodes.h';
import concurrencysal from './concurrencysal.h';
import conio from './conio.h';
import ctype from './ctype.h';
import debugapi from './debugapi.h';
import devioctl from './devioctl.h';
import dmsdevice from './dmsdevice.h';
import dmsstrings from './dmsstrings.h';
import dontuse from './dontuse.h';
import driverspecs from './driverspecs.h';
import errhandlingapi from './errhandlingapi.h';
import errno from './errno.h';
import excpt from './excpt.h';
import fileapi from './fileapi.h';
import guiddef from './guiddef.h';
import handleapi from './handleapi.h';
import initguid from './initguid.h';
import intrin from './intrin.h';
import inttypes from './inttypes.h';
import ioapiset from './ioapiset.h';
import kernelspecs from './kernelspecs.h';
import limits from './limits.h';
import malloc from './malloc.h';
import memory from './memory.h';
import memoryapi from './memoryapi.h';
import mswsock from './mswsock.h';
import ntddk from './ntddk.h';
import ntdef from './ntdef.h';
import ntifs from './ntifs.h';
import ntintsafe from './ntintsafe.h';
import ntstatus from './ntstatus.h';
import ntstrsafe from './ntstrsafe.h';
import poppack from './poppack.h';
import process from './process.h';
import processthreadsapi from './processthreadsapi.h';
import pshpack1 from './pshpack1.h';
import pshpack2 from './pshpack2.h';
import pshpack4 from './pshpack4.h';
import pshpack8 from './pshpack8.h';
import sal from './sal.h';
import sannic from './sannic.h';
import sdkddkver from './sdkddkver.h';
import specstrings from './specstrings.h';
import stdarg from './stdarg.h';
import stdbool from './stdbool.h';
import stddef from './stddef.h';
import stdint from './stdint.h';
import stdio from './stdio.h';
import stdlib from './stdlib.h';
import string from './string.h';
import strsafe from './strsafe.h';
import suppress from './suppress.h';
import synchapi from './synchapi.h';
import tchar from './tchar.h';
import wchar from './wchar.h';
import wdf from './wdf.h';
import wdm from './wdm.h';
import wdmguid from './wdmguid.h';
import wdmsec from './wdmsec.h';
import winbase from './winbase.h';
import windef from './windef.h';
import windows from './windows.h';
import winerror from './winerror.h';
import winioctl from './winioctl.h';
import winnt from './winnt.h';
import winsock from './winsock.h';
import winsock2 from './winsock2.h';
import ws2san from './ws2san.h';
import ws2spi from './ws2spi.h';
import ws2tcpip from './ws2tcpip.h';

/** Text of every built-in header, by its file name in lower case. */
export const headers: ReadonlyMap<string, string> = new Map([
  ['assert.h', assert],
  ['basetsd.h', basetsd],
  ['basetyps.h', basetyps],
  ['bugcodes.h', bugcodes],
  ['concurrencysal.h', concurrencysal],
  ['conio.h', conio],
  ['ctype.h', ctype],
  ['debugapi.h', debugapi],
  ['devioctl.h', devioctl],
  ['dmsdevice.h', dmsdevice],
  ['dmsstrings.h', dmsstrings],
  ['dontuse.h', dontuse],
  ['driverspecs.h', driverspecs],
  ['errhandlingapi.h', errhandlingapi],
  ['errno.h', errno],
  ['excpt.h', excpt],
  ['fileapi.h', fileapi],
  ['guiddef.h', guiddef],
  ['handleapi.h', handleapi],
  ['initguid.h', initguid],
  ['intrin.h', intrin],
  ['inttypes.h', inttypes],
  ['ioapiset.h', ioapiset],
  ['kernelspecs.h', kernelspecs],
  ['limits.h', limits],
  ['malloc.h', malloc],
  ['memory.h', memory],
  ['memoryapi.h', memoryapi],
  ['mswsock.h', mswsock],
  ['ntddk.h', ntddk],
  ['ntdef.h', ntdef],
  ['ntifs.h', ntifs],
  ['ntintsafe.h', ntintsafe],
  ['ntstatus.h', ntstatus],
  ['ntstrsafe.h', ntstrsafe],
  ['poppack.h', poppack],
  ['process.h', process],
  ['processthreadsapi.h', processthreadsapi],
  ['pshpack1.h', pshpack1],
  ['pshpack2.h', pshpack2],
  ['pshpack4.h', pshpack4],
  ['pshpack8.h', pshpack8],
  ['sal.h', sal],
  ['sannic.h', sannic],
  ['sdkddkver.h', sdkddkver],
  ['specstrings.h', specstrings],
  ['stdarg.h', stdarg],
  ['stdbool.h', stdbool],
  ['stddef.h', stddef],
  ['stdint.h', stdint],
  ['stdio.h', stdio],
  ['stdlib.h', stdlib],
  ['string.h', string],
  ['strsafe.h', strsafe],
  ['suppress.h', suppress],
  ['synchapi.h', synchapi],
  ['tchar.h', tchar],
  ['wchar.h', wchar],
  ['wdf.h', wdf],
  ['wdm.h', wdm],
  ['wdmguid.h', wdmguid],
  ['wdmsec.h', wdmsec],
  ['winbase.h', winbase],
  ['windef.h', windef],
  ['windows.h', windows],
  ['winerror.h', winerror],
  ['winioctl.h', winioctl],
  ['winnt.h', winnt],
  ['winsock.h', winsock],
  ['winsock2.h', winsock2],
  ['ws2san.h', ws2san],
  ['ws2spi.h', ws2spi],
  ['ws2tcpip.h', ws2tcpip],
]);
