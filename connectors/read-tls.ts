import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ResolvedConnection } from '../definition/resolved.ts';
import { SyncError } from '../engine/errors.ts';
import type { Json } from '../engine/json.ts';
import type { TlsOptions } from '../http/http-client.ts';

type Tls = NonNullable<ResolvedConnection['tls']>;

/**
 * Certificates, key and authority of a connection as PEM: from secrets, or from the files they name. They are read each time, so that a certificate that was renewed is used by the
 * next client.
 * @throws SyncError DEFINITION_INVALID where a file cannot be read, SECRET_MISSING
 */
export function readTls(connection: string, tls: Tls, resolveSecrets: (value: Json) => Json, directory = '.'): TlsOptions {
  const read = (key: keyof Tls): string | undefined => {
    const written = tls[key];
    if (written === undefined) return undefined;
    const text = String(resolveSecrets(written)).trim();
    if (text.includes('-----BEGIN') || key === 'passphrase') return text.includes('\n') ? text : text.replaceAll('\\n', '\n');
    return readPem(connection, key, resolve(directory, text), !written.includes('${'));
  };
  return { certificate: read('certificate'), key: read('key'), passphrase: read('passphrase'), authority: read('authority') };
}

/** @param isNamed whether the path may be told: what came out of a secret may be a key that lost its first line */
function readPem(connection: string, key: string, path: string, isNamed: boolean): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    const where = isNamed ? `the file ${path}` : 'the file that its secret names';
    const message = `tls.${key} of connection ${connection} is neither PEM nor a file that can be read: ${where}.`;
    throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message });
  }
}
