import type { ChangeKind } from '../../engine/outcome.ts';
import type { ClaimInput } from '../ledger.ts';
import { BatchPicker } from '../rows/batch-picker.ts';
import { readClaimedChange } from '../rows/claimed-change.ts';
import { number, optionalText, type Row, text } from '../rows/row.ts';
import { Counts } from '../rows/segment-row.ts';
import { decideUnsent } from '../rows/unsent.ts';
import type { TextClaim } from '../text-ledger.ts';
import type { Vault } from '../vault.ts';
import { shareScopeOfRun } from './locks.ts';
import { saveCounts } from './segment-row.ts';
import { Outdated, type Session } from './session.ts';
import { settleUnsent, type UnsentChange } from './settle-unsent.ts';

/** Looked through at once; and how far on beyond the first change chosen, for others that fit its batch. */
const PAGE = 200;
const PAGES_FOR_A_FULL_BATCH = 5;

/** What the ledger knows of the record of a change `c`, with its row `r` in `records`: what is decided by, and is to be so still once the change is in flight. */
const KNOWN = `
  r.content_hash AS told_hash, r.observed_at AS told_at, r.source_version AS told_version, r.told_by, r.has_unknown, r.target_id AS known_id,
  CASE WHEN c.kind = 'create' THEN (
    SELECT coalesce(o.target_id, '') FROM records o WHERE o.match = c.match AND o.told_by IN ('create', 'update') AND o.target_scope = c.target_scope AND o.content_hash IS NOT NULL
      AND NOT (o.scope = c.scope AND o.key = c.key) LIMIT 1) END AS other_target_id,
  CASE WHEN c.kind = 'create' AND EXISTS (
    SELECT 1 FROM changes h CROSS JOIN LATERAL (SELECT has_unknown FROM records WHERE scope = h.scope AND key = h.key OFFSET 0) u
    WHERE h.target_scope = c.target_scope AND h.match = c.match AND h.hold_reason = 'unknown' AND h.batch_id IS NOT NULL AND u.has_unknown = 1
      AND NOT (h.scope = c.scope AND h.key = c.key) OFFSET 0) THEN 1 END AS other_unknown`;

/** Planned changes beside those whose target record is in flight, oldest first; those that another writer looks at in this moment are its own. Of the payload, how it is kept. */
const CANDIDATES = `
  SELECT c.id, c.scope, c.key, c.kind, c.kind AS staged_kind, c.target_id AS staged_target_id, left(c.payload, 3) AS payload, c.match, coalesce(c.target_id, r.target_id) AS target_id,
    c.content_hash, c.source_version, c.bytes, c.batch_limit, c.batch_group, c.observed_at, ${KNOWN},
    (SELECT s.last_seen_at FROM runs w CROSS JOIN LATERAL (SELECT * FROM sightings WHERE scope = w.scope AND key = c.key OFFSET 0) s
      WHERE w.id = $1 AND w.lane <> '' AND s.disposition = 'unchanged') AS found_unchanged_at
  FROM changes c LEFT JOIN LATERAL (SELECT * FROM records WHERE scope = c.scope AND key = c.key OFFSET 0) r ON true
  WHERE c.run_id = $1 AND c.segment = $2 AND c.state = 'planned' AND c.id > $3
    AND NOT EXISTS (SELECT 1 FROM changes f WHERE f.target_scope = c.target_scope AND f.match = c.match AND f.match >= '' AND f.state = 'sending' OFFSET 0)
    AND NOT EXISTS (SELECT 1 FROM changes f WHERE f.scope = c.scope AND f.key = c.key AND f.key >= '' AND f.state = 'sending' OFFSET 0)
    AND NOT EXISTS (SELECT 1 FROM changes f
      WHERE f.target_scope = c.target_scope AND f.target_id = coalesce(c.target_id, r.target_id) AND f.state = 'sending' AND f.target_id IS NOT NULL OFFSET 0)
  ORDER BY c.id LIMIT $4 FOR UPDATE OF c SKIP LOCKED`;

const SEND = `
  UPDATE changes SET state = 'sending', batch_id = $1, kind = n.kind, target_id = n.target_id,
    earlier_batches = CASE WHEN batch_id IS NULL THEN NULL ELSE coalesce(earlier_batches || ',', '') || batch_id END
  FROM unnest($2::bigint[], $3::text[], $4::text[]) AS n(id, kind, target_id) WHERE changes.id = n.id AND changes.id = ANY($2::bigint[]) AND changes.state = 'planned'`;

