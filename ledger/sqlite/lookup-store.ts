import { createHash } from 'node:crypto';
import type { Json } from '../../engine/json.ts';
import type { LookupStore } from '../ledger.ts';
import { number, text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

/** More than one id makes a value ambiguous; three are enough to say so. */
const IDS_TOLD = 3;

/** Lookup tables by the fingerprints of their values: owners' addresses need not be readable to be found. */
export function createLookupStore(database: Database, vault: Vault): LookupStore {
  return {
    addLookupEntries: (runId, lookup, entries) =>
      database.writeLazily(() => {
        for (const { value, id } of entries) {
          const idHash = vault.fingerprint(JSON.stringify(id));
          database.run('INSERT INTO lookups VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', runId, lookup, vault.fingerprint(value), idHash, vault.write(id));
        }
      }),
    findLookupEntries: (runId, lookup, values) =>
      database.read(() => {
        const byFingerprint = new Map(values.map((value) => [vault.fingerprint(value), value]));
        const sql = 'SELECT l.value, l.id FROM json_each(?) v CROSS JOIN lookups l ON l.run_id = ? AND l.lookup = ? AND l.value = v.value';
        const found = new Map<string, Json[]>();
        for (const row of database.all(sql, JSON.stringify([...byFingerprint.keys()]), runId, lookup)) {
          const value = byFingerprint.get(text(row, 'value')) ?? '';
          const ids = found.get(value) ?? [];
          if (ids.length < IDS_TOLD) ids.push(vault.read(text(row, 'id')));
          found.set(value, ids);
        }
        return found;
      }),
    countLookupEntries: (runId, lookup) =>
      database.read(() => number(database.get('SELECT count(*) AS n FROM lookups WHERE run_id = ? AND lookup = ?', runId, lookup) ?? {}, 'n')),
    digestLookups: (runId) =>
      database.read(() => {
        const digest = createHash('sha256');
        for (const row of database.all('SELECT lookup, value, id_hash FROM lookups WHERE run_id = ? ORDER BY lookup, value, id_hash', runId))
          digest.update(`${text(row, 'lookup')}\n${text(row, 'value')}\n${text(row, 'id_hash')}\n`);
        return digest.digest('base64url');
      }),
    dropLookups: (runId) => database.writeLazily(() => void database.run('DELETE FROM lookups WHERE run_id = ?', runId)),
  };
}
