import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { SyncError } from '../../engine/errors.ts';
import type { Ledger } from '../ledger.ts';
import { isPostgres, type LedgerOptions, openLedger } from '../open-ledger.ts';
import { readingTexts, type TextLedger } from '../text-ledger.ts';
import { type Reply, type Request, revivedError } from './messages.ts';
import { packedCalls } from './packed-calls.ts';

/** Compiled files have another ending. */
const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? './ledger-thread.ts' : './ledger-thread.js', import.meta.url);

/**
 * Opens the ledger of a project in a thread of its own: SQLite works there, while this one reads, maps and sends, and never keeps it from its heartbeats.
 * What it promises and throws is what `openLedger` does. Where the thread dies, all that was asked of it fails with STORE_UNAVAILABLE.
 * PostgreSQL works in a process of its own, and needs no thread of this one.
 */
export async function openLedgerInThread(options: LedgerOptions): Promise<Ledger> {
  if (isPostgres(options.url)) return openLedger(options);
  const thread = new LedgerThread(options);
  const methods = await thread.opened();
  const ledger = {
    ...Object.fromEntries(methods.map((method) => [method, (...args: readonly unknown[]) => thread.call(method, args)])),
    ...packedCalls((method, input) => thread.call(method, [input])),
    withCredentialLock: <Result>(account: string, work: () => Promise<Result>) => thread.withLock(account, work),
    close: () => thread.close(),
  };
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- the thread has told which methods its own ledger has
  return readingTexts(ledger as unknown as TextLedger);
}

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onLocked?: () => void;
}

class LedgerThread {
  readonly #worker: Worker;
  readonly #calls = new Map<number, Call>();
  #lastId = 0;
  #death: Error | undefined;

  constructor(options: LedgerOptions) {
    this.#worker = new Worker(PROGRAM, { name: 'ledger', workerData: { ...options } });
    this.#worker.on('error', (error) => this.#die(error));
    this.#worker.on('exit', () => this.#die(undefined));
  }

  /** @returns the names of the ledger's methods */
  opened(): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      this.#worker.once('exit', () => reject(this.#death ?? ended(undefined)));
      this.#worker.on('message', (reply: Reply) => {
        if (reply.kind === 'opened') resolve(reply.methods);
        else if (reply.kind === 'refused') reject(revivedError(reply.error));
        else this.#settle(reply);
      });
    });
  }

  call(method: string, args: readonly unknown[], onLocked?: () => void): Promise<unknown> {
    if (this.#death !== undefined) return Promise.reject(this.#death);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject, ...(onLocked === undefined ? {} : { onLocked }) });
      this.#post({ kind: 'call', id, method, args });
    });
  }

  async withLock<Result>(account: string, work: () => Promise<Result>): Promise<Result> {
    let had: () => void = () => undefined;
    const locked = new Promise<void>((resolve) => {
      had = resolve;
    });
    const id = this.#lastId + 1;
    const released = this.call('withCredentialLock', [account], had);
    await Promise.race([locked, released]);
    try {
      return await work();
    } finally {
      this.#post({ kind: 'unlock', id });
      await released;
    }
  }

  async close(): Promise<void> {
    if (this.#death !== undefined) return;
    await this.call('close', []);
    const exited = once(this.#worker, 'exit');
    this.#death = new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message: 'The ledger was closed by this process.' });
    await this.#worker.terminate();
    await exited;
  }

  #settle(reply: Exclude<Reply, { kind: 'opened' | 'refused' }>): void {
    const call = this.#calls.get(reply.id);
    if (reply.kind === 'locked') return call?.onLocked?.();
    this.#calls.delete(reply.id);
    if (reply.kind === 'result') call?.resolve(reply.value);
    else call?.reject(revivedError(reply.error));
  }

  #post(request: Request): void {
    if (this.#death === undefined) this.#worker.postMessage(request);
  }

  #die(cause: Error | undefined): void {
    this.#death ??= ended(cause);
    for (const call of this.#calls.values()) call.reject(this.#death);
    this.#calls.clear();
  }
}

function ended(cause: unknown): SyncError {
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'backoff', message: `The thread of the ledger has ended${why}. Restart the worker.`, cause });
}
