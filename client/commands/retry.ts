import { z } from 'zod';
import { syncScope } from '../../engine/ids.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { listSchema } from '../list-argument.ts';
import { plural } from '../output/text.ts';
import { followToEnd } from '../starting/conclude-run.ts';
import { refuseLiveRun, startOwnRun } from '../starting/refuse-live-run.ts';
import { requireWorker } from '../temporal/live-run.ts';

export const retryCommand = defineCommand({
  name: 'retry',
  group: 'Run',
  summary: 'Send what is rejected or held again',
  arguments: [['<sync>', 'name of the sync']],
  options: [
    ['--key <keys>', 'only these, by primary key: K[,K]'],
    ['--detach', 'start it and return at once'],
    ['--use-worker-version', "use the worker's version of the definition where it differs from this folder's"],
  ],
  examples: ['syncline retry contacts-to-hubspot', 'syncline retry contacts-to-hubspot --key 4711'],
  input: z.object({ sync: z.string(), key: listSchema.optional(), detach: z.boolean().default(false), useWorkerVersion: z.boolean().default(false) }),
  run: async (cli, { sync, key, detach, useWorkerVersion }) => {
    const ref = await cli.session.sync(sync);
    const { hash } = (await cli.session.project()).resolve(sync);
    const found = await findRetriable(await cli.session.ledger(), syncScope(ref), key);
    const { count } = found;
    if (count === 0) {
      cli.out.document({ sync, records: 0 });
      cli.out.print(
        key === undefined
          ? `${sync} has no rejected or held record that can be sent again.`
          : `None of these is a rejected or held record of ${sync} that can be sent again.`,
      );
      return EXIT.done;
    }
    await refuseLiveRun(cli, ref, 'retry');
    await requireWorker(cli, ref, [ref.sync]);
    if (!(await cli.allowChange(`Send ${retriableWords(found)} of ${sync} again?`))) return EXIT.done;
    const options = { retry: true, ...(key === undefined ? {} : { keys: key }) };
    const runId = await startOwnRun(cli, 'retry', {
      ref,
      trigger: 'retry',
      options,
      definitionHash: hash,
      useWorkerVersion,
      audited: { action: 'retry.started', details: { records: count } },
      details: 'Rejected and held records of earlier runs, sent again',
    });
    cli.out.note(`Sending ${retriableWords(found)} again as ${runId}`);
    if (!detach) return followToEnd(cli, ref, runId);
    cli.out.document({ run: { id: runId, ...ref }, records: count });
    cli.out.print(runId);
    return EXIT.done;
  },
});

interface Retriable {
  readonly count: number;
  readonly hasRejected: boolean;
  readonly hasHeld: boolean;
}

export function retriableWords({ count, hasRejected, hasHeld }: Retriable): string {
  return plural(count, `${hasRejected && hasHeld ? 'rejected or held' : hasHeld ? 'held' : 'rejected'} record`);
}

async function findRetriable(ledger: Ledger, scope: string, keys: readonly string[] | undefined): Promise<Retriable> {
  if (keys === undefined) {
    const { retriable, rejected, held } = await ledger.countRecords(scope);
    return { count: retriable, hasRejected: rejected > 0, hasHeld: held > 0 };
  }
  const listed = await ledger.listRejected(scope, { limit: keys.length, keys });
  const states = [
    ...(
      await ledger.readRecords(
        scope,
        listed.map(({ key }) => key),
      )
    ).values(),
  ];
  const has = (outcome: string) => states.some(({ lastOutcome }) => lastOutcome === outcome);
  return { count: listed.length, hasRejected: has('rejected'), hasHeld: has('held') };
}
