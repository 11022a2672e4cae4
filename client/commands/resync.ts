import { z } from 'zod';
import { modeOf } from '../../definition/sync-mode.ts';
import { compileExpression, evaluateOrNothing } from '../../engine/expression.ts';
import { ExpressionError } from '../../engine/expression-error.ts';
import { syncScope } from '../../engine/ids.ts';
import { isTruthy } from '../../engine/truthy.ts';
import type { Ledger, RecordState } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { listSchema } from '../list-argument.ts';
import { plural } from '../output/text.ts';
import { followToEnd } from '../starting/conclude-run.ts';
import { refuseLiveRun, startOwnRun } from '../starting/refuse-live-run.ts';
import { requireWorker } from '../temporal/live-run.ts';

const PAGE = 1_000;
/** So many are asked for by their keys; more are met by a read of everything. */
const BY_KEY = 200;

export const resyncCommand = defineCommand({
  name: 'resync',
  group: 'Run',
  summary: 'Send records again, whatever the target was told of them',
  arguments: [['<sync>', 'name of the sync']],
  options: [
    ['--key <keys>', 'these, by primary key: K[,K]'],
    ['--where <expression>', 'those of which it is true, over the fields as they were sent last'],
    ['--all', 'all of them'],
    ['--detach', 'start it and return at once'],
  ],
  examples: [
    'syncline resync contacts-to-hubspot --key 4711',
    `syncline resync contacts-to-hubspot --where "lifecyclestage = 'lead'"`,
    'syncline resync contacts-to-hubspot --all',
  ],
  input: z
    .object({ sync: z.string(), key: listSchema.optional(), where: z.string().optional(), all: z.boolean().default(false), detach: z.boolean().default(false) })
    .refine(({ key, where, all }) => [key !== undefined, where !== undefined, all].filter(Boolean).length === 1, 'Pass one of --key, --where and --all'),
  run: async (cli, { sync, key, where, detach }) => {
    const ref = await cli.session.sync(sync);
    const { definition, hash } = (await cli.session.project()).resolve(sync);
    if (modeOf(definition.sync.target) === 'insert') throw nothingChanged(cli, sync);
    const ledger = await cli.session.ledger();
    const scope = syncScope(ref);
    const isWanted = where === undefined ? async () => true : compileWhere(where);
    const keys = key === undefined ? await toldKeys(ledger, scope, isWanted) : await knownOf(ledger, scope, key);
    if (keys.length === 0) {
      cli.out.document({ sync, records: 0 });
      cli.out.print(`Nothing that ${sync} has sent is meant: there is nothing to send again.`);
      return EXIT.done;
    }
    await refuseLiveRun(cli, ref, 'resync');
    await requireWorker(cli, ref, [ref.sync]);
    if (!(await cli.allowChange(`Send ${plural(keys.length, 'record')} of ${sync} to ${ref.profile} again?`))) return EXIT.done;
    // Where the run is stopped, what it has not sent is sent by the next that reads it.
    for (let at = 0; at < keys.length; at += PAGE) {
      await ledger.doubtTold(
        scope,
        keys.slice(at, at + PAGE).map((one) => ({ key: one, isMissing: false })),
      );
    }
    const isOfFew = keys.length <= BY_KEY;
    const runId = await startOwnRun(cli, 'resync', {
      ref,
      trigger: isOfFew ? 'keys' : 'manual',
      options: isOfFew ? { keys } : { full: true },
      definitionHash: hash,
      useWorkerVersion: false,
      audited: { action: 'resync.started', details: { records: keys.length } },
      details: `${plural(keys.length, 'record')} sent again, whatever the target was told`,
    });
    cli.out.note(`Sending ${plural(keys.length, 'record')} again as ${runId}`);
    if (!detach) return followToEnd(cli, ref, runId);
    cli.out.document({ run: { id: runId, ...ref }, records: keys.length });
    cli.out.print(runId);
    return EXIT.done;
  },
});

function nothingChanged(cli: Cli, sync: string): CliError {
  const message = `${sync} has mode insert, which leaves what the target has as it is: nothing would be sent again. Set \`mode: upsert\` to write over it; "${cli.command(`reconcile ${sync} --repair`)}" sends what is missing there.`;
  return new CliError({ exitCode: EXIT.definition, code: 'DEFINITION_INVALID', message });
}

/** @throws CliError where it is no expression */
function compileWhere(where: string): (record: RecordState) => Promise<boolean> {
  try {
    const expression = compileExpression(where);
    return async ({ fields = {} }) => isTruthy(await evaluateOrNothing(expression, fields));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `--where is no expression: ${error.message}.`, cause: error });
  }
}

/** What the target was told of, and was not taken from it. */
async function toldKeys(ledger: Ledger, scope: string, isWanted: (record: RecordState) => Promise<boolean>): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let afterKey: string | undefined = ''; afterKey !== undefined; ) {
    const page: readonly RecordState[] = await ledger.listRecords(scope, { afterKey, limit: PAGE });
    for (const record of page) if (record.contentHash !== undefined && record.contentHash !== 'archived' && (await isWanted(record))) keys.push(record.key);
    afterKey = page.length < PAGE ? undefined : page.at(-1)?.key;
  }
  return keys;
}

async function knownOf(ledger: Ledger, scope: string, keys: readonly string[]): Promise<readonly string[]> {
  const known = await ledger.readRecords(scope, keys);
  return keys.filter((key) => known.get(key)?.contentHash !== undefined);
}
