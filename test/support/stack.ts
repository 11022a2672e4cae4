import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Program, startProgram, stopProgram } from '../../scripts/demo/programs.ts';
import { testTemporal } from './temporal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project folder with its sandbox, on the Temporal server of the test run: everything real, everything taken down at the end. */
export class Stack {
  readonly directory: string;
  readonly crm: string;
  readonly hubspot: string;
  readonly env: Record<string, string>;
  readonly #programs: Program[] = [];

  private constructor(directory: string, sandbox: { crm: string; hubspot: string }, address: string) {
    this.directory = directory;
    this.crm = sandbox.crm;
    this.hubspot = sandbox.hubspot;
    this.env = {
      CRM_TOKEN: 'crm-dev-token',
      HUBSPOT_TOKEN: 'hubspot-dev-token',
      SANDBOX_CRM_URL: sandbox.crm,
      SANDBOX_HUBSPOT_URL: sandbox.hubspot,
      TEMPORAL_ADDRESS: address,
      SYNCLINE_HEARTBEAT_TIMEOUT_MS: '3000',
      NO_COLOR: '1',
    };
  }

  /** The example project in a folder of its own, named uniquely so that tests share one Temporal server. */
  static async start(sandboxArgs: readonly string[] = []): Promise<Stack> {
    const { address } = await testTemporal();
    const directory = mkdtempSync(join(tmpdir(), 'syncline-e2e-'));
    cpSync(join(ROOT, 'examples/crm-to-hubspot'), directory, { recursive: true, filter: (path) => !path.includes('.syncline') });
    const sandbox = await startProgram({
      name: 'sandbox',
      file: join(ROOT, 'sandbox/main.ts'),
      args: ['--crm-port', '0', '--hubspot-port', '0', '--latency-ms', '1', '--rate', '500', ...sandboxArgs],
      logFile: join(directory, '.syncline/logs/sandbox.log'),
      isDetached: false,
    });
    const stack = new Stack(directory, z.object({ crm: z.string(), hubspot: z.string() }).parse(sandbox.ready), address);
    stack.#programs.push(sandbox);
    stack.edit('syncline.yaml', (text) => text.replace('name: demo', `name: e2e-${directory.slice(-6).toLowerCase()}`));
    stack.edit('connections/hubspot.yaml', (text) => text.replace('count: 5, per: 1s', 'count: 200, per: 1s'));
    return stack;
  }

  edit(file: string, change: (text: string) => string): void {
    const path = join(this.directory, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }

  async startWorker(): Promise<Program> {
    const worker = await startProgram({
      name: 'worker',
      file: join(ROOT, 'worker/main.ts'),
      args: ['--project', this.directory, '--end-with-parent'],
      env: this.env,
      logFile: join(this.directory, '.syncline/logs/worker.log'),
      isDetached: false,
    });
    this.#programs.push(worker);
    return worker;
  }

  /** Runs the real command line to its end. */
  async cli(...args: string[]): Promise<CommandResult> {
    return finished(this.spawnCli(...args));
  }

  spawnCli(...args: string[]): ChildProcess {
    return spawn(process.execPath, [join(ROOT, 'client/main.ts'), ...args, '--project', this.directory], {
      env: { ...process.env, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** What the sandbox's HubSpot holds and was asked. */
  async hubspotState(): Promise<{ readonly counts: Readonly<Record<string, number>>; readonly writes: number }> {
    const answer = await fetch(`${this.hubspot}/_sandbox/state`);
    return z.object({ counts: z.record(z.string(), z.number()), writes: z.number() }).parse(await answer.json());
  }

  async setFaults(side: 'crm' | 'hubspot', faults: Readonly<Record<string, unknown>>): Promise<void> {
    const answer = await fetch(`${this[side]}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(faults) });
    if (!answer.ok) throw new Error(`the sandbox refused the faults: ${await answer.text()}`);
  }

  log(name: 'worker' | 'sandbox'): string {
    return readFileSync(join(this.directory, '.syncline/logs', `${name}.log`), 'utf8');
  }

  async stop(): Promise<void> {
    for (const program of this.#programs.reverse()) await stopProgram(program);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export async function finished(child: ChildProcess): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const code = await new Promise<number>((resolve) => child.once('close', (exit) => resolve(exit ?? -1)));
  return { code, stdout, stderr };
}
