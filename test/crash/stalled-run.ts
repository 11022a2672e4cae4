import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Program } from '../../scripts/demo/programs.ts';
import { finished, Project } from '../support/project.ts';
import { OrdersApi } from './orders-api.ts';

const WATCHED_WORKER = fileURLToPath(new URL('./watched-worker.ts', import.meta.url));
const lineSchema = z.object({
  frozenBefore: z.string().optional(),
  method: z.string().default(''),
  batchId: z.string().default(''),
  attempt: z.number().default(0),
  askedAt: z.number().default(0),
  answer: z.string().default(''),
});
/** What a watched worker asked of its ledger, and what it was answered. */
export type Said = z.output<typeof lineSchema>;

/** Written by creates that are looked up before and after, or by upserts that are simply sent. */
type WriteStyle = 'create' | 'upsert';

function ordersProject(baseUrl: string, style: WriteStyle): Readonly<Record<string, string>> {
  const write = `max: 20, applyDelay: 100ms, body: { items: "{records}" }, results: { at: results, by: index, id: id }`;
  const creates = `search: { get: /orders, query: { numbers: "{$join(keys, ',')}" }, records: $, max: 50, indexingDelay: 100ms }
    create: { post: /orders, ${write} }
    update: { put: /orders, record: "{$merge([fields, {'id': id}])}", ${write} }`;
  return {
    'connections/shop.yaml': `
connector: generic-rest
shared: true
baseUrl: ${baseUrl}
timeouts: { request: 2s, headers: 2s, body: 2s }
limits: { concurrency: 4 }
objects:
  lines: { list: { get: /lines, records: $, page: { type: keyset, key: id, param: after } } }
  orders:
    ${style === 'create' ? creates : `upsert: { post: /orders, ${write} }`}
`,
    'syncs/orders.yaml': `
source: { connection: shop, object: lines, primaryKey: $string(id) }
target: { connection: shop, object: orders, matchOn: number }
mapping: { number: id }
`,
  };
}

/** A run of orders whose first worker is watched, and stopped; others may take over. */
export class StalledRun {
  readonly api: OrdersApi;
  readonly project: Project;
  readonly worker: Program;
  /** What the watched worker asked of its ledger. */
  readonly said: Said[] = [];
  isStopped = false;
  /** The command that follows the run. */
  ended: ReturnType<typeof finished> | undefined;
  #cli: ChildProcess | undefined;

  private constructor(parts: { api: OrdersApi; project: Project; worker: Program }) {
    this.api = parts.api;
    this.project = parts.project;
    this.worker = parts.worker;
  }

  static async begin(
    context: TestContext,
    { lines, style = 'create' }: { readonly lines: number; readonly style?: WriteStyle },
    workerArgs: readonly string[],
  ): Promise<StalledRun> {
    const api = await OrdersApi.start(context, lines);
    const project = await Project.create(ordersProject(api.url, style), {
      // Polls of its own for one task at a time: what Temporal hands to a stopped worker is late for as long as that may take.
      SYNCLINE_SLOTS: '1',
    });
    const worker = await project.startProgram('watched-worker', WATCHED_WORKER, [project.directory, ...workerArgs]);
    const run = new StalledRun({ api, project, worker });
    context.after(async () => {
      // What is stopped hears nothing but this.
      worker.child.kill('SIGKILL');
      run.#cli?.kill('SIGKILL');
      await project.stop();
    });
    run.#listen(worker.child);
    return run;
  }

  start(): void {
    this.#cli = this.project.spawnCli('run', 'orders', '--yes');
    this.ended = finished(this.#cli);
  }

  stop(): void {
    this.worker.child.kill('SIGSTOP');
    this.isStopped = true;
  }

  /** @returns what it asks from then on: what was answered before may be heard only now */
  wake(): () => readonly Said[] {
    const wokenAt = Date.now();
    this.worker.child.kill('SIGCONT');
    return () => this.said.filter(({ askedAt }) => askedAt >= wokenAt);
  }

  /** Batches by id: state, and who held each last. */
  batches(): ReadonlyMap<string, { readonly state: string; readonly token: string }> {
    const database = new DatabaseSync(join(this.project.directory, '.syncline/ledger.db'), { readOnly: true });
    const rows = database.prepare('SELECT id, state, token FROM batches').all();
    database.close();
    return new Map(rows.map((row) => [String(row['id']), { state: String(row['state']), token: String(row['token']) }]));
  }

  /** Whether all orders are made, and no batch is open any more. */
  isSettled(lines: number): boolean {
    return this.api.made.size === lines && [...this.batches().values()].every(({ state }) => state === 'settled');
  }

  #listen(child: ChildProcess): void {
    if (child.stdout === null) throw new Error('the watched worker has no output');
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = lineSchema.parse(JSON.parse(text));
      if (line.frozenBefore === undefined) this.said.push(line);
      else this.isStopped = true;
    });
  }
}
