import { z } from 'zod';
import type { SyncRef } from '../../engine/ids.ts';
import { syncScope } from '../../engine/ids.ts';
import { isAside } from '../../engine/run.ts';
import type { RunOptions } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand, wholeNumber } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { listSchema } from '../list-argument.ts';
import { acceptDrift } from '../starting/accept-drift.ts';
import { followToEnd } from '../starting/conclude-run.ts';
import { previewFirstRun } from '../starting/preview-first-run.ts';
import { runGraph } from '../starting/run-graph.ts';
import { findLiveRun, startRun } from '../starting/start-run.ts';
import { tellDefinitionChange } from '../starting/tell-definition-change.ts';
import { requireWorker } from '../temporal/live-run.ts';

const inputSchema = z.object({
  sync: z.string().optional(),
  all: z.boolean().default(false),
  detach: z.boolean().default(false),
  full: z.boolean().default(false),
  key: listSchema.optional(),
  limit: wholeNumber(1, 1_000_000).optional(),
  acceptDrift: z.boolean().default(false),
  useWorkerVersion: z.boolean().default(false),
});

export const runCommand = defineCommand({
  name: 'run',
  group: 'Run',
  summary: 'Start a sync and follow it; Ctrl-C leaves it going',
  arguments: [['[sync]', 'name of the sync']],
  options: [
    ['--all', 'all syncs of the project, each after those that it depends on or refers to'],
    ['--detach', 'start it and return at once'],
    ['--full', 'read everything, whatever the cursor says'],
    ['--key <keys>', 'only these records, by primary key: K[,K]; the cursor stays'],
    ['--limit <n>', 'only the first n records; the cursor stays'],
    ['--accept-drift', 'from now on expect the source to be as the last run found it'],
    ['--use-worker-version', "run the worker's version of the definition where it differs from this folder's"],
  ],
  examples: [
    'syncline run contacts-to-hubspot',
    'syncline run contacts-to-hubspot --key 4711,4712',
    'syncline run contacts-to-hubspot --limit 3',
    'syncline run contacts-to-hubspot --accept-drift',
    'syncline run --all',
  ],
  input: inputSchema,
  run: async (cli, { sync, all, ...input }) => {
    if (all) return runAll(cli, sync, input);
    if (sync === undefined) throw usage('Name a sync, or pass --all. See "syncline run --help".');
    const ref = await cli.session.sync(sync);
    const project = await cli.session.project();
    const { definition, hash } = project.resolve(sync);
    const options = runOptions(input);
    const alive = await findLiveRun(cli, ref);
    if (alive !== undefined) return followAlive(cli, ref, alive, input);
    await requireWorker(cli, ref, [ref.sync]);
    if (!(await mayBegin(cli, ref, input.full))) {
      cli.out.note('Nothing was started.');
      return EXIT.done;
    }
    if (input.acceptDrift) await acceptDrift(cli, ref);
    const { source, target } = definition.sync;
    const trigger = input.key !== undefined ? 'keys' : input.limit !== undefined ? 'limit' : 'manual';
    const details = `${source.connection} ${source.object} → ${target.connection} ${target.object}, matched on ${target.matchOn}`;
    const started = await startRun(cli, { ref, trigger, options, definitionHash: hash, useWorkerVersion: input.useWorkerVersion, details });
    if (!started.isNew) return followAlive(cli, ref, started.runId, input);
    return input.detach ? leave(cli, ref, started.runId, 'runs') : begin(cli, ref, started.runId);
  },
});

type Options = Omit<z.output<typeof inputSchema>, 'sync' | 'all'>;

async function runAll(cli: Cli, sync: string | undefined, input: Options): Promise<ExitCode> {
  if (sync !== undefined) throw usage(`Name a sync or pass --all, not both: ${sync} is one of all.`);
  if (input.key !== undefined || input.limit !== undefined || input.acceptDrift)
    throw usage('--key, --limit and --accept-drift are for one sync: name it in the place of --all.');
  return runGraph(cli, input);
}

function usage(message: string): CliError {
  return new CliError({ exitCode: EXIT.usage, code: 'USAGE', message });
}

function runOptions(input: Options): RunOptions {
  return {
    ...(input.key === undefined ? {} : { keys: input.key }),
    ...(input.limit === undefined ? {} : { limit: input.limit }),
    ...(input.full ? { full: true } : {}),
  };
}

/** Following another's run would not do what was asked for with an option that it was not started with. */
async function followAlive(cli: Cli, ref: SyncRef, runId: string, input: Options) {
  const { options = {} } = (await (await cli.session.ledger()).readRun(runId)) ?? {};
  const isOther = { '--full': input.full && options.full !== true, '--key': input.key !== undefined, '--limit': input.limit !== undefined };
  const asked = Object.entries({ ...isOther, '--accept-drift': input.acceptDrift }).flatMap(([flag, isAsked]) => (isAsked ? [flag] : []));
  if (asked.length > 0) {
    const message = `${ref.sync} is already running (${runId}), without ${asked.join(', ')}. Follow it with "${cli.command(`run ${ref.sync}`)}" or stop it with "${cli.command(`cancel ${ref.sync}`)}" first.`;
    throw new CliError({ exitCode: EXIT.failed, code: 'RUN_CONFLICT', message });
  }
  const isPart = isAside(options);
  if (isPart) cli.out.note(`${ref.sync} is already running for a part of what it says: run it again when that is done.`);
  if (input.detach) return leave(cli, ref, runId, 'is already running');
  cli.out.note(`${ref.sync} is already running (${runId}): following it.`);
  cli.out.event({ event: 'already-running', run: runId, isPart });
  return followToEnd(cli, ref, runId);
}

/** The first run of a sync on a profile, and the first of another definition, are shown before they happen, where a person is there to look. */
async function mayBegin(cli: Cli, ref: SyncRef, isFull: boolean): Promise<boolean> {
  const ledger = await cli.session.ledger();
  const asks = !cli.flags.yes && cli.isInteractive;
  if ((await ledger.listRuns(syncScope(ref), 1)).length > 0) {
    const isNews = await tellDefinitionChange(cli, ref, isFull);
    return isNews && asks ? cli.confirm(`Start ${ref.sync} on ${ref.profile}?`) : true;
  }
  if (!asks) return true;
  await previewFirstRun(cli, ref.sync);
  return cli.confirm(`Start ${ref.sync} on ${ref.profile}?`);
}

function begin(cli: Cli, ref: SyncRef, runId: string) {
  cli.out.event({ event: 'started', run: runId, ...ref });
  if (!cli.out.isLive) cli.out.note(`${ref.sync} started as ${runId}`);
  return followToEnd(cli, ref, runId);
}

function leave(cli: Cli, ref: SyncRef, runId: string, state: 'runs' | 'is already running') {
  cli.out.document({ run: { id: runId, ...ref }, isNew: state === 'runs' });
  cli.out.print(runId);
  cli.out.note(`${ref.sync} ${state}. Follow it: ${cli.command(`run ${ref.sync}`)}. Look at it: ${cli.command(`show ${runId}`)}.`);
  return EXIT.done;
}
