import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { Program } from '../../scripts/demo/programs.ts';
import type { TemporalServer } from '../../worker/temporal-server/start-temporal-server.ts';
import type { Project } from '../support/project.ts';
import type { Dice } from './seeded.ts';
import type { TreacherousApi } from './treacherous-api.ts';

/** A worker's activities are missed after 3 s: a stall is longer. */
const STALL_MS = 4_500;

interface Scene {
  readonly dice: Dice;
  readonly project: Project;
  readonly api: TreacherousApi;
  readonly workflowId: string;
  readonly server: () => TemporalServer;
  readonly restartServer: () => Promise<void>;
  /** Of a ledger that is a server. */
  readonly restartLedger: (() => Promise<void>) | undefined;
}

/** What befalls a run: one to three blows at moments that the dice choose. */
export class Chaos {
  readonly blows: string[] = [];
  readonly #scene: Scene;
  /** Changed in place: whoever is killed, another takes the place of. */
  readonly #workers: Program[];
  #isOver = false;

  constructor(scene: Scene, workers: Program[]) {
    this.#scene = scene;
    this.#workers = workers;
  }

  async strike(): Promise<void> {
    const { dice, restartLedger } = this.#scene;
    const count = 1 + dice.integer(3);
    if (restartLedger !== undefined) {
      await sleep(dice.between(300, 3_500));
      this.blows.push('PostgreSQL killed');
      await restartLedger();
    }
    for (let blow = 0; blow < count; blow++) {
      await sleep(dice.between(300, 3_500));
      if (this.#isOver) return;
      await this.#blow(dice.integer(10));
    }
  }

  /** No more blows; the one under way is waited for by who awaits `strike`. */
  end(): void {
    this.#isOver = true;
  }

  async #blow(kind: number): Promise<void> {
    if (kind < 4) return this.#kill();
    if (kind < 6) return this.#stall();
    if (kind < 7) return this.#endWorkflow();
    if (kind < 8) return this.#killServer();
    if (kind < 9) return this.#reset();
    this.blows.push('API died');
    this.#scene.api.die();
  }

  async #kill(): Promise<void> {
    this.blows.push('worker killed');
    const place = this.#scene.dice.integer(this.#workers.length);
    this.#workers[place]?.child.kill('SIGKILL');
    await sleep(100);
    this.#workers[place] = await this.#scene.project.startWorker();
  }

  /** Beyond its heartbeat time-out, another one at work meanwhile: when it wakes up it finds its claims gone. */
  async #stall(): Promise<void> {
    this.blows.push('worker stalled');
    const place = this.#scene.dice.integer(this.#workers.length);
    const stalled = this.#workers[place];
    stalled?.child.kill('SIGSTOP');
    this.#workers[place] = await this.#scene.project.startWorker();
    await sleep(STALL_MS);
    stalled?.child.kill('SIGCONT');
    await sleep(1_500);
    stalled?.child.kill('SIGKILL');
  }

  async #endWorkflow(): Promise<void> {
    this.blows.push('workflow terminated');
    await this.#withWorkflow((handle) => handle.terminate('chaos'));
  }

  async #reset(): Promise<void> {
    this.blows.push('workflow reset');
    await this.#withWorkflow(async (handle, client, namespace) => {
      const { runId } = await handle.describe();
      const { history } = await client.workflowService.getWorkflowExecutionHistory({ namespace, execution: { workflowId: handle.workflowId, runId } });
      const completed = history?.events?.find(
        (event) => event.workflowTaskCompletedEventAttributes !== undefined && event.workflowTaskCompletedEventAttributes !== null,
      );
      if (completed?.eventId === undefined || completed.eventId === null) return;
      await client.workflowService.resetWorkflowExecution({
        namespace,
        workflowExecution: { workflowId: handle.workflowId, runId },
        workflowTaskFinishEventId: completed.eventId,
        requestId: `${Date.now()}`,
        reason: 'chaos',
      });
    });
  }

  async #killServer(): Promise<void> {
    this.blows.push('Temporal killed');
    await this.#scene.restartServer();
  }

  /** The run may have ended just before the blow: then there is nothing to hit. */
  async #withWorkflow(work: (handle: ReturnType<Client['workflow']['getHandle']>, client: Client, namespace: string) => Promise<unknown>): Promise<void> {
    const connection = await Connection.connect({ address: this.#scene.server().address });
    try {
      const client = new Client({ connection });
      await work(client.workflow.getHandle(this.#scene.workflowId), client, 'default');
    } catch {
      this.blows.push('(too late)');
    } finally {
      await connection.close();
    }
  }
}
