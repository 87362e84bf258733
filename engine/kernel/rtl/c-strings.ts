/** The C library's string routines, for drivers (and, with user-mode memory, for processes). */
import type { Native, NativeCall, NativeTable } from '../../vm/natives.ts';
import { compareUnits } from './characters.ts';

/** Longest string that is looked at. */
const LIMIT = 0x100_0000;

interface Width {
  readonly bytes: 1 | 2;
  read(call: NativeCall, address: number, limit?: number): string;
}

const narrow: Width = {
  bytes: 1,
  read: (call, address, limit = LIMIT) =>
    call.memory.readString(address, limit, `a string given to ${call.routine}`),
};

const wide: Width = {
  bytes: 2,
  read: (call, address, limit = LIMIT) =>
    call.memory.readWideString(address, limit, `a string given to ${call.routine}`),
};

/** Copies a string with its written marks and its terminator, in one piece: an object may be too short for it. */
function append(call: NativeCall, width: Width, at: number, source: number): void {
  call.memory.copy(at, source, (width.read(call, source).length + 1) * width.bytes);
}

function compareStrings(width: Width, caseless: boolean): Native {
  return (call) =>
    Math.sign(
      compareUnits(width.read(call, call.number(0)), width.read(call, call.number(1)), caseless),
    );
}

function compareCounted(width: Width, caseless: boolean): Native {
  return (call) => {
    const limit = call.number(2);
    return Math.sign(
      compareUnits(
        width.read(call, call.number(0), limit),
        width.read(call, call.number(1), limit),
        caseless,
      ),
    );
  };
}

function find(width: Width, last: boolean): Native {
  return (call) => {
    const text = `${width.read(call, call.number(0))}\0`;
    const wanted = String.fromCharCode(call.number(1) & (width.bytes === 1 ? 0xff : 0xffff));
    const index = last ? text.lastIndexOf(wanted) : text.indexOf(wanted);
    return index < 0 ? 0 : call.number(0) + index * width.bytes;
  };
}

function stringRoutines(width: Width) {
  const read = width.read;
  return {
    length: ((call) => read(call, call.number(0)).length) satisfies Native,
    lengthLimited: ((call) => read(call, call.number(0), call.number(1)).length) satisfies Native,
    copy: ((call) => {
      append(call, width, call.number(0), call.number(1));
      return call.number(0);
    }) satisfies Native,
    copyCounted: ((call) => {
      const [destination, source, count] = [call.number(0), call.number(1), call.number(2)];
      const length = read(call, source, count).length;
      call.memory.copy(destination, source, length * width.bytes);
      call.memory.fill(
        destination + length * width.bytes,
        Math.max(0, count - length) * width.bytes,
        0,
      );
      return destination;
    }) satisfies Native,
    concatenate: ((call) => {
      const end = call.number(0) + read(call, call.number(0)).length * width.bytes;
      append(call, width, end, call.number(1));
      return call.number(0);
    }) satisfies Native,
    concatenateCounted: ((call) => {
      const end = call.number(0) + read(call, call.number(0)).length * width.bytes;
      const length = read(call, call.number(1), call.number(2)).length;
      call.memory.copy(end, call.number(1), length * width.bytes);
      call.memory.write(end + length * width.bytes, width.bytes, 0);
      return call.number(0);
    }) satisfies Native,
    findText: ((call) => {
      const index = read(call, call.number(0)).indexOf(read(call, call.number(1)));
      return index < 0 ? 0 : call.number(0) + index * width.bytes;
    }) satisfies Native,
  };
}

/** Length of the part at the start whose characters are all in the set, or all outside it. */
function span(inSet: boolean): Native {
  return (call) => {
    const text = narrow.read(call, call.number(0));
    const set = narrow.read(call, call.number(1));
    const end = [...text].findIndex((character) => set.includes(character) !== inSet);
    return end < 0 ? text.length : end;
  };
}

const narrowRoutines = stringRoutines(narrow);
const wideRoutines = stringRoutines(wide);

export const stringNatives: NativeTable = {
  strlen: narrowRoutines.length,
  strnlen: narrowRoutines.lengthLimited,
  strcpy: narrowRoutines.copy,
  strncpy: narrowRoutines.copyCounted,
  strcat: narrowRoutines.concatenate,
  strncat: narrowRoutines.concatenateCounted,
  strcmp: compareStrings(narrow, false),
  strncmp: compareCounted(narrow, false),
  _stricmp: compareStrings(narrow, true),
  _strnicmp: compareCounted(narrow, true),
  strchr: find(narrow, false),
  strrchr: find(narrow, true),
  strstr: narrowRoutines.findText,
  strspn: span(true),
  strcspn: span(false),
  strpbrk: (call) => {
    const text = narrow.read(call, call.number(0));
    const set = narrow.read(call, call.number(1));
    const index = [...text].findIndex((character) => set.includes(character));
    return index < 0 ? 0 : call.number(0) + index;
  },
  wcslen: wideRoutines.length,
  wcsnlen: wideRoutines.lengthLimited,
  wcscpy: wideRoutines.copy,
  wcsncpy: wideRoutines.copyCounted,
  wcscat: wideRoutines.concatenate,
  wcsncat: wideRoutines.concatenateCounted,
  wcscmp: compareStrings(wide, false),
  wcsncmp: compareCounted(wide, false),
  _wcsicmp: compareStrings(wide, true),
  _wcsnicmp: compareCounted(wide, true),
  wcschr: find(wide, false),
  wcsrchr: find(wide, true),
  wcsstr: wideRoutines.findText,
};
