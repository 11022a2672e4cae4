import { createHash } from 'node:crypto';
import type { Json } from '../../engine/json.ts';
import type { LookupStore } from '../ledger.ts';
import { number, text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';

/** More than one id makes a value ambiguous; three are enough to say so. */
const IDS_TOLD = 3;

const ADD = `
  INSERT INTO lookups (run_id, lookup, value, id_hash, id) SELECT $1, $2, e.value, e.id_hash, e.id FROM unnest($3::text[], $4::text[], $5::text[]) AS e(value, id_hash, id)
  ON CONFLICT DO NOTHING`;

const FIND = 'SELECT value, id FROM lookups WHERE run_id = $1 AND lookup = $2 AND value = ANY($3::text[]) ORDER BY value, id_hash';

/** Lookup tables by the fingerprints of their values: owners' addresses need not be readable to be found. */
export function createLookupStore(database: Database, vault: Vault): LookupStore {
  return {
    addLookupEntries: async (runId, lookup, entries) =>
      database.write(async (session) => {
        const values = entries.map(({ value }) => vault.fingerprint(value));
        const hashes = entries.map(({ id }) => vault.fingerprint(JSON.stringify(id)));
        if (entries.length > 0)
          await session.run(
            ADD,
            runId,
            lookup,
            values,
            hashes,
            entries.map(({ id }) => vault.write(id)),
          );
      }),
    findLookupEntries: async (runId, lookup, values) => {
      const byFingerprint = new Map(values.map((value) => [vault.fingerprint(value), value]));
      const found = new Map<string, Json[]>();
      for (const row of await database.all(FIND, runId, lookup, [...byFingerprint.keys()])) {
        const value = byFingerprint.get(text(row, 'value')) ?? '';
        const ids = found.get(value) ?? [];
        if (ids.length < IDS_TOLD) ids.push(vault.read(text(row, 'id')));
        found.set(value, ids);
      }
      return found;
    },
    countLookupEntries: async (runId, lookup) =>
      number((await database.get('SELECT count(*) AS n FROM lookups WHERE run_id = $1 AND lookup = $2', runId, lookup)) ?? {}, 'n'),
    digestLookups: async (runId) => {
      const digest = createHash('sha256');
      for (const row of await database.all('SELECT lookup, value, id_hash FROM lookups WHERE run_id = $1 ORDER BY lookup, value, id_hash', runId))
        digest.update(`${text(row, 'lookup')}\n${text(row, 'value')}\n${text(row, 'id_hash')}\n`);
      return digest.digest('base64url');
    },
    dropLookups: async (runId) => void (await database.writeLazily((session) => session.run('DELETE FROM lookups WHERE run_id = $1', runId))),
  };
}
