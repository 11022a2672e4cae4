import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { Cli } from '../../client/cli.ts';
import { CliError } from '../../client/cli-error.ts';
import { findLiveRun, startRun } from '../../client/starting/start-run.ts';
import { requireWorker } from '../../client/temporal/live-run.ts';
import { SyncError } from '../../engine/errors.ts';
import { type SyncRef, syncScope } from '../../engine/ids.ts';
import { type Answer, type Asked, problem, type Route, unavailable } from '../serving/answer.ts';
import { type AskedRun, readAskedRun } from './asked-run.ts';
import { hasToken } from './bearer-token.ts';
import { findKeyedRun } from './keyed-run.ts';

export const START_PATH = /^\/v1\/syncs\/([^/]+)\/runs$/;
const MAX_KEY = 255;
const RETRY_AFTER_SECONDS = 10;

export interface RunRoutesOptions {
  readonly cli: Cli;
  readonly tokens: readonly string[];
  /** What `Location` begins with. */
  readonly publicUrl: string | undefined;
  readonly log: Logger;
}

/** What to say to who may not ask. */
export function refuseStranger({ headers }: Asked, tokens: readonly string[]): Answer | undefined {
  if (hasToken(headers, tokens)) return undefined;
  const title =
    tokens.length === 0 ? 'Nobody may start runs over HTTP: `listen.tokens` of syncline.yaml names no token.' : 'The bearer token is missing, or another one.';
  return problem(401, title, {}, { 'www-authenticate': 'Bearer' });
}

/** `POST /v1/syncs/NAME/runs`: starts a run as `syncline run --detach` does. The same `Idempotency-Key` answers the same run. */
export function startRuns(options: RunRoutesOptions): Route {
  const { cli, tokens } = options;
  // One after the other: two that come at once with one key are asked for the same.
  let before: Promise<unknown> = Promise.resolve();
  return async (asked) => {
    const stranger = refuseStranger(asked, tokens);
    if (stranger !== undefined) return stranger;
    const sync = START_PATH.exec(asked.path)?.[1] ?? '';
    const project = await cli.session.project();
    if (!project.syncNames.includes(sync)) return problem(404, `There is no sync of this name in ${project.name}.`);
    const key = asked.headers['idempotency-key'];
    if (key !== undefined && (key === '' || key.length > MAX_KEY)) return problem(422, `An Idempotency-Key has 1 to ${MAX_KEY} characters.`);
    const body = readAskedRun(asked.body);
    if (!('options' in body)) return problem(422, 'The body is not understood.', { errors: body.map((mistake) => ({ ...mistake })) });
    const ref = { project: project.name, profile: project.profile, sync };
    const mine = before.then(() => start(options, ref, body, key)).catch((error: unknown) => answerFailure(error));
    before = mine;
    return mine;
  };
}

async function start(options: RunRoutesOptions, ref: SyncRef, { options: runOptions, useWorkerVersion }: AskedRun, key: string | undefined): Promise<Answer> {
  const { cli, log } = options;
  const keyed = key === undefined ? undefined : await findKeyedRun(await cli.session.ledger(), syncScope(ref), key);
  if (keyed?.run !== undefined && !isDeepStrictEqual(keyed.run.options, runOptions))
    return problem(422, 'This Idempotency-Key was used for a run with other options.', { run: keyed.id });
  if (keyed?.run !== undefined && keyed.run.state !== 'requested') return accepted(options, ref, keyed.id, keyed.run.state);
  const alive = await findLiveRun(cli, ref);
  if (alive !== undefined && alive !== keyed?.id) return conflict(options, ref, alive);
  await requireWorker(cli, ref, [ref.sync]);
  const { definition, hash } = (await cli.session.project()).resolve(ref.sync);
  const { source, target } = definition.sync;
  const trigger = runOptions.keys !== undefined ? 'keys' : runOptions.limit !== undefined ? 'limit' : 'manual';
  const started = await startRun(cli, {
    ref,
    ...(keyed === undefined ? {} : { runId: keyed.id }),
    trigger,
    options: runOptions,
    definitionHash: hash,
    useWorkerVersion,
    details: `${source.connection} ${source.object} → ${target.connection} ${target.object}, matched on ${target.matchOn}; asked for over HTTP`,
  });
  if (!started.isNew && started.runId !== keyed?.id) return conflict(options, ref, started.runId);
  log.info({ sync: ref.sync, runId: started.runId }, 'a run was started over HTTP');
  return accepted(options, ref, started.runId, 'requested');
}

function accepted(options: RunRoutesOptions, ref: SyncRef, id: string, state: string): Answer {
  const url = locationOf(options, id);
  return { status: 202, headers: { location: url }, body: { run: { id, ...ref, state }, url } };
}

function conflict(options: RunRoutesOptions, { sync }: SyncRef, id: string): Answer {
  return problem(409, `${sync} is running already.`, { run: id, url: locationOf(options, id) });
}

function locationOf({ publicUrl = '' }: RunRoutesOptions, id: string): string {
  return `${publicUrl}/v1/runs/${id}`;
}

/** What a command would end with. @throws what is a defect */
export function answerFailure(error: unknown): Answer {
  const isKnown = error instanceof CliError || error instanceof SyncError;
  if (isKnown && (error.code === 'DEFINITION_INVALID' || error.code === 'SECRET_MISSING')) return problem(500, error.message, { code: error.code });
  if (isKnown)
    return { ...unavailable(error.message, RETRY_AFTER_SECONDS), body: { ...unavailable(error.message, RETRY_AFTER_SECONDS).body, code: error.code } };
  if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError') return unavailable('Another run of the sync is just ending.', 1);
  if (error instanceof Error && error.name === 'ServiceError') return unavailable('The Temporal server did not answer as expected.', RETRY_AFTER_SECONDS);
  throw error;
}
