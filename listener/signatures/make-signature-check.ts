import type { Signature } from '../../definition/schema/webhooks.ts';
import { assertNever } from '../../engine/assert-never.ts';
import { basic } from './basic.ts';
import { bearer } from './bearer.ts';
import { github } from './github.ts';
import { hmac } from './hmac.ts';
import { hubspotV3 } from './hubspot-v3.ts';
import { shopify } from './shopify.ts';
import type { Proof, SignatureCheck, SignedRequest } from './signature-check.ts';
import { standardWebhooks } from './standard-webhooks.ts';
import { stripe } from './stripe.ts';

/** @param maxAgeMs how far the time of a signature may be from now */
export function makeSignatureCheck(signature: Signature, maxAgeMs: number): SignatureCheck {
  switch (signature.type) {
    case 'standard-webhooks':
      return standardWebhooks(maxAgeMs);
    case 'stripe':
      return stripe(maxAgeMs);
    case 'hubspot-v3':
      return hubspotV3(maxAgeMs);
    case 'shopify':
      return shopify;
    case 'github':
      return github;
    case 'hmac':
      return hmac(signature, maxAgeMs);
    case 'basic':
      return basic(signature.username);
    case 'bearer':
      return bearer(signature.header);
    default:
      return assertNever(signature);
  }
}

/** Any of the secrets will do: while one takes the place of another, both are valid. An empty one never is. */
export async function checkWithAny(check: SignatureCheck, request: SignedRequest, secrets: readonly string[]): Promise<Proof | undefined> {
  for (const secret of secrets) {
    const proof = secret === '' ? undefined : await check(request, secret);
    if (proof !== undefined) return proof;
  }
  return undefined;
}
