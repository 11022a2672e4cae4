import type { SyncRef } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { findLiveRun } from './start-run.ts';

/** @param doing what is to wait, as an order: `apply the plan` @throws CliError while a run of the sync is alive */
export async function refuseLiveRun(cli: Cli, ref: SyncRef, doing: string): Promise<void> {
  const alive = await findLiveRun(cli, ref);
  if (alive === undefined) return;
  const message = `${ref.sync} is running (${alive}); ${doing} when it is done. Follow it: ${cli.command(`run ${ref.sync}`)}`;
  throw new CliError({ exitCode: EXIT.failed, code: 'RUN_CONFLICT', message });
}
