import type { IncidentStore } from '../incident-store.ts';
import { readIncident } from '../rows/incident-row.ts';
import { type Row, text } from '../rows/row.ts';
import type { Database } from './database.ts';

/** The index of open ones keeps a second one of a rule out. */
const OPEN = 'INSERT INTO incidents (id, scope, rule, what, opened_by, opened_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING';
const CLOSE = 'UPDATE incidents SET closed_by = $1, closed_at = $2 WHERE scope = $3 AND rule = $4 AND closed_at IS NULL';
const UNFINISHED = `
  SELECT * FROM incidents i WHERE (i.scope = $1 OR $1 LIKE '%/' AND starts_with(i.scope, $1)) AND (i.closed_at IS NULL OR EXISTS (
    SELECT 1 FROM incident_notices o WHERE o.incident_id = i.id AND o.event = 'opened' AND NOT EXISTS (
      SELECT 1 FROM incident_notices c WHERE c.incident_id = o.incident_id AND c.channel = o.channel AND c.event = 'closed')))
  ORDER BY i.opened_at, i.id`;
const OPEN_ONES = 'SELECT * FROM incidents WHERE closed_at IS NULL AND starts_with(scope, $1) ORDER BY opened_at, id';
const TOLD = 'SELECT * FROM incident_notices WHERE incident_id = ANY($1::text[]) ORDER BY channel';
const NOTE = 'INSERT INTO incident_notices (incident_id, channel, event, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING';

export function createIncidentStore(database: Database): IncidentStore {
  const withTold = async (rows: readonly Row[]) => {
    const told = await database.all(
      TOLD,
      rows.map((row) => text(row, 'id')),
    );
    return rows.map((row) => readIncident(row, told));
  };
  return {
    openIncident: ({ id, scope, rule, what, openedBy, openedAt }) =>
      database.write(async (session) => (await session.run(OPEN, id, scope, rule, what, openedBy, Math.round(openedAt))) > 0),
    closeIncident: ({ scope, rule, closedBy, closedAt }) =>
      database.write(async (session) => (await session.run(CLOSE, closedBy, Math.round(closedAt), scope, rule)) > 0),
    listUnfinishedIncidents: async (scope) => withTold(await database.all(UNFINISHED, scope)),
    listOpenIncidents: async (scopePrefix) => withTold(await database.all(OPEN_ONES, scopePrefix)),
    noteTold: ({ incident, channel, event, at }) => database.write(async (session) => void (await session.run(NOTE, incident, channel, event, Math.round(at)))),
  };
}
