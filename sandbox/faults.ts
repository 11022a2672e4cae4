import { z } from 'zod';

/** What goes wrong at a look-alike, and how often; changed while it runs by `POST /_sandbox/faults`. */
export const faultsSchema = z.strictObject({
  /** Every answer takes at least so long. */
  latencyMs: z.number().min(0),
  /** Requests answered 500 before anything is applied. */
  errorPercent: z.number().min(0).max(100),
  /** Writes applied, and then answered 500. */
  errorAfterPercent: z.number().min(0).max(100),
  /** Writes applied whose connection is then cut. */
  dropPercent: z.number().min(0).max(100),
  /** Requests a second; more are answered 429. */
  rate: z.number().positive(),
  /** Requests answered 429 whatever the rate. */
  tooManyPercent: z.number().min(0).max(100),
  /** What a 429 says in `Retry-After`. */
  retryAfterSeconds: z.number().min(0),
  /** Every request is answered 503. */
  isDown: z.boolean(),
  /** Every request is answered 401. */
  refusesToken: z.boolean(),
  /** New records stay invisible to the search for so long. */
  indexingDelayMs: z.number().min(0),
  /** Two contacts may have one e-mail address: for targets that cannot tell a repeated create from a new one. */
  allowsDuplicates: z.boolean(),
});

export type Faults = z.output<typeof faultsSchema>;

export const NO_FAULTS: Faults = {
  latencyMs: 0,
  errorPercent: 0,
  errorAfterPercent: 0,
  dropPercent: 0,
  rate: 1_000_000,
  tooManyPercent: 0,
  retryAfterSeconds: 1,
  isDown: false,
  refusesToken: false,
  indexingDelayMs: 0,
  allowsDuplicates: false,
};
