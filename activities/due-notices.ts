import type { ResolvedSync } from '../definition/resolved.ts';
import type { Channel } from '../definition/schema/channels.ts';
import { alertRuleName } from '../engine/alerts.ts';
import { parseSyncScope } from '../engine/ids.ts';
import type { Notice } from '../engine/notice.ts';
import { type Incident, NO_RUN } from '../ledger/incident-store.ts';

/** One thing that one channel is still to be told. */
export interface DueNotice {
  readonly name: string;
  readonly channel: Channel;
  readonly notice: Notice;
}

/** Of an open incident whoever its rule names and has not been told; of an ended one whoever knows of its begin only. A channel that is gone from the definition is told nothing. */
export function dueNotices(incident: Incident, { alerts = [], channels = {} }: ResolvedSync): readonly DueNotice[] {
  const { toldOpened, toldClosed, closedAt } = incident;
  const named = alerts.filter((rule) => alertRuleName(rule) === incident.rule).flatMap((rule) => rule.notify);
  const isOver = closedAt !== undefined;
  const names = isOver ? toldOpened.filter((name) => !toldClosed.includes(name)) : named.filter((name) => !toldOpened.includes(name));
  return [...new Set(names)].flatMap((name) => {
    const channel = channels[name];
    return channel === undefined ? [] : [{ name, channel, notice: noticeOf(incident) }];
  });
}

function noticeOf({ scope, id, rule, what, openedBy, openedAt, closedBy, closedAt }: Incident): Notice {
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
  };
}
