import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { ClientOptions } from './auth-options.ts';
import { basicCredentials } from './basic.ts';
import { openSigner } from './sign-jwt.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** It is used at once. */
const ASSERTION_SECONDS = 60;

export interface ProvenForm {
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  /** What of it must not show. */
  readonly secrets: readonly string[];
}

export interface ClientProof {
  readonly secrets: readonly string[];
  /** A form with what proves who asks. */
  prove(form: Readonly<Record<string, string>>): Promise<ProvenForm>;
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
    prove: async (form) => {
      const fields: Record<string, string> = { ...form };
      const headers: Record<string, string> = {};
      const signed = await assertion();
      const secrets = [...(signed === undefined ? [] : [signed])];
      if (signed !== undefined) {
        fields['client_id'] = clientId ?? '';
        fields['client_assertion_type'] = ASSERTION_TYPE;
        fields['client_assertion'] = signed;
      } else if (clientIn === 'header') {
        const basic = basicCredentials(encodeURIComponent(clientId ?? ''), encodeURIComponent(clientSecret ?? ''));
        headers['authorization'] = basic;
        secrets.push(basic.replace('Basic ', ''));
      } else {
        if (clientId !== undefined) fields['client_id'] = clientId;
        if (clientSecret !== undefined) fields['client_secret'] = clientSecret;
      }
      return { headers, fields, secrets };
    },
  };
}
