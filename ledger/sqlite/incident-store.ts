import { FLAP_MS, type IncidentStore } from '../incident-store.ts';
import { readIncident } from '../rows/incident-row.ts';
import { number, type Row, text } from '../rows/row.ts';
import type { Database } from './database.ts';

/** The index of open ones keeps a second one of a rule out. */
const OPEN = 'INSERT INTO incidents (id, scope, rule, what, opened_by, opened_at, flaps) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
const KNOWN = 'SELECT id FROM incidents WHERE id = ? OR (scope = ? AND rule = ? AND closed_at IS NULL)';
const JUST_ENDED = `
  SELECT id, flaps, EXISTS (SELECT 1 FROM incident_notices n WHERE n.incident_id = i.id AND n.event = 'closed') AS is_told
  FROM incidents i WHERE scope = ? AND rule = ? AND closed_at > ? ORDER BY closed_at DESC, id DESC LIMIT 1`;
const REOPEN = 'UPDATE incidents SET closed_at = NULL, closed_by = NULL, flaps = flaps + 1 WHERE id = ?';
const CLOSE = 'UPDATE incidents SET closed_by = ?, closed_at = ? WHERE scope = ? AND rule = ? AND closed_at IS NULL';
const UNFINISHED = `
  SELECT * FROM incidents i WHERE (i.scope = ?1 OR ?1 LIKE '%/' AND substr(i.scope, 1, length(?1)) = ?1) AND (i.closed_at IS NULL OR EXISTS (
    SELECT 1 FROM incident_notices o WHERE o.incident_id = i.id AND o.event = 'opened' AND NOT EXISTS (
      SELECT 1 FROM incident_notices c WHERE c.incident_id = o.incident_id AND c.channel = o.channel AND c.event = 'closed')))
  ORDER BY i.opened_at, i.id`;
const OPEN_ONES = 'SELECT * FROM incidents WHERE closed_at IS NULL AND substr(scope, 1, length(?1)) = ?1 ORDER BY opened_at, id';
const TOLD = 'SELECT * FROM incident_notices WHERE incident_id IN (SELECT value FROM json_each(?)) ORDER BY channel';
const NOTE = 'INSERT INTO incident_notices (incident_id, channel, event, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';
const MUTE = 'INSERT INTO alert_mutes VALUES (?, ?) ON CONFLICT DO UPDATE SET until = excluded.until';
const MUTES = 'SELECT * FROM alert_mutes WHERE until > ?2 AND substr(scope, 1, length(?1)) = ?1 ORDER BY scope';

export function createIncidentStore(database: Database): IncidentStore {
  const withTold = (rows: readonly Row[]) => {
    const told = database.all(TOLD, JSON.stringify(rows.map(({ id }) => id)));
    return rows.map((row) => readIncident(row, told));
  };
  return {
    openIncident: ({ id, scope, rule, what, openedBy, openedAt }) =>
      database.write(() => {
        if (database.get(KNOWN, id, scope, rule) !== undefined) return false;
        const latest = database.get(JUST_ENDED, scope, rule, Math.round(openedAt) - FLAP_MS);
        if (latest !== undefined && latest['is_told'] === 0) return database.run(REOPEN, text(latest, 'id')) > 0;
        const flaps = latest === undefined ? 0 : number(latest, 'flaps') + 1;
        return database.run(OPEN, id, scope, rule, what, openedBy, Math.round(openedAt), flaps) > 0;
      }),
    closeIncident: ({ scope, rule, closedBy, closedAt }) => database.write(() => database.run(CLOSE, closedBy, Math.round(closedAt), scope, rule) > 0),
    listUnfinishedIncidents: (scope) => database.read(() => withTold(database.all(UNFINISHED, scope))),
    listOpenIncidents: (scopePrefix) => database.read(() => withTold(database.all(OPEN_ONES, scopePrefix))),
    muteAlerts: ({ scope, until }) => database.write(() => void database.run(MUTE, scope, Math.round(until))),
    listMutes: (scopePrefix, at) =>
      database.read(() => database.all(MUTES, scopePrefix, Math.round(at)).map((row) => ({ scope: text(row, 'scope'), until: number(row, 'until') }))),
    noteTold: ({ incident, channel, event, at }) => database.write(() => void database.run(NOTE, incident, channel, event, Math.round(at))),
  };
}
