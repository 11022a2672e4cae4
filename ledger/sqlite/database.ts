import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../../engine/errors.ts';
import type { Row } from '../rows/row.ts';
import { Checkpoints } from './checkpoints.ts';
import { migrate } from './migrate.ts';
import { type QueuedWrite, WriteQueue } from './write-queue.ts';

/** node:sqlite blocks the event loop while SQLite waits for a lock: a short wait there, longer ones outside. */
const BUSY_TIMEOUT_MS = 50;
const GIVE_UP_AFTER_MS = 30_000;
const LONGEST_PAUSE_MS = 200;
const BUSY = 5;
/** SQLITE_BUSY and SQLITE_LOCKED, without their extensions. */
const BUSY_CODES = new Set([BUSY, 6]);
/** SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_MISUSE, SQLITE_RANGE: a statement of ours was wrong, not the disk. */
const DEFECT_CODES = new Set([1, 19, 20, 21, 25]);
/** SQLite goes through half of its cache at a commit that split a page, so a large one costs more than it saves: what it lacks, the system's cache has. */
const CACHE_KIB = 8_192;
/** `Checkpoints` keep the log shorter than the one at which SQLite stops to copy it. */
const SETTINGS = `PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 32000; PRAGMA journal_size_limit = 134217728; PRAGMA synchronous = NORMAL;
  PRAGMA temp_store = MEMORY; PRAGMA cache_size = -${CACHE_KIB}`;

/**
 * One SQLite file: prepared statements, and writing transactions that wait for other processes without blocking the event loop. The work of a transaction is
 * synchronous, so that no other one of this process comes between; reads see what was committed.
 */
