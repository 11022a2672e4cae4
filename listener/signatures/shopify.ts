import { createHmac } from 'node:crypto';
import { equalTexts } from './equal-texts.ts';
import type { SignatureCheck } from './signature-check.ts';

/** Shopify (shopify.dev, "Deliver webhooks through HTTPS", step 5): the body in base64, with the client secret of the app. It signs no time. */
export const shopify: SignatureCheck = ({ headers, body }, secret) => {
  const wanted = createHmac('sha256', secret).update(body).digest('base64');
  return equalTexts(headers['x-shopify-hmac-sha256'] ?? '', wanted) ? {} : undefined;
};
