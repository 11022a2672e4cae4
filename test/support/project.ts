import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Program, startProgram, stopProgram } from '../../scripts/demo/programs.ts';
import { type CommandResult, runCommandLine } from './command-line.ts';
import { testTemporal } from './temporal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A project folder on the Temporal server of the test run, with real workers and the real command line; taken down at the end. */
export class Project {
  readonly directory: string;
  readonly env: Record<string, string>;
  readonly #programs: Program[] = [];
  readonly #commands = new Set<ChildProcess>();

  private constructor(directory: string, env: Record<string, string>) {
    this.directory = directory;
    this.env = env;
  }

  /** Writes the files given into a folder of its own, named uniquely so that tests share one Temporal server. */
  static async create(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}): Promise<Project> {
    const { address } = await testTemporal();
    const directory = mkdtempSync(join(tmpdir(), 'syncline-e2e-'));
    const project = new Project(directory, { TEMPORAL_ADDRESS: address, SYNCLINE_HEARTBEAT_TIMEOUT_MS: '3000', NO_COLOR: '1', ...env });
    project.write('syncline.yaml', `name: e2e-${directory.slice(-6).toLowerCase()}\n`);
    for (const [file, text] of Object.entries(files)) project.write(file, text);
    return project;
  }

  write(file: string, text: string): void {
    const path = join(this.directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  edit(file: string, change: (text: string) => string): void {
    this.write(file, change(readFileSync(join(this.directory, file), 'utf8')));
  }

  async startWorker(): Promise<Program> {
    return this.startProgram('worker', join(ROOT, 'worker/main.ts'), ['--project', this.directory, '--end-with-parent']);
  }

  async startProgram(name: string, file: string, args: readonly string[]): Promise<Program> {
    const program = await startProgram({ name, file, args, env: this.env, logFile: join(this.directory, '.syncline/logs', `${name}.log`), isDetached: false });
    this.#programs.push(program);
    return program;
  }

  /** Runs a command to its end. */
  cli(...args: string[]): Promise<CommandResult> {
    return runCommandLine([...args, '--project', this.directory], { directory: process.cwd(), env: { ...process.env, ...this.env } });
  }

  /** A command as a process of its own, to be stopped, killed or left behind. */
  spawnCli(...args: string[]): ChildProcess {
    return this.#spawn('client/main.ts', ...args);
  }

  /** A worker that need not come up; `startWorker` waits until it is ready. */
  spawnWorker(): ChildProcess {
    return this.#spawn('worker/main.ts');
  }

  #spawn(program: string, ...args: string[]): ChildProcess {
    const command = spawn(process.execPath, [join(ROOT, program), ...args, '--project', this.directory], {
      env: { ...process.env, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#commands.add(command);
    command.once('exit', () => this.#commands.delete(command));
    return command;
  }

  /** Also ends the commands that a test which failed did not wait for: they would keep its file from ending. */
  async stop(): Promise<void> {
    for (const command of this.#commands) command.kill('SIGKILL');
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
