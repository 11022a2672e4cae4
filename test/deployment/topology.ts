import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureTemporalBinary } from '../../worker/temporal-server/ensure-temporal-binary.ts';
import { freePort } from '../../worker/temporal-server/free-port.ts';
import type { CommandResult } from '../support/command-line.ts';
import { PostgresServer, query } from '../support/postgres.ts';
import { finished } from '../support/project.ts';
import { until } from '../support/until.ts';
import { serverPrograms } from './built-programs.ts';
import { type ComposeFile, readCompose } from './compose-file.ts';
import { accepts, chooseListeners, toLocal } from './places.ts';
import { type Group, startGroup } from './process-groups.ts';

/** As an engine waits, more or less. */
const RESTART_AFTER_MS = 500;
const CLI = fileURLToPath(new URL('../../client/main.ts', import.meta.url));

/**
 * What docker-compose.yml describes, of real parts without containers: its variables, environments, scripts and commands are taken from the file; hosts and
 * ports become loopback and free ones.
 */
export class Topology {
  readonly #folder = mkdtempSync(join(tmpdir(), 'syncline-topology-'));
  readonly #databases: PostgresServer[] = [];
  readonly #groups: Group[] = [];
  /** `host:port` in the containers to what it is here. */
  readonly #places = new Map<string, string>();
  #path = process.env['PATH'] ?? '';
  #compose: ComposeFile = { services: {}, volumes: {}, configs: {} };
  #listeners: Readonly<Record<string, string>> = {};
  #server: Group | undefined;

  /** Everything but the workers; `variables` are those of `.env` besides the passwords. */
  static async start(variables: Readonly<Record<string, string>>): Promise<Topology> {
    const topology = new Topology();
    try {
      await topology.#start(variables);
      return topology;
    } catch (error) {
      await topology.stop();
      throw error;
    }
  }

  async #start(variables: Readonly<Record<string, string>>): Promise<void> {
    await this.#installPrograms();
    const [temporal, ledger] = [await this.#startDatabase('postgresql', 'temporal'), await this.#startDatabase('ledger', 'syncline')];
    this.#compose = readCompose({ ...variables, TEMPORAL_DB_PASSWORD: temporal, LEDGER_PASSWORD: ledger });
    this.#listeners = await chooseListeners();
    this.#places.set('temporal:7233', `127.0.0.1:${this.#listeners['FRONTEND_GRPC_PORT']}`);
    await this.runScript('temporal-schema');
    await this.startServer();
    await this.runScript('temporal-namespace');
  }

  /** Under the names that the images have them by. */
  async #installPrograms(): Promise<void> {
    const { path } = await ensureTemporalBinary({ env: process.env, onProgress: () => undefined });
    const bin = join(this.#folder, 'bin');
    mkdirSync(bin);
    symlinkSync(path, join(bin, 'temporal'));
    this.#path = `${bin}:${await serverPrograms.ensure()}:${this.#path}`;
  }

  /** @returns the password of its user, who has a database of the same name, as in the image */
  async #startDatabase(host: string, user: string): Promise<string> {
    const server = await PostgresServer.start();
    this.#databases.push(server);
    const { password } = new URL(server.url('postgres'));
    if (user !== 'syncline') await query(server.url('postgres'), `CREATE ROLE ${user} LOGIN SUPERUSER PASSWORD '${password}'`);
    await query(server.url('postgres'), `CREATE DATABASE ${user} OWNER ${user}`);
    this.#places.set(`${host}:5432`, `127.0.0.1:${server.port}`);
    return password;
  }

  /** Runs a service that ends by itself to its end, as often as its `restart` allows. @throws Error with what it said, where it is never in order */
  async runScript(service: string): Promise<string> {
    const { entrypoint: [program = '', ...args] = [], restart = '' } = this.#compose.services[service] ?? {};
    for (let triesLeft = Number(/^on-failure:(\d+)$/.exec(restart)?.[1] ?? 0); ; triesLeft--) {
      const { code, stdout, stderr } = await finished(spawn(program, args, { env: this.#environment(service), stdio: ['ignore', 'pipe', 'pipe'] }));
      if (code === 0) return stdout + stderr;
      if (triesLeft === 0) throw new Error(`${service} ended with ${code}:\n${stdout}${stderr}`);
      await sleep(RESTART_AFTER_MS);
    }
  }

  /** As the image's entry point starts it. Ready when its port answers, as the health check has it. */
  async startServer(): Promise<void> {
    const config = join(this.#folder, 'dynamic-config.yaml');
    writeFileSync(config, this.#compose.configs['dynamic-config']?.content ?? '');
    const env = { ...this.#environment('temporal'), ...this.#listeners, BIND_ON_IP: '127.0.0.1', DYNAMIC_CONFIG_FILE_PATH: config };
    const server = this.#startGroup('temporal-server', ['start'], 'temporal', env);
    this.#server = server;
    await until('the Temporal server to answer', () => {
      if (server.child.exitCode !== null) throw new Error(`the Temporal server ended: ${server.log()}`);
      return accepts(Number(this.#listeners['FRONTEND_GRPC_PORT']));
    });
  }

  /** What the server thinks of the settings that it is given. */
  checkServerSettings(): Promise<CommandResult> {
    const args = ['validate-dynamic-config', join(this.#folder, 'dynamic-config.yaml')];
    return finished(spawn('temporal-server', args, { env: { PATH: this.#path }, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** As `docker compose restart temporal` does. */
  async restartServer(): Promise<void> {
    await this.#server?.end();
    await this.startServer();
  }

  /** One of the containers of `worker`, with the project in its place and the variables of its `.env`. Resolves when it polls. */
  async startWorker(name: string, project: string, env: Readonly<Record<string, string>>): Promise<Group> {
    const args = [CLI, ...(this.#compose.services['worker']?.command ?? [])];
    // A container has every port to itself.
    const metrics = `127.0.0.1:${await freePort(0)}`;
    const worker = this.#startGroup(process.execPath, args, name, {
      ...this.#environment('worker'),
      ...env,
      SYNCLINE_PROJECT: project,
      SYNCLINE_METRICS: metrics,
    });
    await until(`${name} to poll`, () => {
      if (worker.child.exitCode !== null) throw new Error(`${name} ended: ${worker.log()}`);
      return worker.log().includes('A worker runs for');
    });
    return worker;
  }

  /** As `docker compose run --rm worker …` does. */
  spawnCli(project: string, env: Readonly<Record<string, string>>, ...args: string[]): ChildProcess {
    const environment = { ...this.#environment('worker'), ...env, SYNCLINE_PROJECT: project, NO_COLOR: '1' };
    return spawn(process.execPath, [CLI, ...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async stop(): Promise<void> {
    for (const group of this.#groups.reverse()) await group.kill();
    for (const database of this.#databases) await database.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #environment(service: string): Record<string, string> {
    return { PATH: this.#path, HOME: this.#folder, ...toLocal(this.#compose.services[service]?.environment ?? {}, this.#places) };
  }

  #startGroup(program: string, args: readonly string[], name: string, env: Readonly<Record<string, string>>): Group {
    const group = startGroup(program, args, { name, folder: this.#folder, env });
    this.#groups.push(group);
    return group;
  }
}
