import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ERROR_CODES } from '../../engine/errors.ts';
import { makeReconciliationId, reconcileWorkflowId, type SyncRef, syncScope, taskQueues } from '../../engine/ids.ts';
import type { Finding, Reconciliation } from '../../ledger/drift-store.ts';
import { RECONCILE_WORKFLOW, type ReconcileRequest } from '../../workflows/contract.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import { findStale } from '../planning/find-stale.ts';
import { driftCount, renderDrift } from '../reports/drift-report.ts';
import { followToEnd } from '../starting/conclude-run.ts';
import { startRun } from '../starting/start-run.ts';
import { requireWorker } from '../temporal/live-run.ts';

const SHOWN = 20;
const PAGE = 1_000;
const percent = 'expected a percentage, like 5%';

export const reconcileCommand = defineCommand({
  name: 'reconcile',
  group: 'Run',
  summary: 'Read the target back, and say where it is not what was written there',
  arguments: [['<sync>', 'name of the sync']],
  options: [
    ['--sample <percent>', 'only so many of the records, the same ones each time'],
    ['--counts', 'only how many there are, beside how many were sent'],
    ['--source', 'also which records have changed in the source since they were sent: reads it, too'],
    ['--repair', 'send what is missing or was changed by others again, as the source has it now'],
    ['--out <file>', 'write every finding to a file, one JSON object a line; it holds record values'],
  ],
  examples: ['syncline reconcile contacts-to-hubspot', 'syncline reconcile contacts-to-hubspot --sample 5%', 'syncline reconcile contacts-to-hubspot --repair'],
  input: z
    .object({
      sync: z.string(),
      sample: z
        .string()
        .regex(/^\d+(\.\d+)?%?$/, percent)
        .transform((text) => Number(text.replace('%', '')))
        .refine((value) => value > 0 && value <= 100, percent)
        .optional(),
      counts: z.boolean().default(false),
      source: z.boolean().default(false),
      repair: z.boolean().default(false),
      out: z.string().optional(),
    })
    .refine(({ counts, sample, repair, source }) => !counts || (sample === undefined && !repair && !source), '--counts goes alone: it tells of no record'),
  run: async (cli, { sync, sample, counts, source, repair, out }) => {
    const ref = await cli.session.sync(sync);
    const { definition, hash } = (await cli.session.project()).resolve(sync);
    if (repair) cli.requireConsent(`repair ${sync}`);
    await requireWorker(cli, ref, [ref.sync]);
    const queue = definition.connections[definition.sync.target.connection]?.taskQueue;
    const how = { ...(sample === undefined ? {} : { samplePercent: sample }), ...(counts ? { isOfCounts: true } : {}) };
    const compared = await compare(cli, ref, { ...how, ...(queue === undefined ? {} : { queue }) });
    const limit = out === undefined && !repair && !cli.out.isJson ? SHOWN : Number.POSITIVE_INFINITY;
    const stale = source ? await findStale(cli, sync) : [];
    const reconciliation = { ...compared, found: { ...compared.found, stale: stale.length } };
    const findings = [...(await readFindings(cli, reconciliation.id, limit)), ...stale];
    if (!repair) cli.out.document({ reconciliation, findings });
    cli.out.print(
      renderDrift(reconciliation, findings.slice(0, SHOWN), { sync, mapping: definition.sync.mapping, theme: cli.out.theme, width: cli.out.width }),
    );
    if (out !== undefined) save(cli, findings, out);
    const drift = driftCount(reconciliation);
    if (drift === 0) return EXIT.done;
    if (repair) return repairAll(cli, ref, findings, hash);
    const isStaleOnly = drift === stale.length;
    cli.out.note(`\nPut it right: ${cli.command(isStaleOnly ? `run ${sync}` : `reconcile ${sync} --repair`)}`);
    return EXIT.rejections;
  },
});

