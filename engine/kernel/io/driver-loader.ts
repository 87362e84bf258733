/** How drivers and their devices come and go on one host: the parts of a scenario's life that touch drivers. */
import { type VirtualAddress, virtual } from '../../base/addresses.ts';
import { hex, type Int64 } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import type { DeviceEvent, DriverDeclaration } from '../../language/scenario.ts';
import type { FailureReport } from '../../vm/reports.ts';
import type { ModuleImage } from '../../vm/system.ts';
import type { KernelContext } from '../context.ts';
import type { Holding } from '../ledger.ts';
import { placeOf, whatIs } from '../mm/describe.ts';
import { mapImage, routinesTooNew, unmapImage } from '../ps/images.ts';
import type { Processes } from '../ps/processes.ts';
import { verifierFlags } from '../services.ts';
import { status, statusName } from '../status.ts';
import { verifierViolation } from '../verifier/irql-rules.ts';
import type { Bus } from './bus.ts';
import type { Devices } from './devices.ts';
import type { DriverObjects, DriverRecord } from './driver-objects.ts';
import type { Files } from './files.ts';
import type { Irps } from './irps.ts';

/** Holdings that a bug check at unload names one by one. */
const NAMED_HOLDINGS = 5;

type DriverState = 'loaded' | 'failed' | 'unloaded' | 'held';
type DeviceState = 'added' | 'started' | 'failed' | 'removed';

export interface LoaderParts {
  readonly drivers: DriverObjects;
  readonly devices: Devices;
  readonly irps: Irps;
  readonly files: Files;
  readonly bus: Bus;
  readonly processes: Processes;
}

