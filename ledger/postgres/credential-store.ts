import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../../engine/errors.ts';
import type { CredentialStore } from '../ledger.ts';
import { text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { NOW } from './server-clock.ts';

/** A holder that died is waited for so long. */
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
const PATIENCE_MS = 60_000;
const PAUSE_MS = 50;

const TAKE = `
  INSERT INTO leases AS held VALUES ($1, $2, ${NOW} + ${LEASE_MS})
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at WHERE held.holder = excluded.holder OR held.expires_at < ${NOW}`;

const SAVE = 'INSERT INTO credentials VALUES ($1, $2, $3, $4) ON CONFLICT (account, name) DO UPDATE SET value = excluded.value, saved_at = excluded.saved_at';

export function createCredentialStore(database: Database, vault: Vault): CredentialStore {
  const take = async (name: string, holder: string) => (await database.write((session) => session.run(TAKE, name, holder))) > 0;

  return {
    readCredential: async (account, name) => {
      const row = await database.get('SELECT value FROM credentials WHERE account = $1 AND name = $2', account, name);
      return row === undefined ? undefined : vault.readObject(text(row, 'value'));
    },
    saveCredential: async (account, name, value, at) =>
      void (await database.write((session) => session.run(SAVE, account, name, vault.write(value, true), Math.round(at)))),
    withCredentialLock: async (account, work) => {
      const name = `credential/${account}`;
      const holder = randomUUID();
      const end = Date.now() + PATIENCE_MS;
      while (!(await take(name, holder))) {
        if (Date.now() > end) throw tooLong(account);
        await sleep(PAUSE_MS);
      }
      const renewal = setInterval(() => void take(name, holder).catch(() => undefined), RENEW_MS);
      try {
        return await work();
      } finally {
        clearInterval(renewal);
        await database.write((session) => session.run('DELETE FROM leases WHERE name = $1 AND holder = $2', name, holder));
      }
    },
  };
}

function tooLong(account: string): SyncError {
  const message = `Another process has been renewing the credentials of ${account} for ${PATIENCE_MS / 1000} s: try again, or end that process.`;
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'backoff', message });
}
