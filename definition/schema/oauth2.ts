import { z } from 'zod';
import { expiresAtSchema } from './expires-at.ts';
import { expressionSchema } from './primitives.ts';
import { secretText } from './secret-text.ts';
import { signingShape } from './signing.ts';
import { exchangeShape, sendShape } from './token-exchange.ts';

const clientAssertionSchema = z
  .strictObject({
    ...signingShape,
    audience: z.string().optional().meta({ description: 'Whom the assertion is for; default: tokenUrl' }),
  })
  .meta({ description: 'The client proves itself by a signed assertion (private_key_jwt, RFC 7523 section 2.2) in the place of clientSecret' });

/** What all grants that have a client share. */
const clientShape = {
  tokenUrl: z.string().meta({ description: 'Where tokens are had: an address, or a path of baseUrl', examples: ['/oauth/token'] }),
  clientId: z.string().meta({ description: 'The application' }),
  clientSecret: secretText('Its secret').optional(),
  clientAssertion: clientAssertionSchema.optional(),
  scopes: z
    .array(z.string())
    .optional()
    .meta({ description: 'What is asked for', examples: [['crm.read']] }),
  clientIn: z
    .enum(['body', 'header'])
    .default('body')
    .meta({ description: 'How the client proves itself (RFC 6749 section 2.3.1): in the body, or as HTTP Basic' }),
  expiresAt: expiresAtSchema,
  ...exchangeShape,
  ...sendShape,
};

/** Where an account lives is told with its token: Salesforce's `instance_url`. */
export const baseUrlFromSchema = z
  .strictObject({
    answer: expressionSchema.meta({ description: 'Where the address stands in the answer of tokenUrl', examples: ['instance_url'] }),
    hosts: z
      .array(z.string())
      .min(1)
      .meta({ description: 'Hosts that are accepted, no others: the credentials go there', examples: [['*.my.salesforce.com']] }),
  })
  .meta({ description: "The answer with the token says where the account's API is: that goes in the place of the host of baseUrl, whose path stays" });

export const clientCredentialsSchema = z.strictObject({
  type: z.literal('oauth2-client-credentials').meta({ description: 'Tokens for the application itself (RFC 6749 section 4.4)' }),
  ...clientShape,
  baseUrlFrom: baseUrlFromSchema.optional(),
});

export const refreshTokenSchema = z.strictObject({
  type: z
    .literal('oauth2-refresh-token')
    .meta({ description: 'Tokens for an account that gave its consent (RFC 6749 section 6); rotated ones are kept in the ledger' }),
  ...clientShape,
  refreshToken: secretText('The first refresh token'),
  baseUrlFrom: baseUrlFromSchema.optional(),
});

export const authorizationCodeSchema = z.strictObject({
  type: z.literal('oauth2-authorization-code').meta({
    description:
      'Tokens for an account whose owner signs in with a browser, by "syncline login" (RFC 6749 section 4.1 with PKCE, RFC 7636); kept in the ledger',
  }),
  authorizeUrl: z.string().meta({ description: 'Where the owner signs in: an address, or a path of baseUrl', examples: ['https://login.acme.test/authorize'] }),
  ...clientShape,
  redirectUri: z
    .string()
    .regex(/^http:\/\/(127\.0\.0\.1|localhost)(:\d{1,5})?(\/[^?#]*)?$/, 'expected an address of this machine, such as http://127.0.0.1:8976/callback')
    .optional()
    .meta({
      description: 'Where the browser comes back to, as it is registered with the application; default: http://127.0.0.1 with a free port and /callback',
      examples: ['http://127.0.0.1:8976/callback'],
    }),
  authorizeParameters: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'Further parameters of authorizeUrl', examples: [{ access_type: 'offline', prompt: 'consent' }] }),
  deviceUrl: z.string().optional().meta({ description: 'Where "login --device" begins, for machines without a browser (RFC 8628)' }),
  revokeUrl: z.string().optional().meta({ description: 'Where "logout" has the tokens revoked (RFC 7009)' }),
  baseUrlFrom: baseUrlFromSchema.optional(),
});
