import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { z } from 'zod';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Sight } from '../sight/sight.ts';
import { type StepIds, stepIdsOf, withStepIds } from '../sight/step-ids.ts';
import { NO_TRACING } from '../sight/tracing.ts';

/** Steps that read or write a segment. */
const SIDES: Readonly<Record<string, 'source' | 'target' | undefined>> = { pageSource: 'source', writeBatches: 'target' };
const settledSchema = z.object({ state: z.string() });
/** Of a step that belongs to no sync. */
const NO_SYNC = '';

/** Lets each step be seen: its ids on the lines of the log, its time and how it ended in metrics and traces. */
export class StepInterceptor implements ActivityInboundCallsInterceptor {
  readonly #context: Context;
  readonly #sight: Sight;
  readonly #ledger: Pick<Ledger, 'readRun'>;

  constructor(context: Context, sight: Sight, ledger: Pick<Ledger, 'readRun'>) {
    this.#ledger = ledger;
    this.#context = context;
    this.#sight = sight;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const ids = stepIdsOf(this.#context.info, input.args[0]);
    return withStepIds(ids, () => this.#sight.tracing.traceStep(ids, () => this.#measured(ids, () => next(input))));
  }

  async #measured(ids: StepIds, work: () => Promise<unknown>): Promise<unknown> {
    const { metrics } = this.#sight;
    const { sync = NO_SYNC, activityType } = ids;
    const startedAt = performance.now();
    try {
      const result = await work();
      const state = activityType === 'settleRun' ? settledSchema.safeParse(result).data?.state : undefined;
      if (state !== undefined) await this.#tellEnd(ids, sync, state);
      return result;
    } catch (error) {
      if (error instanceof ApplicationFailure && !(error instanceof CancelledFailure)) countFailure(metrics, sync, error);
      throw error;
    } finally {
      const side = SIDES[activityType];
      if (side !== undefined) metrics?.timeSegment(sync, side, performance.now() - startedAt);
    }
  }

  async #tellEnd(ids: StepIds, sync: string, state: string): Promise<void> {
    const { metrics, tracing } = this.#sight;
    metrics?.countRun(sync, state);
    if (tracing === NO_TRACING || ids.runId === undefined) return;
    const run = await this.#ledger.readRun(ids.runId).catch(() => undefined);
    if (run !== undefined) tracing.traceRun(ids, run);
  }
}

function countFailure(metrics: Sight['metrics'], sync: string, { type, nonRetryable, nextRetryDelay }: ApplicationFailure): void {
  const waitMs = typeof nextRetryDelay === 'number' ? nextRetryDelay : undefined;
  metrics?.countStepFailure(sync, type ?? 'INTERNAL', nonRetryable === true, waitMs);
}
