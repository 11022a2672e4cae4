import { z } from 'zod';
import { durationSchema } from './primitives.ts';

/** A stretch of reading and writing: ended by whichever bound is met first. */
export const segmentSchema = z.strictObject({
  records: z.number().int().min(1).max(1_000_000).optional().meta({ description: 'default 20000' }),
  bytes: z.number().int().min(1).optional().meta({ description: 'default 64000000' }),
  seconds: z.number().min(1).max(3600).optional().meta({ description: 'default 30' }),
});

export const guardSchema = z.strictObject({
  maxRejectedPercent: z.number().min(0).max(100).optional().meta({ description: 'a run with more rejections than this ends with exit code 4; default 10' }),
});

/** Keys of a sync that a project may set once for all of them. */
export const syncDefaultsShape = {
  segment: segmentSchema.optional(),
  guard: guardSchema.optional(),
  maxSegmentsPerExecution: z.number().int().min(1).optional().meta({ description: 'segments before the workflow continues as new; default 300' }),
  giveUpAfter: durationSchema
    .optional()
    .meta({ description: 'how long a run keeps trying an API that is down, with no progress, before it fails; default 30m' }),
};

/** `syncline.yaml`. */
export const projectSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be of lower-case letters, digits and hyphens'),
  defaultProfile: z.string().default('dev'),
  ledger: z.string().default('sqlite').meta({ description: 'sqlite (default .syncline/ledger.db)' }),
  values: z.enum(['plain', 'encrypted', 'hashed']).default('plain').meta({ description: 'how settled values and the audit trail are kept' }),
  defaults: z.strictObject(syncDefaultsShape).optional(),
});

export type Project = z.output<typeof projectSchema>;
