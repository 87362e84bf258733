/** DRIVER_OBJECT: made by the loader, filled by DriverEntry. */
import { type VirtualAddress, virtual } from '../../base/addresses.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import type { ModuleImage } from '../../vm/system.ts';
import type { KernelContext } from '../context.ts';

const TYPE = 'DRIVER_OBJECT';
const IO_TYPE_DRIVER = 4;
const MAJOR_FUNCTIONS = 28;
const POOL_TAG = 0x76697244; // 'Driv'

/** A loaded driver. Plain data. */
export interface DriverRecord {
  readonly name: string;
  readonly address: VirtualAddress;
  /** UNICODE_STRING given to DriverEntry. */
  readonly registryPath: VirtualAddress;
  readonly block: VirtualAddress;
}

export class DriverObjects {
  private readonly table: Table<string, DriverRecord>;

  constructor(private readonly kernel: KernelContext) {
    this.table = kernel.store.table(`${kernel.host.name}.driverObjects`);
  }

  get all(): OrderedMap<string, DriverRecord> {
    return this.kernel.store.all(this.table);
  }

  find(name: string): DriverRecord | undefined {
    return this.kernel.store.get(this.table, name);
  }

  /** The driver whose object lies at an address. */
  at(address: number): DriverRecord | undefined {
    for (const driver of this.all.values()) if (driver.address === address) return driver;
    return undefined;
  }

  /**
   * Makes the object of a driver; undefined when there is no pool. `entry` is DriverEntry's address, 0 for a
   * built-in driver.
   */
  create(name: string, image: ModuleImage | undefined, entry: number): DriverRecord | undefined {
    const { kernel } = this;
    const { layouts, system } = kernel;
    const names = {
      driver: `\\Driver\\${name}`,
      hardware: '\\REGISTRY\\MACHINE\\HARDWARE\\DESCRIPTION\\SYSTEM',
      registry: `\\REGISTRY\\MACHINE\\SYSTEM\\CurrentControlSet\\Services\\${name}`,
      service: name,
    };
    const objectBytes = round(layouts.size(TYPE));
    const extensionBytes = round(layouts.size('DRIVER_EXTENSION'));
    const stringBytes = round(layouts.size('UNICODE_STRING'));
    const textBytes = Object.values(names).reduce(
      (sum, text) => sum + round(2 * text.length + 2),
      0,
    );
    const block = kernel.memory.allocateSystemPool({
      bytes: objectBytes + extensionBytes + 2 * stringBytes + textBytes,
      paged: false,
      executable: false,
      tag: POOL_TAG,
      zeroed: true,
    });
    if (block === undefined) return undefined;
    const extension = block + objectBytes;
    const hardware = extension + extensionBytes;
    const registryPath = hardware + stringBytes;
    let text = registryPath + stringBytes;
    const string = (address: number, value: string): void => {
      this.writeString(address, text, value);
      text += round(2 * value.length + 2);
    };

    const write = (path: string, value: number): void =>
      layouts.write(system, block, TYPE, path, value);
    write('Type', IO_TYPE_DRIVER);
    write('Size', layouts.size(TYPE));
    write('DriverStart', image?.base ?? 0);
    write('DriverSize', image?.size ?? 0);
    write('DriverExtension', extension);
    write('HardwareDatabase', hardware);
    write('DriverInit', entry);
    const invalid = kernel.vm.addressOf(kernel.host.index, 'ntoskrnl', 'IopInvalidDeviceRequest');
    for (let major = 0; major < MAJOR_FUNCTIONS; major++) {
      write(`MajorFunction[${major}]`, invalid ?? 0);
    }
    layouts.write(system, extension, 'DRIVER_EXTENSION', 'DriverObject', block);
    string(block + layouts.offset(TYPE, 'DriverName'), names.driver);
    string(extension + layouts.offset('DRIVER_EXTENSION', 'ServiceKeyName'), names.service);
    string(hardware, names.hardware);
    string(registryPath, names.registry);
    const record = { name, address: block, registryPath: virtual(registryPath), block };
    kernel.store.set(this.table, name, record);
    return record;
  }

  /** A pointer member of the object, as the driver left it. */
  read(driver: DriverRecord, path: string): number {
    return this.kernel.layouts.read(this.kernel.system, driver.address, TYPE, path);
  }

  /** AddDevice as DriverEntry set it; 0 when it did not. */
  addDevice(driver: DriverRecord): number {
    const { layouts, system } = this.kernel;
    const extension = this.read(driver, 'DriverExtension');
    return extension === 0 ? 0 : layouts.read(system, extension, 'DRIVER_EXTENSION', 'AddDevice');
  }

  write(driver: DriverRecord, path: string, value: number): void {
    this.kernel.layouts.write(this.kernel.system, driver.address, TYPE, path, value);
  }

  remove(driver: DriverRecord): void {
    this.kernel.store.delete(this.table, driver.name);
    this.kernel.memory.freeSystemPool(driver.block);
  }

  private writeString(address: number, buffer: number, value: string): void {
    const { layouts, system } = this.kernel;
    const bytes = new Uint8Array(2 * value.length + 2);
    for (let index = 0; index < value.length; index++) {
      bytes[2 * index] = value.charCodeAt(index) & 0xff;
      bytes[2 * index + 1] = value.charCodeAt(index) >> 8;
    }
    system.writeBytes(buffer, bytes);
    layouts.write(system, address, 'UNICODE_STRING', 'Length', 2 * value.length);
    layouts.write(system, address, 'UNICODE_STRING', 'MaximumLength', 2 * value.length + 2);
    layouts.write(system, address, 'UNICODE_STRING', 'Buffer', buffer);
  }
}

const round = (bytes: number): number => Math.ceil(bytes / 16) * 16;
