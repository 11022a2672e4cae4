import { Context } from '@temporalio/activity';
import type { Source } from '../connectors/ports.ts';
import { archivedFields } from '../definition/sync-mode.ts';
import { isWanted } from '../engine/left-out.ts';
import { isAside } from '../engine/run.ts';
import { passedGuard, reasonNotToSweep } from '../engine/sweep.ts';
import type { SweepDeletesInput, SweepDeletesResult } from './activities.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { budgeted } from './failure-budget.ts';
import { whileBeating } from './heartbeat.ts';
import { judgeNow } from './judge-alerts.ts';
import { hasLeavingDrift } from './judge-shape.ts';
import { readExtent } from './read-extent.ts';
import { RequestMeter } from './request-meter.ts';
import { openLiveContext, type RunContext } from './run-context.ts';
import { StopSigns } from './stop-signs.ts';

/** Asked for at once; the limits of the source hold as ever. */
const ASKED_TOGETHER = 20;

/** Finds what the source no longer has, and stages its delete; see `Activities.sweepDeletes`. Goes on where the ledger says. */
export async function sweepDeletes(dependencies: ActivityDependencies, { runId, isApproved }: SweepDeletesInput): Promise<SweepDeletesResult> {
  const context = await openLiveContext(dependencies, runId);
  const extent = await readExtent(dependencies, runId);
  const sweeping = new Sweeping(dependencies, context);
  try {
    return await whileBeating(
      dependencies,
      runId,
      () => ({ segment: extent.segments, done: sweeping.asked }),
      () => sweeping.run(extent.isComplete, isApproved),
    );
  } catch (error) {
    throw await budgeted(dependencies, context, { segment: Math.max(0, extent.segments - 1), side: 'source' }, error);
  }
}

class Sweeping {
  /** Records that the source was asked for, for the heartbeat. */
  asked = 0;
  readonly #dependencies: ActivityDependencies;
  readonly #context: RunContext;
  readonly #meter = new RequestMeter();

  constructor(dependencies: ActivityDependencies, context: RunContext) {
    this.#dependencies = dependencies;
    this.#context = context;
  }

  async run(isReadComplete: boolean, isApproved: boolean): Promise<SweepDeletesResult> {
    const { ledger, now } = this.#dependencies;
    const { run, definition, scope, targetScope, sensitiveFields, abilities } = this.#context;
    const source = this.#context.openSource(this.#meter);
    const { options, window, totals } = run;
    const isPlanned = options.plan !== undefined;
    const isOfEvents = options.events === true;
    const isPart = isAside(options) && !isPlanned && !isOfEvents;
    const isWhole = !isOfEvents && (isPlanned || (window.from === undefined && window.to === undefined));
    const known = await ledger.countTold(scope);
    const records = isWhole && !isPlanned ? totals.read : Number.POSITIVE_INFINITY;
    const hasDrift = await hasLeavingDrift(this.#dependencies, this.#context);
    // What an event tells as gone was confirmed after whatever a window has read, and goes over it.
    const isBackfilled = !isOfEvents && (await ledger.listOpenWindows(scope)).some((beside) => beside.options.window !== undefined);
    const reason = reasonNotToSweep({ isPart, isComplete: isReadComplete, records, known, hasDrift, isBackfilled });
    if (reason !== undefined) {
      const { due } = await ledger.noteSweep(run.id, { state: 'none', reason, known });
      return { state: 'none', due };
    }
    // A run of events comes back to reading.
    if (!isOfEvents) await ledger.setPhase(run.id, 'sweeping');
    const begun = await ledger.beginSweep({ runId: run.id, isComplete: isWhole, scope: definition.deleteScope, canConfirm: source.readOne !== undefined });
    if (isApproved && begun.state === 'waiting') {
      // A person may have taken days: what has returned since is not deleted.
      await ledger.doubtMissing(run.id);
      await ledger.noteSweep(run.id, { state: 'approved' });
    }
    await this.#confirm(source.readOne);
    const isSealed = definition.values !== 'plain' || sensitiveFields.length > 0;
    const { sweep, segment: passedOn } = await ledger.passOnShared({ runId: run.id, kind: abilities.update ? 'update' : 'upsert', isSealed, at: now() });
    const found = { due: sweep.due, ...(passedOn === undefined ? {} : { passedOn }) };
    if (sweep.due === 0) {
      await ledger.noteSweep(run.id, { state: 'done' });
      return { state: 'none', ...found };
    }
    if (!isApproved && passedGuard(sweep, definition.deleteGuard) !== undefined) {
      await ledger.noteSweep(run.id, { state: 'waiting' });
      if (await judgeNow(this.#dependencies, definition, ['deletes-waiting'])) await this.#dependencies.wakeAlerts(definition.ref, { isNew: true });
      return { state: 'guarded', ...found };
    }
    const segment = await ledger.stageDeletes({ runId: run.id, targetScope, archive: archivedFields(definition.sync.target), isSealed, at: now() });
    await ledger.noteSweep(run.id, { state: 'done' });
    return { state: 'staged', segment, ...found };
  }

  /** Asks the source for each record that its list no longer had: lists skip records, and nothing is deleted for that. */
  async #confirm(readOne: Source['readOne']): Promise<void> {
    const { ledger } = this.#dependencies;
    const runId = this.#context.run.id;
    const signs = new StopSigns(this.#dependencies, runId);
    const signal = Context.current().cancellationSignal;
    for (;;) {
      await signs.throwIfStopped();
      const keys = readOne === undefined ? [] : await ledger.listUnconfirmed(runId, ASKED_TOGETHER);
      const answers = await Promise.all(keys.map(async (key) => ({ key, isGone: !(await this.#isThere(readOne, key, signal)) })));
      this.asked += keys.length;
      await ledger.confirmMissing(runId, answers);
      await ledger.addRunCost(runId, this.#meter.take());
      if (keys.length === 0) return;
    }
  }

  /** A record that the source keeps as deleted, or that was merged into another, is as good as gone. */
  async #isThere(readOne: Source['readOne'], key: string, signal: AbortSignal): Promise<boolean> {
    const record = await readOne?.(key, signal);
    const { run } = this.#context;
    return record?.key === key && (await isWanted(this.#context, record.fields, { now: run.startedAt ?? run.requestedAt }));
  }
}
