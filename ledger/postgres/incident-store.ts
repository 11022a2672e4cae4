import { FLAP_MS, type IncidentStore } from '../incident-store.ts';
import { readIncident } from '../rows/incident-row.ts';
import { number, type Row, text } from '../rows/row.ts';
import type { Database } from './database.ts';
import type { Session } from './session.ts';

/** The index of open ones keeps a second one of a rule out. */
const OPEN = 'INSERT INTO incidents (id, scope, rule, what, opened_by, opened_at, flaps) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING';
const KNOWN = 'SELECT id FROM incidents WHERE id = $1 OR (scope = $2 AND rule = $3 AND closed_at IS NULL)';
const JUST_ENDED = `
  SELECT id, flaps, EXISTS (SELECT 1 FROM incident_notices n WHERE n.incident_id = i.id AND n.event = 'closed') AS is_told
  FROM incidents i WHERE scope = $1 AND rule = $2 AND closed_at > $3 ORDER BY closed_at DESC, id DESC LIMIT 1 FOR UPDATE`;
const REOPEN = 'UPDATE incidents SET closed_at = NULL, closed_by = NULL, flaps = flaps + 1 WHERE id = $1 AND closed_at IS NOT NULL';
const CLOSE = 'UPDATE incidents SET closed_by = $1, closed_at = $2 WHERE scope = $3 AND rule = $4 AND closed_at IS NULL';
const UNFINISHED = `
  SELECT * FROM incidents i WHERE (i.scope = $1 OR $1 LIKE '%/' AND starts_with(i.scope, $1)) AND (i.closed_at IS NULL OR EXISTS (
    SELECT 1 FROM incident_notices o WHERE o.incident_id = i.id AND o.event = 'opened' AND NOT EXISTS (
      SELECT 1 FROM incident_notices c WHERE c.incident_id = o.incident_id AND c.channel = o.channel AND c.event = 'closed')))
  ORDER BY i.opened_at, i.id`;
const OPEN_ONES = 'SELECT * FROM incidents WHERE closed_at IS NULL AND starts_with(scope, $1) ORDER BY opened_at, id';
const TOLD = 'SELECT * FROM incident_notices WHERE incident_id = ANY($1::text[]) ORDER BY channel';
const NOTE = 'INSERT INTO incident_notices (incident_id, channel, event, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING';
const MUTE = 'INSERT INTO alert_mutes VALUES ($1, $2) ON CONFLICT (scope) DO UPDATE SET until = excluded.until';
const MUTES = 'SELECT * FROM alert_mutes WHERE starts_with(scope, $1) AND until > $2 ORDER BY scope';

type Beginning = Parameters<IncidentStore['openIncident']>[0];

export function createIncidentStore(database: Database): IncidentStore {
  const withTold = async (rows: readonly Row[]) => {
    const told = await database.all(
      TOLD,
      rows.map((row) => text(row, 'id')),
    );
    return rows.map((row) => readIncident(row, told));
  };
  return {
    openIncident: (beginning) => database.write((session) => open(session, beginning)),
    closeIncident: ({ scope, rule, closedBy, closedAt }) =>
      database.write(async (session) => (await session.run(CLOSE, closedBy, Math.round(closedAt), scope, rule)) > 0),
    listUnfinishedIncidents: async (scope) => withTold(await database.all(UNFINISHED, scope)),
    listOpenIncidents: async (scopePrefix) => withTold(await database.all(OPEN_ONES, scopePrefix)),
    muteAlerts: ({ scope, until }) => database.write(async (session) => void (await session.run(MUTE, scope, Math.round(until)))),
    listMutes: async (scopePrefix, at) =>
      (await database.all(MUTES, scopePrefix, Math.round(at))).map((row) => ({ scope: text(row, 'scope'), until: number(row, 'until') })),
    noteTold: ({ incident, channel, event, at }) => database.write(async (session) => void (await session.run(NOTE, incident, channel, event, Math.round(at)))),
  };
}

async function open(session: Session, { id, scope, rule, what, openedBy, openedAt }: Beginning): Promise<boolean> {
  if ((await session.get(KNOWN, id, scope, rule)) !== undefined) return false;
  const latest = await session.get(JUST_ENDED, scope, rule, Math.round(openedAt) - FLAP_MS);
  if (latest !== undefined && latest['is_told'] === 0) return (await session.run(REOPEN, text(latest, 'id'))) > 0;
  const flaps = latest === undefined ? 0 : number(latest, 'flaps') + 1;
  return (await session.run(OPEN, id, scope, rule, what, openedBy, Math.round(openedAt), flaps)) > 0;
}
