import { z } from 'zod';
import { jwtSchema } from './jwt.ts';
import { authorizationCodeSchema, clientCredentialsSchema, refreshTokenSchema } from './oauth2.ts';
import { apiKeySchema, basicSchema, bearerSchema, inTurnSchema } from './plain-auth.ts';
import { sessionTokenSchema } from './session-token.ts';
import { signatureSchema } from './signature.ts';

/** How a request proves who sends it. Values are secret references until the process that sends resolves them. */
export const authSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('none').meta({ description: 'No credentials' }) }),
    bearerSchema,
    apiKeySchema,
    basicSchema,
    inTurnSchema,
    clientCredentialsSchema,
    refreshTokenSchema,
    authorizationCodeSchema,
    jwtSchema,
    sessionTokenSchema,
    signatureSchema,
  ])
  .meta({ id: 'auth', description: 'How requests prove who sends them. Secrets are references, always' });
