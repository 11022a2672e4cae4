import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Row } from '../rows/row.ts';
import { readAddress, type ServerAddress } from './server-address.ts';
import type { Session, Value } from './session.ts';
import { fromStored, toStored } from './stored-text.ts';
import { closed, isConnectionLost, isWorthAnother, told } from './trouble.ts';

/** The tables are in a schema of their own: the database may be shared with others. */
export const SCHEMA = 'syncline';
const MOST_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
/** A server that is gone without a word is given up after so long; nothing that is asked takes near as long. */
const ANSWER_TIMEOUT_MS = 300_000;
const MOST_ATTEMPTS = 10;
/**
 * A frozen process lets go of its locks after so long. Plans are kept, while tables grow from nothing: so no plan may read a whole table because that was small once. What
 * settings cannot say, the statements do: `LATERAL (… OFFSET 0)` looks each row up by index, and so does a list of keys beside what is joined with it.
 */
const SETTINGS = `SET search_path = ${SCHEMA}; SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '30s'; SET jit = off; SET enable_seqscan = off`;

const { builtins } = pg.types;
const NUMBERS: ReadonlySet<number> = new Set([builtins.INT8, builtins.INT4, builtins.INT2, builtins.NUMERIC, builtins.FLOAT8]);
const TEXTS: ReadonlySet<number> = new Set([builtins.TEXT, builtins.VARCHAR]);

/** As SQLite gives them: numbers are numbers, what is true or false is 1 or 0. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number) => {
    if (NUMBERS.has(oid)) return Number;
    if (TEXTS.has(oid)) return fromStored;
    return oid === builtins.BOOL ? (value: string) => (value === 't' ? 1 : 0) : (value: string) => value;
  },
};

/**
 * One PostgreSQL database: a pool of connections, prepared statements, and transactions that are done again where others were in their way. Each method of it is a
 * statement by itself; those of a transaction go through the session that its work is given.
 */
export class Database implements Session {
  readonly address: ServerAddress;
  readonly #pool: pg.Pool;
  readonly #names = new Map<string, string>();
  #ending: Promise<void> | undefined;

  /** Connects when first asked. @throws SyncError STORE_UNAVAILABLE where the URL is none */
  constructor(url: string) {
    this.address = readAddress(url);
    this.#pool = new pg.Pool({
      connectionString: url,
      application_name: 'syncline',
      max: MOST_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      pipeline: true,
      types,
      onConnect: async (client) => void (await client.query(SETTINGS)),
    });
    // A connection that is lost while nobody uses it leaves the pool, and is no failure.
    this.#pool.on('error', () => undefined);
    // One that is lost in the midst of a transaction fails its next statement.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /**
   * Runs `work` in a transaction: all of it or nothing. It may be called again, where the transaction came to nothing. Once it resolves, what was written is on the server's
   * disk: a server may die while its workers live on, and go by what they were told.
   */
  write<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    return this.#transact('BEGIN ISOLATION LEVEL READ COMMITTED', work);
  }

  /** As `write`, for what nobody goes by: a server that dies may take the last second of it. */
  writeLazily<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    return this.#transact('BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = off', work);
  }

  all(sql: string, ...values: readonly Value[]): Promise<Row[]> {
    return this.#alone((session) => session.all(sql, ...values));
  }

  get(sql: string, ...values: readonly Value[]): Promise<Row | undefined> {
    return this.#alone((session) => session.get(sql, ...values));
  }

  run(sql: string, ...values: readonly Value[]): Promise<number> {
    return this.#alone((session) => session.run(sql, ...values));
  }

  script(sql: string): Promise<void> {
    return this.#alone((session) => session.script(sql));
  }

  /** What was asked before is done first. */
  close(): Promise<void> {
    this.#ending ??= this.#pool.end();
    return this.#ending;
  }

  async #transact<Result>(begin: string, work: (session: Session) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#withClient(async (client) => {
          const begun = client.query(begin);
          // The first statement follows without waiting for the answer; where it failed, so does that one.
          begun.catch(() => undefined);
          const result = await work(this.#sessionOf(client));
          await begun;
          await client.query('COMMIT');
          return result;
        });
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || !isWorthAnother(error)) throw told(this.address, error);
        await sleep(Math.random() * 10 * attempt);
      }
    }
  }

  async #alone<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    try {
      return await this.#withClient((client) => work(this.#sessionOf(client)));
    } catch (error) {
      throw told(this.address, error);
    }
  }

  /** A connection that failed in the midst of its work is given back clean, or not at all. */
  async #withClient<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    if (this.#ending !== undefined) throw closed(this.address);
    const client = await this.#pool.connect();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      const isClean =
        !isConnectionLost(error) &&
        (await client.query('ROLLBACK').then(
          () => true,
          () => false,
        ));
      client.release(!isClean);
      throw error;
    }
  }

  #sessionOf(client: pg.PoolClient): Session {
    const query = (sql: string, values: readonly Value[]) => client.query<Row>({ name: this.#nameOf(sql), text: sql, values: values.map(stored) });
    return {
      all: async (sql, ...values) => (await query(sql, values)).rows,
      get: async (sql, ...values) => (await query(sql, values)).rows[0],
      run: async (sql, ...values) => (await query(sql, values)).rowCount ?? 0,
      script: async (sql) => void (await client.query(sql)),
    };
  }

  /** A named statement is parsed once a connection. */
  #nameOf(sql: string): string {
    const name = this.#names.get(sql) ?? `s${this.#names.size}`;
    this.#names.set(sql, name);
    return name;
  }
}

function stored(value: Value): Value {
  if (typeof value === 'string') return toStored(value);
  return typeof value === 'object' && value !== null ? value.map((item) => (typeof item === 'string' ? toStored(item) : item)) : value;
}
