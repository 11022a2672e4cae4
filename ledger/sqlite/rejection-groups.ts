import type { RejectionGroup } from '../ledger.ts';
import type { Database } from './database.ts';
import { readRejection } from './record-row.ts';
import { defined, json, optionalText, text } from './row.ts';

const SAMPLES = 5;

/** Groups what is rejected or held now by its cause: messages that differ only in quoted values, addresses or numbers are one. */
export function groupRejections(database: Database, scope: string): readonly RejectionGroup[] {
  const groups = new Map<
    string,
    { reason: string; field: string | undefined; message: string; apiCode: string | undefined; count: number; sampleKeys: string[] }
  >();
  const sql = `SELECT r.key, r.last_outcome, r.rejection, s.note, (SELECT c.note FROM changes c WHERE c.id = s.change_id) AS change_note
    FROM records r LEFT JOIN sightings s ON s.scope = r.scope AND s.key = r.key WHERE r.scope = ? AND r.last_outcome IN ('rejected', 'held') ORDER BY r.key`;
  for (const row of database.all(sql, scope)) {
    const rejection = readRejection(json(row, 'rejection'));
    const isHeld = text(row, 'last_outcome') === 'held';
    const message = isHeld ? (optionalText(row, 'change_note') ?? optionalText(row, 'note') ?? 'held') : (rejection?.message ?? 'rejected');
    const reason = isHeld ? 'held' : (rejection?.reason ?? 'rejected');
    const id = [reason, rejection?.field, rejection?.apiCode, withoutValues(message)].join('\u0000');
    const group = groups.get(id) ?? { reason, field: rejection?.field, message, apiCode: rejection?.apiCode, count: 0, sampleKeys: [] };
    group.count += 1;
    if (group.sampleKeys.length < SAMPLES) group.sampleKeys.push(text(row, 'key'));
    groups.set(id, group);
  }
  return [...groups.values()].sort((one, other) => other.count - one.count).map((group) => defined(group));
}

function withoutValues(message: string): string {
  return message
    .replace(/"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”/g, '"…"')
    .replace(/[^\s"'<>]+@[^\s"'<>]+/g, '…@…')
    .replace(/\d+/g, '#');
}
