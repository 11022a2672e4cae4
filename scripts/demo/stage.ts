import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { awaitEarlierDemo, noteProcesses } from './earlier-demo.ts';
import { done, paint, progress } from './print.ts';
import { type Program, type ProgramOptions, startProgram, stopProgram } from './programs.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const EXAMPLE = join(ROOT, 'examples/crm-to-hubspot');
export const SYNC = 'contacts-to-hubspot';
export const TOKENS = { CRM_TOKEN: 'crm-dev-token', HUBSPOT_TOKEN: 'hubspot-dev-token' };
const STATE = join(EXAMPLE, '.syncline');
const PROCESSES = join(STATE, 'demo.json');

const temporalReady = z.object({ address: z.string(), uiUrl: z.string(), pid: z.number() });
const sandboxReady = z.object({ crm: z.string(), hubspot: z.string() });

export interface StageOptions {
  /** Leave server, sandbox and worker up. */
  readonly isKept: boolean;
  readonly sandboxArgs: readonly string[];
}

/** What a demo plays on: a real Temporal server with its Web UI, the sandbox's two services, and workers. */
export class Stage {
  /** Of the example, and of what is made for a demo. Begins empty. */
  readonly state = STATE;
  uiUrl = '';
  crm = '';
  hubspot = '';
  env: Readonly<Record<string, string>> = {};
  readonly #options: StageOptions;
  readonly #running: Program[] = [];

  private constructor(options: StageOptions) {
    this.#options = options;
  }

  /** @returns what `play` does; all is stopped by then, unless it is kept. Ctrl-C only hurries to the end */
  static async with(options: StageOptions, play: (stage: Stage) => Promise<number>): Promise<number> {
    const stage = new Stage(options);
    await awaitEarlierDemo(PROCESSES);
    rmSync(STATE, { recursive: true, force: true });
    mkdirSync(join(STATE, 'logs'), { recursive: true });
    const interrupted = new Promise<number>((resolve) => process.once('SIGINT', () => resolve(130)));
    try {
      return await Promise.race([stage.#open().then(() => play(stage)), interrupted]);
    } finally {
      if (!options.isKept) for (const program of stage.#running.reverse()) await stopProgram(program);
    }
  }

  startWorker(project: string): Promise<Program> {
    const args = ['--project', project, '--address', this.env['TEMPORAL_ADDRESS'] ?? '', ...(this.#options.isKept ? [] : ['--end-with-parent'])];
    return this.#start({ name: 'worker', file: join(ROOT, 'worker/main.ts'), args, env: this.env });
  }

  /** Of the programs that are up. */
  get pids(): readonly (number | undefined)[] {
    return this.#running.flatMap(({ child }) => (child.exitCode === null && child.signalCode === null ? [child.pid] : []));
  }

  async #open(): Promise<void> {
    const server = await this.#start({ name: 'temporal', file: join(ROOT, 'worker/temporal-main.ts'), args: ['--directory', STATE], onProgress: progress });
    const temporal = temporalReady.parse(server.ready);
    done('Temporal server', `${temporal.address}, Web UI ${paint('cyan', temporal.uiUrl)}`);
    const args = ['--crm-port', '0', '--hubspot-port', '0', ...this.#options.sandboxArgs];
    const sandbox = sandboxReady.parse((await this.#start({ name: 'sandbox', file: join(ROOT, 'sandbox/main.ts'), args })).ready);
    this.uiUrl = temporal.uiUrl;
    this.crm = sandbox.crm;
    this.hubspot = sandbox.hubspot;
    this.env = {
      ...TOKENS,
      SANDBOX_CRM_URL: sandbox.crm,
      SANDBOX_HUBSPOT_URL: sandbox.hubspot,
      TEMPORAL_ADDRESS: temporal.address,
      SYNCLINE_UI_URL: temporal.uiUrl,
      SYNCLINE_HEARTBEAT_TIMEOUT_MS: '3000',
    };
  }

  async #start(program: Omit<ProgramOptions, 'logFile' | 'isDetached'>): Promise<Program> {
    const started = await startProgram({ ...program, logFile: join(STATE, 'logs', `${program.name}.log`), isDetached: this.#options.isKept });
    this.#running.push(started);
    noteProcesses(
      PROCESSES,
      this.#running.map(({ child }) => child.pid),
    );
    return started;
  }
}
