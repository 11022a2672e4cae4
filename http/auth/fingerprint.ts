import { createHash } from 'node:crypto';

/** Tells settings apart, secrets among them, without holding them. */
export function fingerprint(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** Settings that may be absent, as parts of a fingerprint; none where all are absent, so that tokens kept before a setting existed stay good. */
export function settingsOf(settings: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.values(settings).some((value) => value !== undefined) ? [JSON.stringify(settings)] : [];
}
