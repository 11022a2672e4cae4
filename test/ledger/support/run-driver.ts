import type { Rejection } from '../../../engine/errors.ts';
import type { JsonObject } from '../../../engine/json.ts';
import type { HoldReason } from '../../../engine/outcome.ts';
import type {
  ChangeOutcome,
  ClaimedBatch,
  ClaimedChange,
  ClaimInput,
  Ledger,
  OpenRunInput,
  RefusalTerms,
  SendAttempt,
  StagedChange,
  StagedRecord,
  StagePageInput,
} from '../../../ledger/ledger.ts';

export const SCOPE = 'acme/dev/contacts';
export const TARGET = 'acme/dev/hubspot/contacts';
export const NO_COST = { requests: 0, retries: 0, throttled: 0 };
/** Tried again after a second, then ten, then a hundred; for a thousand. */
export const TERMS: RefusalTerms = { mappingHash: 'mapping', afterMs: [1_000, 10_000, 100_000], untilMs: 1_000_000 };
export const NEVER: Rejection = { reason: 'api-rejected', message: 'no', retry: 'never' };

export function change(email: string, more: Partial<StagedChange> = {}): StagedChange {
  const fields = more.fields ?? { email };
  const contentHash = JSON.stringify(fields);
  return { kind: 'upsert', fields, contentHash, match: email, source: { email_address: email }, bytes: 100, ...more };
}

export const changed = (key: string, more: Partial<StagedChange> = {}): StagedRecord => ({
  disposition: 'change',
  key,
  change: change(more.match ?? `k${key}@x.test`, more),
});
/** Another version of the same record. */
export const changedTo = (key: string, name: string, more: Partial<StagedChange> = {}): StagedRecord =>
  changed(key, { fields: { email: `k${key}@x.test`, name }, ...more });
export const unchanged = (key: string): StagedRecord => ({ disposition: 'unchanged', key });
export const skipped = (key: string): StagedRecord => ({ disposition: 'skipped', key, reason: 'filter' });
export const held = (key: string, reason: HoldReason = 'missing-reference', message = 'company 7 is not known yet'): StagedRecord => ({
  disposition: 'held',
  key,
  reason,
  message,
  source: { id: key },
});
export const rejected = (key: string, more: { rejection?: Rejection; contentHash?: string; isRepeat?: boolean; source?: JsonObject } = {}): StagedRecord => ({
  disposition: 'rejected',
  key,
  rejection: { reason: 'required-missing', message: 'email is required', field: 'email', retry: 'never' },
  source: { id: key },
  contentHash: `bad ${key}`,
  isRepeat: false,
  ...more,
});

export const written = (id: number, more: { created?: boolean; targetId?: string } = {}): ChangeOutcome => ({ changeId: id, outcome: 'written', ...more });

export function attempt(more: Partial<SendAttempt> = {}): SendAttempt {
  return { sentAt: 1, answeredAt: 2, status: 200, method: 'POST', path: '/contacts/batch', ...more };
}

/** Claimed by this process so far: for ids that no other process has. */
let batches = 0;

/** Drives one run of a sync through a ledger, with a clock that moves on by one at each step. */
export class RunDriver {
  readonly ledger: Ledger;
  readonly id: string;
  readonly scope: string;
  now: number;

  constructor(ledger: Ledger, more: { readonly id?: string; readonly scope?: string; readonly now?: number } = {}) {
    this.ledger = ledger;
    this.id = more.id ?? 'r_1';
    this.scope = more.scope ?? SCOPE;
    this.now = more.now ?? 1_000;
  }

  static async start(
    ledger: Ledger,
    more: { readonly id?: string; readonly scope?: string; readonly now?: number } & Partial<OpenRunInput> = {},
  ): Promise<RunDriver> {
    const run = new RunDriver(ledger, more);
    await run.open(more);
    await run.openSegment(0);
    return run;
  }

  tick(): number {
    this.now += 1;
    return this.now;
  }

  async open(more: Partial<OpenRunInput> = {}) {
    const { id, scope } = this;
    const workflow = { workflowId: `sync/${scope}`, firstExecutionRunId: `execution of ${id}` };
    return this.ledger.openRun({ id, scope, definitionHash: 'h', trigger: 'manual', ...workflow, window: {}, at: this.tick(), ...more });
  }

