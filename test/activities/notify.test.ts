import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { z } from 'zod';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { notify } from '../../activities/notify.ts';
import type { Channels } from '../../connectors/ports.ts';
import { loadProject } from '../../definition/load-project.ts';
import { definitionHash, resolveSync } from '../../definition/resolve-sync.ts';
import type { ResolvedSync } from '../../definition/resolved.ts';
import { SyncError } from '../../engine/errors.ts';
import { syncScope } from '../../engine/ids.ts';
import { ZERO_TOTALS } from '../../engine/outcome.ts';
import type { RunState } from '../../engine/run.ts';
import { openLedger } from '../../ledger/open-ledger.ts';
import { makeFolder } from '../definition/make-project.ts';
import { smallProject } from '../support/small-api.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const SILENT = new DefaultLogger('ERROR', () => undefined);
const TAKEN = { isTaken: true, isWorthRepeating: false, said: '200' };
const LATER = { isTaken: false, isWorthRepeating: true, said: '503' };
const REFUSED = { isTaken: false, isWorthRepeating: false, said: '404' };
const BOTH = '[{ on: run-failed, notify: [ops, pager] }]';

/** Ends of runs, one after the other, on a real ledger; channels that answer as they are told. */
class Ends {
  readonly told: string[] = [];
  readonly answers = new Map<string, Awaited<ReturnType<Channels['send']>>>();
  readonly #dependencies: ActivityDependencies;
  #definition: ResolvedSync;
  #runs = 0;
  isBroken = false;

