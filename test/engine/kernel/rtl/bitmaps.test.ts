import { describe, expect, it } from 'vitest';
import { entry, runDriver, violationsOf } from '../life/support.ts';

const run = (statements: string) => {
  const found = runDriver(entry(statements));
  expect(found.reports.list('bugCheck')).toEqual([]);
  expect(found.reports.list('leak')).toEqual([]);
  return { lines: found.output, found };
};

/** A bitmap `map` of 40 bits, all clear. */
const MAP = `ULONG words[2]; RTL_BITMAP map; ULONG at = 99;
  UNREFERENCED_PARAMETER(at);
  RtlInitializeBitMap(&map, words, 40); RtlClearAllBits(&map);`;

describe('a bitmap', () => {
  it('is bits of the caller: the lowest of the first ULONG comes first', () => {
    const { lines, found } = run(`${MAP}
    DbgPrint("%u %u\\n", map.SizeOfBitMap, map.Buffer == words);
    RtlSetBits(&map, 4, 30); DbgPrint("%x %x\\n", words[0], words[1]);
    RtlClearBits(&map, 6, 20); DbgPrint("%x %x\\n", words[0], words[1]);
    RtlSetBit(&map, 39); RtlClearBit(&map, 4); DbgPrint("%x %x %u %u\\n", words[0], words[1], RtlTestBit(&map, 39), RtlTestBit(&map, 4));
    DbgPrint("%u %u\\n", RtlNumberOfSetBits(&map), RtlNumberOfClearBits(&map));
    RtlSetAllBits(&map); DbgPrint("%x %x %u\\n", words[0], words[1], RtlNumberOfSetBits(&map));`);
    expect(lines).toEqual([
      '40 1',
      'fffffff0 3',
      'fc000030 3',
      'fc000020 83 1 0',
      '10 30',
      'ffffffff ffffffff 40',
    ]);
    expect(violationsOf(found)).toEqual([]);
  });

  it('tells whether a run is equal; an empty one and one behind the end are not', () => {
    const { lines } = run(`${MAP}
    RtlSetBits(&map, 8, 16);
    DbgPrint("%u %u %u %u\\n", RtlAreBitsSet(&map, 8, 16), RtlAreBitsSet(&map, 7, 2), RtlAreBitsClear(&map, 0, 8), RtlAreBitsClear(&map, 0, 9));
    DbgPrint("%u %u %u\\n", RtlAreBitsClear(&map, 0, 0), RtlAreBitsClear(&map, 30, 11), RtlAreBitsClear(&map, 30, 10));`);
    expect(lines).toEqual(['1 0 1 0', '0 0 1']);
  });

  it('is searched from a hint on, then from the beginning', () => {
    const { lines } = run(`${MAP}
    RtlSetBits(&map, 10, 10);
    DbgPrint("%u %u %u %x\\n", RtlFindClearBits(&map, 10, 0), RtlFindClearBits(&map, 10, 5), RtlFindClearBits(&map, 10, 35), RtlFindClearBits(&map, 21, 0));
    DbgPrint("%u %u %x\\n", RtlFindSetBits(&map, 3, 0), RtlFindSetBits(&map, 3, 15), RtlFindSetBits(&map, 11, 0));
    DbgPrint("%u", RtlFindClearBitsAndSet(&map, 4, 8)); DbgPrint(" %u %u\\n", RtlAreBitsSet(&map, 10, 14), RtlNumberOfSetBits(&map));
    DbgPrint("%u", RtlFindSetBitsAndClear(&map, 14, 30)); DbgPrint(" %u\\n", RtlNumberOfSetBits(&map));`);
    expect(lines).toEqual(['0 20 0 ffffffff', '10 15 ffffffff', '20 1 14', '10 0']);
  });

  it('lists its clear runs', () => {
    const { lines } = run(`${MAP} RTL_BITMAP_RUN runs[3]; ULONG count;
    RtlSetBits(&map, 0, 2); RtlSetBits(&map, 5, 5); RtlSetBits(&map, 30, 2);
    count = RtlFindFirstRunClear(&map, &at); DbgPrint("%u at %u\\n", count, at);
    count = RtlFindLongestRunClear(&map, &at); DbgPrint("%u at %u\\n", count, at);
    count = RtlFindNextForwardRunClear(&map, 12, &at); DbgPrint("%u at %u\\n", count, at);
    count = RtlFindLastBackwardRunClear(&map, 30, &at); DbgPrint("%u at %u\\n", count, at);
    count = RtlFindClearRuns(&map, runs, 3, FALSE); DbgPrint("%u: %u+%u %u+%u %u+%u\\n", count, runs[0].StartingIndex, runs[0].NumberOfBits, runs[1].StartingIndex, runs[1].NumberOfBits, runs[2].StartingIndex, runs[2].NumberOfBits);
    count = RtlFindClearRuns(&map, runs, 2, TRUE); DbgPrint("%u: %u+%u %u+%u\\n", count, runs[0].StartingIndex, runs[0].NumberOfBits, runs[1].StartingIndex, runs[1].NumberOfBits);
    DbgPrint("%d %d %d\\n", RtlFindMostSignificantBit(0x8000000010ULL), RtlFindLeastSignificantBit(0x8000000010ULL), RtlFindMostSignificantBit(0));`);
    expect(lines).toEqual([
      '3 at 2',
      '20 at 10',
      '18 at 12',
      '20 at 10',
      '3: 2+3 10+20 32+8',
      '2: 10+20 32+8',
      '39 4 -1',
    ]);
  });

  it('that was never written is found where it is read', () => {
    const { found } = run(
      'ULONG words[2]; RTL_BITMAP map; RtlInitializeBitMap(&map, words, 40); RtlNumberOfSetBits(&map);',
    );
    expect(violationsOf(found)).toEqual(['uninitialized_memory']);
  });
});

