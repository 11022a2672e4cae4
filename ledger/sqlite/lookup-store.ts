import type { Json } from '../../engine/json.ts';
import type { LookupStore } from '../ledger.ts';
import type { Database } from './database.ts';
import { json, number, text } from './row.ts';

/** More than one id makes a value ambiguous; three are enough to say so. */
const IDS_TOLD = 3;

export function createLookupStore(database: Database): LookupStore {
  return {
    addLookupEntries: (runId, lookup, entries) =>
      database.write(() => {
        for (const { value, id } of entries)
          database.run('INSERT INTO lookups VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING', runId, lookup, value, JSON.stringify(id));
      }),
    findLookupEntries: (runId, lookup, values) =>
      database.read(() => {
        const found = new Map<string, Json[]>();
        const sql = 'SELECT l.value, l.id FROM json_each(?) v CROSS JOIN lookups l ON l.run_id = ? AND l.lookup = ? AND l.value = v.value';
        for (const row of database.all(sql, JSON.stringify(values), runId, lookup)) {
          const ids = found.get(text(row, 'value')) ?? [];
          const id = json(row, 'id');
          if (id !== undefined && ids.length < IDS_TOLD) ids.push(id);
          found.set(text(row, 'value'), ids);
        }
        return found;
      }),
    countLookupEntries: (runId, lookup) =>
      database.read(() => number(database.get('SELECT count(*) AS n FROM lookups WHERE run_id = ? AND lookup = ?', runId, lookup) ?? {}, 'n')),
    dropLookups: (runId) => database.write(() => void database.run('DELETE FROM lookups WHERE run_id = ?', runId)),
  };
}
