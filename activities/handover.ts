import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClaimInput, StagedPage } from '../ledger/ledger.ts';

/** A writer that could send more than there is. */
export interface Recipient {
  /** Ends when it could take a page of so many records at once, or will not soon. */
  room(records: number): Promise<void>;
  /** What it would claim of a page of so many records: no more than it could send at once. It counts on an answer to each. */
  claims(records: number): readonly ClaimInput[];
  /** What of it was claimed; of the others nothing was. */
  take(asked: readonly ClaimInput[], staged: Pick<StagedPage, 'claimed' | 'waited'>): void;
}

export interface PagePlace {
  readonly runId: string;
  readonly segment: number;
  readonly records: number;
}

interface Joined extends Recipient {
  readonly underWay: Set<Promise<void>>;
}

/**
 * Where the reader of a segment meets its writer, when both work in this process: what is staged goes straight into the hands of who waits for it, claimed by the same
 * transaction. Where they do not meet, the writer finds it in the ledger.
 */
export class Handover {
  readonly #joined = new Map<string, Joined>();

  /** @returns how to leave: resolves when nothing is asked of the recipient any more */
  join(runId: string, segment: number, recipient: Recipient): () => Promise<void> {
    const place = placeOf(runId, segment);
    // What it does with a page it does as the activity that it is, though the reader's calls.
    const asItself = AsyncLocalStorage.snapshot();
    const joined: Joined = {
      room: (records) => asItself(() => recipient.room(records)),
      claims: (records) => asItself(() => recipient.claims(records)),
      take: (asked, staged) => asItself(() => recipient.take(asked, staged)),
      underWay: new Set(),
    };
    this.#joined.set(place, joined);
    return async () => {
      // An attempt that comes after may have taken the place.
      if (this.#joined.get(place) === joined) this.#joined.delete(place);
      await Promise.allSettled(joined.underWay);
    };
  }

  /** Before a page is passed: a reader that is faster than its writer is held back a little. */
  async room({ runId, segment, records }: PagePlace): Promise<void> {
    await this.#joined.get(placeOf(runId, segment))?.room(records);
  }

  /** @param stage stages one page of so many records, with what the writer would claim of it */
  async pass({ runId, segment, records }: PagePlace, stage: (claims: readonly ClaimInput[]) => Promise<StagedPage>): Promise<void> {
    const joined = this.#joined.get(placeOf(runId, segment));
    const claims = joined?.claims(records) ?? [];
    if (joined === undefined || claims.length === 0) return void (await stage([]));
    const passing = passTo(joined, claims, stage);
    joined.underWay.add(passing);
    await passing.finally(() => joined.underWay.delete(passing));
  }
}

async function passTo(joined: Joined, claims: readonly ClaimInput[], stage: (claims: readonly ClaimInput[]) => Promise<StagedPage>): Promise<void> {
  let staged: Pick<StagedPage, 'claimed' | 'waited'> = { claimed: [], waited: [] };
  try {
    staged = await stage(claims);
  } finally {
    joined.take(claims, staged);
  }
}

function placeOf(runId: string, segment: number): string {
  return `${runId} ${segment}`;
}
