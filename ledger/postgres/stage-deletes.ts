import { utf8Bytes } from '../../engine/bytes.ts';
import type { DeleteStore } from '../delete-store.ts';
import { readPayload, writePayload } from '../rows/payload.ts';
import { optionalText, type Row, text } from '../rows/row.ts';
import { ARCHIVED, DELETED } from '../rows/taken-content.ts';
import type { Vault } from '../vault.ts';
import { findSideSegment, openSideSegment } from './open-side-segment.ts';
import type { Session } from './session.ts';

const CHUNK = 1_000;

const DUE = `
  SELECT a.key, r.target_id, r.match, r.payload FROM absences a JOIN runs run ON run.id = a.run_id
    CROSS JOIN LATERAL (SELECT * FROM records WHERE scope = run.scope AND key = a.key OFFSET 0) r
  WHERE a.run_id = $1 AND a.state = 'due' AND a.key > $2 ORDER BY a.key LIMIT $3`;

const INSERT = `
  INSERT INTO changes (run_id, segment, scope, key, kind, state, payload, content_hash, match, target_scope, target_id, observed_at, bytes, staged_at)
  SELECT $1, $2::integer, run.scope, c.key, $3, 'planned', c.payload, $4, c.match, $5, c.target_id, $6::bigint, $7::bigint, $6::bigint
  FROM runs run, unnest($8::text[], $9::text[], $10::text[], $11::text[]) WITH ORDINALITY AS c(key, payload, match, target_id, n) WHERE run.id = $1 ORDER BY c.n`;

/** See `DeleteStore.stageDeletes`. */
export async function stageDeletes(session: Session, vault: Vault, input: Parameters<DeleteStore['stageDeletes']>[0]): Promise<number> {
  const { runId, targetScope, archive } = input;
  const known = await findSideSegment(session, runId, 'sweep');
  if (known !== undefined) return known;
  const now = Math.round(input.at);
  const segment = await openSideSegment(session, runId, 'sweep', now);
  const [kind, hash, bytes] = archive === undefined ? ['delete', DELETED, 0] : ['update', ARCHIVED, utf8Bytes(JSON.stringify(archive))];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows: readonly Row[] = await session.all(DUE, runId, after, CHUNK);
    const columns = [
      rows.map((row) => text(row, 'key')),
      rows.map((row) => payloadOf(vault, row, input)),
      rows.map((row) => optionalText(row, 'match') ?? ''),
      rows.map((row) => optionalText(row, 'target_id') ?? null),
    ];
    await session.run(INSERT, runId, segment, kind, hash, targetScope, now, bytes, ...columns);
    const last = rows.at(-1);
    after = last === undefined || rows.length < CHUNK ? undefined : text(last, 'key');
  }
  return segment;
}

function payloadOf(vault: Vault, row: Row, { archive, isSealed }: Parameters<DeleteStore['stageDeletes']>[0]): string {
  const told = optionalText(row, 'payload');
  const match = told === undefined ? '' : readPayload(vault, told).match;
  return writePayload(vault, { match, fields: archive ?? {} }, isSealed);
}
