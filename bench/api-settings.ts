import { z } from 'zod';

/** How the API of the bench behaves, until it is told otherwise. */
export const settingsSchema = z.strictObject({
  latencyMs: z.number().default(0),
  /** Of the requests, at random, answered with 500 before anything is done. */
  failPercent: z.number().default(0),
  /** A bucket: so many a second, and `burst` at once; 0: no limit. */
  ratePerSecond: z.number().default(0),
  burst: z.number().default(10),
  /** A window that begins anew each `quotaPerMs`; 0: none. */
  quota: z.number().default(0),
  quotaPerMs: z.number().default(60_000),
  /** Pages come with an ETag, and are not sent to who has it. */
  hasEtags: z.boolean().default(false),
  /** Drops the pages made until now. */
  forgetsPages: z.boolean().default(false),
});
export type ApiSettings = z.output<typeof settingsSchema>;

/** What the API was asked since it was last set. */
export const statsSchema = z.object({
  reads: z.number(),
  /** Of these, answered 304, without a body. */
  notModified: z.number(),
  writes: z.number(),
  refused: z.number(),
  failed: z.number(),
  /** Milliseconds since the epoch; 0: never. */
  firstAt: z.number(),
  lastAt: z.number(),
  lastWriteAt: z.number(),
  /** Distinct sets of people of which a page was read. */
  sets: z.number(),
  /** Distinct records written. */
  records: z.number(),
  recordsSentAgain: z.number(),
  pagesReadAgain: z.number(),
  /** When the oldest of those was read first; 0: none. */
  oldestReadAgainAt: z.number(),
});
export type ApiStats = z.output<typeof statsSchema>;
