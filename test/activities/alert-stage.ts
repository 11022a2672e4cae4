import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { z } from 'zod';
import type { SendAlertsResult } from '../../activities/activities.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { notify } from '../../activities/notify.ts';
import { sendAlerts } from '../../activities/send-alerts.ts';
import { watchAlerts } from '../../activities/watch-alerts.ts';
import type { Channels } from '../../connectors/channels/port.ts';
import { loadProject } from '../../definition/load-project.ts';
import { definitionHash, resolveSync } from '../../definition/resolve-sync.ts';
import type { ResolvedConnection, ResolvedSync } from '../../definition/resolved.ts';
import { SyncError } from '../../engine/errors.ts';
import { syncScope } from '../../engine/ids.ts';
import type { Notice } from '../../engine/notice.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import type { RunState } from '../../engine/run.ts';
import type { Ledger, RunOptions, Window } from '../../ledger/ledger.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { makeFolder } from '../definition/make-project.ts';
import { smallProject } from '../support/small-api.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const SILENT = new DefaultLogger('ERROR', () => undefined);
const TAKEN = { isTaken: true, isWorthRepeating: false, said: '200' };
export const LATER = { isTaken: false, isWorthRepeating: true, said: '503' };
export const REFUSED = { isTaken: false, isWorthRepeating: false, said: '404' };

interface EndedRun {
  /** False: it failed before it had a definition. */
  readonly isPlanned?: boolean;
  readonly rejected?: number;
  readonly options?: RunOptions;
  readonly window?: Window;
}

/** Runs of one sync on a real ledger, its alert rules, and channels that answer as they are told. */
export class AlertStage {
  readonly notices: Notice[] = [];
  readonly told: string[] = [];
  /** Notices of these runs are refused, whatever the channel takes else. */
  readonly refused = new Set<string>();
  readonly answers = new Map<string, Awaited<ReturnType<Channels['send']>>>();
  readonly ledger: Ledger;
  readonly #dependencies: ActivityDependencies;
  readonly #context: TestContext;
  readonly #more: string;
  #definition: ResolvedSync;
  #runs = 0;
  /** The time of the clock. */
  now = 1_000;
  isBroken = false;
  isGone = false;
  schedule: { readonly createdAt: number; readonly isPaused: boolean } | undefined;
  /** What the sender was woken by, since the last look. */
  wakes: boolean[] = [];

