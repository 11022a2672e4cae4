import { equalTexts } from './equal-texts.ts';
import type { SignatureCheck } from './signature-check.ts';

/** HTTP Basic (RFC 7617). It signs nothing: whoever reads along could send the same. */
export function basic(username: string): SignatureCheck {
  return ({ headers }, secret) => {
    const wanted = `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
    return equalTexts(withScheme('Basic', headers['authorization'] ?? ''), wanted) ? {} : undefined;
  };
}

/** The name of a scheme has no case (RFC 9110, section 11.1). */
export function withScheme(name: 'Basic' | 'Bearer', header: string): string {
  return header.replace(/^\S+(?= )/, (scheme) => (scheme.toLowerCase() === name.toLowerCase() ? name : scheme));
}
