import { withScheme } from './basic.ts';
import { equalTexts } from './equal-texts.ts';
import type { SignatureCheck } from './signature-check.ts';

/** A token that is sent along (RFC 6750), or stands alone in a header of its own. It signs nothing: whoever reads along could send the same. */
export function bearer(header: string | undefined): SignatureCheck {
  return ({ headers }, secret) => {
    const isGenuine =
      header === undefined
        ? equalTexts(withScheme('Bearer', headers['authorization'] ?? ''), `Bearer ${secret}`)
        : equalTexts(headers[header.toLowerCase()] ?? '', secret);
    return isGenuine ? {} : undefined;
  };
}
