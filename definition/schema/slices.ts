import { z } from 'zod';
import { CALENDAR_UNITS } from '../../engine/calendar.ts';
import { durationSchema, expressionSchema } from './primitives.ts';

const parallel = z.number().int().min(1).max(64).default(8).meta({ description: 'How many are read side by side' });

export const slicesSchema = z
  .discriminatedUnion('by', [
    z.strictObject({
      by: z.literal('window').meta({ description: 'By time: the list inserts slice.from and slice.to, or window.from and window.to' }),
      size: z.union([durationSchema, z.enum(CALENDAR_UNITS)]).meta({
        description: 'How long a window is: a duration; or day, week (from Monday) or month, as the calendar has them in UTC',
        examples: ['30d', 'month'],
      }),
      from: z.union([z.string(), z.number()]).meta({
        description: 'Where the first window is counted from, a time as the API writes its own; what is older is in the first window, too',
        examples: ['2020-01-01T00:00:00Z'],
      }),
      field: expressionSchema
        .optional()
        .meta({ description: "The field the windows are of; default: the incremental's `cursorField`. Another one is cut up in full reads only" }),
      parallel,
    }),
    z.strictObject({
      by: z.literal('ids').meta({ description: 'By ranges of whole-number keys, in full reads: the list inserts slice.from and slice.to' }),
      size: z
        .number()
        .int()
        .min(2)
        .meta({ description: 'How many ids a range has', examples: [10_000] }),
      from: z.number().int().default(0).meta({ description: 'Where the first range is counted from; what is smaller is in it, too' }),
      to: z.number().int().optional().meta({ description: 'Where the last range is counted to; what is larger is in it, too. Absent: until ranges are empty' }),
      parallel,
    }),
    z.strictObject({
      by: z.literal('list').meta({ description: 'By the values of a parameter: the list inserts slice.value' }),
      values: z
        .array(z.union([z.string(), z.number(), z.boolean()]))
        .min(1)
        .meta({ description: 'The values; a record of none of them is not read', examples: [['EU', 'US']] }),
      parallel,
    }),
  ])
  .meta({
    id: 'slices',
    description:
      'Reads parts of the source object side by side. Neighbours overlap a little, as APIs differ in whether a bound is included; the first has no beginning and the last no end',
  });
