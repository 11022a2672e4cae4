import { z } from 'zod';

const secretText = z.string().meta({ description: 'a reference: ${secret:NAME}' });

/** How a request proves who sends it. Values are secret references until the process that sends resolves them. */
export const authSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('bearer'), token: secretText }),
  z.strictObject({
    type: z.literal('api-key'),
    in: z.enum(['header', 'query']).default('header'),
    name: z.string(),
    key: secretText,
    prefix: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('basic'), username: z.string(), password: secretText }),
  z.strictObject({
    type: z.literal('oauth2-client-credentials'),
    tokenUrl: z.string(),
    clientId: z.string(),
    clientSecret: secretText,
    scopes: z.array(z.string()).optional(),
    clientIn: z.enum(['body', 'header']).default('body').meta({ description: 'RFC 6749 section 2.3.1: credentials in the body, or as HTTP Basic' }),
  }),
  z.strictObject({
    type: z.literal('oauth2-refresh-token'),
    tokenUrl: z.string(),
    clientId: z.string(),
    clientSecret: secretText.optional(),
    refreshToken: secretText,
    scopes: z.array(z.string()).optional(),
    clientIn: z.enum(['body', 'header']).default('body'),
  }),
]);

export type Auth = z.output<typeof authSchema>;
