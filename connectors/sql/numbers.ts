import type { Json } from '../../engine/json.ts';

/** A whole number; as text where JavaScript would make another of it. */
export function wholeNumber(text: string): Json {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

/** A decimal number; as text where JavaScript would make another of it. */
export function decimal(text: string): Json {
  const value = Number(text);
  return Number.isFinite(value) && bare(String(value)) === bare(text) ? value : text;
}

function bare(text: string): string {
  const digits = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return digits === '-0' ? '0' : digits;
}
