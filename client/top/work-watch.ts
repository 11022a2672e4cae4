import { SyncError } from '../../engine/errors.ts';
import type { Run } from '../../ledger/ledger.ts';
import type { Cli } from '../cli.ts';
import { CliError } from '../cli-error.ts';
import type { Temporal } from '../temporal/connect.ts';
import { soon } from '../temporal/patience.ts';
import { readWorkflowState, type StepRetry } from '../temporal/workflow-state.ts';
import { readWorkers } from './read-workers.ts';
import type { TopWork } from './top-frame.ts';

const ASK_EVERY_MS = 3_000;
const MOST_RUNS = 20;

/** Asks Temporal beside the frames, every three seconds: a server that is slow or away holds no frame up. */
export class WorkWatch {
  readonly #cli: Cli;
  readonly #ownQueues: readonly string[];
  #work: TopWork | undefined;
  #asking: Promise<void> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(cli: Cli, ownQueues: readonly string[]) {
    this.#cli = cli;
    this.#ownQueues = ownQueues;
  }

  /** What was said last. @param runs that are open */
  look(runs: readonly Run[], now: number): TopWork | undefined {
    if (now - this.#askedAt >= ASK_EVERY_MS && this.#asking === undefined) {
      this.#askedAt = now;
      this.#asking = this.#ask(runs).finally(() => {
        this.#asking = undefined;
      });
    }
    return this.#work;
  }

  /** Until the question that is under way is answered. */
  async answered(): Promise<void> {
    await this.#asking;
  }

  async #ask(runs: readonly Run[]): Promise<void> {
    try {
      const { name: project, profile } = await this.#cli.session.project();
      const temporal = await this.#cli.session.temporal();
      const [found, retries] = await Promise.all([readWorkers(temporal, { project, profile }, this.#ownQueues), readRetries(temporal, runs)]);
      this.#work = { ...found, retries, trouble: undefined };
    } catch (error) {
      const isTold = error instanceof CliError || error instanceof SyncError;
      this.#work = { workers: [], backlog: [], retries: new Map(), trouble: isTold ? error.message : 'Temporal does not answer.' };
    }
  }
}

async function readRetries(temporal: Temporal, runs: readonly Run[]): Promise<ReadonlyMap<string, StepRetry>> {
  const states = runs.slice(0, MOST_RUNS).map(async ({ id, workflowId }): Promise<readonly (readonly [string, StepRetry])[]> => {
    const retry = workflowId === undefined ? undefined : (await soon(readWorkflowState(temporal, workflowId)))?.retry;
    return retry === undefined ? [] : [[id, retry]];
  });
  return new Map((await Promise.all(states)).flat());
}
