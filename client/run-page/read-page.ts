import { resolvedSyncSchema } from '../../definition/resolved.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { readReport } from '../reports/read-report.ts';
import { chooseStep } from './choose-step.ts';
import { makePageDocument, type PageDocument } from './page-document.ts';

const SLOWEST = 10;

/** Gathers the page of a run from the ledger. Needs no Temporal server. */
export async function readPage(cli: Cli, run: Run): Promise<PageDocument> {
  const ledger = await cli.session.ledger();
  const report = await readReport(cli, run, 'now');
  const stepMs = chooseStep(report.durationMs);
  const timeline = await ledger.readTimeline(run.id, { from: run.startedAt ?? run.requestedAt, stepMs, slowest: SLOWEST });
  const frozen = run.definitionHash === undefined ? undefined : await ledger.readDefinition(run.definitionHash);
  const definition = resolvedSyncSchema.safeParse(frozen).data;
  return makePageDocument({ report, timeline, stepMs, definition, now: Date.now() });
}
