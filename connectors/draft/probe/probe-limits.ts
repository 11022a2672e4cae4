import type { JsonObject } from '../../../engine/json.ts';
import { announcedWindows } from '../../../http/limit-headers.ts';
import type { ProbeReport } from './findings.ts';

type Headers = Readonly<Record<string, string>>;
type Window = { readonly count: number; readonly per: string };

const UNITS: Readonly<Record<string, string>> = { second: '1s', minute: '1m', hour: '1h', day: '1d' };
/** Read by the client without being named. */
const KNOWN = /^(?:x-rate-?limit|ratelimit)-(?:limit|remaining|reset|reset-after|policy)$/;
const NAMES = /(?:rate-?limit|quota|throttle|api-limit|call-limit)/;

/** What the headers of an answer say of limits: windows are declared, so that requests are paced from the first one on. */
export function probeLimits(answers: readonly Headers[]): ProbeReport {
  const headers: Headers = Object.assign({}, ...answers);
  const windows = [...announcedWindows(headers).map(({ count, perMs }) => ({ count, per: durationOf(perMs) })), ...windowsByUnit(headers)];
  const names = namedByThisApi(headers);
  const proposals = [
    ...(windows.length === 0
      ? []
      : [{ of: 'connector' as const, path: ['limits', 'requests'], value: windows.map((window) => ({ ...window })), why: 'answers say so' }]),
    ...(names === undefined ? [] : [{ of: 'connector' as const, path: ['limits', 'headers'], value: names, why: 'answers have these headers' }]),
  ];
  return { findings: [{ subject: 'limits', isGood: true, said: words(windows, names, headers) }], proposals };
}

function words(windows: readonly Window[], names: JsonObject | undefined, headers: Headers): string {
  if (windows.length > 0) return `announced: ${windows.map(({ count, per }) => `${count} in ${per}`).join(', ')}`;
  if (names !== undefined) return `announced by ${Object.values(names).join(', ')}`;
  const limit = headers['x-ratelimit-limit'] ?? headers['x-rate-limit-limit'] ?? headers['ratelimit-limit'];
  if (limit !== undefined) return `announced: ${limit.slice(0, 40)} in a window of which no answer says how long it is; the headers are read as they come`;
  return 'no header tells of any: declare them where the documentation does';
}

/** `X-RateLimit-Limit-Minute: 100`, as gateways write it. */
function windowsByUnit(headers: Headers): readonly Window[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const [, unit = ''] = /^x-ratelimit-limit-(second|minute|hour|day)$/.exec(name) ?? [];
    const per = UNITS[unit];
    const count = Number(value);
    return per === undefined || !Number.isInteger(count) || count < 1 ? [] : [{ count, per }];
  });
}

/** Names that the client does not know by itself. */
function namedByThisApi(headers: Headers): JsonObject | undefined {
  const own = Object.keys(headers).filter((name) => NAMES.test(name) && !KNOWN.test(name) && !/-(?:second|minute|hour|day)$/.test(name));
  const find = (pattern: RegExp) => own.find((name) => pattern.test(name));
  const [remaining, reset, limit] = [find(/remaining|left/), find(/reset/), find(/limit$|max$|allowed$|total$/)];
  if (remaining === undefined) return undefined;
  return { ...(limit === undefined ? {} : { limit }), remaining, ...(reset === undefined ? {} : { reset }) };
}

function durationOf(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const;
  const [unit, size] = units.find(([, each]) => ms >= each && ms % each === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}
