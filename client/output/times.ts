const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `480 ms`, `3.2 s`, `42 s`, `3 min 12 s`, `2 h 5 min`, `4 d 3 h`. */
export function formatDuration(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND) return `${trimZero((ms / SECOND).toFixed(1))} s`;
  if (ms < MINUTE - SECOND / 2) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return pair(Math.round(ms / SECOND), 60, 'min', 's');
  if (ms < DAY) return pair(Math.round(ms / MINUTE), 60, 'h', 'min');
  return pair(Math.round(ms / HOUR), 24, 'd', 'h');
}

/** `just now`, `12 s ago`, `5 min ago`, `3 h ago`, `4 days ago`. */
export function formatAgo(at: number, now: number): string {
  const ms = now - at;
  if (ms < 2 * SECOND) return 'just now';
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s ago`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ago`;
  const days = Math.floor(ms / DAY);
  return days === 1 ? '1 day ago' : `${days} days ago`;
}

/** Local date and time: `2026-01-31 09:05:07`. */
export function formatTime(at: number): string {
  return `${formatDay(at)} ${formatClock(at).slice(0, 8)}`;
}

/** Local date: `2026-01-31`. */
export function formatDay(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Local time of day with milliseconds: `09:05:07.250`. */
export function formatClock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function pair(units: number, size: number, large: string, small: string): string {
  const rest = units % size;
  return `${Math.floor(units / size)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function trimZero(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}
