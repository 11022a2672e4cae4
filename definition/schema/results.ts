import { z } from 'zod';

export const resultsSchema = z
  .strictObject({
    to: z.string().meta({ description: 'A channel of syncline.yaml of type webhook, with a `secret`', examples: ['warehouse'] }),
    outcomes: z
      .enum(['all', 'failed', 'none'])
      .default('all')
      .meta({ description: 'Beside the counts of a run: each record that was sent, rejected or held; only those rejected or held; or none' }),
  })
  .meta({
    description:
      'After each run its counts and the outcomes of its records are posted, signed by Standard Webhooks: keys, outcomes, target ids and reasons, no values',
    examples: [{ to: 'warehouse', outcomes: 'failed' }],
  });
