import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import { defineCommand, wholeNumber } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { plural } from '../output/text.ts';
import { findDeployment, type Rollout, type RolloutBuild, readRollout } from '../rollout/read-rollout.ts';
import { renderRollout } from '../rollout/render-rollout.ts';
import { makeCurrent, rampUp, unpin } from '../rollout/steer-rollout.ts';

const WORKERS_COME_WITHIN_MS = 10_000;
const ACTIONS = ['status', 'current', 'ramp', 'move', 'leave'] as const;

export const rolloutCommand = defineCommand({
  name: 'rollout',
  group: 'Serve',
  summary: 'Builds of the workers: who runs on which, and which one new runs go to',
  arguments: [
    ['[action]', `${ACTIONS.join(', ')}; status where none is given`],
    ['[build]', 'of current, ramp and move: SYNCLINE_BUILD_ID of its workers'],
  ],
  options: [['--percent <n>', 'ramp: so many of the syncs, chosen by their names, go to the build; 0 ends it']],
  examples: ['syncline rollout', 'syncline rollout ramp 2 --percent 10', 'syncline rollout current 2', 'syncline rollout move 1', 'syncline rollout leave'],
  input: z
    .object({
      action: z.enum(ACTIONS, `expected ${ACTIONS.join(', ')}`).default('status'),
      build: z.string().optional(),
      percent: wholeNumber(0, 100).optional(),
    })
    .refine(({ action, build }) => action === 'status' || action === 'leave' || build !== undefined, 'Name the build: rollout current BUILD')
    .refine(({ action, percent }) => (action === 'ramp') === (percent !== undefined), 'Say how much, of ramp only: rollout ramp BUILD --percent 10'),
  run: async (cli, { action, build = '', percent = 0 }) => {
    const rollout = await (action === 'current' || (action === 'ramp' && percent > 0) ? readWithWorkers(cli, build) : read(cli));
    switch (action) {
      case 'status':
        cli.out.document({ rollout });
        cli.out.print(renderRollout(rollout, cli.out.theme, (words) => cli.command(words)));
        return EXIT.done;
      case 'current':
        return current(cli, rollout, requireBuild(cli, rollout, build));
      case 'ramp':
        return ramp(cli, rollout, requireBuild(cli, rollout, build), percent);
      case 'move':
        return move(cli, rollout, requireBuild(cli, rollout, build));
      case 'leave':
        return leave(cli, rollout);
    }
  },
});

async function read(cli: Cli): Promise<Rollout> {
  const { name: project, profile } = await cli.session.project();
  const temporal = await cli.session.temporal();
  return readRollout(temporal, { project, profile }, await findDeployment(temporal, { project, profile }, cli.env));
}

/** Who starts workers and makes their build current in one go is a moment ahead of them. */
async function readWithWorkers(cli: Cli, build: string): Promise<Rollout> {
  const signal = cli.interrupted();
  const end = Date.now() + WORKERS_COME_WITHIN_MS;
  for (let isFirst = true; ; isFirst = false) {
    const rollout = await read(cli);
    if (rollout.builds.some(({ buildId, workers }) => buildId === build && workers > 0) || Date.now() > end || signal.aborted) return rollout;
    if (isFirst) cli.out.note(`Waiting for a worker of build ${build} …`);
    await sleep(500, undefined, { signal }).catch(() => undefined);
  }
}

async function current(cli: Cli, rollout: Rollout, build: RolloutBuild): Promise<ExitCode> {
  requireWorkers(build);
  if (!(await cli.allowChange(`Let new runs, and those that may move, go to build ${build.buildId}?`))) return EXIT.done;
  await makeCurrent(cli, rollout.deployment, build.buildId);
  await cli.audit.record('rollout.changed', { details: { build: build.buildId, percent: 100 } });
  return told(cli, `Build ${build.buildId} is current: new runs go to it, and those that may move.`);
}

async function ramp(cli: Cli, rollout: Rollout, build: RolloutBuild, percent: number): Promise<ExitCode> {
  if (percent > 0) requireWorkers(build);
  if (!(await cli.allowChange(`Let ${percent} % of the syncs, with runs that may move, go to build ${build.buildId}?`))) return EXIT.done;
  await rampUp(await cli.session.temporal(), rollout.deployment, build.buildId, percent);
  await cli.audit.record('rollout.changed', { details: { build: build.buildId, percent } });
  return told(cli, percent === 0 ? 'The ramp has ended.' : `${percent} % of the syncs, with runs that may move, go to build ${build.buildId}.`);
}

async function move(cli: Cli, { builds }: Rollout, { buildId, pinned, percent }: RolloutBuild): Promise<ExitCode> {
  const others = builds.filter((other) => other.buildId !== buildId && other.percent > 0);
  if (percent > 0 && others.length === 0)
    throw new CliError({ exitCode: EXIT.usage, code: 'USAGE', message: `Build ${buildId} is current: its runs have nowhere to move to.` });
  if (pinned.length === 0) return told(cli, `Build ${buildId} has no pinned run that is alive.`);
  if (!(await cli.allowChange(`Let ${plural(pinned.length, 'pinned run')} of build ${buildId} go on where new runs go?`))) return EXIT.done;
  const temporal = await cli.session.temporal();
  let moved = 0;
  for (const workflowId of pinned) if (await unpin(temporal, workflowId)) moved += 1;
  await cli.audit.record('rollout.moved', { details: { build: buildId, runs: moved } });
  return told(cli, `${plural(moved, 'pinned run')} of build ${buildId} ${moved === 1 ? 'goes' : 'go'} on where new runs go, from the next step on.`);
}

async function leave(cli: Cli, rollout: Rollout): Promise<ExitCode> {
  if (rollout.builds.length === 0) return told(cli, 'No worker of a build has ever run: new runs go to workers without one.');
  if (!(await cli.allowChange('Let new runs, and those that may move, go to workers without a build?'))) return EXIT.done;
  await makeCurrent(cli, rollout.deployment, undefined);
  await cli.audit.record('rollout.changed', { details: { build: null, percent: 100 } });
  return told(cli, 'No build is current: new runs go to workers without SYNCLINE_BUILD_ID, and those that may move.');
}

async function told(cli: Cli, sentence: string): Promise<ExitCode> {
  cli.out.document({ rollout: await read(cli) });
  cli.out.print(`${cli.out.theme.good('✓')} ${sentence}`);
  cli.out.note(`See who runs on what: ${cli.command('rollout')}`);
  return EXIT.done;
}

/** @throws CliError where no worker of it has ever run */
function requireBuild(cli: Cli, { deployment, builds }: Rollout, buildId: string): RolloutBuild {
  const found = builds.find((build) => build.buildId === buildId);
  if (found !== undefined) return found;
  const known = builds.length === 0 ? 'It has none yet' : `It has ${builds.map((build) => build.buildId).join(', ')}`;
  const message = `${deployment} has no build ${buildId}. ${known}: a build is known once a worker with SYNCLINE_BUILD_ID=${buildId} runs (${cli.command('worker')}).`;
  throw new CliError({ exitCode: EXIT.usage, code: 'UNKNOWN_BUILD', message });
}

/** @throws CliError (exit 5) where what goes to it would wait */
function requireWorkers({ buildId, workers }: RolloutBuild): void {
  if (workers > 0) return;
  const message = `No worker of build ${buildId} is running: what goes to it would wait. Start one with SYNCLINE_BUILD_ID=${buildId} first.`;
  throw new CliError({ exitCode: EXIT.unreachable, code: 'NO_WORKER', message });
}
