import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SyncError } from '../engine/errors.ts';
import type { AuditSource } from './audit-store.ts';
import { readEncryptionKey } from './encryption-key.ts';
import type { Ledger } from './ledger.ts';
import { readingTexts, type TextLedger } from './text-ledger.ts';
import { type ValuePolicy, Vault } from './vault.ts';

export interface LedgerOptions {
  /** `sqlite`: ledger.db in `directory`; `sqlite:PATH`: that file; `postgres://…`: that database. */
  readonly url: string;
  /** The project's `.syncline` folder; made where something is kept in it, for its owner alone. */
  readonly directory: string;
  /** How settled values and the audit trail are kept. */
  readonly values: ValuePolicy;
  /** 32 bytes in base64 (SYNCLINE_ENCRYPTION_KEY); absent: the file `key` in `directory`, made on first need. */
  readonly encryptionKey?: string | undefined;
  /** Who opens it: named in its audit log where its tables are brought up to date. */
  readonly opener?: AuditSource | undefined;
}

/**
 * Opens the ledger of a project, and brings its tables up to date. Several processes may have it open.
 * @throws SyncError STORE_UNAVAILABLE; SECRET_MISSING where the encryption key is none, or not the one that the ledger was written with
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  return readingTexts(await openTextLedger(options));
}

/** As `openLedger`, for who reads the texts elsewhere. */
export async function openTextLedger(options: LedgerOptions): Promise<TextLedger> {
  const { url, directory } = options;
  // Only the driver that is needed is loaded.
  if (isPostgres(url)) return (await import('./postgres/open.ts')).openPostgresLedger(url, openVault(options), options.opener);
  const path = url === 'sqlite' ? join(directory, 'ledger.db') : url.slice('sqlite:'.length);
  if (url !== 'sqlite' && !url.startsWith('sqlite:')) throw unknownKind(url);
  return (await import('./sqlite/open.ts')).openSqliteLedger(path, openVault(options), options.opener);
}

/** Whether the ledger is a server's, and not a file of this machine. */
export function isPostgres(url: string): boolean {
  return /^postgres(?:ql)?:/.test(url);
}

function unknownKind(url: string): SyncError {
  const kind = url.includes(':') ? `${url.split(':')[0]}:…` : 'as it is named';
  const message = `The ledger "${kind}" is none: use "sqlite", "sqlite:PATH" or "postgres://USER:PASSWORD@HOST:5432/DATABASE".`;
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message });
}

function openVault({ url, directory, encryptionKey, values }: LedgerOptions): Vault {
  try {
    // Where nothing is kept in it, it may be in a project that can only be read.
    if (!isPostgres(url) || encryptionKey === undefined) mkdirSync(directory, { recursive: true, mode: 0o700 });
    return new Vault(readEncryptionKey(directory, encryptionKey), values);
  } catch (cause) {
    if (cause instanceof SyncError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SyncError({
      code: 'STORE_UNAVAILABLE',
      retry: 'backoff',
      message: `The folder ${directory} cannot be used: ${why}. Check who may write there.`,
      cause,
    });
  }
}
