import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { SyncError } from '../engine/errors.ts';
import type { TlsOptions } from './http-client.ts';

const ONE_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * What a connection shows and trusts: made once, as the system's authorities take some milliseconds to read.
 * @throws SyncError DEFINITION_INVALID where certificate, key or authority cannot be read; without them
 */
export function openSecureContext(name: string, { certificate, key, passphrase, authority }: TlsOptions): SecureContext {
  try {
    // OpenSSL passes over what it cannot read here, and then trusts nobody.
    if (authority !== undefined) for (const one of authority.match(ONE_CERTIFICATE) ?? [authority]) new X509Certificate(one);
    return createSecureContext({
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(authority === undefined ? {} : { ca: [...getCACertificates('default'), authority] }),
    });
  } catch (error) {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
    throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: `tls of connection ${name} cannot be used: ${wordsOf(code)}.` });
  }
}

/** Codes only: what OpenSSL says may quote what it was given. */
function wordsOf(code: unknown): string {
  switch (code) {
    case 'ERR_OSSL_X509_KEY_VALUES_MISMATCH':
      return 'the key is not that of the certificate';
    case 'ERR_OSSL_BAD_DECRYPT':
    case 'ERR_MISSING_PASSPHRASE':
    case 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED':
      return 'the key is locked, and "passphrase" does not open it';
    default:
      return `certificate, key or authority is no PEM${typeof code === 'string' ? ` (${code})` : ''}: put the whole text, with its BEGIN and END lines, into the secret or file`;
  }
}
