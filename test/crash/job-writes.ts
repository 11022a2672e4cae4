import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { BatchLimits } from '../../activities/batch-limits.ts';
import { BatchSender } from '../../activities/batch-sender.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { Pulse } from '../../activities/heartbeat.ts';
import { PoisonWatch } from '../../activities/poison.ts';
import { RequestMeter } from '../../activities/request-meter.ts';
import { openRunContext } from '../../activities/run-context.ts';
import { UnknownWrites } from '../../activities/unknown-writes.ts';
import type { Target } from '../../connectors/ports.ts';
import type { ClaimedBatch, Ledger, UnknownBatch } from '../../ledger/ledger.ts';
import { SalesforceOrg } from '../connectors/salesforce/org.ts';
import { beginSteps } from './steps-by-hand.ts';

/** Contacts that are staged for a Salesforce-shaped org as creates, so that what is written twice is there twice; each step of a writer is taken by hand. */
export class JobWrites {
  readonly org: SalesforceOrg;
  readonly ledger: Ledger;
  /** Whose writer the steps are of. */
  runId = 'r_1';
  readonly #dependencies: ActivityDependencies;

  private constructor(org: SalesforceOrg, ledger: Ledger, dependencies: ActivityDependencies) {
    this.org = org;
    this.ledger = ledger;
    this.#dependencies = dependencies;
  }

  /** @param records staged, `n` of them with the external ids x0, x1, … @param isInsert else upserts */
  static async begin(context: TestContext, records: number, { isInsert = true } = {}): Promise<JobWrites> {
    const org = await SalesforceOrg.start(context);
    const { ledger, scope, hash, dependencies } = await beginSteps(context, project(org.url, isInsert), 'contacts');
    const writes = new JobWrites(org, ledger, dependencies);
    await writes.#stage(scope, hash, records, isInsert);
    return writes;
  }

  async #stage(scope: string, hash: string, records: number, isInsert: boolean): Promise<void> {
    const at = Date.now();
    await this.#openRun('r_1', scope, hash);
    const staged = Array.from({ length: records }, (_, n) => {
      const fields = { External_Id__c: `x${n}`, LastName: `Person ${n}`, Email: n === 3 ? 'nobody' : `p${n}@x.test` };
      const kind = isInsert ? ('create' as const) : ('upsert' as const);
      return { disposition: 'change', key: String(n), change: { kind, fields, contentHash: `h${n}`, match: `x${n}`, source: fields, bytes: 50 } } as const;
    });
    await this.ledger.stagePage({
      runId: 'r_1',
      segment: 0,
      token: 'reader',
      targetScope: 'acme/dev/salesforce/Contact',
      records: staged,
      isRetry: false,
      terms: { mappingHash: 'm', afterMs: [1_000], untilMs: 1_000 },
      nextCursor: undefined,
      isLast: true,
      observedAt: at,
      bytes: 50,
      cost: { requests: 0, retries: 0, throttled: 0 },
      isSealed: false,
      at,
    });
  }

  async #openRun(id: string, scope: string, definitionHash: string): Promise<void> {
    const at = Date.now();
    await this.ledger.openRun({ id, scope, definitionHash, trigger: 'manual', workflowId: 'sync', firstExecutionRunId: `of ${id}`, window: {}, at });
    await this.ledger.openSegment(id, 0, at);
    await this.ledger.claimReader(id, 0, 'reader');
  }

  /** The run ends as it is, cancelled, and another of its sync begins. */
  async endRun(): Promise<void> {
    const run = await this.ledger.readRun('r_1');
    if (run?.definitionHash === undefined) throw new Error('the ledger has no run');
    await this.ledger.closeRun('r_1', { state: 'cancelled', totals: await this.totals(), at: Date.now() });
    await this.#openRun('r_2', run.scope, run.definitionHash);
    this.runId = 'r_2';
  }

  async claim(): Promise<ClaimedBatch> {
    const parts = { runId: this.runId, segment: 0, batchId: `b_${randomUUID()}`, token: randomUUID(), maxRecords: 10_000, maxBytes: 1e7 };
    const claim = await this.ledger.claimBatch({ ...parts, sendBy: Date.now() + 60_000, at: Date.now() });
    if (claim.state !== 'claimed') throw new Error('nothing was claimed');
    return claim.batch;
  }

  /** Sends as an attempt of the writer does. @param replaced methods of its ledger */
  async send(batch: ClaimedBatch, replaced: Partial<Ledger> = {}): Promise<void> {
    await this.#asWriter(replaced, async (sender, target) => sender.send(batch, await target.acquirePermit()));
  }

  async left(): Promise<UnknownBatch | undefined> {
    return (await this.ledger.listUnresolved(this.runId, 0, []))[0];
  }

  /** Another attempt looks into what is left, once. */
  async resolve(lost?: UnknownBatch): Promise<void> {
    const found = lost ?? (await this.left());
    if (found === undefined) throw new Error('nothing is left');
    await this.#asWriter({}, (sender) => sender.resolve(found));
  }

  /** Attempts one after the other, until nothing is left to be done. */
  async finish(): Promise<void> {
    for (;;) {
      const { planned } = await this.ledger.readBacklog(this.runId, 0);
      if (planned > 0) await this.send(await this.claim());
      const left = await this.left();
      if (left !== undefined) await this.resolve(left);
      else if (planned === 0) return;
    }
  }

  /** How often each contact was made. */
  made(): readonly number[] {
    return [...this.org.records.created.values()];
  }

  async totals() {
    return this.ledger.deriveTotals(this.runId);
  }

  async #asWriter(replaced: Partial<Ledger>, work: (sender: BatchSender, target: Target) => Promise<void>): Promise<void> {
    const dependencies = { ...this.#dependencies, ledger: { ...this.ledger, ...replaced } };
    await new MockActivityEnvironment().run(async () => {
      const context = await openRunContext(dependencies, this.runId);
      const meter = new RequestMeter();
      const target = context.openTarget(meter);
      const parts = { dependencies, context, target, meter, unknown: new UnknownWrites(dependencies, context, 0, target) };
      const limits = new BatchLimits(dependencies, context, target);
      const sender = new BatchSender({ ...parts, limits, poison: new PoisonWatch(dependencies, context, 0, target), pulse: new Pulse(dependencies) });
      await work(sender, target);
    });
  }
}

function project(url: string, isInsert: boolean): Readonly<Record<string, string>> {
  return {
    'syncline.yaml': 'name: acme\n',
    'connections/crm.yaml': `connector: generic-rest\nshared: true\nbaseUrl: ${url}\nobjects: { people: { list: { get: /people, records: $ } } }\n`,
    'connections/salesforce.yaml': `connector: salesforce\nshared: true\nbaseUrl: ${url}\nauth: { type: bearer, token: session-1 }\ntimeouts: { request: 1s }\n`,
    'syncs/contacts.yaml': `
source: { connection: crm, object: people }
target: { connection: salesforce, object: Contact, matchOn: External_Id__c, mode: ${isInsert ? 'insert' : 'upsert'} }
mapping: { External_Id__c: id, LastName: surname, Email: mail }
`,
  };
}
