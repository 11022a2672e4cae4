import { createHmac } from 'node:crypto';
import { equalTexts } from './equal-texts.ts';
import { isFresh } from './fresh-time.ts';
import type { SignatureCheck } from './signature-check.ts';

/** Stripe (docs.stripe.com/webhooks, "Verify webhook signatures manually"): `Stripe-Signature: t=TIME,v1=HMAC`, with a v1 for each secret that is valid. */
export function stripe(maxAgeMs: number): SignatureCheck {
  return ({ headers, body, receivedAt }, secret) => {
    const parts = (headers['stripe-signature'] ?? '').split(',').map((part) => part.split('='));
    const valuesOf = (name: string) => parts.flatMap(([key, value]) => (key === name && value !== undefined ? [value] : []));
    const [timestamp, ...others] = valuesOf('t');
    if (others.length > 0 || !isFresh(timestamp, 's', receivedAt, maxAgeMs)) return undefined;
    const wanted = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
    return valuesOf('v1').some((given) => equalTexts(given, wanted)) ? { once: `${timestamp}.${wanted}` } : undefined;
  };
}
