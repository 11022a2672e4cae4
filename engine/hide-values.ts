import type { JsonObject } from './json.ts';

const HIDDEN = '•••';
/** A shorter value would hide half of a sentence. */
const SHORTEST = 3;

/** Hides the values of the fields named in a text that an API wrote: it may quote what it refused. Without regard to case, as APIs change it. */
export function hideValues(text: string, fields: JsonObject, names: readonly string[]): string {
  return names.reduce((hidden, name) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const quoted = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    return quoted.length < SHORTEST ? hidden : hidden.replaceAll(new RegExp(escapeExpression(quoted), 'gi'), HIDDEN);
  }, text);
}

function escapeExpression(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
