import { z } from 'zod';
import { syncScope } from '../../engine/ids.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { defineCommand, listSchema } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import { followToEnd } from '../starting/conclude-run.ts';
import { refuseLiveRun } from '../starting/refuse-live-run.ts';
import { startRun } from '../starting/start-run.ts';
import { requireWorker } from '../temporal/live-run.ts';

export const retryCommand = defineCommand({
  name: 'retry',
  group: 'Run',
  summary: 'Send the rejected records again',
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
    const count = await countRejected(await cli.session.ledger(), syncScope(ref), key);
    if (count === 0) {
      cli.out.document({ sync, rejected: 0 });
      cli.out.print(
        key === undefined
          ? `Nothing is rejected in ${sync}: there is nothing to send again.`
          : `None of these is rejected in ${sync}: there is nothing to send again.`,
      );
      return EXIT.done;
    }
    await refuseLiveRun(cli, ref, 'retry');
    await requireWorker(cli, ref, [ref.sync]);
    if (!(await cli.allowChange(`Send ${plural(count, 'rejected record')} of ${sync} again?`))) return EXIT.done;
    const options = { retry: true, ...(key === undefined ? {} : { keys: key }) };
    const { runId } = await startRun(cli, {
      ref,
      trigger: 'retry',
      options,
      definitionHash: hash,
      useWorkerVersion,
      audited: { action: 'retry.started', details: { records: count } },
      details: 'Rejected records of earlier runs, sent again',
    });
    cli.out.note(`Sending ${plural(count, 'rejected record')} again as ${runId}`);
    if (!detach) return followToEnd(cli, ref, runId);
    cli.out.document({ run: { id: runId, ...ref }, rejected: count });
    cli.out.print(runId);
    return EXIT.done;
  },
});

async function countRejected(ledger: Ledger, scope: string, keys: readonly string[] | undefined): Promise<number> {
  if (keys === undefined) return (await ledger.countRecords(scope)).retriable;
  return (await ledger.listRejected(scope, { limit: keys.length, keys })).length;
}
