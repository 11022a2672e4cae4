import { createHmac } from 'node:crypto';
import type { Signature } from '../../definition/schema/webhooks.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import { compileTemplate } from '../../engine/template.ts';
import { equalTexts } from './equal-texts.ts';
import { isFresh } from './fresh-time.ts';
import type { SignatureCheck } from './signature-check.ts';

type Hmac = Extract<Signature, { type: 'hmac' }>;

const KEY_ENCODINGS = { text: 'utf8', hex: 'hex', base64: 'base64' } as const;

/** The HMAC that a definition describes. */
export function hmac({ header, algorithm, encoding, prefix, signed, timestamp, secretEncoding }: Hmac, maxAgeMs: number): SignatureCheck {
  const template = compileTemplate(signed);
  return async ({ method, url, headers, body, receivedAt }, secret) => {
    const time = timestamp === undefined ? undefined : headers[timestamp.header.toLowerCase()];
    if (timestamp !== undefined && !isFresh(time, timestamp.unit, receivedAt, maxAgeMs)) return undefined;
    // A character for each byte, so that none is lost.
    const text = await whatIsSigned(() => template.render({ body: body.toString('latin1'), timestamp: time ?? null, method, url, headers }));
    if (text === undefined) return undefined;
    const key = Buffer.from(secret, KEY_ENCODINGS[secretEncoding]);
    const wanted = createHmac(algorithm, key).update(Buffer.from(text, 'latin1')).digest(encoding);
    if (!equalTexts(headers[header.toLowerCase()] ?? '', `${prefix}${wanted}`)) return undefined;
    return time === undefined ? {} : { once: `${time}.${wanted}` };
  };
}

/** What a request lacks that is to be signed, or what makes the expression fail, is not signed. */
async function whatIsSigned(render: () => unknown): Promise<string | undefined> {
  try {
    const text = await render();
    return typeof text === 'string' || typeof text === 'number' ? String(text) : undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
