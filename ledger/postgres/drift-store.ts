import { type LearnedFormats, withoutFormats } from '../../engine/reconcile.ts';
import type { DriftStore, Reconciliation } from '../drift-store.ts';
import { DOUBTED, type NumberedFinding, readFinding, readReconciliation } from '../rows/drift-row.ts';
import { type Row, text } from '../rows/row.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { lockScope } from './locks.ts';
import type { Session } from './session.ts';
import { stageRepairs } from './stage-repairs.ts';

const CHUNK = 500;

const BEGIN = `
  INSERT INTO reconciliations (id, scope, started_at, after_key, checked, tally, formats)
  VALUES ($1, $2, $3, '', 0, '{}', coalesce((SELECT formats FROM reconciliations WHERE scope = $2 AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1), '{}'))
  ON CONFLICT DO NOTHING`;

/** Its row is held from here on, so that findings are numbered by one at a time. */
const MOVE_ON = 'UPDATE reconciliations SET after_key = $2, checked = checked + $3, tally = $4 WHERE id = $1';

const ADD = `
  INSERT INTO findings (reconciliation_id, n, kind, key, body)
  SELECT $1, (SELECT coalesce(max(n), 0) FROM findings WHERE reconciliation_id = $1) + f.n, f.kind, f.key, f.body
  FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS f(kind, key, body, n)`;

const LATEST = 'SELECT * FROM reconciliations WHERE scope = $1 AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1';

const KNOWN = 'SELECT DISTINCT match FROM records WHERE target_scope = $1 AND match = ANY($2::text[])';

const DOUBT = `
  UPDATE records SET content_hash = CASE WHEN n.is_missing = 1 THEN NULL ELSE '${DOUBTED}' END, target_id = CASE WHEN n.is_missing = 1 THEN NULL ELSE records.target_id END
  FROM unnest($2::text[], $3::smallint[]) AS n(key, is_missing) WHERE records.scope = $1 AND records.key = n.key AND records.key = ANY($2::text[]) AND records.content_hash IS NOT NULL`;

export function createDriftStore(database: Database, vault: Vault): DriftStore {
  const list = async (session: Session, id: string, after: number, limit: number): Promise<readonly NumberedFinding[]> => {
    const rows = await session.all('SELECT * FROM findings WHERE reconciliation_id = $1 AND n > $2 ORDER BY n LIMIT $3', id, after, limit);
    return rows.map((row) => readFinding(vault, row));
  };

  return {
    beginReconciliation: ({ id, scope, at }) =>
      database.write(async (session) => {
        await session.run(BEGIN, id, scope, Math.round(at));
        return known(session, id);
      }),
    addFindings: async (id, { afterKey, checked, findings, tally, isSealed }) =>
      database.write(async (session) => {
        await session.run(MOVE_ON, id, afterKey, checked, JSON.stringify(tally));
        const bodies = findings.map(({ kind: _kind, key: _key, ...body }) => vault.write(JSON.parse(JSON.stringify(body)), isSealed));
        const [kinds, keys] = [findings.map(({ kind }) => kind), findings.map(({ key }) => key ?? null)];
        if (findings.length > 0) await session.run(ADD, id, kinds, keys, bodies);
      }),
    endReconciliation: (id, { formats, counts }, at) =>
      database.write(async (session) => {
        await dropExplained(session, formats, id);
        const sql = 'UPDATE reconciliations SET formats = $2, counts = $3, ended_at = $4 WHERE id = $1';
        await session.run(sql, id, JSON.stringify(formats), counts === undefined ? null : JSON.stringify(counts), Math.round(at));
        return known(session, id);
      }),
    findReconciliation: (id) => find(database, id),
    readReconciliation: async (scope) => {
      const row = await database.get(LATEST, scope);
      return row === undefined ? undefined : reconciliationOf(database, row);
    },
    listFindings: (id, { after = 0, limit }) => list(database, id, after, limit),
    knownMatches: async (targetScope, matches) => {
      // No index has them all: one look through the records for many.
      const byPrint = new Map(matches.map((match) => [vault.fingerprint(match), match]));
      const rows = await database.all(KNOWN, targetScope, [...byPrint.keys()]);
      return new Set(rows.map((row) => byPrint.get(text(row, 'match')) ?? ''));
    },
    stageRepairs: (input) => database.write((session) => stageRepairs(session, vault, input)),
    doubtTold: (scope, records) =>
      database.write(async (session) => {
        await lockScope(session, scope);
        await session.run(
          DOUBT,
          scope,
          records.map(({ key }) => key),
          records.map(({ isMissing }) => Number(isMissing)),
        );
      }),
  };

  /** What the target does to a field by itself is no drift, whoever found it before that was known. */
  async function dropExplained(session: Session, formats: LearnedFormats, id: string): Promise<void> {
    for (let after = 0; ; ) {
      const page = await list(session, id, after, CHUNK);
      const explained = page.filter(({ kind, fields }) => kind === 'changed' && withoutFormats(fields, formats).length === 0).map(({ number }) => number);
      if (explained.length > 0) await session.run('DELETE FROM findings WHERE reconciliation_id = $1 AND n = ANY($2::bigint[])', id, explained);
      const last = page.at(-1);
      if (last === undefined || page.length < CHUNK) return;
      after = last.number;
    }
  }
}

async function find(session: Session, id: string): Promise<Reconciliation | undefined> {
  const row = await session.get('SELECT * FROM reconciliations WHERE id = $1', id);
  return row === undefined ? undefined : reconciliationOf(session, row);
}

async function known(session: Session, id: string): Promise<Reconciliation> {
  const found = await find(session, id);
  if (found === undefined) throw new Error(`no reconciliation ${id}`);
  return found;
}

async function reconciliationOf(session: Session, row: Row): Promise<Reconciliation> {
  const sql = 'SELECT kind, count(*) AS n FROM findings WHERE reconciliation_id = $1 GROUP BY kind';
  return readReconciliation(row, await session.all(sql, text(row, 'id')));
}
