import { z } from 'zod';
import { FORMATS } from '../../engine/same-value.ts';
import { durationSchema } from './primitives.ts';

export const reconcileSchema = z
  .strictObject({
    every: durationSchema.meta({ description: 'A run that begins so long after the last comparison ends with another', examples: ['1d'] }),
    sample: z
      .string()
      .regex(/^(100|\d{1,2}(\.\d+)?)%$/, 'must be a percentage, like 5%')
      .optional()
      .meta({ description: 'Only so many of the records, the same ones each time; default: all', examples: ['5%'] }),
    compare: z.enum(['all', 'counts']).optional().meta({
      description: 'all (default): record by record; counts: only how many the target has beside how many it was told of, for large objects and little quota',
    }),
    formats: z
      .record(z.string(), z.array(z.enum(FORMATS)))
      .optional()
      .meta({
        description:
          'Target field: ways in which the target rewrites its value, which is no drift. Most are learned; what stands here counts instead, and [] says that there are none',
        examples: [{ phone: ['digits'], company: [] }],
      }),
    repair: z.boolean().optional().meta({
      description:
        'What is missing or was changed by others is written again, as it was written last, in mode insert only what is missing, in mode update only what was changed; default false. Nothing is ever deleted for it',
    }),
  })
  .meta({ description: 'Now and then the target is read back and compared with what was written there' });
