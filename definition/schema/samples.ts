import { z } from 'zod';
import { durationSchema } from './primitives.ts';

/** Requests and answers that are kept, for people who look for a mistake. */
export const samplesSchema = z
  .strictObject({
    rate: z
      .string()
      .regex(/^(100|\d{1,2}(\.\d+)?)%$/, 'must be a percentage, like 1%')
      .meta({
        description: 'Of the requests that went well, by chance; those that went wrong are kept as well, up to 100 an hour of each sync and worker',
        examples: ['1%'],
      }),
  })
  .meta({ description: 'Keeps requests with their answers in the ledger, encrypted, without secrets and the values of `sensitive` fields; absent: none' });

export const retentionSchema = z
  .strictObject({
    audit: durationSchema
      .optional()
      .meta({ description: 'What became of each change and request, as with `syncline ledger prune`; default: for ever', examples: ['90d'] }),
    samples: durationSchema.optional().meta({ description: 'Requests and answers of `samples`; default 7d', examples: ['7d'] }),
  })
  .meta({ description: 'For how long workers keep what nobody needs to go on; the rest stays' });
