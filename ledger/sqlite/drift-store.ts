import { type LearnedFormats, withoutFormats } from '../../engine/reconcile.ts';
import type { DriftStore, Reconciliation } from '../drift-store.ts';
import { DOUBTED, readFinding, readReconciliation } from '../rows/drift-row.ts';
import { type Row, text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { stageRepairs } from './stage-repairs.ts';

const CHUNK = 500;

export function createDriftStore(database: Database, vault: Vault): DriftStore {
  const find = (id: string): Reconciliation | undefined => {
    const row = database.get('SELECT * FROM reconciliations WHERE id = ?', id);
    return row === undefined ? undefined : reconciliationOf(database, row);
  };
  const known = (id: string): Reconciliation => {
    const found = find(id);
    if (found === undefined) throw new Error(`no reconciliation ${id}`);
    return found;
  };
  const list = (id: string, after: number, limit: number) =>
    database.all('SELECT * FROM findings WHERE reconciliation_id = ? AND n > ? ORDER BY n LIMIT ?', id, after, limit).map((row) => readFinding(vault, row));

  return {
    beginReconciliation: ({ id, scope, at }) =>
      database.write(() => {
        database.run(
          `INSERT INTO reconciliations (id, scope, started_at, after_key, checked, tally, formats)
           VALUES (?1, ?2, ?3, '', 0, '{}', coalesce((SELECT formats FROM reconciliations WHERE scope = ?2 AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1), '{}'))
           ON CONFLICT DO NOTHING`,
          id,
          scope,
          Math.round(at),
        );
        return known(id);
      }),
    addFindings: (id, { afterKey, checked, findings, tally, isSealed }) =>
      database.write(() => {
        for (const { kind, key, ...body } of findings) {
          const sql = `INSERT INTO findings (reconciliation_id, n, kind, key, body)
            SELECT ?1, (SELECT coalesce(max(n), 0) + 1 FROM findings WHERE reconciliation_id = ?1), ?2, ?3, ?4`;
          database.run(sql, id, kind, key ?? null, vault.write(JSON.parse(JSON.stringify(body)), isSealed));
        }
        const sql = 'UPDATE reconciliations SET after_key = ?, checked = checked + ?, tally = ? WHERE id = ?';
        database.run(sql, afterKey, checked, JSON.stringify(tally), id);
      }),
    endReconciliation: (id, { formats, counts }, at) =>
      database.write(() => {
        dropExplained(formats, id);
        const sql = 'UPDATE reconciliations SET formats = ?, counts = ?, ended_at = ? WHERE id = ?';
        database.run(sql, JSON.stringify(formats), counts === undefined ? null : JSON.stringify(counts), Math.round(at), id);
        return known(id);
      }),
    findReconciliation: (id) => database.read(() => find(id)),
    readReconciliation: (scope) =>
      database.read(() => {
        const row = database.get('SELECT * FROM reconciliations WHERE scope = ? AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1', scope);
        return row === undefined ? undefined : reconciliationOf(database, row);
      }),
    listFindings: (id, { after = 0, limit }) => database.read(() => list(id, after, limit)),
    knownMatches: (targetScope, matches) =>
      database.read(() => {
        // No index has them all: one look through the records for many.
        const byPrint = new Map(matches.map((match) => [vault.fingerprint(match), match]));
        const sql = 'SELECT DISTINCT match FROM records WHERE target_scope = ? AND match IN (SELECT value FROM json_each(?))';
        return new Set(database.all(sql, targetScope, JSON.stringify([...byPrint.keys()])).map((row) => byPrint.get(text(row, 'match')) ?? ''));
      }),
    stageRepairs: (input) => database.write(() => stageRepairs(database, vault, input)),
    doubtTold: (scope, records) =>
      database.write(() => {
        for (const { key, isMissing } of records) {
          const sql =
            'UPDATE records SET content_hash = ?, target_id = CASE WHEN ? THEN NULL ELSE target_id END WHERE scope = ? AND key = ? AND content_hash IS NOT NULL';
          database.run(sql, isMissing ? null : DOUBTED, Number(isMissing), scope, key);
        }
      }),
  };

  /** What the target does to a field by itself is no drift, whoever found it before that was known. */
  function dropExplained(formats: LearnedFormats, id: string): void {
    for (let after = 0; ; ) {
      const page = list(id, after, CHUNK);
      for (const { kind, number: n, fields } of page)
        if (kind === 'changed' && withoutFormats(fields, formats).length === 0)
          database.run('DELETE FROM findings WHERE reconciliation_id = ? AND n = ?', id, n);
      const last = page.at(-1);
      if (last === undefined || page.length < CHUNK) return;
      after = last.number;
    }
  }
}

function reconciliationOf(database: Database, row: Row): Reconciliation {
  const sql = 'SELECT kind, count(*) AS n FROM findings WHERE reconciliation_id = ? GROUP BY kind';
  return readReconciliation(row, database.all(sql, text(row, 'id')));
}
