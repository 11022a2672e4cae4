import { z } from 'zod';
import { cursorInstant } from '../../engine/cursor-value.ts';
import type { SyncRef } from '../../engine/ids.ts';
import type { JsonObject } from '../../engine/json.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import { applyScheduleChange } from '../schedules/apply-schedules.ts';
import { backfillSchedule } from '../schedules/backfill-schedule.ts';
import { type FoundSchedule, readSchedules } from '../schedules/read-schedules.ts';
import { renderChanges, renderSchedule, renderSchedules, scheduleDocument } from '../schedules/render-schedules.ts';
import { type ScheduleChange, scheduleChanges } from '../schedules/schedule-changes.ts';
import { allRefusals, scheduleRefusal } from '../schedules/schedule-refusal.ts';
import { triggerSchedule } from '../schedules/trigger-schedule.ts';
import { type WantedSchedule, wantedSchedule } from '../schedules/wanted-schedule.ts';
import { WAKE_UP, wantedWakeUp } from '../schedules/wanted-wake-up.ts';
import { WATCH, wantedWatch } from '../schedules/wanted-watch.ts';
import { hasSearchAttributes } from '../temporal/search-attributes.ts';

const ACTIONS = ['apply', 'list', 'describe', 'pause', 'resume', 'trigger', 'backfill'] as const;
type Action = (typeof ACTIONS)[number];
/** Schedules of the project itself. */
const OF_NO_SYNC: ReadonlySet<string> = new Set([WATCH, WAKE_UP]);

const timeSchema = z.string().transform((text, context) => {
  const ms = cursorInstant(text);
  if (ms !== undefined) return new Date(ms);
  context.addIssue({ code: 'custom', message: 'expected a time: 2026-01-31, or 2026-01-31T12:00:00Z' });
  return z.NEVER;
});

export const scheduleCommand = defineCommand({
  name: 'schedule',
  group: 'Steer',
  summary: 'Temporal schedules as the definitions have them: apply, list, describe, pause, resume, trigger, backfill',
  arguments: [
    ['<action>', ACTIONS.join(', ')],
    ['[sync]', 'name of the sync: for all actions but apply and list'],
  ],
  options: [
    ['--dry-run', 'with apply: say what would be changed, and change nothing'],
    ['--note <text>', 'with pause: why, for whoever finds it paused'],
    ['--from <time>', 'with backfill: each run that was due from then on: 2026-01-31, or 2026-01-31T12:00:00Z'],
    ['--to <time>', 'with backfill: and until then (default: now)'],
  ],
  examples: ['syncline schedule apply --dry-run', 'syncline schedule list', 'syncline schedule pause contacts-to-hubspot --note "HubSpot is being cleaned up"'],
  input: z.object({
    action: z.enum(ACTIONS, `expected ${ACTIONS.join(', ')}`),
    sync: z.string().optional(),
    dryRun: z.boolean().default(false),
    note: z.string().optional(),
    from: timeSchema.optional(),
    to: timeSchema.optional(),
  }),
  run: async (cli, { action, sync, dryRun, note, from, to }) => {
    if (action === 'apply') return apply(cli, dryRun);
    if (action === 'list') return list(cli);
    if (sync === undefined) throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `Name the sync: ${cli.command(`schedule ${action} <sync>`)}` });
    const ref = await cli.session.sync(sync);
    if (action === 'backfill') return backfillSchedule(cli, await requireSchedule(cli, ref), { ref, from, to });
    return steer(cli, action, ref, note);
  },
});

async function apply(cli: Cli, isDryRun: boolean): Promise<ExitCode> {
  const temporal = await cli.session.temporal();
  const wanted = await readWanted(cli);
  const changes = scheduleChanges(wanted, await readFound(cli, wanted));
  const open = changes.filter(({ change }) => change !== 'none');
  cli.out.print(renderChanges(changes, cli.out.theme));
  if (isDryRun || open.length === 0) {
    cli.out.document({ changes: changes.map(({ change, sync }) => ({ change, sync })), isDryRun });
    if (open.length > 0) cli.out.note(`\nNothing was changed. Do it: ${cli.command('schedule apply')}`);
    return EXIT.done;
  }
  if (!(await cli.allowChange(`Make ${plural(open.length, 'change')} to the schedules?`))) return EXIT.done;
  const refusals: CliError[] = [];
  for (const change of open) {
    const isOfSync = !OF_NO_SYNC.has(change.sync);
    try {
      await applyScheduleChange(temporal, change);
      await cli.audit.record('schedule.applied', { ...(isOfSync ? { sync: change.sync } : {}), details: auditedChange(change) });
    } catch (error) {
      const refusal = scheduleRefusal(change, isOfSync, error);
      if (refusal === undefined) throw error;
      refusals.push(refusal);
    }
  }
  if (refusals.length > 0) throw allRefusals(refusals, open.length);
  cli.out.document({ changes: changes.map(({ change, sync }) => ({ change, sync })), isDryRun });
  cli.out.print(`\n${cli.out.theme.good('✓')} ${plural(open.length, 'schedule')} changed`);
  cli.out.note(`\nSee them: ${cli.command('schedule list')}`);
  return EXIT.done;
}

