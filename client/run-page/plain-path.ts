import type { Json } from '../../engine/json.ts';

/** Words of the paths that a definition itself has: all that may be shown of a path. */
export function pathWords(definition: Json | undefined): ReadonlySet<string> {
  const words = new Set<string>();
  const visit = (value: Json | undefined): void => {
    if (typeof value === 'string') {
      // A URL's host and query are no paths, but no value of a record either.
      if (value.includes('/')) for (const word of value.split(/[/?#]/)) if (word !== '' && !word.includes('{')) words.add(word);
    } else if (Array.isArray(value)) for (const part of value) visit(part);
    else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) visit(part);
  };
  visit(definition);
  return words;
}

/** A request's path with `…` for every part that the definition does not have: ids, match values. Without its query. */
export function plainPath(path: string, words: ReadonlySet<string>): string {
  const [bare = ''] = path.split(/[?#]/);
  return bare
    .split('/')
    .map((part) => (part === '' || words.has(part) ? part : '…'))
    .join('/');
}
