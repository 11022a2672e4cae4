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
import { beginRun, beginSteps, stageRecords, TERMS } from './steps-by-hand.ts';

type Staged = Parameters<Ledger['stagePage']>[0]['records'];

/** Records that are staged for a target that takes them by jobs; each step of a writer is taken by hand. */
export class JobSteps {
  readonly ledger: Ledger;
  /** Whose writer the steps are of. */
  runId = 'r_1';
  readonly #dependencies: ActivityDependencies;

  protected constructor(ledger: Ledger, dependencies: ActivityDependencies) {
    this.ledger = ledger;
    this.#dependencies = dependencies;
  }

  /** @param target account and object, as the ledger names them */
  static async over(context: TestContext, files: Readonly<Record<string, string>>, target: string, records: Staged): Promise<JobSteps> {
    const { ledger, scope, hash, dependencies } = await beginSteps(context, files, 'contacts');
    const steps = new JobSteps(ledger, dependencies);
    await steps.stage({ scope, hash, target }, records);
    return steps;
  }

  protected async stage({ scope, hash, target }: { readonly scope: string; readonly hash: string; readonly target: string }, records: Staged): Promise<void> {
    await beginRun(this.ledger, { id: 'r_1', scope, hash });
    await stageRecords(this.ledger, target, records);
  }

  /** The run ends as it is, cancelled, and another of its sync begins. */
  async endRun(): Promise<void> {
    const run = await this.ledger.readRun('r_1');
    if (run?.definitionHash === undefined) throw new Error('the ledger has no run');
    await this.ledger.closeRun('r_1', { state: 'cancelled', totals: await this.totals(), at: Date.now() });
    await beginRun(this.ledger, { id: 'r_2', scope: run.scope, hash: run.definitionHash });
    this.runId = 'r_2';
  }

  async claim(): Promise<ClaimedBatch> {
    const parts = { runId: this.runId, segment: 0, batchId: `b_${randomUUID()}`, token: randomUUID(), maxRecords: 10_000, maxBytes: 1e7 };
    const claim = await this.ledger.claimBatch({ ...parts, sendBy: Date.now() + 60_000, terms: TERMS, at: Date.now() });
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
