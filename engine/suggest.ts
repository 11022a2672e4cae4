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
    const away = distance(wanted, bare(candidate));
    if (away <= allowed && (best === undefined || away < best.distance)) best = { name: candidate, distance: away };
  }
  return best?.name;
}

/** ` (did you mean "first_name"?)`, or nothing: to be put behind a message. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const meant = suggest(name, known);
  return meant === undefined ? '' : ` (did you mean "${meant}"?)`;
}

/** Two letters swapped count as two mistakes, so a word of five may have two. */
function allowedMistakes(length: number): number {
  if (length < 2) return 0;
  if (length < 5) return 1;
  return length < 9 ? 2 : 3;
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_.-]/g, '');
}
