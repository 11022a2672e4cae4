import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { ClientOptions } from './auth-options.ts';
import { basicCredentials } from './basic.ts';
import { openSigner } from './sign-jwt.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** It is used at once. */
const ASSERTION_SECONDS = 60;

export interface WrittenForm {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What of it must not show. */
  readonly secrets: readonly string[];
}

export interface ClientProof {
  readonly secrets: readonly string[];
  /** A form with what proves who asks. */
  write(form: Readonly<Record<string, string>>): Promise<WrittenForm>;
}

type Client = Partial<Pick<ClientOptions, 'clientSecret' | 'clientAssertion' | 'clientIn'>> & { readonly clientId?: string | undefined };

/**
 * How a client proves itself: by its secret in the body or as HTTP Basic (RFC 6749 section 2.3.1), by an assertion that it signs (RFC 7523 section 2.2), or by its certificate alone.
 * @param audience whom an assertion is for, where nothing else is said
 */
export function openClientProof(name: string, client: Client, audience: string, clock: Clock): ClientProof {
  const { clientAssertion, clientIn } = client;
  const clientId = client.clientId?.trim();
  const clientSecret = client.clientSecret?.trim();
  const signer = clientAssertion === undefined ? undefined : openSigner(name, clientAssertion);
  const assertion = async (): Promise<string | undefined> => {
    const iat = Math.floor(clock.now() / 1_000);
    const id = clientId ?? '';
    return signer?.sign({ iss: id, sub: id, aud: clientAssertion?.audience ?? audience, jti: randomUUID(), iat, exp: iat + ASSERTION_SECONDS });
  };
  return {
    secrets: [...(clientSecret === undefined ? [] : [clientSecret]), ...(signer?.secrets ?? [])],
    write: async (fields) => {
      const form = new URLSearchParams({ ...fields });
      const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
      const signed = await assertion();
      const secrets = [...(signed === undefined ? [] : [signed])];
      if (signed !== undefined) {
        form.set('client_id', clientId ?? '');
        form.set('client_assertion_type', ASSERTION_TYPE);
        form.set('client_assertion', signed);
      } else if (clientIn === 'header') {
        const basic = basicCredentials(encodeURIComponent(clientId ?? ''), encodeURIComponent(clientSecret ?? ''));
        headers['authorization'] = basic;
        secrets.push(basic.replace('Basic ', ''));
      } else {
        if (clientId !== undefined) form.set('client_id', clientId);
        if (clientSecret !== undefined) form.set('client_secret', clientSecret);
      }
      return { headers, body: Buffer.from(form.toString()), secrets };
    },
  };
}
