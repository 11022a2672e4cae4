import { createHmac } from 'node:crypto';
import { equalTexts } from './equal-texts.ts';
import { isFresh } from './fresh-time.ts';
import type { SignatureCheck } from './signature-check.ts';

/** What HubSpot decodes of an address before it signs it ("Validating requests", "Validate the v3 request signature"). */
const DECODED = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

/** HubSpot v3: method, address as HubSpot knows it, body and time, signed with the client secret of the app. */
export function hubspotV3(maxAgeMs: number): SignatureCheck {
  return ({ method, url, headers, body, receivedAt }, secret) => {
    const timestamp = headers['x-hubspot-request-timestamp'];
    if (!isFresh(timestamp, 'ms', receivedAt, maxAgeMs)) return undefined;
    const address = url.replaceAll(DECODED, (code) => decodeURIComponent(code));
    const wanted = createHmac('sha256', secret).update(`${method}${address}`).update(body).update(timestamp).digest('base64');
    return equalTexts(headers['x-hubspot-signature-v3'] ?? '', wanted) ? { once: `${timestamp}.${wanted}` } : undefined;
  };
}
