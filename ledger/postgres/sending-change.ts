import { type Row, text } from '../rows/row.ts';
import { HAS_LATER_CHANGE, readSendingChange, type SendingChange, sightingsOf } from '../rows/sending-change.ts';
import { ASIDE } from '../rows/side-segment.ts';
import type { Session } from './session.ts';

const SENDING = `
  SELECT c.id, c.scope, c.key, c.content_hash, s.change_id AS latest, r.content_hash AS told_hash, r.refusals, CASE WHEN seg.is_sweep IN (${ASIDE}) THEN 1 ELSE 0 END AS is_aside,
    CASE WHEN seg.is_sweep IN (${ASIDE}) AND r.rejected_source IS NULL AND (s.key IS NULL OR (s.last_seen_at <= c.staged_at AND NOT ${HAS_LATER_CHANGE})) THEN 1 ELSE 0 END AS is_last_word
  FROM changes c JOIN runs run ON run.id = c.run_id LEFT JOIN segments seg ON seg.run_id = c.run_id AND seg.idx = c.segment
    LEFT JOIN LATERAL (SELECT * FROM sightings WHERE scope = ${sightingsOf('run')} AND key = c.key OFFSET 0) s ON true
    LEFT JOIN LATERAL (SELECT * FROM records WHERE scope = c.scope AND key = c.key OFFSET 0) r ON true
  WHERE c.batch_id = $1 AND c.state = 'sending'`;

/** The changes of a batch that wait for their outcome, by id. */
export async function readSending(session: Session, batchId: string): Promise<Map<number, SendingChange>> {
  return new Map((await session.all(SENDING, batchId)).map(readSendingChange).map((change) => [change.id, change]));
}

/** What was staged of a change, as the vault wrote it. */
export interface StagedTexts {
  readonly payload: string;
  readonly source: string | undefined;
}

/** For those changes whose outcome needs it: most payloads stay in the store. */
export async function readTexts(session: Session, ids: readonly number[]): Promise<ReadonlyMap<number, StagedTexts>> {
  if (ids.length === 0) return new Map();
  const rows = await session.all('SELECT id, payload, source FROM changes WHERE id = ANY($1::bigint[])', ids);
  return new Map(rows.map((row) => [Number(row['id']), textsOf(row)]));
}

function textsOf(row: Row): StagedTexts {
  const { source } = row;
  return { payload: text(row, 'payload'), source: typeof source === 'string' ? source : undefined };
}
