import type { Path } from './yaml-file.ts';

/** The places of the definition language that this version does not have yet: told apart from typing mistakes. `*` is any one step. */
const LATER_KEYS: readonly { readonly under: string; readonly keys: readonly string[] }[] = [{ under: 'objects.*', keys: ['slices'] }];

const LATER_VALUES: readonly { readonly at: string; readonly values: readonly string[] }[] = [{ at: 'objects.*.*.format', values: ['xml'] }];

export function isLaterKey(parent: Path, key: string): boolean {
  return LATER_KEYS.some(({ under, keys }) => keys.includes(key) && fits(under, parent));
}

/** @param value as written: the text itself, or a mapping with the mode's own settings (`archive: { set: … }`) */
export function isLaterValue(path: Path, value: unknown): boolean {
  const name = typeof value === 'object' && value !== null ? Object.keys(value)[0] : value;
  return typeof name === 'string' && LATER_VALUES.some(({ at, values }) => values.includes(name) && fits(at, path));
}

function fits(pattern: string, path: Path): boolean {
  const steps = pattern === '' ? [] : pattern.split('.');
  return steps.length === path.length && steps.every((step, index) => step === '*' || step === String(path[index]));
}
