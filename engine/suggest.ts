import { distance } from 'fastest-levenshtein';

/**
 * The known name that a mistyped one most likely means: the same but for case and separators (`firstName`, `first_name`), or a few typing mistakes away.
 * @returns undefined where none is close enough to be worth a word
 */
export function suggest(name: string, known: Iterable<string>): string | undefined {
  const wanted = bare(name);
  const allowed = allowedMistakes(wanted.length);
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    if (candidate === name) continue;
    const away = isSwap(wanted, bare(candidate)) ? 1 : distance(wanted, bare(candidate));
    if (away <= allowed && (best === undefined || away < best.distance)) best = { name: candidate, distance: away };
  }
  return best?.name;
}

/** ` (did you mean "first_name"?)`, or nothing: to be put behind a message. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const meant = suggest(name, known);
  return meant === undefined ? '' : ` (did you mean "${meant}"?)`;
}

/** `form` for `from`: two neighbours swapped are one slip of the fingers, though two letters differ. */
function isSwap(one: string, other: string): boolean {
  const at = [...one].findIndex((letter, index) => letter !== other[index]);
  return at >= 0 && one.length === other.length && one === `${other.slice(0, at)}${other[at + 1] ?? ''}${other[at] ?? ''}${other.slice(at + 2)}`;
}

function allowedMistakes(length: number): number {
  if (length < 2) return 0;
  if (length < 5) return 1;
  return length < 9 ? 2 : 3;
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_.-]/g, '');
}
