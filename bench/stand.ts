import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import { openLedger } from '../ledger/open-ledger.ts';
import { type Program, startProgram, stopProgram } from '../scripts/demo/programs.ts';
import { finished } from '../test/support/project.ts';
import { startTemporalServer, type TemporalServer } from '../worker/temporal-server/start-temporal-server.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SYNC = 'people';

const statsSchema = z.object({
  reads: z.number(),
  writes: z.number(),
  refused: z.number(),
  failed: z.number(),
  firstAt: z.number(),
  lastAt: z.number(),
  lastWriteAt: z.number(),
  records: z.number(),
  pagesReadAgain: z.number(),
  recordsSentAgain: z.number(),
  cpuMicros: z.number(),
});
export type ApiStats = z.output<typeof statsSchema>;

export interface ApiSettings {
  readonly latencyMs: number;
  readonly failPercent: number;
  readonly ratePerSecond: number;
  readonly burst: number;
}

/** One run, by the clocks of its ledger and of the processes. */
export interface MeasuredRun {
  /** From the start of the run to its end, by its own books. */
  readonly seconds: number;
  readonly workerCpuSeconds: number;
  readonly state: string;
  readonly throttled: number;
  readonly historyEvents: number;
  readonly stats: ApiStats;
}

/** Everything that a figure needs: APIs, a Temporal server, a project, and workers, all real and all stopped at the end. */
export class Stand {
  readonly records: number;
  readonly url: string;
  readonly directory: string;
  readonly #folder: string;
  readonly #server: TemporalServer;
  readonly #api: Program;
  #workers: Program[] = [];

  private constructor(parts: { records: number; url: string; folder: string; server: TemporalServer; api: Program }) {
    this.records = parts.records;
    this.url = parts.url;
    this.#folder = parts.folder;
    this.directory = join(parts.folder, 'project');
    this.#server = parts.server;
    this.#api = parts.api;
  }

  static async build(records: number, files: Readonly<Record<string, string>> = {}): Promise<Stand> {
    const folder = mkdtempSync(join(tmpdir(), 'syncline-bench-'));
    const server = await startTemporalServer({ directory: folder, port: 0, uiPort: 0, env: process.env, onProgress: () => undefined });
    const api = await startProgram({
      name: 'api',
      file: join(ROOT, 'bench/api.ts'),
      args: ['--records', String(records)],
      logFile: join(folder, 'api.log'),
      isDetached: false,
    });
    const url = z.string().parse(api.ready['url']);
    const stand = new Stand({ records, url, folder, server, api });
    for (const [file, text] of Object.entries({ ...project(url), ...files })) stand.write(file, text);
    await stand.startWorker();
    return stand;
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers) await stopProgram(worker);
    await stopProgram(this.#api);
    await this.#server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  write(file: string, text: string): void {
    const path = join(this.directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  read(file: string): string {
    return readFileSync(join(this.directory, file), 'utf8');
  }

  async startWorker(): Promise<Program> {
    const args = ['--project', this.directory, '--end-with-parent'];
    const worker = await startProgram({
      name: 'worker',
      file: join(ROOT, 'worker/main.ts'),
      args,
      env: this.#env(),
      logFile: join(this.#folder, 'worker.log'),
      isDetached: false,
    });
    this.#workers.push(worker);
    return worker;
  }

  async set(settings: Partial<ApiSettings>): Promise<void> {
    await fetch(`${this.url}/_set`, { method: 'POST', body: JSON.stringify({ latencyMs: 0, failPercent: 0, ratePerSecond: 0, burst: 10, ...settings }) });
  }

  async stats(): Promise<ApiStats> {
    return statsSchema.parse(await (await fetch(`${this.url}/_stats`)).json());
  }

  /** A run of a sync to its end. */
  async run(sync = SYNC): Promise<MeasuredRun> {
    const before = this.#workers.reduce((sum, worker) => sum + cpuSeconds(worker), 0);
    const { stdout, stderr } = await finished(
      spawn(process.execPath, [join(ROOT, 'client/main.ts'), 'run', sync, '--yes', '--quiet', '--project', this.directory], {
        env: { ...process.env, ...this.#env() },
      }),
    );
    const run = await this.#lastRun(sync);
    if (run?.startedAt === undefined || run.endedAt === undefined) throw new Error(`the run of ${sync} did not end: ${stdout}${stderr}`);
    return {
      seconds: (run.endedAt - run.startedAt) / 1_000,
      workerCpuSeconds: this.#workers.reduce((sum, worker) => sum + cpuSeconds(worker), 0) - before,
      state: run.state,
      throttled: run.totals.throttled,
      historyEvents: await this.#historyEvents(run.workflowId ?? ''),
      stats: await this.stats(),
    };
  }

  /** Bytes of memory the worker has had at most since the last look; `/proc` forgets when asked. */
  takePeakMemory(): number {
    const [worker] = this.#workers;
    const pid = worker?.child.pid ?? 0;
    const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024;
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    return peak;
  }

  /** The worker of the stand is killed in the middle of its work, and another one started. @returns when it was killed */
  async killWorker(): Promise<number> {
    const [worker] = this.#workers;
    worker?.child.kill('SIGKILL');
    const at = Date.now();
    this.#workers = this.#workers.slice(1);
    await this.startWorker();
    return at;
  }

  async #lastRun(sync: string) {
    const ledger = await openLedger({ url: 'sqlite', directory: join(this.directory, '.syncline'), values: 'plain' });
    try {
      const [run] = await ledger.listRuns(`bench/dev/${sync}`, 1);
      return run;
    } finally {
      await ledger.close();
    }
  }

  async #historyEvents(workflowId: string): Promise<number> {
    const connection = await Connection.connect({ address: this.#server.address });
    try {
      return (await new Client({ connection }).workflow.getHandle(workflowId).describe()).historyLength;
    } finally {
      await connection.close();
    }
  }

  #env(): Record<string, string> {
    return { TEMPORAL_ADDRESS: this.#server.address, NO_COLOR: '1', SYNCLINE_LOG_LEVEL: 'warn' };
  }
}

/** Of a process, user and system, by /proc. */
function cpuSeconds({ child }: Program): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function project(url: string): Readonly<Record<string, string>> {
  return {
    'syncline.yaml': 'name: bench\n',
    'connections/api.yaml': `
connector: generic-rest
shared: true
baseUrl: ${url}
limits: { concurrency: 8 }
objects:
  people:
    primaryKey: id
    list: { get: /people, records: data, page: { type: cursor, cursor: next, param: after } }
  sliced:
    primaryKey: id
    list:
      get: /people
      query: { from: { value: "{slice.from}", optional: true }, to: { value: "{slice.to}", optional: true } }
      records: data
      page: { type: cursor, cursor: next, param: after }
  contacts:
    upsert: { post: /contacts/batch, max: 100, body: { items: "{records}" }, results: { at: results, by: index, id: id, created: created } }
`,
    [`syncs/${SYNC}.yaml`]: sync('{ connection: api, object: people }'),
    'syncs/sliced.yaml': sync(
      '{ connection: api, object: sliced, slices: { by: window, field: updated_at, from: "2026-01-01T00:00:00Z", size: 30d, parallel: 8 } }',
    ),
  };
}

function sync(source: string): string {
  return `
source: ${source}
target: { connection: api, object: contacts, matchOn: email }
mapping:
  email: { from: email_address, transform: [trim, lowercase], type: email, required: true }
  firstname: first_name
  lastname: last_name
  phone: phone
  lifecyclestage: { from: status, values: { won: customer, open: lead }, default: subscriber }
  company: company
`;
}
