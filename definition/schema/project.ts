import { z } from 'zod';
import { alertsSchema } from './alerts.ts';
import { channelsSchema } from './channels.ts';
import { conflictSchema } from './conflict.ts';
import { deleteSchema } from './deletes.ts';
import { driftSchema } from './drift.ts';
import { durationSchema } from './primitives.ts';
import { reconcileSchema } from './reconcile.ts';
import { resultsSchema } from './results.ts';
import { retentionSchema, samplesSchema } from './samples.ts';
import { scheduleSchema } from './schedule.ts';
import { listenSchema } from './webhooks.ts';

/** A stretch of reading and writing: ended by whichever bound is met first. */
export const segmentSchema = z
  .strictObject({
    records: z.number().int().min(1).max(1_000_000).optional().meta({ description: 'Records; default 100000' }),
    bytes: z.number().int().min(1).optional().meta({ description: 'Bytes read; default 64000000' }),
    seconds: z.number().min(1).max(3600).optional().meta({ description: 'Seconds of reading; default 30' }),
  })
  .meta({ description: 'How much is read before it is committed as done; whichever comes first' });

export const guardSchema = z
  .strictObject({
    maxRejectedPercent: z.number().min(0).max(100).optional().meta({ description: 'A run with more rejections than this ends with exit code 4; default 10' }),
    maxDeletes: z.number().int().min(0).optional().meta({ description: 'A run that would delete more waits for a person; default 500' }),
    maxDeletedPercent: z
      .number()
      .min(0)
      .max(100)
      .optional()
      .meta({ description: 'A run that would delete more of the records that the target was told of waits for a person; default 5' }),
  })
  .meta({ description: 'When a run counts as gone wrong, and when it asks first' });

export const retrySchema = z
  .strictObject({
    after: z
      .array(durationSchema)
      .min(1)
      .optional()
      .meta({ description: 'The pause after the first refusal, the second, …; the last one stays; default [5m, 1h, 1d]', examples: [['5m', '1h', '1d']] }),
    until: durationSchema
      .optional()
      .meta({ description: 'So long after the first refusal it is still tried; then only when the record or the mapping changes, or you ask; default 7d' }),
  })
  .meta({ description: 'When later runs try again what was refused and may pass' });

/** Keys of a sync that a project may set once for all of them. */
export const syncDefaultsShape = {
  segment: segmentSchema.optional(),
  guard: guardSchema.optional(),
  conflict: conflictSchema.optional(),
  delete: deleteSchema.optional(),
  reconcile: reconcileSchema.optional(),
  drift: driftSchema.optional(),
  schedule: scheduleSchema.optional(),
  retry: retrySchema.optional(),
  alerts: alertsSchema.optional(),
  results: resultsSchema.optional(),
  priority: z
    .number()
    .int()
    .min(1)
    .max(5)
    .optional()
    .meta({ description: '1 (the most important) to 5: of an account that several syncs want, each step gets twice the requests of the next; default 3' }),
  maxSegmentsPerExecution: z.number().int().min(1).optional().meta({ description: 'Segments before the workflow continues as new; default 300' }),
  giveUpAfter: durationSchema
    .optional()
    .meta({ description: 'How long a run keeps trying an API that is down, with no progress, before it fails; default 30m' }),
};

/** `syncline.yaml`. */
export const projectSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be of lower-case letters, digits and hyphens')
    .meta({ description: 'Part of workflow ids and ledger rows: lower-case letters, digits and hyphens', examples: ['acme'] }),
  defaultProfile: z.string().default('dev').meta({ description: 'The profile of commands without --profile' }),
  ledger: z.string().default('sqlite').meta({
    description: '`sqlite` (.syncline/ledger.db), `sqlite:PATH`, or `${secret:NAME}` with `postgres://…` in that secret; SYNCLINE_LEDGER goes before it',
  }),
  values: z.enum(['plain', 'encrypted', 'hashed']).default('plain').meta({
    description:
      'How settled values and the audit trail are kept; hashed: the values are not, so `write: once`, conflict policies but source-wins, and `reconcile` but by counts are errors',
  }),
  samples: samplesSchema.optional(),
  retention: retentionSchema.optional(),
  channels: channelsSchema.optional(),
  listen: listenSchema.optional(),
  defaults: z.strictObject(syncDefaultsShape).optional().meta({ description: 'For all syncs that do not say otherwise' }),
});

export type Project = z.output<typeof projectSchema>;
