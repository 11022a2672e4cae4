import type { ResolvedSync } from '../definition/resolved.ts';
import type { Channel } from '../definition/schema/channels.ts';
import { alertEventOf, alertRuleName, type Severity } from '../engine/alerts.ts';
import { parseSyncScope } from '../engine/ids.ts';
import type { Notice } from '../engine/notice.ts';
import { quietUntil } from '../engine/quiet-hours.ts';
import { FLAP_MS, type Incident, NO_RUN } from '../ledger/incident-store.ts';

/** One thing that one channel is still to be told. */
export interface DueNotice {
  /** It is to be told then, if it still holds. */
  readonly notBefore: number;
  readonly name: string;
  readonly channel: Channel;
  readonly notice: Notice;
}

/**
 * Of an open incident whoever its rule names and has not been told; of an ended one whoever knows of its begin only. A channel that is gone from the definition is told nothing, one in
 * its quiet hours when they end, and of the end of what begins and ends all the time each when that is over.
 * @param mutedUntil nobody is told of the sync before
 */
export function dueNotices(incident: Incident, { alerts = [], channels = {} }: ResolvedSync, at: number, mutedUntil = at): readonly DueNotice[] {
  const { toldOpened, toldClosed, closedAt, flaps } = incident;
  const rules = alerts.filter((rule) => alertRuleName(rule) === incident.rule);
  const named = rules.flatMap((rule) => rule.notify);
  const notice = noticeOf(incident, rules[0]?.severity);
  const settledAt = closedAt === undefined || flaps === 0 ? at : closedAt + FLAP_MS;
  const isOver = closedAt !== undefined;
  const names = isOver ? toldOpened.filter((name) => !toldClosed.includes(name)) : named.filter((name) => !toldOpened.includes(name));
  return [...new Set(names)].flatMap((name) => {
    const channel = channels[name];
    return channel === undefined ? [] : [{ name, channel, notice, notBefore: Math.max(settledAt, mutedUntil, quietEnd(channel, incident.rule, at)) }];
  });
}

function quietEnd({ quiet }: Channel, rule: string, at: number): number {
  const event = alertEventOf(rule);
  if (quiet === undefined || (event !== undefined && quiet.except.includes(event))) return at;
  return quietUntil(quiet, at) ?? at;
}

function noticeOf({ scope, id, rule, what, openedBy, openedAt, closedBy, closedAt }: Incident, severity: Severity | undefined): Notice {
  const by = closedAt === undefined ? openedBy : (closedBy ?? openedBy);
  return {
    ...parseSyncScope(scope),
    event: closedAt === undefined ? 'opened' : 'resolved',
    incident: id,
    rule,
    ...(by === NO_RUN ? {} : { runId: by }),
    at: closedAt ?? openedAt,
    since: openedAt,
    what,
    ...(severity === undefined ? {} : { severity }),
  };
}
