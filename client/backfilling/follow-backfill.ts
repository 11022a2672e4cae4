import { setTimeout as sleep } from 'node:timers/promises';
import { backfillWorkflowId, type SyncRef } from '../../engine/ids.ts';
import { addTotals, type RunTotals } from '../../engine/outcome.ts';
import type { RunStore } from '../../ledger/ledger.ts';
import type { BackfillProgress } from '../../workflows/contract.ts';
import { absenceWords, findAbsence } from '../temporal/absence.ts';
import type { Temporal } from '../temporal/connect.ts';
import { askLastWord } from '../temporal/last-word.ts';
import { soon } from '../temporal/patience.ts';
import { readWorkflowState } from '../temporal/workflow-state.ts';
import { askBackfill } from './find-backfill.ts';

const LOOK_EVERY_MS = 500;

/** A backfill as it is at one moment. */
export interface BackfillSnapshot {
  readonly sync: string;
  readonly progress: BackfillProgress;
  /** Of all windows, those that are being read with them. */
  readonly totals: RunTotals;
  readonly now: number;
  /** Why nothing moves. */
  readonly trouble: string | undefined;
}

/** A backfill of which nobody has told anything yet. */
export interface SilentBackfill extends Pick<BackfillSnapshot, 'sync' | 'now'> {
  readonly progress: undefined;
  readonly trouble: string;
}

export interface BackfillView {
  update(snapshot: BackfillSnapshot | SilentBackfill): void;
  /** Leaves the terminal as it should be. */
  end(): void;
}

export interface FollowBackfill {
  readonly ledger: Pick<RunStore, 'readRun'>;
  readonly temporal: Temporal;
  readonly ref: SyncRef;
  readonly view: BackfillView;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

/** `lost`: it ended from outside. */
export type FollowedBackfill =
  | { readonly end: 'ended'; readonly snapshot: BackfillSnapshot }
  | { readonly end: 'lost'; readonly status: string }
  | { readonly end: 'left' };

/** Follows a backfill until it ends or the person leaves: its workflow tells how many windows are read, the ledger how far those are that are being read. */
export async function followBackfill(options: FollowBackfill): Promise<FollowedBackfill> {
  const { temporal, ref, view, signal } = options;
  let last: BackfillProgress | undefined;
  try {
    while (!signal.aborted) {
      const state = await soon(readWorkflowState(temporal, backfillWorkflowId(ref))).catch(() => undefined);
      const progress = await askBackfill(temporal, ref);
      last = progress ?? last;
      const sight = last === undefined ? await silence(temporal, ref) : await readSnapshot(options, last, progress === undefined);
      if (sight !== undefined) view.update(sight);
      if (state?.isRunning === false) {
        const lastWord = await askLastWord(() => askBackfill(temporal, ref));
        if (lastWord === undefined || lastWord.phase === 'running') return { end: 'lost', status: state.status };
        return { end: 'ended', snapshot: await readSnapshot(options, lastWord, false) };
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    return { end: 'left' };
  } finally {
    view.end();
  }
}

async function readSnapshot({ ledger, temporal, ref }: FollowBackfill, progress: BackfillProgress, isSilent: boolean): Promise<BackfillSnapshot> {
  const runs = await Promise.all(progress.running.map(({ runId }) => ledger.readRun(runId).catch(() => undefined)));
  const totals = runs.reduce((sum, run) => (run === undefined ? sum : addTotals(sum, run.totals)), progress.totals);
  return { sync: ref.sync, progress, totals, now: Date.now(), trouble: isSilent ? await findTrouble(temporal, ref) : undefined };
}

async function silence(temporal: Temporal, ref: SyncRef): Promise<SilentBackfill | undefined> {
  const trouble = await findTrouble(temporal, ref);
  return trouble === undefined ? undefined : { sync: ref.sync, progress: undefined, now: Date.now(), trouble };
}

async function findTrouble(temporal: Temporal, ref: SyncRef): Promise<string | undefined> {
  try {
    const absence = await soon(findAbsence(temporal, ref, Date.now(), undefined));
    return absence === undefined ? undefined : `waits for ${absenceWords(absence)}`;
  } catch {
    return 'the Temporal server does not answer';
  }
}
