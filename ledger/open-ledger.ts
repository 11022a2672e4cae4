import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SyncError } from '../engine/errors.ts';
import { readEncryptionKey } from './encryption-key.ts';
import type { Ledger } from './ledger.ts';
import { createChangeStore } from './sqlite/change-store.ts';
import { createConflictStore } from './sqlite/conflict-store.ts';
import { createCredentialStore } from './sqlite/credential-store.ts';
import { Database } from './sqlite/database.ts';
import { createDefinitionStore } from './sqlite/definition-store.ts';
import { createDeleteStore } from './sqlite/delete-store.ts';
import { createDriftStore } from './sqlite/drift-store.ts';
import { checkKey } from './sqlite/key-check.ts';
import { createLimitStore } from './sqlite/limit-store.ts';
import { createLookupStore } from './sqlite/lookup-store.ts';
import { createPlanStore } from './sqlite/plan-store.ts';
import { createRecordStore } from './sqlite/record-store.ts';
import { createRunStore } from './sqlite/run-store.ts';
import { createSegmentStore } from './sqlite/segment-store.ts';
import { createShapeStore } from './sqlite/shape-store.ts';
import { createUnknownStore } from './sqlite/unknown-store.ts';
import { type ValuePolicy, Vault } from './vault.ts';

export interface LedgerOptions {
  /** `sqlite`: ledger.db in `directory`; `sqlite:PATH`: that file. */
  readonly url: string;
  /** The project's `.syncline` folder; made where it is missing, for its owner alone. */
  readonly directory: string;
  /** How settled values and the audit trail are kept. */
  readonly values: ValuePolicy;
  /** 32 bytes in base64 (SYNCLINE_ENCRYPTION_KEY); absent: the file `key` in `directory`, made on first need. */
  readonly encryptionKey?: string | undefined;
}

/**
 * Opens the ledger of a project, and brings its tables up to date. Several processes may have it open.
 * @throws SyncError STORE_UNAVAILABLE; SECRET_MISSING where the encryption key is none, or not the one that the ledger was written with
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const path = databasePath(options);
  const vault = openVault(options);
  const database = await Database.open(path);
  try {
    await checkKey(database, vault, path);
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    ...createDefinitionStore(database),
    ...createRunStore(database),
    ...createSegmentStore(database, vault),
    ...createChangeStore(database, vault),
    ...createRecordStore(database, vault),
    ...createUnknownStore(database, vault),
    ...createDeleteStore(database, vault),
    ...createDriftStore(database, vault),
    ...createShapeStore(database),
    ...createLookupStore(database, vault),
    ...createConflictStore(database, vault),
    ...createPlanStore(database),
    ...createCredentialStore(database, vault),
    ...createLimitStore(database),
    close: () => database.close(),
  };
}

function databasePath({ url, directory }: LedgerOptions): string {
  if (url === 'sqlite') return join(directory, 'ledger.db');
  if (url.startsWith('sqlite:')) return url.slice('sqlite:'.length);
  const message = `The ledger "${url.split(':')[0]}:…" is not available in this version: use "sqlite" in syncline.yaml.`;
  throw new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message });
}

function openVault({ directory, encryptionKey, values }: LedgerOptions): Vault {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
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
