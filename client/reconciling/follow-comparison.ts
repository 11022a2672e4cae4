import { setTimeout as sleep } from 'node:timers/promises';
import { reconcileWorkflowId, type SyncRef } from '../../engine/ids.ts';
import type { DriftStore, Reconciliation } from '../../ledger/drift-store.ts';
import { absenceWords, findAbsence } from '../temporal/absence.ts';
import type { Temporal } from '../temporal/connect.ts';
import { soon } from '../temporal/patience.ts';
import { readWorkflowState, retryWords } from '../temporal/workflow-state.ts';

const LOOK_EVERY_MS = 500;

/** A comparison as it is at one moment. */
export interface ComparisonSnapshot {
  /** Undefined until a worker has begun it. */
  readonly reconciliation: Reconciliation | undefined;
  /** Why nothing moves. */
  readonly standstill: string | undefined;
  readonly now: number;
}

export interface ComparisonView {
  update(snapshot: ComparisonSnapshot): void;
  /** Leaves the terminal as it should be. */
  end(): void;
}

export interface FollowComparison {
  readonly ledger: Pick<DriftStore, 'findReconciliation'>;
  readonly temporal: Temporal;
  readonly ref: SyncRef;
  readonly id: string;
  readonly view: ComparisonView;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Follows a comparison until its workflow ends or the person leaves: the ledger tells how far it is, Temporal why it waits. @returns whether it has ended. @throws what its workflow ended with */
export async function followComparison(options: FollowComparison): Promise<boolean> {
  const { temporal, ref, view, signal } = options;
  let hasEnded = false;
  const ending = temporal.client.workflow
    .getHandle(reconcileWorkflowId(ref))
    .result()
    .finally(() => {
      hasEnded = true;
    });
  // Whoever leaves does not wait for it.
  ending.catch(() => undefined);
  try {
    while (!hasEnded && !signal.aborted) {
      view.update(await readSnapshot(options));
      await Promise.race([ending.catch(() => undefined), sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)]);
    }
  } finally {
    view.end();
  }
  if (hasEnded) await ending;
  return hasEnded;
}

async function readSnapshot({ ledger, temporal, ref, id }: FollowComparison): Promise<ComparisonSnapshot> {
  const [reconciliation, standstill] = await Promise.all([ledger.findReconciliation(id).catch(() => undefined), findStandstill(temporal, ref)]);
  return { reconciliation, standstill, now: Date.now() };
}

async function findStandstill(temporal: Temporal, ref: SyncRef): Promise<string | undefined> {
  const now = Date.now();
  try {
    const { retry, pinnedTo } = (await soon(readWorkflowState(temporal, reconcileWorkflowId(ref)))) ?? {};
    const absence = await soon(findAbsence(temporal, ref, now, pinnedTo));
    if (absence !== undefined) return `waits for ${absenceWords(absence)}`;
    return retry === undefined ? undefined : retryWords(retry, now);
  } catch {
    return 'the Temporal server does not answer';
  }
}
