import { isUtf8 } from 'node:buffer';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { isFresh } from './fresh-time.ts';
import type { SignatureCheck } from './signature-check.ts';

/** Standard Webhooks (standardwebhooks.com), by its own library; it allows five minutes, whatever `maxAgeMs` says. */
export function standardWebhooks(maxAgeMs: number): SignatureCheck {
  return ({ headers, body, receivedAt }, secret) => {
    const { 'webhook-id': id, 'webhook-timestamp': timestamp } = headers;
    // The library reads the body as text, in which broken bytes are all alike.
    if (id === undefined || !isFresh(timestamp, 's', receivedAt, maxAgeMs) || !isUtf8(body)) return undefined;
    try {
      new Webhook(secret).verify(body.toString(), headers, { jsonParse: false });
      return { once: id };
    } catch (error) {
      if (error instanceof WebhookVerificationError) return undefined;
      throw error;
    }
  };
}
