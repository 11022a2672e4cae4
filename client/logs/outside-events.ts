import { type Incident, NO_RUN } from '../../ledger/incident-store.ts';
import type { AuditEntry } from '../../ledger/ledger.ts';
import { actorOf, auditWords } from '../auditing/list-audit.ts';
import type { LogEvent } from './log-event.ts';

/** What people and schedules did to a sync. */
export function auditEvents(entries: readonly AuditEntry[]): readonly LogEvent[] {
  return entries.map((entry) => {
    const { n, at, action, runId, details, user, host, way } = entry;
    const words = auditWords(details);
    return {
      id: `audit ${n}`,
      at,
      event: action,
      ...(runId === undefined ? {} : { runId }),
      text: `by ${actorOf(entry)}${words === '' ? '' : `: ${words}`}`,
      details: { user, host, way, ...details },
    };
  });
}

/** Some begin and end without a run. */
function ofRun(runId: string | undefined): { readonly runId?: string } {
  return runId === undefined || runId === NO_RUN ? {} : { runId };
}

/** When an alert began and ended. @param since what was before is left out */
export function incidentEvents(incidents: readonly Incident[], since: number): readonly LogEvent[] {
  return incidents.flatMap(({ id, rule, what, openedBy, openedAt, closedBy, closedAt }) => {
    const opened: LogEvent = {
      id: `alert ${id}`,
      at: openedAt,
      event: 'alert',
      ...ofRun(openedBy),
      text: `${rule}: ${what}`,
      tone: 'bad',
      details: { incident: id, rule },
    };
    const closed: readonly LogEvent[] =
      closedAt === undefined
        ? []
        : [
            {
              id: `alert-over ${id}`,
              at: closedAt,
              event: 'alert-over',
              ...ofRun(closedBy),
              text: `${rule} is over`,
              tone: 'good',
              details: { incident: id, rule },
            },
          ];
    return [opened, ...closed].filter(({ at }) => at >= since);
  });
}
