import { parseSyncScope } from '../../engine/ids.ts';
import type { RecordEvent, RecordHistory } from '../../ledger/ledger.ts';
import type { Output } from '../output/output.ts';
import { renderFields } from '../output/table.ts';
import { clean, pad, wrap } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import { formatClock, formatDay, formatTime } from '../output/times.ts';
import type { RecordStory } from './read-story.ts';

/** The whole story of one record: what it is now, what the target was told, and every event. */
export function renderStory({ history, url, hint }: RecordStory, { theme, width }: Pick<Output, 'theme' | 'width'>): string {
  const { state } = history;
  const facts: (readonly [string, string])[] = [['now', nowWords(history, theme)]];
  if (hint !== undefined)
    facts.push([
      '',
      wrap(`→ ${hint}`, width - 14)
        .map(theme.link)
        .join('\n  '),
    ]);
  if (state.match !== undefined) facts.push(['match', clean(state.match)]);
  if (state.targetId !== undefined) facts.push(['target id', `${clean(state.targetId)}${url === undefined ? '' : `  ${theme.link(url)}`}`]);
  if (state.sourceVersion !== undefined) facts.push(['version', clean(state.sourceVersion)]);
  for (const { scope, key } of history.awaits ?? []) facts.push(['waits for', `${parseSyncScope(scope).sync} to have written key ${clean(key)}`]);
  facts.push(['first seen', formatTime(history.firstSeenAt)]);
  facts.push(['last seen', `${formatTime(history.lastSeenAt)}  ${theme.faint(history.lastSeenRun)}`]);
  if (state.retryAt !== undefined) facts.push(['tried again', `from ${formatTime(state.retryAt)} on`]);
  const parts = [renderFields(facts, theme)];
  if (state.fields !== undefined) parts.push('', theme.strong('What the target was told'), '', renderValues(state.fields, theme));
  parts.push('', theme.strong('What happened'), '', renderEvents(history.events, theme, width));
  return parts.join('\n');
}

function nowWords({ state, events }: RecordHistory, theme: Theme): string {
  if (state.hasUnknown) return theme.warning('held: a write whose answer was lost is not resolved yet');
  const { lastOutcome, rejection } = state;
  if (lastOutcome === 'rejected' && rejection !== undefined) {
    return theme.bad(`rejected: ${rejection.field === undefined ? '' : `${rejection.field}: `}${clean(rejection.message)}`);
  }
  const last = events.findLast(({ event }) => event === 'deleted' || event === 'archived' || event === 'kept' || event === 'written');
  if (lastOutcome === undefined && last !== undefined && last.event !== 'written') return theme.warning(last.text);
  if (lastOutcome === 'held') return theme.warning(`held${rejection === undefined ? '' : `: ${clean(rejection.message)}`}`);
  return lastOutcome === undefined ? 'on its way' : theme.good(lastOutcome);
}

/** Target fields with their values, one a line. */
export function renderValues(fields: Readonly<Record<string, unknown>>, theme: Theme, indent = 2): string {
  return renderFields(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? clean(value) : clean(JSON.stringify(value))] as const),
    theme,
    indent,
  );
}

function renderEvents(events: readonly RecordEvent[], theme: Theme, width: number): string {
  const eventWidth = Math.max(...events.map((event) => event.event.length), 0);
  const inner = ' '.repeat(2 + 12 + 2 + eventWidth + 2);
  const lines: string[] = [];
  let heading = '';
  for (const event of events) {
    const own = `${formatDay(event.at)}  ${event.runId}`;
    if (own !== heading) lines.push(`  ${theme.faint(own)}`);
    heading = own;
    const [first = '', ...rest] = wrap(clean(event.text), Math.max(40, width - inner.length));
    lines.push(
      `  ${formatClock(event.at)}  ${paintEvent(event.event, pad(event.event, eventWidth), theme)}  ${first}`.trimEnd(),
      ...rest.map((line) => inner + line),
    );
  }
  return lines.join('\n');
}

function paintEvent(event: string, text: string, theme: Theme): string {
  if (event === 'rejected') return theme.bad(text);
  if (event === 'unknown' || event === 'skipped' || event === 'deleted' || event === 'archived' || event === 'kept') return theme.warning(text);
  return event === 'written' || event === 'resolved' ? theme.good(text) : text;
}
