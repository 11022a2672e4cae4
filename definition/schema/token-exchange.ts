import { z } from 'zod';
import { durationSchema, expressionSchema } from './primitives.ts';
import { tokenPlaceSchema } from './token-place.ts';

const texts = z.record(z.string(), z.string());

const tokenRequestSchema = z
  .strictObject({
    in: z.enum(['body', 'query']).default('body').meta({ description: 'Where its fields go: into the body, or into the query of tokenUrl' }),
    format: z.enum(['form', 'json']).default('form').meta({ description: 'How the body is written' }),
    names: texts
      .optional()
      .meta({ description: 'What the API calls the fields of RFC 6749', examples: [{ client_id: 'app_id', client_secret: 'app_secret' }] }),
    fields: texts.optional().meta({
      description: 'Further fields, by the name that the API has for them; one of RFC 6749 is replaced by one of its name',
      examples: [{ audience: 'https://api.acme.test' }],
    }),
    headers: texts.optional().meta({ description: 'Its headers' }),
  })
  .meta({ description: 'How tokens are asked for, where it is not as RFC 6749 has it' });

const tokenAnswerSchema = z
  .strictObject({
    from: expressionSchema.optional().meta({ description: 'Where the access token stands; default body.access_token', examples: ['body.data.token'] }),
    refreshToken: expressionSchema.optional().meta({ description: 'Where a new refresh token stands; default body.refresh_token' }),
    expiresIn: expressionSchema.optional().meta({ description: 'Where its life in seconds stands; default body.expires_in' }),
    expiresAt: expressionSchema.optional().meta({ description: 'Where its end stands: an ISO 8601 time, or seconds or milliseconds since 1970' }),
    lifetime: durationSchema.optional().meta({ description: 'How long one is good, where the answer does not say; default 1h' }),
    refused: expressionSchema
      .optional()
      .meta({ description: 'True where the grant is dead, and somebody has to give leave anew; default: invalid_grant', examples: ["body.code = 'EXPIRED'"] }),
  })
  .meta({ description: 'What the answer with a token is like, where it is not as RFC 6749 has it: over its status, headers, cookies and body' });

/** How an access token is asked for, got and sent, where an API has ways of its own. */
export const exchangeShape = { tokenRequest: tokenRequestSchema.optional(), token: tokenAnswerSchema.optional() };
export const sendShape = { send: tokenPlaceSchema.optional() };