const SENT = `
  SELECT c.id, c.key, c.kind, c.target_id, c.payload, c.content_hash, c.source_version, c.earlier_batches, ${KNOWN}
  FROM changes c LEFT JOIN LATERAL (SELECT * FROM records WHERE scope = c.scope AND key = c.key OFFSET 0) r ON true
  WHERE c.batch_id = $1 AND c.state = 'sending' ORDER BY c.id`;

const INSERT = `
  INSERT INTO batches (id, run_id, segment, scope, kind, token, send_by, state, size, claimed_at)
  SELECT $1, id, $2::integer, scope, $3, $4, $5::bigint, 'sending', $6::bigint, $7::bigint FROM runs WHERE id = $8`;

/** See `ChangeStore.claimBatch`. Also what may be sent twice is on the server's disk before it is sent. */
export async function claimBatch(session: Session, vault: Vault, input: ClaimInput): Promise<TextClaim> {
  await shareScopeOfRun(session, input.runId);
  const counts = new Counts();
  const picker = await pick(session, vault, input, counts);
  const { batchId: id, token } = input;
  const sendBy = Math.round(input.sendBy);
  if (picker.kind === undefined) {
    await saveCounts(session, counts, input.runId, input.segment);
    return { state: 'empty' };
  }
  await session.run(INSERT, id, input.segment, picker.kind, token, sendBy, picker.chosen.length, Math.round(input.at), input.runId);
  const sent = await send(session, id, picker.chosen);
  await saveCounts(session, counts, input.runId, input.segment);
  const changes = sent.map((row) => readClaimedChange(vault, row));
  return { state: 'claimed', batch: { id, token, kind: picker.kind, changes, attempts: 0, sendBy } };
}

/** Goes through the planned changes until the batch is full; those that need not be sent any more are settled on the way. */
async function pick(session: Session, vault: Vault, input: ClaimInput, counts: Counts): Promise<BatchPicker> {
  const picker = new BatchPicker(input);
  const pageSize = Math.min(PAGE, input.maxRecords);
  const mostPages = Math.max(PAGES_FOR_A_FULL_BATCH, 2 * Math.ceil(input.maxRecords / pageSize));
  let after = 0;
  for (let pages = 0; !picker.isFull && pages < mostPages; pages += picker.kind === undefined ? 0 : 1) {
    const candidates = await session.all(CANDIDATES, input.runId, input.segment, after, pageSize);
    const settled: UnsentChange[] = [];
    for (const row of candidates) {
      if (picker.isFull) break;
      const unsent = decideUnsent(row, input);
      if (unsent === undefined) picker.consider(row);
      else settled.push({ ...unsent, row });
    }
    await settleUnsent(session, vault, settled, input, counts);
    const last = candidates.at(-1);
    if (last === undefined || candidates.length < pageSize) break;
    after = number(last, 'id');
  }
  return picker;
}

/** From here on nobody else can have these target records in flight: what was decided by must hold still. @returns the changes as they are sent */
async function send(session: Session, batchId: string, chosen: readonly Row[]): Promise<readonly Row[]> {
  const ids = chosen.map((row) => number(row, 'id'));
  const targetIds = chosen.map((row) => optionalText(row, 'target_id') ?? null);
  await session.run(
    SEND,
    batchId,
    ids,
    chosen.map((row) => text(row, 'kind')),
    targetIds,
  );
  const sent = await session.all(SENT, batchId);
  const byId = new Map(sent.map((row) => [number(row, 'id'), row]));
  if (!chosen.every((row) => isAsDecided(row, byId.get(number(row, 'id'))))) throw new Outdated('records changed while they were claimed');
  return sent;
}

function isAsDecided(decided: Row, now: Row | undefined): boolean {
  if (now === undefined) return false;
  const isSame = (name: string) => decided[name] === now[name];
  const isKnownAlike = isSame('told_hash') && isSame('told_at') && isSame('has_unknown') && isSame('known_id');
  return isKnownAlike && (now['kind'] !== ('create' satisfies ChangeKind) || (isSame('other_target_id') && isSame('other_unknown')));
}
