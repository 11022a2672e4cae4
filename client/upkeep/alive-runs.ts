import type { UpkeepStore } from '../../ledger/upkeep-store.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { clean } from '../output/text.ts';

/** For what needs the ledger to itself. @throws CliError (exit 7) while a run is alive */
export async function refuseWhileAlive(ledger: Pick<UpkeepStore, 'listAliveRuns'>, verb: string): Promise<void> {
  const [alive] = await ledger.listAliveRuns();
  if (alive === undefined) return;
  const message = `A run of ${clean(alive)} is alive: wait for its end, or cancel it, and ${verb} then.`;
  throw new CliError({ exitCode: EXIT.waiting, code: 'RUN_CONFLICT', message });
}
