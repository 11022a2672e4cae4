import type { ErrorCode } from '../engine/errors.ts';

const SENTENCES: Readonly<Record<ErrorCode, string>> = {
  DEFINITION_INVALID: 'The definition has mistakes: run "syncline check".',
  DEFINITION_STALE: 'The worker has another version of this sync.',
  SECRET_MISSING: 'A secret is not set where the worker runs.',
  CREDENTIALS_REJECTED: 'An API refused the credentials.',
  REQUEST_REJECTED: 'An API refused a request.',
  RATE_LIMITED: 'A limit of an API is reached: waiting.',
  QUOTA_SPENT: 'The quota of an API is spent: waiting until it is renewed.',
  JOB_RUNNING: 'A job at an API is not done yet: it is asked again later.',
  SYSTEM_UNAVAILABLE: 'An API cannot be reached.',
  CONTRACT_BROKEN: 'An API answered something else than its connector says.',
  CURSOR_EXPIRED: 'The source forgot its paging cursor.',
  WRITE_OUTCOME_UNKNOWN: 'The answer to a write was lost.',
  DELETE_GUARD: 'The run would delete more than its guard allows.',
  SCHEMA_DRIFT: 'A field that the sync uses has changed at the source.',
  STORE_UNAVAILABLE: 'The ledger cannot be used.',
  CLAIM_LOST: 'Another attempt has taken over.',
  RUN_CONFLICT: 'Another run of this sync is alive, or this one has ended already.',
  INTERNAL: 'A defect in Syncline.',
};

/** What a code says by itself: fit for anybody to read. */
export function sentenceOf(code: ErrorCode): string {
  return SENTENCES[code];
}

/** What Temporal's history may keep of a failure: never an API's words, which may hold personal data. The whole story: `syncline show RUN`. */
export function fixedSentence(code: ErrorCode): string {
  return `${SENTENCES[code]} Details: syncline show.`;
}
