import { z } from 'zod';
import { endpointLimitsSchema } from './endpoint-limits.ts';
import { durationSchema, expressionSchema } from './primitives.ts';
import { quotaSchema } from './quota.ts';
import { windowsSchema } from './rate-windows.ts';

const headerName = (description: string) => z.string().optional().meta({ description });

export const limitsSchema = z
  .strictObject({
    requests: windowsSchema.optional(),
    endpoints: endpointLimitsSchema.optional(),
    concurrency: z
      .number()
      .int()
      .min(1)
      .max(256)
      .optional()
      .meta({ description: 'Requests in flight at once, of all processes together; where none is given 8 in each process' }),
    headers: z
      .strictObject({
        limit: headerName('Requests allowed: for whoever reads the definition, nothing waits by it'),
        remaining: headerName('Requests left'),
        reset: headerName('When the window ends: seconds, epoch or date'),
      })
      .optional()
      .meta({ description: 'Names of the answer headers that tell the state of the limit', examples: [{ remaining: 'X-RateLimit-Remaining' }] }),
    quota: quotaSchema.optional(),
    cost: z
      .strictObject({
        available: expressionSchema.meta({ description: 'Points that are left' }),
        restoreRate: expressionSchema.meta({
          description: 'Points that come back each second',
          examples: ['body.extensions.cost.throttleStatus.restoreRate', '50'],
        }),
        requested: expressionSchema.meta({ description: 'Points that had to be left for the request of this answer' }),
        maximum: expressionSchema.optional().meta({ description: 'The most points there can be' }),
      })
      .optional()
      .meta({
        description:
          'For APIs that count what a request costs and tell it in each answer: expressions over `status`, `headers` and `body`. No request goes before there are as many points as the dearest of late needed',
        examples: [
          {
            available: 'body.extensions.cost.throttleStatus.currentlyAvailable',
            restoreRate: 'body.extensions.cost.throttleStatus.restoreRate',
            requested: 'body.extensions.cost.requestedQueryCost',
          },
        ],
      }),
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
