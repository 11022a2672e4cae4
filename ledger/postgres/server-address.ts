import { SyncError } from '../../engine/errors.ts';

/** Where a ledger is, as people are told: never its password. */
export interface ServerAddress {
  /** `db.example.com:5432` */
  readonly host: string;
  readonly user: string;
  readonly database: string;
}

/** @throws SyncError STORE_UNAVAILABLE where the URL is none */
export function readAddress(url: string): ServerAddress {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    // The error would tell the URL, and the URL the password.
    throw new SyncError({
      code: 'STORE_UNAVAILABLE',
      retry: 'never',
      message:
        'The ledger\'s "postgres://…" is no URL: write postgres://USER:PASSWORD@HOST:5432/DATABASE, and @ : / ? # % in the password as %40 %3A %2F %3F %23 %25.',
    });
  }
  const user = plain(parsed.username) || parsed.searchParams.get('user') || process.env['PGUSER'] || 'postgres';
  const host = parsed.hostname || parsed.searchParams.get('host') || process.env['PGHOST'] || 'localhost';
  return {
    host: `${plain(host)}:${parsed.port || parsed.searchParams.get('port') || process.env['PGPORT'] || '5432'}`,
    user,
    database: plain(parsed.pathname.slice(1)) || process.env['PGDATABASE'] || user,
  };
}

function plain(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
