import { Readable, Writable } from 'node:stream';
import type { Logger } from 'pino';
import { Cli } from '../client/cli.ts';
import type { GlobalFlags } from '../client/flags.ts';
import { refuseMistakes } from '../client/reports/mistakes.ts';
import type { Shell } from '../client/shell.ts';
import { parseSyncScope, type SyncRef } from '../engine/ids.ts';
import { openLedgerInThread } from '../ledger/thread/open-ledger-in-thread.ts';
import { Counts } from './counts.ts';
import { makeHook } from './deliveries/hooks.ts';
import { HOOK_PATH, takeDeliveries } from './deliveries/take-delivery.ts';
import { Waker } from './deliveries/waker.ts';
import { answerHealth, answerReadiness, HEALTH_PATH, READY_PATH } from './health.ts';
import { type ListenerProject, loadListenerProject } from './listener-project.ts';
import { SHOW_PATH, showRuns } from './runs/show-run.ts';
import { START_PATH, startRuns } from './runs/start-run.ts';
import { type ListenerServer, type Served, startListenerServer } from './serving/listener-server.ts';
import { serveMetrics } from './serving/metrics-server.ts';
import type { ListenerSettings } from './settings.ts';

/** A listener for one project and profile. */
export interface Listener {
  readonly project: string;
  readonly profile: string;
  /** Where it listens. */
  readonly url: string;
  /** What each vendor is given. */
  readonly hooks: readonly { readonly connection: string; readonly scheme: string; readonly url: string }[];
  /** Runs may be started over HTTP. */
  readonly hasTokens: boolean;
  readonly counts: Counts;
  /** Ends requests in flight in order, then closes all that is open. */
  stop(): Promise<void>;
}

/** What a listener is made of besides its settings. */
export interface ListenerParts {
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  /** Tells the workflow of a sync that there are events. */
  readonly sendWake: (cli: Cli, ref: SyncRef) => Promise<void>;
  /** @default in a thread of its own */
  readonly openLedger?: typeof openLedgerInThread;
  /** Milliseconds since the epoch. @default the machine's clock */
  readonly now?: () => number;
  /** @default 15000 */
  readonly requestTimeoutMs?: number;
}

/** Temporal may be away: what is delivered waits in the ledger. @throws CliError, SyncError where definitions, secrets, ledger or port cannot be used */
export async function startListener(settings: ListenerSettings, parts: ListenerParts): Promise<Listener> {
  const { env, log, openLedger = openLedgerInThread, now = () => Date.now() } = parts;
  const flags: GlobalFlags = { project: settings.project, profile: settings.profile, json: false, quiet: true, yes: true, color: false };
  const cli = new Cli(flags, shellOf(env, log), { way: 'api', openLedger });
  try {
    refuseMistakes(cli, (await cli.session.project()).mistakes);
    const project = loadListenerProject(cli.session.directory, settings.profile, env);
    const ledger = await cli.session.ledger();
    const counts = new Counts();
    const waker = makeWaker(cli, project, parts, counts);
    let isStopping = false;
    const served = routesOf({ cli, project, parts, counts, now, wake: (sync) => waker.wake(sync), isStopping: () => isStopping, ledger });
    const { metrics: at } = settings;
    const metrics = at === undefined ? undefined : await serveMetrics(at, counts, () => whatIsMissing(ledger, project));
    const server = await startListenerServer({ ...settings, ...parts, maxBytes: project.listen.maxBytes, served, counts, log, now }).catch(
      async (error: unknown) => {
        await metrics?.close();
        throw error;
      },
    );
    // What an earlier listener accepted, and could wake nobody for.
    for (const { scope } of await ledger.countOpenEvents(`${project.name}/${project.profile}/`)) waker.wake(parseSyncScope(scope).sync);
    return {
      ...describe(project, server),
      counts,
      stop: async () => {
        isStopping = true;
        await server.stop(settings.graceMs);
        waker.stop();
        await metrics?.close();
        await cli.session.close();
      },
    };
  } catch (error) {
    await cli.session.close();
    throw error;
  }
}

