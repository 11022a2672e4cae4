import { findHint } from '../../engine/hints.ts';
import { parseSyncScope, type SyncRef, syncScope } from '../../engine/ids.ts';
import { isJsonObject, type JsonObject } from '../../engine/json.ts';
import type { RecordEvent, RecordHistory } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { hideMatch, hideSensitive } from './hide-sensitive.ts';
import { targetUrl } from './target-url.ts';

/** A record's history, fit to be shown: sensitive values hidden, with its link and a hint. */
export interface RecordStory {
  readonly history: RecordHistory;
  /** The record in the target, where the connector knows a link. */
  readonly url: string | undefined;
  /** What can be done about its rejection. */
  readonly hint: string | undefined;
}

/** @returns undefined where the ledger never met the record */
export async function readStory(cli: Cli, ref: SyncRef, by: { readonly key: string } | { readonly match: string }): Promise<RecordStory | undefined> {
  const ledger = await cli.session.ledger();
  const project = await cli.session.project();
  const history = await ledger.readHistory(syncScope(ref), by);
  if (history === undefined) return undefined;
  const sync = project.find(ref.sync)?.sync;
  const hide = (fields: JsonObject) => hideSensitive(sync?.mapping, fields);
  const { fields, match, rejection, lastOutcome, targetId } = history.state;
  const shownMatch = sync === undefined || match === undefined ? match : hideMatch(sync, match);
  return {
    history: {
      ...history,
      state: { ...history.state, ...(fields === undefined ? {} : { fields: hide(fields) }), ...(shownMatch === undefined ? {} : { match: shownMatch }) },
      events: history.events.map((event) => hideInEvent(event, hide)),
    },
    url: await targetUrl(cli, ref.sync, targetId),
    hint: lastOutcome === 'rejected' && rejection !== undefined ? findHint(rejection, project.hintsFor(ref.sync)) : undefined,
  };
}

function hideInEvent(event: RecordEvent, hide: (fields: JsonObject) => JsonObject): RecordEvent {
  const { fields } = event.details;
  return isJsonObject(fields) ? { ...event, details: { ...event.details, fields: hide(fields) } } : event;
}

/** The story as JSON: ISO times. */
export function storyDocument({ history, url, hint }: RecordStory): Record<string, unknown> {
  const time = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
  const { state, awaits, events, firstSeenAt, lastSeenAt, lastSeenRun } = history;
  return {
    ...state,
    retryAt: time(state.retryAt),
    url,
    hint,
    firstSeenAt: time(firstSeenAt),
    lastSeenAt: time(lastSeenAt),
    lastSeenRun,
    awaits: awaits?.map((reference) => ({ sync: parseSyncScope(reference.scope).sync, key: reference.key })),
    events: events.map(({ at, ...event }) => ({ at: time(at), ...event })),
  };
}
