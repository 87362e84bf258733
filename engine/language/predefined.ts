/** The macros that a debug x64 build of the WDK defines before the first line. */
import type { Mode } from './header-modes.ts';
import type { Definition } from './scenario.ts';

const common: readonly Definition[] = [
  // The compiler's own, as Visual Studio 2022 has them for x64.
  { name: '_MSC_VER', value: '1939' },
  { name: '_MSC_FULL_VER', value: '193933523' },
  { name: '_MSC_BUILD', value: '0' },
  { name: '_MSC_EXTENSIONS', value: '1' },
  { name: '_M_AMD64', value: '100' },
  { name: '_M_X64', value: '100' },
  { name: '_WIN32', value: '1' },
  { name: '_WIN64', value: '1' },
  { name: '_INTEGRAL_MAX_BITS', value: '64' },
  { name: '__STDC__', value: '1' },
  { name: '__STDC_HOSTED__', value: '1' },
  { name: '__STDC_VERSION__', value: '201112L' },
  // The same run on every day: a fixed date.
  { name: '__DATE__', value: '"Jan  1 2025"' },
  { name: '__TIME__', value: '"00:00:00"' },
  { name: '__TIMESTAMP__', value: '"Wed Jan  1 00:00:00 2025"' },
  // The WDK's build settings.
  { name: '_AMD64_', value: '1' },
  { name: 'AMD64', value: '1' },
  { name: 'WIN32', value: '1' },
  { name: 'DBG', value: '1' },
  { name: '_WIN32_WINNT', value: '0x0A00' },
  { name: 'WINVER', value: '0x0A00' },
  { name: 'NTDDI_VERSION', value: '0x0A00000C' },
  { name: 'WINNT', value: '1' },
  { name: 'STD_CALL', value: '' },
  { name: 'ALLOC_PRAGMA', value: '1' },
  { name: '_DMS_', value: '1' },
];

const kernel: readonly Definition[] = [
  { name: '_KERNEL_MODE', value: '1' },
  { name: 'DEPRECATE_DDK_FUNCTIONS', value: '1' },
  { name: '_DMS_KERNEL_MODE', value: '1' },
];

const user: readonly Definition[] = [
  { name: '_DEBUG', value: '1' },
  { name: '_MT', value: '1' },
  { name: '_DLL', value: '1' },
  { name: '_DMS_USER_MODE', value: '1' },
];

/** Predefined macros of kernel code, or of a process. */
export function predefinitions(mode: Mode): readonly Definition[] {
  return [...common, ...(mode === 'kernel' ? kernel : user)];
}
