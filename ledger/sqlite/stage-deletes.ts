import { utf8Bytes } from '../../engine/bytes.ts';
import type { DeleteStore } from '../delete-store.ts';
import { readPayload, writePayload } from '../rows/payload.ts';
import { optionalText, text } from '../rows/row.ts';
import { ARCHIVED, DELETED } from '../rows/taken-content.ts';
import type { Vault } from '../vault.ts';
import type { Database } from './database.ts';
import { findSideSegment, openSideSegment } from './open-side-segment.ts';

const DUE = `
  SELECT a.key, r.scope, r.target_id, r.match, r.payload FROM absences a JOIN runs run ON run.id = a.run_id JOIN records r ON r.scope = run.scope AND r.key = a.key
  WHERE a.run_id = ? AND a.state = 'due' ORDER BY a.key`;

const INSERT = `
  INSERT INTO changes (run_id, segment, scope, key, kind, state, payload, content_hash, match, target_scope, target_id, observed_at, bytes, staged_at)
  VALUES (?, ?, ?, ?, ?, 'planned', ?, ?, ?, ?, ?, ?, ?, ?)`;

/** See `DeleteStore.stageDeletes`. */
export function stageDeletes(
  database: Database,
  vault: Vault,
  { runId, targetScope, archive, isSealed, at }: Parameters<DeleteStore['stageDeletes']>[0],
): number {
  const known = findSideSegment(database, runId, 'sweep');
  if (known !== undefined) return known;
  const now = Math.round(at);
  const segment = openSideSegment(database, runId, 'sweep', now);
  const [kind, hash, bytes] = archive === undefined ? ['delete', DELETED, 0] : ['update', ARCHIVED, utf8Bytes(JSON.stringify(archive))];
  for (const row of database.all(DUE, runId)) {
    const told = optionalText(row, 'payload');
    const match = told === undefined ? '' : readPayload(vault, told).match;
    const payload = writePayload(vault, { match, fields: archive ?? {} }, isSealed);
    const fingerprint = optionalText(row, 'match') ?? '';
    const [scope, key, targetId] = [text(row, 'scope'), text(row, 'key'), optionalText(row, 'target_id') ?? null];
    database.run(INSERT, runId, segment, scope, key, kind, payload, hash, fingerprint, targetScope, targetId, now, bytes, now);
  }
  return segment;
}
