import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Program, startProgram, stopProgram } from '../scripts/demo/programs.ts';
import { finished } from '../test/support/project.ts';
import { type ApiSettings, type ApiStats, statsSchema } from './api-settings.ts';
import type { Ground } from './ground.ts';
import { type ProjectOptions, projectFiles, type SyncOptions } from './project.ts';

const API = fileURLToPath(new URL('api.ts', import.meta.url));
/** The longest run of the bench takes a third of it. */
const RUN_TIMEOUT_MS = 900_000;

export interface StandOptions extends ProjectOptions {
  readonly syncs: readonly SyncOptions[];
  readonly workers?: number;
  /** URL of the ledger. @default on SQLite, in the project folder */
  readonly ledger?: string;
  /** Of the workers. */
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of Node for the workers. */
  readonly nodeArgs?: readonly string[];
}

/** One run to its end. */
export interface MeasuredRun {
  /** From the start of its workflow to its end, by the Temporal server. */
  readonly seconds: number;
  readonly historyEvents: number;
  readonly stats: ApiStats;
}

/** What a figure is measured on: APIs, a project and workers of its own, real and in processes of their own, all stopped at the end. */
export class Stand {
  readonly url: string;
  readonly #project: string;
  readonly #ground: Ground;
  readonly #directory: string;
  readonly #options: StandOptions;
  readonly #api: Program;
  readonly #running = new Set<ChildProcess>();
  #workers: Program[] = [];

  private constructor(ground: Ground, project: string, api: Program, options: StandOptions) {
    this.#ground = ground;
    this.#project = project;
    this.#directory = join(ground.folder, project);
    this.#options = options;
    this.#api = api;
    this.url = z.string().parse(api.ready['url']);
    for (const [file, text] of Object.entries(projectFiles(project, this.url, options.syncs, options))) this.#write(file, text);
  }

  static async build(ground: Ground, project: string, options: StandOptions): Promise<Stand> {
    const logFile = join(ground.folder, project, 'api.log');
    const api = await startProgram({ name: 'api', file: API, args: [], logFile, isDetached: false });
    const stand = new Stand(ground, project, api, options);
    try {
      // One after the other: the first makes the ledger.
      for (let worker = 0; worker < (options.workers ?? 1); worker++) await stand.startWorker();
      return stand;
    } catch (error) {
      await stand.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const command of this.#running) command.kill('SIGKILL');
    await Promise.all(this.#workers.map(stopProgram));
    await stopProgram(this.#api);
  }

  /** Of the workers that run. */
  get workerPids(): readonly number[] {
    return this.#workers.map(({ child }) => child.pid ?? 0);
  }

  get apiPid(): number {
    return this.#api.child.pid ?? 0;
  }

  /** How the APIs behave from now on; what they counted is forgotten. */
  async set(settings: Partial<ApiSettings> = {}): Promise<void> {
    await fetch(`${this.url}/_set`, { method: 'POST', body: JSON.stringify(settings) });
  }

  async stats(): Promise<ApiStats> {
    return statsSchema.parse(await (await fetch(`${this.url}/_stats`)).json());
  }

  /** A run of a sync to its end, by the real command. @throws Error where it does not complete */
  async run(sync: string): Promise<MeasuredRun> {
    const { stdout, stderr, code } = await this.#syncline('run', sync, '--yes', '--quiet');
    if (code !== 0) throw new Error(`The run of ${sync} ended with ${code}: ${`${stdout} ${stderr}`.replaceAll(/\s+/g, ' ').trim()}`);
    return { ...(await this.#ground.lastRun(`sync/${this.#project}/dev/${sync}`)), stats: await this.stats() };
  }

  async startWorker(): Promise<void> {
    const { env, nodeArgs = [] } = this.#options;
    const [file = '', ...args] = [...nodeArgs, join(this.#ground.program, 'worker/main.js'), '--project', this.#directory, '--end-with-parent'];
    const logFile = join(this.#directory, 'worker.log');
    this.#workers.push(await startProgram({ name: 'worker', file, args, env: { ...this.#env(), ...env }, logFile, isDetached: false }));
  }

  /** In order; another one may then be started. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.#workers.map(stopProgram));
    this.#workers = [];
  }

  /** The first worker is killed in the middle of its work, and another one started. @returns when it was killed */
  async killWorker(): Promise<number> {
    this.#workers.shift()?.child.kill('SIGKILL');
    const at = Date.now();
    await this.startWorker();
    return at;
  }

  async #syncline(...args: readonly string[]): ReturnType<typeof finished> {
    const command = spawn(process.execPath, [join(this.#ground.program, 'client/main.js'), ...args, '--project', this.#directory], {
      env: { ...process.env, ...this.#env() },
      timeout: RUN_TIMEOUT_MS,
    });
    this.#running.add(command);
    try {
      return await finished(command);
    } finally {
      this.#running.delete(command);
    }
  }

  #write(file: string, text: string): void {
    const path = join(this.#directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  #env(): Record<string, string> {
    const { ledger } = this.#options;
    const shared = ledger === undefined ? {} : { SYNCLINE_LEDGER: ledger };
    return { TEMPORAL_ADDRESS: this.#ground.address, NO_COLOR: '1', SYNCLINE_LOG_LEVEL: 'warn', ...shared };
  }
}
