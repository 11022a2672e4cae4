import type { Incident } from '../incident-store.ts';
import { defined, number, optionalNumber, optionalText, type Row, text } from './row.ts';

/** @param told rows of the notices about any incidents */
export function readIncident(row: Row, told: readonly Row[]): Incident {
  const id = text(row, 'id');
  const toldOf = (event: string) =>
    told.filter((notice) => text(notice, 'incident_id') === id && text(notice, 'event') === event).map((notice) => text(notice, 'channel'));
  return defined({
    id,
    scope: text(row, 'scope'),
    rule: text(row, 'rule'),
    what: text(row, 'what'),
    openedBy: text(row, 'opened_by'),
    openedAt: number(row, 'opened_at'),
    closedBy: optionalText(row, 'closed_by'),
    closedAt: optionalNumber(row, 'closed_at'),
    flaps: number(row, 'flaps'),
    toldOpened: toldOf('opened'),
    toldClosed: toldOf('closed'),
  });
}
