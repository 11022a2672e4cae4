import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SyncError } from '../engine/errors.ts';

const KEY_BYTES = 32;

/** The key of a project's ledger: as given, else of the file `key` in its folder (mode 0600), which is made on first need. @throws SyncError SECRET_MISSING */
export function readEncryptionKey(directory: string, given: string | undefined): Buffer {
  const path = join(directory, 'key');
  const key = Buffer.from(given ?? readOrMake(path), 'base64');
  if (key.length === KEY_BYTES) return key;
  const where = given === undefined ? path : 'SYNCLINE_ENCRYPTION_KEY';
  throw new SyncError({
    code: 'SECRET_MISSING',
    retry: 'never',
    message: `${where} is not a key: it must be ${KEY_BYTES} bytes in base64 (openssl rand -base64 ${KEY_BYTES}).`,
  });
}

/** Another process may make it at the same moment: the first to link its whole file wins, both then read the same. */
function readOrMake(path: string): string {
  const known = readIfThere(path);
  if (known !== undefined) return known;
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(path, 'utf8');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
