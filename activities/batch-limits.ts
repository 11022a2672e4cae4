import type { Target } from '../connectors/ports.ts';
import { utf8Bytes } from '../engine/bytes.ts';
import type { ChangeKind } from '../engine/outcome.ts';
import type { RunControl } from '../engine/run.ts';
import type { ClaimedBatch, ClaimInput } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { RunContext } from './run-context.ts';

/** What a target once refused as too large it may take some day: then larger batches are tried again. */
const REMEMBER_MS = 7 * 86_400_000;

/** How much one request may hold: what the connector says, less where the target refused that (413), less where a person asked for less. */
export class BatchLimits {
  readonly #dependencies: ActivityDependencies;
  readonly #context: RunContext;
  readonly #target: Target;
  #learned: Partial<Record<ChangeKind, number>> = {};

  constructor(dependencies: ActivityDependencies, context: RunContext, target: Target) {
    this.#dependencies = dependencies;
    this.#context = context;
    this.#target = target;
  }

  async load(): Promise<void> {
    const { ledger, now } = this.#dependencies;
    this.#learned = { ...(await ledger.readBatchLimits(this.#context.targetScope, now() - REMEMBER_MS)) };
  }

  /** The target refused this batch as too large: half of it is the most from now on. A record that is too large alone says nothing of others. */
  async learn(batch: ClaimedBatch): Promise<void> {
    if (batch.changes.length < 2) return;
    const { ledger, now } = this.#dependencies;
    const bytes = batch.changes.reduce((sum, change) => sum + utf8Bytes(JSON.stringify(change.fields)), 0);
    const maxBytes = Math.max(1, Math.floor(bytes / 2));
    const { kind } = batch;
    this.#learned[kind] = Math.min(maxBytes, this.#learned[kind] ?? maxBytes);
    await ledger.learnBatchLimit({ targetScope: this.#context.targetScope, kind, maxBytes, since: now() - REMEMBER_MS, at: now() });
  }

  /** The most records that any batch holds. */
  maxRecords({ batchSize }: Partial<RunControl> = {}): number {
    return Math.min(batchSize ?? Number.POSITIVE_INFINITY, Math.max(1, ...Object.values(this.#target.abilities).map((ability) => ability.maxRecords)));
  }

  forClaim(control: RunControl): Pick<ClaimInput, 'maxRecords' | 'maxBytes' | 'maxRecordsByKind' | 'maxBytesByKind'> {
    const abilities = Object.entries(this.#target.abilities);
    const cap = control.batchSize ?? Number.POSITIVE_INFINITY;
    return {
      maxRecords: this.maxRecords(control),
      maxBytes: Math.max(...abilities.map(([, ability]) => ability.maxBytes)),
      maxRecordsByKind: Object.fromEntries(abilities.map(([kind, ability]) => [kind, Math.min(cap, ability.maxRecords)])),
      maxBytesByKind: this.#learned,
    };
  }
}
