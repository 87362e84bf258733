import basetsd from './basetsd.h';
import bugcodes from './bugcodes.h';
import concurrencysal from './concurrencysal.h';
import ctype from './ctype.h';
import devioctl from './devioctl.h';
import driverspecs from './driverspecs.h';
import excpt from './excpt.h';
import guiddef from './guiddef.h';
import initguid from './initguid.h';
import kernelspecs from './kernelspecs.h';
import ntddk from './ntddk.h';
import ntdef from './ntdef.h';
import ntifs from './ntifs.h';
import ntstatus from './ntstatus.h';
import poppack from './poppack.h';
import pshpack1 from './pshpack1.h';
import pshpack2 from './pshpack2.h';
import pshpack4 from './pshpack4.h';
import pshpack8 from './pshpack8.h';
import sal from './sal.h';
import specstrings from './specstrings.h';
import stdarg from './stdarg.h';
import stddef from './stddef.h';
import string from './string.h';
import suppress from './suppress.h';
import wchar from './wchar.h';
import wdf from './wdf.h';
import wdm from './wdm.h';
import wdmguid from './wdmguid.h';

/** Text of every built-in header, by its file name in lower case. */
export const headers: ReadonlyMap<string, string> = new Map([
  ['basetsd.h', basetsd],
  ['bugcodes.h', bugcodes],
  ['concurrencysal.h', concurrencysal],
  ['ctype.h', ctype],
  ['devioctl.h', devioctl],
  ['driverspecs.h', driverspecs],
  ['excpt.h', excpt],
  ['guiddef.h', guiddef],
  ['initguid.h', initguid],
  ['kernelspecs.h', kernelspecs],
  ['ntddk.h', ntddk],
  ['ntdef.h', ntdef],
  ['ntifs.h', ntifs],
  ['ntstatus.h', ntstatus],
  ['poppack.h', poppack],
  ['pshpack1.h', pshpack1],
  ['pshpack2.h', pshpack2],
  ['pshpack4.h', pshpack4],
  ['pshpack8.h', pshpack8],
  ['sal.h', sal],
  ['specstrings.h', specstrings],
  ['stdarg.h', stdarg],
  ['stddef.h', stddef],
  ['string.h', string],
  ['suppress.h', suppress],
  ['wchar.h', wchar],
  ['wdf.h', wdf],
  ['wdm.h', wdm],
  ['wdmguid.h', wdmguid],
]);
