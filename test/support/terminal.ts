import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { PATIENCE_MS } from './until.ts';

const ESCAPE = String.fromCodePoint(0x1b);
const ALTERNATE = `${ESCAPE}[?1049`;
const FRAME = `${ESCAPE}[H`;

export interface TerminalOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly rows?: number;
  readonly columns?: number;
}

/** A program in a real pseudo terminal, by `script` of util-linux: what it draws, keys, sizes, signals. */
export class Terminal {
  #said = '';
  readonly #script: ChildProcess;
  readonly #ended: Promise<unknown>;
  #device = '';
  #pid = 0;

  private constructor(script: ChildProcess) {
    this.#script = script;
    this.#ended = once(script, 'close');
    script.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
  }

  /** @param words the program and its arguments, none of which needs quotes */
  static async start(words: readonly string[], { cwd, env, rows = 24, columns = 80 }: TerminalOptions): Promise<Terminal> {
    const command = `stty rows ${rows} cols ${columns}; echo $(tty) $$ ready; exec ${words.join(' ')}`;
    const script = spawn('script', ['-qfec', command, '/dev/null'], { cwd, env: { ...env, TERM: 'xterm-256color' }, stdio: ['pipe', 'pipe', 'ignore'] });
    const terminal = new Terminal(script);
    await terminal.until('the terminal to be there', () => / ready\r?\n/.test(terminal.#said));
    const [, device = '', pid = ''] = /(\/dev\/\S+) (\d+) ready/.exec(terminal.#said) ?? [];
    terminal.#device = device;
    terminal.#pid = Number(pid);
    return terminal;
  }

  /** All that came, with what steers the terminal. */
  get said(): string {
    return this.#said;
  }

  /** On the screen that only this program has. */
  get isAlternate(): boolean {
    return this.#said.lastIndexOf(`${ALTERNATE}h`) > this.#said.lastIndexOf(`${ALTERNATE}l`);
  }

  /** The lines of the last whole frame. */
  get screen(): readonly string[] {
    const frame = this.#said.split(FRAME).at(-1)?.split(`${ESCAPE}[0J`);
    return frame === undefined || frame.length < 2 ? [] : (frame[0] ?? '').split(/\r+\n/).map((line) => stripVTControlCharacters(line));
  }

  press(keys: string): void {
    this.#script.stdin?.write(keys);
  }

  resize(rows: number, columns: number): void {
    execFileSync('stty', ['-F', this.#device, 'rows', String(rows), 'cols', String(columns)]);
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.#pid, name);
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!isSo()) {
      assert.ok(Date.now() < end && this.#script.exitCode === null, `waiting for ${what}; it said: ${this.#said.slice(-2_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** @returns the exit code of the program */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#script.exitCode;
  }

  /** Ends what still runs. */
  async stop(): Promise<void> {
    if (this.#script.exitCode === null) {
      this.signal('SIGKILL');
      await this.#ended;
    }
  }
}
