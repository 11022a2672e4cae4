import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../../engine/errors.ts';
import type { CredentialStore } from '../ledger.ts';
import { text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

/** A holder that died is waited for so long. */
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
const PATIENCE_MS = 60_000;

export function createCredentialStore(database: Database, vault: Vault): CredentialStore {
  const take = (name: string, holder: string) =>
    database.writeLazily(() => {
      const now = Date.now();
      const sql = `INSERT INTO leases VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET holder = ?2, expires_at = ?3 WHERE holder = ?2 OR expires_at < ?4`;
      return database.run(sql, name, holder, now + LEASE_MS, now) > 0;
    });

  return {
    readCredential: (account, name) =>
      database.read(() => {
        const row = database.get('SELECT value FROM credentials WHERE account = ? AND name = ?', account, name);
        return row === undefined ? undefined : vault.readObject(text(row, 'value'));
      }),
    saveCredential: (account, name, value, at) =>
      database.write(() => {
        const sql = 'INSERT INTO credentials VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, saved_at = excluded.saved_at';
        database.run(sql, account, name, vault.write(value, true), Math.round(at));
      }),
    withCredentialLock: async (account, work) => {
      const name = `credential/${account}`;
      const holder = randomUUID();
      const end = Date.now() + PATIENCE_MS;
      while (!(await take(name, holder))) {
        if (Date.now() > end) throw tooLong(account);
        await sleep(50);
      }
      const renewal = setInterval(() => void take(name, holder).catch(() => undefined), RENEW_MS);
      try {
        return await work();
      } finally {
        clearInterval(renewal);
        await database.writeLazily(() => void database.run('DELETE FROM leases WHERE name = ? AND holder = ?', name, holder));
      }
    },
  };
}

function tooLong(account: string): SyncError {
  const message = `Another process has been renewing the credentials of ${account} for ${PATIENCE_MS / 1000} s: try again, or end that process.`;
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'backoff', message });
}
