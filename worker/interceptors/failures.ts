import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import type { Logger } from 'pino';
import { z } from 'zod';
import { fixedSentence } from '../../activities/fixed-sentence.ts';
import { SyncError } from '../../engine/errors.ts';
import type { Ledger } from '../../ledger/ledger.ts';

const DEFECT = 'an activity failed by a defect';

const inputSchema = z.object({ runId: z.string() });

/** The one place where a failure of ours becomes one of Temporal's: code and fixed sentence cross, the full words go to the ledger. */
export class FailureInterceptor implements ActivityInboundCallsInterceptor {
  readonly #ledger: Ledger;
  readonly #log: Logger;

  constructor(ledger: Ledger, log: Logger) {
    this.#ledger = ledger;
    this.#log = log;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    try {
      return await next(input);
    } catch (error) {
      if (error instanceof CancelledFailure || error instanceof ApplicationFailure) throw error;
      const runId = inputSchema.safeParse(input.args[0]).data?.runId;
      if (error instanceof SyncError) throw await this.#asFailure(error, runId);
      this.#log.error({ runId, error }, DEFECT);
      throw ApplicationFailure.create({ type: 'INTERNAL', message: fixedSentence('INTERNAL') });
    }
  }

  async #asFailure(error: SyncError, runId: string | undefined): Promise<ApplicationFailure> {
    const isFinal = error.retry === 'never';
    if (error.code === 'INTERNAL') this.#log.error({ runId, error: originOf(error) }, DEFECT);
    this.#log[isFinal ? 'error' : 'info'](
      { runId, code: error.code, reason: error.message },
      isFinal ? 'a step failed for good' : 'a step will be tried again',
    );
    if (isFinal && runId !== undefined) await this.#note(runId, error);
    return ApplicationFailure.create({
      type: error.code,
      message: fixedSentence(error.code),
      nonRetryable: isFinal,
      ...(typeof error.retry === 'object' ? { nextRetryDelay: error.retry.afterMs, category: ApplicationFailureCategory.BENIGN } : {}),
    });
  }

  async #note(runId: string, error: SyncError): Promise<void> {
    try {
      await this.#ledger.noteFailure(runId, { code: error.code, message: error.message });
    } catch (cause) {
      this.#log.warn({ runId, error: cause }, 'could not note the failure in the ledger');
    }
  }
}

/** What is not ours among what an error was made of, which says where it comes from. */
function originOf(error: SyncError): unknown {
  let origin: unknown = error;
  while (origin instanceof SyncError && origin.cause !== undefined) origin = origin.cause;
  return origin;
}
