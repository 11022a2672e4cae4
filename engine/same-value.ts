import type { Json } from './json.ts';
import { parseJson } from './parse-json.ts';
import { shownText } from './shown-text.ts';

/** Ways in which an API may rewrite a value: none of them is drift where the API does it to all. */
export const FORMATS = ['trim', 'case', 'digits', 'order'] as const;
export type Format = (typeof FORMATS)[number];

/** `same`: nobody would see a difference; a format: the same but for how it is written. */
export type Likeness = 'same' | Format | 'different';

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const EPOCH_MS = /^\d{12,14}$/;
const FEWEST_DIGITS = 5;
const CODE_SIGNS = [/^[+-]/, /^[+-]?0\d/, /e/i];

/** Compares what was written with what the target shows. Numbers as text, nulls as absent, times of another zone or precision, truth as 1 and 0, lists and objects as JSON text: all the same. */
export function likenessOf(written: Json, found: Json | undefined): Likeness {
  const [one, other] = [shownText(written), shownText(asKept(found, written))];
  const isNumber = typeof written === 'number' || typeof found === 'number';
  if (one === other || isSameTime(one, other) || (isSameNumber(one, other) && (isNumber || isWrittenAlike(one, other)))) return 'same';
  if (one.trim() === other.trim()) return 'trim';
  if (one.trim().toLowerCase() === other.trim().toLowerCase()) return 'case';
  if (inOrder(one) === inOrder(other)) return 'order';
  return isSameDigits(one, other) ? 'digits' : 'different';
}

/** Databases keep as numbers and text what they have no kind of its own for. */
function asKept(found: Json | undefined, written: Json): Json | undefined {
  const text = String(found);
  if (typeof written === 'boolean') return text === '1' ? true : text === '0' ? false : found;
  if (typeof found === 'boolean' && (written === 1 || written === 0)) return Number(found);
  if (typeof written !== 'object' || written === null || typeof found !== 'string') return found;
  const parsed = parseJson(found);
  return parsed.is === 'json' && typeof parsed.value === 'object' ? parsed.value : found;
}

function isSameNumber(one: string, other: string): boolean {
  if (one.trim() === '' || other.trim() === '' || /[^\d.+\-eE]/.test(one + other)) return false;
  return Number(one) === Number(other) && Number.isSafeInteger(Math.trunc(Number(one)));
}

/** Codes of digits are no numbers: 02134 is another postal code than 2134, and 1E3 another article than 1000. */
function isWrittenAlike(one: string, other: string): boolean {
  return CODE_SIGNS.every((sign) => sign.test(one.trim()) === sign.test(other.trim()));
}

function isSameTime(one: string, other: string): boolean {
  const [first, second] = [instantOf(one), instantOf(other)];
  return first !== undefined && first === second && (TIME.test(one) || TIME.test(other));
}

function instantOf(text: string): number | undefined {
  if (EPOCH_MS.test(text)) return Number(text);
  if (!TIME.test(text)) return undefined;
  // A time without a zone is read as UTC, as APIs write it.
  const at = Date.parse(/T.*(Z|[+-]\d{2}:?\d{2})$/.test(text) || !text.includes('T') ? text : `${text}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** Several choices in one text: `a;b`. */
function inOrder(text: string): string {
  return text
    .split(';')
    .map((part) => part.trim())
    .toSorted()
    .join(';');
}

/** A phone number written in another way. */
function isSameDigits(one: string, other: string): boolean {
  if (!/^[\d\s()+.\-/]+$/.test(one) || !/^[\d\s()+.\-/]+$/.test(other)) return false;
  const [first, second] = [one.replaceAll(/\D/g, ''), other.replaceAll(/\D/g, '')];
  const [longer, shorter] = first.length >= second.length ? [first, second] : [second, first];
  return shorter.length >= FEWEST_DIGITS && longer.endsWith(shorter) && longer.length - shorter.length <= 3;
}
