import type { Target } from '../connectors/ports.ts';
import type { UnknownBatch } from '../ledger/ledger.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { neverBegan } from './job-batch.ts';
import type { RunContext } from './run-context.ts';

/** The ledger is asked at most this often. */
const LIST_INTERVAL_MS = 200;

/** design.md section 5: not before the last moment at which the target may still apply the lost request, and show it in its search; of a job, when it is to be asked about. */
export function resolvableAt(batch: UnknownBatch, target: Target): number {
  if (batch.job !== undefined && batch.job.state !== 'gone') return batch.job.dueAt;
  const ability = target.abilities[batch.kind];
  const isSearched = ability !== undefined && !ability.isRepeatable && target.canSearch;
  const overAt = batch.endedAt ?? batch.sendBy + target.requestTimeoutMs;
  return overAt + (ability?.applyDelayMs ?? 0) + (isSearched ? target.indexingDelayMs : 0);
}

/**
 * The segment's writes without an answer, and when each may be looked into: one of an attempt that is gone only after it can no longer be applied; one of this
 * attempt's own that may be repeated, after the usual short pause.
 */
export class UnknownWrites {
  readonly #dependencies: ActivityDependencies;
  readonly #context: RunContext;
  readonly #segment: number;
  readonly #target: Target;
  /** Tokens this attempt holds for requests in flight. */
  readonly #ownTokens = new Set<string>();
  readonly #repeatAt = new Map<string, number>();
  /** Being looked into by this attempt just now. */
  readonly #underWay = new Set<string>();
  #batches: readonly UnknownBatch[] = [];
  #listedAt = 0;

  constructor(dependencies: ActivityDependencies, context: RunContext, segment: number, target: Target) {
    this.#dependencies = dependencies;
    this.#context = context;
    this.#segment = segment;
    this.#target = target;
  }

  holdToken(token: string): void {
    this.#ownTokens.add(token);
  }

  /** It was never put on a batch. */
  dropToken(token: string): void {
    this.#ownTokens.delete(token);
  }

  releaseToken(token: string): void {
    this.#ownTokens.delete(token);
    this.#listedAt = 0;
  }

  /** This attempt's own request got no answer, and may be repeated after `delayMs`. */
  repeatAfter(batchId: string, delayMs: number): void {
    this.#repeatAt.set(batchId, this.#dependencies.now() + delayMs);
  }

  /** The next one that is due: the caller looks into it and says so with `finish`. */
  async nextDue(): Promise<UnknownBatch | undefined> {
    await this.#refresh();
    const now = this.#dependencies.now();
    const due = this.#batches.find((batch) => this.#dueAt(batch) <= now);
    if (due === undefined) return undefined;
    this.#underWay.add(due.id);
    this.#batches = this.#batches.filter((batch) => batch !== due);
    return due;
  }

  finish(batchId: string): void {
    this.#underWay.delete(batchId);
    this.#listedAt = 0;
  }

  nextDueAt(): number | undefined {
    return this.#batches.length === 0 ? undefined : Math.min(...this.#batches.map((batch) => this.#dueAt(batch)));
  }

  /** All of them are jobs that the target works on. */
  get isAllJobs(): boolean {
    return this.#batches.every(({ job }) => job?.state === 'begun' || job?.state === 'ended');
  }

  async hasAny(): Promise<boolean> {
    this.#listedAt = 0;
    await this.#refresh();
    return this.#batches.length > 0;
  }

  /** What never began can be planned again at once: its token is another's by then. */
  #dueAt(batch: UnknownBatch): number {
    return this.#repeatAt.get(batch.id) ?? (neverBegan(this.#target, batch) ? 0 : resolvableAt(batch, this.#target));
  }

  async #refresh(): Promise<void> {
    const { ledger, now } = this.#dependencies;
    if (now() - this.#listedAt < LIST_INTERVAL_MS) return;
    const listedAt = now();
    const listed = await ledger.listUnresolved(this.#context.run.id, this.#segment, [...this.#ownTokens]);
    this.#batches = listed.filter((batch) => !this.#underWay.has(batch.id));
    this.#listedAt = listedAt;
  }
}
