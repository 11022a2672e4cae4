import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';

/** Compiled files have another ending. */
const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? './checkpoint-thread.ts' : './checkpoint-thread.js', import.meta.url);
/** Pages in the log from which on they are copied: 64 MB. Each time the work stands still for the last of them, 0.02 s. */
const MANY_PAGES = 16_000;
/** So few are copied without a thread. */
const FEW_PAGES = 1_000;
/** To look takes as long as several records: a transaction of a page writes some 60 pages. */
const LOOK_EVERY = 8;

/**
 * Keeps the write-ahead log short: copies its pages into the file of the database. That waits for the disk, a tenth of a second and more each time, so a thread does most of
 * it while the work goes on. The few pages that are written meanwhile are copied between two transactions: then the log begins anew.
 */
export class Checkpoints {
  readonly #path: string;
  readonly #look: StatementSync;
  readonly #copy: StatementSync;
  #thread: Worker | undefined;
  #isCopying = false;
  #transactions = 0;

  constructor(sqlite: DatabaseSync, path: string) {
    this.#path = path;
    this.#look = sqlite.prepare('PRAGMA wal_checkpoint(NOOP)');
    this.#copy = sqlite.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** After each transaction. Never throws: what was written is safe in the log, and SQLite tries again by itself. */
  afterCommit(): void {
    this.#transactions += 1;
    if (this.#isCopying || this.#transactions < LOOK_EVERY) return;
    try {
      this.#transactions = 0;
      const { log, checkpointed } = this.#look.get() ?? {};
      const pages = Number(log);
      if (pages < MANY_PAGES) return;
      if (pages - Number(checkpointed) > FEW_PAGES) this.#copyBeside();
      else this.#copy.get();
    } catch {
      // The next transaction tells what is wrong with the disk.
    }
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #copyBeside(): void {
    this.#isCopying = true;
    this.#thread ??= this.#start();
    this.#thread.postMessage('copy');
  }

  /** Where the thread fails or ends, SQLite copies by itself: later, and while the work waits. */
  #start(): Worker {
    const thread = new Worker(PROGRAM, { name: 'checkpoints', workerData: this.#path });
    thread.unref();
    thread.on('message', () => {
      this.#isCopying = false;
    });
    thread.on('error', () => undefined);
    return thread;
  }
}
