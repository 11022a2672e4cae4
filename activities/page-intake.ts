import { setTimeout as sleep } from 'node:timers/promises';
import type { ClaimedBatch, ClaimInput, StagedPage } from '../ledger/ledger.ts';
import { AS_GOOD_AS_FULL } from '../ledger/segment-store.ts';
import type { Recipient } from './handover.ts';
import type { UnknownWrites } from './unknown-writes.ts';

/** A page that could be handed over waits so long for a request to end; then it is planned. */
const ROOM_MS = 40;

export interface IntakeOptions {
  readonly now: () => number;
  /** Requests that may be begun now. */
  readonly free: () => number;
  /** Nothing comes first: not the target's pace, a job, a person, or an earlier change. */
  readonly isReady: () => boolean;
  readonly maxRecords: () => number;
  readonly claimInput: () => ClaimInput;
  readonly tokens: Pick<UnknownWrites, 'holdToken' | 'dropToken'>;
  readonly send: (batches: readonly ClaimedBatch[]) => void;
  /** Ends with the next request that ends; undefined where none is in flight. */
  readonly nextEnd: () => Promise<unknown> | undefined;
}

/** Takes what the reader of a segment hands to its writer. */
export class PageIntake implements Recipient {
  readonly #options: IntakeOptions;
  /** Batches that the reader may claim for the writer, and has not said whether it did. */
  offered = 0;
  /** When it last got some. */
  handedAt = 0;
  #isHandedAny = false;
  /** What it got was planned before: as long as that is so, nothing is handed over at once. */
  #isBehind = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** What is planned is written and looked for once more than what is handed over: while the writer takes what it gets, a full page waits a moment for it. */
  async room(records: number): Promise<void> {
    const { now, free, isReady, maxRecords, nextEnd } = this.#options;
    if (!this.#isHandedAny || records < AS_GOOD_AS_FULL * maxRecords()) return;
    const end = now() + ROOM_MS;
    // Who is behind catches up by taking two for one.
    while (isReady() && free() < (this.#isBehind ? 2 : 1)) {
      const [ended, left] = [nextEnd(), end - now()];
      if (ended === undefined || left <= 0) return;
      await Promise.race([ended, sleep(left)]);
    }
  }

  claims(records: number): readonly ClaimInput[] {
    const { free, isReady, maxRecords, claimInput, tokens } = this.#options;
    // One more for what was planned before it.
    const most = 1 + Math.ceil(records / maxRecords());
    const count = isReady() ? Math.max(0, Math.min(most, free())) : 0;
    const claims = Array.from({ length: count }, claimInput);
    for (const { token } of claims) tokens.holdToken(token);
    this.offered += count;
    return claims;
  }

  take(asked: readonly ClaimInput[], { claimed, waited }: Pick<StagedPage, 'claimed' | 'waited'>): void {
    const { now, tokens, send } = this.#options;
    const batches = [...waited, ...claimed];
    this.offered -= asked.length;
    this.#isBehind = waited.length > 0;
    if (batches.length > 0) {
      this.#isHandedAny = true;
      this.handedAt = now();
    }
    const taken = new Set(batches.map(({ token }) => token));
    for (const { token } of asked) if (!taken.has(token)) tokens.dropToken(token);
    send(batches);
  }
}
