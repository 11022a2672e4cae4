import { z } from 'zod';
import { secretText } from './secret-text.ts';

/** Names of RFC 7518 section 3.1 and RFC 8037. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'HS256', 'HS384', 'HS512'] as const;

/** What a JSON Web Token is signed with. */
export const signingShape = {
  algorithm: z.enum(ALGORITHMS).default('RS256').meta({ description: 'How it is signed (RFC 7518)' }),
  key: secretText('The private key: PEM, a JSON Web Key, or the JSON key file of a Google service account; of HS… the shared secret'),
  keyEncoding: z
    .enum(['text', 'base64', 'hex', 'to-base64'])
    .optional()
    .meta({ description: 'Of HS…: how the secret is written: as it is (the default), in base64 or hex, which is decoded; to-base64: its base64 is the key' }),
  keyId: z.string().optional().meta({ description: 'Which key it is ("kid"); default: what the key file says' }),
  passphrase: secretText('What the key is locked with').optional(),
};
