import { formatSpeed } from '../following/live-view.ts';
import { formatCount, formatPercent } from '../output/numbers.ts';
import { renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import { formatAgo, formatClock, formatDuration } from '../output/times.ts';
import { stateLabel } from '../reports/run-state.ts';
import { CHOSEN, runSection } from './run-section.ts';
import { indented, left, right, type Section } from './section.ts';
import type { TopConnection, TopFrame, TopWork } from './top-frame.ts';

const MOST_RESTING = 8;
/** A worker asks for work at least so often. */
const GONE_AFTER_MS = 70_000;

/** A frame as lines, and which of them is the one of the chosen run. */
export interface RenderedFrame {
  readonly lines: readonly string[];
  readonly chosenLine: number | undefined;
}

/** @param chosen the id of the run that the keys are about */
export function renderFrame(frame: TopFrame, theme: Theme, chosen?: string): RenderedFrame {
  const runs = runSection(frame, theme, chosen);
  const others = [connectionSection, workerSection, deliverySection, incidentSection, restingSection].map((section) => section(frame, theme));
  const sections = [runs, ...others];
  const lines = sections.flatMap((section) => (section === undefined ? [] : ['', theme.strong(section.title), ...section.lines]));
  const chosenLine = lines.findIndex((line) => line.startsWith(CHOSEN));
  return { lines: lines.slice(1), chosenLine: chosenLine < 0 ? undefined : chosenLine - 1 };
}

function connectionSection({ connections, at }: TopFrame, theme: Theme): Section | undefined {
  if (connections.length === 0) return undefined;
  const columns = [left('connection'), right('now'), right('allowed'), right('in flight'), right('processes'), left('quota left'), left('')];
  const rows = connections.map((connection) => [
    connection.name,
    connection.perSecond === undefined ? theme.faint('–') : formatSpeed(connection.perSecond),
    connection.allowedPerSecond === undefined ? theme.faint('not declared') : formatSpeed(connection.allowedPerSecond),
    connection.inFlight === undefined ? theme.faint('–') : `${connection.inFlight.now} of ${connection.inFlight.of}`,
    formatCount(connection.processes),
    quotaWords(connection, theme),
    blockWords(connection, at, theme),
  ]);
  return { title: 'Limits', lines: indented(renderTable(columns, rows, theme)) };
}

function quotaWords({ quotas }: TopConnection, theme: Theme): string {
  if (quotas.length === 0) return theme.faint('–');
  const words = quotas.map(({ count, perMs, left: rest }) => {
    const text = `${formatCount(rest)} of ${formatCount(count)} in ${formatDuration(perMs)} (${formatPercent(rest, count)})`;
    return rest / count < 0.1 ? theme.warning(text) : text;
  });
  return words.join(', ');
}

function blockWords({ block }: TopConnection, at: number, theme: Theme): string {
  if (block === undefined || block.untilMs <= at) return '';
  const why = block.reason === 'quota' ? 'quota spent' : 'asked to wait';
  return theme.warning(`${why}: ${formatDuration(Math.ceil((block.untilMs - at) / 1_000) * 1_000)}, until ${formatClock(block.untilMs).slice(0, 8)}`);
}

function workerSection({ work, at }: TopFrame, theme: Theme): Section {
  if (work === undefined) return { title: 'Workers', lines: [theme.faint('  asking Temporal')] };
  if (work.trouble !== undefined) return { title: 'Workers', lines: [`  ${theme.bad(clean(work.trouble))}`] };
  if (work.workers.length === 0) return { title: 'Workers', lines: [`  ${theme.warning('none: nobody does the work')}`, ...backlogLines(work, theme)] };
  const columns = [left('worker'), left('build'), left('last asked'), left('asks for')];
  const rows = work.workers.map(({ identity, queues, seenAt, buildId }) => [
    clean(identity),
    buildId === undefined ? theme.faint('–') : clean(buildId),
    at - seenAt > GONE_AFTER_MS ? theme.warning(`${formatAgo(seenAt, at)}, gone?`) : formatAgo(seenAt, at),
    queues.join(', '),
  ]);
  return { title: plural(work.workers.length, 'worker'), lines: [...indented(renderTable(columns, rows, theme)), ...backlogLines(work, theme)] };
}

function backlogLines({ backlog }: TopWork, theme: Theme): readonly string[] {
  return backlog.map(({ queue, tasks }) => theme.warning(`  ${plural(tasks, 'task')} of ${queue} ${tasks === 1 ? 'waits' : 'wait'} for a worker`));
}

function deliverySection({ deliveries, at }: TopFrame, theme: Theme): Section | undefined {
  if (deliveries.length === 0) return undefined;
  const rows = deliveries.map(({ sync, open, since }) => [sync, formatCount(open), formatAgo(since, at)]);
  return { title: 'Webhook events that wait', lines: indented(renderTable([left('sync'), right('events'), left('oldest')], rows, theme)) };
}

function incidentSection({ incidents, at }: TopFrame, theme: Theme): Section | undefined {
  if (incidents.length === 0) return undefined;
  const rows = incidents.map(({ sync, rule, what, since }) => [clean(sync), theme.bad(clean(rule)), formatAgo(since, at), clean(what)]);
  return {
    title: plural(incidents.length, 'open incident'),
    lines: indented(renderTable([left('sync'), left('rule'), left('since'), left('what')], rows, theme)),
  };
}

function restingSection({ resting, at }: TopFrame, theme: Theme): Section | undefined {
  if (resting.length === 0) return undefined;
  const rows = resting
    .slice(0, MOST_RESTING)
    .map(({ sync, last }) =>
      last === undefined
        ? [sync, theme.faint('never run')]
        : [
            sync,
            stateLabel(last, theme),
            formatAgo(last.endedAt ?? last.requestedAt, at),
            ...[last.totals.read, last.totals.written, last.totals.rejected].map(formatCount),
          ],
    );
  const more = resting.length > MOST_RESTING ? [theme.faint(`  and ${formatCount(resting.length - MOST_RESTING)} more`)] : [];
  const columns = [left('sync'), left('last run'), left('ended'), right('read'), right('written'), right('rejected')];
  return { title: 'At rest', lines: [...indented(renderTable(columns, rows, theme)), ...more] };
}
