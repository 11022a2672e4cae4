import { SyncError } from '../../engine/errors.ts';
import { text } from '../rows/row.ts';
import { UNFINISHED_IMPORT, unfinishedImport } from '../upkeep/move-rows.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

const NAME = 'key';

/**
 * Holds this process's key against the one that the ledger was first opened with: with another one it could neither read what is encrypted nor see which target
 * records are in flight. @throws SyncError SECRET_MISSING
 */
export async function checkKey(database: Database, vault: Vault, path: string): Promise<void> {
  const mine = vault.fingerprint('the key of this ledger');
  const read = () => database.get('SELECT value FROM facts WHERE name = ?', NAME);
  const known =
    (await database.read(read)) ??
    (await database.write(() => {
      database.run('INSERT INTO facts VALUES (?, ?) ON CONFLICT DO NOTHING', NAME, mine);
      return read();
    }));
  if (known !== undefined && text(known, 'value') === mine) {
    if ((await database.read(() => database.get('SELECT 1 FROM facts WHERE name = ?', UNFINISHED_IMPORT))) === undefined) return;
    throw unfinishedImport(path);
  }
  const message = `The ledger ${path} was written with another encryption key: give that one (SYNCLINE_ENCRYPTION_KEY, or the file "key" that lay beside the ledger).`;
  throw new SyncError({ code: 'SECRET_MISSING', retry: 'never', message });
}
