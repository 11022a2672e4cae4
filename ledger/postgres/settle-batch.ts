import type { SettleInput } from '../ledger.ts';
import type { Vault } from '../vault.ts';
import { insertAttempts } from './attempts.ts';
import { holdBatch, noteUnknown } from './batches.ts';
import { saveCounts } from './segment-row.ts';
import { readSending } from './sending-change.ts';
import type { Session } from './session.ts';
import { Settler } from './settler.ts';

/** Outcomes and the ledger's truth in one transaction, by the holder of the token alone; see `ChangeStore.settleBatch`. */
export async function settleBatch(session: Session, vault: Vault, input: SettleInput): Promise<void> {
  const { batchId, cost } = input;
  const at = Math.round(input.at);
  const batch = await holdBatch(session, batchId, input.token);
  await insertAttempts(session, batchId, input.attempts);
  const sending = await readSending(session, batchId);
  const settler = new Settler(session, vault, { ...batch, at, terms: input.terms });
  const pairs = input.outcomes.flatMap((outcome) => {
    const change = sending.get(outcome.changeId);
    sending.delete(outcome.changeId);
    return change === undefined ? [] : [{ change, outcome }];
  });
  await settler.settle(pairs);
  if (sending.size === 0) await session.run(`UPDATE batches SET state = 'settled' WHERE id = $1`, batchId);
  else await noteUnknown(session, { batchIds: [batchId], size: sending.size, at, hasEnded: true });
  await saveCounts(session, settler.counts, batch.runId, batch.segment, cost);
}
