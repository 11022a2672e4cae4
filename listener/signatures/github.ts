import { createHmac } from 'node:crypto';
import { equalTexts } from './equal-texts.ts';
import type { SignatureCheck } from './signature-check.ts';

/** GitHub (docs.github.com, "Validating webhook deliveries"): `X-Hub-Signature-256: sha256=HMAC` of the body. It signs no time. */
export const github: SignatureCheck = ({ headers, body }, secret) => {
  const wanted = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  return equalTexts(headers['x-hub-signature-256'] ?? '', wanted) ? {} : undefined;
};
