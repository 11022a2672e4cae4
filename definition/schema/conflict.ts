import { z } from 'zod';
import { CONFLICT_POLICIES } from '../../engine/merge-fields.ts';
import { expressionSchema } from './primitives.ts';

export const conflictSchema = z
  .strictObject({
    policy: z
      .enum(CONFLICT_POLICIES)
      .meta({ description: 'source-wins (default), target-wins, newest-wins by the two times, or review: the record is held until a person decides' }),
    sourceTime: expressionSchema
      .optional()
      .meta({ description: "For newest-wins, in the source record: when it was changed; default: the incremental field's", examples: ['updated_at'] }),
    targetTime: expressionSchema
      .optional()
      .meta({ description: 'For newest-wins, in the target record as its search shows it: when it was changed', examples: ['lastmodifieddate'] }),
  })
  .meta({
    description:
      'Whose value stands where a field was changed on both sides since it was written last. The target is read before each write, unless the source wins. A field that others emptied is filled again',
  });
