import { runOutcome } from '../engine/books.ts';
import { isPlainText } from '../engine/cursor-value.ts';
import { syncScope } from '../engine/ids.ts';
import { isAside, type RunFailure } from '../engine/run.ts';
import { nextWatermark } from '../engine/window.ts';
import type { Run } from '../ledger/ledger.ts';
import type { SettleRunInput, SettleRunResult } from './activities.ts';
import { mayConcernAlerts } from './alert-rules.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { fixedSentence } from './fixed-sentence.ts';
import { keepShape } from './keep-shape.ts';
import { readExtent } from './read-extent.ts';
import { openRunContext } from './run-context.ts';
import { runOptions } from './run-options.ts';
import { hasResults } from './send-results.ts';

/** Closes the books and the run; see `Activities.settleRun`. Idempotent: a run that is closed already keeps its end. */
export async function settleRun(dependencies: ActivityDependencies, input: SettleRunInput): Promise<SettleRunResult> {
  const { ledger, now } = dependencies;
  await ensureRun(dependencies, input);
  const run = await ledger.readRun(input.runId);
  const totals = await ledger.deriveTotals(input.runId);
  const failure = input.ending === 'failed' ? (run?.failure ?? input.failure) : undefined;
  const extent = await readExtent(dependencies, input.runId);
  const state = runOutcome({ totals, isReadComplete: extent.isComplete, isCancelled: input.ending === 'cancelled', hasFailed: input.ending === 'failed' });
  if (run !== undefined && (state === 'completed' || state === 'completed-with-rejections'))
    await advanceWatermark(dependencies, run, syncScope(input.ref), extent.maxCursorValue);
  const hasDrift = run !== undefined && (await keepShape(dependencies, run, { state, code: failure?.code, lastSegment: extent.segments - 1 }));
  if (run?.options.events === true && (state === 'completed' || state === 'completed-with-rejections'))
    await ledger.settleEvents({ runId: run.id, againAt: now(), at: now() });
  await ledger.dropLookups(input.runId);
  await ledger.closeRun(input.runId, { state, totals, at: now(), ...(failure === undefined ? {} : { failure }) });
  const shown = shownFailure(state === 'books-open' ? BOOKS_OPEN : failure);
  const isToNotify = run !== undefined && (await mayConcernAlerts(dependencies, run, state === 'failed'));
  const isWanted = run !== undefined && (await hasResults(dependencies, run));
  return {
    state,
    totals,
    ...(isWanted ? { hasResults: true } : {}),
    ...(isToNotify ? { isToNotify } : {}),
    ...(hasDrift ? { hasDrift } : {}),
    ...(shown === undefined ? {} : { failure: shown }),
  };
}

/** A run whose plan failed was perhaps never opened: it still gets its row, and its end. */
async function ensureRun({ ledger, now }: ActivityDependencies, { runId, ref, trigger = 'manual', options }: SettleRunInput): Promise<void> {
  const asked = options === undefined ? {} : { options };
  await ledger.requestRun({ id: runId, scope: syncScope(ref), trigger, options: runOptions(asked), at: now() });
}

/** Only a live run that read its whole window moves it; `--key`, `--limit`, retries and plans do not. */
async function advanceWatermark(dependencies: ActivityDependencies, run: Run, scope: string, maxCursorValue: string | undefined): Promise<void> {
  const { ledger, log, now } = dependencies;
  if (isAside(run.options)) return;
  // Its window is read again: what has left in it was not taken away.
  if (run.sweep?.reason === 'source-drift' || run.sweep?.reason === 'backfill') return;
  const context = await openRunContext(dependencies, run.id);
  if (context.definition.sync.source.incremental === undefined) return;
  const previous = await ledger.readWatermark(scope);
  const value = nextWatermark({ maxCursorValue, readStartedServerTime: run.readStartedAt, previous: previous?.value });
  if (value === undefined) return;
  if (isPlainText(value)) log.warn({ scope, cursorField: context.definition.sync.source.incremental.cursorField }, PLAIN_TEXT);
  const fullReadAt = run.window.from === undefined ? now() : previous?.fullReadAt;
  await ledger.saveWatermark(scope, { value, ...(fullReadAt === undefined ? {} : { fullReadAt }) }, now());
}

const BOOKS_OPEN: RunFailure = { code: 'INTERNAL', message: 'The books do not close: some record that was taken has no outcome.' };

const PLAIN_TEXT =
  'the cursor field is neither a time nor a number: it is read on from its last text, without lookback, and what changes during a read may be passed by';

/** History keeps codes and fixed sentences; the API's own words stay in the ledger. */
function shownFailure(failure: RunFailure | undefined): RunFailure | undefined {
  return failure === undefined ? undefined : { code: failure.code, message: fixedSentence(failure.code) };
}