  constructor(dependencies: ActivityDependencies, definition: ResolvedSync) {
    this.#definition = definition;
    const send: Channels['send'] = async (channel, { event, runId }) => {
      const name = channel.type === 'slack' ? 'ops' : 'pager';
      this.told.push(`${name} ${event} ${runId}`);
      return this.answers.get(name) ?? TAKEN;
    };
    const loadSync = async () => {
      if (this.isBroken) throw new SyncError({ code: 'DEFINITION_INVALID', retry: 'never', message: 'It has mistakes.' });
      return { definition: this.#definition, hash: definitionHash(this.#definition, sha256) };
    };
    this.#dependencies = { ...dependencies, channels: { send }, loadSync };
  }

  static async start(context: TestContext): Promise<Ends> {
    const ledger = await openLedger({ url: 'sqlite::memory:', directory: makeFolder(context, {}), values: 'plain' });
    context.after(() => ledger.close());
    const dependencies: ActivityDependencies = {
      ledger,
      connections: { open: () => assert.fail('no API is asked'), close: async () => undefined },
      channels: { send: async () => TAKEN },
      loadSync: () => Promise.reject(new Error('not yet')),
      actor: { user: 'somebody', host: 'here', way: 'worker', project: 'acme', profile: 'dev' },
      loadGraph: async () => ({ steps: [], closing: [] }),
      heartbeatTimeoutMs: 3_000,
      draining: new AbortController().signal,
      log: pino({ level: 'silent' }),
      now: () => 1_000,
      random: () => 0.5,
      makeToken: () => randomUUID(),
      sha256,
    };
    return new Ends(dependencies, define(context, BOTH));
  }

  redefine(context: TestContext, alerts: string): void {
    this.#definition = define(context, alerts);
  }

  /** A run that ended so, and its alerts. @param isPlanned false: it failed before it had a definition */
  async end(state: RunState, { isPlanned = true, rejected = 0 } = {}): Promise<void> {
    this.#runs += 1;
    const { ledger } = this.#dependencies;
    const { ref } = this.#definition;
    const [id, scope, at] = [`r_${this.#runs}`, syncScope(ref), this.#runs * 1_000];
    await ledger.requestRun({ id, scope, trigger: 'manual', options: {}, at });
    if (isPlanned) {
      const hash = definitionHash(this.#definition, sha256);
      await ledger.saveDefinition(hash, scope, z.json().parse(JSON.parse(JSON.stringify(this.#definition))), at);
      await ledger.openRun({ id, scope, definitionHash: hash, trigger: 'manual', workflowId: 'sync', firstExecutionRunId: id, window: {}, at });
    }
    const failure = state === 'failed' ? { failure: { code: 'RATE_LIMITED' as const, message: 'words of an API' } } : {};
    await ledger.closeRun(id, { state, totals: { ...ZERO_TOTALS, read: 10, rejected }, at, ...failure });
    await this.again();
  }

  /** A comparison of the target with what was written there, which finds so many records gone. */
  async compare(id: string, missing: number): Promise<void> {
    const { ledger } = this.#dependencies;
    await ledger.beginReconciliation({ id, scope: syncScope(this.#definition.ref), at: this.#runs * 1_000 });
    const findings = Array.from({ length: missing }, (_, n) => ({ kind: 'missing' as const, key: `k${n}`, fields: [] }));
    await ledger.addFindings(id, { afterKey: '', checked: 10, findings, tally: {}, isSealed: false });
    await ledger.endReconciliation(id, { formats: {} }, this.#runs * 1_000 + 1);
  }

  /** As Temporal does it where an attempt failed, or its worker died. */
  async again(): Promise<void> {
    const input = { ref: this.#definition.ref, runId: `r_${this.#runs}` };
    await new MockActivityEnvironment(undefined, { logger: SILENT }).run(() => notify(this.#dependencies, input));
  }

  /** What was said since the last look. */
  heard(): readonly string[] {
    return this.told.splice(0).toSorted();
  }
}

function define(context: TestContext, alerts: string): ResolvedSync {
  const files = smallProject('http://127.0.0.1:9', { sync: `alerts: ${alerts}` });
  const channels = 'channels:\n  ops: { type: slack, url: "${secret:OPS}" }\n  pager: { type: pagerduty, key: "${secret:KEY}" }\n';
  return resolveSync(loadProject(makeFolder(context, { 'syncline.yaml': `name: acme\n${channels}`, ...files }), { env: { OPS: 'o', KEY: 'k' } }), 'people');
}

test('each channel is told once of the begin and once of the end, however often the step is repeated', async (context) => {
  const ends = await Ends.start(context);
  await ends.end('completed');
  assert.deepEqual(ends.heard(), []);
  await ends.end('failed');
  await ends.again();
  assert.deepEqual(ends.heard(), ['ops opened r_2', 'pager opened r_2']);
  await ends.end('failed');
  await ends.end('cancelled');
  assert.deepEqual(ends.heard(), []);
  await ends.end('completed-with-rejections');
  await ends.again();
  assert.deepEqual(ends.heard(), ['ops resolved r_5', 'pager resolved r_5']);
  await ends.end('completed');
  await ends.end('failed');
  assert.deepEqual(ends.heard(), ['ops opened r_7', 'pager opened r_7']);
});

test('a channel that is down is told when the step is repeated, and the other one not twice', async (context) => {
  const ends = await Ends.start(context);
  ends.answers.set('pager', LATER);
  await assert.rejects(ends.end('failed'), (error) => error instanceof SyncError && error.retry === 'backoff' && /pager: 503\.$/.test(error.message));
  ends.answers.clear();
  await ends.again();
  assert.deepEqual(ends.heard(), ['ops opened r_1', 'pager opened r_1', 'pager opened r_1']);
});

test('a channel that refuses keeps nothing from going on: it is told after the next run, and never of the end of what it does not know', async (context) => {
  const ends = await Ends.start(context);
  ends.answers.set('ops', REFUSED);
  await ends.end('failed');
  assert.deepEqual(ends.heard(), ['ops opened r_1', 'pager opened r_1']);
  await ends.end('failed');
  assert.deepEqual(ends.heard(), ['ops opened r_1'], 'of the run that began it');
  await ends.end('completed');
  assert.deepEqual(ends.heard(), ['pager resolved r_3']);
});

test('a run whose plan failed alerts by the definition as it is, and where that has mistakes by that of the run before', async (context) => {
  const ends = await Ends.start(context);
  await ends.end('failed', { isPlanned: false });
  assert.deepEqual(ends.heard(), ['ops opened r_1', 'pager opened r_1']);
  await ends.end('completed');
  ends.heard();
  ends.isBroken = true;
  await ends.end('failed', { isPlanned: false });
  assert.deepEqual(ends.heard(), ['ops opened r_3', 'pager opened r_3']);
});

test('each rule has incidents of its own, and a rule that is gone ends with the next good run', async (context) => {
  const ends = await Ends.start(context);
  ends.redefine(
    context,
    '[{ on: run-failed, notify: [ops] }, { on: run-finished, if: rejected > 1, notify: [pager] }, { on: run-finished, if: $number("x") > 1, notify: [ops] }]',
  );
  await ends.end('completed-with-rejections', { rejected: 2 });
  assert.deepEqual(ends.heard(), ['pager opened r_1']);
  await ends.end('failed', { rejected: 0 });
  assert.deepEqual(ends.heard(), ['ops opened r_2']);
  ends.redefine(context, '[{ on: run-failed, notify: [ops, pager] }]');
  await ends.end('completed', { rejected: 5 });
  assert.deepEqual(ends.heard(), ['ops resolved r_3', 'pager resolved r_3']);
});

test('drift is told of once while the latest comparison finds some', async (context) => {
  const ends = await Ends.start(context);
  ends.redefine(context, '[{ on: drift-found, notify: [ops] }]');
  await ends.end('completed');
  await ends.compare('d_1', 2);
  await ends.end('completed');
  await ends.end('failed');
  assert.deepEqual(ends.heard(), ['ops opened r_2']);
  await ends.compare('d_2', 0);
  await ends.end('completed');
  assert.deepEqual(ends.heard(), ['ops resolved r_4']);
});
