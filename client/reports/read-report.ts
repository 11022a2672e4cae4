import { resolvedSyncSchema } from '../../definition/resolved.ts';
import { reconciliationIdOf } from '../../engine/ids.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { isOpen } from '../following/run-snapshot.ts';
import { readWebUi, workflowUrl } from '../temporal/web-ui.ts';
import { withHints } from './rejection-groups.ts';
import { makeRunReport, type RunReport } from './run-report.ts';

const DEFAULT_MAX_REJECTED_PERCENT = 10;

/** Gathers a run's report from the ledger. Needs no Temporal server. */
export async function readReport(cli: Cli, run: Run): Promise<RunReport> {
  const ledger = await cli.session.ledger();
  const project = await cli.session.project();
  const frozen = run.definitionHash === undefined ? undefined : await ledger.readDefinition(run.definitionHash);
  const definition = resolvedSyncSchema.safeParse(frozen).data;
  const hints = Object.values(definition?.connections ?? {}).flatMap((connection) => connection.hints);
  const hasRejections = run.totals.rejected > 0 || run.totals.held > 0;
  const reconciliation = await ledger.readReconciliation(run.scope);
  const isOwn = reconciliation?.id === reconciliationIdOf(run.id);
  const shape = await ledger.readRunShape(run.id);
  const ui = readWebUi(project.directory, cli.env);
  return makeRunReport({
    run: isOpen(run.state) ? run : { ...run, waits: [] },
    rejections: hasRejections ? withHints(await ledger.groupRejections(run.scope), hints) : [],
    maxRejectedPercent: definition?.maxRejectedPercent ?? DEFAULT_MAX_REJECTED_PERCENT,
    drift:
      reconciliation !== undefined && isOwn
        ? {
            checked: reconciliation.checked,
            found: reconciliation.found,
            ...(reconciliation.counts === undefined ? {} : { counts: reconciliation.counts }),
            isRepaired: definition?.reconcile?.repair === true,
          }
        : undefined,
    shape,
    url: run.workflowId === undefined ? undefined : workflowUrl(ui, run.workflowId, run.firstExecutionRunId),
    now: Date.now(),
  });
}
