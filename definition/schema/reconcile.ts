import { z } from 'zod';
import { durationSchema } from './primitives.ts';

export const reconcileSchema = z
  .strictObject({
    every: durationSchema.meta({ description: 'A run that begins so long after the last comparison ends with another', examples: ['1d'] }),
    sample: z
      .string()
      .regex(/^(100|\d{1,2}(\.\d+)?)%$/, 'must be a percentage, like 5%')
      .optional()
      .meta({ description: 'Only so many of the records, the same ones each time; default: all', examples: ['5%'] }),
    repair: z.boolean().optional().meta({
      description: 'What is missing or was changed by others is written again, as it was written last; default false. Nothing is ever deleted for it',
    }),
  })
  .meta({ description: 'Now and then the target is read back and compared with what was written there' });
