import { z } from 'zod';
import { expiresAtSchema } from './expires-at.ts';
import { secretText } from './secret-text.ts';

export const bearerSchema = z.strictObject({
  type: z.literal('bearer').meta({ description: 'A token in the Authorization header' }),
  token: secretText('The token'),
  expiresAt: expiresAtSchema,
});

export const apiKeySchema = z.strictObject({
  type: z.literal('api-key').meta({ description: 'A key in a header, a query parameter or the body' }),
  in: z.enum(['header', 'query', 'body']).default('header').meta({ description: 'Where the key goes; body: beside the fields of a form or a JSON object' }),
  name: z.string().meta({ description: 'The header, parameter or field', examples: ['X-Api-Key'] }),
  key: secretText('The key'),
  prefix: z
    .string()
    .optional()
    .meta({ description: 'Put before the key', examples: ['Token '] }),
  expiresAt: expiresAtSchema,
});

export const basicSchema = z.strictObject({
  type: z.literal('basic').meta({ description: 'User and password (RFC 7617)' }),
  username: z.string().meta({ description: 'The user' }),
  password: secretText('The password'),
  expiresAt: expiresAtSchema,
});

export const inTurnSchema = z.strictObject({
  type: z.literal('in-turn').meta({
    description:
      'Several credentials of one account, where the API counts by credential: each has the limits for itself, and a request goes by the one that is free first',
  }),
  of: z
    .array(z.discriminatedUnion('type', [bearerSchema, apiKeySchema, basicSchema]))
    .min(2)
    .meta({
      description: 'The credentials',
      examples: [
        [
          { type: 'bearer', token: '${secret:FIRST}' },
          { type: 'bearer', token: '${secret:SECOND}' },
        ],
      ],
    }),
});
