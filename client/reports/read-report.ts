import { resolvedSyncSchema } from '../../definition/resolved.ts';
import { modeOf } from '../../definition/sync-mode.ts';
import { reconciliationIdOf } from '../../engine/ids.ts';
import { divideFound, leftBy } from '../../engine/repairs.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { isOpen } from '../following/run-snapshot.ts';
import { readWebUi, workflowUrl } from '../temporal/web-ui.ts';
import { withHints } from './rejection-groups.ts';
import { makeRunReport, type RunReport } from './run-report.ts';
import { takeAwayOf } from './take-away.ts';

const DEFAULT_MAX_REJECTED_PERCENT = 10;

/**
 * Gathers a run's report from the ledger. Needs no Temporal server.
 * @param rejections what of the sync is rejected or held: `told` where the run met some, or always as it is `now`
 */
export async function readReport(cli: Cli, run: Run, rejections: 'told' | 'now' = 'told'): Promise<RunReport> {
  const ledger = await cli.session.ledger();
  const project = await cli.session.project();
  const frozen = run.definitionHash === undefined ? undefined : await ledger.readDefinition(run.definitionHash);
  const definition = resolvedSyncSchema.safeParse(frozen).data;
  const hints = Object.values(definition?.connections ?? {}).flatMap((connection) => connection.hints);
  const tellsRejections = rejections === 'now' || run.totals.rejected > 0 || run.totals.held > 0;
  const reconciliation = await ledger.readReconciliation(run.scope);
  const isOwn = reconciliation?.id === reconciliationIdOf(run.id);
  const shape = await ledger.readRunShape(run.id);
  const ui = readWebUi(project.directory, cli.env);
  return makeRunReport({
    run: isOpen(run.state) ? run : { ...run, waits: [] },
    rejections: tellsRejections ? withHints(await ledger.groupRejections(run.scope), hints) : [],
    maxRejectedPercent: definition?.maxRejectedPercent ?? DEFAULT_MAX_REJECTED_PERCENT,
    drift:
      reconciliation !== undefined && isOwn
        ? {
            checked: reconciliation.checked,
            found: reconciliation.found,
            ...(reconciliation.counts === undefined ? {} : { counts: reconciliation.counts }),
            left: divideFound(reconciliation.found, {
              repair: definition?.reconcile?.repair === true,
              leaves: definition === undefined ? undefined : leftBy(modeOf(definition.sync.target)),
            }).left,
          }
        : undefined,
    shape,
    takeAway: await takeAwayOf(cli, run),
    url: run.workflowId === undefined ? undefined : workflowUrl(ui, run.workflowId, run.firstExecutionRunId),
    now: Date.now(),
  });
}
