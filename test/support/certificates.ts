import { generate } from 'selfsigned';

/** A certificate with its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority of a test's own: nobody else knows it. */
export async function makeAuthority(name: string): Promise<Certificate> {
  const extensions = [
    { name: 'basicConstraints' as const, cA: true, critical: true },
    { name: 'keyUsage' as const, keyCertSign: true, cRLSign: true },
  ];
  return make(name, { extensions });
}

const LONG_AGO = { notBeforeDate: new Date(Date.UTC(2020, 0, 1)), notAfterDate: new Date(Date.UTC(2020, 1, 1)) };

/** For whoever listens on loopback. */
export function makeServerCertificate(authority: Certificate, { hasExpired = false }: { readonly hasExpired?: boolean } = {}): Promise<Certificate> {
  const names = [
    { type: 2 as const, value: 'localhost' },
    { type: 7 as const, ip: '127.0.0.1' },
  ];
  return make('localhost', {
    ca: authority,
    ...(hasExpired ? LONG_AGO : {}),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames: names },
    ],
  });
}

export function makeClientCertificate(authority: Certificate): Promise<Certificate> {
  return make('syncline', { ca: authority, extensions: [{ name: 'basicConstraints', cA: false }] });
}

async function make(commonName: string, options: Parameters<typeof generate>[1]): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: commonName }], { algorithm: 'sha256', keyType: 'ec', ...options });
  return { cert, key };
}
