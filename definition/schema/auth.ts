import { z } from 'zod';

const secretText = (description: string) => z.string().meta({ description: `${description}: a reference`, examples: ['${secret:NAME}'] });
const tokenUrl = z.string().meta({ description: 'Where tokens are had: an address, or a path of baseUrl', examples: ['/oauth/token'] });
const scopes = z
  .array(z.string())
  .optional()
  .meta({ description: 'What is asked for', examples: [['crm.read']] });
const clientIn = z
  .enum(['body', 'header'])
  .default('body')
  .meta({ description: 'How the client proves itself (RFC 6749 section 2.3.1): in the body, or as HTTP Basic' });

/** How a request proves who sends it. Values are secret references until the process that sends resolves them. */
export const authSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('none').meta({ description: 'No credentials' }) }),
    z.strictObject({ type: z.literal('bearer').meta({ description: 'A token in the Authorization header' }), token: secretText('The token') }),
    z.strictObject({
      type: z.literal('api-key').meta({ description: 'A key in a header or query parameter' }),
      in: z.enum(['header', 'query']).default('header').meta({ description: 'Where the key goes' }),
      name: z.string().meta({ description: 'The header or parameter', examples: ['X-Api-Key'] }),
      key: secretText('The key'),
      prefix: z
        .string()
        .optional()
        .meta({ description: 'Put before the key', examples: ['Token '] }),
    }),
    z.strictObject({
      type: z.literal('basic').meta({ description: 'User and password (RFC 7617)' }),
      username: z.string().meta({ description: 'The user' }),
      password: secretText('The password'),
    }),
    z.strictObject({
      type: z.literal('oauth2-client-credentials').meta({ description: 'Tokens for the application itself (RFC 6749 section 4.4)' }),
      tokenUrl,
      clientId: z.string().meta({ description: 'The application' }),
      clientSecret: secretText('Its secret'),
      scopes,
      clientIn,
    }),
    z.strictObject({
      type: z
        .literal('oauth2-refresh-token')
        .meta({ description: 'Tokens for an account that gave its consent (RFC 6749 section 6); rotated ones are kept in the ledger' }),
      tokenUrl,
      clientId: z.string().meta({ description: 'The application' }),
      clientSecret: secretText('Its secret').optional(),
      refreshToken: secretText('The first refresh token'),
      scopes,
      clientIn,
    }),
  ])
  .meta({ id: 'auth', description: 'How requests prove who sends them. Secrets are references, always' });
