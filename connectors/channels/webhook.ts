import type { ChannelKind } from './channel-kind.ts';

/** JSON to an address of the user's own. A message that is sent twice has the same `Idempotency-Key`. */
export const webhookRequest: ChannelKind<{ readonly url: string }> = ({ url }, notice, text) => {
  const { event, incident, project, profile, sync, rule, runId, at, since } = notice;
  const times = { at: new Date(at).toISOString(), since: new Date(since).toISOString() };
  const body = { event, incident, project, profile, sync, rule, ...(runId === undefined ? {} : { run: runId }), ...times, text };
  return { url, headers: { 'idempotency-key': `${incident}/${event}` }, body };
};
