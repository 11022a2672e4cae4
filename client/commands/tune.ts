import { z } from 'zod';
import { TUNE_UPDATE, type TuneInput } from '../../workflows/contract.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import { requireLiveRun, requireWorkerOf } from '../temporal/live-run.ts';

const rate = 'expected a number of requests a second from 0.01 to 10,000';

export const tuneCommand = defineCommand({
  name: 'tune',
  group: 'Steer',
  summary: 'Change the pace of the live run',
  arguments: [['<sync>', 'name of the sync']],
  options: [
    ['--concurrency <n>', 'requests in flight to the target'],
    ['--batch-size <n>', "records in one write request, at most the API's own limit"],
    ['--rate <n>', 'requests a second to the target'],
  ],
  examples: ['syncline tune contacts-to-hubspot --rate 4', 'syncline tune contacts-to-hubspot --concurrency 2 --batch-size 50'],
  input: z
    .object({
      sync: z.string(),
      concurrency: wholeNumber(1, 256).optional(),
      batchSize: wholeNumber(1, 10_000).optional(),
      rate: z.coerce.number({ message: rate }).min(0.01, rate).max(10_000, rate).optional(),
    })
    .refine(
      (input) => input.concurrency !== undefined || input.batchSize !== undefined || input.rate !== undefined,
      'Say what to tune: --concurrency, --batch-size or --rate',
    ),
  run: async (cli, input) => {
    const { ref, run, handle } = await requireLiveRun(cli, input.sync, 'tune');
    cli.requireConsent(`tune ${input.sync}`);
    await requireWorkerOf(cli, ref, handle.workflowId);
    const tune: TuneInput = {
      ...(input.concurrency === undefined ? {} : { concurrency: input.concurrency }),
      ...(input.batchSize === undefined ? {} : { batchSize: input.batchSize }),
      ...(input.rate === undefined ? {} : { requestsPerSecond: input.rate }),
    };
    const { client } = await cli.session.temporal();
    const { WorkflowUpdateFailedError } = await import('@temporalio/client');
    try {
      const now = await client.connection.withDeadline(Date.now() + 30_000, () => handle.executeUpdate<TuneInput, [TuneInput]>(TUNE_UPDATE, { args: [tune] }));
      await cli.audit.record('run.tuned', { sync: input.sync, runId: run.id, details: { ...tune } });
      cli.out.document({ run: run.id, control: now });
      cli.out.print(`${cli.out.theme.good('✓')} ${input.sync} now runs with ${words(now)} (${run.id}).`);
      return EXIT.done;
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
      throw new CliError({ exitCode: EXIT.usage, code: 'TUNE_REFUSED', message: `The run refused: ${error.cause?.message ?? error.message}.`, cause: error });
    }
  },
});

function words(tune: TuneInput): string {
  const parts = [
    tune.requestsPerSecond === undefined ? '' : `${plural(tune.requestsPerSecond, 'request')} a second`,
    tune.concurrency === undefined ? '' : `${tune.concurrency} in flight`,
    tune.batchSize === undefined ? '' : `${plural(tune.batchSize, 'record')} a request`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}
