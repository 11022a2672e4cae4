import { setTimeout as sleep } from 'node:timers/promises';
import type { Cli } from '../cli.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { isHeard } from '../temporal/live-run.ts';
import { readWorkflowState } from '../temporal/workflow-state.ts';
import { requireComparison } from './find-comparison.ts';

const PATIENCE_MS = 90_000;
const LOOK_EVERY_MS = 250;

/** It only reads: nothing in the target changes by its end. */
export async function cancelComparison(cli: Cli, sync: string): Promise<ExitCode> {
  const { ref, handle } = await requireComparison(cli, sync);
  if (!(await cli.allowChange(`Cancel the comparison of ${sync}?`))) return EXIT.done;
  await handle.cancel();
  await cli.audit.record('reconcile.cancelled', { sync });
  const hasEnded = (await isHeard(cli, ref, handle.workflowId)) && (await waitForEnd(cli, handle.workflowId));
  cli.out.document({ sync, reconcile: 'cancelled', isEnded: hasEnded });
  cli.out.print(
    hasEnded
      ? `${cli.out.theme.warning('■')} The comparison of ${sync} was cancelled; what it had found is not told.`
      : `The comparison of ${sync} was asked to stop; it does when a worker takes the message.`,
  );
  cli.out.note(`Compare anew: ${cli.command(`reconcile ${sync}`)}`);
  return EXIT.done;
}

async function waitForEnd(cli: Cli, workflowId: string): Promise<boolean> {
  const temporal = await cli.session.temporal();
  const signal = cli.interrupted();
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until && !signal.aborted; await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined))
    if ((await readWorkflowState(temporal, workflowId))?.isRunning !== true) return true;
  return false;
}
