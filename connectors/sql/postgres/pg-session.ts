import type pg from 'pg';
import { isLost } from './pg-trouble.ts';

/** What a statement gave. All values are text. */
export interface Answer {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Of all processes: who makes tables waits for others who do. */
const ALTERING = 7_309_417_233;

/**
 * One connection of the pool, for one transaction at a time. All settings are of the transaction alone: behind a pooler such as PgBouncer the next one may be on another
 * connection of the server.
 */
export class Session {
  /** When the transaction began, by the clock of the server. */
  serverTime: number | undefined;
  readonly #client: pg.PoolClient;
  readonly #requestMs: number;
  #isBroken = false;
  #isBack = false;

  constructor(client: pg.PoolClient, requestMs: number) {
    this.#client = client;
    this.#requestMs = requestMs;
    client.on('error', this.#noteBroken);
  }

  /** Also safe when called twice. One that is in the midst of something is closed, not given to others. */
  giveBack(): void {
    if (this.#isBack) return;
    this.#isBack = true;
    this.#client.off('error', this.#noteBroken);
    this.#client.release(this.#isBroken);
  }

  async query(sql: string, values: readonly string[]): Promise<Answer> {
    return this.#client.query({ text: sql, values: [...values], rowMode: 'array' });
  }

  /** Whatever it does, it writes nothing. */
  async readOnly<Result>(work: (session: Session) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    const abort = Promise.withResolvers<never>();
    // Nothing can be taken back from a statement under way: its connection is closed, and the server gives up.
    const onAbort = () => {
      this.#isBroken = true;
      abort.reject(signal?.reason);
    };
    abort.promise.catch(() => undefined);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([abort.promise, this.#transaction('READ ONLY', () => work(this))]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  begin(): Promise<void> {
    return this.#begin('READ WRITE');
  }

  async commit(): Promise<void> {
    await this.#client.query('COMMIT');
  }

  /** Gives up what was begun; a connection that cannot is closed, which is the same. */
  async rollBack(cause: unknown): Promise<void> {
    if (isLost(cause)) this.#isBroken = true;
    if (this.#isBroken) return;
    await this.#client.query('ROLLBACK').catch(() => {
      this.#isBroken = true;
    });
  }

  async alter(statements: readonly string[]): Promise<void> {
    await this.#transaction('READ WRITE', async () => {
      await this.#client.query(`SELECT pg_advisory_xact_lock(${ALTERING})`);
      for (const statement of statements) await this.#client.query(statement);
    });
  }

  async #transaction<Result>(mode: string, work: () => Promise<Result>): Promise<Result> {
    try {
      await this.#begin(mode);
      const result = await work();
      await this.commit();
      return result;
    } catch (error) {
      await this.rollBack(error);
      throw error;
    }
  }

  /** One message, several statements: the settings cost no time of their own. */
  async #begin(mode: string): Promise<void> {
    const settings = [
      `SET LOCAL statement_timeout = ${this.#requestMs}`,
      `SET LOCAL lock_timeout = ${this.#requestMs}`,
      `SET LOCAL idle_in_transaction_session_timeout = ${this.#requestMs}`,
      "SET LOCAL TimeZone = 'UTC'",
      "SET LOCAL DateStyle = 'ISO'",
      "SET LOCAL IntervalStyle = 'iso_8601'",
      "SET LOCAL bytea_output = 'hex'",
      'SET LOCAL extra_float_digits = 1',
    ];
    const sql = `BEGIN ${mode}; ${settings.join('; ')}; SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::text AS "now"`;
    const answers: unknown = await this.#client.query({ text: sql, rowMode: 'array' });
    const last: unknown = Array.isArray(answers) ? answers.at(-1) : answers;
    const rows: unknown = typeof last === 'object' && last !== null && 'rows' in last ? last.rows : undefined;
    const [row]: readonly unknown[] = Array.isArray(rows) ? rows : [];
    this.serverTime = Array.isArray(row) ? Number(row[0]) : undefined;
  }

  readonly #noteBroken = () => {
    this.#isBroken = true;
  };
}
