import { z } from 'zod';
import { ANSWER_FORMATS } from '../../engine/text-format.ts';
import { bodyTemplateSchema, durationSchema, expressionSchema, templateSchema } from './primitives.ts';
import { tokenPlaceSchema } from './token-place.ts';

const requestShape = {
  get: templateSchema.optional().meta({ description: 'GET this path' }),
  post: templateSchema.optional().meta({ description: 'POST to this path' }),
  put: templateSchema.optional().meta({ description: 'PUT to this path' }),
  delete: templateSchema.optional().meta({ description: 'DELETE this path' }),
  query: z.record(z.string(), templateSchema).optional().meta({ description: 'Query parameters' }),
  headers: z.record(z.string(), templateSchema).optional().meta({ description: 'Headers' }),
  body: bodyTemplateSchema.optional(),
  as: z
    .enum(['json', ...ANSWER_FORMATS])
    .optional()
    .meta({ description: 'How the answer is written; default json' }),
  format: z.enum(['json', 'form']).default('json').meta({ description: 'How the body is written' }),
};
const hasOneMethod = (request: { get?: unknown; post?: unknown; put?: unknown; delete?: unknown }) =>
  [request.get, request.post, request.put, request.delete].filter((path) => path !== undefined).length === 1;
const ONE_METHOD = 'name one method with its path: get, post, put or delete';

/** A login request whose answer holds a token. */
export const sessionTokenSchema = z.strictObject({
  type: z.literal('session-token').meta({ description: 'A request of its own gives a token, which goes with all others; it is renewed after a 401' }),
  credentials: z
    .record(z.string(), z.string())
    .meta({ description: 'What login inserts, by name: references', examples: [{ user: 'anna', password: '${secret:NAME}' }] }),
  login: z
    .strictObject(requestShape)
    .refine(hasOneMethod, ONE_METHOD)
    .meta({
      description: 'The request; {name} inserts one of the credentials',
      examples: [{ post: '/session', body: { user: '{user}', password: '{password}' } }],
    }),
  token: z
    .strictObject({
      from: expressionSchema.meta({ description: 'Where it stands in the answer: body, headers, cookies', examples: ['body.token', 'cookies.SESSION'] }),
      expiresIn: expressionSchema.optional().meta({ description: 'Where its life in seconds stands' }),
      expiresAt: expressionSchema.optional().meta({ description: 'Where its end stands: an ISO 8601 time, or seconds or milliseconds since 1970' }),
      lifetime: durationSchema.optional().meta({ description: 'How long one is good, where the answer does not say; default: until a 401' }),
    })
    .meta({ description: 'What of its answer is the token' }),
  send: tokenPlaceSchema.prefault({}),
  renewOn: z.array(z.number().int().min(400).max(499)).default([401]).meta({ description: 'Statuses that say that the token is no longer good' }),
  logout: z
    .strictObject(requestShape)
    .refine(hasOneMethod, ONE_METHOD)
    .optional()
    .meta({ description: 'What "syncline logout" sends, with the token; {token} inserts it' }),
});
