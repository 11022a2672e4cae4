import type { Path } from './yaml-file.ts';

/** The places of the definition language that this version does not have yet: told apart from typing mistakes. `*` is any one step. */
const LATER_KEYS: readonly { readonly under: string; readonly keys: readonly string[] }[] = [{ under: 'objects.*', keys: ['slices'] }];

export function isLaterKey(parent: Path, key: string): boolean {
  return LATER_KEYS.some(({ under, keys }) => keys.includes(key) && fits(under, parent));
}

function fits(pattern: string, path: Path): boolean {
  const steps = pattern === '' ? [] : pattern.split('.');
  return steps.length === path.length && steps.every((step, index) => step === '*' || step === String(path[index]));
}
