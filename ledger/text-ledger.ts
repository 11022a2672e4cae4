import type { ClaimedBatch, ClaimedChange, ClaimResult, Ledger, StagedChange, StagedPage, StagedRecord, StagePageInput } from './ledger.ts';
import { payloadOf, payloadText } from './payload-text.ts';

/** A change whose fields and source are JSON text, as the store keeps them. */
export type StagedText = Omit<StagedChange, 'fields' | 'source'> & { readonly payload: string; readonly sourceText: string };
export type StagedTextChange = ChangeRecord & { readonly change: StagedText };
export type StagedTextRecord = Exclude<StagedRecord, { disposition: 'change' }> | StagedTextChange;
type ChangeRecord = Omit<Extract<StagedRecord, { disposition: 'change' }>, 'change'>;
export type StagePageTexts = Omit<StagePageInput, 'records'> & { readonly records: readonly StagedTextRecord[] };

export type ClaimedText = Omit<ClaimedChange, 'fields' | 'match'> & { readonly payload: string };
export type TextBatch = Omit<ClaimedBatch, 'changes'> & { readonly changes: readonly ClaimedText[] };
export type TextClaim = Exclude<ClaimResult, { state: 'claimed' }> | { readonly state: 'claimed'; readonly batch: TextBatch };

/** A batch of what was just staged, as its records say: who staged them has them at hand. */
export type HandedBatch = Omit<ClaimedBatch, 'changes'> & {
  readonly changes: readonly { readonly id: number; readonly key: string; readonly targetId: string | undefined }[];
};
export type StagedPageTexts = Omit<StagedPage, 'claimed' | 'waited'> & { readonly claimed: readonly HandedBatch[]; readonly waited: readonly TextBatch[] };

/**
 * A store's own view of the ledger: what is sent of a record is text, written when it is staged and read when it is sent, by who stages and sends. Texts cross between
 * threads as they are, while objects are taken apart and put together again.
 */
export type TextLedger = Omit<Ledger, 'stagePage' | 'claimBatch' | 'takeOver'> & {
  stagePage(input: StagePageTexts): Promise<StagedPageTexts>;
  claimBatch(input: Parameters<Ledger['claimBatch']>[0]): Promise<TextClaim>;
  takeOver(input: Parameters<Ledger['takeOver']>[0]): Promise<TextBatch>;
};

/** The ledger as all others see it. */
export function readingTexts(ledger: TextLedger): Ledger {
  return {
    ...ledger,
    stagePage: async (input) => {
      const page = await ledger.stagePage({ ...input, records: input.records.map(asText) });
      return { ...page, waited: page.waited.map(readBatch), claimed: page.claimed.length === 0 ? [] : handed(page.claimed, input.records) };
    },
    claimBatch: async (input) => {
      const claim = await ledger.claimBatch(input);
      return claim.state === 'empty' ? claim : { state: 'claimed', batch: readBatch(claim.batch) };
    },
    takeOver: async (input) => readBatch(await ledger.takeOver(input)),
  };
}

function asText(record: StagedRecord): StagedTextRecord {
  if (record.disposition !== 'change') return record;
  const { fields, source, ...change } = record.change;
  return { ...record, change: { ...change, payload: payloadText({ match: change.match, fields }), sourceText: JSON.stringify(source) } };
}

/** Nothing crosses between threads twice: what was staged is what is sent. */
function handed(batches: readonly HandedBatch[], records: readonly StagedRecord[]): readonly ClaimedBatch[] {
  const changes = new Map(records.flatMap((record) => (record.disposition === 'change' ? [[record.key, record.change] as const] : [])));
  return batches.map((batch) => ({
    ...batch,
    changes: batch.changes.flatMap(({ id, key, targetId }) => {
      const change = changes.get(key);
      if (change === undefined) return [];
      const { kind, fields, match, contentHash, sourceVersion } = change;
      const more = { ...(targetId === undefined ? {} : { targetId }), ...(sourceVersion === undefined ? {} : { sourceVersion }) };
      return [{ id, key, kind, fields, match, contentHash, earlierBatches: 0, ...more }];
    }),
  }));
}

function readBatch(batch: TextBatch): ClaimedBatch {
  return { ...batch, changes: batch.changes.map(readChange) };
}

function readChange({ payload, ...change }: ClaimedText): ClaimedChange {
  const { match, fields = {} } = payloadOf(payload);
  return { ...change, match, fields };
}
