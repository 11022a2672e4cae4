import type { UnknownBatch } from '../ledger/ledger.ts';
import { BatchLimits } from './batch-limits.ts';
import { BatchSender } from './batch-sender.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { Pulse } from './heartbeat.ts';
import { PoisonWatch } from './poison.ts';
import type { RequestMeter } from './request-meter.ts';
import { openRunContext, type RunContext } from './run-context.ts';
import { resolvableAt, UnknownWrites } from './unknown-writes.ts';

/** The ledger is asked at most this often. */
const LIST_INTERVAL_MS = 1_000;

/**
 * Writes of other runs, of this sync or another, that hold a target record of ours in flight and that nobody settles: their run is paused, or dead, and may never be started again. Once nothing can
 * be applied any more they are looked into here, by the rules of the sync that sent them.
 */
export class BlockingWrites {
  readonly #dependencies: ActivityDependencies;
  readonly #context: RunContext;
  readonly #segment: number;
  readonly #meter: RequestMeter;
  readonly #pulse: Pulse;
  #listedAt = 0;

  constructor(dependencies: ActivityDependencies, context: RunContext, segment: number, meter: RequestMeter, pulse: Pulse) {
    this.#dependencies = dependencies;
    this.#context = context;
    this.#segment = segment;
    this.#meter = meter;
    this.#pulse = pulse;
  }

  /** @returns the work of looking into the next one that is due */
  async nextDue(): Promise<(() => Promise<void>) | undefined> {
    const { ledger, now } = this.#dependencies;
    if (now() - this.#listedAt < LIST_INTERVAL_MS) return undefined;
    this.#listedAt = now();
    for (const batch of await ledger.listBlocking(this.#context.run.id, this.#segment)) {
      const resolve = await this.#resolveWhenDue(batch);
      if (resolve !== undefined) return resolve;
    }
    return undefined;
  }

  async #resolveWhenDue(batch: UnknownBatch): Promise<(() => Promise<void>) | undefined> {
    const dependencies = this.#dependencies;
    const meter = this.#meter;
    const pulse = this.#pulse;
    const context = await openRunContext(dependencies, batch.runId);
    const target = context.openTarget(meter);
    if (resolvableAt(batch, target) > dependencies.now()) return undefined;
    const unknown = new UnknownWrites(dependencies, context, this.#segment, target);
    const limits = new BatchLimits(dependencies, context, target);
    const poison = new PoisonWatch(dependencies, context, this.#segment, target);
    return () => new BatchSender({ dependencies, context, target, meter, unknown, limits, poison, pulse }).resolve(batch);
  }
}
