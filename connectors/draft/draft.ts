import type { YamlEntry } from '../../definition/write-yaml.ts';
import type { Json } from '../../engine/json.ts';

/** A value that nobody stated, with what speaks for it. */
export interface Guess<Value> {
  readonly value: Value;
  readonly why: string;
}

/** A connector that is being written: what is known, and what is guessed, which says so. */
export class Draft {
  readonly #entries: YamlEntry[] = [];

  get entries(): readonly YamlEntry[] {
    return this.#entries;
  }

  set(path: readonly string[], value: Json): void {
    this.#entries.push({ path, value });
  }

  /** Marked for review. */
  guess(path: readonly string[], { value, why }: Guess<Json>): void {
    this.#entries.push({ path, value, comment: guessed(why) });
  }
}

/** The words by which a reader, and a search, finds what is to be reviewed. */
export function guessed(why: string): string {
  return `guessed: ${why} – review`;
}