describe('a time', () => {
  it('has fields, from 1601 on', () => {
    const { lines } = run(`LARGE_INTEGER time; TIME_FIELDS f;
    time.QuadPart = 0; RtlTimeToTimeFields(&time, &f); DbgPrint("%d-%d-%d %d:%d:%d.%d %d\\n", f.Year, f.Month, f.Day, f.Hour, f.Minute, f.Second, f.Milliseconds, f.Weekday);
    time.QuadPart = 125911584001230000LL; RtlTimeToTimeFields(&time, &f); DbgPrint("%d-%d-%d %d:%d:%d.%d %d\\n", f.Year, f.Month, f.Day, f.Hour, f.Minute, f.Second, f.Milliseconds, f.Weekday);
    f.Year = 2000; f.Month = 2; f.Day = 29; f.Hour = 23; f.Minute = 59; f.Second = 59; f.Milliseconds = 999;
    DbgPrint("%u %I64d\\n", RtlTimeFieldsToTime(&f, &time), time.QuadPart);
    f.Year = 2001; DbgPrint("%u\\n", RtlTimeFieldsToTime(&f, &time));
    time.QuadPart = 5; { LARGE_INTEGER local; ExSystemTimeToLocalTime(&time, &local); DbgPrint("%d\\n", local.LowPart); }`);
    const leap = (BigInt(Date.UTC(2000, 1, 29, 23, 59, 59, 999)) + 11_644_473_600_000n) * 10_000n;
    expect(lines).toEqual(['1601-1-1 0:0:0.0 1', '2000-1-1 0:0:0.123 6', `1 ${leap}`, '0', '5']);
  });
});

describe('a GUID', () => {
  it('is text in braces, and back', () => {
    const { lines } =
      run(`static const GUID guid = {0x4d36e972, 0xe325, 0x11ce, {0xbf, 0xc1, 0x08, 0x00, 0x2b, 0xe1, 0x03, 0x18}};
    UNICODE_STRING text; GUID back; UNICODE_STRING bad = RTL_CONSTANT_STRING(L"{4d36e972}");
    DbgPrint("%x %wZ\\n", RtlStringFromGUID(&guid, &text), &text);
    DbgPrint("%x", RtlGUIDFromString(&text, &back)); DbgPrint(" %u\\n", RtlEqualMemory(&guid, &back, sizeof guid) != 0);
    DbgPrint("%x\\n", RtlGUIDFromString(&bad, &back)); RtlFreeUnicodeString(&text);`);
    expect(lines).toEqual(['0 {4D36E972-E325-11CE-BFC1-08002BE10318}', '0 1', 'c000000d']);
  });
});
