import { setTimeout as sleep } from 'node:timers/promises';
import { type ChildProgram, ProgramFailed } from './child-program.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** One that lived so long was well: the next pause is short again. */
const WELL_AFTER_MS = 60_000;
const GRACE_MS = 75_000;

export interface KeptProgramOptions {
  /** The signal stops it where it is not ready yet. */
  readonly start: (signal: AbortSignal) => Promise<ChildProgram>;
  readonly onStart: (program: ChildProgram, isAgain: boolean) => void;
  /** It ended, or did not start. `pauseMs` undefined: not tried again before `restart` is called. */
  readonly onEnd: (reason: string, pauseMs: number | undefined) => void;
}

/** Keeps one program running: starts another when it died, after growing pauses; waits for a change where its definitions are wrong. */
export class KeptProgram {
  readonly #options: KeptProgramOptions;
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #current: ChildProgram | undefined;
  #isRestarting = false;
  #life: Promise<void> | undefined;

  constructor(options: KeptProgramOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#current?.pid;
  }

  /** Runs until `stop`. */
  keep(): Promise<void> {
    this.#life ??= this.#live();
    return this.#life;
  }

  async #live(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (let isAgain = false; !this.#stopping.signal.aborted; isAgain = true) {
      const startedAt = Date.now();
      const reason = await this.#liveOnce(isAgain);
      if (this.#stopping.signal.aborted) return;
      if (this.#isRestarting) {
        this.#isRestarting = false;
        continue;
      }
      if (Date.now() - startedAt > WELL_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
      this.#options.onEnd(reason.words, reason.isFinal ? undefined : pauseMs);
      await this.#pause(reason.isFinal ? undefined : pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Ends a running one in order and starts another; wakes one that waits. */
  async restart(): Promise<void> {
    this.#wake.abort();
    if (this.#current === undefined) return;
    this.#isRestarting = true;
    await this.#current.stop(GRACE_MS);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#current?.stop(GRACE_MS);
    // What it failed of is told where it is kept.
    await this.#life?.catch(() => undefined);
  }

  kill(): void {
    this.#stopping.abort();
    this.#current?.kill();
  }

  async #liveOnce(isAgain: boolean): Promise<{ readonly words: string; readonly isFinal: boolean }> {
    try {
      const program = await this.#options.start(this.#stopping.signal);
      this.#current = program;
      if (this.#stopping.signal.aborted) await program.stop(GRACE_MS);
      else this.#options.onStart(program, isAgain);
      const { code, signal } = await program.ended;
      return { words: signal === null ? `exit code ${code ?? 1}` : signal, isFinal: false };
    } catch (error) {
      if (!(error instanceof ProgramFailed)) throw error;
      return { words: error.message, isFinal: error.exitCode === 3 };
    } finally {
      this.#current = undefined;
    }
  }

  async #pause(ms: number | undefined): Promise<void> {
    this.#wake = new AbortController();
    if (this.#stopping.signal.aborted) return;
    await sleep(ms ?? 2 ** 31 - 1, undefined, { signal: this.#wake.signal }).catch(() => undefined);
  }
}
