/** Answers questions about the past by replaying it, the latest stretch first; the caller puts the present back. */
import { byteOffset, frame, PAGE_SIZE, type PageFrame, virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { Page } from '../../base/store.ts';
import type { History } from '../history.ts';
import { codeFlags, type Module } from '../module.ts';
import type { Observer, VirtualMachine } from '../virtual-machine.ts';
import type { DataWatch } from './data-watch.ts';
import { visibleVariables } from './evaluation.ts';
import { formatValue } from './format-value.ts';
import { parseReference } from './memory-reference.ts';
import { routinePattern } from './names.ts';
import type { DataBreakpoint, Found, Moment, Query } from './requests.ts';
import type { DebugStorage } from './typed-value.ts';

/** What a search needs of the debugger. */
export interface SearchTools {
  readonly machine: VirtualMachine;
  readonly history: History;
  readonly statusName: (status: number) => string | undefined;
  /** Repeats hit counts and log messages, and tells what it passes; marked places with mask `breakpoint`. */
  replaying(mask: number, arrived: () => void, happened: () => void): Observer;
  /** Marks instructions by module, so that `replaying` stops at them. */
  arm(places: ReadonlyMap<Module, ReadonlySet<number>>): void;
  /** Watches these instead of the user's data breakpoints. */
  watch(breakpoints: readonly DataBreakpoint[]): DataWatch;
}

/** A part of a physical page that is asked about. */
interface Piece {
  readonly host: number;
  readonly address: number;
  readonly bytes: number;
  /** The page's number in the store. */
  readonly stored: PageFrame;
}

/** More than this of one range is not watched. */
const LARGEST_RANGE = 0x10_0000;
/** Characters of an argument in a list of calls. */
const LONGEST_ARGUMENT = 60;

const none = (message: string): Found => ({ kind: 'found', moments: [], more: false, message });

/** Pursues a query. Leaves the machine somewhere in its history. */
export function search(query: Query, tools: SearchTools): Generator<undefined, Found> {
  return query.kind === 'lastWrite' ? lastWrite(query, tools) : calls(query, tools);
}

// ---- The last write ----------------------------------------------------------------------------------

/**
 * A page that is the same object in two snapshots was not written in between, so only stretches in which it
 * was copied are replayed.
 */
function* lastWrite(
  query: Extract<Query, { kind: 'lastWrite' }>,
  tools: SearchTools,
): Generator<undefined, Found> {
  const { machine, history } = tools;
  const pieces = piecesOf(query, machine);
  if (typeof pieces === 'string') return none(pieces);
  const watch = tools.watch(
    pieces.map(({ host, address, bytes }) => ({
      id: 'search',
      reference: `phys:${machine.hostName(host)}:${hex(address)}`,
      bytes,
      access: 'write',
    })),
  );
  let upper = machine.tick;
  let pages = pieces.map(({ stored }) => machine.store.peekPage(stored));
  for (;;) {
    const start = history.latestBefore(upper);
    if (start === undefined) break;
    const isEdited = history.editedBefore(upper + 1) && history.latestBefore(upper + 1) === upper;
    const before = pieces.map(({ stored }) => history.pageBefore(upper, stored));
    if (before.some((page, index) => page !== pages[index])) {
      history.restoreBefore(upper);
      watch.reset();
      let written: number | undefined;
      const happened = (): void => {
        if (watch.take().length > 0) written = machine.tick;
      };
      yield* history.replay(
        upper,
        tools.replaying(0, () => {}, happened),
      );
      yield;
      if (isEdited && pieces.some((piece, index) => differs(machine, piece, pages[index]))) {
        return found([
          { tick: upper, text: 'It was changed by hand in the debugger.', site: undefined },
        ]);
      }
      if (written !== undefined) return found([yield* describeWrite(written, pieces, tools)]);
    }
    pages = before;
    upper = start;
  }
  return none('Nothing has written there since the beginning of the run.');
}

/** The moment before a write, with what it changed. */
function* describeWrite(
  written: number,
  pieces: readonly Piece[],
  tools: SearchTools,
): Generator<undefined, Moment> {
  const { machine, history } = tools;
  const quiet = tools.replaying(
    0,
    () => {},
    () => {},
  );
  yield* history.goTo(written - 1, quiet);
  const [piece] = pieces;
  const read = (): string => (piece === undefined ? '' : contents(machine, piece));
  const before = read();
  const thread = machine.current;
  const who = runningRoutine(machine, thread);
  const site = machine.siteOf(thread, true) ?? machine.siteOf(thread);
  yield* history.replay(written, quiet);
  const after = read();
  const change = before === after ? `wrote ${after} again` : `wrote ${after}, before ${before}`;
  return { tick: written - 1, text: `${who} ${change}`, site };
}

/** Why a range cannot be watched, or its parts by physical page as it maps now. */
function piecesOf(
  { reference, bytes }: Extract<Query, { kind: 'lastWrite' }>,
  machine: VirtualMachine,
): readonly Piece[] | string {
  const place = parseReference(reference);
  const host = machine.hosts.find((one) => machine.hostName(one) === place?.host);
  if (place === undefined || host === undefined || bytes <= 0) {
    return `${reference} is no place in memory.`;
  }
  if (bytes > LARGEST_RANGE) return `At most ${LARGEST_RANGE} bytes can be asked about at once.`;
  const pieces: Piece[] = [];
  for (let done = 0; done < bytes; ) {
    const at = place.address + done;
    const length = Math.min(PAGE_SIZE - byteOffset(at), bytes - done);
    const address = place.space === 'physical' ? at : machine.translate(host, place.process, at);
    if (address !== undefined) {
      const page = frame(Math.floor(address / PAGE_SIZE));
      const stored = machine.physicalMemory(host).storedFrame(page);
      pieces.push({ host, address, bytes: length, stored });
    }
    done += length;
  }
  return pieces.length === 0 ? `No memory is mapped at ${hex(place.address, 16)} now.` : pieces;
}

/** Whether a piece of memory has other bytes now than a page has. */
function differs(machine: VirtualMachine, piece: Piece, page: Page | undefined): boolean {
  if (page === undefined) return false;
  const now = machine.peekBytes(true, piece.host, 0, piece.address, piece.bytes);
  const offset = byteOffset(piece.address);
  return now?.some((byte, index) => byte !== page.bytes[offset + index]) ?? false;
}

/** A number where the bytes can be one, else the bytes. */
function contents(machine: VirtualMachine, { host, address, bytes }: Piece): string {
  const all = machine.peekBytes(true, host, 0, address, Math.min(bytes, 16));
  if (all === undefined) return '??';
  const digits = [...all].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'));
  const isNumber = [1, 2, 4, 8].includes(bytes);
  if (isNumber)
    return `0x${BigInt(`0x${digits.reverse().join('')}`)
      .toString(16)
      .toUpperCase()}`;
  return digits.join(' ') + (bytes > 16 ? ' ...' : '');
}

/** `Proxy!Fill`, or `memset, called by Proxy!Fill`. */
function runningRoutine(machine: VirtualMachine, thread: number): string {
  const names: string[] = [];
  for (const { routine, module } of machine.frames(thread)) {
    if (routine === undefined) continue;
    names.push(routine.code === undefined ? routine.name : `${module?.name ?? ''}!${routine.name}`);
    if (module?.declaration.own === true || names.length > 4) break;
  }
  return names.length === 0 ? 'The machine' : names.join(', called by ');
}

// ---- Calls -------------------------------------------------------------------------------------------

function* calls(
  { name, limit }: Extract<Query, { kind: 'calls' }>,
  tools: SearchTools,
): Generator<undefined, Found> {
  const { machine, history } = tools;
  const places = entriesOf(name, machine);
  if (places.size === 0) return none(`No routine is called ${name}.`);
  tools.arm(places);
  const isEntry = (): boolean => {
    const { module, index } = machine.processor;
    return places.get(module)?.has(index) === true;
  };
  const moments: Moment[] = [];
  let last = history.frontier;
  let more = false;
  while (moments.length < limit) {
    const start = history.latestBefore(last);
    if (start === undefined) break;
    // First only the moments: what a loop calls a million times is not described as often.
    let ticks: number[] = [];
    history.restoreBefore(last);
    const note = (): void => {
      if (isEntry()) ticks.push(machine.tick);
    };
    yield* history.replay(
      last,
      tools.replaying(codeFlags.breakpoint, note, () => {}),
    );
    yield;
    const missing = limit - moments.length;
    more ||= ticks.length > missing;
    ticks = ticks.slice(-missing);
    const [first] = ticks;
    if (first !== undefined) {
      const described: Moment[] = [];
      const describe = (): void => {
        if (machine.tick >= first && isEntry()) described.push(describeCall(tools));
      };
      history.restoreBefore(last);
      yield* history.replay(
        last,
        tools.replaying(codeFlags.breakpoint, describe, () => {}),
      );
      moments.unshift(...described);
      yield;
    }
    last = start;
  }
  more ||= moments.length >= limit && history.latestBefore(last) !== undefined;
  if (moments.length === 0) return none(`${name} was not called so far.`);
  return { kind: 'found', moments, more, message: undefined };
}

/** First instructions of the routines that a name means. */
function entriesOf(name: string, machine: VirtualMachine): Map<Module, Set<number>> {
  const accepts = routinePattern(name);
  const places = new Map<Module, Set<number>>();
  for (const host of machine.hosts) {
    for (const module of machine.modulesOf(host)) {
      const indexes = module.routines.filter(accepts).map(({ first }) => first);
      if (indexes.length > 0) places.set(module, new Set(indexes));
    }
  }
  return places;
}

/** The call that has just begun, with its arguments and where it comes from. */
function describeCall({ machine, statusName }: SearchTools): Moment {
  const { processor, tick } = machine;
  const { module, index, fp, host, process } = processor;
  const routine = module.routineAt(index);
  const storage: DebugStorage = {
    peek: machine.peek(host, process),
    codeName: (address) => {
      const found = machine.routineAt(host, address);
      return found && `${found.module}!${found.name}`;
    },
    statusName,
  };
  const list =
    routine === undefined
      ? []
      : visibleVariables(routine, index)
          .filter(({ variable }) => variable.storage === 'parameter')
          .map(({ variable: { name, type }, offset, indirect }) => {
            const slot = fp + offset;
            const address = indirect ? storage.peek.read64(virtual(slot)) : slot;
            const text =
              typeof address === 'number'
                ? formatValue(
                    { type, location: { kind: 'memory', address: virtual(address) } },
                    storage,
                  )
                : '??';
            return `${name}=${shortened(text)}`;
          });
  let caller: string | undefined;
  let site: Moment['site'];
  let isCallee = true;
  for (const one of machine.frames(processor.thread)) {
    if (!isCallee && one.routine !== undefined) {
      caller ??= `${one.module?.name ?? ''}!${one.routine.name}`;
      site ??= machine.siteOfFrame(one);
      if (site !== undefined) break;
    }
    isCallee = false;
  }
  const from = caller === undefined ? '' : `${caller}: `;
  return { tick, text: `${from}${routine?.name ?? ''}(${list.join(', ')})`, site };
}

const shortened = (text: string): string =>
  text.length > LONGEST_ARGUMENT ? `${text.slice(0, LONGEST_ARGUMENT)}...` : text;

const found = (moments: readonly Moment[]): Found => ({
  kind: 'found',
  moments,
  more: false,
  message: undefined,
});
