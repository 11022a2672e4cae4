import type { Rejection } from '../../engine/errors.ts';
import { nextRetryAt } from '../../engine/retry-timing.ts';
import type { RefusalTerms } from '../ledger.ts';
import { number, optionalNumber, optionalText, type Row } from './row.ts';

/** How often a record was refused or held, and since when. */
export interface Pace {
  readonly refusals: number;
  readonly firstAt: number;
}

/**
 * How often, this time included, and since when: the same content was refused, or the record held.
 * @param known what the ledger has of the record
 * @param contentHash undefined: held
 */
export function countRefusal(known: Row, contentHash: string | undefined, at: number): Pace {
  const isSame = contentHash === undefined ? optionalText(known, 'last_outcome') === 'held' : optionalText(known, 'rejected_hash') === contentHash;
  if (!isSame) return { refusals: 1, firstAt: at };
  return { refusals: number(known, 'refusals') + 1, firstAt: optionalNumber(known, 'first_refused_at') ?? at };
}

/** When what was refused is tried again; undefined: not by itself. */
export function retryOfRefusal(pace: Pace, rejection: Rejection, at: number, terms: RefusalTerms): number | undefined {
  return rejection.retry === 'later' ? nextRetryAt({ ...pace, at }, terms) : undefined;
}

/** When what was held is tried again. `isWaiting`: nothing is wrong with it, and every run looks whether what it waits for is there. */
export function retryOfHold(pace: Pace, isWaiting: boolean, at: number, terms: RefusalTerms): number | undefined {
  return isWaiting ? at : nextRetryAt({ ...pace, at }, terms);
}

/** The same content was refused once more, without a word that is new: where its pause was over, the next one is longer. */
export function repeatedPace(known: Row, at: number, terms: RefusalTerms): { readonly refusals: number; readonly retryAt: number | undefined } {
  const retryAt = optionalNumber(known, 'retry_at');
  if (retryAt === undefined || retryAt > at) return { refusals: number(known, 'refusals'), retryAt };
  const refusals = number(known, 'refusals') + 1;
  return { refusals, retryAt: nextRetryAt({ refusals, firstAt: optionalNumber(known, 'first_refused_at') ?? at, at }, terms) };
}