  async openSegment(index: number, token = 'reader') {
    await this.ledger.openSegment(this.id, index, this.tick());
    return this.ledger.claimReader(this.id, index, token);
  }

  async stage(records: readonly StagedRecord[], more: Partial<StagePageInput> = {}) {
    const { staged, seenAgain } = await this.stageFor([], records, more);
    return { staged, seenAgain };
  }

  /** @param claims of a writer that waits for work */
  async stageFor(claims: readonly Partial<ClaimInput>[], records: readonly StagedRecord[], more: Partial<StagePageInput> = {}) {
    const at = this.tick();
    return this.ledger.stagePage({
      claims: claims.map((claim) => this.#claimInput(claim)),
      runId: this.id,
      segment: 0,
      token: 'reader',
      targetScope: TARGET,
      records,
      isRetry: false,
      terms: TERMS,
      nextCursor: undefined,
      isLast: false,
      observedAt: at,
      bytes: 10,
      cost: NO_COST,
      isSealed: false,
      at,
      ...more,
    });
  }

  async close(index = 0, isLast = true) {
    await this.ledger.closeSegment(this.id, index, 'reader', { state: 'complete', isLast });
  }

  /** @returns undefined where there was nothing to claim */
  async claim(more: Partial<ClaimInput> = {}): Promise<ClaimedBatch | undefined> {
    const claim = await this.ledger.claimBatch(this.#claimInput(more));
    return claim.state === 'claimed' ? claim.batch : undefined;
  }

  #claimInput(more: Partial<ClaimInput>): ClaimInput {
    batches += 1;
    const at = this.tick();
    return {
      runId: this.id,
      segment: 0,
      batchId: `b_${this.id.slice(2)}_${process.pid}_${String(batches).padStart(6, '0')}`,
      token: `writer ${batches}`,
      maxRecords: 100,
      maxBytes: 1_000_000,
      sendBy: at + 2_000,
      terms: TERMS,
      at,
      ...more,
    };
  }

  async mustClaim(more: Partial<ClaimInput> = {}): Promise<ClaimedBatch> {
    const batch = await this.claim(more);
    if (batch === undefined) throw new Error('nothing to claim');
    return batch;
  }

  async settle(
    batch: Pick<ClaimedBatch, 'id' | 'token' | 'changes'>,
    outcomeOf: (change: ClaimedChange) => ChangeOutcome | undefined,
    attempts: readonly SendAttempt[] = [],
  ): Promise<void> {
    const outcomes = batch.changes.flatMap((one) => outcomeOf(one) ?? []);
    await this.ledger.settleBatch({ batchId: batch.id, token: batch.token, outcomes, terms: TERMS, attempts, cost: NO_COST, at: this.tick() });
  }

  /** Claims and writes until nothing is left. */
  async writeAll(): Promise<void> {
    for (let batch = await this.claim(); batch !== undefined; batch = await this.claim())
      await this.settle(batch, ({ id }) => written(id, { created: true, targetId: `t${id}` }));
  }

  async lose(batch: Pick<ClaimedBatch, 'id' | 'token'>, attempts: readonly SendAttempt[] = []): Promise<void> {
    await this.ledger.markUnknown({ batchId: batch.id, token: batch.token, attempts, cost: NO_COST, at: this.tick() });
  }

  async takeOver(batchId: string, token: string, from?: string, more: { readonly isRenewal?: boolean } = {}): Promise<ClaimedBatch> {
    const at = this.tick();
    return this.ledger.takeOver({ batchId, token, sendBy: at + 2_000, at, ...(from === undefined ? {} : { from }), ...more });
  }

  async end(state: 'completed' | 'failed' = 'completed') {
    const totals = await this.ledger.deriveTotals(this.id);
    await this.ledger.closeRun(this.id, { state, totals, at: this.tick() });
    return totals;
  }

  async state(key: string) {
    return (await this.ledger.readRecords(this.scope, [key])).get(key);
  }

  async liveTotals() {
    const run = await this.ledger.readRun(this.id);
    if (run === undefined) throw new Error('no such run');
    return run.totals;
  }
}

export const keysOf = (batch: ClaimedBatch | undefined): readonly string[] => batch?.changes.map((one) => one.key) ?? [];

/** Matches a SyncError of that code. */
export const withCode = (code: string) => (error: unknown) => error instanceof Error && 'code' in error && error.code === code;