export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, StatementSync>();
  readonly #queue = new WriteQueue((writes) => this.#patiently(() => this.#transact(writes)));
  #synchronous: 'FULL' | 'NORMAL' = 'NORMAL';
  #checkpoints: Checkpoints | undefined;
  /** Of the file that was opened; undefined in memory. */
  #fileId: bigint | undefined;
  #migratedFrom: number | undefined;

  private constructor(sqlite: DatabaseSync, path: string) {
    this.#sqlite = sqlite;
    this.#path = path;
  }

  /** Opens the file, or makes it for its owner alone, and brings its tables up to date. @throws SyncError STORE_UNAVAILABLE */
  static async open(path: string): Promise<Database> {
    let sqlite: DatabaseSync | undefined;
    try {
      const fileId = path === ':memory:' ? undefined : makeFile(path);
      sqlite = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
      const opened = sqlite;
      const database = new Database(opened, path);
      database.#fileId = fileId;
      await database.#patiently(() => opened.exec(SETTINGS));
      database.#migratedFrom = await database.#patiently(() => migrate(opened, path));
      if (path !== ':memory:') database.#checkpoints = new Checkpoints(opened, path);
      return database;
    } catch (error) {
      if (sqlite?.isOpen === true) sqlite.close();
      throw error instanceof SyncError ? error : unavailable(path, error);
    }
  }

  /** The version of its tables before, where opening it has brought older ones up to date. */
  get migratedFrom(): number | undefined {
    return this.#migratedFrom;
  }

  /** Runs `work` in a writing transaction: all of it or nothing. Once it resolves, what was written survives a killed process and a power cut. */
  write<Result>(work: () => Result): Promise<Result> {
    return this.#queue.add(work, true);
  }

  /** As `write`, for what may be done again: it survives a killed process, but a power cut may take what no later `write` has followed. */
  writeLazily<Result>(work: () => Result): Promise<Result> {
    return this.#queue.add(work, false);
  }

  read<Result>(work: () => Result): Promise<Result> {
    return this.#patiently(work);
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values);
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values);
  }

  /** @returns rows changed */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  /** @returns the id of the new row */
  insert(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).lastInsertRowid);
  }

  /** For a statement of several rows, which leaves out those that are there already. @returns how many were new, and the id of the last of them */
  insertAll(sql: string, ...values: SQLInputValue[]): { readonly changes: number; readonly last: number } {
    const { changes, lastInsertRowid } = this.#prepare(sql).run(...values);
    return { changes: Number(changes), last: Number(lastInsertRowid) };
  }

  /**
   * Writes the file anew with what is in it: neither the room nor the bytes of what was deleted stay. Whoever else wants to write waits meanwhile.
   * @throws SyncError STORE_UNAVAILABLE where others use the file all the time, or the disk has no room for a second one
   */
  async compact(): Promise<void> {
    await this.#queue.drained();
    await this.#patiently(() => {
      // What it writes beside the file is as large as that: not in memory.
      this.#sqlite.exec('PRAGMA temp_store = FILE');
      try {
        this.#sqlite.exec('VACUUM');
      } finally {
        this.#sqlite.exec('PRAGMA temp_store = MEMORY');
      }
    });
    await this.#patiently(() => {
      if (this.get('PRAGMA wal_checkpoint(TRUNCATE)')?.['busy'] !== 0) throw Object.assign(new Error('others are reading it'), { errcode: BUSY });
    });
  }

  /** What was asked before is written first. */
  async close(): Promise<void> {
    await this.#queue.drained();
    await this.#checkpoints?.close();
    this.#statements.clear();
    if (this.#sqlite.isOpen) this.#sqlite.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#sqlite.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** What came together is committed together, each apart from the failure of another: a commit costs more than most of what it commits. */
  #transact(writes: readonly QueuedWrite[]): void {
    if (this.#fileId !== undefined && this.#fileId !== fileIdOf(this.#path)) throw gone(this.#path);
    const synchronous = writes.some((write) => write.mustOutlivePowerCut) ? 'FULL' : 'NORMAL';
    if (this.#synchronous !== synchronous) this.#sqlite.exec(`PRAGMA synchronous = ${synchronous}`);
    this.#synchronous = synchronous;
    try {
      this.#commit(() => {
        for (const write of writes) write.run();
      });
    } catch (error) {
      if (isTrouble(error)) throw error;
      // Rare enough to begin anew: with savepoints SQLite keeps a copy of each page that is changed.
      this.#commit(() => {
        for (const write of writes) this.#attempt(write);
      });
    }
    this.#checkpoints?.afterCommit();
  }

  #commit(work: () => void): void {
    this.#prepare('BEGIN IMMEDIATE').run();
    try {
      work();
      this.#prepare('COMMIT').run();
    } catch (error) {
      if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK');
      throw error;
    }
  }

  /** A refusal, or a defect, undoes its own work alone; trouble with the disk undoes all. */
  #attempt(write: QueuedWrite): void {
    this.#prepare('SAVEPOINT one').run();
    try {
      write.run();
    } catch (error) {
      if (isTrouble(error)) throw error;
      this.#prepare('ROLLBACK TO one').run();
      write.fail(isSqlite(error) ? defect(this.#path, error) : error);
    }
    this.#prepare('RELEASE one').run();
  }

  async #patiently<Result>(work: () => Result): Promise<Result> {
    const end = Date.now() + GIVE_UP_AFTER_MS;
    for (let pauseMs = 5; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      try {
        if (!this.#sqlite.isOpen) throw closed(this.#path);
        return work();
      } catch (error) {
        if (error instanceof SyncError || !isSqlite(error)) throw error;
        if (DEFECT_CODES.has(error.errcode & 0xff)) throw defect(this.#path, error);
        if (!isBusy(error) || Date.now() > end) throw unavailable(this.#path, error);
        await sleep(pauseMs / 2 + (Math.random() * pauseMs) / 2);
      }
    }
  }
}

/** For its owner alone, unless it is there. @returns what tells it from others */
function makeFile(path: string): bigint {
  const file = openSync(path, 'a', 0o600);
  try {
    return fstatSync(file, { bigint: true }).ino;
  } finally {
    closeSync(file);
  }
}

function fileIdOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

function isSqlite(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

/** Of the disk, or with other processes: not a refusal of ours, nor a defect. */
function isTrouble(error: unknown): boolean {
  return isSqlite(error) && !DEFECT_CODES.has(error.errcode & 0xff);
}

function isBusy(error: { readonly errcode: number }): boolean {
  return BUSY_CODES.has(error.errcode & 0xff);
}

function unavailable(path: string, cause: unknown): SyncError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `The ledger ${path} cannot be used: ${why}. Check the disk, and who may write there.`;
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'backoff', message, cause });
}

function defect(path: string, cause: Error): SyncError {
  const message = `The ledger ${path} refused a statement of Syncline itself (${cause.message}); nothing was changed. This is a defect: please report it.`;
  return new SyncError({ code: 'INTERNAL', retry: 'never', message, cause });
}

/** SQLite would go on writing into what has no name any more. */
function gone(path: string): SyncError {
  const message = `The ledger ${path} was moved, deleted or replaced while this process had it open: nothing more is written. Put it back, or restart this process.`;
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'backoff', message });
}

function closed(path: string): SyncError {
  return new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message: `The ledger ${path} was closed by this process.` });
}
