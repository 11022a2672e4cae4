import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { PostgresServer } from '../test/support/postgres.ts';
import { startTemporalServer, type TemporalServer } from '../worker/temporal-server/start-temporal-server.ts';
import { compile } from './compile.ts';
import { Stand, type StandOptions } from './stand.ts';

/** What all figures stand on: the compiled product, a real Temporal server of their own, and a folder that is removed at the end. */
export class Ground {
  readonly folder: string;
  /** The folder of the compiled rooms. */
  readonly program: string;
  readonly #server: TemporalServer;
  readonly #connection: Connection;
  #projects = 0;

  private constructor(folder: string, program: string, server: TemporalServer, connection: Connection) {
    this.folder = folder;
    this.program = program;
    this.#server = server;
    this.#connection = connection;
  }

  static async open(): Promise<Ground> {
    const folder = mkdtempSync(join(tmpdir(), 'syncline-bench-'));
    const program = await compile(folder);
    const onProgress = (text: string) => process.stderr.write(`  ${text}\n`);
    const server = await startTemporalServer({ directory: folder, port: 0, uiPort: 0, env: process.env, onProgress });
    return new Ground(folder, program, server, await Connection.connect({ address: server.address }));
  }

  async close(): Promise<void> {
    await this.#connection.close();
    await this.#server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get address(): string {
    return this.#server.address;
  }

  get temporalPid(): number {
    return this.#server.pid;
  }

  async withStand<Result>(options: StandOptions, work: (stand: Stand) => Promise<Result>): Promise<Result> {
    this.#projects += 1;
    const stand = await Stand.build(this, `bench-${this.#projects}`, options);
    try {
      return await work(stand);
    } finally {
      await stand.stop();
    }
  }

  /** As `withStand`, with the ledger on a PostgreSQL of its own, whose commits wait for the disk. */
  async withFleet<Result>(options: StandOptions, work: (stand: Stand) => Promise<Result>): Promise<Result> {
    const postgres = await PostgresServer.start({ isDurable: true });
    try {
      return await this.withStand({ ...options, ledger: await postgres.createDatabase() }, work);
    } finally {
      await postgres.stop();
    }
  }

  /** Of a workflow id, the last run: how long it took, and the length of its history. */
  async lastRun(workflowId: string): Promise<{ readonly seconds: number; readonly historyEvents: number }> {
    const handle = new Client({ connection: this.#connection }).workflow.getHandle(workflowId);
    // The command has seen the run end; its workflow ends right after.
    await handle.result();
    const { startTime, closeTime = startTime, historyLength } = await handle.describe();
    return { seconds: (closeTime.getTime() - startTime.getTime()) / 1_000, historyEvents: historyLength };
  }
}
