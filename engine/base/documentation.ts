/** Addresses of the documentation pages that reports and hovers point to. */

const DRIVERS = 'https://learn.microsoft.com/windows-hardware/drivers';

/** The page of a kernel routine or structure: `nf-wdm-mmgetphysicaladdress`, `ns-wdm-_mdl`. */
export function ddiPage(name: string): string {
  const header = name.split('-')[1] ?? 'wdm';
  return `${DRIVERS}/ddi/${header}/${name}`;
}

/** The page of a bug check: `bug-check-0xc4--driver-verifier-detected-violation`. */
export const bugCheckPage = (name: string): string => `${DRIVERS}/debugger/${name}`;

/** A page of the kernel driver guide: `using-mdls`. */
export const kernelPage = (name: string): string => `${DRIVERS}/kernel/${name}`;

/** A page about a tool for testing drivers, such as Driver Verifier: `special-pool`. */
export const devtestPage = (name: string): string => `${DRIVERS}/devtest/${name}`;
