import { z } from 'zod';
import { durationSchema } from './primitives.ts';

/** Windows in which so many requests may go. */
export const windowsSchema = z
  .array(
    z.strictObject({
      count: z.number().int().positive().meta({ description: 'Requests' }),
      per: durationSchema.meta({ description: 'In this time' }),
      spread: z
        .boolean()
        .optional()
        .meta({ description: 'Spaced evenly (default up to a minute); false: as they come, until the window is spent (default beyond: a daily quota)' }),
    }),
  )
  .meta({
    description: 'Windows that hold at once; in short ones requests are spaced evenly, from the first one on',
    examples: [
      [
        { count: 100, per: '10s' },
        { count: 250_000, per: '1d' },
      ],
    ],
  });
