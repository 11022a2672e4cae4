import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import type { JsonObject } from '../../engine/json.ts';
import { invalid } from './ask-once.ts';
import type { SigningOptions } from './auth-options.ts';

/** The JSON key file of a Google service account. */
const keyFileSchema = z.object({
  private_key: z.string(),
  private_key_id: z.string().optional(),
  client_email: z.string().optional(),
  token_uri: z.string().optional(),
});
const jwkSchema = z.looseObject({ kty: z.string(), kid: z.string().optional() });

export interface Signer {
  /** What a key file says besides the key. */
  readonly told: { readonly issuer?: string; readonly tokenUrl?: string };
  /** Must not show anywhere. */
  readonly secrets: readonly string[];
  /** @throws SyncError DEFINITION_INVALID where the key does not fit the algorithm; without the key */
  sign(claims: JsonObject, header?: Readonly<Record<string, string>>): Promise<string>;
}

interface Key {
  readonly key: KeyObject | Uint8Array;
  readonly keyId: string | undefined;
  readonly secrets: readonly string[];
  readonly told: Signer['told'];
}

/** Signs JSON Web Tokens (RFC 7519) by the key of a connection. @throws SyncError DEFINITION_INVALID where the secret is no key */
export function openSigner(name: string, signing: SigningOptions): Signer {
  const { algorithm } = signing;
  const { key, keyId, secrets, told } = readKey(name, signing);
  return {
    told,
    secrets: [...secrets, ...(signing.passphrase === undefined ? [] : [signing.passphrase])],
    sign: async (claims, header = {}) => {
      const kid = signing.keyId ?? keyId;
      try {
        return await new SignJWT({ ...claims }).setProtectedHeader({ ...header, alg: algorithm, ...(kid === undefined ? {} : { kid }) }).sign(key);
      } catch {
        // What the library says may quote the key.
        throw invalid(`The key of connection ${name} cannot sign with ${algorithm}: check that "algorithm" is that of the key.`);
      }
    },
  };
}

function readKey(name: string, { algorithm, key: written, keyEncoding, passphrase }: SigningOptions): Key {
  // In an environment variable line breaks are often written as \n.
  const text = written.includes('\n') || written.trimStart().startsWith('{') ? written.trim() : written.replaceAll('\\n', '\n').trim();
  if (algorithm.startsWith('HS')) return { key: sharedKey(name, text, keyEncoding), keyId: undefined, secrets: [text], told: {} };
  const json = text.startsWith('{') ? parsedJson(text) : undefined;
  const file = keyFileSchema.safeParse(json).data;
  const jwk = file === undefined ? jwkSchema.safeParse(json).data : undefined;
  const pem = file?.private_key ?? text;
  try {
    const key = createPrivateKey(jwk === undefined ? { key: pem, ...(passphrase === undefined ? {} : { passphrase }) } : { key: jwk, format: 'jwk' });
    return {
      key,
      keyId: file?.private_key_id ?? jwk?.kid,
      secrets: [text, pem, ...bodyLines(pem)],
      told: {
        ...(file?.client_email === undefined ? {} : { issuer: file.client_email }),
        ...(file?.token_uri === undefined ? {} : { tokenUrl: file.token_uri }),
      },
    };
  } catch {
    const locked = /ENCRYPTED/.test(pem) ? ' It is locked: is "passphrase" right?' : '';
    throw invalid(
      `The key of connection ${name} is no private key: put the whole PEM, with its BEGIN and END lines, or the whole JSON key file into its secret.${locked}`,
    );
  }
}

function sharedKey(name: string, text: string, encoding: SigningOptions['keyEncoding'] = 'text'): Uint8Array {
  if (encoding === 'text') return Buffer.from(text);
  if (encoding === 'to-base64') return Buffer.from(Buffer.from(text).toString('base64'));
  const key = Buffer.from(text, encoding);
  const isWhole = encoding === 'hex' ? key.length * 2 === text.length : key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
  if (isWhole && key.length > 0) return key;
  throw invalid(`The key of connection ${name} is not written in ${encoding}, as keyEncoding says.`);
}

/** A part of a key is as bad to show as the whole of it. */
function bodyLines(pem: string): readonly string[] {
  return pem.split('\n').filter((line) => line.length >= 40 && !line.startsWith('-----'));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
