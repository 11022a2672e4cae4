import { isDeepStrictEqual } from 'node:util';
import { ExpressionError } from '../../engine/expression-error.ts';
import type { Json } from '../../engine/json.ts';
import type { MaybePromise } from '../../engine/maybe-promise.ts';
import type { WriteResult } from '../ports.ts';
import type { ReadResult } from './read-result.ts';

const UNKNOWN: WriteResult = { outcome: 'unknown' };

/** Collects what an answer says of each record of its batch. Of what nothing is said, or two things, nothing is known. */
export class AnswerNotes {
  readonly outcomes: WriteResult[];
  readonly warnings: string[] = [];
  readonly #told = new Set<number>();
  #part: 'results' | 'failures' = 'results';

  constructor(batchSize: number) {
    this.outcomes = Array.from({ length: batchSize }, () => UNKNOWN);
  }

  /** What is said from here on goes before what was said until now: a list of failures may repeat what is listed among the results, and knows why. */
  beginFailures(): void {
    this.#part = 'failures';
    this.#told.clear();
  }

  /** @param place of the record that the entry names; undefined where it names none */
  note(place: number | undefined, read: ReadResult, entry: Json): MaybePromise<void> {
    if (place === undefined) return this.warn(`the answer has ${this.#part} that name no record of the batch.`);
    const outcome = read(entry);
    return outcome instanceof Promise
      ? outcome.catch((error: unknown) => this.#unreadable(error)).then((told) => this.#keep(place, told))
      : this.#keep(place, outcome);
  }

  #keep(place: number, outcome: WriteResult): void {
    const earlier = this.#told.has(place) ? this.outcomes[place] : undefined;
    this.outcomes[place] = earlier === undefined ? outcome : this.#both(earlier, outcome);
    this.#told.add(place);
  }

  hasTold(place: number): boolean {
    return this.#told.has(place);
  }

  warn(message: string): void {
    if (!this.warnings.includes(message)) this.warnings.push(message);
  }

  #unreadable(error: unknown): WriteResult {
    if (!(error instanceof ExpressionError)) throw error;
    this.warn(`"${error.source}" cannot be evaluated on one of the ${this.#part}: ${error.message}.`);
    return UNKNOWN;
  }

  #both(earlier: WriteResult, later: WriteResult): WriteResult {
    if (isDeepStrictEqual(earlier, later)) return earlier;
    if (earlier.outcome === 'rejected' && later.outcome === 'rejected') {
      const message = `${earlier.rejection.message}; ${later.rejection.message}`;
      return { outcome: 'rejected', rejection: { ...earlier.rejection, message } };
    }
    this.warn('the answer says two things of one record.');
    return UNKNOWN;
  }
}