function auditedChange(change: ScheduleChange): JsonObject {
  return { change: change.change, ...(change.change === 'remove' ? {} : { when: change.wanted.when }) };
}

async function list(cli: Cli): Promise<ExitCode> {
  const wanted = await readWanted(cli);
  const found = await readFound(cli, wanted);
  cli.out.document({ schedules: [...found.values()].map(scheduleDocument) });
  cli.out.print(renderSchedules(wanted, found, cli.out.theme));
  const open = scheduleChanges(wanted, found).filter(({ change }) => change !== 'none');
  if (open.length > 0) cli.out.note(`\n${plural(open.length, 'schedule is', 'schedules are')} not as the definitions say. ${cli.command('schedule apply')}`);
  return EXIT.done;
}

async function steer(cli: Cli, action: Exclude<Action, 'apply' | 'list' | 'backfill'>, ref: SyncRef, note: string | undefined): Promise<ExitCode> {
  const { client } = await cli.session.temporal();
  const found = await requireSchedule(cli, ref);
  const handle = client.schedule.getHandle(found.id);
  const { theme } = cli.out;
  switch (action) {
    case 'describe':
      cli.out.document({ schedule: scheduleDocument(found) });
      cli.out.print(renderSchedule(found, theme));
      return EXIT.done;
    case 'pause':
      cli.requireConsent(`pause the schedule of ${ref.sync}`);
      await handle.pause(note ?? (found.isPaused ? found.note : undefined) ?? 'Paused from the command line.');
      await cli.audit.record('schedule.paused', { sync: ref.sync });
      cli.out.document({ sync: ref.sync, isPaused: true });
      cli.out.print(`${theme.good('✓')} The schedule of ${ref.sync} is paused; a run that is alive goes on.`);
      cli.out.note(`Resume it: ${cli.command(`schedule resume ${ref.sync}`)}`);
      return EXIT.done;
    case 'resume':
      cli.requireConsent(`resume the schedule of ${ref.sync}`);
      await handle.unpause('Resumed from the command line.');
      await cli.audit.record('schedule.resumed', { sync: ref.sync });
      cli.out.document({ sync: ref.sync, isPaused: false });
      cli.out.print(`${theme.good('✓')} The schedule of ${ref.sync} goes on.`);
      return EXIT.done;
    case 'trigger':
      cli.requireConsent(`run ${ref.sync} by its schedule now`);
      await triggerSchedule(cli, ref, found);
      return EXIT.done;
  }
}

async function readWanted(cli: Cli): Promise<readonly WantedSchedule[]> {
  const project = await cli.session.project();
  const hasAttributes = await hasSearchAttributes(await cli.session.temporal());
  const definitions = project.syncNames.map((sync) => project.resolve(sync).definition);
  const hasEvents = definitions.some(({ sync }) => sync.source.events !== undefined);
  const watch = wantedWatch(project);
  return [
    ...definitions.flatMap(({ schedule, ref }) => (schedule === undefined ? [] : [wantedSchedule(ref, schedule, hasAttributes)])),
    ...(hasEvents ? [wantedWakeUp({ project: project.name, profile: project.profile }, hasAttributes)] : []),
    ...(watch === undefined ? [] : [watch]),
  ];
}

async function readFound(cli: Cli, wanted: readonly WantedSchedule[]): Promise<ReadonlyMap<string, FoundSchedule>> {
  const { name: project, profile } = await cli.session.project();
  const names = wanted.map(({ name }) => name).filter((name) => name !== WATCH);
  return readSchedules(await cli.session.temporal(), { project, profile }, names);
}

/** @throws CliError where the server has no schedule of the sync */
async function requireSchedule(cli: Cli, ref: SyncRef): Promise<FoundSchedule> {
  const found = (await readSchedules(await cli.session.temporal(), ref, [ref.sync])).get(ref.sync);
  if (found !== undefined) return found;
  const message = `${ref.sync} has no schedule on the server. Give it one in syncs/${ref.sync}.yaml, then: ${cli.command('schedule apply')}`;
  throw new CliError({ exitCode: EXIT.failed, code: 'NO_SCHEDULE', message });
}
