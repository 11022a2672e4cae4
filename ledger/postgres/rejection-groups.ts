import type { RejectionGroup } from '../ledger.ts';
import { groupRefused } from '../rows/rejection-groups.ts';
import type { Vault } from '../vault.ts';
import type { Session } from './session.ts';

const REFUSED = `
  SELECT r.key, r.last_outcome, r.rejection, r.has_unknown, s.reason, c.hold_reason, c.note, (
      SELECT v.detail FROM verdicts v WHERE v.scope = r.scope AND v.key = r.key AND v.disposition = 'held' AND s.disposition = 'held' ORDER BY v.id DESC LIMIT 1) AS detail
  FROM records r LEFT JOIN LATERAL (SELECT * FROM sightings WHERE scope = r.scope AND key = r.key OFFSET 0) s ON true
    LEFT JOIN LATERAL (SELECT * FROM changes WHERE id = s.change_id OFFSET 0) c ON true
  WHERE r.scope = $1 AND r.last_outcome IN ('rejected', 'held') AND r.key > $2 ORDER BY r.key LIMIT $3`;

/** See `RecordStore.groupRejections`. */
export function groupRejections(session: Session, vault: Vault, scope: string): Promise<readonly RejectionGroup[]> {
  return groupRefused(vault, (afterKey, limit) => session.all(REFUSED, scope, afterKey, limit));
}
