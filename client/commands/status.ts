import { z } from 'zod';
import { parseDuration } from '../../engine/duration.ts';
import { syncScope } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { defineCommand } from '../command.ts';
import { openRunOfEvents } from '../events/steer-events.ts';
import { whyOpen } from '../events/why-open.ts';
import { EXIT } from '../exit-codes.ts';
import { expectedCount, isOpen, settledCount, waitLines } from '../following/run-snapshot.ts';
import { formatCount, formatPercent } from '../output/numbers.ts';
import { renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';
import type { Theme } from '../output/theme.ts';
import { formatAgo } from '../output/times.ts';
import type { Project } from '../project.ts';
import { errorsOf, mistakesError } from '../reports/mistakes.ts';
import { runDocument } from '../reports/run-report.ts';
import { stateLabel } from '../reports/run-state.ts';

/** An event that is open for so long waits for something. */
const LATE_MS = 60_000;
/** Among them is the latest of events. */
const RUNS_LOOKED_AT = 20;

interface SyncStatus {
  readonly sync: string;
  readonly last: Run | undefined;
  /** Records whose last outcome is rejected or held, over all runs. */
  readonly rejectedNow: number;
  readonly heldNow: number;
  /** The interval of its schedule, where its run is alive for longer than that. */
  readonly outlasts: string | undefined;
  /** Fields that have changed at the source. */
  readonly changedFields: readonly string[];
  /** Windows of the past that are being read beside the live run. */
  readonly openWindows: number;
  /** Deliveries whose records are not synced yet. */
  readonly openEvents: { readonly count: number; readonly oldestAt: number } | undefined;
  readonly eventsPaused: boolean;
  /** What keeps them. */
  readonly eventsWait: string | undefined;
}

export const statusCommand = defineCommand({
  name: 'status',
  group: 'Look',
  summary: 'Every sync with its last run, and what runs now',
  input: z.object({}),
  run: async (cli) => {
    const project = await cli.session.project();
    const statuses = await readStatuses(cli);
    cli.out.document({
      project: project.name,
      profile: project.profile,
      syncs: statuses.map(({ last, ...status }) => ({ ...status, last: last === undefined ? null : runDocument(last) })),
    });
    cli.out.print(render(statuses, cli));
    for (const hint of hints(statuses, project, cli)) cli.out.note(hint);
    return EXIT.done;
  },
});

async function readStatuses(cli: Cli): Promise<readonly SyncStatus[]> {
  const project = await cli.session.project();
  const ledger = await cli.session.ledger();
  return Promise.all(
    project.syncNames.map(async (sync) => {
      const scope = syncScope({ project: project.name, profile: project.profile, sync });
      const [[last], counts, drift] = await Promise.all([ledger.listRuns(scope, 1, 'live'), ledger.countRecords(scope), ledger.readOpenDrift(scope)]);
      const beside = await ledger.listOpenWindows(scope);
      const [events] = await ledger.countOpenEvents(scope);
      const outlasts = outlastedInterval(last, project.find(sync)?.schedule?.every);
      return {
        sync,
        last,
        rejectedNow: counts.rejected,
        heldNow: counts.held,
        outlasts,
        changedFields: drift.map(({ field }) => field),
        openWindows: beside.filter(({ options }) => options.window !== undefined).length,
        openEvents: events === undefined ? undefined : { count: events.open, oldestAt: events.oldestAt },
        eventsPaused: openRunOfEvents(beside)?.control.paused === true,
        eventsWait: events === undefined ? undefined : whyOpen(cli, await ledger.listRuns(scope, RUNS_LOOKED_AT), Date.now()),
      };
    }),
  );
}

function outlastedInterval(last: Run | undefined, every: string | undefined): string | undefined {
  if (last === undefined || every === undefined || !isOpen(last.state)) return undefined;
  return Date.now() - (last.startedAt ?? last.requestedAt) > (parseDuration(every) ?? Number.POSITIVE_INFINITY) ? every : undefined;
}

function render(statuses: readonly SyncStatus[], cli: Cli): string {
  const { theme } = cli.out;
  const now = Date.now();
  const rows = statuses.map(({ sync, last }) => {
    if (last === undefined) return [sync, theme.faint('– never run')];
    const when = last.endedAt ?? last.startedAt ?? last.requestedAt;
    const { totals } = last;
    return [
      sync,
      state(last, theme),
      isOpen(last.state) ? `since ${formatAgo(when, now).replace(' ago', '')}` : formatAgo(when, now),
      ...[totals.read, totals.written, totals.unchanged, totals.rejected].map(formatCount),
    ];
  });
  const right = ['Read', 'Written', 'Unchanged', 'Rejected'].map((title) => ({ title, align: 'right' as const }));
  const waits = statuses.flatMap(({ sync, last }) =>
    last !== undefined && isOpen(last.state) ? waitLines(last.waits, now).map((line) => theme.warning(`${sync}: ${clean(line)}`)) : [],
  );
  const outlasting = statuses.flatMap(({ sync, outlasts }) =>
    outlasts === undefined ? [] : [theme.warning(`${sync}: its run outlasts the interval of its schedule, ${outlasts}`)],
  );
  const drifts = statuses.flatMap(({ sync, changedFields }) =>
    changedFields.length === 0 ? [] : [theme.warning(`${sync}: changed at the source: ${clean(changedFields.join(', '))}`)],
  );
  const backfills = statuses.flatMap(({ sync, openWindows }) =>
    openWindows === 0 ? [] : [`${sync}: ${plural(openWindows, 'window')} of a backfill being read`],
  );
  const remarks = [...waits, ...outlasting, ...drifts, ...backfills, ...statuses.flatMap((status) => eventsLine(status, now, theme))];
  return [
    renderTable([{ title: 'Sync' }, { title: 'State' }, { title: 'Last run' }, ...right], rows, theme),
    ...(remarks.length === 0 ? [] : ['', ...remarks]),
  ].join('\n');
}

function eventsLine({ sync, openEvents, eventsPaused, eventsWait }: SyncStatus, now: number, theme: Theme): readonly string[] {
  const held = eventsPaused ? ', paused' : eventsWait === undefined ? '' : `; ${clean(eventsWait)}`;
  if (openEvents === undefined) return eventsPaused ? [theme.warning(`${sync}: events are paused`)] : [];
  const line = `${sync}: ${plural(openEvents.count, 'event')} open, the oldest ${formatAgo(openEvents.oldestAt, now)}${held}`;
  return [held !== '' || now - openEvents.oldestAt > LATE_MS ? theme.warning(line) : line];
}

function state(run: Run, theme: Theme): string {
  const label = stateLabel(run, theme);
  const all = isOpen(run.state) && run.sweep === undefined ? expectedCount(run) : undefined;
  return all === undefined || all === 0 ? label : `${label} ${formatPercent(settledCount(run.totals), all)}`;
}

function hints(statuses: readonly SyncStatus[], { mistakes }: Pick<Project, 'mistakes'>, cli: Cli): readonly string[] {
  const refused = statuses.filter((status) => status.rejectedNow + status.heldNow > 0);
  const drifting = statuses.find((status) => status.changedFields.length > 0);
  const never = statuses.find((status) => status.last === undefined);
  const waiting = statuses.find((status) => status.last?.sweep?.state === 'waiting' && isOpen(status.last.state));
  const live = statuses.find((status) => status.last !== undefined && isOpen(status.last.state));
  if (statuses.length === 0) return ['This project has no syncs yet: write syncs/NAME.yaml.'];
  if (waiting?.last !== undefined) return [`\nSee what for: ${cli.command(`deletes list ${waiting.last.id}`)}`];
  if (live !== undefined) return [`\nFollow it: ${cli.command(`run ${live.sync}`)}`];
  if (drifting !== undefined)
    return [
      `\nWhat has changed: ${cli.command(`runs ${drifting.sync}`)}, and "show" of the latest. If that is to be so: ${cli.command(`run ${drifting.sync} --accept-drift`)}`,
    ];
  if (refused.length > 0) return ['', ...refused.map((status) => refusedLine(status, cli))];
  if (never !== undefined && errorsOf(mistakes).length > 0)
    return [`\n${mistakesError(mistakes, cli.out.noteTheme).message} See them: ${cli.command('check')}`];
  return never === undefined ? [] : [`\nStart it: ${cli.command(`run ${never.sync}`)}`];
}

function refusedLine({ sync, rejectedNow, heldNow }: SyncStatus, cli: Cli): string {
  const counts = [rejectedNow > 0 ? `${plural(rejectedNow, 'record')} rejected` : '', heldNow > 0 ? `${plural(heldNow, 'record')} held` : ''];
  return `${sync} has ${counts.filter((count) => count !== '').join(', ')}: ${cli.command(`errors ${sync}`)}`;
}
