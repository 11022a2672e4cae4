import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { offers } from '../../definition/offered.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import { modeOf } from '../../definition/sync-mode.ts';
import { type SyncRef, syncScope } from '../../engine/ids.ts';
import { repairedKinds } from '../../engine/repairs.ts';
import type { Finding } from '../../ledger/drift-store.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import { findStale } from '../planning/find-stale.ts';
import { compareTarget } from '../reconciling/compare-target.ts';
import { driftCount, renderDrift } from '../reports/drift-report.ts';
import { hideFinding } from '../reports/hide-sensitive.ts';
import { repairSteps } from '../reports/repair-steps.ts';
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
    ['--out <file>', 'write every finding to a file, one JSON object a line; it holds record values, but sensitive ones'],
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
    if (definition.values === 'hashed' && !counts) throw nothingKept(sync);
    if (!counts) requireSearch(definition);
    if (repair) cli.requireConsent(`repair ${sync}`);
    await requireWorker(cli, ref, [ref.sync]);
    const queue = definition.connections[definition.sync.target.connection]?.taskQueue;
    const how = { ...(sample === undefined ? {} : { samplePercent: sample }), ...(counts ? { isOfCounts: true } : {}) };
    const compared = await compareTarget(cli, ref, { ...how, ...(queue === undefined ? {} : { queue }) });
    if (compared === undefined) return EXIT.done;
    const limit = out === undefined && !repair && !cli.out.isJson ? SHOWN : Number.POSITIVE_INFINITY;
    const stale = source ? await findStale(cli, sync) : [];
    const reconciliation = { ...compared, found: { ...compared.found, stale: stale.length } };
    const findings = [...(await readFindings(cli, reconciliation.id, limit)), ...stale].map((finding) => hideFinding(definition.sync, finding));
    const mode = modeOf(definition.sync.target);
    const repaired = findings.filter(({ kind, key }) => key !== undefined && repairedKinds(mode).includes(kind));
    if (!repair || repaired.length === 0) cli.out.document({ reconciliation, findings });
    cli.out.print(renderDrift(reconciliation, findings.slice(0, SHOWN), { sync, theme: cli.out.theme, width: cli.out.width }));
    if (out !== undefined) save(cli, findings, out);
    const [shared] = await (await cli.session.ledger()).listShared(syncScope(ref), { limit: 1 });
    if (shared !== undefined)
      cli.out.note(
        `\nSome target records are written by several records of the source, compared with the last of them: ${cli.command(`records ${sync} --shared`)}`,
      );
    const drift = driftCount(reconciliation);
    if (drift === 0) return EXIT.done;
    if (repair && repaired.length > 0) return repairAll(cli, ref, repaired, hash);
    for (const line of repairSteps(reconciliation, mode, { see: cli.command(`reconcile ${sync}`), run: cli.command(`run ${sync}`) })) cli.out.note(`\n${line}`);
    return EXIT.rejections;
  },
});

function nothingKept(sync: string): CliError {
  const message = `Records of ${sync} cannot be compared: \`values: hashed\` in syncline.yaml keeps nothing of what the target was told. Compare how many there are, with --counts, or keep them, with \`values: encrypted\`.`;
  return new CliError({ exitCode: EXIT.definition, code: 'DEFINITION_INVALID', message });
}

/** @throws CliError where the target cannot be asked for the records of a sync */
function requireSearch({ sync, connections }: ResolvedSync): void {
  const { connection, object, matchOn } = sync.target;
  const described = connections[connection]?.objects[object];
  if (described !== undefined && offers(described, 'search')) return;
  const message = `${connection} ${object} has no \`search\`: what is there cannot be compared. Describe how it is searched by ${matchOn}.`;
  throw new CliError({ exitCode: EXIT.definition, code: 'NO_SEARCH', message });
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
  const records = findings.flatMap(({ key, kind }) => (key !== undefined && kind !== 'stale' ? [{ key, isMissing: kind === 'missing' }] : []));
  const keys = [...new Set(findings.flatMap(({ key }) => key ?? []))];
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
