import { z } from 'zod';
import { expiresAtSchema } from './expires-at.ts';
import { templateSchema } from './primitives.ts';

/** What templates of a signature insert, beside the credentials. */
export const SIGNED = ['method', 'url', 'host', 'path', 'query', 'headers', 'body', 'nonce'] as const;

const added = (what: string, examples: readonly Record<string, string>[]) =>
  z
    .record(z.string(), templateSchema)
    .optional()
    .meta({ description: `${what}, by name: one after the other, each over the request with those before it`, examples: [...examples] });

/** Requests that are signed by what they hold. */
export const signatureSchema = z
  .strictObject({
    type: z.literal('signature').meta({ description: 'Each request is signed: what is added to it is computed from it and from secrets' }),
    credentials: z
      .record(z.string(), z.string())
      .meta({ description: 'What the templates insert, by name: references', examples: [{ id: 'acme', secret: '${secret:NAME}' }] }),
    query: added('Parameters that are added', [{ signature: '{$hmac(query, secret)}' }]),
    headers: added('Headers that are added', [
      { 'X-Time': '{$millis()}', 'X-Signature': "{$hmac(method & path & $string($millis()) & body, secret, 'sha256', 'base64')}" },
    ]),
    expiresAt: expiresAtSchema,
  })
  .refine(({ query, headers }) => query !== undefined || headers !== undefined, 'name in `headers` or `query` what is added to each request')
  .meta({ description: 'Templates may use the credentials, method, url, host, path, query, headers, body and nonce; $now() and $millis() tell the time' });
