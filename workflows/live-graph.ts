import { ApplicationFailure, CancellationScope, CancelledFailure, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { GraphPlan } from '../activities/activities.ts';
import type { RunTrigger } from '../engine/run.ts';
import type { AskedOptions, GraphInput, GraphProgress, GraphSync, GraphSyncState, SyncInput, SyncResult } from './contract.ts';
import { endingOf } from './ending.ts';
import { graphTable } from './graph-table.ts';
import { graphQuery } from './messages.ts';
import { RunIds } from './run-ids.ts';
import { runSync } from './run-sync.ts';

/** What a live graph knows of its syncs, kept in step with its query and its details in the Web UI. */
export class LiveGraph {
  readonly input: GraphInput;
  #phase: GraphProgress['phase'] = 'planning';
  readonly #syncs = new Map<string, GraphSync>();
  readonly #runIds = new RunIds();

  constructor(input: GraphInput) {
    this.input = input;
    setHandler(graphQuery, () => this.#progress());
  }

  begin(steps: GraphPlan['steps']): void {
    for (const { name, after } of steps) this.#syncs.set(name, { ...this.#of(name), after });
    this.enter('syncing');
  }

  enter(phase: GraphProgress['phase']): void {
    this.#phase = phase;
    setCurrentDetails(graphTable(this.#progress()));
  }

  note(sync: string, news: Partial<GraphSync>): void {
    this.#syncs.set(sync, { ...this.#of(sync), ...news });
    setCurrentDetails(graphTable(this.#progress()));
  }

  stateOf(sync: string): GraphSyncState {
    return this.#of(sync).state;
  }

  get done(): readonly string[] {
    return [...this.#syncs.values()].filter(({ state }) => state === 'done').map(({ sync }) => sync);
  }

  /** Runs a sync to its end, whatever that is. */
  async run(sync: string): Promise<void> {
    const runId = this.#runIds.next();
    await this.#follow(sync, runId, { runId }, 'graph', this.input.full === true ? { full: true } : undefined);
  }

  /** Runs a sync once more, for what waits for references. @returns the records written */
  async runAgain(sync: string): Promise<number> {
    const runId = this.#runIds.next();
    const { secondRuns } = this.#of(sync);
    const result = await this.#follow(sync, runId, { secondRuns: [...secondRuns, runId] }, 'references', { references: true });
    return result?.totals.written ?? 0;
  }

  /** @throws CancelledFailure; ApplicationFailure where not all syncs have run to their end */
  finish(): GraphProgress {
    this.enter('done');
    if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('The graph was cancelled; the books of its runs are closed.');
    const syncs = [...this.#syncs.values()];
    const of = (...states: GraphSyncState[]) => syncs.filter(({ state }) => states.includes(state));
    const [first] = of('failed', 'cancelled');
    if (first === undefined) return this.#progress();
    const parts = [
      ...of('failed', 'cancelled').map(({ sync, state }) => `${sync} ${state === 'failed' ? 'failed' : 'was cancelled'}`),
      ...of('skipped').map(({ sync }) => `${sync} was skipped`),
    ];
    throw ApplicationFailure.nonRetryable(`${parts.join(', ')}.`, first.code ?? 'CANCELLED');
  }

  async #follow(sync: string, runId: string, started: Partial<GraphSync>, trigger: RunTrigger, options?: AskedOptions): Promise<SyncResult | undefined> {
    const input = this.#inputOf(sync, runId, trigger, options);
    try {
      const result = await runSync(input, {
        parentClosePolicy: 'REQUEST_CANCEL',
        ifInUse: 'wait',
        onStart: () => this.note(sync, { ...started, state: 'running' }),
        onInUse: () => this.note(sync, { state: 'in-use' }),
      });
      this.note(sync, { state: 'done' });
      return result;
    } catch (error) {
      const { ending, failure } = endingOf(error);
      if (failure === undefined) this.note(sync, { state: ending === 'cancelled' ? 'cancelled' : 'failed' });
      else this.note(sync, { state: 'failed', code: failure.code, because: failure.message });
      return undefined;
    }
  }

  #inputOf(sync: string, runId: string, trigger: RunTrigger, options: AskedOptions | undefined): SyncInput {
    const { project, profile, definitionHashes, useWorkerVersion, hasSearchAttributes } = this.input;
    const definitionHash = definitionHashes?.[sync];
    return {
      ref: { project, profile, sync },
      runId,
      trigger,
      ...(definitionHash === undefined ? {} : { definitionHash }),
      ...(useWorkerVersion === undefined ? {} : { useWorkerVersion }),
      ...(hasSearchAttributes === undefined ? {} : { hasSearchAttributes }),
      ...(options === undefined ? {} : { options }),
    };
  }

  #of(sync: string): GraphSync {
    return this.#syncs.get(sync) ?? { sync, after: [], state: 'waiting', secondRuns: [], openReferences: 0 };
  }

  #progress(): GraphProgress {
    return { phase: this.#phase, syncs: [...this.#syncs.values()] };
  }
}
