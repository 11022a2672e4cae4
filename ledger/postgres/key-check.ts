import { SyncError } from '../../engine/errors.ts';
import { text } from '../rows/row.ts';
import { UNFINISHED_IMPORT, unfinishedImport } from '../upkeep/move-rows.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

const NAME = 'key';
const READ = 'SELECT value FROM facts WHERE name = $1';

/**
 * Holds this process's key against the one that the ledger was first opened with: with another one it could neither read what is encrypted nor see which target
 * records are in flight. @throws SyncError SECRET_MISSING
 */
export async function checkKey(database: Database, vault: Vault): Promise<void> {
  const mine = vault.fingerprint('the key of this ledger');
  const known =
    (await database.get(READ, NAME)) ??
    (await database.write(async (session) => {
      await session.run('INSERT INTO facts VALUES ($1, $2) ON CONFLICT DO NOTHING', NAME, mine);
      return session.get(READ, NAME);
    }));
  if (known !== undefined && text(known, 'value') === mine) {
    if ((await database.get('SELECT 1 FROM facts WHERE name = $1', UNFINISHED_IMPORT)) === undefined) return;
    throw unfinishedImport(`${database.address.database} at ${database.address.host}`);
  }
  const message = `The ledger at ${database.address.host} was written with another encryption key: all that use it need the same one (SYNCLINE_ENCRYPTION_KEY, or the file "key" in .syncline).`;
  throw new SyncError({ code: 'SECRET_MISSING', retry: 'never', message });
}
