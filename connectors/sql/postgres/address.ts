import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { invalid } from '../sql-trouble.ts';

/** Where a database is, and who one is there. */
export interface Address {
  /** `db.example.com:5432/crm`: never the password. */
  readonly shown: string;
  readonly user: string;
  readonly database: string;
  /** The URL, without what is said of TLS. */
  readonly url: string;
  readonly ssl: ConnectionOptions | false;
}

/** As libpq has them: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION */
const MODES = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/**
 * Reads the URL of a database. Without `sslmode` the server's certificate is verified, but on this machine there is no TLS.
 * @throws DEFINITION_INVALID, without the URL in its message
 */
export function readAddress(url: string, connection: string): Address {
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(?:ql)?:$/.test(parsed.protocol)) {
    throw invalid(
      `The \`database\` of ${connection} is no URL of PostgreSQL: write postgres://USER:PASSWORD@HOST:5432/DATABASE, and @ : / ? # % in the password as %40 %3A %2F %3F %23 %25.`,
    );
  }
  const host = parsed.hostname === '' ? 'localhost' : parsed.hostname;
  const user = decoded(parsed.username) || 'postgres';
  const database = decoded(parsed.pathname.slice(1)) || user;
  const mode = parsed.searchParams.get('sslmode') ?? (isLoopback(host) ? 'disable' : 'verify-full');
  if (!MODES.includes(mode)) throw invalid(`The \`database\` of ${connection} has an sslmode that is none: there are ${MODES.join(', ')}.`);
  parsed.searchParams.delete('sslmode');
  return { shown: `${host}:${parsed.port || '5432'}/${database}`, user, database, url: parsed.href, ssl: tlsOf(mode, host) };
}

function tlsOf(mode: string, host: string): ConnectionOptions | false {
  if (mode === 'disable') return false;
  const server = isIP(host) === 0 ? { servername: host } : {};
  if (mode === 'no-verify') return { ...server, rejectUnauthorized: false };
  return mode === 'verify-ca' ? { ...server, checkServerIdentity: () => undefined } : server;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
