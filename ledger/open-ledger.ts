import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SyncError } from '../engine/errors.ts';
import type { Ledger } from './ledger.ts';
import { createChangeStore } from './sqlite/change-store.ts';
import { createCredentialStore } from './sqlite/credential-store.ts';
import { Database } from './sqlite/database.ts';
import { createDefinitionStore } from './sqlite/definition-store.ts';
import { createLookupStore } from './sqlite/lookup-store.ts';
import { createRecordStore } from './sqlite/record-store.ts';
import { createRunStore } from './sqlite/run-store.ts';
import { createSegmentStore } from './sqlite/segment-store.ts';
import { Vault } from './vault.ts';

export interface LedgerOptions {
  /** `sqlite`: ledger.db in `directory`; `sqlite:PATH`: that file. */
  readonly url: string;
  /** The project's `.syncline` folder; made where it is missing, for its owner alone. */
  readonly directory: string;
  /** How settled values and the audit trail are kept. */
  readonly values: 'plain' | 'encrypted' | 'hashed';
  /** 32 bytes in base64 (SYNCLINE_ENCRYPTION_KEY); absent: the file `key` in `directory`, made on first need. */
  readonly encryptionKey?: string | undefined;
}

const KEY_BYTES = 32;

/** Opens the ledger of a project, and brings its tables up to date. Several processes may have it open. @throws SyncError STORE_UNAVAILABLE */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const database = await Database.open(databasePath(options));
  const vault = new Vault(readKey(options), options.values !== 'plain');
  const keepsValues = options.values !== 'hashed';
  return {
    ...createDefinitionStore(database),
    ...createRunStore(database),
    ...createSegmentStore(database, vault),
    ...createChangeStore(database, vault, keepsValues),
    ...createRecordStore(database, vault),
    ...createLookupStore(database),
    ...createCredentialStore(database, vault),
    close: async () => database.close(),
  };
}

function databasePath({ url, directory }: LedgerOptions): string {
  if (url === 'sqlite') return join(directory, 'ledger.db');
  if (url.startsWith('sqlite:')) return url.slice('sqlite:'.length);
  const message = `The ledger "${url.split(':')[0]}:…" is not available in this version: use "sqlite" in syncline.yaml.`;
  throw new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message });
}

function readKey({ encryptionKey, directory }: LedgerOptions): Buffer {
  const path = join(directory, 'key');
  const key = Buffer.from(encryptionKey ?? (existsSync(path) ? readFileSync(path, 'utf8') : makeKey(path)), 'base64');
  if (key.length === KEY_BYTES) return key;
  const where = encryptionKey === undefined ? path : 'SYNCLINE_ENCRYPTION_KEY';
  throw new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message: `${where} is not a key: it must be ${KEY_BYTES} bytes in base64.` });
}

/** Another process may make it at the same moment: the first to write wins, both then read the same. */
function makeKey(path: string): string {
  try {
    writeFileSync(path, randomBytes(KEY_BYTES).toString('base64'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  chmodSync(path, 0o600);
  return readFileSync(path, 'utf8');
}
