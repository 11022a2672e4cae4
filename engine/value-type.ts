import { assertNever } from './assert-never.ts';
import { checkContact } from './contact-value.ts';
import type { ValueType } from './field-rule.ts';
import { formatIsoDate, isFourDigitYear, parseIsoTime } from './iso-time.ts';
import type { Json } from './json.ts';
import { parseJson } from './parse-json.ts';
import { didYouMean } from './suggest.ts';
import type { TypedValue } from './typed-value.ts';

/** What a value is checked against. */
export interface TypeRule {
  readonly type: ValueType;
  /** The allowed values of type enum. */
  readonly options?: readonly string[] | undefined;
  /** The country of phone numbers without a prefix (ISO 3166). */
  readonly country?: string | undefined;
}

/**
 * Checks a value (not null) against its type and gives it its normal form: integer and number as numbers, date as `YYYY-MM-DD`, datetime in UTC with
 * milliseconds, email with a
 * lower-case domain, phone as E.164, url as the URL standard writes it. Never throws.
 */
export function checkType(value: Json, rule: TypeRule): TypedValue {
  switch (rule.type) {
    case 'string':
      return checkString(value);
    case 'integer':
      return checkInteger(value);
    case 'number':
      return checkNumber(value);
    case 'boolean':
      return checkBoolean(value);
    case 'date':
      return checkDate(value);
    case 'datetime':
      return checkDatetime(value);
    case 'email':
    case 'phone':
    case 'url':
      return checkContact(value, rule.type, rule.country);
    case 'enum':
      return checkEnum(value, rule.options ?? []);
    case 'json':
      return checkJson(value);
    default:
      return assertNever(rule.type);
  }
}

/** The stable reason of a rejection by type: `invalid-email`. */
export function invalidReason(type: ValueType): string {
  return `invalid-${type}`;
}

function good(value: Json): TypedValue {
  return { ok: true, value };
}

function bad(problem: string): TypedValue {
  return { ok: false, problem };
}

function checkString(value: Json): TypedValue {
  if (typeof value === 'object') return bad('is a list or an object, not a text');
  return good(String(value));
}

function checkInteger(value: Json): TypedValue {
  const number = typeof value === 'string' && /^\s*[+-]?\d+(?:\.0+)?\s*$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) return bad('is not a whole number');
  if (!Number.isSafeInteger(number)) return bad('is too large to be kept exactly as a number; map it as a string');
  return good(number + 0);
}

function checkNumber(value: Json): TypedValue {
  const number = typeof value === 'string' && /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return bad('is not a number');
  if (typeof value === 'string' && digitsOf(value.trim()) !== digitsOf(String(number))) return bad(INEXACT);
  return good(number + 0);
}

/** The digits of a decimal number and the power of ten of the last, the same however it is written. */
function digitsOf(text: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return digits === '' ? '0' : `${sign === '-' ? '-' : ''}${digits}e${Number(exponent) - fraction.length + all.length - digits.length}`;
}

const INEXACT = 'has more digits than are kept exactly in a number; map it as a string, or round it';
const TRUE: readonly Json[] = [true, 1, 'true', 'yes', 'y', 'on', '1'];
const FALSE: readonly Json[] = [false, 0, 'false', 'no', 'n', 'off', '0'];

function checkBoolean(value: Json): TypedValue {
  const plain = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (TRUE.includes(plain)) return good(true);
  return FALSE.includes(plain) ? good(false) : bad('is neither true nor false');
}

const NO_DATE = 'is not a date such as 2024-12-31';
const NO_DATETIME = 'is not a time such as 2024-12-31T10:00:00Z';

/** A date is what the text says in its own zone; an epoch number is taken in UTC. */
function checkDate(value: Json): TypedValue {
  if (typeof value === 'number') {
    const ms = epochMs(value);
    return ms === undefined ? bad(NO_DATE) : good(formatIsoDate(ms));
  }
  const time = typeof value === 'string' ? parseIsoTime(value) : undefined;
  return time === undefined ? bad(NO_DATE) : good(time.date);
}

function checkDatetime(value: Json): TypedValue {
  const ms = typeof value === 'number' ? epochMs(value) : typeof value === 'string' ? parseIsoTime(value)?.ms : undefined;
  return ms === undefined || !isFourDigitYear(ms) ? bad(NO_DATETIME) : good(new Date(ms).toISOString());
}

/** Seconds or milliseconds since the epoch: seconds stay below 10^11 until the year 5138, milliseconds passed it in 1973. */
function epochMs(value: number): number | undefined {
  const ms = Math.trunc(Math.abs(value) < 1e11 ? value * 1_000 : value);
  return isFourDigitYear(ms) ? ms : undefined;
}

function checkEnum(value: Json, options: readonly string[]): TypedValue {
  if (typeof value === 'object') return bad('is a list or an object, not one of the options');
  const text = String(value).trim();
  if (options.includes(text)) return good(text);
  const shown = options.slice(0, 10).join(', ') + (options.length > 10 ? `, … (${options.length})` : '');
  return bad(`is none of the options ${shown}${didYouMean(text, options)}`);
}

/** A text is read as JSON, in which integers of too many digits stay text; anything else is JSON already. */
function checkJson(value: Json): TypedValue {
  if (typeof value !== 'string') return good(value);
  const parsed = parseJson(value);
  if (parsed.is === 'json') return good(parsed.value);
  return bad(parsed.is === 'too-deep' ? `is JSON of more than ${parsed.maxDepth} levels` : 'is not JSON text');
}
