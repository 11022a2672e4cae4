import { z } from 'zod';
import { ERROR_CODES } from '../../engine/errors.ts';
import { type RunTotals, ZERO_TOTALS } from '../../engine/outcome.ts';
import { isAside, RUN_PHASES, RUN_STATES, RUN_TRIGGERS } from '../../engine/run.ts';
import type { Run, RunOptions, RunSuccess } from '../ledger.ts';
import { defined, json, number, optionalNumber, optionalText, type Row, text } from './row.ts';
import { sweepOf } from './sweep-row.ts';

const triggerSchema = z.enum(RUN_TRIGGERS);
const optionsSchema = z.object({
  keys: z.array(z.string()).optional(),
  limit: z.number().optional(),
  full: z.boolean().optional(),
  retry: z.boolean().optional(),
  references: z.boolean().optional(),
  adopt: z.boolean().optional(),
  window: z.object({ from: z.string(), to: z.string() }).optional(),
  events: z.boolean().optional(),
  plan: z
    .object({ from: z.string().optional() })
    .transform(({ from }) => (from === undefined ? {} : { from }))
    .optional(),
});
const controlSchema = z.object({
  paused: z.boolean(),
  concurrency: z.number().optional(),
  batchSize: z.number().optional(),
  requestsPerSecond: z.number().optional(),
});
const waitSchema = z.object({ side: z.enum(['source', 'target', 'ledger']), reason: z.string(), untilMs: z.number() });
const failureSchema = z.object({ code: z.enum(ERROR_CODES), message: z.string() });
const windowSchema = z.object({ from: z.string().optional(), to: z.string().optional() });
const totalsSchema = z.record(z.string(), z.number());

/** The totals of a run, of the sums over the counters of its segments. */
export function totalsOf(sums: Row, isRetry: boolean, expected: number | undefined): RunTotals {
  const of = (name: string) => optionalNumber(sums, name) ?? 0;
  return {
    read: isRetry ? 0 : of('taken'),
    retriedFromEarlier: of('retried') + (isRetry ? of('taken') : 0),
    seenAgain: of('seen_again'),
    created: of('created'),
    updated: of('updated'),
    written: of('written'),
    unchanged: of('unchanged'),
    superseded: of('superseded'),
    skipped: of('skipped'),
    rejected: of('rejected'),
    held: of('held') + of('unknown'),
    deletesDue: of('deleted') + of('deletes_rejected') + of('deletes_held'),
    deleted: of('deleted'),
    deletesRejected: of('deletes_rejected'),
    deletesHeld: of('deletes_held'),
    requests: of('requests'),
    retries: of('retries'),
    throttled: of('throttled'),
    pages: of('pages'),
    segments: of('segments'),
    ...(expected === undefined ? {} : { expected }),
  };
}

/** Where what a run has seen of records is kept: beside the scope's own, where another run may see the same ones meanwhile. */
export function laneOf(run: { readonly id: string; readonly options: RunOptions }): string {
  return run.options.window === undefined && run.options.events !== true ? '' : `#${run.id}`;
}

/** Whether the run tries rejected records of earlier runs again. */
export function readsAsRetry(row: Row): boolean {
  return optionsSchema.parse(json(row, 'options')).retry === true;
}

/** Whether the run did less than its sync says. */
export function wasAside(row: Row): boolean {
  return isAside(optionsSchema.parse(json(row, 'options')));
}

/** As its close has frozen them. */
export function frozenTotals(row: Row): RunTotals | undefined {
  const frozen = json(row, 'totals');
  return frozen === undefined ? undefined : { ...ZERO_TOTALS, ...totalsSchema.parse(frozen) };
}

export function readSuccess(row: Row): RunSuccess {
  return defined({ lastGoodAt: optionalNumber(row, 'last_good_at'), firstAt: optionalNumber(row, 'first_at') });
}

export function readRunRow(row: Row, totals: RunTotals): Run {
  const options = optionsSchema.parse(json(row, 'options'));
  const waits = z.record(z.string(), waitSchema).parse(json(row, 'waits'));
  const failure = json(row, 'failure');
  return defined({
    id: text(row, 'id'),
    scope: text(row, 'scope'),
    definitionHash: optionalText(row, 'definition_hash'),
    trigger: triggerSchema.parse(text(row, 'trigger')),
    options: defined(options),
    state: z.enum(RUN_STATES).parse(text(row, 'state')),
    phase: z.enum(RUN_PHASES).parse(text(row, 'phase')),
    workflowId: optionalText(row, 'workflow_id'),
    firstExecutionRunId: optionalText(row, 'first_execution_run_id'),
    requestedAt: number(row, 'requested_at'),
    startedAt: optionalNumber(row, 'started_at'),
    endedAt: optionalNumber(row, 'ended_at'),
    window: defined(windowSchema.parse(json(row, 'window'))),
    readStartedAt: optionalNumber(row, 'read_started_at'),
    control: defined(controlSchema.parse(json(row, 'control'))),
    waits: Object.values(waits),
    failure: failure === undefined ? undefined : failureSchema.parse(failure),
    sweep: sweepOf(row),
    totals,
  });
}