  private constructor(context: TestContext, ledger: Ledger, alerts: string, more: string) {
    this.ledger = ledger;
    this.#context = context;
    this.#more = more;
    this.#definition = define(context, alerts, more);
    const failIfBroken = () => {
      if (this.isBroken) throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: 'It has mistakes.' });
    };
    this.#dependencies = {
      ledger,
      connections: { open: () => assert.fail('no API is asked'), close: async () => undefined },
      channels: {
        post: () => assert.fail('no results are sent'),
        send: async (channel, notice) => {
          const name = channel.type === 'slack' ? 'ops' : 'pager';
          this.notices.push(notice);
          this.told.push(`${name} ${notice.event}${notice.runId === undefined ? '' : ` ${notice.runId}`}`);
          return this.refused.has(notice.runId ?? '') ? REFUSED : (this.answers.get(name) ?? TAKEN);
        },
      },
      loadSync: async () => {
        failIfBroken();
        return { definition: this.#definition, hash: definitionHash(this.#definition, sha256) };
      },
      loadSyncs: async () => {
        failIfBroken();
        return this.isGone ? [] : [this.#definition];
      },
      wakeAlerts: async (_, { isNew }) => void this.wakes.push(isNew),
      findSchedule: async () => this.schedule,
      actor: { user: 'somebody', host: 'here', way: 'worker', project: 'acme', profile: 'dev' },
      loadGraph: async () => ({ steps: [], closing: [] }),
      heartbeatTimeoutMs: 3_000,
      draining: new AbortController().signal,
      log: pino({ level: 'silent' }),
      now: () => this.now,
      random: () => 0.5,
      makeToken: () => randomUUID(),
      sha256,
    };
  }

  /** @param more of the channel `ops`, such as its quiet hours */
  static async start(context: TestContext, alerts: string, more = ''): Promise<AlertStage> {
    const ledger = await openLedger({ url: 'sqlite::memory:', directory: makeFolder(context, {}), values: 'plain' });
    context.after(() => ledger.close());
    return new AlertStage(context, ledger, alerts, more);
  }

  get scope(): string {
    return syncScope(this.#definition.ref);
  }

  /** That of its source. */
  get connection(): string {
    return this.#definition.sync.source.connection;
  }

  /** How its source is asked, from now on. */
  authenticate(auth: ResolvedConnection['auth']): void {
    const { connections } = this.#definition;
    const source = connections[this.connection] ?? assert.fail('it has a source');
    this.#definition = { ...this.#definition, connections: { ...connections, [this.connection]: { ...source, auth } } };
  }

  redefine(alerts: string): void {
    this.#definition = define(this.#context, alerts, this.#more);
  }

  /** Begins a run, at the time of the clock. @returns its id */
  async begin({ isPlanned = true, options = {}, window = {} }: EndedRun = {}): Promise<string> {
    this.#runs += 1;
    const { ledger, scope, now: at } = this;
    const id = `r_${this.#runs}`;
    await ledger.requestRun({ id, scope, trigger: options.keys === undefined ? 'manual' : 'keys', options, at });
    if (!isPlanned) return id;
    const hash = definitionHash(this.#definition, sha256);
    await ledger.saveDefinition(hash, scope, z.json().parse(JSON.parse(JSON.stringify(this.#definition))), at);
    await ledger.openRun({ id, scope, definitionHash: hash, trigger: 'manual', workflowId: 'sync', firstExecutionRunId: id, window, at });
    return id;
  }

  /** Ends the run that has begun, and tells of it. */
  async end(state: RunState, { rejected = 0 }: EndedRun = {}): Promise<void> {
    const failure = state === 'failed' ? { failure: { code: 'RATE_LIMITED' as const, message: 'words of an API' } } : {};
    await this.ledger.closeRun(`r_${this.#runs}`, { state, totals: { ...ZERO_TOTALS, read: 10, rejected }, at: this.now, ...failure });
    await this.again();
  }

  /** A run that took no time, and its alerts. */
  async run(state: RunState, run: EndedRun = {}): Promise<void> {
    this.now += 1_000;
    await this.begin(run);
    await this.end(state, run);
  }

  /** A comparison of the target with what was written there, which finds so many records gone. */
  async compare(id: string, missing: number): Promise<void> {
    await this.ledger.beginReconciliation({ id, scope: this.scope, at: this.now });
    const findings = Array.from({ length: missing }, (_, n) => ({ kind: 'missing' as const, key: `k${n}`, fields: [] }));
    await this.ledger.addFindings(id, { afterKey: '', checked: 10, findings, tally: {}, isSealed: false });
    await this.ledger.endReconciliation(id, { formats: {} }, this.now + 1);
  }

  /** Judges the end of the latest run, as Temporal does it also where an attempt failed or its worker died, and sends if there is anything. */
  again(): Promise<void> {
    return this.#doing(() => notify(this.#dependencies, { ref: this.#definition.ref, runId: `r_${this.#runs}` }));
  }

  /** As the watch does it. */
  watch(): Promise<void> {
    return this.#doing(() => watchAlerts(this.#dependencies, this.#definition.ref));
  }

  /** As the workflow that sends does it. */
  send(): Promise<SendAlertsResult> {
    return inActivity(() => sendAlerts(this.#dependencies, this.#definition.ref));
  }

  async #doing(work: () => Promise<void>): Promise<void> {
    this.wakes = [];
    await inActivity(work);
    if (this.wakes.length > 0) await this.send();
  }

  /** What was said since the last look. */
  heard(): readonly string[] {
    return this.told.splice(0).toSorted();
  }
}

async function inActivity<Result>(work: () => Promise<Result>): Promise<Result> {
  let result: { readonly value: Result } | undefined;
  await new MockActivityEnvironment(undefined, { logger: SILENT }).run(async () => {
    result = { value: await work() };
  });
  if (result === undefined) throw new Error('it did not end');
  return result.value;
}

function define(context: TestContext, alerts: string, more: string): ResolvedSync {
  const files = smallProject('http://127.0.0.1:9', { sync: `alerts: ${alerts}` });
  const channels = `channels:\n  ops: { type: slack, url: "\${secret:OPS}"${more} }\n  pager: { type: pagerduty, key: "\${secret:KEY}" }\n`;
  return resolveSync(loadProject(makeFolder(context, { 'syncline.yaml': `name: acme\n${channels}`, ...files }), { env: { OPS: 'o', KEY: 'k' } }), 'people');
}
