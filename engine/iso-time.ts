/** A time as written in ISO 8601. */
export interface IsoTime {
  /** Milliseconds since the epoch; a time without a zone is taken as UTC. */
  readonly ms: number;
  /** What the text says beyond milliseconds, in nanoseconds. */
  readonly nanos: number;
  /** The date as written, `YYYY-MM-DD`, in the text's own zone. */
  readonly date: string;
  readonly hasTime: boolean;
  readonly hasZone: boolean;
  /** The zone as written, with a space that stands before it; empty where there is none. */
  readonly zone: string;
  /** How far the zone is ahead of UTC. */
  readonly offsetMs: number;
  readonly fractionDigits: number;
  /** `T` or a space. */
  readonly separator: string;
}

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:([Tt ])(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,30}))?)?(\s?(?:Z|z|[+-]\d{2}(?::?\d{2})?))?)?$/;

/**
 * Reads an ISO 8601 date or time (RFC 3339, also without seconds or zone). @returns undefined where the text is none, or names a day or hour that does
 * not exist
 */
export function parseIsoTime(text: string): IsoTime | undefined {
  const match = ISO.exec(text.trim());
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', separator = '', hour = '0', minute = '0', second = '0', fraction = '', zone = ''] = match;
  const date = `${year}-${month}-${day}`;
  const dayMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Date.UTC takes the years 0 to 99 for 1900 to 1999, and rolls the 31st of June over
  if (formatIsoDate(dayMs) !== date) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const offsetMs = readOffset(zone.trim());
  if (offsetMs === undefined) return undefined;
  const nine = fraction.slice(0, 9).padEnd(9, '0');
  const timeMs = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000 + Number(nine.slice(0, 3));
  return {
    ms: dayMs + timeMs - offsetMs,
    nanos: Number(nine.slice(3)),
    date,
    hasTime: separator !== '',
    hasZone: zone !== '',
    zone,
    offsetMs,
    fractionDigits: fraction.length,
    separator: separator === '' ? 'T' : separator,
  };
}

/** `YYYY-MM-DD` in UTC. */
export function formatIsoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Whether the time lies in the years 100 to 9999, which `parseIsoTime` reads again. */
export function isFourDigitYear(ms: number): boolean {
  return ms >= -59_011_459_200_000 && ms <= 253_402_300_799_999;
}

function readOffset(zone: string): number | undefined {
  if (zone === '' || zone.toUpperCase() === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
