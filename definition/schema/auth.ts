import { z } from 'zod';
import { expiresAtSchema } from './expires-at.ts';
import { jwtSchema } from './jwt.ts';
import { authorizationCodeSchema, clientCredentialsSchema, refreshTokenSchema } from './oauth2.ts';
import { secretText } from './secret-text.ts';
import { sessionTokenSchema } from './session-token.ts';
import { signatureSchema } from './signature.ts';

/** How a request proves who sends it. Values are secret references until the process that sends resolves them. */
export const authSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('none').meta({ description: 'No credentials' }) }),
    z.strictObject({
      type: z.literal('bearer').meta({ description: 'A token in the Authorization header' }),
      token: secretText('The token'),
      expiresAt: expiresAtSchema,
    }),
    z.strictObject({
      type: z.literal('api-key').meta({ description: 'A key in a header or query parameter' }),
      in: z.enum(['header', 'query']).default('header').meta({ description: 'Where the key goes' }),
      name: z.string().meta({ description: 'The header or parameter', examples: ['X-Api-Key'] }),
      key: secretText('The key'),
      prefix: z
        .string()
        .optional()
        .meta({ description: 'Put before the key', examples: ['Token '] }),
      expiresAt: expiresAtSchema,
    }),
    z.strictObject({
      type: z.literal('basic').meta({ description: 'User and password (RFC 7617)' }),
      username: z.string().meta({ description: 'The user' }),
      password: secretText('The password'),
      expiresAt: expiresAtSchema,
    }),
    clientCredentialsSchema,
    refreshTokenSchema,
    authorizationCodeSchema,
    jwtSchema,
    sessionTokenSchema,
    signatureSchema,
  ])
  .meta({ id: 'auth', description: 'How requests prove who sends them. Secrets are references, always' });
