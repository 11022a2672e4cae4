import { z } from 'zod';
import { windowsSchema } from './rate-windows.ts';

const matcherSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional().meta({ description: 'Only requests of this method' }),
  path: z
    .string()
    .optional()
    .meta({ description: 'Only requests whose path, behind `baseUrl` and without its query, has this regular expression', examples: ['^/contacts/search'] }),
  query: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'Only requests with these parameters', examples: [{ expand: 'lines' }] }),
  headers: z.record(z.string(), z.string()).optional().meta({ description: 'Only requests with these headers' }),
  weight: z.number().int().min(1).max(1_000).default(1).meta({ description: 'How many one of them counts as' }),
});

/** `limits.endpoints`: beside the limits of the account, those of some of its requests. */
export const endpointLimitsSchema = z
  .array(
    z.strictObject({
      of: z.array(matcherSchema).min(1).meta({ description: 'Requests that count; the first that fits says with which weight' }),
      requests: windowsSchema,
    }),
  )
  .meta({
    description: 'Limits that only some requests have, beside those of the account: a request waits for all that it falls under',
    examples: [[{ of: [{ method: 'POST', path: '^/contacts/search' }], requests: [{ count: 5, per: '1s' }] }]],
  });