/** What the client would print goes into the log. */
function shellOf(env: NodeJS.ProcessEnv, log: Logger): Shell {
  const told = () => new Writable({ write: (chunk, _, done) => done(void log.warn(String(chunk).trim())) });
  return { stdin: Readable.from([]), stdout: told(), stderr: told(), env, directory: process.cwd(), onInterrupt: () => undefined };
}

function describe({ name, profile, listen, hooks }: ListenerProject, { url }: ListenerServer): Omit<Listener, 'counts' | 'stop'> {
  const from = listen.publicUrl ?? url;
  return {
    project: name,
    profile,
    url,
    hooks: hooks.map(({ webhooks: { connection, signature } }) => ({ connection, scheme: signature.type, url: `${from}/webhooks/${connection}` })),
    hasTokens: listen.tokens.length > 0,
  };
}

function makeWaker(cli: Cli, { name, profile }: ListenerProject, { sendWake, log }: ListenerParts, counts: Counts): Waker {
  return new Waker({
    send: (sync) => sendWake(cli, { project: name, profile, sync }),
    onSent: (sync) => counts.add('wakes', { sync, outcome: 'sent' }),
    onFailed: (sync, error) => {
      counts.add('wakes', { sync, outcome: 'failed' });
      log.warn(
        { sync, reason: error instanceof Error ? error.message : String(error) },
        'a sync could not be woken; its events wait in the ledger, and it is tried again',
      );
    },
  });
}

/** Deliveries need the ledger alone. */
function whatIsMissing(ledger: ListenerLedger, project: ListenerProject): Promise<readonly string[]> {
  return askLedger(ledger, project).then(
    () => [],
    () => ['the ledger does not answer'],
  );
}

function askLedger(ledger: ListenerLedger, { name, profile }: ListenerProject): Promise<unknown> {
  return ledger.listRuns(`${name}/${profile}/`, 1);
}

type ListenerLedger = Awaited<ReturnType<Cli['session']['ledger']>>;

interface RouteParts {
  readonly cli: Cli;
  readonly project: ListenerProject;
  readonly parts: ListenerParts;
  readonly counts: Counts;
  readonly now: () => number;
  readonly wake: (sync: string) => void;
  readonly isStopping: () => boolean;
  readonly ledger: ListenerLedger;
}

function routesOf({ cli, project, parts: { log }, counts, wake, isStopping, ledger }: RouteParts): readonly Served[] {
  const { name, profile, listen, hooks } = project;
  const runs = { cli, tokens: listen.tokens, publicUrl: listen.publicUrl, log };
  const deliveries = {
    project: name,
    profile,
    hooks: hooks.map(({ webhooks, syncs }) => makeHook(webhooks, syncs)),
    publicUrl: listen.publicUrl,
    ledger,
    wake,
    counts,
    log,
  };
  const probes = {
    ledger: () => askLedger(ledger, project),
    temporal: async () => {
      const { client } = await cli.session.temporal();
      return client.connection.withDeadline(Date.now() + 3_000, () => client.workflowService.getSystemInfo({}));
    },
  };
  return [
    { name: '/webhooks/NAME', path: HOOK_PATH, methods: ['POST'], route: takeDeliveries(deliveries) },
    { name: '/v1/syncs/NAME/runs', path: START_PATH, methods: ['POST'], route: startRuns(runs) },
    { name: '/v1/runs/RUN', path: SHOW_PATH, methods: ['GET', 'HEAD'], route: showRuns(runs) },
    { name: '/healthz', path: HEALTH_PATH, methods: ['GET', 'HEAD'], route: answerHealth },
    { name: '/readyz', path: READY_PATH, methods: ['GET', 'HEAD'], route: answerReadiness({ probes, isStopping }) },
  ];
}
