import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { parseSyncScope, syncWorkflowId } from '../../engine/ids.ts';
import type { MissingRecord } from '../../ledger/delete-store.ts';
import type { Run } from '../../ledger/ledger.ts';
import { DECIDE_DELETES_UPDATE, type DeletesDecision } from '../../workflows/contract.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { isOpen } from '../following/run-snapshot.ts';
import { formatCount } from '../output/numbers.ts';
import { renderFields, renderTable } from '../output/table.ts';
import { clean, plural } from '../output/text.ts';
import { findRun } from '../reports/find-run.ts';
import { hideMatch } from '../reports/hide-sensitive.ts';
import { takeAwayOf } from '../reports/take-away.ts';
import { requireWorkerOf } from '../temporal/live-run.ts';

const SHOWN = 50;
const ALL = 1_000_000;
const PATIENCE_MS = 30_000;

export const deletesCommand = defineCommand({
  name: 'deletes',
  group: 'Steer',
  summary: 'Deletes that wait for you, as they are more than the guard allows: list, approve or deny them',
  arguments: [
    ['<action>', 'list, approve or deny'],
    ['<run>', 'id of the run, a unique beginning of it, or "last"'],
  ],
  examples: ['syncline deletes list last', 'syncline deletes approve r_01k2m', 'syncline deletes deny r_01k2m'],
  input: z.object({ action: z.enum(['list', 'approve', 'deny'], 'expected list, approve or deny'), run: z.string() }),
  run: async (cli, { action, run: words }) => {
    const run = await findRun(cli, words);
    return action === 'list' ? list(cli, run) : decide(cli, run, action === 'approve');
  },
});

async function list(cli: Cli, run: Run): Promise<ExitCode> {
  const { out } = cli;
  const { sync } = parseSyncScope(run.scope);
  const rules = (await cli.session.project()).find(sync)?.sync;
  const listed = await (await cli.session.ledger()).listDue(run.id, { limit: out.isJson ? ALL : SHOWN });
  const due =
    rules === undefined ? listed : listed.map(({ match, ...record }) => ({ ...record, ...(match === undefined ? {} : { match: hideMatch(rules, match) }) }));
  out.document({ run: run.id, sweep: run.sweep, due });
  const count = run.sweep?.due ?? 0;
  const { isAsked, verb, Verb, done } = await takeAwayOf(cli, run);
  if (count === 0) {
    const isToLook = isAsked && isOpen(run.state) && (run.sweep === undefined || run.sweep.state === 'looking');
    if (isToLook) out.print(`${run.id} of ${sync} has not looked yet for what has gone from the source.`);
    else out.print(`${out.theme.good('✓')} ${run.id} of ${sync} found nothing to ${verb}.`);
    return EXIT.done;
  }
  const isOpenQuestion = isWaiting(run);
  const records = isOpenQuestion ? `${out.theme.warning(plural(count, 'record'))} gone` : `${plural(count, 'record')} had gone`;
  const became = isOpenQuestion ? '' : `: ${whatBecame(run, done)}`;
  out.print(`${out.theme.strong(sync)}: ${records} from the source, of ${formatCount(run.sweep?.known ?? 0)} that the target was told of${became}\n`);
  const row = ({ key, match, targetId }: MissingRecord) => [clean(key), clean(match ?? ''), clean(targetId ?? '')];
  out.print(renderTable([{ title: 'key' }, { title: 'matched by' }, { title: 'id in the target' }], due.map(row), out.theme));
  if (count > due.length) out.note(`\nand ${plural(count - due.length, 'record')} more; --json lists them all`);
  if (isOpenQuestion) {
    const steps = [[`${Verb} them:`, cli.command(`deletes approve ${run.id}`)] as const, ['Keep them:', cli.command(`deletes deny ${run.id}`)] as const];
    out.note(`\n${renderFields(steps, out.noteTheme, 0)}`);
  }
  return isOpenQuestion ? EXIT.waiting : EXIT.done;
}

/** `5 deleted, 1 kept`; what neither happened to came back, or waits for its answer. */
function whatBecame({ sweep, totals, state }: Run, done: string): string {
  if (sweep?.state === 'denied') return 'somebody decided to keep them';
  const { deleted, deletesHeld, deletesRejected } = totals;
  return [
    `${formatCount(deleted)} ${done}${isOpen(state) ? ' so far' : ''}`,
    ...(deletesHeld === 0 ? [] : [`${formatCount(deletesHeld)} kept`]),
    ...(deletesRejected === 0 ? [] : [`${formatCount(deletesRejected)} not ${done}`]),
  ].join(', ');
}

async function decide(cli: Cli, run: Run, isApproved: boolean): Promise<ExitCode> {
  const { sync, ...place } = parseSyncScope(run.scope);
  if (!isWaiting(run)) {
    const message = `${run.id} of ${sync} does not wait for a decision; nothing was changed. See it: ${cli.command(`show ${run.id}`)}`;
    throw new CliError({ exitCode: EXIT.usage, code: 'NOT_WAITING', message });
  }
  const count = plural(run.sweep?.due ?? 0, 'record');
  const { verb, Verb } = await takeAwayOf(cli, run);
  if (!(await cli.allowChange(isApproved ? `${Verb} ${count} of ${sync} in the target?` : `Keep ${count} of ${sync} in the target?`))) return EXIT.done;
  const ref = { ...place, sync };
  const { workflowId = syncWorkflowId(ref) } = run;
  await requireWorkerOf(cli, ref, workflowId);
  const { client } = await cli.session.temporal();
  const { WorkflowUpdateFailedError } = await import('@temporalio/client');
  const handle = client.workflow.getHandle(workflowId);
  try {
    const decision: DeletesDecision = { runId: run.id, isApproved };
    await client.connection.withDeadline(Date.now() + PATIENCE_MS, () =>
      handle.executeUpdate<void, [DeletesDecision]>(DECIDE_DELETES_UPDATE, { args: [decision] }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    throw new CliError({ exitCode: EXIT.usage, code: 'NOT_WAITING', message: `The run refused: ${error.cause?.message ?? error.message}.`, cause: error });
  }
  await cli.audit.record(isApproved ? 'deletes.approved' : 'deletes.denied', { sync, runId: run.id, details: { records: run.sweep?.due ?? 0 } });
  await untilTaken(cli, run.id);
  cli.out.document({ run: run.id, isApproved, records: run.sweep?.due });
  cli.out.print(
    isApproved
      ? `${cli.out.theme.good('✓')} ${count} of ${sync}: the run goes on and ${verb}s them.`
      : `${cli.out.theme.good('✓')} ${count} of ${sync} are kept.`,
  );
  cli.out.note(`Follow it: ${cli.command(`run ${sync}`)}`);
  return EXIT.done;
}

/** The next who follows the run is not told that it still waits. */
async function untilTaken(cli: Cli, runId: string): Promise<void> {
  const ledger = await cli.session.ledger();
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(100)) {
    const run = await ledger.readRun(runId);
    if (run === undefined || !isWaiting(run)) return;
  }
}

function isWaiting({ state, sweep }: Run): boolean {
  return isOpen(state) && sweep?.state === 'waiting';
}