export class DriverLoader {
  private readonly driverStates: Table<string, DriverState>;
  private readonly deviceStates: Table<string, DeviceState>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: LoaderParts,
  ) {
    this.driverStates = kernel.store.table(`${kernel.host.name}.driverStates`);
    this.deviceStates = kernel.store.table(`${kernel.host.name}.deviceStates`);
  }

  // ---- Load ----------------------------------------------------------------------------------------

  /** Maps the image and starts DriverEntry. */
  load(name: string): number | undefined {
    const { kernel, parts } = this;
    const image = kernel.vm.image(kernel.host.index, name);
    if (image === undefined) {
      return this.failLoad(name, status.STATUS_OBJECT_NAME_NOT_FOUND, 'it has no image');
    }
    const [unresolved] = image.unresolved;
    if (unresolved !== undefined) {
      return this.failLoad(
        name,
        status.STATUS_DRIVER_ENTRYPOINT_NOT_FOUND,
        unresolvedText(image),
        unresolved.site,
      );
    }
    const tooNew = routinesTooNew(kernel, image);
    if (tooNew.length > 0) {
      const names = tooNew.map((one) => `${one.name} (from ${one.since} on)`).join(', ');
      return this.failLoad(
        name,
        status.STATUS_DRIVER_ENTRYPOINT_NOT_FOUND,
        `it uses ${names}, and this machine runs ${kernel.host.machine.windows}`,
      );
    }
    const entry = kernel.vm.addressOf(kernel.host.index, name, 'DriverEntry');
    if (entry === undefined) {
      return this.failLoad(name, status.STATUS_INVALID_IMAGE_FORMAT, 'it defines no DriverEntry');
    }
    if (!mapImage(kernel, image, kernel.host.system)) {
      return this.failLoad(
        name,
        status.STATUS_INSUFFICIENT_RESOURCES,
        'there is no memory for its image',
      );
    }
    const driver = parts.drivers.create(name, image, entry);
    const thread =
      driver &&
      this.start('IopInitializeDriver', [driver.address, driver.registryPath], `load:${name}`);
    if (thread === undefined) {
      return this.failLoad(
        name,
        status.STATUS_INSUFFICIENT_RESOURCES,
        'there is no memory for its objects',
      );
    }
    return thread;
  }

  entered(name: string, result: Int64): void {
    const code = Number(result) | 0;
    if (code >= 0) {
      this.setDriver(name, 'loaded');
      return;
    }
    this.failLoad(name, code >>> 0, `DriverEntry returned ${statusName(code)}`);
    const driver = this.parts.drivers.find(name);
    this.reportLeaks(name, false);
    if (driver !== undefined) this.discard(driver);
  }

  // ---- Devices -------------------------------------------------------------------------------------

  addDevice(name: string, nic: string): number | undefined {
    const { kernel, parts } = this;
    const driver = parts.drivers.find(name);
    const index = kernel.host.nics.findIndex((one) => one.name === nic);
    const configuration = kernel.host.nics[index];
    if (driver === undefined || this.stateOf(name) !== 'loaded' || configuration === undefined) {
      return undefined;
    }
    // A driver without AddDevice is no Plug and Play driver: it gets no devices.
    if (parts.drivers.addDevice(driver) === 0) return undefined;
    const device = parts.bus.plugIn(configuration, index + 1);
    if (device === undefined) {
      return this.failLoad(
        name,
        status.STATUS_INSUFFICIENT_RESOURCES,
        `there is no memory for the device object of ${nic}`,
      );
    }
    return this.start('PipCallDriverAddDevice', [driver.address, device.pdo], `add:${name}:${nic}`);
  }

  added(name: string, nic: string, result: Int64): void {
    const code = Number(result) | 0;
    this.setDevice(name, nic, code >= 0 ? 'added' : 'failed');
    if (code < 0) {
      this.report(
        'load',
        name,
        code,
        `${name} failed to add the device ${nic}: AddDevice returned ${statusName(code)}`,
      );
    }
  }

  startDevice(name: string, nic: string): number | undefined {
    const device = this.parts.bus.find(nic);
    if (device === undefined || this.deviceState(name, nic) !== 'added') return undefined;
    return this.start(
      'PipStartDevice',
      [device.pdo, device.rawResources, device.resources],
      `start:${name}:${nic}`,
    );
  }

  /** Answers whether the start failed. */
  started(name: string, nic: string, result: Int64): boolean {
    const code = Number(result) | 0;
    this.setDevice(name, nic, code >= 0 ? 'started' : 'failed');
    if (code >= 0) return false;
    this.report(
      'load',
      name,
      code,
      `${name} failed to start the device ${nic}: IRP_MN_START_DEVICE was completed with ${statusName(code)}`,
    );
    return true;
  }

  /** Sends IRP_MN_REMOVE_DEVICE down the stack of a device that still has one. */
  removeDevice(nic: string): number | undefined {
    const device = this.parts.bus.find(nic);
    if (device === undefined) return undefined;
    return this.start('PipRemoveDevice', [device.pdo], `remove:${nic}`);
  }

  removed(nic: string): void {
    this.parts.bus.unplug(nic);
  }

  // ---- Events --------------------------------------------------------------------------------------

  /** Begins what Plug and Play does to a device; undefined when the device is not there (any more). */
  startEvent(kind: DeviceEvent['kind'], nic: string, purpose: string): number | undefined {
    const { bus } = this.parts;
    const device = bus.find(nic);
    if (device === undefined) return undefined;
    // From now on nothing answers at its registers.
    if (kind === 'surprise_removal') bus.pullOut(nic);
    return this.start(
      eventRoutines[kind],
      [device.pdo, device.rawResources, device.resources],
      purpose,
    );
  }

  /** The requests of an event have been answered. */
  eventDone(kind: DeviceEvent['kind'], nic: string, result: Int64): void {
    const code = Number(result) | 0;
    if (kind !== 'rebalance' && code >= 0) {
      this.removed(nic);
      return;
    }
    if (code >= 0) return;
    const refusal = kind === 'rebalance' ? 'be stopped' : 'be removed';
    this.kernel.reports.add('output', {
      host: this.kernel.host.name,
      source: 'Plug and Play',
      text: `The device ${nic} could not ${refusal}: its driver answered ${statusName(code)}.`,
      site: undefined,
    });
  }

  // ---- Unload --------------------------------------------------------------------------------------

  /** Starts DriverUnload, unless somebody holds on or there is none. */
  unload(name: string): number | undefined {
    const { parts } = this;
    const driver = parts.drivers.find(name);
    if (driver === undefined || this.stateOf(name) !== 'loaded') return undefined;
    if (parts.drivers.read(driver, 'DriverUnload') === 0) {
      this.reportLeaks(name, true);
      return undefined;
    }
    const holders = this.holdersOf(driver);
    if (holders.length > 0) {
      this.setDriver(name, 'held');
      this.report('unload', name, undefined, `${name} cannot be unloaded: ${holders.join('; ')}`);
      return undefined;
    }
    return this.start('IopUnloadDriver', [driver.address], `unload:${name}`);
  }

  unloaded(name: string): void {
    const { kernel, parts } = this;
    this.setDriver(name, 'unloaded');
    const driver = parts.drivers.find(name);
    const nameBuffer = driver === undefined ? 0 : parts.drivers.read(driver, 'DriverName.Buffer');
    const tracked = this.holdingsOf(name).filter(({ kind }) => kind === 'pool' || kind === 'MDL');
    const isTracked = kernel.verifiedModule(name, verifierFlags.poolTracking);
    if (driver !== undefined) this.discard(driver);
    if (!isTracked || tracked.length === 0) {
      this.reportLeaks(name, false);
      return;
    }
    // The bug check stops the host before anybody looks for leaks, so it has to name the calls itself.
    const calls = tracked.slice(0, NAMED_HOLDINGS).map((holding) => leakMessage(holding, false));
    const more = tracked.length - calls.length;
    kernel.stopWith(
      verifierViolation(
        [0x62, nameBuffer, 0, tracked.length],
        `${name} was unloaded with ${tracked.length} allocation${tracked.length === 1 ? '' : 's'} that it had not released. ${calls.join('. ')}.${more > 0 ? ` And ${more} more.` : ''}`,
      ),
    );
  }

  private holdingsOf(name: string): readonly Holding[] {
    return [...this.kernel.ledger.live()].filter((one) => one.own && one.module === name);
  }

  private reportLeaks(name: string, resident: boolean): void {
    const { kernel } = this;
    for (const holding of this.holdingsOf(name)) {
      kernel.reports.add('leak', {
        host: kernel.host.name,
        kind: holding.kind,
        bytes: holding.bytes,
        message: leakMessage(holding, resident),
        site: holding.site,
        resident,
      });
    }
  }

  private holdersOf(driver: DriverRecord): readonly string[] {
    const { parts } = this;
    const holders: string[] = [];
    for (const device of parts.devices.of(driver.address)) {
      const label = device.name ?? `the device object at ${hex(device.address, 16)}`;
      for (const file of parts.files.filesOf(device.address)) {
        const handles = parts.files.handlesOf(file);
        for (const handle of handles) {
          const owner =
            parts.processes.find(handle.process)?.declaration.name ??
            (handle.process === 0 ? 'the kernel' : `process ${handle.process}`);
          holders.push(`${owner} has a handle to ${label} (opened at ${placeOf(handle.site)})`);
        }
        if (handles.length === 0) {
          holders.push(`the file object at ${hex(file, 16)} of ${label} is still referenced`);
        }
      }
      for (const irp of parts.irps.at(device.address)) {
        holders.push(
          `the IRP at ${hex(irp.address, 16)} is still pending at ${label} (made at ${placeOf(irp.site)})`,
        );
      }
    }
    return holders;
  }

  private discard(driver: DriverRecord): void {
    const { kernel, parts } = this;
    const image = kernel.vm.image(kernel.host.index, driver.name);
    if (image !== undefined) unmapImage(kernel, image, kernel.host.system);
    parts.drivers.remove(driver);
  }

  // ---- Helpers -------------------------------------------------------------------------------------

  private start(routine: string, values: readonly number[], purpose: string): number | undefined {
    const { kernel } = this;
    const entry: VirtualAddress | undefined = kernel.vm.addressOf(
      kernel.host.index,
      'ntoskrnl',
      routine,
    );
    if (entry === undefined) throw new RangeError(`the kernel has no ${routine}`);
    return this.parts.processes.startSystemThread({
      name: 'System',
      process: 0,
      entry: virtual(entry),
      arguments: values,
      purpose,
    });
  }

  private failLoad(
    name: string,
    code: number,
    reason: string,
    site?: FailureReport['site'],
  ): undefined {
    this.setDriver(name, 'failed');
    this.report('load', name, code, `${name} did not load: ${reason}`, site);
    return undefined;
  }

  private report(
    kind: FailureReport['kind'],
    subject: string,
    code: number | undefined,
    message: string,
    site?: FailureReport['site'],
  ): void {
    this.kernel.reports.add('failure', {
      host: this.kernel.host.name,
      kind,
      subject,
      status: code === undefined ? undefined : code >>> 0,
      message,
      site,
    });
  }

  private setDriver(name: string, state: DriverState): void {
    this.kernel.store.set(this.driverStates, name, state);
  }

  private stateOf(name: string): DriverState | undefined {
    return this.kernel.store.get(this.driverStates, name);
  }

  private setDevice(driver: string, nic: string, state: DeviceState): void {
    this.kernel.store.set(this.deviceStates, `${driver}|${nic}`, state);
  }

  private deviceState(driver: string, nic: string): DeviceState | undefined {
    return this.kernel.store.get(this.deviceStates, `${driver}|${nic}`);
  }
}

