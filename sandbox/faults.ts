import { z } from 'zod';

/** What goes wrong at a look-alike, and how often; changed while it runs by `POST /_sandbox/faults`. */
export const faultsSchema = z.strictObject({
  latencyMs: z.number().min(0),
  /** Requests answered 500 before anything is applied. */
  errorPercent: z.number().min(0).max(100),
  /** Writes applied, and then answered 500. */
  errorAfterPercent: z.number().min(0).max(100),
  /** Writes applied whose connection is then cut. */
  dropPercent: z.number().min(0).max(100),
  /** Requests a second; more are answered 429. */
  rate: z.number().positive(),
  /** Every request is answered 503. */
  isDown: z.boolean(),
  /** Every request is answered 401. */
  refusesToken: z.boolean(),
  /** New records stay invisible to the search for so long. */
  indexingDelayMs: z.number().min(0),
});

export type Faults = z.output<typeof faultsSchema>;