/** Runs as a workflow of its own, beside a live run. Ctrl-C leaves it going. */
async function compare(cli: Cli, ref: SyncRef, how: Pick<ReconcileRequest, 'samplePercent' | 'isOfCounts' | 'queue'>): Promise<Reconciliation> {
  const { client } = await cli.session.temporal();
  const { WorkflowFailedError, WorkflowExecutionAlreadyStartedError } = await import('@temporalio/client');
  const request: ReconcileRequest = { ref, id: makeReconciliationId(Date.now(), Math.random), ...how };
  cli.out.note(`Reading ${ref.sync}'s target back …`);
  try {
    await client.workflow.execute(RECONCILE_WORKFLOW, {
      workflowId: reconcileWorkflowId(ref),
      taskQueue: taskQueues(ref.project, ref.profile).workflows,
      args: [request],
      staticSummary: `reconcile ${ref.sync}`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError)
      throw new CliError({ exitCode: EXIT.failed, code: 'RUN_CONFLICT', message: `${ref.sync} is being reconciled already: wait for it to end.` });
    if (!(error instanceof WorkflowFailedError)) throw error;
    throw failure(deepest(error), error);
  }
  const found = await (await cli.session.ledger()).readReconciliation(syncScope(ref));
  if (found === undefined) throw new Error('a reconciliation that ended is in the ledger');
  return found;
}

/** Of history a failure has its code and a fixed sentence; the API's own words are in the log of the worker. */
function failure(failed: Error, cause: Error): CliError {
  const code = ERROR_CODES.find((known) => 'type' in failed && failed.type === known);
  const why = failed.message.replace(/ Details: syncline show\.$/, '');
  const message = `The target could not be compared: ${why} The worker's log has the API's own words.`;
  return new CliError({ exitCode: code === undefined ? EXIT.failed : exitCodeOf(code), code: code ?? 'RECONCILE_FAILED', message, cause });
}

/** Temporal wraps a failure once for the activity, and once for the workflow. */
function deepest(error: Error): Error {
  return error.cause instanceof Error ? deepest(error.cause) : error;
}

async function readFindings(cli: Cli, id: string, limit: number): Promise<readonly Finding[]> {
  const ledger = await cli.session.ledger();
  const findings: Finding[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page: Awaited<ReturnType<typeof ledger.listFindings>> = await ledger.listFindings(id, { after, limit: Math.min(PAGE, limit - findings.length) });
    findings.push(...page.map(({ number: _, ...finding }) => finding));
    after = page.length < PAGE || findings.length >= limit ? undefined : page.at(-1)?.number;
  }
  return findings;
}

/** What was told of those records is forgotten, and a run of just them sends what the source has now, by the write protocol. */
async function repairAll(cli: Cli, ref: SyncRef, findings: readonly Finding[], definitionHash: string): Promise<ExitCode> {
  const records = findings.flatMap(({ key, kind }) =>
    key !== undefined && (kind === 'missing' || kind === 'changed') ? [{ key, isMissing: kind === 'missing' }] : [],
  );
  const stale = findings.flatMap(({ key, kind }) => (key !== undefined && kind === 'stale' ? [key] : []));
  const keys = [...new Set([...records.map(({ key }) => key), ...stale])];
  if (keys.length === 0) return EXIT.rejections;
  if (!(await cli.allowChange(`Send ${plural(keys.length, 'record')} of ${ref.sync} again?`))) return EXIT.rejections;
  await (await cli.session.ledger()).doubtTold(syncScope(ref), records);
  const options = { keys };
  const started = await startRun(cli, {
    ref,
    trigger: 'keys',
    options,
    definitionHash,
    useWorkerVersion: false,
    audited: { action: 'repair.started', details: { records: keys.length } },
    details: 'repair of what a reconciliation found',
  });
  if (started.isNew) return followToEnd(cli, ref, started.runId);
  cli.out.note(`${ref.sync} is running (${started.runId}): the records are sent by the next run that reads them.`);
  return EXIT.rejections;
}

function save(cli: Cli, findings: readonly Finding[], file: string): void {
  try {
    writeFileSync(cli.file(file), findings.map((finding) => `${JSON.stringify(finding)}\n`).join(''), { mode: 0o600 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError({ exitCode: EXIT.usage, code: 'FINDINGS_NOT_SAVED', message: `The findings could not be written to ${file}: ${why}.` });
  }
  cli.out.note(`\n${plural(findings.length, 'finding')} written to ${file}. It holds record values: keep it as you keep those.`);
}
