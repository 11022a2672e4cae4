import { z } from 'zod';
import { baseUrlFromSchema } from './oauth2.ts';
import { durationSchema } from './primitives.ts';
import { signingShape } from './signing.ts';
import { exchangeShape } from './token-exchange.ts';
import { tokenPlaceSchema } from './token-place.ts';

/** A token that Syncline signs itself. */
export const jwtSchema = z.strictObject({
  type: z.literal('jwt').meta({ description: 'A JSON Web Token that is signed here: exchanged for an access token (RFC 7523 section 2.1), or sent as it is' }),
  ...signingShape,
  send: z
    .union([z.enum(['assertion', 'bearer']), tokenPlaceSchema])
    .default('assertion')
    .meta({
      description:
        'assertion: exchanged at tokenUrl (Google service accounts, Salesforce); bearer: sent with each request, signed anew in time; or where it is sent, in the place of a bearer token',
      examples: ['bearer', { name: 'X-Token', prefix: 'JWT ' }],
    }),
  tokenUrl: z.string().optional().meta({ description: "Where it is exchanged: an address, or a path of baseUrl; default: the key file's token_uri" }),
  clientId: z.string().optional().meta({ description: 'The application, where tokenUrl wants to know it besides the issuer' }),
  issuer: z.string().optional().meta({ description: 'Who signs ("iss"); default: the client_email of the key file' }),
  subject: z
    .string()
    .optional()
    .meta({ description: 'For whom it asks ("sub")', examples: ['admin@acme.test'] }),
  audience: z.string().optional().meta({ description: 'Whom it is for ("aud"); default: tokenUrl' }),
  scopes: z.array(z.string()).optional().meta({ description: 'What is asked for' }),
  scopesIn: z.enum(['claim', 'body']).default('claim').meta({ description: 'Where the scopes go: into the token (Google), or beside it' }),
  lifetime: durationSchema.default('3m').meta({ description: 'How long one is good' }),
  claims: z.record(z.string(), z.json()).optional().meta({ description: 'Further claims' }),
  header: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'Further members of its header', examples: [{ typ: 'JWT' }] }),
  baseUrlFrom: baseUrlFromSchema.optional(),
  ...exchangeShape,
});
