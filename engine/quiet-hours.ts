/** When somebody is not to be told, by the clock on their wall. */
export interface QuietHours {
  /** `22:00` */
  readonly from: string;
  /** `07:00`; before `from` where it is of the next day. */
  readonly to: string;
  /** An IANA name. */
  readonly timezone: string;
}

const MINUTE_MS = 60_000;
/** No day is longer, not even the one on which clocks are put back. */
const LONGEST_DAY_MINUTES = 25 * 60;

const clocks = new Map<string, Intl.DateTimeFormat>();

/**
 * When the quiet hours end that hold at a time; undefined where none do. They begin and end by the clock of the time zone: where that is put forward they are shorter, and where it
 * is put back, longer.
 * @throws RangeError where there is no such time zone
 */
export function quietUntil({ from, to, timezone }: QuietHours, at: number): number | undefined {
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const isQuiet = (time: number) => {
    const minute = minuteOfDay(timezone, time);
    return begin < end ? begin <= minute && minute < end : minute >= begin || minute < end;
  };
  if (!isQuiet(at)) return undefined;
  const thisMinute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  for (let n = 1; n <= LONGEST_DAY_MINUTES; n++) if (!isQuiet(thisMinute + n * MINUTE_MS)) return thisMinute + n * MINUTE_MS;
  return undefined;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

function minuteOfDay(timezone: string, at: number): number {
  const clock = clocks.get(timezone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  clocks.set(timezone, clock);
  return minutesOf(clock.format(at));
}
