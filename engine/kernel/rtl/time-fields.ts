/** System times as fields of the calendar. A system time counts 100 ns from the first moment of 1601. */
import type { NativeCall, NativeTable } from '../../vm/natives.ts';

const UNITS_OF_MILLISECOND = 10_000n;
const DAY = 86_400_000;
/** Days from 1601-01-01 to 1970-01-01. */
const EPOCH = 134_774;
const FIRST_YEAR = 1601;
const LAST_YEAR = 30_827;
/** 1601 began on a Monday; Sunday is 0. */
const FIRST_WEEKDAY = 1;
/** Years, months and days of TIME_FIELDS, then hours to milliseconds. */
const fields = ['Year', 'Month', 'Day', 'Hour', 'Minute', 'Second', 'Milliseconds'] as const;

/** Days from 1970-01-01 to a date of the Gregorian calendar (its year begins in March here). */
function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date so many days behind 1970-01-01. */
function dateOf(days: number): readonly [year: number, month: number, day: number] {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const part = Math.floor((5 * dayOfYear + 2) / 153);
  const month = part < 10 ? part + 3 : part - 9;
  return [
    yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    dayOfYear - Math.floor((153 * part + 2) / 5) + 1,
  ];
}

/** RtlTimeToTimeFields(*Time, *Fields). */
function split(call: NativeCall): undefined {
  const time = BigInt.asUintN(63, BigInt(call.memory.read64(call.number(0), 'Time')));
  const milliseconds = Number(time / UNITS_OF_MILLISECOND);
  const days = Math.floor(milliseconds / DAY);
  const rest = milliseconds - days * DAY;
  const values = [
    ...dateOf(days - EPOCH),
    Math.floor(rest / 3_600_000),
    Math.floor(rest / 60_000) % 60,
    Math.floor(rest / 1000) % 60,
    rest % 1000,
    (days + FIRST_WEEKDAY) % 7,
  ];
  values.forEach((value, index) => {
    call.memory.write(call.number(1) + 2 * index, 2, value);
  });
  return undefined;
}

/** RtlTimeFieldsToTime(*Fields, *Time): the weekday is not looked at. */
function join(call: NativeCall): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milliseconds = 0] =
    fields.map((name, index) =>
      call.memory.readSigned(call.number(0) + 2 * index, 2, `TimeFields->${name}`),
    );
  const inRange = (value: number, least: number, most: number): boolean =>
    value >= least && value <= most;
  const valid =
    inRange(year, FIRST_YEAR, LAST_YEAR) &&
    inRange(month, 1, 12) &&
    inRange(
      day,
      1,
      daysOf(month === 12 ? year + 1 : year, (month % 12) + 1, 1) - daysOf(year, month, 1),
    ) &&
    inRange(hour, 0, 23) &&
    inRange(minute, 0, 59) &&
    inRange(second, 0, 59) &&
    inRange(milliseconds, 0, 999);
  if (!valid) return 0;
  const total =
    (daysOf(year, month, day) + EPOCH) * DAY +
    hour * 3_600_000 +
    minute * 60_000 +
    second * 1000 +
    milliseconds;
  call.memory.write64(call.number(1), BigInt(total) * UNITS_OF_MILLISECOND);
  return 1;
}

/** The machine's clock shows universal time. */
function same(call: NativeCall): undefined {
  call.memory.write64(call.number(1), call.memory.read64(call.number(0), 'Time'));
  return undefined;
}

export const timeFieldNatives: NativeTable = {
  RtlTimeToTimeFields: split,
  RtlTimeFieldsToTime: join,
  ExSystemTimeToLocalTime: same,
  ExLocalTimeToSystemTime: same,
};