/** First routines of events, in C. */
const eventRoutines = {
  surprise_removal: 'PipSurpriseRemoveDevice',
  removal: 'PipQueryRemoveDevice',
  rebalance: 'PipRebalanceDevice',
} as const;

/** The NICs that a driver is bound to. */
export function nicsOf(declaration: DriverDeclaration): readonly string[] {
  return declaration.devices;
}

function leakMessage(holding: Holding, resident: boolean): string {
  const made = `${whatIs(holding)} of ${holding.routine} at ${placeOf(holding.site)}`;
  return resident
    ? `${holding.module} stays loaded, since it has no DriverUnload, and keeps ${made}`
    : `${holding.module} did not release ${made}`;
}

/** Names that nothing defines: routines of Windows that the emulator does not have yet, and others. */
function unresolvedText(image: ModuleImage): string {
  const names = image.unresolved.map((one) => one.name);
  const known = new Set(
    image.declaration.units.flatMap((unit) =>
      unit.functions
        .filter(({ range }) => range.file.origin === 'builtin')
        .map((symbol) => symbol.name),
    ),
  );
  const unsupported = names.filter((name) => known.has(name));
  const unknown = names.filter((name) => !known.has(name));
  return [
    unsupported.length > 0 ? `it uses ${unsupported.join(', ')}, not supported yet` : '',
    unknown.length > 0 ? `it uses ${unknown.join(', ')}, which nothing defines` : '',
  ]
    .filter((text) => text !== '')
    .join('; ');
}
