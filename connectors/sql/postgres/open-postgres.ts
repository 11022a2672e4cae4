import pg from 'pg';
import type { Json } from '../../../engine/json.ts';
import type { Permit } from '../../ports.ts';
import type { Database } from '../database.ts';
import { groupFound } from '../found-rows.ts';
import { jsonRows } from '../json-rows.ts';
import { Places } from '../places.ts';
import { type Address, readAddress } from './address.ts';
import { type Ask, describeAnswer, describeTable, listTables } from './pg-catalogue.ts';
import { findInHalves, findStatement, notOfItsType } from './pg-find.ts';
import { Session } from './pg-session.ts';
import { explained } from './pg-trouble.ts';
import { AS_TEXT } from './pg-values.ts';
import { sendBatch } from './send-batch.ts';

export interface PostgresOptions {
  /** Connection name, for messages. */
  readonly connection: string;
  /** `postgres://…` */
  readonly url: string;
  readonly concurrency: number;
  readonly connectMs: number;
  /** No statement may take longer: the server ends it. */
  readonly requestMs: number;
}

/** How the driver leaves a session that does not answer at all: the server has ended its statement long before. */
const SILENCE_MS = 5_000;
const IDLE_MS = 10_000;

/** A PostgreSQL database over a pool of `pg`. Connects when it is first asked. */
export function openPostgres(options: PostgresOptions): Database {
  const address = readAddress(options.url, options.connection);
  const pool = openPool(options, address);
  const places = new Places(options.concurrency);
  const sessions = new WeakMap<Permit, Session>();

  const acquire = async (signal?: AbortSignal): Promise<Permit> => {
    const place = await places.take(signal);
    try {
      const session = new Session(await pool.connect(), options.requestMs);
      const release = () => {
        session.giveBack();
        place.release();
      };
      const permit = { release };
      sessions.set(permit, session);
      return permit;
    } catch (error) {
      place.release();
      throw explained(error, address, options.connection, options.connection, options.requestMs);
    }
  };

  const within = async <Result>(
    where: string,
    signal: AbortSignal | undefined,
    work: (session: Session) => Promise<Result>,
    held?: Permit,
  ): Promise<Result> => {
    const permit = held ?? (await acquire(signal));
    try {
      return await sessionOf(sessions, permit).readOnly(work, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw explained(error, address, options.connection, where, options.requestMs);
    } finally {
      if (held === undefined) permit.release();
    }
  };
  const ask = <Result>(where: string, held: Permit | undefined, work: (ask: Ask) => Promise<Result>) =>
    within(where, undefined, (session) => work((sql, values) => session.query(sql, values)), held);

  return {
    address: address.shown,
    canBeMade: () => false,
    typeNames: { text: 'text', number: 'numeric', boolean: 'boolean', json: 'jsonb', time: 'timestamptz' },
    placeholder: (position) => `$${position}`,
    describeTable: (name, permit) => ask(name, permit, (asking) => describeTable(asking, name)),
    describeQuery: (select, where) => ask(where, undefined, (asking) => describeAnswer(asking, select)),
    listTables: (permit) => ask(options.connection, permit, listTables),
    read: ({ sql, values, columns }, where, signal) =>
      within(where, signal, async (session) => {
        const observedAt = Date.now();
        const { rows } = await session.query(sql, values.map(asText));
        const { serverTime } = session;
        return { ...jsonRows(rows, columns), observedAt, ...(serverTime === undefined ? {} : { serverTime }) };
      }),
    find: (table, shape, of, values, where, signal) =>
      findInHalves(values, (part) =>
        within(where, signal, async (session) => {
          const { sql, given } = findStatement(table, shape, of, part);
          const { rows } = await session.query(sql, [given]).catch(notOfItsType);
          return groupFound(rows, shape.columns, part.length);
        }),
      ),
    alter: async (statements, where, permit) => {
      try {
        await sessionOf(sessions, permit).alter(statements);
      } catch (error) {
        throw explained(error, address, options.connection, where, options.requestMs);
      }
    },
    acquirePermit: acquire,
    write: async (batch, permit, checkBeforeDispatch, where) => {
      try {
        return await sendBatch(sessionOf(sessions, permit), batch, checkBeforeDispatch, { connection: options.connection, requestMs: options.requestMs });
      } catch (error) {
        throw explained(error, address, options.connection, where, options.requestMs);
      } finally {
        permit.release();
      }
    },
    setPace: (pace) => places.setPace(pace.concurrency === undefined ? pace : { ...pace, concurrency: Math.min(pace.concurrency, options.concurrency) }),
    close: () => pool.end(),
  };
}

function openPool({ concurrency, connectMs, requestMs }: PostgresOptions, { url, ssl }: Address): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    ssl,
    max: concurrency,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: IDLE_MS,
    query_timeout: requestMs + SILENCE_MS,
    application_name: 'syncline',
    keepAlive: true,
    allowExitOnIdle: true,
    types: AS_TEXT,
  });
  // A connection that is lost while nobody uses it is none of anybody's business: the pool makes another.
  pool.on('error', () => undefined);
  return pool;
}

function sessionOf(sessions: WeakMap<Permit, Session>, permit: Permit): Session {
  const session = sessions.get(permit);
  if (session === undefined) throw new TypeError('a permit of another database');
  return session;
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
