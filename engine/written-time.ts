import { type IsoTime, parseIsoTime } from './iso-time.ts';

/** A moment as some system writes it, and how it writes others. */
export interface WrittenTime {
  readonly ms: number;
  /** What the text says beyond milliseconds, in nanoseconds. */
  readonly nanos: number;
  /** How far apart two moments are at least that are written differently, in ms. */
  readonly stepMs: number;
  /** How far its zone is ahead of UTC: texts of this form and of the same zone sort by time. Absent: no such texts do. */
  readonly offsetMs?: number;
  /** Another moment in the same form, and in the same zone unless UTC is asked for; never a later one. */
  readonly write: (ms: number, zone?: 'utc') => string;
}

/**
 * Reads a time in a form that systems write: ISO 8601 (also basic, or with `UTC` behind it), the date of an e-mail (RFC 5322), `/Date(1785585780250)/`, or a number since the
 * epoch. @returns undefined where the text is none
 */
export function readTime(text: string): WrittenTime | undefined {
  return readEpoch(text) ?? readIso(text) ?? readBasicIso(text) ?? readMailDate(text) ?? readDateCall(text);
}

/** Smaller numbers, and those of times after 2100, count something else: versions, ids, ticks. Finer units are told from other counts only since 2001. */
const EPOCH_UNITS = [
  { least: 100_000_000n, perSecond: 1n },
  { least: 100_000_000_000n, perSecond: 1_000n },
  { least: 1_000_000_000_000_000n, perSecond: 1_000_000n },
  { least: 1_000_000_000_000_000_000n, perSecond: 1_000_000_000n },
] as const;
const LAST_EPOCH_SECONDS = 4_102_444_800n;
const NANOS = 1_000_000_000n;

function readEpoch(text: string): WrittenTime | undefined {
  const match = /^(\d{9,19})(?:\.(\d{1,30}))?$/.exec(text);
  if (match === null) return undefined;
  const [, digits = '', fraction] = match;
  const whole = BigInt(digits);
  const unit = EPOCH_UNITS.find(({ least, perSecond }) => whole >= least && whole < LAST_EPOCH_SECONDS * perSecond);
  if (unit === undefined) return undefined;
  const { perSecond } = unit;
  const part = BigInt((fraction ?? '').slice(0, 9).padEnd(9, '0')) / perSecond;
  const nanos = whole * (NANOS / perSecond) + part;
  const isOfSeconds = perSecond === 1n && fraction === undefined;
  const write = (ms: number) => {
    if (perSecond === 1n && fraction !== undefined) return (Math.floor(ms) / 1_000).toFixed(3);
    return String(perSecond === 1n ? Math.floor(ms / 1_000) : BigInt(Math.floor(ms)) * (perSecond / 1_000n));
  };
  return { ms: Number(nanos / 1_000_000n), nanos: Number(nanos % 1_000_000n), stepMs: isOfSeconds ? 1_000 : 1, offsetMs: 0, write };
}

function readIso(text: string): WrittenTime | undefined {
  const name = /(?<=\d)\s?(?:UTC|GMT)$/.exec(text)?.[0];
  const time = parseIsoTime(name === undefined ? text : `${text.slice(0, -name.length)}Z`);
  if (time === undefined) return undefined;
  const stepMs = time.hasTime ? (time.fractionDigits > 0 ? 1 : 1_000) : 86_400_000;
  const { ms, nanos, offsetMs } = time;
  return { ms, nanos, stepMs, offsetMs, write: (at, zone) => writeIso(zone === undefined ? time : { ...time, offsetMs: 0 }, at, name) };
}

/** With as much of the clock as the original shows. */
function writeIso({ hasTime, fractionDigits, separator, offsetMs, zone }: IsoTime, ms: number, name: string | undefined): string {
  const iso = new Date(Math.floor(ms) + offsetMs).toISOString();
  if (!hasTime) return iso.slice(0, 10);
  const clock = fractionDigits > 0 ? iso.slice(11, 23) : iso.slice(11, 19);
  return `${iso.slice(0, 10)}${separator}${clock}${name ?? (zone === '' || offsetMs !== 0 ? zone : 'Z')}`;
}

/** Also without the T (`20260801120300`, LDAP's `20260801120300.0Z`) in the years that such a number is taken for a time in. */
function readBasicIso(text: string): WrittenTime | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(T?)(\d\d)(\d\d)(\d\d(?:[.,]\d{1,30})?)(Z|[+-]\d\d(?:\d\d)?)?$/.exec(text);
  if (match === null) return undefined;
  const [, year = '', month, day, separator = '', hour, minute, second, zone = ''] = match;
  if (separator === '' && !/^(?:19|20)/.test(year)) return undefined;
  const time = readIso(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  if (time === undefined) return undefined;
  const write: WrittenTime['write'] = (ms, of) =>
    time
      .write(ms, of)
      .replace(/^(\d+)-(\d+)-(\d+)T/, `$1$2$3${separator}`)
      .replaceAll(':', '');
  return { ...time, write };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MAIL_DATE = /^([A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) (GMT|UTC|UT|Z|[+-]\d{4})$/;

function readMailDate(text: string): WrittenTime | undefined {
  const match = MAIL_DATE.exec(text);
  if (match === null) return undefined;
  const [, weekday, day = '', month = '', year, clock, zone = ''] = match;
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0');
  const time = parseIsoTime(`${year}-${number}-${day.padStart(2, '0')}T${clock}${/\d/.test(zone) ? zone : 'Z'}`);
  if (time === undefined) return undefined;
  const write: WrittenTime['write'] = (ms, of) => {
    const aheadMs = of === undefined ? time.offsetMs : 0;
    // Sat, 01 Aug 2026 12:03:00 GMT
    const text = new Date(Math.floor(ms) + aheadMs).toUTCString();
    const date = day.length === 1 ? text.slice(5, 25).replace(/^0/, '') : text.slice(5, 25);
    return `${weekday === undefined ? '' : text.slice(0, 5)}${date} ${aheadMs === time.offsetMs ? zone : '+0000'}`;
  };
  return { ms: time.ms, nanos: 0, stepMs: 1_000, write };
}

function readDateCall(text: string): WrittenTime | undefined {
  const match = /^\/Date\((-?\d{1,16})([+-]\d{4})?\)\/$/.exec(text);
  if (match === null) return undefined;
  const [, ms, zone = ''] = match;
  return { ms: Number(ms), nanos: 0, stepMs: 1, offsetMs: 0, write: (at) => `/Date(${Math.floor(at)}${zone})/` };
}
