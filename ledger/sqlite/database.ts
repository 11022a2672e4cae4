import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '../../engine/errors.ts';
import { MIGRATIONS } from './migrations.ts';

export type Row = Record<string, SQLOutputValue>;

const BUSY_TIMEOUT_MS = 50;
const GIVE_UP_AFTER_MS = 30_000;
/** SQLITE_BUSY and SQLITE_LOCKED, without their extensions. */
const BUSY_CODES = new Set([5, 6]);

/** One SQLite file: prepared statements, and writing transactions that wait for other processes without blocking the event loop. */
export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #path: string;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(sqlite: DatabaseSync, path: string) {
    this.#sqlite = sqlite;
    this.#path = path;
  }

  /** Opens the file, or makes it, and brings its tables up to date. @throws SyncError STORE_UNAVAILABLE */
  static async open(path: string): Promise<Database> {
    try {
      const sqlite = new DatabaseSync(path);
      // With WAL and NORMAL a commit survives a killed process; a power cut may take the last ones, which are then read and sent again.
      sqlite.exec(
        `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;`,
      );
      const database = new Database(sqlite, path);
      await database.#patiently(() => sqlite.exec('PRAGMA journal_mode = WAL'));
      await database.#migrate();
      return database;
    } catch (error) {
      throw error instanceof SyncError ? error : unavailable(path, error);
    }
  }

  /** Runs `work` in one writing transaction: all of it or nothing. `work` is synchronous, so that no other transaction of this process comes between. */
  write<Result>(work: () => Result): Promise<Result> {
    return this.#patiently(() => {
      this.#sqlite.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#sqlite.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK');
        throw error;
      }
    });
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

  close(): void {
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

  async #migrate(): Promise<void> {
    await this.write(() => {
      const version = Number(this.get('PRAGMA user_version')?.['user_version'] ?? 0);
      if (version > MIGRATIONS.length) {
        const message = `The ledger ${this.#path} was written by a newer Syncline (its version ${version}, ours ${MIGRATIONS.length}): update this one.`;
        throw new SyncError({ code: 'STORE_UNAVAILABLE', retry: 'never', message });
      }
      for (const migration of MIGRATIONS.slice(version)) this.#sqlite.exec(migration);
      this.#sqlite.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    });
  }

  async #patiently<Result>(work: () => Result): Promise<Result> {
    const end = Date.now() + GIVE_UP_AFTER_MS;
    for (let pauseMs = 5; ; pauseMs = Math.min(200, pauseMs * 2)) {
      try {
        return work();
      } catch (error) {
        if (error instanceof SyncError) throw error;
        if (!isBusy(error) || Date.now() > end) throw isSqlite(error) ? unavailable(this.#path, error) : error;
        await sleep(pauseMs / 2 + (Math.random() * pauseMs) / 2);
      }
    }
  }
}

function isSqlite(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

function isBusy(error: unknown): boolean {
  return isSqlite(error) && BUSY_CODES.has(error.errcode % 256);
}

function unavailable(path: string, cause: unknown): SyncError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SyncError({
    code: 'STORE_UNAVAILABLE',
    retry: 'backoff',
    message: `The ledger ${path} cannot be used: ${why}. Check the disk, and who may write there.`,
    cause,
  });
}
