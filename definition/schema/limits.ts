import { z } from 'zod';
import { durationSchema } from './primitives.ts';

const headerName = (description: string) => z.string().optional().meta({ description });

export const limitsSchema = z
  .strictObject({
    requests: z
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
      .optional()
      .meta({
        description: 'Windows that hold at once; in short ones requests are spaced evenly, from the first one on',
        examples: [
          [
            { count: 100, per: '10s' },
            { count: 250_000, per: '1d' },
          ],
        ],
      }),
    concurrency: z
      .number()
      .int()
      .min(1)
      .max(256)
      .optional()
      .meta({ description: 'Requests in flight at once, of all processes together; where none is given 8 in each process' }),
    headers: z
      .strictObject({
        limit: headerName('Requests allowed'),
        remaining: headerName('Requests left'),
        reset: headerName('When the window ends: seconds, epoch or date'),
      })
      .optional()
      .meta({ description: 'Names of the answer headers that tell the state of the limit', examples: [{ remaining: 'X-RateLimit-Remaining' }] }),
  })
  .meta({ id: 'limits', description: 'How fast the account may be used, by all syncs and processes together' });

export const timeoutsSchema = z
  .strictObject({
    connect: durationSchema.optional().meta({ description: 'Until there is a connection; default 10s' }),
    headers: durationSchema.optional().meta({ description: 'Until the answer begins; default 30s' }),
    body: durationSchema.optional().meta({ description: 'Between two pieces of the answer; default 30s' }),
    request: durationSchema.optional().meta({ description: 'The whole request; default 60s' }),
  })
  .meta({ id: 'timeouts', description: 'How long a request may take' });
