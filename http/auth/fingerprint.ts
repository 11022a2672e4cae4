import { createHash } from 'node:crypto';

/** Tells settings apart, secrets among them, without holding them. */
export function fingerprint(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
