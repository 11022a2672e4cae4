import type { Target, WriteAbility } from '../connectors/ports.ts';
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

  /** Some kinds of change are written by jobs: a batch that is hardly full costs a whole one. */
  get takesJobs(): boolean {
    return Object.values(this.#target.abilities).some(({ jobs }) => jobs !== undefined);
  }

  /** The most records that any batch holds. */
  maxRecords({ batchSize }: Partial<RunControl> = {}): number {
    const most = Object.values(this.#target.abilities).map(({ maxRecords, jobs }) => Math.max(maxRecords, jobs?.maxRecords ?? 0));
    return Math.min(batchSize ?? Number.POSITIVE_INFINITY, Math.max(1, ...most));
  }

  /** @param planned changes that wait: where they are enough for a job, they are claimed for one */
  forClaim(control: RunControl, planned: number): Pick<ClaimInput, 'maxRecords' | 'maxBytes' | 'maxRecordsByKind' | 'maxBytesByKind'> {
    const abilities = Object.entries(this.#target.abilities).map(([kind, ability]) => [kind, batchOf(ability, planned)] as const);
    const cap = control.batchSize ?? Number.POSITIVE_INFINITY;
    const maxRecords = Math.min(cap, Math.max(1, ...abilities.map(([, batch]) => batch.maxRecords)));
    return {
      maxRecords,
      maxBytes: Math.max(...abilities.map(([, batch]) => batch.maxBytes)),
      maxRecordsByKind: Object.fromEntries(abilities.map(([kind, batch]) => [kind, Math.min(cap, batch.maxRecords)])),
      maxBytesByKind: this.takesJobs ? this.#bytesByKind(abilities) : this.#learned,
    };
  }

  #bytesByKind(abilities: readonly (readonly [string, { readonly maxBytes: number }])[]): Readonly<Record<string, number>> {
    const learned: Readonly<Record<string, number>> = this.#learned;
    return Object.fromEntries(abilities.map(([kind, { maxBytes }]) => [kind, Math.min(maxBytes, learned[kind] ?? maxBytes)]));
  }
}

function batchOf({ jobs, maxRecords, maxBytes }: WriteAbility, planned: number): Pick<WriteAbility, 'maxRecords' | 'maxBytes'> {
  return jobs !== undefined && (maxRecords === 0 || planned >= jobs.from) ? jobs : { maxRecords, maxBytes };
}
