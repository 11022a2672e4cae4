import type { IncidentStore } from '../incident-store.ts';
import { readIncident } from '../rows/incident-row.ts';
import type { Row } from '../rows/row.ts';
import type { Database } from './database.ts';

/** The index of open ones keeps a second one of a rule out. */
const OPEN = 'INSERT INTO incidents (id, scope, rule, what, opened_by, opened_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING';
const CLOSE = 'UPDATE incidents SET closed_by = ?, closed_at = ? WHERE scope = ? AND rule = ? AND closed_at IS NULL';
const UNFINISHED = `
  SELECT * FROM incidents i WHERE (i.scope = ?1 OR ?1 LIKE '%/' AND substr(i.scope, 1, length(?1)) = ?1) AND (i.closed_at IS NULL OR EXISTS (
    SELECT 1 FROM incident_notices o WHERE o.incident_id = i.id AND o.event = 'opened' AND NOT EXISTS (
      SELECT 1 FROM incident_notices c WHERE c.incident_id = o.incident_id AND c.channel = o.channel AND c.event = 'closed')))
  ORDER BY i.opened_at, i.id`;
const OPEN_ONES = 'SELECT * FROM incidents WHERE closed_at IS NULL AND substr(scope, 1, length(?1)) = ?1 ORDER BY opened_at, id';
const TOLD = 'SELECT * FROM incident_notices WHERE incident_id IN (SELECT value FROM json_each(?)) ORDER BY channel';
const NOTE = 'INSERT INTO incident_notices (incident_id, channel, event, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';

export function createIncidentStore(database: Database): IncidentStore {
  const withTold = (rows: readonly Row[]) => {
    const told = database.all(TOLD, JSON.stringify(rows.map(({ id }) => id)));
    return rows.map((row) => readIncident(row, told));
  };
  return {
    openIncident: ({ id, scope, rule, what, openedBy, openedAt }) =>
      database.write(() => database.run(OPEN, id, scope, rule, what, openedBy, Math.round(openedAt)) > 0),
    closeIncident: ({ scope, rule, closedBy, closedAt }) => database.write(() => database.run(CLOSE, closedBy, Math.round(closedAt), scope, rule) > 0),
    listUnfinishedIncidents: (scope) => database.read(() => withTold(database.all(UNFINISHED, scope))),
    listOpenIncidents: (scopePrefix) => database.read(() => withTold(database.all(OPEN_ONES, scopePrefix))),
    noteTold: ({ incident, channel, event, at }) => database.write(() => void database.run(NOTE, incident, channel, event, Math.round(at))),
  };
}
