import type { SyncRef } from '../../engine/ids.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { findLiveRun, type StartOptions, startRun } from './start-run.ts';

/** @param doing what is to wait, as an order: `apply the plan` @throws CliError while a run of the sync is alive */
export async function refuseLiveRun(cli: Cli, ref: SyncRef, doing: string): Promise<void> {
  const alive = await findLiveRun(cli, ref);
  if (alive !== undefined) throw liveRun(cli, ref, alive, doing);
}

/** Starts a run that no other can stand in for. @param doing as of `refuseLiveRun` @throws CliError where another has begun meanwhile */
export async function startOwnRun(cli: Cli, doing: string, options: StartOptions): Promise<string> {
  const { runId, isNew } = await startRun(cli, options);
  if (!isNew) throw liveRun(cli, options.ref, runId, doing);
  return runId;
}

function liveRun(cli: Cli, { sync }: SyncRef, alive: string, doing: string): CliError {
  const message = `${sync} is running (${alive}); ${doing} when it is done. Follow it: ${cli.command(`run ${sync}`)}`;
  return new CliError({ exitCode: EXIT.failed, code: 'RUN_CONFLICT', message });
}
