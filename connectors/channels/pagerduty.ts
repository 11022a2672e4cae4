import type { ChannelKind } from './channel-kind.ts';

interface PagerDuty {
  readonly key: string;
  readonly url: string;
  readonly severity: string;
}

/** PagerDuty's own bound of `payload.summary`. */
const MAX_SUMMARY = 1_024;
/** And of `dedup_key`: its end tells incidents apart. */
const MAX_DEDUP_KEY = 255;

/**
 * PagerDuty Events API v2: what has one `dedup_key` is one incident, however often it is triggered, until it is resolved.
 * @see https://developer.pagerduty.com/docs/send-alert-event
 */
export const pagerDutyRequest: ChannelKind<PagerDuty> = ({ key, url, severity }, notice, text) => {
  const { event, incident, project, profile, sync, rule, runId, at, since } = notice;
  const alert = { routing_key: key, dedup_key: `syncline/${project}/${profile}/${incident}`.slice(-MAX_DEDUP_KEY) };
  if (event === 'resolved') return { url, body: { ...alert, event_action: 'resolve' } };
  const payload = {
    summary: text.slice(0, MAX_SUMMARY),
    source: `${project}/${profile}`,
    severity: event === 'test' ? 'info' : (notice.severity ?? severity),
    timestamp: new Date(at).toISOString(),
    component: sync,
    class: rule,
    custom_details: { ...(runId === undefined ? {} : { run: runId }), since: new Date(since).toISOString() },
  };
  return { url, body: { ...alert, event_action: 'trigger', client: 'Syncline', payload } };
};
