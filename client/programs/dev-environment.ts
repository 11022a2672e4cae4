import { join } from 'node:path';
import { z } from 'zod';
import { type ChildProgram, ProgramFailed, startChildProgram } from './child-program.ts';
import { removeDevLock, stateDirectory, writeDevLock } from './dev-lock.ts';
import { KeptProgram, type KeptProgramOptions } from './kept-program.ts';
import { programFile } from './program-file.ts';

const QUICK_STOP_MS = 15_000;

const temporalSchema = z.object({ address: z.string(), uiUrl: z.string().optional() });
const sandboxSchema = z.object({ crm: z.string(), hubspot: z.string() });

export interface DevOptions {
  readonly project: string;
  readonly profile: string;
  readonly port: number;
  readonly uiPort: number;
  readonly listenPort: number;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (text: string) => void;
  /** Stops what is not up yet; what is up waits for `stop`. */
  readonly signal: AbortSignal;
}

/** What is told of a program that is kept running. */
export type KeptTold = Pick<KeptProgramOptions, 'onStart' | 'onEnd'>;

/** The programs of `syncline dev`: Temporal server, sandbox, worker and listener, written down in dev.lock, stopped in reverse order. */
export class DevEnvironment {
  readonly #options: DevOptions;
  readonly #startedAt = Date.now();
  #server: ChildProgram | undefined;
  #temporal: z.output<typeof temporalSchema> | undefined;
  #sandbox: ChildProgram | undefined;
  #worker: KeptProgram | undefined;
  #listener: KeptProgram | undefined;
  /** For worker and listener: where the sandbox is. */
  #env: NodeJS.ProcessEnv = {};

  constructor(options: DevOptions) {
    this.#options = options;
  }

  async startServer(): Promise<{ readonly address: string; readonly uiUrl: string | undefined }> {
    const { project, port, uiPort } = this.#options;
    this.#server = await this.#start('temporal', programFile('worker/temporal-main'), [
      '--directory',
      stateDirectory(project),
      '--port',
      String(port),
      '--ui-port',
      String(uiPort),
    ]);
    this.#temporal = temporalSchema.parse(this.#server.ready);
    this.#writeLock();
    return { address: this.#temporal.address, uiUrl: this.#temporal.uiUrl };
  }

  /** Works with a server that runs already, and leaves it running. */
  useServer(address: string): void {
    this.#temporal = { address };
    this.#writeLock();
  }

  async startSandbox(): Promise<{ readonly crm: string; readonly hubspot: string }> {
    try {
      this.#sandbox = await this.#start('sandbox', programFile('sandbox/main'), ['--crm-port', '4100', '--hubspot-port', '4010']);
    } catch (error) {
      throw portTaken(error) ?? error;
    }
    const { crm, hubspot } = sandboxSchema.parse(this.#sandbox.ready);
    this.#env = { SANDBOX_CRM_URL: crm, SANDBOX_HUBSPOT_URL: hubspot };
    this.#writeLock();
    return { crm, hubspot };
  }

  /** Keeps a worker until `stop`. */
  keepWorker(told: KeptTold): Promise<void> {
    const { project, profile } = this.#options;
    const args = ['--project', project, '--profile', profile, '--address', this.#temporal?.address ?? '', '--queue', '*'];
    this.#worker = this.#keep('worker', programFile('worker/main'), args, told);
    return this.#worker.keep();
  }

  restartWorker(): Promise<void> {
    return this.#worker?.restart() ?? Promise.resolve();
  }

  /** Keeps a listener until `stop`; one that is kept already is started anew, as it has read the definitions. */
  async keepListener(told: KeptTold): Promise<void> {
    const { project, profile, listenPort } = this.#options;
    if (this.#listener !== undefined) return this.#listener.restart();
    const args = ['--project', project, '--profile', profile, '--port', String(listenPort), '--end-with-parent'];
    this.#listener = this.#keep('listener', programFile('listener/main'), args, told);
    return this.#listener.keep();
  }

  /** Settles when the Temporal server that was started here ends. */
  get serverEnded(): Promise<unknown> {
    return this.#server?.ended ?? new Promise(() => undefined);
  }

  /** Who talks to the others first. */
  async stop(): Promise<void> {
    await Promise.all([this.#listener?.stop(), this.#worker?.stop()]);
    await this.#sandbox?.stop(QUICK_STOP_MS);
    await this.#server?.stop(QUICK_STOP_MS);
    if (this.#temporal !== undefined) removeDevLock(this.#options.project);
  }

  /** At once, nothing is waited for. */
  kill(): void {
    this.#listener?.kill();
    this.#worker?.kill();
    this.#sandbox?.kill();
    this.#server?.kill();
    removeDevLock(this.#options.project);
  }

  #keep(name: 'worker' | 'listener', file: string, args: readonly string[], told: KeptTold): KeptProgram {
    return new KeptProgram({
      start: (signal) => this.#start(name, file, args, signal),
      onStart: (program, isAgain) => {
        this.#writeLock();
        told.onStart(program, isAgain);
      },
      onEnd: told.onEnd,
    });
  }

  #start(name: 'temporal' | 'worker' | 'listener' | 'sandbox', file: string, args: readonly string[], signal = this.#options.signal): Promise<ChildProgram> {
    const { project, env, onProgress } = this.#options;
    const logFile = join(stateDirectory(project), 'logs', `${name}.log`);
    return startChildProgram({ name, file, args, env: { ...env, ...this.#env }, logFile, onProgress, signal });
  }

  #writeLock(): void {
    if (this.#temporal === undefined) return;
    const pids: readonly (readonly [string, number | undefined])[] = [
      ['dev', process.pid],
      ['temporal', this.#server?.pid],
      ['sandbox', this.#sandbox?.pid],
      ['worker', this.#worker?.pid],
      ['listener', this.#listener?.pid],
    ];
    writeDevLock(this.#options.project, {
      pids: Object.fromEntries(pids.flatMap(([name, pid]) => (pid === undefined ? [] : [[name, pid] as const]))),
      address: this.#temporal.address,
      ...(this.#temporal.uiUrl === undefined ? {} : { uiUrl: this.#temporal.uiUrl }),
      startedAt: this.#startedAt,
    });
  }
}

/** The sandbox says to choose another port: its connections are written for these, so here that is not to be had. */
function portTaken(error: unknown): ProgramFailed | undefined {
  if (!(error instanceof ProgramFailed)) return undefined;
  const [, port] = /^Port (\d+) cannot be listened on/.exec(error.message) ?? [];
  if (port === undefined) return undefined;
  const message = `Port ${port}, where the sandbox is to answer, is taken. If it is by "syncline dev --sandbox" of another project, leave out --sandbox: both work with that one. Else stop what has it.`;
  return new ProgramFailed(message, 'PORT_TAKEN', error.exitCode);
}
